"""Answer a request from the published pages: RFC 9110 as a pure function."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from feeds.model import ended_name
from feeds.serve.conditions import etags, http_date, names_etag, prefers_gzip, takes_feed
from feeds.serve.page import Form, Headers, Page

_READ = frozenset(
    {b"a-im", b"accept-encoding", b"if-match", b"if-modified-since", b"if-none-match", b"if-unmodified-since"},
)
_TOPIC = re.compile(r"/([a-z0-9-]{1,40})(?:\.(?:atom|rss|json)\Z|/|\Z)")  # whose feed, or what of it, a path names
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What to send. The server itself adds Date."""

    status: int
    headers: Headers
    body: bytes = b""
    what: str = "nothing"  # was asked for: the name of a feed, else a word for the kind of page


def respond(
    pages: Mapping[str, Page], method: str, path: str, headers: Collection[tuple[bytes, bytes]] = ()
) -> Response:
    """Answer from `pages`, which are keyed by decoded path.

    `path` is the path of the request target as sent, still escaped, without its query; it is looked up and never
    made a file name. Names in `headers` are lower-case. Range and If-Range are ignored (RFC 9110 section 14.2).
    """
    with_body = method == "GET"
    if not with_body and method != "HEAD":
        return say(405, "Only GET and HEAD work here.", (b"allow", b"GET, HEAD"))
    key = _decoded(path)
    if key is None:
        return say(400, "This path cannot be understood.", with_body=with_body)
    page = pages.get(key)
    if page is not None:
        return _select(page, headers, with_body=with_body)
    if key + "/" in pages:
        # Relative to what was asked for: a proxy in front may have us at a path that we do not know.
        location = f"./{quote(key.rpartition('/')[2])}/".encode("ascii")
        return say(308, "It is a folder.", (b"location", location), cache=b"public, max-age=300", with_body=with_body)
    if (topic := _TOPIC.match(key)) and "/" + ended_name(topic[1]) in pages:
        return say(410, "This topic has ended.", cache=b"public, max-age=3600", with_body=with_body)
    return say(404, "Nothing is published here.", cache=b"public, max-age=60", with_body=with_body)


def say(
    status: int, text: str, *extra: tuple[bytes, bytes], cache: bytes = b"no-store", with_body: bool = True
) -> Response:
    """An answer that is one sentence, for people."""
    body = f"{text}\n".encode()
    headers = (
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", cache),
        *extra,
        (b"content-length", b"%d" % len(body)),
    )
    return Response(status=status, headers=headers, body=body if with_body else b"")


def _select(page: Page, headers: Collection[tuple[bytes, bytes]], *, with_body: bool) -> Response:
    fields: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _READ:
            fields[name] = fields[name] + b", " + value if name in fields else value
    form = page.identity
    if page.gzip is not None and prefers_gzip(fields.pop(b"accept-encoding", b"")):
        form = page.gzip
    manipulations = fields.pop(b"a-im", b"")
    if fields:
        status = _precondition(page, form, {name: value.decode("latin-1") for name, value in fields.items()})
        if status == 412:
            return say(412, "It has changed.", with_body=with_body)
        if status == 304:
            return Response(status=304, headers=form.validators, what=page.what)
        if manipulations and takes_feed(manipulations) and not _cannot_take_it(headers):
            cut = page.newer(form, etags(fields.get(b"if-none-match", b"").decode("latin-1")))
            if cut is not None:
                return Response(status=226, headers=cut[0], body=cut[1] if with_body else b"", what=page.what)
    return Response(status=200, headers=form.headers, body=page.body(form) if with_body else b"", what=page.what)


def _cannot_take_it(headers: Collection[tuple[bytes, bytes]]) -> bool:
    """feedparser asks for `A-IM: feed` unbidden. Programs that leave its name as it is, as rss2email does, do not know
    what comes of that: they take a 226 for an error, or its entries for all that there are."""
    return any(name == b"user-agent" and value.startswith((b"feedparser/", b"rss2email/")) for name, value in headers)


def _precondition(page: Page, form: Form, fields: Mapping[bytes, str]) -> int:
    """What the conditions of a GET or HEAD come to, in the order of RFC 9110 section 13.2.2: 200, 304 or 412."""
    if (tags := fields.get(b"if-match")) is not None:
        if not names_etag(tags, form.etag, strongly=True):
            return 412
    elif (since := http_date(fields.get(b"if-unmodified-since", ""))) is not None and page.modified > since:
        return 412
    if (tags := fields.get(b"if-none-match")) is not None:
        return 304 if names_etag(tags, form.etag, strongly=False) else 200
    if (since := http_date(fields.get(b"if-modified-since", ""))) is not None and page.modified <= since:
        return 304
    return 200


def _decoded(path: str) -> str | None:
    """`path` with its escapes undone, once; None if that gives no text or one with control characters."""
    if "%" in path:
        if _BAD_ESCAPE.search(path):
            return None
        try:
            path = unquote(path, errors="strict")
        except UnicodeDecodeError:
            return None
    return path if path.startswith("/") and not _CONTROL.search(path) else None
