"""Atom and RSS as other programs will read them; each defect of feedgen 1.0.0 that we mend has a test of its own."""

from __future__ import annotations

import json
import locale
import re
from calendar import timegm
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Literal

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from feeds.model import Also, Enclosure, Entry, Image
from feeds.publish.atom_rss import atom, fragments, join, rss
from feeds.publish.channel import Channel, channel, clean_site, clean_topic
from feeds.publish.entry import Shown, show
from feeds.publish.jsonfeed import item
from feeds.publish.words import load
from tests.real import needs_data
from tests.unit.publish.publish_samples import ORIGIN, SITE, START, TOPICS, UKRAINE, hostile, shown, stories, texts
from tests.unit.publish.real_entries import real_entries

NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}
HUB = "https://hub.example.org/"


def head(*entries: Shown, hubs: tuple[str, ...] = (HUB,)) -> Channel:
    return channel(SITE, UKRAINE, entries, hubs=hubs)


def find(document: bytes, path: str) -> list[etree._Element]:
    found = etree.fromstring(document).xpath(path, namespaces=NAMES)
    assert isinstance(found, list)
    return [element for element in found if isinstance(element, etree._Element)]


def attributes(element: etree._Element) -> dict[str, str]:
    return {str(key): str(value) for key, value in element.items()}


def words(document: bytes, path: str) -> list[str]:
    return [element.text or "" for element in find(document, path)]


def test_atom_entry_links_keep_all_their_attributes() -> None:
    mp3 = Enclosure(url="https://a.example.com/1.mp3", type="audio/mpeg", length=7)
    document = atom(head(), [shown(enclosures=(mp3,))])
    assert [attributes(link) for link in find(document, "a:entry/a:link")] == [
        {"rel": "alternate", "type": "text/html", "hreflang": "en", "href": "https://a.example.com/0?a=1&b=2"},
        {"rel": "via", "type": "application/rss+xml", "href": ORIGIN.url, "title": ORIGIN.title},
        {"rel": "related", "type": "text/html", "href": "https://b.example.net/0", "title": "Agency B: The same <b>"},
        {"rel": "related", "type": "text/html", "href": "https://c.example.net/0", "title": "Ajans C: Aynısı"},
        {"rel": "enclosure", "type": "audio/mpeg", "length": "7", "href": mp3.url},
    ]


def test_at_most_ten_other_outlets_are_linked() -> None:
    also = tuple(
        Also(outlet=f"Outlet {nth}", title="x", url=f"https://b.example.net/{nth}", published=START)
        for nth in range(12)
    )
    related = find(atom(head(), [shown(also=also)]), "a:entry/a:link[@rel='related']")
    assert [link.get("href") for link in related] == [f"https://b.example.net/{nth}" for nth in range(10)]


def test_the_channel_links_to_the_page_whatever_else_is_linked() -> None:
    document = rss(head(), [shown()])
    assert words(document, "channel/link") == [SITE.url + "ukraine/"]


@pytest.mark.parametrize(
    ("render", "path", "kind"),
    [
        pytest.param(atom, "a:link", "application/atom+xml", id="atom"),
        pytest.param(rss, "channel/a:link", "application/rss+xml", id="rss"),
    ],
)
def test_self_and_hub_stand_in_both_formats_each_with_its_own_address(
    render: Callable[[Channel, Sequence[Shown]], bytes], path: str, kind: str
) -> None:
    links = {link.get("rel"): link for link in find(render(head(), [shown()]), path)}
    assert links["self"].get("type") == kind
    assert links["self"].get("href") == SITE.url + f"ukraine.{render.__name__}"
    assert links["hub"].get("href") == HUB
    assert "hub" not in {link.get("rel") for link in find(render(head(hubs=()), [shown()]), path)}


def test_dates_do_not_touch_the_locale_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise AssertionError("setlocale() is process-wide")

    monkeypatch.setattr(locale, "setlocale", refuse)
    document = rss(head(shown()), [shown()])
    assert words(document, "channel/item/pubDate") == ["Sun, 22 Nov 2026 06:00:00 +0000"]


def test_the_feed_is_as_new_as_its_newest_entry() -> None:
    entries = [shown(1), shown(0), shown(2)]
    assert words(atom(head(*entries), entries), "a:updated") == ["2026-11-22T06:03:00+00:00"]
    assert words(rss(head(*entries), entries), "channel/lastBuildDate") == ["Sun, 22 Nov 2026 06:03:00 +0000"]


def test_an_empty_feed_is_as_old_as_the_authority_of_the_site() -> None:
    assert words(atom(head(), []), "a:updated") == ["2026-11-01T00:00:00+00:00"]
    assert not find(rss(head(), []), "channel/item")


def test_entries_keep_their_order() -> None:
    entries = [shown(nth) for nth in (2, 0, 1)]
    assert words(atom(head(), entries), "a:entry/a:id") == [e.id for e in entries]
    assert words(rss(head(), entries), "channel/item/guid") == [e.id for e in entries]


