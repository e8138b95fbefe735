"""So many exchanges at a time with one host, a pause apart: redirects lead to hosts that nobody knew beforehand."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Gates:
    """A gate for each host that lets so many in at a time, and is shut for a `pause` after each.

    Who has waited long enough goes ahead all the same.
    """

    def __init__(self, *, places: int = 1, pause: float = 0.0) -> None:
        """`pause`: seconds."""
        self._places, self._pause = places, pause
        self._changed = threading.Condition()
        self._busy = Counter[str]()
        self._rests: dict[str, float] = {}  # host -> monotonic time until which it is left alone

    @contextmanager
    def one(self, host: str, *, seconds: float) -> Iterator[None]:
        """Be at `host`, after a wait of at most `seconds`."""
        end = time.monotonic() + seconds
        with self._changed:
            while (now := time.monotonic()) < end and (self._is_full(host) or self._rests.get(host, 0.0) > now):
                self._changed.wait(end - now if self._is_full(host) else min(end, self._rests[host]) - now)
            mine = not self._is_full(host)
            if mine:
                self._busy[host] += 1
        try:
            yield
        finally:
            if mine:
                with self._changed:
                    self._busy[host] -= 1
                    self._busy = +self._busy
                    now = time.monotonic()
                    self._rests = {each: until for each, until in self._rests.items() if until > now}
                    if self._pause:
                        self._rests[host] = now + self._pause
                    self._changed.notify_all()

    def _is_full(self, host: str) -> bool:
        return self._busy[host] >= self._places

    def busy(self) -> frozenset[str]:
        """Hosts that somebody is at."""
        with self._changed:
            return frozenset(self._busy)
