"""Keep the published files in memory and take up what changes on the shelf."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from feeds.ports import Shelf
from feeds.serve.page import Page, make_page, paths


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    page: Page
    modified: datetime
    settled: bool  # two looks found the same bytes under the same time


class Catalogue:
    """The published files as last seen.

    `pages`, keyed by decoded path, is replaced and never altered: whoever has read the attribute holds one whole
    state of it. Only one thread may look at a time.
    """

    def __init__(self, shelf: Shelf) -> None:
        self.pages: Mapping[str, Page] = {}
        self._shelf = shelf
        self._seen: dict[str, _Seen] = {}

    def look(self) -> bool:
        """Take up what was put, replaced or removed since the last look. False: the shelf is suddenly empty.

        That is a disk that went away more often than it is an order, so what we hold is kept.
        """
        seen = {name: found for name in self._shelf.names() if (found := self._find(name)) is not None}
        if self._seen and not seen:
            return False
        self._seen = seen
        self.pages = {path: found.page for name, found in seen.items() for path in paths(name)}
        return True

    def _find(self, name: str) -> _Seen | None:
        # The time is taken before the bytes, so that a file replaced in between is read again at the next look.
        modified = self._shelf.modified(name)
        known = self._seen.get(name)
        if known is not None and known.settled and known.modified == modified:
            return known
        body = self._shelf.get(name)
        if modified is None or body is None:
            return None
        page = make_page(name, body, packed=self._shelf.get(name + ".gz"), modified=modified)
        # File times are as coarse as some milliseconds, and a twin is put beside its file, not with it. A change
        # is therefore read twice, a look apart: after that, an equal time means equal bytes.
        settled = known is not None and known.modified == modified and known.page == page
        return _Seen(page=page, modified=modified, settled=settled)
