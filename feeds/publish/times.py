"""Moments in words and in RFC 3339; always UTC, never by the locale."""

from __future__ import annotations

from datetime import UTC, date, datetime

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


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


def day(moment: date) -> str:
    """As in 22 November 2026."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def weekday(moment: date) -> str:
    """As in Sunday."""
    return _WEEKDAYS[moment.weekday()]


def briefly(moment: datetime) -> str:
    """As in 22 Nov 2026, 06:00 UTC."""
    return f"{moment.day} {_MONTHS[moment.month - 1][:3]} {moment.year}, {clock(moment)} UTC"


def in_words(moment: datetime) -> str:
    """As in 22 November 2026, 06:00 UTC."""
    return f"{day(moment)}, {clock(moment)} UTC"
