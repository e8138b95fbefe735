"""What our hub says, and what it makes of answers: rules alone, without a connection."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from feeds.fetch.hub import judge, ping, question
from feeds.model import Errand, Failed, Reply, Result
from tests.make import NOW

SITE = "https://desk.example/wire/"
ASKED = Errand(
    id=7,
    role="intent",
    mode="subscribe",
    topic="ukraine.atom",
    callback="https://reader.example/cb",
    host="reader.example",
    lease=timedelta(days=2),
    seq=1,
    tries=0,
    token="t",
)
TOLD = replace(ASKED, role="subscriber", mode="")
PINGED = replace(ASKED, role="hub", mode="")
SECOND = timedelta(seconds=1)


def verdict(errand: Errand, status: int, body: bytes = b"", **more: Any) -> Result:
    return judge(errand, Reply(status=status, body=body, retry_after=more.pop("retry_after", 0)), NOW, **more)


@pytest.mark.parametrize(
    ("callback", "start"),
    [
        ("https://reader.example/cb", "https://reader.example/cb?hub.mode=subscribe&"),
        ("https://reader.example/cb?a=%20b", "https://reader.example/cb?a=%20b&hub.mode=subscribe&"),
        ("https://reader.example", "https://reader.example?hub.mode=subscribe&"),
    ],
)
def test_the_query_of_a_callback_stays(callback: str, start: str) -> None:
    message = question(replace(ASKED, callback=callback), site=SITE, challenge="x/y")
    assert message.method == "GET"
    assert message.url.startswith(start)
    assert message.url.endswith("hub.challenge=x%2Fy&hub.lease_seconds=172800")
    assert "hub.topic=https%3A%2F%2Fdesk.example%2Fwire%2Fukraine.atom" in message.url


def test_who_unsubscribes_is_told_of_no_lease_and_who_is_denied_of_no_challenge() -> None:
    assert "lease" not in question(replace(ASKED, mode="unsubscribe"), site=SITE, challenge="x").url
    denied = question(replace(ASKED, mode="denied", why="no more"), site=SITE, challenge="x").url
    assert denied.endswith("&hub.reason=no+more")
    assert "challenge" not in denied


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_a_challenge_counts_with_any_2xx(status: int) -> None:
    assert verdict(ASKED, status, b"abc", challenge="abc") == Result(end="done")


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (200, b"", "wrong challenge"),
        (200, b"abcd", "wrong challenge"),
        (200, b"ABC", "wrong challenge"),
        (199, b"abc", "http_199"),
        (300, b"abc", "http_300"),
        (301, b"abc", "http_301"),
        (404, b"abc", "http_404"),
    ],
)
def test_anything_else_confirms_nothing(status: int, body: bytes, why: str) -> None:
    assert verdict(ASKED, status, body, challenge="abc") == Result(end="over", why=why)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_who_is_ill_is_asked_three_times(status: int) -> None:
    ends = [verdict(replace(ASKED, tries=tries), status, challenge="abc").end for tries in range(3)]
    assert ends == ["again", "again", "over"]


@pytest.mark.parametrize(
    ("why", "end"), [("connect", "again"), ("deadline", "again"), ("blocked", "over"), ("bad_url", "over")]
)
@pytest.mark.parametrize("errand", [ASKED, TOLD])
def test_what_can_never_be_reached_is_tried_once(errand: Errand, why: str, end: str) -> None:
    assert judge(errand, Failed(why=why, url=""), NOW).end == end


@pytest.mark.parametrize("status", [200, 404, 500])
def test_who_was_told_no_is_told_once(status: int) -> None:
    assert verdict(replace(ASKED, mode="denied"), status).end == "over"
    assert judge(replace(ASKED, mode="denied"), Failed(why="connect", url=""), NOW).end == "over"


@pytest.mark.parametrize(("took", "slow"), [(0.1, False), (2.0, False), (2.1, True)])
def test_a_delivery_is_done_with_2xx_and_remembers_what_it_brought(took: float, slow: bool) -> None:
    assert verdict(TOLD, 202, digest=b"d", took=took) == Result(end="done", delivered=b"d", slow=slow)


def test_410_ends_a_subscription_and_no_hub() -> None:
    assert verdict(TOLD, 410) == Result(end="over", why="http_410")
    assert verdict(PINGED, 410).end == "again"


def test_gaps_grow_to_six_hours_and_end_after_a_day() -> None:
    results = [verdict(replace(TOLD, tries=tries), 500) for tries in range(9)]
    gaps = [(result.again - NOW) / SECOND for result in results if result.again]
    bases = [30, 120, 480, 1920, 7680, 21600, 21600, 21600]
    assert len(gaps) == len(bases)
    assert all(0.8 * base <= gap <= 1.2 * base for gap, base in zip(gaps, bases, strict=True))
    assert len({gap / base for gap, base in zip(gaps, bases, strict=True)}) > 5, "not in step"
    assert results[-1] == Result(end="over", why="http_500")
    assert [verdict(replace(PINGED, tries=tries), 500).end for tries in (4, 5)] == ["again", "over"]


def test_who_asks_for_patience_gets_it_within_reason() -> None:
    assert verdict(TOLD, 503, retry_after=3600).again == NOW + timedelta(hours=1)
    assert verdict(TOLD, 503, retry_after=1).again > NOW + 20 * SECOND  # type: ignore[operator]
    assert verdict(TOLD, 503, retry_after=10**6).again == NOW + timedelta(hours=7.2)


def test_two_errands_do_not_go_in_step() -> None:
    assert verdict(TOLD, 500).again != verdict(replace(TOLD, id=8), 500).again


def test_a_ping_is_a_form_that_every_hub_understands() -> None:
    message = ping(PINGED, site=SITE)
    assert (message.method, message.url) == ("POST", PINGED.callback)
    topic = "https%3A%2F%2Fdesk.example%2Fwire%2Fukraine.atom"
    assert message.body.decode() == f"hub.mode=publish&hub.url={topic}&hub.topic={topic}"
