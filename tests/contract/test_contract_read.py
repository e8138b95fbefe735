"""What reading promises, in this process and in a child process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from feeds.classify.matcher import Matcher
from feeds.classify.rules import compile_rules
from feeds.config import ReadSettings
from feeds.model import Article, Document, Facts, Reading, Rejected, Unreadable
from feeds.ports import Read
from feeds.sandbox.children import Children
from feeds.sandbox.gather import Gather
from feeds.sandbox.pipeline import Pipeline
from tests.make import NOW, source

TABLES = {"topics": {"ukraine": {"use": "ukraine"}}}
RULES = compile_rules(TABLES)
FACTS = Facts(source=source("alpha", country="UA"), now=NOW)
URL = FACTS.source.url


@pytest.fixture(params=["in process", "in a child"], scope="module")
def read(request: pytest.FixtureRequest) -> Iterator[Read]:
    """A reader of each kind."""
    if request.param == "in process":
        yield Gather(Pipeline(Matcher(RULES), rules=RULES.version))
        return
    children = Children(TABLES, ReadSettings(timeout=20.0))
    yield Gather(children)
    children.close()


def document(body: str, *, url: str = URL, content_type: str = "") -> Document:
    return Document(url=url, body=body.encode(), headers={"content-type": content_type} if content_type else {})


FEED = """<rss version="2.0"><channel><title>Alpha &amp; sons</title><link>https://alpha.example/</link>
<item><title>Kyiv counts its trains</title><link>/1</link><guid isPermaLink="false">g1</guid>
<description>&lt;p onclick="x()"&gt;All of &lt;b&gt;them&lt;/b&gt;&lt;script&gt;x&lt;/script&gt;&lt;/p&gt;</description>
<pubDate>Sun, 20 Nov 2022 06:00:00 +0200</pubDate></item>
<item><guid isPermaLink="false">g2</guid></item></channel></rss>"""


def reading(found: Reading | Unreadable) -> Reading:
    assert isinstance(found, Reading), found
    return found


def test_a_feed_becomes_classified_articles(read: Read) -> None:
    found = reading(read([document(FEED)], FACTS))
    assert (found.head.title, found.head.link, found.rules) == ("Alpha & sons", "https://alpha.example/", RULES.version)
    one, two = found.items
    assert isinstance(one, Article)
    assert (one.guid, one.url, one.title) == ("g1", "https://alpha.example/1", "Kyiv counts its trains")
    assert (one.summary, one.text) == ("<p>All of <b>them</b></p>", "All of them")
    assert [match.topic for match in one.topics] == ["ukraine"]
    assert any(hit.word == "kyiv*" for hit in one.topics[0].because)
    assert len(one.fingerprint.key) == 17
    assert two == Rejected(
        source="alpha", why="it has neither a title nor a text", guid="g2", digest=two.digest, slice=two.slice
    )
    assert found.slices == (one.slice, two.slice)


def test_what_was_known_is_counted(read: Read) -> None:
    first = reading(read([document(FEED)], FACTS))
    again = reading(read([document(FEED)], replace(FACTS, known=frozenset(first.slices))))
    assert (again.items, again.known, again.slices, again.head) == ((), 2, first.slices, first.head)
    whole = reading(read([document(FEED)], replace(FACTS, known=frozenset(first.slices), whole=True)))
    assert len(whole.items) == 2


def test_what_is_cut_is_counted(read: Read) -> None:
    found = reading(read([document(FEED.replace("<item>", f"<item><author>{'x' * 999}</author>", 1))], FACTS))
    assert found.cuts == {"long_name": 1}


MEGABYTE = "x" * 2**20
LONG_FIELDS = {
    "attributes of XML": (
        f"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"><entry>
        <title>Kyiv</title><category term="{MEGABYTE}"/><link href="https://a.example/{MEGABYTE}"/>
        <link rel="enclosure" href="https://a.example/{MEGABYTE}"/>
        <media:content medium="image" url="https://a.example/{MEGABYTE}"/></entry></feed>""",
        {"long_value": 1, "long_address": 3}),
    "fields of JSON": (
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": MEGABYTE, "items": [
            {"id": MEGABYTE, "title": MEGABYTE, "content_text": MEGABYTE, "tags": [MEGABYTE],
             "url": "https://a.example/" + MEGABYTE, "authors": [{"name": MEGABYTE}]}]}),
        {"long_value": 2, "long_title": 2, "long_text": 1, "long_address": 1, "long_name": 1}),
}  # fmt: skip


