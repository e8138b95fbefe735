"""The page of a story: its outlets, its reasons, its corrections, in any direction and any language."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import html5lib
import pytest

from feeds.model import Also, Change, Edit, Hit, Story
from feeds.publish.entry import story_folder
from feeds.publish.stories import render_story, story_name, written_for
from tests.unit.publish.publish_samples import SITE, START, TOPICS, UKRAINE, entry

ENTRY = entry(
    3,
    topics=("turkey", "ukraine"),
    also=(
        Also(source="b", outlet="Agency B", title="The same <b>", url="https://b.example.net/3", published=START),
        Also(
            source="c",
            outlet="Ajans C",
            title="Aynısı",
            url="https://c.example.net/3",
            published=START,
            independent=False,
        ),
    ),
)
STORY = Story(
    id=ENTRY.id,
    entry=ENTRY,
    because=(("turkey", (Hit(word="=Ankara", where="lead", points=3.0),)), ("ukraine", ENTRY.because)),
    joined=(("b", ("talks", "كييف")),),
    changes=(
        Change(
            outlet="Ajans C",
            language="tr",
            edit=Edit(at=START + timedelta(hours=1), what=("headline",), was="Önce <b>"),
        ),
        Change(
            outlet="Agency B", language="en", edit=Edit(at=START + timedelta(hours=2), what=("withdrawn",), was="x")
        ),
    ),
    due=1,
)


def text(page: bytes) -> str:
    tree: Any = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page.decode())
    return " ".join("".join(tree.find(".//main").itertext()).split())


def test_it_tells_who_reports_it_why_it_is_there_and_what_changed() -> None:
    page = render_story(SITE, STORY, TOPICS)
    told = text(page)
    for words in (
        "Headline 3 Agency A & Sons · 22 November 2026, 05:39 UTC",
        "Read it at Agency A & Sons",
        "Agency B The same <b> 22 November 2026, 06:00 UTC · its own report; words in common: talks, كييف",
        "Ajans C Aynısı 22 November 2026, 06:00 UTC · repeats another outlet’s text",
        "Türkiye & region in the opening: Ankara",
        "Ukraine in the headline: ukrain… in the opening: kyiv…",
        "22 November 2026, 07:00 UTC: Ajans C changed the headline before: Önce <b>",
        "22 November 2026, 08:00 UTC: Agency B withdrew it",
    ):
        assert words in told
    assert '<bdi lang="tr">Önce &lt;b&gt;</bdi>' in page.decode()


def test_what_began_the_story_shares_no_words_with_anything_though_another_leads() -> None:
    told = text(render_story(SITE, replace(STORY, joined=((ENTRY.origin.name, ("talks",)),)), TOPICS))
    assert "Agency B The same <b> 22 November 2026, 06:00 UTC Ajans C" in told


def test_outlets_stand_in_the_order_in_which_they_reported() -> None:
    first, second = ENTRY.also
    other = replace(ENTRY, also=(replace(first, published=START + timedelta(hours=1)), second))
    told = text(render_story(SITE, replace(STORY, entry=other), TOPICS))
    assert told.index("Ajans C Aynısı") < told.index("Agency B The same")


def test_it_stands_at_its_own_address_and_links_its_own_topics_alone() -> None:
    page = render_story(SITE, replace(STORY, entry=replace(ENTRY, topics=("ukraine",))), TOPICS).decode()
    assert f'<link rel="canonical" href="{SITE.url}story/{3:026}/">' in page
    assert 'href="../../ukraine/"' in page
    assert "../../turkey/" not in page.split("<main")[0]


def test_what_was_never_corrected_says_so() -> None:
    assert "Nothing has been corrected" in text(render_story(SITE, replace(STORY, changes=()), TOPICS))


def test_a_story_that_has_become_part_of_another_leads_there() -> None:
    page = render_story(SITE, replace(STORY, id="tag:news.example.org,2026-11:story/OLD"), TOPICS)
    assert "This story has become part of another" in text(page)
    assert f'<a href="../../story/{3:026}/">Headline 3</a>' in page.decode()


@pytest.mark.parametrize(
    ("identity", "folder"),
    [
        ("tag:desk.example,2026:story/01M7V41F00YJ", "story/01M7V41F00YJ/"),
        ("tag:desk.example,2026:story/../x", ""),
        ("tag:desk.example,2026:history/01M7", ""),
        ("urn:uuid:1", ""),
    ],
)
def test_where_a_page_stands(identity: str, folder: str) -> None:
    assert story_folder(identity) == folder
    assert story_name(identity) == (f"{folder}index.html" if folder else "")


def test_pages_are_written_anew_for_another_site_or_other_topics_and_not_else() -> None:
    key = written_for(SITE, TOPICS)
    assert key == written_for(SITE, TOPICS)
    assert len({key, written_for(replace(SITE, title="x"), TOPICS), written_for(SITE, [UKRAINE])}) == 3


def test_an_arabic_story_runs_from_the_right() -> None:
    page = render_story(SITE, replace(STORY, entry=replace(ENTRY, title="محادثات", language="ar")), TOPICS).decode()
    assert re.search(r'<h1 lang="ar" dir="rtl"><a href="[^"]+" hreflang="ar">محادثات</a></h1>', page)
