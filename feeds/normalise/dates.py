"""Dates as sources write them, repaired to UTC or refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)  # what clocks and time zones of publishers may be wrong by

_LONGEST = 100  # characters
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*"
_EPOCH = re.compile(r"[0-9]{10}(?P<milli>[0-9]{3})?")
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\d-])(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s.,-]*{_MONTH}[\s.,-]+(?P<year>\d{{4}}|\d\d)(?![\d:])",  # RFC 822
        # 'September 1, 2022' and asctime, which puts the time before the year
        rf"\b{_MONTH}[\s.]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s,]+(?:\d\d?:[\d:]+\s+(?:[a-z]+\s+)?)?(?P<year>\d{{4}})(?!\d)",
        r"(?<!\d)(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})(?!\d)",
        r"(?<!\d)(?P<first>\d{1,2})([/-])(?P<second>\d{1,2})\2(?P<year>\d{4})(?!\d)",
    )
)
_TIME = re.compile(
    r"(?<![\d:])(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?(?!\d)(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    r"\s*(?:(?:gmt|utc?)?\s*(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?(?!\d)|(?P<name>[a-z]{1,5})\b)?",
    re.IGNORECASE,
)
# RFC 822 section 5.1, and what newsrooms beside it write; names with several meanings (IST) are left out.
_ZONES = {
    **dict.fromkeys(("z", "ut", "utc", "gmt", "wet"), 0),
    **dict.fromkeys(("bst", "cet", "west"), 1),
    **dict.fromkeys(("cest", "eet"), 2),
    **dict.fromkeys(("eest", "msk", "trt"), 3),
    **dict.fromkeys(("hkt", "sgt"), 8),
    **dict.fromkeys(("jst", "kst"), 9),
    **dict.fromkeys(("cdt", "est"), -5),
    **dict.fromkeys(("cst", "mdt"), -6),
    **dict.fromkeys(("mst", "pdt"), -7),
    "edt": -4,
    "pst": -8,
}


def repair(raw: str, now: datetime, timezone: str) -> datetime | None:
    """Return the moment that `raw` means, in UTC, if it lies within [1990, `now` + 1 day]; else None.

    Reads ISO 8601, RFC 822, seconds or milliseconds of the Unix epoch, and other forms that feeds are seen to give,
    with months in English. A date without a zone is of `timezone` (IANA name), a date without a time its midnight.
    Two numbers that could be day and month either way are no date.
    """
    text = raw.strip()
    if not text or len(text) > _LONGEST:
        return None
    try:
        moment = _read(text)
        if moment is None:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(timezone))
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if EARLIEST <= moment <= now + AHEAD else None


def _read(text: str) -> datetime | None:
    """Return the moment, without zone where the text has none. Raises ValueError for a 30 February and the like."""
    if epoch := _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text) / (1000 if epoch["milli"] else 1), UTC)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    day = _day(text)
    if day is None:
        return None
    clock = _TIME.search(text)
    if clock is None:
        return day
    hour = int(clock["hour"])
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"] in "pP" else 0)
    if hour > 24:
        raise ValueError("no such hour")
    # 24:00 is tomorrow; a leap second is the one before it
    past = timedelta(hours=hour, minutes=int(clock["minute"]), seconds=min(int(clock["second"] or 0), 59))
    return (day + past).replace(tzinfo=_zone(clock))


def _day(text: str) -> datetime | None:
    for pattern in _DATES:
        if found := pattern.search(text):
            break
    else:
        return None
    parts = found.groupdict()
    year = int(parts["year"])
    if len(parts["year"]) == 2:  # RFC 822
        year += 1900 if year >= EARLIEST.year % 100 else 2000
    if "first" in parts:
        first, second = int(parts["first"]), int(parts["second"])
        if first <= 12 and second <= 12 and first != second:
            return None
        day, month = (first, second) if first > 12 else (second, first)
    else:
        day = int(parts["day"])
        name = parts["month"].lower()
        month = _MONTHS.index(name) + 1 if name in _MONTHS else int(name)
    return datetime(year, month, day)  # noqa: DTZ001  the zone comes from the time, or from the source


def _zone(clock: re.Match[str]) -> tzinfo | None:
    if clock["sign"]:
        offset = timedelta(hours=int(clock["hours"]), minutes=int(clock["minutes"] or 0))
        return timezone(-offset if clock["sign"] == "-" else offset)
    hours = _ZONES.get((clock["name"] or "").lower())
    return None if hours is None else timezone(timedelta(hours=hours))
