"""What readers are told of corrections: one line of plain text each, with its time in UTC."""

from __future__ import annotations

from datetime import datetime

from feeds.model import Edit, Entry
from feeds.publish import clean, times
from feeds.publish.words import Words


def withdrawal(entry: Entry, words: Words) -> str:
    """Return what stands above a text that its publisher withdrew; "" for all others."""
    if entry.withdrawn is None:
        return ""
    outlet = clean.line(entry.origin.title) or clean.line(entry.origin.name) or words.plain("its_publisher")
    return words.plain("withdrawn_by", outlet=outlet, when=_when(entry.withdrawn, entry, words))


def withdrawn_headline(entry: Entry) -> str:
    """Return the headline that the notice of the withdrawal took the place of; "" if it took none."""
    became = [edit for edit in entry.edits if "withdrawn" in edit.what]
    return clean.line(became[-1].was) if became and "headline" in became[-1].what else ""


def correction(entry: Entry, title: str, words: Words) -> tuple[str, str]:
    """Return what stands below the text, when the headline was last changed and what it was; and that alone again.

    Twice "" if it never was. `title` is the headline as it is published now.
    """
    for edit in reversed(entry.edits):
        was = clean.line(edit.was)
        if "headline" in edit.what and was and was != title:
            return words.plain("headline_changed", when=_when(edit.at, entry, words), was=was), was
    return "", ""


def edits(entry: Entry) -> tuple[Edit, ...]:
    """Return the corrections of an entry, clean, for programs."""
    return tuple(Edit(at=times.utc(edit.at), what=edit.what, was=clean.line(edit.was)) for edit in entry.edits)


def _when(moment: datetime, entry: Entry, words: Words) -> str:
    """As in ` at 14:05 UTC`; with the day, where it is not that of the entry."""
    at = times.utc(moment)
    if at.date() == times.utc(entry.published).date():
        return words.plain("at_clock", clock=times.clock(at))
    return words.plain("on_day_at", day=words.day(at), clock=times.clock(at))
