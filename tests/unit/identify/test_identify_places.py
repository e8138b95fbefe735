"""Whole readings: lists of places, guids that churn, texts that moved, and what others carry as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from feeds.model import Article, Outcome, Verdict
from tests.immunity.measure import Memory
from tests.immunity.sequences import printed
from tests.make import NOW, article, digest

STORIES = [
    ("Envoys meet in Geneva for grain talks", "The delegations arrived on Monday and speak of harvests."),
    ("Floods break bridges along vineyards", "Heavy rain drowned the coast while mayors counted sheep."),
    ("Parliament passes budget after midnight", "Deputies voted for teachers and against a road fund."),
    ("Skaters rejoice as lakes freeze early", "Ice was measured thick enough in all northern counties."),
]
LIKE_0: dict[str, Any] = {
    "title": "Envoys meet in Geneva for wheat talks",
    "slice": b"like",
}  # as an edit of the first story would be
RATHER_LIKE_0: dict[str, Any] = {
    "title": "Geneva: farmers protest as envoys arrive",
    "text": "They march along the lake.",
    "slice": b"rather",
}
PAGE = "https://alpha.example/world/grain-talks-geneva-52350082"


def at_place(story: int, place: int, **more: Any) -> Article:
    """That story at a place of a list."""
    title, text = STORIES[story]
    url = f"https://alpha.example/news_{place}.html"
    values = {"title": title, "text": text, "url": url, "slice": digest(title, text, url)} | more
    return article("alpha", url, **values)


def read(memory: Memory, *items: Article, cut: Sequence[Article] = (), hours: int = 0) -> list[Verdict]:
    """The verdicts on one document; `cut` are listed as well, and known to the byte."""
    now = NOW + timedelta(hours=hours)
    listed = frozenset(item.slice for item in (*items, *cut))
    return list(memory(items[0].source, [replace(item, first_seen=now) for item in items], now, listed))


def told(verdicts: list[Verdict]) -> list[tuple[str, int | None]]:
    return [(verdict.outcome.value, verdict.article) for verdict in verdicts]


@pytest.mark.parametrize("published", [pytest.param(None, id="undated"), pytest.param(NOW, id="of one date")])
def test_everyday_words_make_no_edit_of_another_story_at_one_place(published: datetime | None) -> None:
    memory = Memory()
    report = {"text": "He stepped down on Friday after an inquiry was opened, officials said.", "published": published}
    before = at_place(0, 0, title="Mayor of Bonn resigns over contracts", **report)
    rest = [at_place(n, n, published=published) for n in (1, 2, 3)]
    read(memory, before, *rest)
    signed = {"text": "The striker signed on Friday, both sides said in a note.", "published": published}
    after = at_place(0, 0, title="Striker signs for club", slice=b"other", **signed)
    assert told(read(memory, after, cut=rest, hours=3)) == [("new", 5)]


def test_stories_move_on_through_a_list_of_places() -> None:
    memory = Memory()
    assert told(read(memory, at_place(0, 1), at_place(1, 2))) == [("new", 1), ("new", 2)]
    moved = read(memory, at_place(2, 1), at_place(0, 2), at_place(1, 3), hours=1)
    assert told(moved) == [("new", 3), ("changed", 1), ("changed", 2)]
    assert [verdict.differs for verdict in moved[1:]] == [("link",), ("link",)], "the link leads to the place of today"
    assert not any(verdict.corrections for verdict in moved), "which is nothing to tell anybody"


def test_a_list_of_places_that_shows_nothing_of_what_it_did() -> None:
    memory = Memory()
    read(memory, at_place(0, 1), at_place(1, 2))
    assert told(read(memory, at_place(2, 1), at_place(3, 2), hours=9)) == [("new", 3), ("new", 4)]


def test_what_stands_where_an_article_stood_that_has_moved_is_not_that_one_for_a_few_words() -> None:
    memory = Memory()
    tests = {"title": "Virus: what tests are done here?", "text": "What are the tests, for whom, and how do they work?"}
    pay = {
        "title": "Virus: what does it mean for my pay?",
        "text": "Nine million have asked; some work again, so what now?",
    }
    read(memory, at_place(0, 1), at_place(1, 2), at_place(2, 3, **tests, slice=b"a"))
    read(memory, at_place(2, 1, **tests, slice=b"b"), at_place(0, 2), hours=1)  # nothing stands at place 3
    moved = read(memory, at_place(0, 1), at_place(2, 2, **tests, slice=b"c"), at_place(3, 3, **pay), hours=2)
    assert told(moved) == [("changed", 1), ("changed", 3), ("new", 4)]


def test_what_comes_back_to_its_place_byte_for_byte_is_no_copy_of_itself() -> None:
    memory = Memory()
    read(memory, at_place(0, 1), at_place(1, 2))
    read(memory, at_place(2, 1), at_place(1, 3), hours=1)
    back = read(memory, at_place(0, 1), at_place(2, 2), hours=2)
    assert [(verdict.article, verdict.act) for verdict in back] == [(1, "pass"), (3, "revise")]


def test_a_copy_that_stood_at_a_place_says_nothing_of_the_article_that_came_back_there() -> None:
    memory = Memory()
    other = at_place(1, 5)
    read(memory, at_place(0, 1), other)
    assert told(read(memory, at_place(1, 1), cut=[other], hours=1)) == [("same", 2)], "it stands there twice"
    assert told(read(memory, at_place(0, 1), cut=[other], hours=2)) == [("same", 1)]
    edited = at_place(0, 1, title="Envoys meet in Geneva for wheat talks", slice=b"edited")
    (verdict,) = read(memory, edited, cut=[other], hours=3)
    assert (verdict.outcome.value, verdict.article, verdict.act) == ("changed", 1, "revise")


@pytest.mark.parametrize("url", [PAGE, "https://alpha.example/x"], ids=["its own address", "the address of a place"])
@pytest.mark.parametrize("named", [False, True], ids=["no guid", "the guid is the address"])
def test_an_article_whose_address_goes_away_and_comes_back_is_no_copy_of_itself(url: str, named: bool) -> None:
    def at(url: str, title: str = "Envoys meet in Geneva for grain talks") -> Article:
        return article("alpha", url if named else "", title, url=url)

    memory, edited = Memory(), "Envoys meet in Geneva for wheat talks"
    versions = (
        at(url),
        at(f"{url}/amp"),
        at(url),
        at(f"{url}/amp", edited),
        at(url, edited),
        at(url, f"WITHDRAWN: {edited}"),
    )
    verdicts = [read(memory, version, hours=at)[0] for at, version in enumerate(versions)]
    assert [(v.act, v.article, v.differs, v.withdrawn) for v in verdicts] == [
        ("begin", 1, (), False),
        ("revise", 1, ("link",), False),
        ("revise", 1, ("link",), False),
        ("revise", 1, ("title", "link"), False),
        ("revise", 1, ("link",), False),
        ("revise", 1, ("title",), True),
    ]


def test_a_second_place_of_an_article_stays_one_whatever_its_guid() -> None:
    memory = Memory()
    first, twin = article("alpha", "a", url=PAGE), article("alpha", "b", url="https://alpha.example/x")
    edited = replace(twin, title="Envoys meet in Geneva for wheat talks", slice=b"edited")
    read(memory, first, twin)
    (verdict,) = read(memory, edited, cut=[first], hours=1)
    assert (verdict.act, verdict.article) == ("sight", 1)
    (verdict,) = read(memory, replace(edited, guid="c", slice=b"churned"), cut=[first], hours=2)
    assert (verdict.act, verdict.article) == ("sight", 1)


def test_one_headline_of_two_publishers_in_a_merged_list() -> None:
    def of(publisher: str, story: int, place: int) -> Article:
        url = f"https://{publisher}/news_{place}.html"
        its = digest(publisher, story, place)
        title, _ = STORIES[story]
        return printed(article("alpha", url, title, text="", url=url, publisher=publisher, slice=its))

    alpha, beta = "alpha.example", "beta.example"
    memory = Memory()
    assert told(read(memory, of(alpha, 0, 1), of(beta, 0, 2), of(alpha, 1, 3))) == [("new", 1), ("new", 2), ("new", 3)]
    moved = read(memory, of(beta, 2, 1), of(beta, 3, 2), of(alpha, 0, 4), of(beta, 0, 5), hours=1)
    assert told(moved) == [("new", 4), ("new", 5), ("changed", 1), ("changed", 2)]


def test_two_of_a_series_in_one_list_are_told_by_their_dates() -> None:
    def pictures(days: int, place: int) -> Article:
        title, day = "What our readers saw in town", NOW - timedelta(days=days)
        return printed(at_place(0, place, title=title, text="", published=day, slice=digest(days, place)))

    memory = Memory()
    read(memory, pictures(0, 1), pictures(1, 2), at_place(1, 3), at_place(2, 4))
    moved = read(memory, at_place(3, 1), pictures(0, 2), pictures(1, 3), at_place(1, 4), hours=1)
    assert told(moved) == [("new", 5), ("changed", 1), ("changed", 2), ("changed", 3)]


def test_what_another_source_saw_at_the_same_places_does_not_make_it_a_list_that_goes_on() -> None:
    memory = Memory()
    read(memory, at_place(0, 1), at_place(1, 2))
    read(memory, *(replace(at_place(story, story - 1), source="mirror") for story in (2, 3)), hours=1)
    edited = at_place(0, 1, title="Wheat: Geneva hears both delegations", slice=b"edited")
    assert told(read(memory, edited, at_place(1, 2, text="", slice=b"cut"), hours=2)) == [
        ("changed", 1),
        ("changed", 2),
    ]


def test_what_comes_back_to_the_place_of_one_that_is_much_like_it() -> None:
    memory = Memory()
    read(memory, at_place(0, 1), at_place(1, 2))
    assert told(read(memory, at_place(1, 1), at_place(0, 2, **LIKE_0), hours=1)) == [("changed", 2), ("new", 3)]
    assert told(read(memory, at_place(0, 2), cut=[at_place(1, 1)], hours=2)) == [("changed", 1)]


def test_one_that_has_moved_makes_it_a_list_that_goes_on() -> None:
    memory = Memory()
    others = [at_place(2, place) for place in range(3, 13)]
    read(memory, at_place(0, 1), at_place(1, 2), *others)
    moved = read(memory, at_place(0, 1, **RATHER_LIKE_0), at_place(0, 2), cut=others, hours=1)
    assert [outcome for outcome, _ in told(moved)] == ["new", "changed"]
    assert moved[1].article == 1


@pytest.mark.parametrize(
    ("listed", "renewed", "expected"),
    [
        pytest.param(8, 2, "new", id="a quarter of a list shows other headlines: it goes on"),
        pytest.param(9, 2, "changed", id="fewer: they are edits"),
        pytest.param(2, 1, "changed", id="one alone is an edit, however short the list"),
        pytest.param(2, 2, "new", id="all of a short list"),
    ],
)
def test_how_much_of_a_list_must_be_renewed_for_it_to_go_on(listed: int, renewed: int, expected: str) -> None:
    memory = Memory()
    before = [
        at_place(0, place, title=f"Envoys meet in Geneva for talks on {word}", slice=b"%d" % place)
        for place, word in enumerate(("wheat", "barley", "maize", "oats", "rye", "rice", "millet", "spelt", "corn"))
    ]
    read(memory, *before[:listed])
    after = [at_place(0, place, **RATHER_LIKE_0 | {"slice": b"n%d" % place}) for place in range(renewed)]
    assert {verdict.outcome.value for verdict in read(memory, *after, cut=before[renewed:listed], hours=1)[:1]} == {
        expected
    }


def test_what_another_source_has_at_a_place_has_not_moved_in_this_one() -> None:
    memory = Memory()
    read(memory, replace(at_place(0, 1), source="mirror"))
    first = read(memory, at_place(1, 1), at_place(0, 2), hours=1)
    assert [(verdict.article, verdict.act) for verdict in first] == [(2, "begin"), (1, "sight")]


def test_a_place_where_nothing_is_kept_is_passed_over() -> None:
    memory = Memory(keep=timedelta(days=180))
    old = at_place(3, 1, published=NOW - timedelta(days=200))
    assert told(read(memory, old, at_place(0, 2), at_place(0, 3, **LIKE_0))) == [
        ("stale", None),
        ("new", 1),
        ("new", 2),
    ]
    moved = read(memory, at_place(2, 1), at_place(1, 2), at_place(0, 3), hours=1)
    assert moved[2].article == 1


def test_a_headline_that_is_dated_anew_as_it_moves_is_the_same() -> None:
    """Of 128 equal headlines a day apart, in consecutive polls of nine outlets, 120 were one item (decision 061)."""
    memory = Memory()
    read(memory, at_place(0, 1), at_place(1, 2))
    anew = at_place(0, 2, text="The delegations have left.", published=NOW + timedelta(days=9))
    assert told(read(memory, at_place(2, 1), anew, hours=1)) == [("new", 3), ("changed", 1)]


def test_an_edit_in_its_place() -> None:
    memory = Memory()
    kept = at_place(1, 2)
    read(memory, at_place(0, 1), kept)
    edited = at_place(0, 1, title="Envoys meet in Geneva for wheat talks", slice=b"edited")
    assert told(read(memory, edited, cut=[kept], hours=1)) == [("changed", 1)]


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        pytest.param(0, ("changed", 1), id="of the same date: rewritten"),
        pytest.param(1, ("new", 3), id="of another date: the next one"),
    ],
)
def test_what_shares_few_words_with_what_stood_at_its_place(later: int, expected: tuple[str, int]) -> None:
    memory = Memory()
    first, kept = at_place(0, 1), at_place(1, 2)
    read(memory, first, kept)
    assert first.published is not None
    dated = first.published + timedelta(minutes=later)
    assert told(read(memory, at_place(0, 1, **RATHER_LIKE_0, published=dated), cut=[kept], hours=1)) == [expected]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://alpha.example/world/farmers-52350083", ("new", 2), id="at another address: the next one"),
        pytest.param(PAGE, ("changed", 1), id="at the same: rewritten"),
        pytest.param("", ("changed", 1), id="at none: nothing speaks against it"),
    ],
)
def test_a_guid_that_counts_is_a_place(url: str, expected: tuple[str, int]) -> None:
    memory = Memory()
    read(memory, article("alpha", "7", STORIES[0][0], url=PAGE))
    next_one = article("alpha", "7", RATHER_LIKE_0["title"], text=RATHER_LIKE_0["text"], url=url)
    assert told(read(memory, next_one, hours=1)) == [expected]


def test_a_text_that_comes_back_a_day_later_in_another_place_is_the_next_of_a_series() -> None:
    memory = Memory()
    read(memory, at_place(0, 1), at_place(1, 2), at_place(2, 3))
    read(memory, at_place(1, 1), at_place(2, 2), hours=1)  # the first is gone
    again = at_place(0, 3, published=NOW + timedelta(days=1), slice=b"again")
    assert told(read(memory, again, cut=[at_place(1, 1), at_place(2, 2)], hours=25)) == [("new", 4)]


def test_an_edit_in_its_place_while_others_move() -> None:
    memory = Memory()
    read(memory, at_place(0, 1), at_place(1, 2), at_place(2, 3))
    moved = read(memory, at_place(0, 1, **LIKE_0), at_place(2, 2), at_place(1, 3), hours=1)
    assert told(moved) == [("changed", 1), ("changed", 3), ("changed", 2)]


def test_what_is_like_the_one_that_moved_on_from_its_place() -> None:
    memory = Memory()
    read(memory, at_place(0, 1), at_place(1, 2))
    assert told(read(memory, at_place(0, 1, **LIKE_0), at_place(0, 2), hours=1)) == [("new", 3), ("changed", 1)]


def test_series_at_one_place_differ_by_their_day() -> None:
    memory = Memory()
    read(memory, at_place(0, 1, title="Your stars for Thursday, 23 July"), at_place(1, 2), at_place(2, 3))
    stars = at_place(0, 1, title="Your stars for Thursday, 30 July", slice=b"next")
    assert told(read(memory, stars, at_place(2, 2), at_place(1, 3), hours=9))[0] == ("new", 4)


def test_a_guid_churns_while_the_text_is_rewritten() -> None:
    memory = Memory()
    first = article("alpha", "g1", url=PAGE)
    rewritten = article("alpha", "g2", "Grain: who gives way first?", text="Farmers wait.", url=PAGE)
    assert told(read(memory, first)) == [("new", 1)]
    assert told(read(memory, rewritten, hours=1)) == [("changed", 1)]


def test_two_guids_that_stand_side_by_side_at_one_address_are_two_items() -> None:
    memory = Memory()
    first = article("alpha", "g1", url=PAGE)
    second = article("alpha", "g2", "Grain: who gives way first?", text="Farmers wait.", url=PAGE)
    read(memory, first)
    assert told(read(memory, second, cut=[first], hours=1)) == [("new", 2)]


def test_a_text_that_left_its_address_has_moved() -> None:
    memory = Memory()
    first, moved = article("alpha", "g1", url=PAGE), article("alpha", "n1", url=PAGE.replace("world", "archive"))
    read(memory, first)
    (verdict,) = read(memory, moved, hours=1)
    assert (verdict.outcome, verdict.article, verdict.act, verdict.differs) == (Outcome.CHANGED, 1, "revise", ("link",))


def test_an_item_that_got_another_summary_is_known_by_it_when_it_moves() -> None:
    memory = Memory()
    first = printed(article("alpha", "g1", url=PAGE, summary="", content="x"))
    summed_up = printed(replace(first, summary=" ".join([*first.text.split()[3:], "and so on"]), slice=b"summed up"))
    assert summed_up.fingerprint.key != first.fingerprint.key
    read(memory, first)
    assert told(read(memory, summed_up, hours=1)) == [("same", 1)]
    moved = replace(summed_up, guid="n1", url=f"{PAGE}/a", canonical_url=f"{PAGE}/a", slice=b"moved")
    assert told(read(memory, moved, hours=2)) == [("changed", 1)]


def test_a_text_stays_with_the_latest_of_a_series_when_an_older_one_is_seen_again() -> None:
    memory = Memory()
    week = timedelta(days=7)
    first = article("alpha", "g1", url=PAGE, published=NOW - week)
    second = article("alpha", "g2", url=f"{PAGE}-b")
    assert told(read(memory, first)) == [("new", 1)]
    assert told(read(memory, second, cut=[first])) == [("new", 2)]
    assert told(read(memory, replace(first, slice=b"again"), cut=[second], hours=1)) == [("same", 1)]
    moved = article("alpha", "n2", url=f"{PAGE}-c")
    assert told(read(memory, moved, hours=2)) == [("changed", 2)]


def test_a_text_at_two_addresses_of_one_list_is_one_article_with_a_copy() -> None:
    memory = Memory()
    first, copy = article("alpha", "g1", url=PAGE), article("alpha", "n1", url=PAGE.replace("world", "sport"))
    read(memory, first)
    (verdict,) = read(memory, copy, cut=[first], hours=1)
    assert (verdict.outcome, verdict.article, verdict.act) == (Outcome.DUPLICATE, 1, "sight")


def test_the_window_of_a_text_counts_from_its_latest_date() -> None:
    memory = Memory()
    read(memory, article("alpha", "g1", url=PAGE))
    later = NOW + timedelta(days=9)
    read(memory, article("alpha", "g1", url=PAGE, published=later, slice=b"dated"), hours=9 * 24)
    moved = article("alpha", "n1", url=PAGE.replace("world", "archive"), published=later)
    assert told(read(memory, moved, hours=9 * 24 + 1)) == [("changed", 1)]


@pytest.mark.parametrize(
    ("carried", "expected"),
    [
        pytest.param(True, ("changed", 2), id="others carry it: it stays as it was"),
        pytest.param(False, ("changed", 1), id="nobody else does: it is rewritten"),
    ],
)
def test_what_others_carry_as_well_is_not_replaced(*, carried: bool, expected: tuple[str, int]) -> None:
    memory = Memory()
    read(memory, article("alpha", "g1", url=PAGE))
    if carried:
        read(memory, article("beta", "b1", url="https://beta.example/grain-talks-in-geneva"), hours=1)
    spam = article("alpha", "g1", "Cheap pills", text="Buy now", url=PAGE)
    (verdict,) = read(memory, spam, hours=2)
    assert (verdict.outcome.value, verdict.article) == expected
    assert verdict.story == (2 if carried else 1)
    assert verdict.because == ("no longer what others carry as well" if carried else "known; title and text changed")


def test_what_is_too_old_takes_no_name_from_an_article_that_is_kept() -> None:
    memory = Memory(keep=timedelta(days=180))
    old = NOW - timedelta(days=200)
    read(memory, article("alpha", "", url=PAGE))
    read(memory, article("alpha", "g1", "Long ago", text="An archive item.", url="", published=old))
    stale = article("alpha", "g1", "Long ago", text="An archive item of then.", url=PAGE, published=old)
    assert told(read(memory, stale, hours=1)) == [("same", None)]
    assert told(read(memory, article("alpha", "", url=PAGE, slice=b"again"), hours=2)) == [("same", 1)]


# ---------------------------------------------------------------------------- texts that come back at other addresses

LONG = "Mayors of the valley speak of a dam that was built before the war and of the fields below it."


def page(number: int, site: str, *, title: str = "", **more: Any) -> Article:
    """An undated headline without text at an address of that site."""
    url = f"https://alpha.example/{site}/{number}0000{number}"
    title = title or STORIES[number][0]
    values = {"title": title, "text": "", "url": url, "published": None, "slice": digest(title, url, *more.values())}
    return printed(article("alpha", url, **values | more))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({}, {}, id="headlines, undated"),
        pytest.param({"text": LONG}, {"text": LONG}, id="texts, undated"),
        pytest.param({"text": LONG, "published": NOW}, {"text": LONG}, id="texts that lose their dates"),
        pytest.param({"published": NOW}, {}, id="headlines that lose their dates"),
    ],
)
def test_a_site_moves_with_all_that_it_lists(before: dict[str, Any], after: dict[str, Any]) -> None:
    memory = Memory()
    first = read(memory, *(page(n, "old", **before) for n in range(4)))
    moved = read(memory, *(page(n, "new", **after) for n in range(4)), hours=72)
    assert [verdict.article for verdict in moved] == [verdict.article for verdict in first] == [1, 2, 3, 4]
    assert {verdict.act for verdict in moved} == {"revise"}


@pytest.mark.parametrize(
    ("headlines", "articles"),
    [
        pytest.param(3, [1, 2, 3, 4, 5], id="that do move, too"),
        pytest.param(0, [3, 4], id="and nothing else: each week's sections"),
    ],
)
def test_titles_that_stand_for_a_day_move_with_headlines(headlines: int, articles: list[int]) -> None:
    memory = Memory()

    def listed(site: str, hours: int) -> list[Article]:
        titles = ("Politics", "Business", *(title for title, _ in STORIES[:headlines]))
        seen = NOW + timedelta(hours=hours)
        return [page(n % 4, f"{site}{n}", title=title, first_seen=seen) for n, title in enumerate(titles)]

    read(memory, *listed("old", 0))
    seen_again = read(memory, *listed("old", 30), hours=30)
    assert {verdict.outcome.value for verdict in seen_again} == {"same"}
    assert [verdict.article for verdict in read(memory, *listed("new", 72), hours=72)] == articles


@pytest.mark.parametrize(
    ("moved", "more"),
    [
        pytest.param(2, {}, id="less than three"),
        pytest.param(4, {"published": NOW + timedelta(days=3)}, id="headlines of another date: each day's horoscopes"),
        pytest.param(4, {"published": NOW + timedelta(days=3), "text": LONG}, id="likewise, with the teaser of each"),
    ],
)
def test_a_feature_that_comes_again_is_new(moved: int, more: dict[str, Any]) -> None:
    memory = Memory()
    old = [page(n, "old", **more | {"published": NOW if more else None}) for n in range(4)]
    read(memory, *old)
    fresh = [page(n, "new", **more) for n in range(moved)]
    assert told(read(memory, *fresh, cut=old[moved:], hours=72)) == [("new", 5 + n) for n in range(moved)]


@pytest.mark.parametrize(("moved", "outcome"), [(3, "new"), (4, "changed")])
def test_half_of_a_list_is_a_move(moved: int, outcome: str) -> None:
    memory = Memory()
    old = [page(n, "old", title=f"Envoys meet in Geneva for grain talks, part {n}") for n in range(8)]
    read(memory, *old)
    fresh = [page(n, "new", title=old[n].title) for n in range(moved)]
    outcomes = {verdict.outcome.value for verdict in read(memory, *fresh, cut=old[moved:], hours=72)}
    assert outcomes == {outcome}


def test_what_keeps_its_names_does_not_make_a_move() -> None:
    """Of four items two are dated anew where they are, and two come again elsewhere: a feature."""
    memory = Memory()
    read(memory, *(page(n, "old") for n in range(4)))
    stay = [page(n, "old", slice=bytes([n])) for n in (2, 3)]
    moved = read(memory, page(0, "new"), page(1, "new"), *stay, hours=72)
    assert told(moved) == [("new", 5), ("new", 6), ("same", 3), ("same", 4)]


def test_what_left_the_list_long_ago_does_not_make_a_move() -> None:
    memory = Memory()
    read(memory, *(page(n, "old") for n in range(4)))
    for hours in (1, 30):
        read(
            memory, *(page(n, f"other{hours}", title=f"Dockers march in Oslo again {n}") for n in range(4)), hours=hours
        )
    back = read(memory, *(page(n, "new") for n in range(4)), hours=60)
    assert [verdict.outcome.value for verdict in back] == ["new"] * 4


def test_a_story_under_two_sections_moves_with_its_site() -> None:
    memory = Memory()
    both = [page(0, "old"), page(4, "old", title=STORIES[0][0])]
    assert told(read(memory, *both, *(page(n, "old") for n in (1, 2)))) == [
        ("new", 1), ("duplicate", 1), ("new", 2), ("new", 3)
    ]  # fmt: skip
    both = [page(0, "new"), page(4, "new", title=STORIES[0][0])]
    moved = read(memory, *both, *(page(n, "new") for n in (1, 2)), hours=72)
    assert [verdict.article for verdict in moved] == [1, 1, 2, 3]


def test_each_weeks_letters_are_new() -> None:
    memory = Memory()
    rest = [page(n % 4, "old", title=f"Dockers march in Oslo again {n}") for n in range(9)]
    found = []
    for week in range(3):
        letters = [page(n, f"week{week}", title="Letters to the editor of this week") for n in range(3)]
        found += read(memory, *letters, *(() if week else rest), cut=rest, hours=168 * week)[:3]
    assert {verdict.outcome.value for verdict in found} == {"new"}


def test_what_stands_at_its_date_is_not_moved_by_a_copy() -> None:
    """X and Y take the text from each other; Y still stands when a copy of it is listed."""
    memory = Memory()
    title = "Strikes in the strait: latest developments"
    x, y = (page(n, "old", title=title, published=NOW - timedelta(days=2 - n)) for n in (0, 1))
    other = printed(replace(x, title="Strikes in the strait: what is known of them", slice=b"other"))
    read(memory, x)
    read(memory, y, cut=[x])
    read(memory, other, cut=[y])
    read(memory, replace(x, slice=b"x again"), cut=[y])
    y = printed(replace(y, title="Strikes in the strait: what is known of them", slice=b"y other"))
    read(memory, y, cut=[replace(x, slice=b"x again")])
    y = page(1, "old", title=title, published=y.published, slice=b"y again")
    read(memory, y, cut=[replace(x, slice=b"x again")])
    (copy,) = read(memory, page(2, "new", title=title, published=y.published), cut=[replace(x, slice=b"x again"), y])
    assert (copy.article, copy.act) == (2, "sight")


def test_copies_that_are_dated_by_each_poll_leave_no_name_for_each_date() -> None:
    memory = Memory()
    for n in range(9):
        at = NOW + timedelta(minutes=15 * n)
        two = [
            page(k, "old", title=STORIES[0][0], published=at - timedelta(seconds=7 * k), slice=bytes([n, k]))
            for k in (0, 1)
        ]
        memory("alpha", [replace(item, first_seen=at) for item in two], at, frozenset(item.slice for item in two))
    assert len([name for name in memory.names if name[0] == "hash"]) == 1


def test_what_another_source_lists_does_not_make_a_move() -> None:
    memory = Memory()
    read(memory, *(page(n, "old") for n in range(4)))
    others = [replace(page(n, "new"), source="beta") for n in range(4)]
    assert told(read(memory, *others, hours=72)) == [("new", 5), ("new", 6), ("new", 7), ("new", 8)]


def test_copies_that_still_stand_do_not_make_a_move() -> None:
    """A list that shows all that it has in a second section, too, days later."""
    memory = Memory()
    old = [page(n, "old") for n in range(3)]
    read(memory, *old)
    assert told(read(memory, *(page(n, "new") for n in range(3)), cut=old, hours=72)) == [
        ("new", 4), ("new", 5), ("new", 6)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "outcome"),
    [
        pytest.param(11, "duplicate", id="on one day"),
        pytest.param(13, "new", id="on the next day, though hours later"),
    ],
)
def test_an_undated_title_of_a_day_is_of_that_day(hours: int, outcome: str) -> None:
    memory = Memory()
    old = page(0, "old", title="Morning briefing")
    read(memory, old)  # at noon
    again = replace(page(0, "new", title="Morning briefing"), first_seen=NOW + timedelta(hours=hours))
    (verdict,) = read(memory, printed(again), cut=[old], hours=hours)
    assert verdict.outcome.value == outcome


@pytest.mark.parametrize(
    ("title", "outcome"),
    [
        pytest.param(STORIES[0][0], "changed", id="a headline"),
        pytest.param("Letters", "new", id="a title that stands for a day"),
    ],
)
def test_an_undated_item_of_a_list_of_places_moves_at_any_age(title: str, outcome: str) -> None:
    """Its former place is another site's by now, as in merged lists, so nothing but its text leads to it."""
    memory = Memory()
    read(memory, printed(at_place(0, 0, title=title, text="", published=None)), at_place(1, 1, published=None))
    moved = at_place(0, 7, title=title, text="", published=None, first_seen=NOW + timedelta(hours=72))
    (verdict, _) = read(memory, printed(moved), at_place(1, 1, published=None), hours=72)
    assert verdict.outcome.value == outcome


