"""What readers are told of corrections, in every format."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import feedparser
import pytest

from feeds.model import Edit, Entry
from feeds.publish import notes, words
from feeds.publish.topic import render_topic
from tests.unit.publish.publish_samples import SITE, START, TOPICS, UKRAINE, entry

AT = START + timedelta(hours=8, minutes=5)
TOLD = "Headline changed at 14:05 UTC, was: Talks &lt;b&gt; begin"


def headline(was: str, **more: Any) -> Edit:
    return replace(Edit(at=AT, what=("headline",), was=was), **more)


CHANGED = entry(edits=(headline("Talks <b> begin"),))
WITHDRAWN = entry(withdrawn=AT, edits=(headline("Headline 0", what=("withdrawn", "text")),))


def files(story: Entry) -> dict[str, str]:
    rendered = render_topic(SITE, UKRAINE, [story], limit=9, all_topics=TOPICS)
    assert not rendered.quarantined
    return {name: body.decode() for name, body in rendered.files.items()}


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        pytest.param((), "", id="none"),
        pytest.param((headline("Before"),), "Headline changed at 14:05 UTC, was: Before", id="one, the same day"),
        pytest.param(
            (headline("Before", at=AT + timedelta(days=1)),),
            "Headline changed on 23 November 2026 at 14:05 UTC, was: Before",
            id="another day is named",
        ),
        pytest.param((headline("A"), headline("B")), "Headline changed at 14:05 UTC, was: B", id="the last of two"),
        pytest.param(
            (headline("A"), headline("Headline 0", what=("figures",))),
            "Headline changed at 14:05 UTC, was: A",
            id="the text was corrected after it",
        ),
        pytest.param((headline("Headline 0", what=("figures",)),), "", id="the text alone"),
        pytest.param(
            (headline("Before\r\n\x00 dawn"),), "Headline changed at 14:05 UTC, was: Before dawn", id="one line"
        ),
    ],
)
def test_the_note_on_a_headline(edits: tuple[Edit, ...], told: str) -> None:
    assert notes.correction(entry(edits=edits), "Headline 0", words.of("en"))[0] == told


def test_a_changed_headline_is_told_in_every_format_as_text() -> None:
    made = files(CHANGED)
    for name in ("ukraine.atom", "ukraine.rss"):
        (item,) = feedparser.parse(made[name].encode()).entries
        assert f"<p><em>{TOLD}</em></p>" in item.summary
        assert item.title == "Headline 0"
    (item,) = json.loads(made["ukraine.json"])["items"]
    assert f"<p><em>{TOLD}</em></p>" in item["content_html"]
    assert item["_feeds"]["corrections"] == [
        {"at": "2026-11-22T14:05:00Z", "what": ["headline"], "was": "Talks <b> begin"}
    ]
    assert f'<p class="note">{TOLD}'.replace(": ", ": <bdi>", 1) + "</bdi></p>" in made["ukraine/index.html"]


def test_a_withdrawn_article_is_marked_in_every_format() -> None:
    made = files(WITHDRAWN)
    told = "Withdrawn by Agency A &amp; Sons at 14:05 UTC."
    for name in ("ukraine.atom", "ukraine.rss"):
        (item,) = feedparser.parse(made[name].encode()).entries
        assert item.title == "Withdrawn: Headline 0"
        assert item.summary.startswith(f"<p><em>{told}</em></p>")
    (item,) = json.loads(made["ukraine.json"])["items"]
    assert (item["title"], item["_feeds"]["withdrawn"]) == ("Withdrawn: Headline 0", "2026-11-22T14:05:00Z")
    assert f'<p class="note">{told}</p>' in made["ukraine/index.html"]
    assert "Withdrawn: Headline 0" in made["ukraine/index.html"]


def test_a_notice_in_place_of_the_headline_leaves_the_headline_in_the_title() -> None:
    """It stands above the text, and need not be said twice."""
    edits = (headline("Before"), headline("Talks <b> begin", what=("withdrawn", "headline")))
    (item,) = json.loads(files(entry(title="WITHDRAWN", withdrawn=AT, edits=edits))["ukraine.json"])["items"]
    assert item["title"] == "Withdrawn: Talks <b> begin"
    assert "was: Before" in item["content_html"]
    assert "was: Talks" not in item["content_html"]


LATER = AT + timedelta(minutes=30)
GONE = headline("Talks begin", what=("withdrawn", "headline"))
NOTICE = headline("WITHDRAWN", at=AT + timedelta(minutes=9))
BACK = headline("Article removed", at=LATER, what=("restored", "headline"))


@pytest.mark.parametrize(
    ("edits", "title", "below"),
    [
        pytest.param((GONE, BACK), "Talks begin", "", id="with the headline that it had"),
        pytest.param((GONE, NOTICE, BACK), "Talks begin", "", id="after two notices"),
        pytest.param(
            (headline("Before"), GONE, BACK),
            "Talks begin",
            "Headline changed at 14:05 UTC, was: Before",
            id="the headline had changed before",
        ),
        pytest.param(
            (GONE, BACK, headline("Talks begin", at=LATER + timedelta(minutes=5))),
            "Talks go on",
            "Headline changed at 14:40 UTC, was: Talks begin",
            id="the headline changes afterwards",
        ),
    ],
)
def test_a_restored_article_says_so(edits: tuple[Edit, ...], title: str, below: str) -> None:
    """And no notice is called a former headline."""
    there = entry(title=title, edits=edits)
    told = "Withdrawn by Agency A & Sons at 14:05 UTC, restored at 14:35 UTC."
    assert notes.withdrawal(there, words.of("en")) == told
    assert notes.correction(there, there.title, words.of("en"))[0] == below
    (item,) = json.loads(files(there)["ukraine.json"])["items"]
    assert (item["title"], "withdrawn" in item["_feeds"]) == (there.title, False)
    assert item["content_html"].startswith(f"<p><em>{told.replace('&', '&amp;')}</em></p>")


def test_a_restored_article_that_is_withdrawn_again_is_withdrawn() -> None:
    again = headline("Talks begin", at=LATER + timedelta(minutes=5), what=("withdrawn", "headline"))
    there = entry(title="WITHDRAWN", withdrawn=again.at, edits=(GONE, BACK, again))
    assert notes.withdrawal(there, words.of("en")) == "Withdrawn by Agency A & Sons at 14:40 UTC."
    assert notes.withdrawn_headline(there) == "Talks begin"


def test_a_full_text_carries_its_notes_too() -> None:
    made = files(replace(CHANGED, policy="full", content="<p>All of it.</p>"))
    (item,) = json.loads(made["ukraine.json"])["items"]
    assert item["content_html"].startswith(f"<p>All of it.</p><p><em>{TOLD}</em></p>")
