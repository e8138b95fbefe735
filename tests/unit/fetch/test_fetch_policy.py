"""What requests say, what answers ask of us, and when we come again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.config.settings import PollSettings
from feeds.fetch import policy, rhythm
from feeds.model import (
    Answer,
    Failed,
    FeedHead,
    Fetched,
    Gone,
    Hints,
    Hop,
    NotModified,
    Reading,
    Rejected,
    Request,
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
DATED = {"date": "Fri, 01 May 2026 10:00:00 GMT"}


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


# ---------------------------------------------------------------------------------------------- asking


def test_a_first_request_says_who_asks_for_what_and_nothing_else() -> None:
    request = policy.ask(SOURCE, FRESH, NOW)
    names = [name for name, _ in policy.headers(request, "topic-feeds/1 (+mailto:desk@example.org)")]
    assert request.url == "http://wire.example/feed"
    assert names == ["User-Agent", "Accept", "Accept-Encoding"]
    said = dict(policy.headers(request, "topic-feeds/1 (+mailto:desk@example.org)"))
    assert said["User-Agent"] == "topic-feeds/1 (+mailto:desk@example.org)"
    assert said["Accept-Encoding"] == "gzip"
    assert "application/atom+xml" in said["Accept"]


@pytest.mark.parametrize(
    "etag",
    [
        pytest.param('"abc"', id="plain"),
        pytest.param('W/"abc"', id="weak"),
        pytest.param("abc", id="without its quotes"),
        pytest.param('"a"b"', id="a quote inside"),
        pytest.param('"abc-gzip"', id="marked by a proxy"),
        pytest.param("\xe9\xff", id="bytes beyond ASCII"),
    ],
)
def test_validators_go_back_byte_for_byte(etag: str) -> None:
    said = dict(policy.headers(Request(source="wire", url="http://x/", etag=etag, last_modified="yesterday"), "x"))
    assert (said["If-None-Match"], said["If-Modified-Since"]) == (etag, "yesterday")


def test_the_learnt_address_is_asked() -> None:
    request = policy.ask(SOURCE, replace(KNOWN, moved_to="https://wire.example/feed"), NOW)
    assert request == Request(
        source="wire",
        url="https://wire.example/feed",
        etag=KNOWN.etag,
        last_modified=KNOWN.last_modified,
        body_hash=b"old",
    )


# --------------------------------------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("headers", "max_age"),
    [
        pytest.param({}, 0, id="nothing said"),
        pytest.param({"cache-control": "public, max-age=600"}, 600, id="max-age"),
        pytest.param({"cache-control": 'Max-Age="600"'}, 600, id="quoted, other case"),
        pytest.param({"cache-control": "s-maxage=600"}, 0, id="meant for shared caches"),
        pytest.param({"cache-control": "no-cache, max-age=600"}, 0, id="no-cache wins"),
        pytest.param({"cache-control": "max-age=600, no-store"}, 0, id="no-store wins"),
        pytest.param({"cache-control": "max-age=600", "age": "200"}, 400, id="time spent in a cache counts"),
        pytest.param({"cache-control": "max-age=172800", "age": "100000"}, 72800, id="age counts before the cap"),
        pytest.param({"cache-control": "max-age=600", "age": "900"}, 0, id="stale already"),
        pytest.param({"cache-control": "max-age=31536000"}, DAY, id="a year is a day"),
        pytest.param({"cache-control": "max-age=" + "9" * 5000}, DAY, id="more digits than int() takes"),
        pytest.param({"cache-control": "max-age=-5"}, 0, id="negative"),
        pytest.param({**DATED, "expires": "Fri, 01 May 2026 10:20:00 GMT"}, 1200, id="Expires from the server's Date"),
        pytest.param({"expires": "Fri, 01 May 2026 12:20:00 GMT"}, 1200, id="Expires from our clock without Date"),
        pytest.param({**DATED, "expires": "Fri, 01 May 2026 09:00:00 GMT"}, 0, id="expired"),
        pytest.param({**DATED, "expires": "0"}, 0, id="Expires: 0"),
        pytest.param(
            {**DATED, "cache-control": "max-age=60", "expires": "Fri, 01 May 2026 11:00:00 GMT"}, 60, id="max-age wins"
        ),
    ],
)
def test_how_long_an_answer_stays_fresh(headers: dict[str, str], max_age: int) -> None:
    assert policy.hints(headers, NOW).max_age == max_age


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"retry-after": "120"}, 120, id="seconds"),
        pytest.param({**DATED, "retry-after": "Fri, 01 May 2026 10:02:00 GMT"}, 120, id="a date"),
        pytest.param({"retry-after": "Fri, 01 May 2026 12:02:00 GMT"}, 120, id="a date, and no Date"),
        pytest.param({**DATED, "retry-after": "Friday, 01-May-26 10:02:00 GMT"}, 120, id="an obsolete date"),
        pytest.param({**DATED, "retry-after": "Fri, 01 May 2020 10:02:00 GMT"}, 0, id="a date long past"),
        pytest.param({"retry-after": "99999999999999999999"}, DAY, id="absurd"),
        pytest.param({"retry-after": "soon"}, 0, id="a word"),
        pytest.param({"retry-after": "-1"}, 0, id="negative"),
    ],
)
def test_when_to_try_again(headers: dict[str, str], seconds: int) -> None:
    assert policy.hints(headers, NOW).retry_after == seconds


@given(st.dictionaries(st.sampled_from(["cache-control", "expires", "date", "age", "retry-after"]), st.text()))
@settings(max_examples=150, deadline=None)
def test_no_header_makes_us_wait_longer_than_a_day(headers: dict[str, str]) -> None:
    hints = policy.hints(headers, NOW)
    assert 0 <= hints.max_age <= DAY
    assert 0 <= hints.retry_after <= DAY


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


@pytest.mark.parametrize(
    ("url", "hops", "learnt"),
    [
        pytest.param(SOURCE.url, [(301, "https://wire.example/feed")], "https://wire.example/feed", id="https"),
        pytest.param(SOURCE.url, [(308, "https://wire.example/f/")], "https://wire.example/f/", id="https, other path"),
        pytest.param(
            SOURCE.url,
            [(301, "https://wire.example/feed"), (302, "https://x/")],
            "https://wire.example/feed",
            id="only the first hop is learnt",
        ),
        pytest.param(SOURCE.url, [(302, "https://wire.example/feed")], "", id="temporary"),
        pytest.param(SOURCE.url, [(301, "https://www.wire.example/feed")], "", id="another host"),
        pytest.param(SOURCE.url, [(301, "http://wire.example/rss")], "", id="not https"),
        pytest.param(SOURCE.url, [(301, "https://wire.example:8443/feed")], "", id="another port"),
        pytest.param("https://wire.example/feed", [(301, "https://wire.example/rss")], "", id="https already"),
        pytest.param("http://me:pw@wire.example/feed", [(301, "https://wire.example/feed")], "", id="credentials stay"),
        pytest.param(SOURCE.url, [], "", id="no redirect"),
    ],
)
def test_what_is_learnt_from_redirects(url: str, hops: list[tuple[int, str]], learnt: str) -> None:
    answer = NotModified(hops=tuple(Hop(status=status, url=to) for status, to in hops))
    assert after(KNOWN, answer, source=replace(SOURCE, url=url)).moved_to == learnt


def test_what_was_learnt_is_forgotten_when_it_fails() -> None:
    state = after(replace(KNOWN, moved_to="https://wire.example/feed"), Failed(why="tls", url=""))
    assert state.moved_to == ""


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


def test_a_ttl_outlasts_the_answers_that_cannot_repeat_it() -> None:
    state = after(FRESH, FETCHED, reading=replace(NEWS, head=FeedHead(format="rss20", ttl=7200)))
    assert after(state, NotModified()).interval >= 7200


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
@settings(max_examples=100, deadline=None)
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
