"""How much of bodies may be held in memory at the same time, whoever sends them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from feeds.errors import FetchCrowded

FREE = 1 << 20  # bytes of each body that need no leave: nearly every feed is smaller, and waits for nobody
MOST = 64 << 20  # bytes of all bodies beyond that


class Budget:
    """Bounds what the threads of this process hold, from the first byte of a body to the end of its reading.

    No more than `most` bytes beyond `free` for each, except that the body that came first may always go on: so
    one at least does, and nobody waits for those that wait for him.
    """

    def __init__(self, *, most: int = MOST, free: int = FREE) -> None:
        self._most, self._free = most, free
        self._changed = threading.Condition()
        self._held: dict[int, int] = {}  # thread -> bytes; who came first stands first
        self._mine = threading.local()

    @contextmanager
    def share(self) -> Iterator[None]:
        """Hold what this thread takes inside the block, and no longer; a block inside another is part of it."""
        if getattr(self._mine, "open", False):
            yield
            return
        self._mine.open = True
        try:
            yield
        finally:
            self._mine.open = False
            with self._changed:
                if self._held.pop(threading.get_ident(), None) is not None:
                    self._changed.notify_all()

    def take(self, size: int, *, seconds: float) -> None:
        """Wait until the body of this thread, inside `share`, may have `size` bytes; for so many seconds at most.

        Raises:
            FetchCrowded: others held too much for too long.
        """
        if size <= self._free:
            return
        me = threading.get_ident()
        with self._changed:
            self._held.setdefault(me, 0)
            if not self._changed.wait_for(lambda: self._fits(me, size - self._free), seconds):
                raise FetchCrowded("other large documents were held for as long as an answer may take")
            self._held[me] = size - self._free

    def _fits(self, me: int, size: int) -> bool:
        return next(iter(self._held)) == me or sum(self._held.values()) - self._held[me] + size <= self._most
