"""Reading what is new of a document: known items are counted, edited ones are new, and doubt reads it whole."""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest

from feeds.model import Document, Facts, RawFeed, Unreadable
from feeds.read import feed, parser, split
from feeds.read.entries import MOST
from feeds.read.feed import read_feed
from tests.unit.read.read_samples import ROOT, URL, facts


def rss(*titles: str, head: str = "") -> str:
    items = "".join(f"<item><guid>{title}</guid><title>{title}</title></item>" for title in titles)
    return f'<rss version="2.0"><channel><title>t</title>{head}{items}</channel></rss>'


def read(body: str, known: Collection[bytes] = (), *, one_in: int = 1 << 62, **more: Any) -> RawFeed:
    given: Facts = replace(facts(*known), **more)
    found = read_feed(Document(url=URL, body=body.encode()), given, one_in=one_in)
    assert isinstance(found, RawFeed), found
    return found


def titles(found: RawFeed) -> list[str]:
    return [entry.title.value for entry in found.entries]


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Lengths of what feedparser is given."""
    lengths: list[int] = []
    original = parser.parse

    def parse(body: bytes, *, base: str) -> Any:
        lengths.append(len(body))
        return original(body, base=base)

    monkeypatch.setattr(parser, "parse", parse)
    return lengths


def test_known_items_never_reach_the_parser(parsed: list[int]) -> None:
    first = read(rss("a", "b", "c"))
    again = read(rss("new", "a", "b", "c", head="<ttl>5</ttl>"), first.slices)
    assert titles(again) == ["new"]
    assert (again.known, len(again.slices), again.head.ttl) == (3, 4, 300)
    assert again.slices[1:] == first.slices
    assert [entry.slice for entry in again.entries] == [again.slices[0]]
    nothing = read(rss("a", "b", "c"), first.slices)
    assert (nothing.entries, nothing.known, nothing.head.title) == ((), 3, "t")
    assert parsed == [len(rss("a", "b", "c")), len(rss("new", head="<ttl>5</ttl>")), len(rss())]


def test_an_edited_item_is_new() -> None:
    first = read(rss("a", "b"))
    again = read(rss("a", "b").replace("<title>b", "<title>B"), first.slices)
    assert (titles(again), again.known) == (["B"], 1)


def test_a_source_that_is_read_whole(parsed: list[int]) -> None:
    first = read(rss("a", "b"))
    whole = read(rss("a", "b"), first.slices, whole=True)
    assert titles(whole) == ["a", "b"]
    assert parsed == [len(rss("a", "b"))] * 2
    assert whole.slices == (), "there digests serve as slices"


def test_equal_items_are_one_slice() -> None:
    first = read(rss("a", "a"))
    assert (titles(first), len(set(first.slices))) == (["a", "a"], 1)
    assert read(rss("a", "a"), first.slices).known == 2


# fmt: off
DATES = {
    "newest first": (lambda n: f"<pubDate>{rfc822(MOST + 5 - n)}</pubDate>", slice(0, MOST)),
    "oldest first": (lambda n: f"<pubDate>{rfc822(n)}</pubDate>", slice(5, MOST + 5)),
    "oldest first, as Dublin Core has it": (
        lambda n: f"<d:date xmlns:d='http://purl.org/dc/elements/1.1/'>{2000 + n}-01-02T00:00:00Z</d:date>",
        slice(5, MOST + 5)),
    "oldest first, in CDATA": (
        lambda n: f"<pubDate><![CDATA[{rfc822(n)}]]></pubDate>", slice(5, MOST + 5)),
    "oldest first, by references to characters": (
        lambda n: f"<pubDate>{rfc822(n).replace(' ', '&#32;')}</pubDate>", slice(5, MOST + 5)),
    "oldest first, with a comment before the date": (
        lambda n: f"<pubDate><!-- of old -->{rfc822(n)}</pubDate>", slice(5, MOST + 5)),
    "oldest first, beside a date that is text": (
        lambda n: f"<description>&lt;b> <![CDATA[<pubDate>{rfc822(9999 - n)}</pubDate>]]></description>"
        f"<pubDate>{rfc822(n)}</pubDate>", slice(5, MOST + 5)),
    "without dates": (lambda n: "", slice(0, MOST)),
    "dates that are none": (lambda n: "<pubDate>yesterday</pubDate>", slice(0, MOST)),
}
# fmt: on


CONTENT = "http://purl.org/rss/1.0/modules/content/"


def rfc822(day: int) -> str:
    return f"{1 + day % 28:02} Jan {2000 + day // 28} 06:00:00 GMT"


@pytest.mark.parametrize("end", ["", "</nothing>"], ids=["well-formed", "malformed"])
@pytest.mark.parametrize(("date", "kept"), DATES.values(), ids=DATES)
def test_the_newest_thousand_items_are_read_and_the_others_counted(date: Any, kept: slice, end: str) -> None:
    items = "".join(f"<item><title>{n}</title>{date(n)}</item>" for n in range(MOST + 5))
    body = f'<rss version="2.0"><channel>{items}</channel></rss>{end}'
    found = read(body)
    assert titles(found) == [str(n) for n in range(MOST + 5)][kept]
    assert found.cuts == {"items": 5}
    if not end:
        again = read(body, found.slices, one_in=1)
        assert (again.entries, again.known, again.cuts, again.differs) == ((), MOST, {"items": 5}, "")


def test_the_ends_of_many_items_are_those_that_the_parser_can_be_shown() -> None:
    deep = "<item><pubDate>{}</pubDate>" + "<a>" * 300 + "</a>" * 300 + "</item>"
    items = "".join(f"<item><title>{n}</title><pubDate>{rfc822(n)}</pubDate></item>" for n in range(MOST + 2))
    found = read(rss().replace("</channel>", f"{deep.format(rfc822(9999))}{items}{deep.format('')}</channel>"))
    assert (titles(found)[0], found.entries[-1].trouble[:8], len(found.slices)) == ("3", "too_deep", MOST)
    drowned = "<item>" + "<a>" * 300 + "</a>" * 300 + "</item>"
    assert len(read(rss().replace("</channel>", f"{drowned * (MOST + 1)}</channel>")).entries) == MOST


def test_many_items_whose_ends_are_not_what_the_splitter_took_them_for(monkeypatch: pytest.MonkeyPatch) -> None:
    original = parser.parse

    def parse(body: bytes, *, base: str) -> Any:
        result, cuts = original(body, base=base)
        return result.update(entries=result.entries[:1] if len(result.entries) == 2 else result.entries) or result, cuts

    monkeypatch.setattr(parser, "parse", parse)
    found = read(rss(*map(str, range(MOST + 1))))
    assert (len(found.entries), found.slices) == (MOST, ()), "read whole"


def test_floods_and_long_fields_are_cut_by_name() -> None:
    body = (
        rss("a")
        .replace("<channel>", "<channel>" + "\n" * 2000)
        .replace("</item>", f"<author>{'x' * 999}</author></item>")
    )
    assert read(body).cuts == {"blank_lines": 1, "long_name": 1}


def test_by_default_one_document_in_so_many_as_is_told_is_read_both_ways() -> None:
    guide = " ".join((ROOT / "docs" / "guide.md").read_text().split())
    (number,) = re.findall(r"Of (\d+) documents read in part one is read both ways", guide)
    assert inspect.signature(read_feed).parameters["one_in"].default == int(number)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(("lines", "cuts"), [(1000, {}), (70_000, {"blank_lines": 1})])
def test_a_flood_before_all_else_is_counted(lines: int, cuts: dict[str, int], encoding: str) -> None:
    body = ("\n" * lines + rss("a")).encode(encoding)
    found = read_feed(Document(url=URL, body=body), facts())
    assert isinstance(found, RawFeed)
    assert (titles(found), found.cuts) == (["a"], cuts)


@pytest.mark.parametrize("whole", [False, True])
def test_an_item_that_drowns_the_parser_is_told_and_the_others_are_read(whole: bool) -> None:
    deep = "<item><title>deep</title>" + "<a>" * 300 + "</a>" * 300 + "</item>"
    wide = "<item " + " ".join(f"a{n}=''" for n in range(300)) + "/>"
    body = rss("a", "b").replace("</channel>", f"{deep}<item {wide[6:-2]}></item></channel>")
    found = read(body, whole=whole)
    assert titles(found) == ["a", "b", "", ""]
    assert [entry.trouble[:8] for entry in found.entries] == ["", "", "too_deep", "too_deep"]
    assert len({entry.guid for entry in found.entries}) == 4
    again = read(body, found.slices, one_in=1)
    assert (again.known, again.differs) == (0 if whole else 4, "")


@pytest.mark.parametrize("start", ["", "<!DOCTYPE rss>"], ids=["read in part", "read whole"])
def test_no_more_than_a_thousand_items_that_drown_the_parser_are_told(start: str) -> None:
    wide = "".join(f" a{n}=''" for n in range(300))
    found = read(start + f'<rss version="2.0"><channel>{f"<item{wide}></item>" * (MOST + 5)}</channel></rss>')
    assert (len(found.entries), found.cuts) == (MOST, {"items": 5})
    assert {entry.trouble[:8] for entry in found.entries} == {"too_deep"}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param("<rss>" + "<a>" * 1000, "too_deep", id="deep"),
        pytest.param('<!DOCTYPE r [<!ENTITY a "&b;">]><rss/>', "dtd_entities", id="entities"),
        pytest.param("<rss " + " ".join(f'a{n}=""' for n in range(999)) + "/>", "too_many_attributes", id="attributes"),
    ],
)
def test_what_is_refused(body: str, why: str) -> None:
    found = read_feed(Document(url=URL, body=body.encode()), facts())
    assert isinstance(found, Unreadable)
    assert found.why == why


def test_the_first_item_inherits_nothing_that_the_second_does_not() -> None:
    """feedparser remembers of the head that it had content, until the first item ends."""
    body = (
        '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>'
        "<itunes:summary>of the feed</itunes:summary><description>more of it</description>{}</channel></rss>"
    )
    item = "<item><title>{}</title><itunes:summary>short</itunes:summary><description>long</description></item>"
    first, second = read(body.format(item.format(1) + item.format(2))).entries
    assert (
        (first.summary.value, first.content.value) == (second.summary.value, second.content.value) == ("short", "long")
    )


@pytest.mark.parametrize(
    "first",
    [
        "<description><title>h</title></description>",
        "<description><body>x</body></description>",
        "<copyright><info>x</info></copyright>",
        "<source><title>x",
        f"<c:encoded xmlns:c='{CONTENT}'><description>x</description></c:encoded>",
    ],
)
def test_no_item_changes_how_the_next_one_is_read(first: str) -> None:
    """feedparser counts how deep in content it is, and is off by one after content in content."""
    closing = "</title></source>" if first.startswith("<source>") else ""
    one = f"<item>{first}{closing}</item>"
    title, text = "<title>Why &lt;main&gt; matters</title>", "<description>x &lt;b&gt;y&lt;/b&gt;</description>"
    two = f"<item>{title}<author>a</author>{text}</item>"
    both = read(f'<rss version="2.0"><channel>{one}{two}</channel></rss>')
    alone = read(f'<rss version="2.0"><channel>{two}</channel></rss>')
    assert replace(both.entries[1], slice=b"") == replace(alone.entries[0], slice=b"")


ATOM = "http://www.w3.org/2005/Atom"
LAST = "<item><guid>2</guid><title>b</title><link>p/2</link></item>"
# fmt: off
LEFT_BEHIND = {
    "a base, behind a div in text": (
        '<item xml:base="https://other.example/x/"><guid>1</guid><description>q <div>t</div></description></item>', ""),
    "a language, behind a div in text": (
        '<item xml:lang="ru"><guid>1</guid><description>q <div>t</div></description></item>', ""),
    "a base of its own, of a div in text": (
        '<item><guid>1</guid><description>q <div xml:base="https://other.example/x/">t</div></description></item>', ""),
    "base and language, behind a div in a title of the head": (
        "<item><guid>1</guid></item>",
        f'<a:title xmlns:a="{ATOM}" xml:base="d/" xml:lang="ru"><div>t</div></a:title>'),
}
# fmt: on


@pytest.mark.parametrize(("first", "head"), LEFT_BEHIND.values(), ids=LEFT_BEHIND)
def test_no_element_leaves_its_base_and_language_behind(first: str, head: str) -> None:
    body = f'<rss version="2.0"><channel>{head}{first}{LAST}</channel></rss>'
    found = read(body)
    last = found.entries[1]
    assert (last.link, last.title.language, last.title.base) == ("https://news.example/p/2", "", "")
    (alone,) = read(body, found.slices[:1], one_in=1).entries
    assert alone == last


def test_hours_that_stand_in_an_item_are_not_those_of_the_feed() -> None:
    hours = "<skipHours><hour>{}</hour></skipHours>"
    body = rss("a", "b", head=hours.format(1)).replace("</item>", hours.format(2) + "</item>")
    found = read(body)
    again = read(body, found.slices, one_in=1)
    assert (found.head.skip_hours, again.head.skip_hours, again.differs) == (1 << 1, 1 << 1, "")


# ------------------------------------------------------------------------------------------- read both ways


def test_a_sample_is_read_both_ways_and_agrees(parsed: list[int]) -> None:
    first = read(rss("a", "b"))
    again = read(rss("new", "a", "b"), first.slices, one_in=1)
    assert (titles(again), again.known, again.differs) == (["new"], 2, "")
    assert len(parsed) == 4, "in part, whole, and in part as if the first and the last item were new"
    nothing_left_out = read(rss("new"), one_in=1)
    assert (titles(nothing_left_out), len(parsed)) == (["new"], 5)


def test_one_document_in_so_many(parsed: list[int]) -> None:
    known = read(rss("a")).slices
    parsed.clear()
    for number in range(400):
        read(rss("a", head=f"<ttl>{number}</ttl>"), known, one_in=10)
    assert 400 + 2 * 20 < len(parsed) < 400 + 2 * 70


DC = "http://purl.org/dc/elements/1.1/"
ONE = f'<item xmlns:z="{DC}"><title>one</title><z:creator>x</z:creator></item>'
OTHER = '<item xmlns:z="urn:y"><title>other</title><z:creator>y</z:creator></item>'


def test_a_difference_is_told_and_the_whole_reading_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the splitter did not know that one item's prefixes change how feedparser reads another."""
    monkeypatch.setattr(split._Prefixes, "trouble", lambda self, prefix, uri: "")
    known = read(f'<rss version="2.0"><channel>{ONE}</channel></rss>').slices
    body = f'<rss version="2.0"><channel>{ONE}{OTHER}</channel></rss>'
    unnoticed = read(body, known)
    assert [(entry.title.value, entry.authors) for entry in unnoticed.entries] == [("other", ())]
    noticed = read(body, known, one_in=1)
    assert noticed.differs == "item 2 of 2"
    assert [(entry.title.value, entry.authors) for entry in noticed.entries] == [("one", ("x",)), ("other", ("y",))]
    assert noticed.slices == ()


