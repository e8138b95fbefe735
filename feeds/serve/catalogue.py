"""Keep the published files in memory and take up what changes on the shelf.

Pages of single stories and of days that are over are read when they are asked for: there are a hundred times as many of
them as of all others, and hardly anybody asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from feeds.errors import ShelfError
from feeds.model import STORIES
from feeds.ports import Clock, Shelf
from feeds.serve.page import DAY, Page, is_for_good, make_page, paths

_STORY = re.compile(rf"/({STORIES}/[0-9A-Za-z]+/)(?:index\.html)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    page: Page
    modified: datetime
    for_good: bool  # as it was sent out
    settled: bool  # an equal time will mean equal bytes


# A file so much older than the newest will not be written again within the tick of its time.
_OLD = timedelta(minutes=1)


class Catalogue:
    """The published files as last seen.

    `pages`, keyed by decoded path, is replaced and never altered: whoever has read the attribute holds one whole
    state of it. Only one thread may look at a time.
    """

    def __init__(self, shelf: Shelf, clock: Clock, link: Callable[[str], str] = lambda _: "") -> None:
        """`clock` tells which days are over, so that their archives will not change any more; `link` is the Link field
        of a published name, "" for none."""
        self.pages: Mapping[str, Page] = {}
        self._shelf, self._clock, self._link = shelf, clock, link
        self._seen: dict[str, _Seen] = {}

    def look(self) -> bool:
        """Take up what was put, replaced or removed since the last look. False: the shelf is suddenly empty.

        That is a disk that went away more often than it is an order, so what we hold is kept.
        """
        now = self._clock()
        # The times are taken before the bytes, so that a file replaced in between is read again at the next look.
        times = {name: at for name, at in self._shelf.times(but=[STORIES]) if not DAY.fullmatch(name)}
        old = max(times.values(), default=now) - _OLD
        seen = {
            name: found
            for name, modified in times.items()
            if (found := self._find(name, modified, now, is_old=modified < old)) is not None
        }
        if self._seen and not seen:
            return False
        self._seen = seen
        self.pages = _Pages({path: found.page for name, found in seen.items() for path in paths(name)}, self._shelf)
        return True

    def _find(self, name: str, modified: datetime, now: datetime, *, is_old: bool) -> _Seen | None:
        known, for_good = self._seen.get(name), is_for_good(name, now)
        if known is not None and known.settled and known.modified == modified and known.for_good == for_good:
            return known
        body = self._shelf.get(name)
        if body is None:
            return None
        page = make_page(
            name,
            body,
            packed=self._shelf.get(name + ".gz"),
            modified=modified,
            for_good=for_good,
            before=known.page if known else None,
            link=self._link(name),
        )
        # File times are as coarse as some milliseconds, and a twin is put beside its file, not with it. A change
        # is therefore read twice, a look apart: after that, an equal time means equal bytes.
        same = known is not None and known.page == page
        settled = is_old or (same and known is not None and known.modified == modified)
        # What is equal is not held twice: all files at once would leave twice the memory behind.
        kept = known.page if same and known is not None else page
        return _Seen(page=kept, modified=modified, for_good=for_good, settled=settled)


class _Pages(Mapping[str, Page]):
    """What is in memory, by path; and behind it the pages of stories and of days."""

    def __init__(self, held: Mapping[str, Page], shelf: Shelf) -> None:
        self._held, self._shelf = held, shelf

    def __getitem__(self, path: str) -> Page:
        held = self._held.get(path)
        if held is None and (asked := _STORY.fullmatch(path)):
            held = self._read(f"{asked[1]}index.html")
        elif held is None and DAY.fullmatch(path, 1):
            held = self._read(path[1:])
        if held is None:
            raise KeyError(path)
        return held

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def _read(self, name: str) -> Page | None:
        try:
            modified, body = self._shelf.modified(name), self._shelf.get(name)
            packed = self._shelf.get(name + ".gz")
        except ShelfError:  # a disk that fails is told by the next look
            return None
        if modified is None or body is None:
            return None
        return make_page(name, body, packed=packed, modified=modified)