def test_atom_source_is_whole_and_moves_only_with_its_entry() -> None:
    (source,) = find(atom(head(), [shown(1)]), "a:entry/a:source")
    found = [(etree.QName(e).localname, e.text or attributes(e)) for e in source]
    assert found == [
        ("id", "urn:agency:a"),
        ("title", ORIGIN.title),
        ("updated", "2026-11-22T05:56:00.000001Z"),
        ("link", {"rel": "self", "type": "application/rss+xml", "href": ORIGIN.url}),
        ("link", {"rel": "alternate", "type": "text/html", "href": ORIGIN.home}),
        ("rights", "© Agency A"),
    ]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        pytest.param("atom10", "application/atom+xml", id="Atom"),
        pytest.param("rss092", "application/rss+xml", id="RSS 0.92"),
        pytest.param("rss10", "application/rdf+xml", id="RSS 1.0 is RDF"),
        pytest.param("json11", "application/feed+json", id="JSON Feed"),
        pytest.param("unknown", None, id="what nobody knows has no type"),
        pytest.param("", None, id="nor what was never read"),
    ],
)
def test_the_link_to_the_source_tells_its_type(form: str, expected: str | None) -> None:
    document = atom(head(), [shown(origin=replace(ORIGIN, format=form))])
    assert [link.get("type") for link in find(document, "//a:link[@rel='via'] | //a:source/a:link[@rel='self']")] == [
        expected,
        expected,
    ]


def test_a_thumbnail_stands_straight_under_its_entry() -> None:
    image = Image(url="https://a.example.com/p.jpg", width=640)
    for document, path in (
        (atom(head(), [shown(image=image)]), "a:entry"),
        (rss(head(), [shown(image=image)]), "//item"),
    ):
        (thumbnail,) = find(document, path + "/media:thumbnail")
        assert attributes(thumbnail) == {"url": image.url, "width": "640"}
        assert b"xmlns:ns" not in document


def test_rss_has_at_most_one_enclosure_and_it_has_all_three_attributes() -> None:
    files = tuple(Enclosure(url=f"https://a.example.com/{nth}.bin") for nth in range(2))
    (enclosure,) = find(rss(head(), [shown(enclosures=files)]), "//item/enclosure")
    assert attributes(enclosure) == {"url": files[0].url, "length": "0", "type": "application/octet-stream"}


def test_titles_are_text_in_atom_and_unmistakable_in_rss() -> None:
    title = "AT&T <b>wins</b> at 1 < 2"
    assert words(atom(head(), [shown(title=title)]), "a:entry/a:title") == [title]
    document = rss(head(), [shown(title=title)])
    assert words(document, "//item/title") == ["AT&T ‹b›wins‹/b› at 1 ‹ 2"]
    assert "<title>AT&#x26;T ‹b›".encode() in document


def test_no_text_of_an_rss_item_can_be_taken_for_markup() -> None:
    """RSS does not say of its author, source or rights either whether they are HTML."""
    active, shy = "<img src=x onerror=alert(1)>", "‹img src=x onerror=alert(1)›"
    story = shown(authors=(active,), rights=active, origin=replace(ORIGIN, title=active))
    document = rss(head(), [story])
    assert words(document, "//item/source") == [shy]
    assert words(document, "//item/dc:creator") == [shy]
    assert words(document, "//item/dc:rights") == [shy]
    assert words(atom(head(), [story]), "a:entry/a:author/a:name") == [active]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        pytest.param("ar", "ar", id="its own"),
        pytest.param("", "und", id="unknown, so that it does not inherit the feed's"),
    ],
)
def test_languages_are_named_in_all_formats(language: str, told: str) -> None:
    entries = [shown(language=language, title="محادثات")]
    (entry,) = find(atom(head(), entries), "a:entry")
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == told
    assert words(rss(head(), entries), "//item/dc:language") == [told]
    assert json.loads(item(entries[0]))["language"] == told


def test_rss_names_source_creator_and_rights() -> None:
    document = rss(head(), [shown()])
    (source,) = find(document, "//item/source")
    assert (source.get("url"), source.text) == (ORIGIN.url, ORIGIN.title)
    assert words(document, "//item/dc:creator") == ["Agency A & Sons, Ada Byline"]
    assert words(document, "//item/dc:rights") == ["© Agency A 2026"]
    assert not find(document, "//item/author")


def test_the_guid_is_no_permalink() -> None:
    (guid,) = find(rss(head(), [shown()]), "//item/guid")
    assert guid.get("isPermaLink") == "false"


