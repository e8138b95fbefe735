"""Two lanes: who is slow takes no place of who is quick."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from feeds.dispatch.couriers import Couriers, Free


class Errands:
    """Work that lasts until it is let go."""

    def __init__(self) -> None:
        self.couriers = Couriers(quick=2, slow=1)
        self.gates: dict[str, threading.Event] = {}

    def send(self, host: str, *, is_slow: bool = False) -> None:
        gate = self.gates[host] = threading.Event()
        self.couriers.send(lambda: gate.wait(20), host=host, is_slow=is_slow)


@pytest.fixture
def errands() -> Iterator[Errands]:
    made = Errands()
    yield made
    for gate in made.gates.values():
        gate.set()
    while not made.couriers.wait(20):
        pass


def test_each_lane_has_its_own_places(errands: Errands) -> None:
    assert errands.couriers.free() == Free(quick=2, slow=1)
    errands.send("a", is_slow=True)
    assert errands.couriers.free() == Free(quick=2, slow=0)
    errands.send("b")
    assert errands.couriers.free() == Free(quick=1, slow=0)
    assert errands.couriers.hosts() == {"a", "b"}


def test_a_wait_ends_with_the_first_who_is_back_or_with_its_time(errands: Errands) -> None:
    assert errands.couriers.wait(20), "nobody is under way"
    errands.send("a")
    errands.send("b")
    assert not errands.couriers.wait(0.01)
    errands.gates["a"].set()
    if len(errands.couriers.hosts()) == 2:
        errands.couriers.wait(20)
    assert errands.couriers.hosts() == {"b"}
    errands.gates["b"].set()
    while not errands.couriers.wait(20):
        pass
    assert errands.couriers.free() == Free(quick=2, slow=1)