@pytest.mark.parametrize(("body", "cuts"), LONG_FIELDS.values(), ids=LONG_FIELDS)
def test_fields_of_a_megabyte_are_cut_by_name(read: Read, body: str, cuts: dict[str, int]) -> None:
    found = reading(read([document(body)], FACTS))
    assert (len(found.items), found.cuts) == (1, cuts)


def test_an_article_of_ten_megabytes_is_cut_by_name(read: Read) -> None:
    found = reading(read([document("A headline\n\n" + "word " * 2**21, url="file:///desk/a.txt")], FACTS))
    assert found.cuts == {"long_text": 2}, "its first paragraph, which is all of it, is its summary too"


def test_boilerplate_and_time_zone_are_heeded(read: Read) -> None:
    dated = FEED.replace("Sun, 20 Nov 2022 06:00:00 +0200", "2022-11-20T06:00:00")
    one = reading(read([document(dated)], replace(FACTS, source=replace(FACTS.source, timezone="Europe/Kyiv")))).items[
        0
    ]
    assert isinstance(one, Article)
    assert one.published
    assert one.published.isoformat() == "2022-11-20T04:00:00+00:00"
    plain = reading(read([document(FEED)], replace(FACTS, boilerplate=frozenset({one.fingerprint.text})))).items[0]
    assert isinstance(plain, Article)
    assert plain.fingerprint.key != one.fingerprint.key


@pytest.mark.parametrize(
    ("body", "why", "words"),
    [
        pytest.param("", "empty", "", id="nothing"),
        pytest.param(
            "<html><link rel=alternate type=application/rss+xml href=/f></html>", "not_a_feed", "HTML", id="a page"
        ),
        pytest.param('{"a": 1}', "not_a_feed", "JSON", id="other JSON"),
        pytest.param("<rss>" + "<a>" * 5000, "too_deep", "256", id="a deep one"),
        pytest.param('<!DOCTYPE r [<!ENTITY a "&b;&b;">]><rss/>', "dtd_entities", "DTD", id="entities that grow"),
        pytest.param("</width>", "parser_TypeError", "", id="what feedparser raises at"),
        pytest.param("<rss><channel><item><title>&#xD800;</title>", "", "", id="half a surrogate pair"),
    ],
)
def test_what_cannot_be_read_has_a_name(read: Read, body: str, why: str, words: str) -> None:
    found = read([document(body)], FACTS)
    assert (found.why if isinstance(found, Unreadable) else "") == why
    assert words in (found.detail if isinstance(found, Unreadable) else "")


def test_a_page_names_its_feeds(read: Read) -> None:
    found = read([document("<html><link rel=alternate type=application/rss+xml href=/f></html>")], FACTS)
    assert isinstance(found, Unreadable)
    assert found.feeds == ("https://alpha.example/f",)


def test_articles_of_a_folder(read: Read) -> None:
    desk = replace(FACTS, source=source("desk", url="file:/desk", kind="own"))
    documents = [
        document("2026-11-20 12:00\nTalks in Geneva\n\nThey went well.\n", url="file:///desk/a.txt"),
        document("<html><body><h1>Kyiv</h1><p>x<script>x</script></p></body></html>", url="file:///desk/b.html"),
        document("# Ankara\n\nA [link](javascript:x).\n", url="file:///desk/c.md"),
        document("\0\0", url="file:///desk/d.txt"),
    ]
    found = reading(read(documents, desk))
    assert [item.title for item in found.items] == ["Talks in Geneva", "Kyiv", "Ankara", ""]
    assert isinstance(found.items[3], Rejected)
    assert len(found.slices) == 4
    again = reading(read(documents, replace(desk, known=frozenset(found.slices))))
    assert (again.items, again.known, again.slices) == ((), 4, found.slices)


def test_one_document_after_another_and_each_by_itself(read: Read) -> None:
    first = read([document(FEED)], FACTS)
    read([document("</width>")], FACTS)
    read([document(FEED.replace("Kyiv", "Ankara"))], replace(FACTS, source=source("beta")))
    assert read([document(FEED)], FACTS) == first
