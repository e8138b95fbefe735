"""What readers are told of corrections: one line of plain text each, with its time in UTC."""

from __future__ import annotations

from datetime import datetime

from feeds.model import Edit, Entry
from feeds.publish import clean, times

WITHDRAWN = "Withdrawn: "  # before the headline, which its publisher may have left as it was


def withdrawal(entry: Entry) -> str:
    """Return what stands above a text that its publisher withdrew; "" for all others."""
    if entry.withdrawn is None:
        return ""
    outlet = clean.line(entry.origin.title) or clean.line(entry.origin.name) or "its publisher"
    return f"Withdrawn by {outlet}{_when(entry.withdrawn, entry)}."


def correction(entry: Entry, title: str) -> str:
    """Return what stands below the text: when the headline was last changed, and what it was; "" if it never was.

    `title` is the headline as it is published now.
    """
    for edit in reversed(entry.edits):
        was = clean.line(edit.was)
        if "headline" in edit.what and was and was != title:
            return f"Headline changed{_when(edit.at, entry)}, was: {was}"
    return ""


def edits(entry: Entry) -> tuple[Edit, ...]:
    """Return the corrections of an entry, clean, for programs."""
    return tuple(Edit(at=times.utc(edit.at), what=edit.what, was=clean.line(edit.was)) for edit in entry.edits)


def _when(moment: datetime, entry: Entry) -> str:
    """As in ` at 14:05 UTC`; with the day, where it is not that of the entry."""
    at = times.utc(moment)
    day = "" if at.date() == times.utc(entry.published).date() else f" on {times.day(at)}"
    return f"{day} at {times.clock(at)} UTC"
