"""Pages of days: which are written, where they lead, and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import html5lib
import pytest

from feeds.model import Entry, Topic
from feeds.publish import days
from feeds.publish.channel import archive_name
from feeds.publish.days import Day, day_name, pages_of_days, render_day
from tests.hostile import documents, grammar
from tests.unit.publish.publish_samples import SITE, TOPICS, TURKEY, UKRAINE, entry, stories

TODAY = date(2026, 11, 22)


def day(ago: int) -> date:
    return TODAY - timedelta(days=ago)


def render(*entries: Entry, before: int = 0, after: int = 0, **changes: Any) -> str:
    told = Day(day=day(3), before=day(before) if before else None, after=day(after) if after else None)
    given: dict[str, Any] = {"site": SITE, "topic": UKRAINE, "all_topics": TOPICS} | changes
    return render_day(entries=entries, day=told, **given).decode()


def links(page: str, path: str) -> list[tuple[str | None, str]]:
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    return [(link.get("rel"), link.get("href")) for link in tree.findall(f".//{path}//a")]


@pytest.mark.parametrize(
    ("known", "standing", "paged", "written"),
    [
        pytest.param([], [], [], [], id="a topic without a story"),
        pytest.param([0], [], [], [], id="the first day is not over"),
        pytest.param([1], [], [], [], id="the newest day has its stories on the page of the topic"),
        pytest.param([1, 0], [], [1], [1], id="a day that is over"),
        pytest.param([1, 0], [1], [1], [], id="it has its page for good"),
        pytest.param([5, 3, 0], [5], [5, 3], [5, 3], id="the one before leads to it, and is written first"),
        pytest.param([9, 5, 3, 0], [9, 5], [9, 5, 3], [5, 3], id="those before that one are let be"),
        pytest.param([5, 3, 1, 0], [5, 1], [5, 3, 1], [5, 3], id="one that is missing between others"),
        pytest.param([2, 1, 0], [3, 2, 1], [2, 1], [], id="a page of a day that is kept no more leads nowhere"),
        pytest.param([1, 0, -2], [1], [1], [], id="a clock that was ahead: today is not over"),
    ],
)
def test_which_pages_are_written(known: list[int], standing: list[int], paged: list[int], written: list[int]) -> None:
    names = [day_name("ukraine", day(ago)) for ago in standing] + [archive_name("ukraine", day(ago)) for ago in known]
    found, due = pages_of_days("ukraine", map(day, known), today=TODAY, standing=names)
    assert found == [day(ago) for ago in paged]
    assert [each.day for each in due] == [day(ago) for ago in written]


def test_a_page_leads_to_the_nearest_days_that_have_one() -> None:
    _, (first, second) = pages_of_days("ukraine", [day(5), day(2), TODAY], today=TODAY, standing=[])
    assert (first.before, first.after) == (None, day(2))
    assert (second.before, second.after) == (day(5), None)


def test_of_very_many_days_only_some_are_written_at_once_and_none_leads_to_one_that_is_not_there() -> None:
    known = [day(ago) for ago in range(100)]
    standing: set[str] = set()
    for _ in range(4):
        paged, due = pages_of_days("ukraine", known, today=TODAY, standing=standing)
        assert len(due) <= 31
        for each in due:
            standing.add(day_name("ukraine", each.day))
        assert {day_name("ukraine", each) for each in paged} == standing
        assert {each for told in due for each in (told.before, told.after) if each} <= set(paged)
    assert len(standing) == 99
    assert pages_of_days("ukraine", known, today=TODAY, standing=standing)[1] == []


def test_a_page_leads_to_the_days_before_and_after_it_and_to_the_topic() -> None:
    page = render(*stories(), before=5, after=1)
    expected = [("prev", "./2026-11-17.html"), ("next", "./2026-11-21.html"), (None, "./")]
    assert links(page, "nav/ul[@class='days']") == expected
    assert links(page, "section[@class='beside']") == [(None, "./2026-11-19.atom"), *expected]


def test_the_last_and_the_first_page_lead_to_the_topic_alone() -> None:
    assert links(render(entry(0)), "nav/ul[@class='days']") == [(None, "./")]


def test_what_a_page_says_of_its_day() -> None:
    page = render(entry(0), entry(1))
    assert "<title>Ukraine, 19 November 2026 – Foreign desk</title>" in page
    assert "<h1>Ukraine <span>19 November 2026</span></h1>" in page
    assert '<p class="meta">Thursday: 2 stories from 3 sources came in (UTC).</p>' in page
    assert "Sunday <b>22 November 2026</b>" in page, "when the stories themselves are from"


def test_a_story_stands_on_it_as_on_the_page_of_its_topic() -> None:
    page = render(*stories())
    assert page.count("<article>") == len(stories())
    assert "Why it is here" in page
    assert "../story/" in page


def test_where_the_site_moves_or_gets_another_topic_no_page_is_another() -> None:
    own = entry(7, own_page=True, url="article/a-dance/")
    page = render(own, entry(1), before=5)
    assert 'href="../article/a-dance/"' in page
    assert page == render(own, entry(1), before=5, site=replace(SITE, url="https://other.example/"))
    assert page == render(own, entry(1), before=5, all_topics=[*TOPICS, Topic(name="energy", title="Energy")])
    assert TURKEY.name + "/" not in page


def test_hostile_stories_do_no_harm_on_it() -> None:
    hostile = [
        entry(nth, title=f"{nth} {grammar.snippet(nth)}", summary=grammar.snippet(nth), url=grammar.snippet(nth))
        for nth in range(0, 4000, 100)
    ]
    page = render(*hostile, before=5, after=1)
    assert page.count("<article>") == len(hostile)
    assert [whats for _, whats in documents.judged("ukraine/2026-11-19.html", page.encode()) if whats] == []


def test_one_that_is_poisoned_is_left_out() -> None:
    page = render(entry(0), entry(1, title="\x00"), entry(2))
    assert page.count("<article>") == 2


def test_of_thousands_of_stories_the_newest_are_shown_and_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = []

    def many() -> Iterator[Entry]:
        for nth in range(90):
            read.append(nth)
            yield entry(nth)

    monkeypatch.setattr(days, "MOST", 30)
    page = render_day(SITE, UKRAINE, many(), Day(day=TODAY, before=None, after=None), all_topics=TOPICS).decode()
    assert page.count("<article>") == 30
    assert "These are the newest of them; all are in the Atom file of this day." in page
    assert "These are the newest" not in render(entry(0))
    assert len(read) == 31, "the rest is not even read"


def test_a_page_of_which_nothing_is_kept_says_so() -> None:
    assert "No story of this day is kept any more." in render()
