"""Pages for people: valid, relative, readable in any direction, without scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from posixpath import dirname, join, normpath
from typing import Any

import html5lib
import pytest

from feeds.model import Hit, Origin
from feeds.publish.topic import render_site, render_topic
from tests.unit.publish.publish_samples import ORIGIN, SITE, TOPICS, UKRAINE, entry, stories

OWN = (
    "a-dance",
    entry(9, own_page=True, url="article/a-dance/", policy="excerpt", content="<h2>Scene</h2><p>Whole.</p>"),
)


def site_files() -> Mapping[str, bytes]:
    """Everything a small site consists of."""
    entries = [*stories(), OWN[1]]
    topics = [render_topic(SITE, topic, entries, limit=9, all_topics=TOPICS) for topic in TOPICS]
    fronts = [(topic, rendered.entries) for topic, rendered in zip(TOPICS, topics, strict=True)]
    around = render_site(SITE, fronts, origins=[ORIGIN, Origin(name="desk", title="Files", url="")], own_pages=[OWN])
    return {**around.files, **topics[0].files, **topics[1].files}


FILES = site_files()
PAGES = sorted(name for name in FILES if name.endswith(".html"))


def parsed(name: str) -> Any:
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(FILES[name].decode())


def attributes(name: str, path: str, attribute: str) -> list[str]:
    return [element.get(attribute) for element in parsed(name).findall(f".//{path}") if element.get(attribute)]


def test_all_pages_are_there() -> None:
    assert PAGES == [
        "about/index.html", "article/a-dance/index.html", "index.html", "turkey/index.html", "ukraine/index.html",
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
    assert re.search(r"<summary>Why it is here</summary>.*in the headline.*<bdi>ukrain\*</bdi>", arabic, re.DOTALL)
    assert "A third that nobody shows" not in page


def test_a_title_is_text() -> None:
    assert "Talks &amp; “pause” in Kyiv &lt;update&gt;</a>" in FILES["ukraine/index.html"].decode()


def test_an_own_article_is_whole_on_its_page_and_linked_by_a_relative_address() -> None:
    assert "<h2>Scene</h2><p>Whole.</p>" in FILES["article/a-dance/index.html"].decode()
    assert 'href="../article/a-dance/"' in FILES["ukraine/index.html"].decode()
    assert f'<link rel="canonical" href="{SITE.url}article/a-dance/">' in FILES["article/a-dance/index.html"].decode()


def test_the_about_page_says_how_to_leave() -> None:
    page = FILES["about/index.html"].decode()
    assert '<a href="mailto:desk@example.org">desk@example.org</a>' in page
    assert "2 sources" in page
    assert '<a href="https://a.example.com/"><bdi>Agency A &amp; Sons</bdi></a>' in page


def test_an_empty_topic_says_so() -> None:
    page = render_topic(SITE, UKRAINE, [], limit=9, all_topics=TOPICS).files["ukraine/index.html"].decode()
    assert "No stories yet" in page
    assert "0 stories from 0 sources</p>" in page


def test_a_reason_of_another_kind_keeps_its_name() -> None:
    story = entry(because=(Hit(word="x", where="combo", points=8.0),))
    page = render_topic(SITE, UKRAINE, [story], limit=9, all_topics=TOPICS).files["ukraine/index.html"].decode()
    assert "<dt>combo</dt><dd><bdi>x</bdi></dd>" in page


def test_a_site_without_anything_is_still_a_site() -> None:
    files = render_site(SITE, [], origins=[], own_pages=[]).files
    assert "No topics yet" in files["index.html"].decode()
    assert "No sources yet" in files["about/index.html"].decode()
