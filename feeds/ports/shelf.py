"""Where published files stand: what reading and writing them needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol


class Shelf(Protocol):
    """Where published files are read from: a folder, or a bucket."""

    def get(self, name: str) -> bytes | None:
        """What stands under `name`, None if nothing does."""
        ...

    def modified(self, name: str) -> datetime | None:
        """When the bytes under `name` were put there, None if nothing stands there. Cheap: no bytes are read."""
        ...

    def names(self, *, but: Collection[str] = ()) -> Iterator[str]:
        """All names, twins left out, sorted; without those in the folders `but`, which are not even looked into."""
        ...

    def times(self, *, but: Collection[str] = ()) -> Iterator[tuple[str, datetime]]:
        """All names with their times, as `names` and `modified` tell them, for much less than these take."""
        ...


class WritableShelf(Shelf, Protocol):
    """Where published files are put."""

    def put(self, name: str, body: bytes) -> bool:
        """Put `body` under `name`, whole or not at all. False: it stood there already and was not touched.

        Text files get a `.gz` twin. `name` is relative and uses `/`.
        """
        ...

    def names_below(self, folder: str) -> Iterator[str]:
        """All names in `folder`, whole; twins left out, sorted. Costs nothing for what lies elsewhere."""
        ...

    def remove(self, name: str) -> None:
        """Take `name` and its twin away; harmless if they are not there."""
        ...

    def alone(self, *, seconds: float) -> AbstractContextManager[None]:
        """Be the only one who publishes, of all threads and processes, inside the block.

        Raises:
            ShelfBusy: another was at it for all these seconds.
        """
        ...

    def sweep(self, folder: str = "", *, but: Collection[str] = ()) -> int:
        """Remove what killed writers left unfinished, in one folder or in all but the folders `but`; what
        living ones are at is let be. Returns how many."""
        ...
