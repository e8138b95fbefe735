"""Moments in RFC 3339 and as clocks show them; always UTC, never by the locale. In words: see words.py."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(moment: datetime) -> datetime:
    """The same moment in UTC.

    Raises:
        ValueError: it names no zone, or lies at the end of time.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as exc:
        raise ValueError("a time out of range") from exc


def rfc3339(moment: datetime) -> str:
    """As in 2026-11-22T06:00:00Z, with microseconds where there are any."""
    return moment.isoformat().replace("+00:00", "Z")


def clock(moment: datetime) -> str:
    """As in 06:00."""
    return f"{moment.hour:02}:{moment.minute:02}"
