"""Keep the published files in memory and take up what changes on the shelf."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from feeds.ports import Clock, Shelf
from feeds.serve.page import Page, is_for_good, make_page, paths


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    page: Page
    modified: datetime
    for_good: bool  # as it was sent out
    settled: bool  # two looks found the same bytes under the same time


class Catalogue:
    """The published files as last seen.

    `pages`, keyed by decoded path, is replaced and never altered: whoever has read the attribute holds one whole
    state of it. Only one thread may look at a time.
    """

    def __init__(self, shelf: Shelf, clock: Clock) -> None:
        """`clock` tells which days are over, so that their archives will not change any more."""
        self.pages: Mapping[str, Page] = {}
        self._shelf, self._clock = shelf, clock
        self._seen: dict[str, _Seen] = {}

    def look(self) -> bool:
        """Take up what was put, replaced or removed since the last look. False: the shelf is suddenly empty.

        That is a disk that went away more often than it is an order, so what we hold is kept.
        """
        now = self._clock()
        seen = {name: found for name in self._shelf.names() if (found := self._find(name, now)) is not None}
        if self._seen and not seen:
            return False
        self._seen = seen
        self.pages = {path: found.page for name, found in seen.items() for path in paths(name)}
        return True

    def _find(self, name: str, now: datetime) -> _Seen | None:
        # The time is taken before the bytes, so that a file replaced in between is read again at the next look.
        modified = self._shelf.modified(name)
        known, for_good = self._seen.get(name), is_for_good(name, now)
        if known is not None and known.settled and known.modified == modified and known.for_good == for_good:
            return known
        body = self._shelf.get(name)
        if modified is None or body is None:
            return None
        page = make_page(
            name,
            body,
            packed=self._shelf.get(name + ".gz"),
            modified=modified,
            for_good=for_good,
            before=known.page if known else None,
        )
        # File times are as coarse as some milliseconds, and a twin is put beside its file, not with it. A change
        # is therefore read twice, a look apart: after that, an equal time means equal bytes.
        settled = known is not None and known.modified == modified and known.page == page
        return _Seen(page=page, modified=modified, for_good=for_good, settled=settled)
