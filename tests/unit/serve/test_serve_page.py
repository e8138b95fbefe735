"""What a published file is sent as."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from feeds.serve.page import Form, Page, make_page, paths

MODIFIED = datetime(2022, 9, 1, 12, tzinfo=UTC)
BODY = b"the same words again " * 30


def page(name: str, body: bytes = BODY, packed: bytes | None = None) -> Page:
    return make_page(name, body, packed=packed, modified=MODIFIED)


def fields(form: Form) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in form.headers}


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("ukraine.atom", b"", "application/atom+xml; charset=utf-8"),
        ("ukraine/2022-09-01.atom", b"", "application/atom+xml; charset=utf-8"),
        ("ukraine.rss", b"", "application/rss+xml; charset=utf-8"),
        ("ukraine.json", b"", "application/feed+json; charset=utf-8"),
        ("topics.opml", b"", "text/x-opml; charset=utf-8"),
        (".well-known/feeds", b"", "text/x-opml; charset=utf-8"),
        ("index.html", b"", "text/html; charset=utf-8"),
        ("feeds.css", b"", "text/css; charset=utf-8"),
        ("favicon", b"<svg/>", "image/svg+xml; charset=utf-8"),
        ("favicon", b"\x89PNG\r\n", "image/png"),
        ("favicon", b"\0\0\1\0\1", "image/x-icon"),
        ("favicon", b"?", "application/octet-stream"),
        ("photo.JPG", b"", "image/jpeg"),
        ("something", b"", "application/octet-stream"),
        ("html", b"", "application/octet-stream"),
    ],
)
def test_a_name_tells_the_type(name: str, body: bytes, expected: str) -> None:
    assert fields(page(name, body).identity)["content-type"] == expected


@pytest.mark.parametrize("name", ["logo.png", "something"])
def test_what_is_no_text_has_one_coding_and_does_not_vary(name: str) -> None:
    made = page(name)
    assert made.gzip is None
    assert "vary" not in fields(made.identity)
    assert made.body(made.identity) == BODY


def test_the_twin_is_sent_as_it_stands() -> None:
    twin = gzip.compress(BODY, 1, mtime=7)
    made = page("a.atom", packed=twin)
    assert made.gzip is not None
    assert made.body(made.gzip) == twin


@pytest.mark.parametrize(
    "twin",
    [
        pytest.param(None, id="missing"),
        pytest.param(gzip.compress(BODY + b"!"), id="of another revision"),
        pytest.param(gzip.compress(BODY)[:-9], id="cut"),
        pytest.param(b"\x1f\x8b\x08\0" + b"\xff" * 40, id="broken"),
        pytest.param(b"", id="empty"),
        pytest.param(b"not gzip at all", id="not gzip"),
    ],
)
def test_a_bad_twin_is_made_anew(twin: bytes | None) -> None:
    made = page("a.atom", packed=twin)
    assert made.gzip is not None
    assert gzip.decompress(made.body(made.gzip)) == BODY
    assert page("a.atom", packed=twin) == made, "the same bytes at each start, or every client loads it again"


def test_a_tag_follows_the_bytes_alone() -> None:
    later = make_page("b.atom", BODY, packed=None, modified=datetime(2023, 1, 1, tzinfo=UTC))
    assert later.identity.etag == page("a.atom").identity.etag
    assert page("a.atom", BODY + b" ").identity.etag != page("a.atom").identity.etag


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("ukraine.atom", True),
        ("ukraine/index.html", True),
        ("about/index.html", True),
        ("ukraine/2022-09-01.atom", False),
        ("story/4f2a/index.html", False),
        ("article/peace-talks/index.html", False),
    ],
)
def test_seldom_asked_pages_are_kept_packed_alone(name: str, kept: bool) -> None:
    made = page(name)
    assert (made.plain is not None) is kept
    assert made.body(made.identity) == BODY


def test_an_empty_file_is_a_file() -> None:
    made = page("a.css", b"")
    assert made.body(made.identity) == b""
    assert fields(made.identity)["content-length"] == "0"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("index.html", ("/index.html", "/")),
        ("ukraine/index.html", ("/ukraine/index.html", "/ukraine/")),
        ("story/1/index.html", ("/story/1/index.html", "/story/1/")),
        ("ukraine.atom", ("/ukraine.atom",)),
        ("myindex.html", ("/myindex.html",)),
    ],
)
def test_an_index_answers_for_its_folder(name: str, expected: tuple[str, ...]) -> None:
    assert paths(name) == expected


@pytest.mark.parametrize(
    ("name", "policy"), [("index.html", True), ("logo.svg", True), ("ukraine.atom", False), ("feeds.css", False)]
)
def test_what_a_browser_would_run_scripts_of_has_a_policy(name: str, policy: bool) -> None:
    assert ("content-security-policy" in fields(page(name).identity)) is policy


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("ukraine.atom", "ukraine.atom"),
        ("topics.opml", "topics.opml"),
        ("ukraine/2026-11-20.atom", "archive"),
        ("story/4f2a/index.html", "page"),
        ("favicon", "page"),
    ],
)
def test_what_is_counted_under_which_name(name: str, what: str) -> None:
    assert page(name).what == what


@pytest.mark.parametrize("name", ["a.atom", "a.rss", "a.json", "a.opml", ".well-known/feeds", "a/2026-11-20.atom"])
def test_no_feed_is_for_the_index_of_a_search_engine(name: str) -> None:
    page = make_page(name, b"<feed/>", packed=None, modified=datetime(2022, 9, 1, tzinfo=UTC))
    assert dict(page.identity.headers)[b"x-robots-tag"] == b"noindex"