def test_a_text_that_others_took_is_found_by_its_date_though_it_was_seen_again() -> None:
    memory = Memory()
    title = "Strikes in the strait: latest developments"
    first, second = (page(n, "old", title=title, published=NOW - timedelta(days=n)) for n in (2, 0))
    read(memory, first)
    read(memory, second, cut=[first])
    read(memory, replace(first, slice=b"again"), cut=[second])
    for number, item in enumerate((first, second), 1):
        (moved,) = read(memory, page(number, "new", title=title, published=item.published))
        assert (moved.article, moved.act) == (number, "revise")


def test_each_of_one_headline_is_found_by_its_date() -> None:
    memory = Memory()
    title = "Strikes in the strait: latest developments"
    dates = [NOW - timedelta(days=n) for n in range(3)]
    first = read(memory, *(page(n, "old", title=title, published=at) for n, at in enumerate(dates)))
    assert told(first) == [("new", 1), ("new", 2), ("new", 3)]
    for hours in (30, 60):
        site = f"in{hours}"
        moved = read(memory, *(page(n, site, title=title, published=at) for n, at in enumerate(dates)), hours=hours)
        assert told(moved) == [("changed", 1), ("changed", 2), ("changed", 3)]


def test_each_place_of_one_article_is_found_by_its_date() -> None:
    memory = Memory()
    title = "Strikes in the strait: latest developments"
    dates = [NOW, NOW - timedelta(hours=9)]
    first = read(memory, *(page(n, "old", title=title, published=at) for n, at in enumerate(dates)))
    assert told(first) == [("new", 1), ("duplicate", 1)]
    moved = read(memory, *(page(n, "new", title=title, published=at) for n, at in enumerate(dates)), hours=48)
    assert [verdict.article for verdict in moved] == [1, 1]


