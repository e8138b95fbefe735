"""Where redirects of many hosts lead to one, that one is not asked by all of them at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from feeds.errors import FetchHeld
from feeds.fetch.gates import Gates
from feeds.fetch.guard import Resolver
from feeds.model import Fetched
from tests.origin import Asked, Origin, Reply
from tests.unit.fetch.asking import FEED, Fetcher, ask


def test_sources_that_are_led_to_one_host_ask_it_one_after_another(origin: Origin, fetcher: Fetcher) -> None:
    fetch = fetcher(resolver=Resolver(lambda host, port: ["127.0.0.1"]))
    together, most, lock, both = 0, 0, threading.Lock(), threading.Event()

    def busy(asked: Asked) -> Reply:
        nonlocal together, most
        with lock:
            together += 1
            most = max(most, together)
            if together > 1:
                both.set()
        both.wait(0.05)  # for another to come in, if one can
        with lock:
            together -= 1
        return Reply(body=FEED)

    origin.redirect("/led", origin.url("/cdn", host="cdn.example"), status=302)
    origin.handle("/cdn", busy)
    urls = [origin.url("/led", host=f"s{n}.example") for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda url: ask(fetch, url), urls))
    assert [type(answer) for answer in answers] == [Fetched] * 6
    assert most == 1


def test_a_source_waits_for_those_that_are_led_to_its_host(origin: Origin, fetcher: Fetcher) -> None:
    fetch = fetcher(resolver=Resolver(lambda host, port: ["127.0.0.1"]), gates=Gates(pause=0.1))
    origin.redirect("/led", origin.url("/cdn", host="cdn.example"), status=302)
    origin.put("/cdn", FEED)
    urls = [origin.url("/led", host="s.example"), origin.url("/cdn", host="cdn.example")]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda url: ask(fetch, url), urls))
    first, second = (asked.time for asked in origin.asked("/cdn"))
    assert second - first >= 0.1


def test_a_redirect_within_a_host_comes_after_a_pause(origin: Origin, fetcher: Fetcher) -> None:
    fetch = fetcher(gates=Gates(pause=0.1))
    origin.redirect("/old", "/new", status=302)
    origin.put("/new", FEED)
    assert isinstance(ask(fetch, origin.url("/old")), Fetched)
    (old,), (new,) = origin.asked("/old"), origin.asked("/new")
    assert new.time - old.time >= 0.1


def test_so_many_at_a_time_as_a_host_allows() -> None:
    gates = Gates(places=2)
    with gates.one("cdn.example", seconds=60), gates.one("cdn.example", seconds=60):
        assert gates.busy() == {"cdn.example"}
    assert gates.busy() == frozenset()


def test_a_host_that_wants_to_be_left_alone_is_not_asked_by_way_of_another(origin: Origin, fetcher: Fetcher) -> None:
    held = {"cdn.example": datetime(2026, 11, 20, 14, tzinfo=UTC)}
    fetch = fetcher(resolver=Resolver(lambda host, port: ["127.0.0.1"]), held=held.get)
    origin.redirect("/led", origin.url("/cdn", host="cdn.example"), status=302)
    with pytest.raises(FetchHeld, match=r"cdn.example, to which http://s.example.*before 2026-11-20 14:00 UTC"):
        ask(fetch, origin.url("/led", host="s.example"))
    assert origin.asked("/led")
    assert not origin.asked("/cdn")


def test_who_has_waited_long_enough_goes_ahead() -> None:
    gates = Gates()
    with gates.one("cdn.example", seconds=1):
        with gates.one("cdn.example", seconds=0):
            pass
        with gates.one("other.example", seconds=0):
            pass
        assert gates.busy() == {"cdn.example"}, "who went ahead opens nothing behind another"
    assert gates.busy() == frozenset()


def test_a_host_is_left_alone_for_a_while_after_each(origin: Origin, fetcher: Fetcher) -> None:
    fetch = fetcher(resolver=Resolver(lambda host, port: ["127.0.0.1"]), gates=Gates(pause=0.1))
    origin.redirect("/led", origin.url("/cdn", host="cdn.example"), status=302)
    origin.put("/cdn", FEED)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda n: ask(fetch, origin.url("/led", host=f"s{n}.example")), range(3)))
    times = [asked.time for asked in origin.asked("/cdn")]
    assert all(later - sooner >= 0.1 for sooner, later in pairwise(times))
    assert len(times) == 3
