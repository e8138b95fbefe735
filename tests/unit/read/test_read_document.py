"""What a document is taken for, and the promises that hold for all of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.model import Document, RawFeed, Unreadable
from feeds.read import read
from tests.unit.read.read_samples import DATA, FIXTURES, URL, atom, facts, feed_of, rss

ITEM = rss("<title>A</title><guid>1</guid>")
JSON = '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "A"}]}'
PAGE = "<!DOCTYPE html><html><head>%s</head><body><p>Hello</p></body></html>"


@pytest.mark.parametrize(
    ("url", "content_type", "body", "form"),
    [
        pytest.param(URL, "", ITEM, "rss20", id="RSS that no header announces"),
        pytest.param(URL, "text/html", ITEM, "rss20", id="bytes beat a wrong content type"),
        pytest.param(URL, "application/json", atom("<id>1</id>"), "atom10", id="Atom announced as JSON"),
        pytest.param(URL, "application/xml", JSON, "json11", id="JSON announced as XML"),
        pytest.param("file:/desk/a.json", "", "\n" + JSON, "json11", id="JSON in a file"),
        pytest.param("file:/desk/a.xml", "", ITEM, "rss20", id="a feed in a file"),
        pytest.param("file:/desk/a", "", ITEM, "rss20", id="a feed in a file without a suffix"),
        pytest.param("file:/desk/a.TXT", "", "A title\nText.", "article", id="a text file, suffix in capitals"),
        pytest.param("file:/desk/a.md", "", "# A title", "article", id="a Markdown file"),
        pytest.param("file:/desk/a.html", "", PAGE % "", "article", id="an HTML file"),
        pytest.param("file:/desk/a.txt", "", ITEM, "article", id="the suffix of a file decides, whatever it holds"),
        pytest.param(URL, "", "<br />\n<b>Warning</b>: oops\n" + ITEM, "rss20", id="a warning of PHP before the feed"),
        pytest.param(URL, "", f"<html><body>{ITEM}</body></html>", "unknown", id="a feed wrapped into a page"),
        pytest.param(URL, "", "\n\n <?xml version='1.0'?>" + ITEM, "rss20", id="white space before the declaration"),
        pytest.param(URL, "", "\ufeff\n<?xml version='1.0'?>" + ITEM, "rss20", id="a mark and white space before it"),
    ],
)
def test_a_document_is_what_its_bytes_say(url: str, content_type: str, body: str, form: str) -> None:
    assert feed_of(body, url=url, content_type=content_type).head.format == form


@pytest.mark.parametrize(
    ("body", "why", "detail"),
    [
        pytest.param(b"", "empty", "", id="nothing"),
        pytest.param(b" \r\n\t", "empty", "", id="white space"),
        pytest.param(b"\xef\xbb\xbf\n", "empty", "", id="a byte order mark"),
        pytest.param(b"\xff\xfe\n\0", "empty", "", id="white space in UTF-16"),
        pytest.param((PAGE % "").encode(), "not_a_feed", "an HTML page", id="a page"),
        pytest.param(b"<opml version='2.0'/>", "not_a_feed", "its first element is <opml>", id="other XML"),
        pytest.param(b"no tags here", "not_a_feed", "neither XML nor JSON", id="plain text over HTTP"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_a_feed", "neither XML nor JSON", id="a picture"),
        pytest.param(b"[]", "not_a_feed", "a JSON array of 0", id="an empty JSON array"),
        pytest.param(
            b'[{"a": 1}]', "not_a_feed", "a JSON array of 1: a JSON object with the keys 'a'", id="JSON items"
        ),
        pytest.param(b'{"a": 1, "b": 2}', "not_a_feed", "a JSON object with the keys 'a', 'b'", id="a JSON object"),
        pytest.param(b'{"version": 2}', "not_a_feed", "a JSON object with the keys 'version'", id="another version"),
        pytest.param(b"{oops", "not_a_feed", "not valid JSON: Expecting property name", id="broken JSON"),
        pytest.param(b"[" * 200_000, "parser_RecursionError", "", id="JSON too deep to read"),
    ],
)
def test_what_is_no_feed_says_why(body: bytes, why: str, detail: str) -> None:
    found = read(Document(url=URL, body=body), facts())
    assert isinstance(found, Unreadable)
    assert (found.why, found.detail[: len(detail)]) == (why, detail)
    assert detail or why != "not_a_feed"


def test_an_article_file_may_be_empty_too() -> None:
    found = read(Document(url="file:/desk/a.html", body=b"<frameset><frame></frameset>"), facts())
    assert found == Unreadable(why="empty", detail="a page without a body")


def test_a_page_names_the_feeds_that_it_links() -> None:
    links = (
        '<base href="https://www.example/blog/">'
        '<link rel="alternate" type="application/rss+xml" href="rss.xml">'
        '<link rel="feed ALTERNATE" type="Application/Atom+XML; charset=utf-8" href="/atom.xml">'
        '<link rel="alternate" type="application/rss+xml" href="https://www.example/blog/rss.xml">'  # again
        '<link rel="alternate" type="application/feed+json" href="//json.example/f">'
        '<link rel="alternate" type="text/html" hreflang="tr" href="/tr">'
        '<link rel="stylesheet" type="application/rss+xml" href="/no.xml">'
        '<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">'
        '<link rel="alternate" type="application/rss+xml">'
    )
    found = read(Document(url="https://news.example/", body=(PAGE % links).encode()), facts())
    assert isinstance(found, Unreadable)
    assert found.feeds == (
        "https://www.example/blog/rss.xml",
        "https://www.example/atom.xml",
        "https://json.example/f",
    )


def test_a_fragment_of_a_page_names_its_feeds_too() -> None:
    body = b"<title>Hi</title><link rel=alternate type=application/atom+xml href=/feed>"
    found = read(Document(url="https://news.example/x/y", body=body), facts())
    assert isinstance(found, Unreadable)
    assert found.feeds == ("https://news.example/feed",)


def test_known_entries_are_counted_and_not_carried() -> None:
    body = rss("<title>A</title><guid>1</guid></item><item><title>B</title><guid>2</guid></item><item><guid>2</guid>")
    whole = feed_of(body)
    first, second, third = whole.slices
    assert [entry.slice for entry in whole.entries] == [first, second, third]
    assert {len(digest) for digest in whole.slices} == {8}
    again = read(Document(url=URL, body=body.encode()), facts(first, third, b"another!"))
    assert isinstance(again, RawFeed)
    assert [entry.title.value for entry in again.entries] == ["B"]
    assert (again.known, again.slices, again.head) == (2, whole.slices, whole.head)


@pytest.mark.parametrize(
    "path",
    sorted((FIXTURES / "feeds").iterdir()) + sorted((FIXTURES / "articles").iterdir()),
    ids=lambda path: path.name,
)
def test_what_was_read_is_known_the_next_time(path: Any) -> None:
    document = Document(url=f"file:{path}", body=path.read_bytes())
    first = read(document, facts())
    if isinstance(first, RawFeed):
        again = read(document, facts(*first.slices))
        assert isinstance(again, RawFeed)
        assert (again.entries, again.known, again.slices) == ((), len(first.entries), first.slices)


# fmt: off
NASTY = st.sampled_from([
    "<item>", "</item>", "<entry>", "</entry>", "<channel>", "<guid>", "</guid>", "<link/>", "<link href='/a'/>",
    "<summary>", "</summary>", "<content type='xhtml'>", "<media:content url='u'/>", "<enclosure url='u'/>", "</width>",
    "<rss version='2.0'>", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<title>1 &lt; 2</title>",
    "<category label='l'/>", "<published>2024-01-01</published>", "<author>a@b.org (c)</author>", "<![CDATA[", "]]>",
    "&", "&amp;", "&nbsp;", "\0",
    "&#55357;", "&#xD83D;&#xDE00;", "&#99999999999;", "x", "ї", "\n",
    "<authors a='b'/>", "<links>x</links>", "<tags a='1'/>", "<content_detail/>", "<published_parsed a='b'/>",
])
# fmt: on


@settings(max_examples=150)
@given(st.lists(NASTY, max_size=14).map(lambda parts: ("<rss><channel><item>" + "".join(parts)).encode()))
def test_no_mixture_of_tags_raises_or_loses_an_entry(body: bytes) -> None:
    found = read(Document(url=URL, body=body), facts())
    if isinstance(found, Unreadable):
        assert found.why.startswith("parser_")
    else:
        assert len(found.entries) == len(found.slices) > 0


@settings(max_examples=150)
@given(st.binary(max_size=60), st.sampled_from(["xml", "txt", "md", "html"]), st.sampled_from([b"", b"{", b"<", b"# "]))
def test_no_bytes_raise(body: bytes, suffix: str, start: bytes) -> None:
    found = read(Document(url=f"file:/desk/a.{suffix}", body=start + body), facts())
    assert isinstance(found, Unreadable) or len(found.entries) + found.known == len(found.slices)


HOSTILE = sorted((DATA / "hostile" / "found" / "exceptions").glob("*.xml"))


@pytest.mark.skipif(not HOSTILE, reason="the inputs that make feedparser raise are not in ../shared/data")
@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.stem)
def test_what_makes_feedparser_raise_has_a_name(path: Any) -> None:
    headers = json.loads(path.with_suffix(".xml.json").read_bytes())["headers"]
    found = read(Document(url=URL, body=path.read_bytes(), headers=headers), facts())
    if isinstance(found, Unreadable):
        assert found.why in ("empty", "not_a_feed") or found.why.startswith("parser_")
    else:
        assert len(found.entries) == len(found.slices)


@pytest.mark.parametrize("body", [b"\x7fELF\0\1\2", b"PK\3\4\0\0 and so on"])
def test_a_text_file_of_no_text_is_no_article(body: bytes) -> None:
    found = read(Document(url="file:///desk/note.txt", body=body), facts())
    assert found == Unreadable(why="not_an_article", detail="its bytes are no text")


def test_an_article_in_utf_16_is_text() -> None:
    body = "A title\nAnd a first paragraph, long enough.\n".encode("utf-16")
    found = read(Document(url="file:///desk/note.txt", body=body), facts())
    assert isinstance(found, RawFeed)