def test_the_whole_text_is_carried_under_the_policy_full_alone() -> None:
    full = shown(policy="full", content="<h2>All</h2>")
    assert [e.get("type") for e in find(atom(head(), [full]), "a:entry/a:content")] == ["html"]
    assert words(rss(head(), [full]), "//item/content:encoded")[0].startswith("<h2>All</h2>")
    order = [etree.QName(e).localname for e in find(rss(head(), [full]), "//item/*")]
    assert order.index("description") < order.index("encoded")
    for document in (atom(head(), [shown()]), rss(head(), [shown()])):
        assert not find(document, "//a:content | //content:encoded")


def test_categories_carry_scheme_and_label() -> None:
    categories = [attributes(c) for c in find(atom(head(), [shown()]), "a:entry/a:category")]
    assert {"term": "ukraine", "scheme": SITE.url + "topics", "label": "Ukraine"} in categories
    assert "Ukraine" in words(rss(head(), [shown()]), "//item/category")


def test_what_stands_at_the_head_of_the_feeds() -> None:
    document, other = atom(head(), []), rss(head(), [])
    assert words(document, "a:id") == ["tag:news.example.org,2026-11:topic/ukraine"]
    assert words(document, "a:title") == words(other, "channel/title") == ["Foreign desk: Ukraine"]
    assert words(document, "a:author/a:name") == ["Foreign desk"]
    assert words(document, "a:author/a:uri") == [SITE.url + "about/"]
    assert words(document, "a:icon") == [SITE.url + "favicon.ico"]
    assert words(document, "a:subtitle") == words(other, "channel/description") == [UKRAINE.description]
    assert words(document, "a:rights") == words(other, "channel/copyright") == [load("en").plain("rights")]
    assert words(document, "a:generator") == words(other, "channel/generator") == ["topic-feeds"]
    assert words(other, "channel/ttl") == ["15"]
    assert words(other, "channel/language") == ["en"]


def test_a_reader_gets_back_what_was_put_in() -> None:
    entries = [shown(nth, title=each.title, language=each.language) for nth, each in enumerate(stories())]
    for render in (atom, rss):
        parsed = feedparser.parse(render(head(*entries), entries), sanitize_html=False)
        assert not parsed.bozo
        assert [e.id for e in parsed.entries] == [e.id for e in entries]
        assert [e.link for e in parsed.entries] == [e.url for e in entries]
        titles = [e.title if render is atom else re.sub("<", "‹", e.title).replace(">", "›") for e in entries]
        assert [e.title for e in parsed.entries] == titles
        dates = [datetime.fromtimestamp(timegm(e.published_parsed), UTC) for e in parsed.entries]
        assert dates == [e.published for e in entries]


HOSTILE = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(("form", "whole"), [("atom", atom), ("rss", rss)])
@HOSTILE
@given(entries=st.lists(hostile, max_size=5), texts=st.tuples(texts, texts), hubs=st.sampled_from([(), (HUB,)]))
def test_what_is_joined_is_what_feedgen_writes(
    form: Literal["atom", "rss"],
    whole: Callable[[Channel, Sequence[Shown]], bytes],
    entries: list[Entry],
    texts: tuple[str, str],
    hubs: tuple[str, ...],
) -> None:
    """Byte for byte, whatever stands in entries and head, written alone or together."""
    stories = list(ready(entries))
    site, topic = clean_site(replace(SITE, title=texts[0])), clean_topic(replace(UKRAINE, description=texts[1]))
    top = channel(
        site, topic, stories, hubs=hubs, previous=date(2026, 11, 20), day=date(2026, 11, 22) if hubs else None
    )
    together = fragments(stories, form)
    assert join(top, form, together) == whole(top, stories)
    assert [fragment for story in stories for fragment in fragments([story], form)] == together


@pytest.mark.parametrize(("form", "whole"), [("atom", atom), ("rss", rss)])
def test_what_is_kept_of_a_head_is_all_but_its_time(
    form: Literal["atom", "rss"], whole: Callable[[Channel, Sequence[Shown]], bytes]
) -> None:
    old = replace(head(), updated=START)
    new, other = replace(old, updated=START.replace(microsecond=7)), replace(old, title="2000-01-01T00:00:00+00:00")
    for each in (old, new, old, other):
        assert join(each, form, ()) == whole(each, ())


def ready(entries: list[Entry]) -> Iterator[Shown]:
    """Those that can be written."""
    for each in entries:
        with suppress(ValueError):
            yield show(each, site=SITE, topics={topic.name: topic for topic in TOPICS})


@needs_data
def test_what_is_joined_of_real_entries_is_what_feedgen_writes() -> None:
    stories = list(ready(real_entries(400)))
    assert len(stories) >= 300
    assert join(head(*stories), "atom", fragments(stories, "atom")) == atom(head(*stories), stories)
    assert join(head(*stories), "rss", fragments(stories, "rss")) == rss(head(*stories), stories)


def test_an_entry_that_feedgen_cannot_write_raises() -> None:
    object.__setattr__(broken := shown(), "title", "\x00")
    for form in ("atom", "rss"):
        with pytest.raises(ValueError, match="XML"):
            fragments([shown(1), broken], form)
