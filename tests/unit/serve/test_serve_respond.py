"""RFC 9110 as a table over the pure function."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.serve.page import Page, make_page, paths
from feeds.serve.respond import Response, respond

MODIFIED = datetime(2022, 9, 1, 12, 0, 0, 250_000, tzinfo=UTC)
ATOM = b"<feed>" + b"<entry>same again</entry>" * 40 + b"</feed>"
FILES = {
    "index.html": b"<h1>all</h1>" * 9,
    "ukraine/index.html": b"<h1>Ukraine</h1>" * 9,
    "ukraine.atom": ATOM,
    "ukraine/2022-09-01.atom": ATOM + b"<!-- old -->",
    "story/4f2a/index.html": b"<h1>one</h1>" * 9,
    "feeds.css": b"p{}" * 20,
    "logo.png": b"\x89PNG and so on",
    "wörter.html": b"<p>umlaut</p>" * 9,
    "grain/ended.txt": b"This topic has ended.\n",
    "rain.atom": ATOM,
    "rain/ended.txt": b"This topic has ended.\n",
}


def _pages() -> dict[str, Page]:
    return {
        path: make_page(name, body, packed=None, modified=MODIFIED)
        for name, body in FILES.items()
        for path in paths(name)
    }


PAGES = _pages()
FEED = PAGES["/ukraine.atom"]
assert FEED.gzip is not None
PLAIN, PACKED = FEED.identity.etag, FEED.gzip.etag
DATE = format_datetime(MODIFIED, usegmt=True)
EARLIER = format_datetime(MODIFIED - timedelta(seconds=1), usegmt=True)
LATER = format_datetime(MODIFIED + timedelta(days=400), usegmt=True)


def ask(path: str = "/ukraine.atom", *, method: str = "GET", **fields: str) -> Response:
    headers = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in fields.items()]
    return respond(PAGES, method, path, headers)


def header(response: Response, name: str) -> str | None:
    found = [value.decode() for key, value in response.headers if key == name.encode()]
    assert len(found) < 2, f"{name} twice"
    return found[0] if found else None


@dataclass(frozen=True)
class Row:
    """A request for the feed and what must come of it."""

    why: str
    fields: dict[str, str]
    status: int = 200
    coding: str | None = None


CONDITIONS = [
    Row("no condition", {}),
    Row("own tag", {"if_none_match": PLAIN}, 304),
    Row("weak spelling of our tag compares equal", {"if_none_match": "W/" + PLAIN}, 304),
    Row("any", {"if_none_match": "*"}, 304),
    Row("any, with blanks", {"if_none_match": " * "}, 304),
    Row("list that holds it last", {"if_none_match": f'"a", W/"b", {PLAIN}'}, 304),
    Row("list that holds it first, weakly, without blanks", {"if_none_match": f'W/{PLAIN},"b"'}, 304),
    Row("list with empty elements", {"if_none_match": f", ,{PLAIN},"}, 304),
    Row("tag with a comma in it", {"if_none_match": f'"a,b", {PLAIN}'}, 304),
    Row("another tag", {"if_none_match": '"another"'}),
    Row("empty tag", {"if_none_match": '""'}),
    Row("empty field", {"if_none_match": ""}),
    Row("tag without quotes is no tag", {"if_none_match": PLAIN.strip('"')}),
    Row("part of our tag", {"if_none_match": PLAIN[:9] + '"'}),
    Row("star inside quotes is a tag", {"if_none_match": '"*"'}),
    Row("tag of the other coding", {"if_none_match": PACKED}),
    Row("tag of gzip, gzip wanted", {"if_none_match": PACKED, "accept_encoding": "gzip"}, 304),
    Row("tag of identity, gzip wanted", {"if_none_match": PLAIN, "accept_encoding": "gzip"}, 200, "gzip"),
    Row("both tags, as a cache sends them", {"if_none_match": f"{PLAIN}, {PACKED}", "accept_encoding": "gzip"}, 304),
    Row("not modified since its own date", {"if_modified_since": DATE}, 304),
    Row("not modified since a later date", {"if_modified_since": LATER}, 304),
    Row("modified since", {"if_modified_since": EARLIER}),
    Row("date in RFC 850 form", {"if_modified_since": "Thursday, 01-Sep-22 12:00:00 GMT"}, 304),
    Row("date in RFC 850 form, last century", {"if_modified_since": "Sunday, 06-Nov-94 08:49:37 GMT"}),
    Row("date in asctime form", {"if_modified_since": "Thu Sep  1 12:00:00 2022"}, 304),
    Row("leap second", {"if_modified_since": "Sat, 31 Dec 2022 23:59:60 GMT"}, 304),
    Row("date with another zone is none", {"if_modified_since": LATER.replace("GMT", "+0000")}),
    Row("ISO date is none", {"if_modified_since": "2030-01-01T00:00:00Z"}),
    Row("number is no date", {"if_modified_since": "9999999999"}),
    Row("30 February is no date", {"if_modified_since": "Mon, 30 Feb 2026 00:00:00 GMT"}),
    Row("month in another case is no date", {"if_modified_since": "Thu, 01 SEP 2022 12:00:00 GMT"}),
    Row("empty date", {"if_modified_since": ""}),
    Row("equal date loses to another tag", {"if_none_match": '"x"', "if_modified_since": DATE}),
    Row("early date loses to our tag", {"if_none_match": PLAIN, "if_modified_since": EARLIER}, 304),
    Row("equal date loses even to a broken tag", {"if_none_match": "x", "if_modified_since": DATE}),
    Row("If-Match ours", {"if_match": PLAIN}),
    Row("If-Match any", {"if_match": "*"}),
    Row("If-Match another", {"if_match": '"x"'}, 412),
    Row("If-Match compares strongly", {"if_match": "W/" + PLAIN}, 412),
    Row("If-Match ours, then If-None-Match ours", {"if_match": PLAIN, "if_none_match": PLAIN}, 304),
    Row("If-Match another goes first", {"if_match": '"x"', "if_none_match": PLAIN}, 412),
    Row("unmodified since its date", {"if_unmodified_since": DATE}),
    Row("modified since that date", {"if_unmodified_since": EARLIER}, 412),
    Row("If-Unmodified-Since that is no date", {"if_unmodified_since": "yesterday"}),
    Row("If-Unmodified-Since loses to If-Match", {"if_match": PLAIN, "if_unmodified_since": EARLIER}),
    Row("Range is ignored", {"range": "bytes=0-9"}),
    Row("Range that cannot be had is ignored", {"range": "bytes=999999-"}),
    Row("If-Range is ignored with it", {"range": "bytes=0-9", "if_range": PLAIN}),
    Row("Range never undoes a 304", {"range": "bytes=0-9", "if_none_match": PLAIN}, 304),
    Row("gzip", {"accept_encoding": "gzip"}, 200, "gzip"),
    Row("as browsers say it", {"accept_encoding": "gzip, deflate, br, zstd"}, 200, "gzip"),
    Row("case does not matter", {"accept_encoding": "GZip;Q=0.5"}, 200, "gzip"),
    Row("its old name", {"accept_encoding": "x-gzip"}, 200, "gzip"),
    Row("any coding", {"accept_encoding": "*"}, 200, "gzip"),
    Row("gzip refused", {"accept_encoding": "gzip;q=0"}),
    Row("gzip refused with decimals", {"accept_encoding": "gzip;q=0.000, deflate"}),
    Row("gzip refused, any other welcome", {"accept_encoding": "gzip;q=0, *"}),
    Row("all refused: bare bytes, as nothing else can be had", {"accept_encoding": "*;q=0"}),
    Row("identity refused, gzip not named", {"accept_encoding": "identity;q=0"}),
    Row("identity refused, gzip named", {"accept_encoding": "identity;q=0, gzip;q=0.1"}, 200, "gzip"),
    Row("identity liked better", {"accept_encoding": "gzip;q=0.5, identity"}),
    Row("gzip liked better", {"accept_encoding": "gzip;q=0.8, identity;q=0.2"}, 200, "gzip"),
    Row("both liked alike: the shorter", {"accept_encoding": "identity;q=0.5, gzip;q=0.5"}, 200, "gzip"),
    Row("blanks around the weight", {"accept_encoding": "br , gzip ; q=0.2"}, 200, "gzip"),
    Row("codings that we lack", {"accept_encoding": "br, zstd"}),
    Row("name that merely begins so", {"accept_encoding": "gzipped"}),
    Row("weight above 1 is none", {"accept_encoding": "gzip;q=7"}),
    Row("weight that is no number", {"accept_encoding": "gzip;q=much"}),
    Row("weight with four decimals", {"accept_encoding": "gzip;q=0.1234"}),
    Row("empty Accept-Encoding", {"accept_encoding": ""}),
    Row("Accept chooses nothing", {"accept": "text/html"}),
    Row("User-Agent chooses nothing", {"user_agent": "Mozilla/5.0 (Linux; Android 14)"}),
]


@pytest.mark.parametrize("row", CONDITIONS, ids=lambda row: row.why)
def test_a_request_for_a_feed(row: Row) -> None:
    response = ask(**row.fields)
    assert response.status == row.status
    assert header(response, "content-encoding") == row.coding
    if row.status == 200:
        body = gzip.decompress(response.body) if row.coding else response.body
        assert body == ATOM
        assert header(response, "content-length") == str(len(response.body))
    else:
        assert (response.body == b"") is (row.status == 304)


@pytest.mark.parametrize("row", CONDITIONS, ids=lambda row: row.why)
def test_head_says_what_get_says_without_the_body(row: Row) -> None:
    answer, head = ask(**row.fields), ask(method="HEAD", **row.fields)
    assert (head.status, head.headers, head.body) == (answer.status, answer.headers, b"")


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_a_304_repeats_what_guides_a_cache_and_nothing_else(coding: str) -> None:
    full = ask(accept_encoding=coding)
    tag = header(full, "etag")
    assert tag is not None
    bare = ask(accept_encoding=coding, if_none_match=tag)
    assert bare.status == 304
    assert {name for name, _ in bare.headers} == {b"etag", b"cache-control", b"vary"}
    assert set(bare.headers) < set(full.headers)


def test_a_list_may_come_in_several_fields() -> None:
    fields = [(b"if-none-match", b'"a"'), (b"if-none-match", PLAIN.encode())]
    assert respond(PAGES, "GET", "/ukraine.atom", fields).status == 304
    fields = [(b"accept-encoding", b"br"), (b"accept-encoding", b"gzip")]
    assert header(respond(PAGES, "GET", "/ukraine.atom", fields), "content-encoding") == "gzip"


def test_the_headers_of_a_feed() -> None:
    response = ask(accept_encoding="gzip")
    assert dict(response.headers) == {
        b"etag": PACKED.encode(),
        b"cache-control": b"public, max-age=300, stale-while-revalidate=60, stale-if-error=86400",
        b"vary": b"accept-encoding",
        b"last-modified": b"Thu, 01 Sep 2022 12:00:00 GMT",
        b"content-type": b"application/atom+xml; charset=utf-8",
        b"x-content-type-options": b"nosniff",
        b"accept-ranges": b"none",
        b"x-robots-tag": b"noindex",
        b"content-encoding": b"gzip",
        b"content-length": str(len(response.body)).encode(),
    }


def test_a_page_may_load_its_style_and_pictures_only() -> None:
    policy = header(ask("/"), "content-security-policy") or ""
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == rules["frame-ancestors"] == "'none'"
    assert rules["style-src"] == "'self'"
    assert rules["img-src"].startswith("'self'")
    assert "unsafe" not in policy
    assert header(ask("/"), "referrer-policy")
    assert header(ask("/"), "x-robots-tag") is None


def test_the_two_codings_have_strong_tags_of_their_own() -> None:
    assert PLAIN != PACKED
    assert all(tag.startswith('"') and tag.endswith('"') for tag in (PLAIN, PACKED))


PATHS = [
    pytest.param("/", 200, id="the front page"),
    pytest.param("/index.html", 200, id="the same by its name"),
    pytest.param("/ukraine/", 200, id="a folder"),
    pytest.param("/ukraine/index.html", 200, id="its page by name"),
    pytest.param("/ukraine/2022-09-01.atom", 200, id="an archive"),
    pytest.param("/ukraine%2Eatom", 200, id="an escape that need not be"),
    pytest.param("/w%C3%B6rter.html", 200, id="an escape that must be"),
    pytest.param("/ukraine", 308, id="a folder without its slash"),
    pytest.param("/story/4f2a", 308, id="a deeper one"),
    pytest.param("/turkey", 404, id="unknown"),
    pytest.param("/story/", 404, id="a folder without a page: never a listing"),
    pytest.param("/ukraine.atom/", 404, id="a file with a slash"),
    pytest.param("/UKRAINE.atom", 404, id="another case"),
    pytest.param("/ukraine.atom.gz", 404, id="the twin has no path of its own"),
    pytest.param("//ukraine.atom", 404, id="two slashes"),
    pytest.param("/./ukraine.atom", 404, id="a dot segment"),
    pytest.param("/ukraine/../ukraine.atom", 404, id="up and down"),
    pytest.param("/ukraine%252Eatom", 404, id="escaped twice: undone once"),
    pytest.param("/w\u00f6rter.html", 200, id="not escaped at all, as a test may call it"),
    pytest.param("/grain.atom", 410, id="a feed of an ended topic"),
    pytest.param("/grain.rss", 410, id="another"),
    pytest.param("/grain.json", 410, id="and the third"),
    pytest.param("/grain/", 410, id="its page"),
    pytest.param("/grain", 410, id="its page without slash"),
    pytest.param("/grain/2022-09-01.atom", 410, id="an archive of it"),
    pytest.param("/%67rain%2Eatom", 410, id="however it is spelled"),
    pytest.param("/grain.html", 404, id="what an ended topic never had"),
    pytest.param("/grain.atom.gz", 404, id="nor this"),
    pytest.param("/grains.atom", 404, id="a topic whose name begins like it"),
    pytest.param("/rain.atom", 200, id="what stands there is served, note or no note"),
    pytest.param("/%", 400, id="half an escape"),
    pytest.param("/%4", 400, id="most of an escape"),
    pytest.param("/%zz", 400, id="no hex"),
    pytest.param("/%ff", 400, id="no UTF-8"),
    pytest.param("/%c0%ae%c0%ae/", 400, id="overlong UTF-8"),
    pytest.param("/%ed%a0%80", 400, id="a surrogate"),
    pytest.param("/ukraine.atom%00", 400, id="NUL"),
    pytest.param("/a%0d%0aSet-Cookie:x", 400, id="line break"),
    pytest.param("", 400, id="empty"),
    pytest.param("*", 400, id="asterisk form"),
    pytest.param("ukraine.atom", 400, id="no slash"),
]


@pytest.mark.parametrize(("path", "status"), PATHS)
def test_a_path(path: str, status: int) -> None:
    response = ask(path)
    assert response.status == status
    if status != 200:
        assert header(response, "content-type") == "text/plain; charset=utf-8"
        assert header(response, "etag") is None
        assert ask(path, if_none_match="*", if_modified_since=LATER).status == status


def test_a_folder_is_found_at_its_slash() -> None:
    assert header(ask("/ukraine"), "location") == "./ukraine/"
    assert header(ask("/story/4f2a"), "location") == "./4f2a/"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get", ""])
def test_other_methods_are_told_what_works(method: str) -> None:
    response = ask(method=method)
    assert response.status == 405
    assert header(response, "allow") == "GET, HEAD"


@pytest.mark.parametrize(
    ("path", "fields"),
    [("/turkey", {}), ("/%", {}), ("/ukraine.atom", {"if_match": '"x"'})],
    ids=["404", "400", "412"],
)
def test_an_error_has_the_length_of_its_sentence(path: str, fields: dict[str, str]) -> None:
    response, head = ask(path, **fields), ask(path, method="HEAD", **fields)
    assert header(response, "content-length") == str(len(response.body)) != "0"
    assert (head.headers, head.body) == (response.headers, b"")


def test_what_one_client_did_wrong_is_not_cached_for_the_next() -> None:
    for response in (ask(if_match='"x"'), ask("/%"), ask(method="POST")):
        assert header(response, "cache-control") == "no-store"


@settings(max_examples=150)
@given(
    path=st.text(max_size=40).map("/".__add__),
    fields=st.dictionaries(
        st.sampled_from(
            [b"if-none-match", b"if-match", b"if-modified-since", b"if-unmodified-since", b"accept-encoding"]
        ),
        st.binary(max_size=60) | st.sampled_from([PLAIN.encode(), PACKED.encode(), DATE.encode(), b"*", b"gzip"]),
    ),
)
def test_no_request_raises_or_gets_a_body_of_another_page(path: str, fields: dict[bytes, bytes]) -> None:
    assert respond(PAGES, "GET", path, fields.items()).status in {200, 304, 308, 400, 404, 410, 412}
    response = respond(PAGES, "GET", "/ukraine.atom", fields.items())
    assert response.status in {200, 304, 412}
    if response.status == 200:
        assert response.body in (ATOM, FEED.packed)
