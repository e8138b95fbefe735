"""Which stories of a topic its feed holds, and in what order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from feeds.model import Entry

WINDOW = timedelta(hours=48)  # longer than the longest pause between two looks of a feed reader


def select(entries: Sequence[Entry], *, limit: int) -> tuple[Entry, ...]:
    """The newest `limit` entries, and all that were published within 48 h of the newest; newest first.

    The window is counted back from the newest entry and not from now, so that the same rows always give the same
    feed. Hence `entries` must reach back as far: `limit` of them, and all since `newest.published - WINDOW`.
    Equal times are settled by the name of the source, then guid and address: never by the id, which is drawn by lot.
    An id stands once, at its newest place.
    """
    seen: set[str] = set()
    chosen: list[Entry] = []
    by_name = sorted(entries, key=lambda e: (e.origin.name, e.guid, e.url, e.id))
    for entry in sorted(by_name, key=lambda e: e.published, reverse=True):
        if len(chosen) >= limit and entry.published < chosen[0].published - WINDOW:
            break
        if entry.id not in seen:
            seen.add(entry.id)
            chosen.append(entry)
    return tuple(chosen)
