"""How far a hub is believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.model.push import LEASE, Push

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEW = Push(source="s", hub="https://hub.example/", topic="https://s.example/atom", token="t", secret="x", act_at=NOW)
ASKED = NEW.when_asked(NOW)
VERIFIED = ASKED.verified(timedelta(days=5), NOW)
TRUSTED = VERIFIED.brought(b"1" * 16, NOW)
DISTRUSTED = TRUSTED.missed(NOW)
RENEWING = TRUSTED.when_asked(NOW + 4 * DAY)
FAILED = ASKED.refused("http_500", NOW)


@pytest.mark.parametrize(
    ("push", "stage", "is_trusted"),
    [
        pytest.param(NEW, "new", False, id="offered"),
        pytest.param(ASKED, "asked", False, id="asked"),
        pytest.param(FAILED, "failed", False, id="it said no"),
        pytest.param(ASKED.as_time_passes(NOW + HOUR), "failed", False, id="it did not come to verify"),
        pytest.param(VERIFIED, "verified", False, id="a hub is distrusted until its first push"),
        pytest.param(VERIFIED.missed(NOW), "verified", False, id="what a poll finds before tells nothing"),
        pytest.param(TRUSTED, "trusted", True, id="its first push"),
        pytest.param(DISTRUSTED, "distrusted", False, id="a poll found what it had not pushed"),
        pytest.param(DISTRUSTED.brought(b"2" * 16, NOW), "distrusted", False, id="one push is not enough then"),
        pytest.param(DISTRUSTED.brought(b"2" * 16, NOW).brought(b"3" * 16, NOW), "trusted", True, id="but two are"),
        pytest.param(RENEWING, "trusted", True, id="a lease that is being renewed"),
        pytest.param(RENEWING.refused("http_500", NOW + 4 * DAY), "trusted", True, id="no, but the lease runs on"),
        pytest.param(RENEWING.as_time_passes(NOW + 5 * DAY), "failed", False, id="its lease ended while it was asked"),
        pytest.param(TRUSTED.as_time_passes(NOW + 5 * DAY), "failed", False, id="its lease ended"),
        pytest.param(
            TRUSTED.when_asked(NOW + 5 * DAY - MINUTE).as_time_passes(NOW + 5 * DAY),
            "asked",
            False,
            id="its lease ended a minute after it was asked for another",
        ),
        pytest.param(FAILED.when_asked(NOW + HOUR), "asked", False, id="asked again"),
        pytest.param(TRUSTED.as_time_passes(NOW + 5 * DAY - MINUTE), "trusted", True, id="not yet"),
        pytest.param(TRUSTED.denied("no"), "ended", False, id="denied"),
        pytest.param(TRUSTED.denied("no").verified(LEASE, NOW), "ended", False, id="what ended stays so"),
        pytest.param(TRUSTED.denied("no").brought(b"2" * 16, NOW), "ended", False, id="whatever it pushes"),
        pytest.param(FAILED.verified(LEASE, NOW), "verified", False, id="it verified late"),
        pytest.param(FAILED.brought(b"2" * 16, NOW), "failed", False, id="it pushes without a lease"),
    ],
)
def test_the_states(push: Push, stage: str, is_trusted: bool) -> None:
    assert (push.stage, push.is_trusted) == (stage, is_trusted)


def test_a_renewal_does_not_hide_why_a_hub_is_doubted() -> None:
    assert DISTRUSTED.when_asked(NOW).verified(LEASE, NOW).why == DISTRUSTED.why != ""
    assert FAILED.verified(LEASE, NOW).why == ""


def test_an_answer_that_comes_after_the_verification_counts_for_nothing() -> None:
    assert VERIFIED.refused("http_500", NOW) == VERIFIED


@pytest.mark.parametrize(
    ("lease", "until", "renewed"),
    [
        pytest.param(timedelta(days=5), timedelta(days=5), timedelta(days=4), id="a fifth before its end"),
        pytest.param(None, LEASE, LEASE * 4 / 5, id="none named"),
        pytest.param(timedelta(days=999), timedelta(days=30), timedelta(days=24), id="never for longer than a month"),
        pytest.param(timedelta(seconds=1), timedelta(seconds=1), MINUTE, id="never sooner than in a minute"),
    ],
)
def test_a_lease_is_renewed_before_its_end(lease: timedelta | None, until: timedelta, renewed: timedelta) -> None:
    push = ASKED.verified(lease, NOW)
    assert (push.lease_until, push.act_at) == (NOW + until, NOW + renewed)
    assert not push.is_due(NOW + renewed - timedelta(seconds=1))
    assert push.is_due(NOW + renewed)
    assert not push.when_asked(NOW + renewed).is_due(NOW + renewed)


def test_who_says_no_is_asked_ever_more_rarely() -> None:
    push, pauses = NEW, []
    for _ in range(12):
        push = push.when_asked(NOW).refused("http_500", NOW)
        assert push.act_at is not None
        pauses.append(push.act_at - NOW)
    assert pauses[:3] == [5 * MINUTE, 10 * MINUTE, 20 * MINUTE]
    assert pauses[-1] == DAY
    assert push.when_asked(NOW).verified(LEASE, NOW).tries == 0


def test_each_miss_doubles_what_it_takes_to_be_believed_again() -> None:
    push, owed = TRUSTED, []
    for _ in range(9):
        push = push.missed(NOW)
        owed.append(push.owed)
        for _ in range(push.owed):
            assert not push.is_trusted
            push = push.brought(b"2" * 16, NOW)
        assert push.is_trusted
    assert owed == [2, 4, 8, 16, 32, 64, 64, 64, 64]


def test_bodies_are_remembered_but_not_for_ever() -> None:
    push = VERIFIED
    for number in range(300):
        push = push.brought(number.to_bytes(16, "big"), NOW)
    assert push.has_seen((299).to_bytes(16, "big"))
    assert push.has_seen((44).to_bytes(16, "big"))
    assert not push.has_seen((43).to_bytes(16, "big"))
    assert not replace(push, seen=b"ab" * 16).has_seen(b"ba" * 8)  # between two of them there is none


def offered(before: Push | None, hub: str, topic: str) -> Push | None:
    chance = (f"chance {n}" for n in count())
    return Push.offered(before, source="s", hub=hub, topic=topic, now=NOW, chance=lambda: next(chance))


def test_what_a_poll_finds_offered() -> None:
    first = offered(None, NEW.hub, NEW.topic)
    assert first == replace(NEW, token="chance 0", secret="chance 1")
    assert offered(TRUSTED, NEW.hub, NEW.topic) == TRUSTED
    assert offered(TRUSTED, "https://other.example/", NEW.topic) == replace(first, hub="https://other.example/")
    assert offered(TRUSTED, NEW.hub, "https://s.example/rss") == replace(first, topic="https://s.example/rss")
    assert offered(TRUSTED, "", NEW.topic) is None
    assert offered(TRUSTED, NEW.hub, "") is None


STEPS: list[Callable[[Push, datetime], Push]] = [
    lambda push, now: push.when_asked(now) if push.is_due(now) else push,
    lambda push, now: push.refused("http_500", now),
    lambda push, now: push.verified(timedelta(days=2), now),
    lambda push, now: push.verified(timedelta(seconds=30), now),
    lambda push, now: push.brought(now.isoformat().encode()[:16].ljust(16), now),
    lambda push, now: push.missed(now),
    lambda push, _: push.denied("no"),
]


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 5 * 24 * 60))))
def test_whatever_happens_trust_needs_a_lease_and_a_push(steps: list[tuple[Callable[..., Push], int]]) -> None:
    push, now = NEW, NOW
    for step, minutes in steps:
        now += timedelta(minutes=minutes)
        push = step(push.as_time_passes(now), now).as_time_passes(now)
        assert (push.stage == "ended") == (push.act_at is None)  # who has not ended is asked again some day
        assert (push.stage in ("verified", "trusted", "distrusted")) == (push.lease_until is not None)
        assert push.lease_until is None or push.lease_until > now
        if push.is_trusted:
            assert push.pushed is not None
            assert not push.owed
            assert push.missed(now).owed > 0
        if push.stage == "asked":
            assert push.asked is not None
        assert push.act_at is None or push.act_at - now <= 30 * DAY
        assert len(push.seen) <= 16 * 256
