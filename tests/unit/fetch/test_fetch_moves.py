"""When a permanent redirect is taken for a source's new address."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feeds.config.settings import PollSettings
from feeds.fetch import policy, rhythm
from feeds.model import Answer, Failed, Gone, Hop, NotModified, Source, SourceState

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SOURCE = Source(name="wire", url="http://wire.example/feed")
KNOWN = SourceState(source="wire", etag='"1"', interval=3600)
NEW = "https://new.example/feed"
SECURE = "https://wire.example/feed"


def at(hours: float, state: SourceState, answer: Answer, *, source: Source = SOURCE) -> SourceState:
    """The state after an answer so many hours from now."""
    return rhythm.after(state, source, answer, NOW + timedelta(hours=hours), poll=PollSettings())[0]


def sent(*hops: tuple[int, str]) -> NotModified:
    return NotModified(hops=tuple(Hop(status=status, url=to) for status, to in hops))


def moving(state: SourceState = KNOWN, hours: tuple[float, ...] = (0, 12, 24), to: str = NEW) -> SourceState:
    for hour in hours:
        state = at(hour, state, sent((301, to)))
    return state


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
        pytest.param(
            "http://b\u00fccher.example/",
            [(301, "https://xn--bcher-kva.example/")],
            "https://xn--bcher-kva.example/",
            id="https, and the name as it is encoded",
        ),
        pytest.param("http://Wire.example./f", [(301, SECURE)], SECURE, id="https, and the name in another spelling"),
        pytest.param("http://wire.example:80/f", [(301, SECURE)], SECURE, id="https, and the port that goes without"),
        pytest.param("http://b\u00fccher.example/", [(301, "https://xn--bcher-1va.example/")], "", id="another's name"),
        pytest.param(SOURCE.url, [(302, "https://wire.example/feed")], "", id="temporary"),
        pytest.param(SOURCE.url, [(301, "https://www.wire.example/feed")], "", id="another host"),
        pytest.param(SOURCE.url, [(301, "http://wire.example/rss")], "", id="not https"),
        pytest.param(SOURCE.url, [(301, "https://wire.example:8443/feed")], "", id="another port"),
        pytest.param("https://wire.example/feed", [(301, "https://wire.example/rss")], "", id="https already"),
        pytest.param("http://me:pw@wire.example/feed", [(301, "https://wire.example/feed")], "", id="credentials stay"),
        pytest.param(SOURCE.url, [], "", id="no redirect"),
    ],
)
def test_what_is_learnt_at_once(url: str, hops: list[tuple[int, str]], learnt: str) -> None:
    answer = NotModified(hops=tuple(Hop(status=status, url=to) for status, to in hops))
    assert at(0, KNOWN, answer, source=replace(SOURCE, url=url)).moved_to == learnt


def test_what_was_learnt_is_forgotten_when_it_fails() -> None:
    state = at(0, replace(KNOWN, moved_to="https://wire.example/feed"), Failed(why="tls", url=""))
    assert state.moved_to == ""


@pytest.mark.parametrize(
    ("hours", "hops", "learnt"),
    [
        pytest.param((0, 12, 24), [(301, NEW)], NEW, id="three times over a day"),
        pytest.param((0, 12, 24), [(308, NEW)], NEW, id="308 likewise"),
        pytest.param((0, 24), [(301, NEW)], "", id="twice only"),
        pytest.param((0, 1, 2, 3, 23.9), [(301, NEW)], "", id="within a day"),
        pytest.param((0, 12, 24, 48), [(302, NEW)], "", id="302 never"),
        pytest.param((0, 12, 24, 48), [(307, NEW)], "", id="307 never"),
        pytest.param((0, 12, 24, 48), [(303, NEW)], "", id="303 never"),
        pytest.param((0, 12, 24), [(301, "http://a/"), (308, NEW)], NEW, id="the end of the permanent steps"),
        pytest.param((0, 12, 24), [(301, NEW), (302, "http://a/")], NEW, id="not what a temporary step adds"),
        pytest.param((0, 12, 24), [(302, "http://a/"), (301, NEW)], "", id="a temporary step first"),
    ],
)
def test_what_is_learnt_with_time(hours: tuple[float, ...], hops: list[tuple[int, str]], learnt: str) -> None:
    state = KNOWN
    for hour in hours:
        state = at(hour, state, sent(*hops))
    assert state.moved_to == learnt
    assert policy.ask(SOURCE, state, NOW).url == (learnt or SOURCE.url)


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(NotModified(), id="an answer without redirect"),
        pytest.param(sent((301, "https://other.example/")), id="another target"),
        pytest.param(sent((302, NEW)), id="a temporary one"),
    ],
)
def test_only_a_row_counts(between: Answer) -> None:
    state = at(13, moving(hours=(0, 12)), between)
    assert at(24, state, sent((301, NEW))).moved_to == ""


def test_a_failure_in_between_breaks_no_row() -> None:
    state = at(13, moving(hours=(0, 12)), Failed(why="dns", url=""))
    assert at(24, state, sent((301, NEW))).moved_to == NEW


def test_a_second_move_is_learnt_from_the_new_address() -> None:
    newer = "https://newer.example/feed"
    state = moving(moving(), hours=(30, 40, 50), to=newer)
    assert state.moved_to == NEW, "not a day yet"
    assert at(54, state, sent((301, newer))).moved_to == newer


@pytest.mark.parametrize("status", [404, 410])
def test_the_new_address_is_asked_as_soon_as_the_old_one_is_gone(status: int) -> None:
    answer = Gone(status=410, url="") if status == 410 else Failed(why="http_404", url="", status=404)
    state = at(1, moving(hours=(0,)), answer)
    assert (state.moved_to, state.stopped, state.failures) == (NEW, False, 1)
    assert NEW in state.why
    assert at(2, state, NotModified()).failures == 0


def test_a_451_is_no_move() -> None:
    assert at(1, moving(hours=(0,)), Gone(status=451, url="")).stopped


def test_what_is_gone_at_the_end_of_a_redirect_is_not_the_old_address() -> None:
    gone = Gone(status=410, url=NEW, hops=(Hop(status=301, url=NEW),))
    assert at(1, moving(hours=(0,)), gone).stopped


def test_a_new_address_that_fails_is_come_back_to() -> None:
    state = at(30, moving(), Failed(why="dns", url=NEW))
    assert state.moved_to == "", "the old one is asked"
    assert at(31, state, sent((301, NEW))).moved_to == NEW, "and still points there"
    assert at(31, state, Gone(status=410, url="")).moved_to == NEW, "or is gone"


def test_a_feed_that_is_gone_at_both_addresses_stops() -> None:
    state = at(30, moving(), Gone(status=410, url=NEW))
    assert (state.stopped, state.moved_to) == (False, "")
    assert at(31, state, Gone(status=410, url=SOURCE.url)).stopped


def test_https_is_kept_though_it_failed_once() -> None:
    state = at(1, at(0, KNOWN, sent((301, SECURE))), Failed(why="tls", url=SECURE))
    assert state.moved_to == ""
    assert at(2, state, sent((301, SECURE))).moved_to == SECURE
