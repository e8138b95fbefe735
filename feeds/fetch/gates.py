"""One exchange at a time with a host that redirects lead to: nobody knew beforehand whom they would ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Gates:
    """A gate for each host that somebody is at, shut for a `pause` after him.

    Who has waited long enough goes ahead all the same.
    """

    def __init__(self, *, pause: float = 0.0) -> None:
        """`pause`: seconds."""
        self._pause = pause
        self._changed = threading.Condition()
        self._busy: set[str] = set()
        self._rests: dict[str, float] = {}  # host -> monotonic time until which it is left alone

    @contextmanager
    def one(self, host: str, *, seconds: float) -> Iterator[None]:
        """Be the only one at `host`, after a wait of at most `seconds`."""
        end = time.monotonic() + seconds
        with self._changed:
            while (now := time.monotonic()) < end and (host in self._busy or self._rests.get(host, 0.0) > now):
                self._changed.wait(end - now if host in self._busy else min(end, self._rests[host]) - now)
            mine = host not in self._busy
            if mine:
                self._busy.add(host)
        try:
            yield
        finally:
            if mine:
                with self._changed:
                    self._busy.discard(host)
                    now = time.monotonic()
                    self._rests = {each: until for each, until in self._rests.items() if until > now}
                    if self._pause:
                        self._rests[host] = now + self._pause
                    self._changed.notify_all()

    def busy(self) -> frozenset[str]:
        """Hosts that somebody is at."""
        with self._changed:
            return frozenset(self._busy)
