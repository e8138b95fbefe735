"""What readers are told of corrections: one line of plain text each, with its time in UTC."""

from __future__ import annotations

from datetime import datetime

from feeds.model import Correction, Edit, Entry
from feeds.publish import clean, times
from feeds.publish.words import Words


def withdrawal(entry: Entry, words: Words) -> str:
    """Return what stands above a text that its publisher withdrew, or withdrew and restored; "" for all others."""
    outlet = clean.line(entry.origin.title) or clean.line(entry.origin.name) or words.plain("its_publisher")
    if entry.withdrawn is not None:
        return words.plain("withdrawn_by", outlet=outlet, when=_when(entry.withdrawn, entry, words))
    gone, back = _last(entry, "withdrawn"), _last(entry, "restored")
    if gone is None or back is None:
        return ""
    when, then = _when(gone.at, entry, words), _when(back.at, entry, words)
    return words.plain("restored_by", outlet=outlet, when=when, then=then)


def withdrawn_headline(entry: Entry) -> str:
    """Return the headline that the notice of the withdrawal took the place of; "" if it took none."""
    gone = _last(entry, "withdrawn")
    return clean.line(gone.was) if gone and "headline" in gone.what else ""


def correction(entry: Entry, title: str, words: Words) -> tuple[str, str]:
    """Return what stands below the text, when the headline was last changed and what it was; and that alone again.

    Twice "" if it never was. `title` is the headline as it is published now. A notice is no headline.
    """
    for edit in reversed(_of_headlines(entry)):
        was = clean.line(edit.was)
        if was and was != title:
            return words.plain("headline_changed", when=_when(edit.at, entry, words), was=was), was
    return "", ""


def edits(entry: Entry) -> tuple[Edit, ...]:
    """Return the corrections of an entry, clean, for programs."""
    return tuple(Edit(at=times.utc(edit.at), what=edit.what, was=clean.line(edit.was)) for edit in entry.edits)


def _last(entry: Entry, what: Correction) -> Edit | None:
    return next((edit for edit in reversed(entry.edits) if what in edit.what), None)


def _of_headlines(entry: Entry) -> list[Edit]:
    """The edits that took the place of a headline."""
    found, is_notice = [], False
    for edit in entry.edits:
        if "headline" in edit.what and not is_notice:
            found.append(edit)
        is_notice = "withdrawn" in edit.what or (is_notice and "restored" not in edit.what)
    return found


def _when(moment: datetime, entry: Entry, words: Words) -> str:
    """As in ` at 14:05 UTC`; with the day, where it is not that of the entry."""
    at = times.utc(moment)
    if at.date() == times.utc(entry.published).date():
        return words.plain("at_clock", clock=times.clock(at))
    return words.plain("on_day_at", day=words.day(at), clock=times.clock(at))