@pytest.mark.parametrize("before", [pytest.param(None, id="undated at first"), pytest.param(NOW, id="of one date")])
def test_two_places_of_one_article_leave_one_text(before: datetime | None) -> None:
    memory = Memory()
    read(memory, page(0, "old", published=before), page(1, "old", title=STORIES[0][0], published=NOW))
    assert len([name for name in memory.names if name[0] == "hash"]) == 1


def test_one_item_that_moves_with_a_new_date_leaves_no_name_for_each_date() -> None:
    memory = Memory()
    for n in range(5):
        read(memory, page(0, f"site{n}", published=NOW + timedelta(hours=n)), hours=n)
    assert len([name for name in memory.names if name[0] == "hash"]) == 1


def test_one_item_that_is_dated_anew_leaves_no_name_for_each_date() -> None:
    memory = Memory()
    for n in range(5):
        read(memory, page(0, "old", published=NOW + timedelta(hours=n), slice=bytes([n])), hours=n)
    assert len([name for name in memory.names if name[0] == "hash"]) == 1


@pytest.mark.parametrize(
    ("listed", "more", "articles"),
    [
        pytest.param(3, {}, [1, 2, 3], id="three undated: a series"),
        pytest.param(3, {"published": NOW}, [1, 2, 3], id="three dated by the poll: a series"),
        pytest.param(2, {}, [1, 1], id="two: one of them a copy"),
        pytest.param(3, {"published": NOW - timedelta(hours=1)}, [1, 1, 1], id="three of one date: copies"),
        pytest.param(3, {"text": LONG}, [1, 1, 1], id="three of one text: copies"),
    ],
)
def test_one_headline_at_several_addresses_of_a_document(
    listed: int, more: dict[str, Any], articles: list[int]
) -> None:
    items = [page(n, "old", title="Letters to the editor of this week", **more) for n in range(listed)]
    assert [verdict.article for verdict in read(Memory(), *items)] == articles
