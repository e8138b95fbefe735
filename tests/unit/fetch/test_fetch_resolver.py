"""Names into addresses, without waiting for those that are dead."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import pytest

from feeds.errors import FetchCrowded
from feeds.fetch.guard import Resolver, literal
from feeds.fetch.why import Trouble

PUBLIC = "93.184.216.34"


class Names:
    """A name server that knows one public name and is silent about another until it is released."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.release = threading.Event()

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host == "slow.test":
            self.release.wait(30)
        return [PUBLIC]


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f.0x0.0.1", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("::1", "::1"),
        ("fe80::1%lo", "fe80::1%lo"),
    ],
)
def test_every_spelling_of_an_address_is_one(host: str, address: str) -> None:
    assert literal(host) == ip_address(address)


@pytest.mark.parametrize(
    "host", ["example.org", "127.0.0.1.example.org", "127.0.0.256", "deadbeef", "", "\udcff", "a\0"]
)
def test_a_name_is_not_an_address(host: str) -> None:
    assert literal(host) is None


def test_dead_names_do_not_hold_up_live_ones() -> None:
    names = Names()
    resolver = Resolver(names, threads=11)
    dead = [threading.Thread(target=_give_up, args=(resolver,)) for _ in range(10)]
    for thread in dead:
        thread.start()
    start = time.monotonic()
    assert [str(a) for _ in range(50) for a in resolver.resolve("good.test", 80, seconds=5)] == [PUBLIC] * 50
    assert time.monotonic() - start < 5
    for thread in dead:
        thread.join()
    names.release.set()


def _give_up(resolver: Resolver) -> None:
    with pytest.raises(Trouble, match="no answer"):
        resolver.resolve("slow.test", 80, seconds=0.7)


def resolver_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "feeds-dns"}


def test_resolver_threads_are_bounded_and_end_and_questions_given_up_are_not_asked() -> None:
    names, before = Names(), resolver_threads()
    resolver = Resolver(names, threads=2, idle=0.1)
    with ThreadPoolExecutor(2) as pool:
        stuck = [pool.submit(resolver.resolve, "slow.test", 80, seconds=2) for _ in range(2)]
        assert ["no answer" in str(each.exception()) for each in stuck] == [True, True]
    for _ in range(2):
        with pytest.raises(FetchCrowded):
            resolver.resolve("slow.test", 80, seconds=0.05)
    mine = resolver_threads() - before
    assert (len(mine), names.asked) == (2, ["slow.test"] * 2), "two are stuck, the others were never asked"
    names.release.set()
    for _ in range(30):
        resolver.resolve("good.test", 80, seconds=5)
    assert names.asked == ["slow.test"] * 2 + ["good.test"] * 30
    for thread in mine:
        thread.join(5)
    assert not any(thread.is_alive() for thread in mine)
    assert len(resolver.resolve("good.test", 80, seconds=5)) == 1, "and begin anew"


def test_a_literal_needs_no_name_server() -> None:
    names = Names()
    assert [str(address) for address in Resolver(names).resolve("0x7f.1", 80, seconds=1)] == ["127.0.0.1"]
    assert names.asked == []
