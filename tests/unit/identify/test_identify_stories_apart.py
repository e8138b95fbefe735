"""Two reports in like words that are not one story, as they are told in two languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from feeds.identify.decide import decide
from feeds.identify.ledger import Ledger
from feeds.identify.stories import Stories
from feeds.identify.stories_desk import StoryDesk
from feeds.identify.stories_guards import language_of, marks_of
from feeds.model import Article, Known, Trace, Verdict
from tests.make import KEEP, NOW, article, digest

HOUR = timedelta(hours=1)


def judge(*items: Article) -> list[Verdict]:
    ledger = Ledger(keep=KEEP)
    return [ledger.judge(item, now=item.first_seen) for item in items]


def report(source: str, title: str, text: str = "", *, later: int = 0, **more: Any) -> Article:
    """An article that is no copy of another, whatever it says."""
    when = NOW + later * HOUR
    guid = more.pop("guid", "1")
    values = {"text": text, "language": "", "published": when, "first_seen": when} | more
    found = article(source, guid, title, **values)
    return replace(found, fingerprint=replace(found.fingerprint, key=b"\1" + digest(source, guid, title, size=16)))


# ------------------------------------------------------------------------------------------------ languages

SUMMIT = "Trump, Putin, Zelensky: summit in Istanbul"


@pytest.mark.parametrize(
    ("languages", "stories"),
    [
        pytest.param(("en", "de"), 2, id="two that differ"),
        pytest.param(("en-GB", "en-us"), 1, id="one, of two regions"),
        pytest.param(("", "de"), 1, id="one unknown"),
        pytest.param(("de", ""), 1, id="the other unknown"),
        pytest.param(("", ""), 1, id="both unknown"),
        pytest.param(("", "en", "de"), 2, id="begun by one unknown, and told in another by now"),
        pytest.param(("en", "", "de"), 2, id="reached by way of one unknown"),
        pytest.param(("en", "de", ""), 2, id="two that one unknown is like"),
        pytest.param(("en", "de", "en", "de"), 2, id="each joins its own"),
    ],
)
def test_no_story_is_told_in_two_languages(languages: tuple[str, ...], stories: int) -> None:
    items = [report(f"s{n}", SUMMIT, language=language) for n, language in enumerate(languages)]
    assert len({verdict.story for verdict in judge(*items)}) == stories


def test_two_languages_that_are_near() -> None:
    one = report("alpha", "Зеленский прибыл в Вашингтон на переговоры с Трампом", language="ru")
    two = report("beta", "Зеленський прибув у Вашингтон на переговори з Трампом", language="uk")
    first, second = judge(one, two)
    assert first.story != second.story
    assert [near.story for near in second.related] == [first.story]


@pytest.mark.parametrize(("language", "one"), [("en", True), ("de", False), ("", True)])
def test_an_edit_unites_no_stories_of_two_languages(language: str, one: bool) -> None:
    stories, traces = Stories(), list[Trace]()
    items = [
        report("alpha", SUMMIT, language="en"),
        report("beta", "Trump, Putin: lake of Geneva", language=language),
    ]

    def since(seq: int, _: datetime) -> list[Trace]:
        return traces[seq:]

    for number, item in enumerate(items, start=1):
        known = Known(next_article=number, next_story=number, traces_since=since)
        changes = decide([item], known, now=NOW, keep=KEEP, stories=stories)
        traces += [replace(trace, seq=number) for trace in changes.traces]
    assert [trace.story for trace in traces] == [1, 2]
    desk = StoryDesk(stories, Known(traces_since=since), now=NOW, outlet="")
    desk.place_again(report("beta", SUMMIT, language=language), article=2)
    assert [same.near.story for same in desk.same] == [1] * one


def test_the_language_stands_in_the_trace() -> None:
    assert language_of(marks_of("talks on 3 may", "pt-BR")) == "pt"
    assert language_of(marks_of("talks on 3 may")) == ""
