"""Pages for people: valid, relative, readable in any direction, without scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from posixpath import dirname, join, normpath
from typing import Any

import html5lib
import pytest

from feeds.model import Hit, Origin, Standing
from feeds.publish import clean
from feeds.publish.channel import archive_name
from feeds.publish.days import Day, day_name, render_day
from feeds.publish.page import HEADLINES, HEIGHT, WIDTH, Beside, bars, course
from feeds.publish.stories import story_name
from feeds.publish.topic import render_site, render_topic
from tests.unit.publish.publish_samples import ORIGIN, SITE, START, TOPICS, UKRAINE, entry, stories

STANDINGS = (
    Standing(origin=ORIGIN, how="answers"),
    Standing(origin=Origin(name="desk", title="Files", url=""), how="silent", since=START),
    Standing(origin=Origin(name="b", title="Agency B", url="https://b.example.net/rss"), how="refuses", since=START),
    Standing(origin=Origin(name="c", title="Ajans C", url="https://c.example.net/rss"), how="gone"),
    Standing(origin=Origin(name="d", title="Brand new", url="https://d.example.net/rss"), how="new"),
)
OWN = (
    "a-dance",
    entry(9, own_page=True, url="article/a-dance/", policy="excerpt", content="<h2>Scene</h2><p>Whole.</p>"),
)


SVG = "{http://www.w3.org/2000/svg}"
TODAY, DAY = START.date(), timedelta(days=1)
BESIDE = Beside(
    volume={TODAY - 2 * DAY: 3, TODAY - DAY: 0, TODAY: 12},
    days=[TODAY - nth * DAY for nth in range(1, 21)],
    standings=STANDINGS,
)


def site_files() -> Mapping[str, bytes]:
    """Everything a small site consists of."""
    entries = [*stories(), OWN[1]]
    topics = [render_topic(SITE, topic, entries, limit=9, all_topics=TOPICS, beside=BESIDE) for topic in TOPICS]
    fronts = [(topic, rendered.entries) for topic, rendered in zip(TOPICS, topics, strict=True)]
    around = render_site(SITE, fronts, standings=STANDINGS, own_pages=[OWN])
    archives = {archive_name(topic.name, day): b"" for topic in TOPICS for day in (TODAY, *BESIDE.days)}
    days = {day_name(topic.name, day): b"" for topic in TOPICS for day in BESIDE.days}
    between = Day(day=BESIDE.days[1], before=BESIDE.days[2], after=BESIDE.days[0])
    days[day_name("ukraine", between.day)] = render_day(SITE, UKRAINE, entries, between, all_topics=TOPICS)
    told = {story_name(each.id): b"" for each in entries}
    return {**around.files, **topics[0].files, **topics[1].files, **archives, **days, **told}


FILES = site_files()
PAGES = sorted(name for name in FILES if name.endswith(".html") and FILES[name])


def parsed(name: str) -> Any:
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(FILES[name].decode())


def attributes(name: str, path: str, attribute: str) -> list[str]:
    return [element.get(attribute) for element in parsed(name).findall(f".//{path}") if element.get(attribute)]


def test_all_pages_are_there() -> None:
    assert PAGES == [
        "about/index.html", "article/a-dance/index.html", "index.html", "turkey/index.html",
        "ukraine/2026-11-20.html", "ukraine/index.html",
    ]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
class TestEveryPage:
    def test_is_valid_html(self, name: str) -> None:
        tree = parsed(name)  # strict: raises at the first parse error
        ids = [element.get("id") for element in tree.iter() if element.get("id")]
        assert len(ids) == len(set(ids))
        assert len(tree.findall(".//h1")) == 1
        assert tree.find(".//main").get("id") == "main"

    def test_runs_nothing_and_takes_nothing_from_elsewhere(self, name: str) -> None:
        page = FILES[name].decode()
        assert not re.search(r"<script|<style|<iframe| style=| on[a-z]+=|@import", page)
        rels = {"icon", "alternate icon", "stylesheet"}
        fetched = [e.get("href") for e in parsed(name).findall(".//link") if e.get("rel") in rels]
        assert len(fetched) == 3
        assert not [url for url in fetched if ":" in url or url.startswith("/")]

    def test_leads_only_to_files_that_are_there(self, name: str) -> None:
        inside = [url for url in attributes(name, "a", "href") + attributes(name, "link", "href") if ":" not in url]
        assert len(inside) > 5
        for url in inside:
            path, _, anchor = url.partition("#")
            target = normpath(join(dirname(name), path)) if path else name
            page = normpath(join(target, "index.html")) if path.endswith("/") else target
            assert page in FILES, url
            assert not anchor or f'id="{anchor}"' in FILES[page].decode()

    def test_begins_with_a_way_past_the_masthead(self, name: str) -> None:
        assert attributes(name, "a", "href")[0] == "#main"


def test_a_topic_page_offers_its_feeds_atom_first() -> None:
    kinds = ["application/atom+xml", "application/rss+xml", "application/feed+json"]
    links = [e for e in parsed("ukraine/index.html").findall(".//link") if e.get("rel") == "alternate"]
    assert [link.get("type") for link in links] == kinds
    field = parsed("ukraine/index.html").find(".//input")
    assert (field.get("value"), field.get("readonly")) == (SITE.url + "ukraine.atom", "")
    buttons = parsed("ukraine/index.html").findall(".//section[@class='subscribe']//a")
    told = [(button.text, button.get("href"), button.get("type")) for button in buttons]
    names = zip(("Atom", "RSS", "JSON Feed"), ("atom", "rss", "json"), kinds, strict=True)
    assert told == [(name, f"../ukraine.{ending}", kind) for name, ending, kind in names]


def test_the_front_page_is_an_index_of_all_topics_with_their_newest_headlines() -> None:
    sections = parsed("index.html").findall(".//main//section")
    assert [section.find("h2/a").get("href") for section in sections] == [f"./{topic.name}/" for topic in TOPICS]
    for topic, section in zip(TOPICS, sections, strict=True):
        titles = [told.entry_title for told in map(_Told, section.findall("ol/li"))]
        assert titles == [clean.line(each.title) for each in stories()[:HEADLINES]]
        first = _Told(section.find("ol/li"))
        assert first.rest == f"{clean.line(ORIGIN.title)} 22 Nov, 06:00 UTC"
        assert section.find("p[@class='more']/a").get("href") == f"./{topic.name}/"
        feeds = [link.get("href") for link in section.findall("ul[@class='formats']//a")]
        assert feeds == [f"./{topic.name}.{ending}" for ending in ("atom", "rss", "json")]


class _Told:
    """A headline on the front page, and the line below it."""

    def __init__(self, item: Any) -> None:
        self.entry_title = item.find("h3/a").text
        self.rest = " ".join("".join(item.find("p").itertext()).split())


def test_a_story_says_where_when_in_which_language_and_why() -> None:
    page = FILES["ukraine/index.html"].decode()
    arabic = next(part for part in page.split("<article>") if "محادثات" in part)
    assert '<h3 lang="ar" dir="rtl"><a href="https://a.example.com/3?a=1&amp;b=2" hreflang="ar">' in arabic
    assert 'datetime="2026-11-22T05:39:00Z">05:39' in arabic
    assert "<bdi>Agency A &amp; Sons</bdi>" in arabic
    assert '<span class="language">Arabic</span>' in arabic
    assert "First sentence of 3. A second one &amp; its end.</p>" in arabic
    assert "Also reported by" in arabic
    assert "<bdi>Ajans C</bdi></a> (2)</p>" in arabic
    assert re.search(r"<summary>Why it is here</summary>.*in the headline.*<bdi>ukrain…</bdi>", arabic, re.DOTALL)
    assert "A third that nobody shows" not in page


def test_a_title_is_text() -> None:
    assert "Talks &amp; “pause” in Kyiv &lt;update&gt;</a>" in FILES["ukraine/index.html"].decode()


def test_an_own_article_is_whole_on_its_page_and_linked_by_a_relative_address() -> None:
    assert "<h2>Scene</h2><p>Whole.</p>" in FILES["article/a-dance/index.html"].decode()
    assert 'href="../article/a-dance/"' in FILES["ukraine/index.html"].decode()
    assert f'<link rel="canonical" href="{SITE.url}article/a-dance/">' in FILES["article/a-dance/index.html"].decode()


def test_the_about_page_says_what_this_is_and_how_to_leave() -> None:
    words = words_of("about/index.html")
    assert "Foreign desk reads the public feeds of 5 sources, sorts their stories by topic" in words
    assert "names its source, links straight to the publisher’s page, and says which words brought it" in words
    assert (
        "If you would rather not appear here, say so and your feed is taken out; no reason is needed. Write to" in words
    )
    page = FILES["about/index.html"].decode()
    assert '<a href="mailto:desk@example.org">desk@example.org</a>' in page
    assert "5 sources" in page
    assert '<a href="https://a.example.com/"><bdi>Agency A &amp; Sons</bdi></a>' in page


def test_one_small_stylesheet_does_for_all_pages() -> None:
    assert [name for name in FILES if name.endswith(".css")] == ["feeds.css"]
    assert len(FILES["feeds.css"]) < 16_000


def test_an_empty_topic_says_so() -> None:
    page = render_topic(SITE, UKRAINE, [], limit=9, all_topics=TOPICS).files["ukraine/index.html"].decode()
    assert "No stories yet" in page
    assert "0 stories from 0 sources</p>" in page
    assert "<svg" not in page
    assert "Day by day" not in page


def words_of(name: str) -> str:
    """The text of a page as one line."""
    return " ".join("".join(parsed(name).find(".//main").itertext()).split())


def test_a_topic_tells_its_course_in_a_picture_and_in_words() -> None:
    picture = parsed("ukraine/index.html").find(f".//{SVG}svg")
    assert picture.get("role") == "img"
    named = {element.get("id"): element.text for element in picture if element.get("id")}
    words = "In the 3 days to 22 November 2026: 15 stories, most on 22 November 2026 (12)."
    assert [named[name] for name in picture.get("aria-labelledby").split()] == [
        "Stories a day",
        "A bar for each day from 20 November 2026 to 22 November 2026.",
    ]
    assert parsed("ukraine/index.html").find(".//figcaption").text == words
    assert [(bar.get("x"), bar.get("y"), bar.get("height")) for bar in picture.findall(f"{SVG}rect")] == [
        ("0", "30", "10"),
        ("20", "0", "40"),
    ]


@pytest.mark.parametrize(
    ("numbers", "left"),
    [
        pytest.param([0] * 27 + [9], 0, id="one day is no course"),
        pytest.param([], 0, id="nothing"),
        pytest.param([0] * 26 + [1, 9], 7, id="a week at least"),
        pytest.param([0] * 8 + [5] + [0] * 18 + [9], 20, id="from the first story on"),
        pytest.param([1] * 28, 28, id="all"),
    ],
)
def test_the_course_begins_with_the_first_story(numbers: list[int], left: int) -> None:
    volume = {TODAY - (len(numbers) - nth) * DAY: number for nth, number in enumerate(numbers)}
    assert course(volume) == dict(list(volume.items())[len(volume) - left :])


def test_one_story_is_seen_beside_hundreds() -> None:
    volume: dict[date, int] = {TODAY - DAY: 1, TODAY: 400}
    assert bars(volume) == [(0, 1), (WIDTH, HEIGHT)]


def test_a_topic_names_its_sources_the_busiest_first_and_how_they_stand() -> None:
    listed = parsed("ukraine/index.html").findall(".//ul[@class='states']/li")
    told = [" ".join("".join(item.itertext()).split()) for item in listed]
    assert told == [
        "● Agency A & Sons 7 stories · answers",
        "■ Agency B 7 stories · refuses us since 22 November 2026, 06:00 UTC",
        "✕ Ajans C 7 stories · no longer asked",
    ]
    assert {item.find("span").get("aria-hidden") for item in listed} == {"true"}
    assert "7 stories from 3 sources" in words_of("ukraine/index.html")


def test_the_about_page_names_all_sources_and_how_they_stand() -> None:
    words = words_of("about/index.html")
    assert "▲ Files no answer since 22 November 2026, 06:00 UTC" in words
    assert "○ Brand new no answer yet" in words


def test_from_the_head_of_a_topic_a_link_leads_to_what_stands_below_its_stories() -> None:
    links = parsed("ukraine/index.html").findall(".//header/div/p[@class='meta']/a")
    assert [(link.get("href"), link.text) for link in links] == [("#sources", "3 sources"), ("#archive", "Day by day")]


def test_a_topic_lists_its_days_newest_first() -> None:
    days = parsed("ukraine/index.html").findall(".//ul[@class='days']//a")
    assert [link.get("href") for link in days[:2]] == ["./2026-11-21.html", "./2026-11-20.html"]
    assert len(days) == 20
    assert parsed("ukraine/index.html").findall(".//summary")[-1].text == "6 days more"


def test_a_reason_of_another_kind_keeps_its_name() -> None:
    story = entry(because=(Hit(word="x", where="combo", points=8.0),))
    page = render_topic(SITE, UKRAINE, [story], limit=9, all_topics=TOPICS).files["ukraine/index.html"].decode()
    assert "<dt>combo</dt><dd><bdi>x</bdi></dd>" in page


def test_a_site_without_anything_is_still_a_site() -> None:
    files = render_site(SITE, [], standings=[], own_pages=[]).files
    assert "No topics yet" in files["index.html"].decode()
    assert "No sources yet" in files["about/index.html"].decode()


@pytest.mark.parametrize("search", [True, False], ids=["there is one", "there is none"])
def test_pages_lead_to_the_search(search: bool) -> None:
    site = replace(SITE, search=search)
    files = render_site(site, [(UKRAINE, stories())], standings=STANDINGS, own_pages=[OWN]).files
    for page, link in {"index.html": "./search", "article/a-dance/index.html": "../../search"}.items():
        assert (f'href="{link}"'.encode() in files[page]) is search
