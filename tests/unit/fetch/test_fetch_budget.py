"""What many bodies may take together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from feeds.errors import FetchCrowded
from feeds.fetch.budget import Budget

FREE, MOST = 10, 100


class Body:
    """A thread that holds a share until it is told to let go."""

    def __init__(self, budget: Budget) -> None:
        self._budget, self._pool, self._stack = budget, ThreadPoolExecutor(1), ExitStack()
        self._pool.submit(self._stack.enter_context, budget.share()).result()

    def take(self, size: int, *, seconds: float = 0) -> Callable[[], None]:
        """What waits for the end of it."""
        return self._pool.submit(self._budget.take, size, seconds=seconds).result

    def let_go(self) -> None:
        self._pool.submit(self._stack.close).result()

    def end(self) -> None:
        self.let_go()
        self._pool.shutdown()


@pytest.fixture
def body() -> Iterator[Callable[[], Body]]:
    budget, bodies = Budget(most=MOST, free=FREE), []

    def make() -> Body:
        bodies.append(Body(budget))
        return bodies[-1]

    yield make
    for each in bodies:
        each.end()


def test_small_ones_never_wait(body: Callable[[], Body]) -> None:
    body().take(10 * MOST)()
    for _ in range(20):
        body().take(FREE)()


def test_what_fits_is_given_at_once_and_more_is_not(body: Callable[[], Body]) -> None:
    first, second, third = body(), body(), body()
    for size in (FREE + 20, FREE + 40):
        first.take(size)()
    second.take(FREE + 60)()
    with pytest.raises(FetchCrowded):
        third.take(FREE + 1)()
    with pytest.raises(FetchCrowded):
        second.take(FREE + 61)()


def test_who_came_first_may_always_go_on(body: Callable[[], Body]) -> None:
    first, second = body(), body()
    first.take(FREE + 1)()
    second.take(FREE + MOST - 1)()
    first.take(50 * MOST)()
    with pytest.raises(FetchCrowded):
        second.take(FREE + MOST)()


@pytest.mark.parametrize("size", [FREE + 2, 50 * MOST], ids=["what fits then", "more than there is: then it is first"])
def test_who_waits_goes_on_when_another_lets_go(body: Callable[[], Body], size: int) -> None:
    first, second = body(), body()
    first.take(FREE + MOST)()
    waiting = second.take(size, seconds=60)
    first.let_go()
    waiting()


def test_who_gave_up_is_in_nobodys_way(body: Callable[[], Body]) -> None:
    first, second, third = body(), body(), body()
    first.take(FREE + MOST)()
    with pytest.raises(FetchCrowded):
        second.take(2 * MOST)()
    second.let_go()
    first.let_go()
    third.take(2 * MOST)()


def test_a_share_inside_another_is_part_of_it() -> None:
    budget = Budget(most=MOST, free=FREE)

    def other(size: int) -> None:
        with budget.share():
            budget.take(size, seconds=0)

    with budget.share():
        with budget.share():
            budget.take(FREE + MOST, seconds=0)
        with ThreadPoolExecutor(1) as pool, pytest.raises(FetchCrowded):
            pool.submit(other, FREE + 1).result()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(other, FREE + 1).result()


def test_however_many_there_are_all_come_through_and_never_too_many_at_once() -> None:
    budget, lock, held, most = Budget(most=MOST, free=FREE), threading.Lock(), dict[int, int](), 0

    def grow(number: int) -> None:
        nonlocal most
        with budget.share():
            for size in range(FREE, FREE + 60, 7):
                budget.take(size, seconds=60)
                with lock:
                    held[number] = size - FREE
                    most = max(most, sum(held.values()))
            with lock:
                del held[number]

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(grow, range(200))) == [None] * 200
    assert most <= MOST + 60, "and the one that came first"
