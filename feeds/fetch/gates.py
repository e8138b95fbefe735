"""One exchange at a time with a host that redirects lead to: nobody knew beforehand whom they would ask."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gates:
    """A gate for each host that somebody is at. Who has waited long enough goes ahead all the same."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._busy: set[str] = set()

    @contextmanager
    def one(self, host: str, *, seconds: float) -> Iterator[None]:
        """Be the only one at `host`, after a wait of at most `seconds`."""
        with self._changed:
            mine = self._changed.wait_for(lambda: host not in self._busy, seconds)
            if mine:
                self._busy.add(host)
        try:
            yield
        finally:
            if mine:
                with self._changed:
                    self._busy.discard(host)
                    self._changed.notify_all()

    def busy(self) -> frozenset[str]:
        """Hosts that somebody is at."""
        with self._changed:
            return frozenset(self._busy)
