"""Dates as far as a reader must understand them; repairing them is the business of `normalise`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime

_LONGEST = 60  # characters

# A time of day at the end, or a bare date: nothing says in which zone. Other scripts have formats of their own.
_NO_ZONE = re.compile(r"(?:^|[\sT])\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\s*$|^\s*\d{4}-\d\d-\d\d\s*$", re.ASCII)

_FORMATS = tuple(
    f"{date}{time}"
    for date in ("%d.%m.%Y", "%Y.%m.%d", "%Y/%m/%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%a, %d %b %Y")
    for time in (" %H:%M:%S%z", " %H:%M%z", " %H:%M:%S", " %H:%M", ", %H:%M", "")
)


def from_parsed(raw: str, parsed: tuple[int, ...] | None) -> str:
    """`2026-11-22T06:00:00Z` for what feedparser made of `raw`, else `raw` itself.

    feedparser takes a time without a zone as UTC. Its source may know better, so then there is no Z.
    """
    if parsed is None or raw.startswith("-"):  # feedparser reads the year -1 as 2000
        return raw
    try:
        year, month, day, hour, minute, second = parsed[:6]
        moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - if it has a zone is told below
    except (TypeError, ValueError):  # the years -1 and 10000 were seen
        return raw
    return moment.isoformat() + ("Z" if _has_zone(raw) else "")


def _has_zone(raw: str) -> bool:
    if raw.endswith(("Z", "GMT")) or (raw[-5:-4] in {"+", "-"} and raw[-4:].isdigit()):  # most do, and need no search
        return True
    return not _NO_ZONE.search(raw)


def moment(text: str) -> datetime | None:
    """The moment that a date as feeds write it names (RFC 822 or ISO 8601), in UTC where it names no zone."""
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = parse(text)
        except (ValueError, TypeError, OverflowError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def from_text(line: str, zone: tzinfo) -> str:
    """ISO 8601 with an offset if `line` is a date and nothing else, in `zone` if it names none; else ""."""
    if len(line) > _LONGEST:
        return ""
    line = re.sub(r"\s*(?:UTC|GMT|Z)$", "+0000", line)
    line = re.sub(r"\s+([+-]\d\d):?(\d\d)$", r"\1\2", line)
    moment = _parse(line)
    if moment is None:
        return ""
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()


def _parse(line: str) -> datetime | None:
    try:
        return datetime.fromisoformat(line)
    except ValueError:
        pass
    for form in _FORMATS:
        try:
            return datetime.strptime(line, form)  # noqa: DTZ007 - the caller gives it the zone of the source
        except ValueError:
            continue
    return None
