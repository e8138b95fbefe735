"""Hours and days at which an RSS feed asks not to be polled; feedparser keeps only the last of them."""

from __future__ import annotations

import re

_LISTS = re.compile(rb"<(skipHours|skipDays)\s*>(.{0,2000}?)</\1\s*>", re.DOTALL)
_HOUR = re.compile(rb"<hour\s*>\s*([0-9]{1,2})\s*</hour")
_DAY = re.compile(rb"<day\s*>\s*([A-Za-z]{3})[A-Za-z]*\s*</day")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def skips(body: bytes) -> tuple[int, int]:
    """(hours, days) as bits: bit n for hour n in UTC, bit n for day n of the week with Monday as 0.

    https://www.rssboard.org/skip-hours-days. RSS 0.91 counts the hours from 1 to 24, where 24 is midnight.
    """
    hours = days = 0
    for name, listed in _LISTS.findall(body):
        if name == b"skipHours":
            for hour in _HOUR.findall(listed):
                hours |= 1 << int(hour) % 24 if int(hour) <= 24 else 0
        else:
            for day in _DAY.findall(listed):
                word = day.decode().lower()
                days |= 1 << _DAYS.index(word) if word in _DAYS else 0
    return hours, days
