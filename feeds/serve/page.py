"""A published file made ready to be sent: its bytes in each coding, its validators and its header lists.

All that can be known before a request comes is settled here, once for each change of the file.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b
from typing import TypeAlias

from feeds.serve.delta import Revision, base, newer, revise

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]  # lower-case names, as ASGI wants them

CACHE_CONTROL = b"public, max-age=300, stale-while-revalidate=60, stale-if-error=86400"
FOR_GOOD = b"public, max-age=31536000, immutable"
FOR_ONE = b"no-store, im"  # RFC 3229 section 10.6.2: kept only by those who know how to put it together

_FEEDS: Mapping[str, str] = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
    "opml": "text/x-opml",
}
_TEXTS: Mapping[str, str] = {
    **_FEEDS,
    "html": "text/html",
    "css": "text/css",
    "txt": "text/plain",
    "xml": "application/xml",
    "svg": "image/svg+xml",
}
_ACTIVE = frozenset({"html", "svg"})  # what a browser would run scripts of
_IMAGES: Mapping[str, str] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "ico": "image/x-icon",
}
_BARE: Mapping[str, str] = {".well-known/feeds": "opml"}  # names without a suffix that tell their type all the same
_MAGIC: Mapping[bytes, str] = {b"\x89PNG": "png", b"\0\0\1\0": "ico", b"<": "svg"}

# Pictures may come from elsewhere: we link to the pictures of our sources and never rehost them.
_CSP = (
    b"default-src 'none'; style-src 'self'; img-src 'self' https: http:; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_ARCHIVE = re.compile(r"[^/]+/(\d{4}-\d\d-\d\d)\.atom")
_SETTLING = timedelta(hours=1)  # after the end of a day: what was first published in it stands in its archive by then

# The page of a day that is over, by its published name.
DAY = re.compile(r"[a-z0-9-]+/\d{4}-\d\d-\d\d\.html")
# The archives and the pages of days and of single stories are nearly all of the bytes and hardly any of the requests.
_SELDOM = re.compile(rf"{_ARCHIVE.pattern}|{DAY.pattern}|(?:story|article)/.+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One coding of a page, as a client may select it."""

    etag: str  # strong, in its quotes: from the coded bytes
    headers: Headers  # of a 200
    validators: Headers  # of a 304 (RFC 9110 section 15.4.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One published file. Texts have a gzip form; seldom asked ones are kept in that form alone."""

    identity: Form
    gzip: Form | None
    plain: bytes | None  # None: to be unpacked from `packed`
    packed: bytes  # b"" without a gzip form
    modified: int  # seconds since the epoch
    what: str  # see Response
    revision: Revision | None = None  # of a feed that can be cut to what is new

    def body(self, form: Form) -> bytes:
        """The bytes of one of the two forms of this page."""
        if form is self.gzip:
            return self.packed
        return gzip.decompress(self.packed) if self.plain is None else self.plain

    def newer(self, form: Form, tags: Iterable[str]) -> tuple[Headers, bytes] | None:
        """Header and body of a 226 for a reader that holds one of `tags`; None if it needs the whole.

        The entity tag is that of the whole document as it is now: RFC 3229 section 10.5.1.
        """
        if self.revision is None or self.plain is None or (seen := base(self.revision, tags)) is None:
            return None
        body = newer(self.revision, self.plain, seen, packed=form is self.gzip)
        if body is None:
            return None
        own = {b"cache-control": FOR_ONE, b"vary": b"accept-encoding, a-im", b"content-length": b"%d" % len(body)}
        return (*((name, own.get(name, value)) for name, value in form.headers), (b"im", b"feed")), body


