"""What we publish before the strictest judges; and the judges: each rejects a document for each of its rules."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.model import Enclosure, Entry, Standing
from feeds.publish.archive import render_archive
from feeds.publish.topic import render_site, render_topic
from tests.judges import rules
from tests.judges.programs import jing, needs_jing, needs_ruby, ruby
from tests.judges.rules import judged
from tests.unit.publish.publish_samples import SITE, TOPICS, UKRAINE, entry, hostile, stories

Program: TypeAlias = Callable[[Sequence[Path]], dict[Path, list[str]]]
DAY = date(2026, 11, 22)
MP3 = Enclosure(url="https://a.example.com/1.mp3", type="audio/mpeg", length=7)
HUB = "https://hub.example.org/"
ARCHIVE = "ukraine/2026-11-22.atom"


def files(entries: list[Entry]) -> dict[str, bytes]:
    """The three feeds of a topic, its archive of a day and the subscription lists, by name."""
    topic = render_topic(SITE, UKRAINE, entries, limit=9, all_topics=TOPICS, previous=DAY, hubs=(HUB,))
    day = render_archive(SITE, UKRAINE, topic.entries, day=DAY, previous=date(2026, 11, 20), all_topics=TOPICS)
    around = render_site(
        SITE,
        [(each, topic.entries) for each in TOPICS],
        standings=[Standing(origin=entry.origin, how="answers") for entry in entries[:1]],
        own_pages=[],
    )
    found = {**topic.files, **around.files, day.name: day.body}
    return {n: body for n, body in found.items() if n.endswith((".atom", ".rss", ".json", ".opml", "/feeds"))}


GOOD = files(
    [
        *stories(),
        entry(6, policy="full", content="<h2>All</h2><p>of it</p>", enclosures=(MP3,)),
        entry(7, language="", url="", image=None, rights="", also=(), summary=""),
    ]
)
ALL = "https://news.example.org/desk/"


def test_no_rule_is_broken_by_what_we_publish() -> None:
    assert [finding for name, body in GOOD.items() for finding in judged(name, body)] == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(hostile, max_size=4))
def test_no_rule_is_broken_by_what_others_write(entries: list[Entry]) -> None:
    done = files(entries)
    later = [entry for entry in entries if entry.updated.tzinfo and entry.published.tzinfo]
    if all(entry.updated >= entry.published for entry in later):  # as the store sees to
        assert [finding for name, body in done.items() for finding in judged(name, body)] == []


# --------------------------------------------------------------------------------------------- broken documents


def broken(name: str, old: str, new: str) -> bytes:
    """A good document with one thing in it replaced."""
    text = GOOD[name].decode()
    assert old in text, f"{old!r} does not stand in {name}"
    return text.replace(old, new, 1).encode()


ATOM, RSS, JSON, OPML = "ukraine.atom", "ukraine.rss", "ukraine.json", "topics.opml"
ENTRY_ID = "<id>tag:news.example.org,2026-11:story/00000000000000000000000000</id>"
GUID = '<guid isPermaLink="false">tag:news.example.org,2026-11:story/00000000000000000000000000</guid>'
NEXT = f'<link rel="next-archive" type="application/atom+xml" href="{ALL}ukraine/2026-11-23.atom"/><fh:archive'
RULES = [
    # (rule, document, what is replaced, by what)
    ("characters", ATOM, "<name>Ada", "<name>\u0085Ada"),
    ("well-formed", ATOM, "</feed>", ""),
    ("well-formed", JSON, "}]}", "}]"),
    ("once", ATOM, "<title>Foreign desk: Ukraine</title>", ""),
    ("once", ATOM, ENTRY_ID, ENTRY_ID * 2),
    ("source once", ATOM, "<id>urn:agency:a</id>", ""),
    ("empty", ATOM, "<title>Foreign desk: Ukraine</title>", "<title> </title>"),
    ("author", ATOM, "<author><name>Agency A &amp; Sons</name></author><author><name>Ada Byline</name></author>", ""),
    ("unique", ATOM, ENTRY_ID, ENTRY_ID.replace("0</id>", "1</id>")),
    ("id", ATOM, ENTRY_ID, "<id>story 1</id>"),
    ("size", ATOM, "<name>Ada", "<name>Ada" + "a" * rules.LARGEST),
    ("order", ATOM, "<published>2026-11-22T06:00:00+00:00", "<published>2026-11-20T06:00:00+00:00"),
    ("feed updated", ATOM, "<updated>2026-11-22T06:03:00+00:00", "<updated>2026-11-22T07:03:00+00:00"),
    ("date", ATOM, "<published>2026-11-22T06:00:00+00:00", "<published>2026-11-22T06:00:00"),
    ("updated", ATOM, "<published>2026-11-22T06:00:00+00:00", "<published>2026-11-22T07:00:00+00:00"),
    ("language", ATOM, 'xml:lang="tr"', 'xml:lang="Turkish"'),
    ("language", ATOM, '<entry xml:lang="tr"', "<entry"),
    ("type", ATOM, '<summary type="html"', '<summary type="xhtml"'),
    ("type", ATOM, '<summary type="html"', "<summary"),
    ("feed links", ATOM, 'rel="self"', 'rel="alternate"'),
    ("feed links", ATOM, f'<link href="{ALL}ukraine/" rel="alternate" type="text/html"/>', ""),
    ("feed links", ATOM, 'rel="self" type="application/atom+xml"', 'rel="self" type="text/xml"'),
    ("self", ATOM, f'href="{ALL}ukraine.atom"', f'href="{ALL}turkey.atom"'),
    ("address", ATOM, 'rel="alternate" type="text/html" hreflang="en" href="https://', 'rel="alternate" href="//'),
    (
        "alternate",
        ATOM,
        'rel="alternate" type="text/html" hreflang="en"',
        'rel="related" type="text/html" title="a: b"',
    ),
    ("alternate", ATOM, 'rel="alternate" type="text/html" hreflang="tr"', 'rel="alternate" type="text/html"'),
    ("unique", ATOM, 'rel="related" type="text/html"', 'rel="alternate" type="text/html" hreflang="en"'),
    ("relation", ATOM, 'rel="related"', 'rel="also"'),
    ("related", ATOM, 'title="Ajans C: Aynısı"', 'title="Aynısı"'),
    (
        "related",
        ATOM,
        '<link rel="via"',
        '<link rel="related" type="text/html" href="https://a.example/" title="a: b"/>' * 9 + '<link rel="via"',
    ),
    ("via", ATOM, ' title="Agency A &amp; Sons"', ""),
    (
        "via",
        ATOM,
        '<link rel="self" type="application/rss+xml" href="https://a.example.com/',
        '<link rel="self" href="https://b.example.com/',
    ),
    ("media type", ATOM, 'type="audio/mpeg"', 'type="mp3"'),
    ("direction", ATOM, '&lt;div dir="rtl" lang="ar"&gt;', "&lt;div&gt;"),
    ("thumbnail", ATOM, "<media:thumbnail", "<media:group><media:thumbnail/></media:group><media:thumbnail"),
    ("thumbnail", ATOM, 'width="640"', 'width="wide"'),
    ("address", ATOM, '<media:thumbnail url="https:', '<media:thumbnail url="'),
    ("archive", ATOM, "<entry", '<fh:archive xmlns:fh="http://purl.org/syndication/history/1.0"/><entry'),
    ("archive", ARCHIVE, "2026-11-20.atom", "2026-11-24.atom"),
    ("archive", ARCHIVE, "<fh:archive", NEXT),
    ("feed links", ARCHIVE, 'rel="current"', 'rel="start"'),
    ("version", RSS, 'version="2.0"', 'version="0.91"'),
    ("once", RSS, f"<link>{ALL}ukraine/</link>", ""),
    ("ttl", RSS, "<ttl>15</ttl>", "<ttl>often</ttl>"),
    ("self", RSS, 'rel="self"', 'rel="via"'),
    ("image", RSS, "<ttl>", "<image><width>300</width></image><ttl>"),
    ("address", RSS, f"<link>{ALL}ukraine/</link>", "<link>/ukraine/</link>"),
    ("title", RSS, "Talks &#x26; “pause”", "Talks &amp; “pause”"),
    ("date", RSS, "<pubDate>Sun, 22 Nov 2026", "<pubDate>Sun, 22 Nov 26"),
    ("unique", RSS, GUID, GUID.replace("0</guid>", "1</guid>")),
    ("guid", RSS, 'isPermaLink="false"', 'isPermaLink="true"'),
    ("markup", RSS, "‹update›", "&lt;update&gt;"),
    ("author", RSS, "<dc:creator>", "<author>Ada</author><dc:creator>"),
    ("enclosure", RSS, "<enclosure", "<enclosure/><enclosure"),
    ("enclosure", RSS, ' length="7"', ""),
    ("source", RSS, '<source url="https://a.example.com', '<source url="a.example.com'),
    ("order", RSS, "<description>&lt;p&gt;First sentence of 0.", "<content:encoded/><description>&lt;p&gt;First"),
    ("language", RSS, "<dc:language>tr</dc:language>", "<dc:language>Turkish</dc:language>"),
    ("direction", RSS, '&lt;div dir="rtl" lang="ar"&gt;', "&lt;div&gt;"),
    ("version", JSON, "version/1.1", "version/1"),
    ("self", JSON, "ukraine.json", "turkey.json"),
    ("hub", JSON, '"type":"WebSub",', ""),
    ("unique", JSON, "story/00000000000000000000000000", "story/00000000000000000000000001"),
    ("content", JSON, '"content_html"', '"_html"'),
    ("date", JSON, '"date_published":"2026-11-22T06:00:00Z"', '"date_published":"22 Nov 2026"'),
    ("attachment", JSON, '"mime_type":"audio/mpeg"', '"mime_type":"mp3"'),
    ("tags", JSON, '"tags":["', '"tags":[1,"'),
    ("author", JSON, '{"name":"Ada Byline"}', "{}"),
    ("language", JSON, '"language":"tr"', '"language":"Turkish"'),
    ("key", JSON, '"authors":[{"name":"Agency', '"author":[{"name":"Agency'),
    ("kind", JSON, '"id":"tag:news.example.org,2026-11:story/00000000000000000000000000"', '"id":1'),
    ("address", JSON, '"url":"https://a.example.com/0', '"url":"a.example.com/0'),
    ("missing", JSON, '"title":"Foreign desk: Ukraine",', ""),
    ("version", OPML, '<opml version="2.0">', '<opml version="1.0">'),
    ("empty", OPML, "<title>Foreign desk</title>", "<title />"),
    ("head", OPML, "</title>", "</title><dateCreated>Sun, 22 Nov 2026 06:00:00 GMT</dateCreated>"),
    ("outline", OPML, 'type="rss"', 'type="atom"'),
    ("outline", OPML, 'text="Foreign desk: Ukraine"', ""),
    ("outline", OPML, 'title="Foreign desk: Ukraine"', 'created="Sun, 22 Nov 2026 06:00:00 GMT"'),
    ("outline", OPML, "ukraine.atom", "ukraine.rss"),
    ("address", OPML, f'xmlUrl="{ALL}ukraine.atom"', 'xmlUrl="ukraine.atom"'),
    ("address", OPML, f'htmlUrl="{ALL}ukraine/"', 'htmlUrl="/ukraine/"'),
    ("language", OPML, 'language="en"', 'language="English"'),
    ("unique", OPML, "ukraine.atom", "turkey.atom"),
    ("outline", "sources.opml", 'text="Agency A &amp; Sons"', 'text=""'),
    ("direction", JSON, '<div dir=\\"rtl\\" lang=\\"ar\\">', "<div>"),
]


@pytest.mark.parametrize(
    ("rule", "name", "old", "new"), [pytest.param(*row, id=f"{row[1]}, {row[0]}: {row[2][:30]}") for row in RULES]
)
def test_each_rule_has_a_document_that_it_rejects(rule: str, name: str, old: str, new: str) -> None:
    found = judged(name, broken(name, old, new))
    assert rule in {finding.partition(":")[0] for finding in found}, found


def test_no_rule_is_without_such_a_document() -> None:
    named = set(re.findall(r"""(?:yield |\(|\[)f?["']([a-z][a-z -]*): """, inspect.getsource(rules)))
    assert len(named) > 30
    assert named - {rule for rule, *_ in RULES} == set()


GRAMMAR = [
    pytest.param(ATOM, ENTRY_ID, "", "missing required element", id="an entry without id"),
    pytest.param(ATOM, ENTRY_ID, ENTRY_ID * 2, 'element "id" not allowed', id="two ids"),
    pytest.param(ATOM, ENTRY_ID, "<id>story 1</id>", "invalid", id="an id that is no URI"),
    pytest.param(ATOM, "<title>Foreign desk: Ukraine</title>", "", "missing required", id="a feed without title"),
    pytest.param(ATOM, "<updated>2026-11-22T06:03:00+00:00</updated>", "", "missing", id="a feed without date"),
    pytest.param(ATOM, "2026-11-22T06:03:00+00:00", "2026-11-22T06:03:00", "invalid", id="a date without zone"),
    pytest.param(ATOM, "2026-11-22T06:03:00+00:00", "22 Nov 2026", "invalid", id="a date of RSS"),
    pytest.param(ATOM, "<id>urn:agency:a</id>", "", "missing required", id="a source without id"),
    pytest.param(ATOM, 'href="https://a.example.com/0?a=1&amp;b=2"', "", "missing required attribute", id="no href"),
    pytest.param(ATOM, 'rel="via"', 'rel="Via!"', "invalid", id="a relation that is none"),
    pytest.param(ATOM, 'type="audio/mpeg"', 'type="mp3"', "invalid", id="no media type"),
    pytest.param(ATOM, 'hreflang="tr"', 'hreflang="türkçe"', "invalid", id="no language"),
    pytest.param(ATOM, 'xml:lang="tr"', 'xml:lang="tr TR"', "invalid", id="nor this one"),
    pytest.param(ATOM, 'length="7"', 'length="long"', "invalid", id="a length that is no number"),
    pytest.param(ATOM, 'term="ukraine"', 'term=""', "invalid", id="an empty category"),
    pytest.param(ATOM, "<name>Ada Byline</name>", "<name> </name>", "invalid", id="a person without name"),
    pytest.param(ATOM, "<name>Ada Byline</name>", "", "missing required element", id="no name at all"),
    pytest.param(ATOM, '<summary type="html"', '<summary type="CDATA"', "invalid", id="a type that is none"),
    pytest.param(ATOM, '<content type="html"', '<content type="html" src="https://e.org/"', "not allowed", id="src"),
    pytest.param(ATOM, "</feed>", "", "must|XML", id="an end that is missing"),
    pytest.param(ATOM, "<entry", "<entries/><entry", 'element "entries" not allowed', id="nor here"),
    pytest.param(ATOM, "<icon>https://", "<icon>//", "invalid", id="an icon without scheme"),
    pytest.param(
        ARCHIVE,
        "<fh:archive",
        '<fh:complete xmlns:fh="http://purl.org/syndication/history/1.0"/><fh:archive',
        "not allowed",
        id="another word of RFC 5005",
    ),
]
RUBY = [
    pytest.param(ATOM, ENTRY_ID, "", "MissingTag", id="Atom: an entry without id"),
    pytest.param(ATOM, ENTRY_ID, ENTRY_ID * 2, "TooMuchTag", id="Atom: two ids"),
    pytest.param(ATOM, "<title>Foreign desk: Ukraine</title>", "", "MissingTag", id="Atom: a feed without title"),
    pytest.param(ATOM, "2026-11-22T06:03:00+00:00", "today", "NotAvailableValue", id="Atom: no date"),
    pytest.param(ATOM, "<name>Ada Byline</name>", "", "MissingTag", id="Atom: a person without name"),
    pytest.param(ATOM, '<summary type="html"', '<summary type="CDATA"', "NotAvailableValue", id="Atom: no type"),
    pytest.param(ATOM, 'term="ukraine"', "", "MissingAttribute", id="Atom: a category without term"),
    pytest.param(RSS, f"<link>{ALL}ukraine/</link>", "", "MissingTag", id="RSS: a channel without link"),
    pytest.param(
        RSS, "<description>Ukraine, its people and politics.</description>", "", "MissingTag", id="RSS: nor description"
    ),
    pytest.param(RSS, "<ttl>15", "<ttl>often", "NotAvailableValue", id="RSS: a ttl that is no number"),
    pytest.param(RSS, "<pubDate>Sun, 22 Nov 2026 06", "<pubDate>today 06", "NotAvailableValue", id="RSS: no date"),
    pytest.param(RSS, 'isPermaLink="false"', 'isPermaLink="no"', "NotAvailableValue", id="RSS: neither true nor false"),
    pytest.param(RSS, ' length="7"', "", "MissingAttribute", id="RSS: an enclosure without length"),
    pytest.param(
        RSS,
        "<title>Foreign desk: Ukraine</title>",
        "<title>a</title><title>b</title>",
        "TooMuchTag",
        id="RSS: two titles",
    ),
    pytest.param(RSS, "</rss>", "", "NotWellFormed", id="RSS: an end that is missing"),
]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, bytes], list[str]]:
    """What the two programs say against all documents of this page: each program is started once."""
    folder = tmp_path_factory.mktemp("judges")
    found: dict[tuple[str, bytes], list[str]] = {}
    programs: list[tuple[Program, list[Any], pytest.MarkDecorator]] = [
        (jing, GRAMMAR, needs_jing),
        (ruby, RUBY, needs_ruby),
    ]
    for program, rows, missing in programs:
        if missing.args[0]:
            continue
        documents = [(row.values[0], broken(*row.values[:3])) for row in rows]
        documents += [
            (name, body) for name, body in GOOD.items() if name in (ATOM, ARCHIVE, *([RSS] * (program is ruby)))
        ]
        paths = [folder / f"{program.__name__}-{number}.xml" for number in range(len(documents))]
        for path, (_, body) in zip(paths, documents, strict=True):
            path.write_bytes(body)
        said = program(paths)
        found |= {(program.__name__, body): said[path] for path, (_, body) in zip(paths, documents, strict=True)}
    return found


