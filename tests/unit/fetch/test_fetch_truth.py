"""Whether 304s are true: when a source is asked without validators, and what follows from the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feeds.config.settings import PollSettings
from feeds.fetch import policy, rhythm, truth
from feeds.model import (
    Answer,
    Failed,
    FeedHead,
    Fetched,
    NotModified,
    Reading,
    Rejected,
    Source,
    SourceState,
    Unreadable,
)

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SOURCE = Source(name="wire", url="http://wire.example/feed")
READ = Reading(head=FeedHead(format="rss20"), items=(Rejected(source="wire", why="any item"),))
KNOWN = SourceState(
    source="wire", etag='"1"', last_modified="yesterday", body_hash=b"1", interval=3600, body_at=NOW, changed=NOW
)
OTHER, SAME = Fetched(documents=(), body_hash=b"2", etag='"2"'), NotModified(equal_body=True, etag='"1"')


def hours(count: float) -> datetime:
    return NOW + timedelta(hours=count)


def after(state: SourceState, answer: Answer, now: datetime) -> SourceState:
    return rhythm.after(state, SOURCE, answer, now, poll=PollSettings(), reading=READ)[0]


def validators(state: SourceState, now: datetime) -> tuple[str, str]:
    request = policy.ask(SOURCE, state, now)
    assert request.body_hash == state.body_hash, "by which a lie is told"
    return request.etag, request.last_modified


@pytest.mark.parametrize(
    ("state", "at", "probe"),
    [
        pytest.param(KNOWN, hours(23.9), False, id="a day is the least"),
        pytest.param(KNOWN, hours(24), True, id="a day of silence, no usual gap known"),
        pytest.param(replace(KNOWN, usual_gap=600), hours(23.9), False, id="a day is the least for busy ones too"),
        pytest.param(replace(KNOWN, usual_gap=600), hours(24), True, id="a busy one"),
        pytest.param(replace(KNOWN, usual_gap=36_000), hours(79.9), False, id="less than 8 times its usual gap"),
        pytest.param(replace(KNOWN, usual_gap=36_000), hours(80), True, id="8 times its usual gap"),
        pytest.param(replace(KNOWN, probed=hours(10)), hours(33.9), False, id="once a day at most"),
        pytest.param(replace(KNOWN, probed=hours(10)), hours(34), True, id="a day after the last"),
        pytest.param(replace(KNOWN, body_at=None), hours(99), False, id="nothing known yet"),
        pytest.param(replace(KNOWN, etag="", last_modified=""), hours(99), False, id="unconditional anyway"),
        pytest.param(replace(KNOWN, distrusted_until=hours(100)), hours(99), False, id="distrusted anyway"),
    ],
)
def test_when_a_304_is_doubted(state: SourceState, at: datetime, probe: bool) -> None:
    assert truth.is_probe(state, at) is probe
    if probe:
        assert validators(state, at) == ("", "")


def test_another_body_shows_the_304s_untrue_for_a_week() -> None:
    state = after(KNOWN, OTHER, hours(24))
    assert (state.etag, state.distrusted_until) == ('"2"', hours(24 + 7 * 24)), "kept, not sent"
    assert validators(state, hours(24 + 7 * 24 - 1)) == ("", "")
    state = after(state, replace(SAME, etag='"3"'), hours(24 + 7 * 24 - 1))
    assert validators(state, hours(24 + 7 * 24)) == ('"3"', ""), "believed again"


def test_the_same_body_shows_that_silence_is_usual_here() -> None:
    state = after(KNOWN, SAME, hours(24))
    assert (state.distrusted_until, state.body_at, state.usual_gap) == (None, hours(24), 86_400)
    assert validators(state, hours(25)) == ('"1"', "yesterday")
    assert not truth.is_probe(state, hours(24 + 8 * 24 - 1))
    assert truth.is_probe(state, hours(24 + 8 * 24))


def test_a_change_that_a_conditional_request_brought_shows_nothing() -> None:
    state = after(KNOWN, OTHER, hours(5))
    assert (state.distrusted_until, state.body_at, state.probed) == (None, hours(5), None)


@pytest.mark.parametrize(
    ("answer", "reading"),
    [
        pytest.param(Failed(why="dns", url=""), None, id="no answer"),
        pytest.param(OTHER, Unreadable(why="not_a_feed"), id="a body that cannot be read"),
    ],
)
def test_a_probe_that_failed_is_made_again_after_a_day(answer: Answer, reading: Unreadable | None) -> None:
    state = rhythm.after(KNOWN, SOURCE, answer, hours(24), poll=PollSettings(), reading=reading)[0]
    assert not truth.is_probe(state, hours(47))
    assert validators(state, hours(47)) == ('"1"', "yesterday")
    assert truth.is_probe(state, hours(48))


def test_304s_alone_never_count_as_a_body() -> None:
    state = KNOWN
    for hour in range(1, 24):
        state = after(state, NotModified(), hours(hour))
    assert state.body_at == NOW
    assert truth.is_probe(state, hours(24))


def test_a_source_from_an_older_database_starts_with_its_first_304() -> None:
    state = after(replace(KNOWN, body_at=None), NotModified(), hours(3))
    assert state.body_at == hours(3)


def test_an_honest_server_is_asked_unconditionally_ever_more_rarely() -> None:
    state, probes = KNOWN, 0
    for hour in range(1, 24 * 100):
        probe = truth.is_probe(state, hours(hour))
        probes += probe
        state = after(state, SAME if probe else NotModified(), hours(hour))
    assert 2 <= probes <= 4, "in a hundred days"


def test_files_are_believed() -> None:
    files = Source(name="desk", url="file:/srv/articles")
    state = rhythm.after(SourceState(source="desk"), files, SAME, NOW, poll=PollSettings())[0]
    assert state.body_at is None