def make_page(
    name: str,
    body: bytes,
    *,
    packed: bytes | None,
    modified: datetime,
    for_good: bool = False,
    asked: bool = False,
    before: Page | None = None,
    link: str = "",
) -> Page:
    """Make `body`, published as `name` at `modified`, ready to be sent; `for_good` if it will never change.

    `asked` if it answers a question: that is nothing for other search engines, and a form may ask the next one.

    `before` is what stood under this name until now, if that is known; `link` leads to its hubs (WebSub section 4).
    `packed` is its gzip twin. One that is missing, broken or of another revision is made anew: the two are not
    written in one step, and no client shall get two revisions under one name.
    """
    kind = _kind(name, body)
    stamp = format_datetime(modified, usegmt=True).encode("ascii")
    common = [(b"last-modified", stamp), *_fixed_headers(kind, asked=asked)]
    common += [(b"link", link.encode())] if link else []
    cache = FOR_GOOD if for_good else CACHE_CONTROL
    seconds = int(modified.timestamp())
    what = "archive" if _ARCHIVE.fullmatch(name) else name if kind in _FEEDS else "page"
    if kind not in _TEXTS:
        form = _form(body, common, b"", cache, varies=False)
        return Page(identity=form, gzip=None, plain=body, packed=b"", modified=seconds, what=what)
    if packed is None or _unpacked(packed) != body:
        packed = gzip.compress(body, mtime=0)
    identity, coded = _form(body, common, b"", cache, varies=True), _form(packed, common, b"gzip", cache, varies=True)
    seldom = _SELDOM.fullmatch(name) is not None
    known = before.revision if before else None
    revision = None if seldom else revise(known, kind, body, (identity.etag, coded.etag))
    return Page(
        identity=identity,
        gzip=coded,
        plain=None if seldom else body,
        packed=packed,
        modified=seconds,
        what=what,
        revision=revision,
    )


def is_for_good(name: str, now: datetime) -> bool:
    """Whether what is published as `name` will not change any more: the archive of a day that is over, RFC 5005."""
    found = _ARCHIVE.fullmatch(name)
    return found is not None and found[1] < (now - _SETTLING).date().isoformat()


def paths(name: str) -> tuple[str, ...]:
    """The paths that a published name answers under, decoded: its own, and that of its folder if it is an index."""
    path = "/" + name
    return (path, path.removesuffix("index.html")) if path.endswith("/index.html") else (path,)


def _kind(name: str, body: bytes) -> str:
    base = name.rpartition("/")[2]
    if base == "favicon":
        return next((kind for magic, kind in _MAGIC.items() if body.startswith(magic)), "")
    _, dot, suffix = base.rpartition(".")
    return _BARE.get(name, suffix.lower() if dot else "")


def _fixed_headers(kind: str, *, asked: bool) -> Headers:
    text = _TEXTS.get(kind)
    media_type = f"{text}; charset=utf-8" if text else _IMAGES.get(kind, "application/octet-stream")
    headers = [
        (b"content-type", media_type.encode("ascii")),
        (b"x-content-type-options", b"nosniff"),
        (b"accept-ranges", b"none"),
    ]
    if kind in _FEEDS or asked:
        headers.append((b"x-robots-tag", b"noindex"))
    if kind in _ACTIVE:
        csp = _CSP.replace(b"form-action 'none'", b"form-action 'self'") if asked else _CSP
        headers += [(b"content-security-policy", csp), (b"referrer-policy", b"strict-origin-when-cross-origin")]
    return tuple(headers)


def _form(body: bytes, common: list[tuple[bytes, bytes]], coding: bytes, cache: bytes, *, varies: bool) -> Form:
    etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
    validators = [(b"etag", etag.encode("ascii")), (b"cache-control", cache)]
    if varies:
        validators.append((b"vary", b"accept-encoding"))
    coded = [(b"content-encoding", coding)] if coding else []
    length = (b"content-length", b"%d" % len(body))
    return Form(etag=etag, headers=(*validators, *common, *coded, length), validators=tuple(validators))


def _unpacked(packed: bytes) -> bytes | None:
    try:
        return gzip.decompress(packed)
    except (OSError, EOFError, zlib.error):
        return None