@needs_jing
@pytest.mark.parametrize(("name", "old", "new", "words"), GRAMMAR)
def test_the_grammar_rejects(
    verdicts: Mapping[tuple[str, bytes], list[str]], name: str, old: str, new: str, words: str
) -> None:
    found = verdicts["jing", broken(name, old, new)]
    assert re.search(words, " ".join(found)), found


@needs_ruby
@pytest.mark.parametrize(("name", "old", "new", "words"), RUBY)
def test_ruby_rejects(
    verdicts: Mapping[tuple[str, bytes], list[str]], name: str, old: str, new: str, words: str
) -> None:
    found = verdicts["ruby", broken(name, old, new)]
    assert re.search(words, " ".join(found)), found


@needs_jing
@needs_ruby
def test_both_programs_find_nothing_in_what_we_publish(verdicts: Mapping[tuple[str, bytes], list[str]]) -> None:
    good = {
        (program, name): verdicts.get((program, body)) for name, body in GOOD.items() for program in ("jing", "ruby")
    }
    assert {key: said for key, said in good.items() if said is not None} == {
        ("jing", ATOM): [],
        ("jing", ARCHIVE): [],
        ("ruby", ATOM): [],
        ("ruby", ARCHIVE): [],
        ("ruby", RSS): [],
    }
