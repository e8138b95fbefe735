"""What is remembered of a source, and when it is asked again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.config.settings import PollSettings
from feeds.fetch import rhythm
from feeds.model import (
    Answer,
    Failed,
    FeedHead,
    Fetched,
    Gone,
    Hints,
    NotModified,
    Reading,
    Rejected,
    Source,
    SourceState,
    Unreadable,
)

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SOURCE = Source(name="wire", url="http://wire.example/feed")
FILES = Source(name="desk", url="file:/srv/articles")
FRESH = SourceState(source="wire")
KNOWN = SourceState(
    source="wire", etag='"1"', last_modified="Fri, 01 May 2026 08:00:00 GMT", body_hash=b"old", interval=3600
)
POLL = PollSettings()
FETCHED = Fetched(documents=(), body_hash=b"new", etag='"2"')
NEWS = Reading(head=FeedHead(format="rss20"), items=(Rejected(source="wire", why="any item"),))
NO_NEWS = Reading(head=FeedHead(format="rss20"), items=(), known=20)
HOUR, DAY = 3600, 86400


def gap(state: SourceState) -> float:
    assert state.next_poll is not None
    return (state.next_poll - NOW).total_seconds()


def after(
    state: SourceState,
    answer: Answer,
    *,
    source: Source = SOURCE,
    reading: Reading | Unreadable | None = None,
    poll: PollSettings = POLL,
) -> SourceState:
    return rhythm.after(state, source, answer, NOW, poll=poll, reading=reading)[0]


# ------------------------------------------------------------------------------------- what is remembered


def test_a_body_that_was_read_leaves_its_validators_and_hash() -> None:
    state = after(KNOWN, FETCHED, reading=NEWS)
    assert (state.etag, state.body_hash, state.changed, state.polled) == ('"2"', b"new", NOW, NOW)
    assert state.last_modified == "", "a validator that the server dropped is forgotten"


def test_a_body_that_could_not_be_read_leaves_no_validators() -> None:
    state = after(KNOWN, FETCHED, reading=Unreadable(why="not_a_feed", detail="a page"))
    assert (state.etag, state.last_modified, state.body_hash) == (KNOWN.etag, KNOWN.last_modified, KNOWN.body_hash)
    assert (state.failures, state.failing_since, state.why) == (1, NOW, "not_a_feed: a page")
    assert state.changed is None


@pytest.mark.parametrize(
    ("feeds", "words"),
    [
        pytest.param((), "", id="none"),
        pytest.param(("https://a/1",), "; the page links https://a/1", id="one"),
        pytest.param(("https://a/1", "https://a/2"), "; the page links https://a/1 and https://a/2", id="two"),
        pytest.param(
            tuple(f"https://a/{n}" for n in range(20)),
            "; the page links https://a/0 and https://a/1 and https://a/2 and 17 more",
            id="twenty",
        ),
        pytest.param((f"https://a/{'x' * 9000}",), f"; the page links https://a/{'x' * 140}…", id="without end"),
    ],
)
def test_a_page_that_links_feeds_is_remembered_with_the_first_of_them(feeds: tuple[str, ...], words: str) -> None:
    page = Unreadable(why="not_a_feed", detail="an HTML page", feeds=feeds)
    assert after(KNOWN, FETCHED, reading=page).why == f"not_a_feed: an HTML page{words}"


def test_not_modified_keeps_validators_unless_it_brings_new_ones() -> None:
    assert after(KNOWN, NotModified()).etag == '"1"'
    assert after(KNOWN, NotModified(etag='"3"')).etag == '"3"'
    assert after(KNOWN, NotModified(equal_body=True, etag="", last_modified="")).etag == ""


def test_success_ends_a_row_of_failures() -> None:
    failing = replace(KNOWN, failures=3, failing_since=NOW - timedelta(days=1), why="dns", stopped=True)
    state = after(failing, NotModified())
    assert (state.failures, state.failing_since, state.why, state.stopped) == (0, None, "", False)


@pytest.mark.parametrize("status", [410, 451])
def test_gone_stops_and_says_so_in_words(status: int) -> None:
    state = after(KNOWN, Gone(status=status, url=SOURCE.url))
    assert state.stopped
    assert str(status) in state.why
    assert "not asked any more" in state.why
    assert gap(state) >= DAY


def test_gone_where_it_had_moved_to_asks_the_configured_address_again() -> None:
    state = after(replace(KNOWN, moved_to="https://wire.example/feed"), Gone(status=410, url="https://wire.example/f"))
    assert (state.stopped, state.moved_to, state.failures) == (False, "", 1)


# ------------------------------------------------------------------------------------------- the rhythm


@pytest.mark.parametrize(
    ("state", "answer", "reading", "seconds"),
    [
        pytest.param(FRESH, FETCHED, NEWS, 900, id="the first interval is the floor"),
        pytest.param(KNOWN, FETCHED, NEWS, 2880, id="news: sooner"),
        pytest.param(KNOWN, FETCHED, NO_NEWS, 5400, id="another body with nothing new in it: later"),
        pytest.param(KNOWN, NotModified(), None, 5400, id="unchanged: later"),
        pytest.param(replace(KNOWN, interval=900), FETCHED, NEWS, 900, id="never below the floor"),
        pytest.param(replace(KNOWN, interval=80000), NotModified(), None, DAY, id="never above a day"),
        pytest.param(KNOWN, NotModified(hints=Hints(max_age=7200)), None, 7200, id="max-age is a floor, on 304 too"),
        pytest.param(KNOWN, NotModified(hints=Hints(max_age=60)), None, 5400, id="a small max-age hurries nothing"),
        pytest.param(
            KNOWN, FETCHED, replace(NEWS, head=FeedHead(format="rss20", ttl=9000)), 9000, id="the feed's ttl is a floor"
        ),
        pytest.param(
            KNOWN, FETCHED, replace(NEWS, head=FeedHead(format="rss20", ttl=10**9)), DAY, id="an absurd ttl is a day"
        ),
    ],
)
def test_intervals(state: SourceState, answer: Answer, reading: Reading | None, seconds: int) -> None:
    waited = gap(after(state, answer, reading=reading))
    assert seconds <= waited <= seconds + min(seconds / 10, 1800)


@pytest.mark.parametrize(
    ("state", "answer", "reading", "seconds", "because"),
    [
        pytest.param(KNOWN, NotModified(hints=Hints(max_age=21600)), None, 21600, "max-age is 6 h", id="max-age"),
        pytest.param(replace(KNOWN, ttl=21600), NotModified(), None, 21600, "the feed asks for 6 h", id="ttl"),
        pytest.param(replace(KNOWN, interval=21600), NotModified(), None, 3600, "every 1 h", id="it asks for nothing"),
    ],
)
def test_the_longest_interval_cuts_ours_not_what_the_publisher_asks_for(
    state: SourceState, answer: Answer, reading: Reading | None, seconds: int, because: str
) -> None:
    state = after(state, answer, reading=reading, poll=PollSettings(interval_max=timedelta(hours=1)))
    assert seconds <= gap(state) <= seconds * 1.1
    assert because in state.next_why


def listing(known: int, new: int) -> Reading:
    return Reading(head=FeedHead(format="rss20"), items=NEWS.items * new, known=known)


@pytest.mark.parametrize(
    ("known", "new", "factor"),
    [
        pytest.param(19, 1, 0.8, id="one of twenty is new: nothing slips by, sooner is fresher"),
        pytest.param(14, 6, 0.8, id="just above two thirds known"),
        pytest.param(12, 6, 1.0, id="two thirds known: the aim"),
        pytest.param(10, 10, 1.0, id="half known: the aim"),
        pytest.param(6, 12, 1.0, id="a third known: the aim"),
        pytest.param(6, 13, 0.5, id="less than a third known: items may have slipped by"),
        pytest.param(0, 20, 0.5, id="nothing known: items must have slipped by"),
        pytest.param(1, 2, 0.8, id="too few items to tell"),
        pytest.param(20, 0, 1.5, id="all known"),
    ],
)
def test_a_third_to_two_thirds_known_is_the_aim(known: int, new: int, factor: float) -> None:
    state = replace(KNOWN, interval=10_000, changed=NOW)
    assert after(state, FETCHED, reading=listing(known, new)).interval == 10_000 * factor


def test_the_first_list_tells_nothing_of_the_rhythm() -> None:
    assert after(replace(KNOWN, interval=10_000), FETCHED, reading=listing(0, 20)).interval == 8000


@pytest.mark.parametrize("per_hour", [2, 40])
def test_a_steady_feed_settles_where_nothing_slips_by(per_hour: int) -> None:
    """A list of 30 items, `per_hour` of them new each hour, from an interval of a day."""
    state = replace(KNOWN, interval=DAY, changed=NOW)
    for _ in range(40):
        new = min(30, round(state.interval / HOUR * per_hour))
        state = after(state, FETCHED, reading=listing(30 - new, new))
    assert state.interval * per_hour / HOUR <= 20, "at least a third of the list is known"
    assert state.interval >= 900


# ------------------------------------------------------------------------------------ hours to be spared


@pytest.mark.parametrize(
    ("hours", "days", "at"),
    [
        pytest.param(0, 0, "2026-05-01T12:15", id="nothing asked"),
        pytest.param(1 << 11, 0, "2026-05-01T12:15", id="another hour"),
        pytest.param(1 << 12, 0, "2026-05-01T13:00", id="this hour"),
        pytest.param(0b111 << 12, 0, "2026-05-01T15:00", id="three hours"),
        pytest.param(0xFFF << 12, 0, "2026-05-02T00:00", id="till midnight"),
        pytest.param(0, 1 << 4, "2026-05-02T00:00", id="Fridays"),
        pytest.param(1, 1 << 4, "2026-05-02T01:00", id="Fridays, and the first hour"),
        pytest.param(0, 0b110_0000 | 1 << 4, "2026-05-02T12:00", id="three days: a day is the most"),
        pytest.param(0xFFFFFF, 0x7F, "2026-05-02T12:00", id="always: a day is the most"),
    ],
)
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(FETCHED, id="after a body"),
        pytest.param(NotModified(), id="after a 304"),
        pytest.param(Failed(why="dns", url=""), id="after a failure"),
    ],
)
def test_hours_and_days_that_a_feed_wants_to_be_spared(answer: Answer, hours: int, days: int, at: str) -> None:
    head = FeedHead(format="rss20", skip_hours=hours, skip_days=days)
    state = replace(KNOWN, interval=600, skip_hours=hours, skip_days=days)
    state = after(state, answer, reading=replace(NEWS, head=head))
    assert state.next_poll is not None
    earliest = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert earliest <= state.next_poll <= earliest + timedelta(minutes=10)
    assert not hours & 1 << 12 or "not to be polled" in state.next_why


def test_wishes_of_the_feed_last_until_it_says_otherwise() -> None:
    head = FeedHead(format="rss20", ttl=7200, skip_hours=1, skip_days=2)
    state = after(FRESH, FETCHED, reading=replace(NEWS, head=head))
    for answer in (NotModified(), Failed(why="dns", url="")):
        state = after(state, answer)
        assert (state.ttl, state.skip_hours, state.skip_days) == (7200, 1, 2)
    state = after(state, FETCHED, reading=NEWS)
    assert (state.ttl, state.skip_hours, state.skip_days) == (0, 0, 0)


def test_a_ttl_outlasts_the_answers_that_cannot_repeat_it() -> None:
    state = after(FRESH, FETCHED, reading=replace(NEWS, head=FeedHead(format="rss20", ttl=7200)))
    assert after(state, NotModified()).interval >= 7200


def test_a_ttl_is_a_floor_after_failures_too() -> None:
    assert 7200 <= gap(after(replace(KNOWN, ttl=7200), Failed(why="dns", url=""))) <= 7920


@pytest.mark.parametrize(
    ("state", "answer", "words"),
    [
        pytest.param(FRESH, FETCHED, "every 15 min, the shortest interval configured", id="the floor"),
        pytest.param(KNOWN, NotModified(), "every 1.5 h, as it has news", id="adapted"),
        pytest.param(KNOWN, NotModified(hints=Hints(max_age=7200)), "its max-age is 2 h", id="max-age"),
        pytest.param(replace(KNOWN, ttl=9000), NotModified(), "the feed asks for 2.5 h between polls", id="ttl"),
        pytest.param(
            KNOWN, Failed(why="dns", url=""), "it has failed once, so it is asked more rarely", id="a failure"
        ),
        pytest.param(
            replace(KNOWN, failures=2),
            Failed(why="dns", url=""),
            "it has failed 3 times, so it is asked more rarely",
            id="failures",
        ),
        pytest.param(
            KNOWN, Failed(why="http_503", url="", hints=Hints(retry_after=7200)), "its Retry-After is 2 h", id="503"
        ),
        pytest.param(KNOWN, Gone(status=410, url=""), "", id="gone"),
    ],
)
def test_what_decided_the_next_poll_is_told(state: SourceState, answer: Answer, words: str) -> None:
    assert after(state, answer).next_why == words


def test_max_age_of_one_answer_does_not_slow_the_next() -> None:
    assert after(KNOWN, NotModified(hints=Hints(max_age=DAY))).interval == 5400


def test_files_keep_their_floor() -> None:
    desk = replace(FILES, interval_min=60)
    state = SourceState(source="desk", interval=60)
    for _ in range(5):
        state = after(state, NotModified(), source=desk)
    assert state.interval == 60
    for _ in range(5):
        state = after(state, Failed(why="missing_file", url=FILES.url), source=desk)
    assert gap(state) <= 66


def test_a_source_may_be_rarer_than_the_longest_interval() -> None:
    rare = replace(SOURCE, interval_min=7200)
    assert after(KNOWN, NotModified(), source=rare, poll=PollSettings(interval_max=timedelta(hours=1))).interval == 7200


# ---------------------------------------------------------------------------------------------- failures


def row_of(answer: Answer, count: int) -> list[float]:
    state, gaps = KNOWN, []
    for _ in range(count):
        state = after(state, answer)
        gaps.append(gap(state))
    return gaps


def test_failures_come_ever_more_rarely_and_never_end() -> None:
    gaps = row_of(Failed(why="dns", url=SOURCE.url), 40)
    assert 900 <= gaps[0] <= 990
    assert all(later >= sooner * 1.5 for sooner, later in pairwise(gaps[:7]))
    assert DAY <= gaps[-1] <= DAY + 1800


def test_a_refusal_waits_four_hours_then_doubles() -> None:
    gaps = row_of(Failed(why="http_403", url=SOURCE.url, status=403), 4)
    for hours, waited in zip((4, 8, 16, 24), gaps, strict=True):
        assert hours * HOUR <= waited <= hours * HOUR * 1.1


def test_a_refusal_after_other_failures_waits_four_hours_first() -> None:
    state = replace(KNOWN, failures=9, failing_since=NOW, why="dns: no such name")
    for hours in (4, 8, 16, 24):
        state = after(state, Failed(why="http_403", url=SOURCE.url, status=403))
        assert hours * HOUR <= gap(state) <= hours * HOUR * 1.1


@pytest.mark.parametrize(
    ("answer", "at_least", "host"),
    [
        pytest.param(Failed(why="http_503", url="", status=503, hints=Hints(retry_after=7200)), 7200, 0, id="503"),
        pytest.param(
            Failed(why="http_429", url="", status=429, hints=Hints(retry_after=7200), holds_host=True),
            7200,
            7200,
            id="429 holds the host",
        ),
        pytest.param(
            Failed(why="http_429", url="", status=429, holds_host=True), 4 * HOUR, 4 * HOUR, id="429 that says no time"
        ),
        pytest.param(Failed(why="http_500", url="", status=500, hints=Hints(max_age=7200)), 7200, 0, id="max-age too"),
    ],
)
def test_a_failure_waits_as_long_as_it_asks_for(answer: Failed, at_least: int, host: int) -> None:
    state, host_until = rhythm.after(KNOWN, SOURCE, answer, NOW, poll=POLL)
    assert at_least <= gap(state) <= at_least * 1.1
    assert host_until == (NOW + timedelta(seconds=host) if host else None)


def test_failing_since_is_the_first_of_the_row() -> None:
    earlier = NOW - timedelta(hours=5)
    state = after(
        replace(KNOWN, failures=2, failing_since=earlier), Failed(why="dns", url="", detail="no such name"), poll=POLL
    )
    assert (state.failures, state.failing_since, state.why) == (3, earlier, "dns: no such name")


# ------------------------------------------------------------------------------------------------- laws


ANSWERS = st.one_of(
    st.builds(Hints, max_age=st.integers(0, DAY)).map(lambda h: NotModified(hints=h)),
    st.builds(Hints, max_age=st.integers(0, DAY)).map(lambda h: replace(FETCHED, hints=h)),
    st.builds(Hints, retry_after=st.integers(0, DAY)).map(lambda h: Failed(why="http_503", url="", hints=h)),
    st.just(Failed(why="http_403", url="", status=403)),
)


@given(st.lists(ANSWERS, min_size=1, max_size=30), st.integers(1, 7200), st.integers(0, 10**9))
@settings(max_examples=100)
def test_the_next_poll_is_never_early_and_never_much_later_than_a_day(
    answers: list[Answer], floor: int, moment: int
) -> None:
    source, state, now = replace(SOURCE, interval_min=floor), FRESH, NOW + timedelta(seconds=moment)
    for answer in answers:
        state, _ = rhythm.after(state, source, answer, now, poll=POLL, reading=NEWS)
        assert state.next_poll is not None
        waited = (state.next_poll - now).total_seconds()
        asked = max(answer.hints.max_age, answer.hints.retry_after) if not isinstance(answer, Gone) else 0
        assert max(floor, asked) <= waited <= DAY + 1800
        assert not state.stopped
        now = state.next_poll


def test_jitter_is_pure_and_differs_between_sources() -> None:
    one = [after(KNOWN, NotModified()).next_poll for _ in range(2)]
    many = {after(KNOWN, NotModified(), source=replace(SOURCE, name=f"s{n}")).next_poll for n in range(50)}
    assert one[0] == one[1]
    assert len(many) > 45
