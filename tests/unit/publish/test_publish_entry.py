"""What readers get of a story."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from feeds.model import Also, Enclosure, Image, Origin
from tests.unit.publish.publish_samples import ORIGIN, SITE, START, shown


@pytest.mark.parametrize(
    ("policy", "excerpt", "content"),
    [
        pytest.param("headline", "", "", id="headline: nothing of the source's text"),
        pytest.param("excerpt", "One. Two & more.", "", id="excerpt: two sentences of the source's summary"),
        pytest.param("full", "One. Two & more.", "<p>All of it.</p>", id="full: the whole text beside the excerpt"),
    ],
)
def test_policy(policy: str, excerpt: str, content: str) -> None:
    story = shown(
        policy=policy, summary="<p>One. Two &amp; <b>more</b>. Three.</p>", content="<p>All of it.</p>", also=()
    )
    assert (story.excerpt, story.content) == (excerpt, content)


def test_no_sentence_beyond_the_cut_is_anywhere() -> None:
    for policy in ("headline", "excerpt"):
        story = shown(policy=policy, summary="One. Two. Secret.", content="Secret.", text="One. Two. Secret.")
        assert "Secret" not in repr(story)


def test_full_without_content_is_the_whole_summary() -> None:
    assert (
        shown(policy="full", content="", summary="<p>One. Two. Three.</p>", also=()).content
        == "<p>One. Two. Three.</p>"
    )


def test_a_text_too_large_for_a_feed_is_published_as_its_excerpt() -> None:
    assert shown(policy="full", content="a" * 250_000, also=()).content == "a" * 250_000
    large = "a" * 250_001
    assert shown(policy="full", content=large).content == ""
    assert shown(policy="full", content=large, own_page=True, url="article/x/").content


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"summary": "", "text": ""}, id="a source that gives titles only"),
        pytest.param({"summary": "<p>Headline 0</p>", "text": "Headline 0"}, id="a summary that repeats the title"),
        pytest.param({"title": "Headline 0 - Agency", "summary": "Headline 0&nbsp;Agency"}, id="and the outlet"),
        pytest.param({"policy": "headline"}, id="the policy headline"),
    ],
)
def test_an_entry_without_text_says_who_and_when(changes: dict[str, Any]) -> None:
    story = shown(**({"also": ()} | changes))
    assert story.excerpt == ""
    assert story.summary == "<p>Agency A &amp; Sons, 22 November 2026, 06:00 UTC.</p>"


def test_who_else_reported_it_is_the_last_paragraph() -> None:
    assert shown().summary.endswith(
        '<p>Also reported by <a href="https://b.example.net/0">Agency B</a>, '
        '<a href="https://c.example.net/0">Ajans C</a> (2)</p>'
    )


def test_each_other_outlet_counts_once_and_the_own_one_never() -> None:
    outlets = ["Agency B", "Agency B", ORIGIN.title, "", *(f"Outlet {nth}" for nth in range(12))]
    also = tuple(Also(outlet=name, title="x", url="https://b.example.net/", published=START) for name in outlets)
    story = shown(also=also)
    assert len(story.also) == 13
    assert story.summary.endswith("(13)</p>")
    assert story.summary.count("<a ") == 10


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        pytest.param("ar", "قال", '<div dir="rtl" lang="ar"><p>قال</p></div>', id="Arabic"),
        pytest.param("", "קול", '<div dir="rtl"><p>קול</p></div>', id="no language, but a Hebrew letter first"),
        pytest.param("ku-Arab", "بەش", '<div dir="rtl" lang="ku-Arab"><p>بەش</p></div>', id="by the script"),
        pytest.param("uk", "Київ", "<p>Київ</p>", id="left to right needs no word"),
    ],
)
def test_direction(language: str, text: str, expected: str) -> None:
    assert shown(language=language, summary=text, also=()).summary == expected
    whole = shown(language=language, summary=text, policy="full", content=f"<p>{text}</p>", also=())
    assert whole.content == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, "https://a.example.com/0?a=1&b=2", id="the publisher's page"),
        pytest.param({"own_page": True, "url": "article/x/"}, SITE.url + "article/x/", id="our page, made absolute"),
        pytest.param({"url": ""}, ORIGIN.home, id="no link: the publisher's front page"),
        pytest.param({"url": "", "origin": Origin(name="n", title="", url="")}, SITE.url, id="nor a front page: ours"),
        pytest.param({"url": "javascript:alert(1)"}, ORIGIN.home, id="not a link"),
    ],
)
def test_link(changes: dict[str, Any], expected: str) -> None:
    assert shown(**changes).url == expected


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        pytest.param(ORIGIN, "urn:agency:a", id="its own id"),
        pytest.param(replace(ORIGIN, id="not a URI"), ORIGIN.url, id="else its address"),
        pytest.param(replace(ORIGIN, id="", url=""), f"tag:{SITE.authority}:source/agency-a", id="else one of ours"),
    ],
)
def test_a_source_always_has_an_id(origin: Origin, expected: str) -> None:
    assert shown(origin=origin).source.id == expected


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        pytest.param(ORIGIN, "Agency A & Sons", id="its own title"),
        pytest.param(replace(ORIGIN, title="\x00"), "agency-a", id="else its name"),
        pytest.param(replace(ORIGIN, title="", name=""), SITE.title, id="else the site"),
    ],
)
def test_a_source_always_has_a_title(origin: Origin, expected: str) -> None:
    assert shown(origin=origin).source.title == expected


def test_times_are_in_utc() -> None:
    ankara = timezone(timedelta(hours=3))
    assert shown(published=datetime(2026, 11, 22, 9, 0, tzinfo=ankara)).published == START
    assert shown(published=datetime(2026, 11, 22, 9, 0, tzinfo=ankara)).published.tzinfo is UTC


def test_authors_begin_with_the_source() -> None:
    assert shown(authors=("Ada", "", ORIGIN.title, "Ada")).authors == (ORIGIN.title, "Ada")


def test_categories_are_the_topics_that_have_a_feed_and_theirs() -> None:
    found = [(c.term, c.scheme, c.label) for c in shown(topics=("gone", "turkey", "ukraine")).categories]
    assert found == [
        ("turkey", SITE.url + "topics", "Türkiye & region"),
        ("ukraine", SITE.url + "topics", "Ukraine"),
        ("medtop:20000056", "http://cv.iptc.org/newscodes/mediatopic/", "war"),
    ]


def test_pictures_and_files_without_an_address_are_left_out() -> None:
    files = (Enclosure(url="x"), Enclosure(url="https://e.org/a.mp3", type="audio", length=-1))
    story = shown(image=Image(url="data:x"), enclosures=(*files, *files))
    assert story.image is None
    assert story.enclosures == (Enclosure(url="https://e.org/a.mp3"),)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"title": "\x00 \ud800"}, "no title", id="nothing left of the title"),
        pytest.param({"id": ""}, "its id is no URI", id="no id"),
        pytest.param({"id": "tag:x:\x00"}, "its id is no URI", id="an id that cleaning would change"),
        pytest.param({"published": datetime(2026, 1, 1)}, "a time without zone", id="naive"),  # noqa: DTZ001
        pytest.param(
            {"updated": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=3)))}, "a time out of range", id="before time"
        ),
    ],
)
def test_what_cannot_be_published_says_why(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        shown(**changes)
