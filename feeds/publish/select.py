"""Which stories of a topic its feed holds, and in what order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from feeds.model import Entry

WINDOW = timedelta(hours=48)  # longer than the longest pause between two looks of a feed reader


def select(entries: Sequence[Entry], *, limit: int) -> tuple[Entry, ...]:
    """The newest `limit` entries, all that were published within 48 h of the newest, and behind them older ones that
    were corrected within 48 h, the `limit` last corrected at most; newest first.

    What was corrected comes back because the archive that it stands in never changes (RFC 5005 section 4.1). The
    windows are counted back from the newest entry and correction and not from now, so that the same rows always give
    the same feed. Hence `entries` must reach back as far: see ports.Store.entries. Equal times are settled by the name
    of the source, then guid and address: never by the id, which is drawn by lot. An id stands once.
    """
    seen: set[str] = set()
    chosen: list[Entry] = []
    older: list[Entry] = []
    for entry in ordered(entries):
        if entry.id not in seen:
            seen.add(entry.id)
            within = len(chosen) < limit or entry.published >= chosen[0].published - WINDOW
            (chosen if within else older).append(entry)
    corrected = sorted((entry for entry in older if entry.corrected), key=recency, reverse=True)[:limit]
    newest = max(map(recency, (*chosen, *corrected)), default=None)
    back = {entry.id for entry in corrected if newest and recency(entry) >= newest - WINDOW}
    return (*chosen, *(entry for entry in older if entry.id in back))


def ordered(entries: Sequence[Entry]) -> list[Entry]:
    """Newest first."""
    by_name = sorted(entries, key=lambda e: (e.origin.name, e.guid, e.url, e.id))
    return sorted(by_name, key=lambda e: e.published, reverse=True)


def recency(entry: Entry) -> datetime:
    """When a reader was last given news of an entry. What is cut off for want of room is what is oldest by this."""
    return max(entry.published, entry.corrected or entry.published)