def test_another_window_is_told_though_nothing_of_it_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the dates at the ends could not be read in part, of a feed that lists the oldest first."""
    items = "".join(f"<item><title>{n}</title><pubDate>{rfc822(n)}</pubDate></item>" for n in range(MOST + 5))
    body = f'<rss version="2.0"><channel>{items}</channel></rss>'
    monkeypatch.setattr(feed, "_window", lambda split, document: range(MOST))
    known = read(body).slices
    assert read(body, known).known == MOST
    noticed = read(body, known, one_in=1)
    assert (noticed.differs, noticed.known, titles(noticed)[-1]) == ("item 1 of 1000", 0, str(MOST + 4))


def test_ends_that_cannot_be_read_in_part_are_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    known = read(rss("a", "b")).slices
    original = parser.parse

    def parse(body: bytes, *, base: str) -> Any:
        result, cuts = original(body, base=base)
        return result.update(bozo=result.bozo or b"<title>b" in body) or result, cuts

    monkeypatch.setattr(parser, "parse", parse)
    assert read(rss("new", "a", "b"), known, one_in=1).differs == "the first and the last item"


def test_items_that_drown_the_parser_are_no_difference() -> None:
    """Read whole they stand behind the others."""
    deep = "<item>" + "<a>" * 300 + "</a>" * 300 + "</item>"
    known = read(rss("a")).slices
    found = read(rss("a", "b").replace("<item>", f"{deep}<item>", 1), known, one_in=1)
    assert (titles(found), found.known, found.differs) == (["", "b"], 1, "")


def test_a_parser_that_sees_other_items_than_the_splitter(monkeypatch: pytest.MonkeyPatch) -> None:
    first = read(rss("a", "b"))
    original = parser.parse

    def parse(body: bytes, *, base: str) -> Any:
        result, cuts = original(body, base=base)
        if len(result.entries) == 1:
            result.entries.append(result.entries[0])
        return result, cuts

    monkeypatch.setattr(parser, "parse", parse)
    found = read(rss("new", "a", "b"), first.slices)
    assert (titles(found), found.known) == (["new", "a", "b"], 0)
