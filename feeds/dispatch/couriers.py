"""Threads for what may take long and concerns nobody else: one for each errand, so many at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NamedTuple


class Free(NamedTuple):
    """How many more errands may be begun."""

    quick: int
    slow: int


class Couriers:
    """Runs errands in two lanes, so that those that are slow never take the places of those that are quick."""

    def __init__(self, *, quick: int = 24, slow: int = 8) -> None:
        self._places = Free(quick, slow)
        self._changed = threading.Condition()
        self._out: dict[threading.Thread, tuple[str, bool]] = {}  # thread -> (host, whether it is slow)

    def free(self) -> Free:
        """Places that nobody has."""
        with self._changed:
            slow = sum(is_slow for _, is_slow in self._out.values())
            return Free(self._places.quick - len(self._out) + slow, self._places.slow - slow)

    def hosts(self) -> frozenset[str]:
        """Where somebody is under way to."""
        with self._changed:
            return frozenset(host for host, _ in self._out.values())

    def send(self, work: Callable[[], object], *, host: str, is_slow: bool) -> None:
        """Begin `work`, which deals with whatever happens itself. Whether there is a place is for the caller to ask."""
        thread = threading.Thread(target=self._go, args=(work,), name="feeds-hub", daemon=True)
        with self._changed:
            self._out[thread] = host, is_slow
        thread.start()

    def wait(self, seconds: float) -> bool:
        """Return when one of those under way is back, or after `seconds`. Whether none is under way then."""
        with self._changed:
            before = len(self._out)
            self._changed.wait_for(lambda: len(self._out) < before or not before, seconds)
            return not self._out

    def _go(self, work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            with self._changed:
                del self._out[threading.current_thread()]
                self._changed.notify_all()
