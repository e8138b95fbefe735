"""Dates as sources write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feeds.normalise.dates import repair

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "iso"),
    [
        pytest.param("2026-11-01T12:00:00Z", "2026-11-01T12:00:00", id="ISO 8601"),
        pytest.param("2026-11-01T12:00:00.250+03:00", "2026-11-01T09:00:00.250000", id="ISO with fraction and offset"),
        pytest.param("2026-11-01T12:00:00-0330", "2026-11-01T15:30:00", id="ISO, offset without colon"),
        pytest.param("2026-11-01 12:00:00 +0300", "2026-11-01T09:00:00", id="spaces for T"),
        pytest.param("2026-11-01T12:00Z", "2026-11-01T12:00:00", id="no seconds"),
        pytest.param("20261101T120000Z", "2026-11-01T12:00:00", id="ISO basic"),
        pytest.param("2026-11-01T24:00:00Z", "2026-11-02T00:00:00", id="end of the day"),
        pytest.param("2016-12-31T23:59:60Z", "2016-12-31T23:59:59", id="leap second"),
        pytest.param("Sun, 01 Nov 2026 12:00:00 +0300", "2026-11-01T09:00:00", id="RFC 822"),
        pytest.param("Sun, 01 Nov 2026 12:00:00 -0500", "2026-11-01T17:00:00", id="RFC 822, west"),
        pytest.param("Sun, 01 Nov 2026 12:00:00 GMT", "2026-11-01T12:00:00", id="RFC 822, GMT"),
        pytest.param("Sun, 01 Nov 2026 12:00:00 -0000", "2026-11-01T12:00:00", id="RFC 2822, UTC of no known zone"),
        pytest.param("1 Nov 26 12:00 EST", "2026-11-01T17:00:00", id="RFC 822, short year, no weekday"),
        pytest.param("1 Nov 95 12:00 UT", "1995-11-01T12:00:00", id="RFC 822, last century"),
        pytest.param("1 Nov 90 12:00 UT", "1990-11-01T12:00:00", id="RFC 822, the first year"),
        pytest.param("Sun, 01 Nov 2026 12:00:00 PDT", "2026-11-01T19:00:00", id="zone of RFC 822"),
        pytest.param("Sun, 01 Jul 2026 12:00:00 CEST", "2026-07-01T10:00:00", id="zone that RFC 822 does not know"),
        pytest.param("Sun, 01 Jul 2026 12:00:00 msk", "2026-07-01T09:00:00", id="zone in small letters"),
        pytest.param("Sun, 01 Nov 2026 12:00:00 GMT+3", "2026-11-01T09:00:00", id="GMT and an offset"),
        pytest.param("Sun, 01 Nov 2026 12:00:00 +03:00", "2026-11-01T09:00:00", id="RFC 822 with a colon"),
        pytest.param("Sun, 01 Nov 2026 12:00:00 +530", "2026-11-01T06:30:00", id="offset of three digits"),
        pytest.param("Sunday, 01-Nov-26 12:00:00 GMT", "2026-11-01T12:00:00", id="RFC 850"),
        pytest.param("Sun Nov  1 12:00:00 2026", "2026-11-01T12:00:00", id="asctime"),
        pytest.param("Sun Nov  1 12:00:00 UTC 2026", "2026-11-01T12:00:00", id="date(1)"),
        pytest.param("November 1, 2026", "2026-11-01T00:00:00", id="American"),
        pytest.param("Nov. 1st, 2026 3:30 p.m.", "2026-11-01T15:30:00", id="American, afternoon"),
        pytest.param("Nov 1, 2026 12:30 AM", "2026-11-01T00:30:00", id="half past midnight"),
        pytest.param("Nov 1, 2026 12:30 PM", "2026-11-01T12:30:00", id="half past noon"),
        pytest.param("1 November 2026", "2026-11-01T00:00:00", id="British"),
        pytest.param("2026/11/1 9:05", "2026-11-01T09:05:00", id="slashes, single digits"),
        pytest.param("01.11.2026 12:00", "2026-11-01T12:00:00", id="German, Turkish, Russian"),
        pytest.param("22/11/2026", "2026-11-22T00:00:00", id="only one can be the day: the first"),
        pytest.param("11/21/2026", "2026-11-21T00:00:00", id="only one can be the day: the second"),
        pytest.param("12/12/2025", "2025-12-12T00:00:00", id="day and month are the same number"),
        pytest.param("12/13/2025", "2025-12-13T00:00:00", id="13 is no month"),
        pytest.param("13/01/2025", "2025-01-13T00:00:00", id="nor is it as first number"),
        pytest.param("1793534400", "2026-11-01T12:00:00", id="Unix time"),
        pytest.param("1793534400500", "2026-11-01T12:00:00.500000", id="Unix time in milliseconds"),
        pytest.param("  2026-11-01T12:00:00Z\n", "2026-11-01T12:00:00", id="white space"),
        pytest.param("1990-01-01T00:00:00Z", "1990-01-01T00:00:00", id="the first moment"),
        pytest.param("2026-11-23T06:00:00Z", "2026-11-23T06:00:00", id="a day ahead"),
        pytest.param("1 November 2026".rjust(100, "."), "2026-11-01T00:00:00", id="as long as can be"),
        pytest.param("29 Feb 2024", "2024-02-29T00:00:00", id="leap day"),
    ],
)
def test_a_date_is_read(raw: str, iso: str) -> None:
    moment = repair(raw, NOW, "UTC")
    assert moment == datetime.fromisoformat(iso).replace(tzinfo=UTC)
    assert moment.tzinfo is UTC, "and not of this machine"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("", id="none"),
        pytest.param("   ", id="blank"),
        pytest.param("yesterday", id="a word"),
        pytest.param("12:00", id="a time without a day"),
        pytest.param("1 Nov 12:00", id="a time is no year"),
        pytest.param("1989-12-31T23:59:59Z", id="a second too early"),
        pytest.param("2026-11-23T06:00:01Z", id="a second too far ahead"),
        pytest.param("2026-02-30T12:00:00Z", id="30 February"),
        pytest.param("30 Feb 2026 12:00", id="30 February in words"),
        pytest.param("2026-11-01T25:00:00Z", id="hour 25"),
        pytest.param("01/02/2026", id="day and month either way"),
        pytest.param("12/01/2025", id="12 may be a month as first number"),
        pytest.param("01/12/2025", id="and as second"),
        pytest.param("0000-00-00", id="year 0"),
        pytest.param("0001-01-01T00:00:00+14:00", id="before the calendar in UTC"),
        pytest.param("9999-12-31T23:59:60Z", id="year 10000 after the leap second"),
        pytest.param("9999-12-31T23:59:59-14:00", id="after the calendar in UTC"),
        pytest.param("-0001-01-01", id="negative year"),
        pytest.param("-2022-01-01", id="negative year that looks right"),
        pytest.param("0000000000", id="start of Unix time"),
        pytest.param("9999999999999", id="Unix time, far ahead"),
        pytest.param("Sun, 01 Nov 2026 12:00:00 +9930", id="no such offset"),
        pytest.param("1 November 2026".rjust(101, "."), id="one character too long"),
        pytest.param("2026-11-01T12:00:00Z" + " " * 90 + "x", id="too long to be a date"),
        pytest.param("৫ মে ২০২৬", id="another script"),
    ],
)
def test_what_is_no_date_in_range_is_none(raw: str) -> None:
    assert repair(raw, NOW, "UTC") is None


@pytest.mark.parametrize(
    ("raw", "utc"),
    [
        pytest.param("2026-11-01T12:00:00", "2026-11-01T10:00:00", id="ISO, winter"),
        pytest.param("2026-07-01T12:00:00", "2026-07-01T09:00:00", id="ISO, summer"),
        pytest.param("Sun, 01 Nov 2026 12:00:00", "2026-11-01T10:00:00", id="RFC 822"),
        pytest.param("Sun, 01 Nov 2026 12:00:00 XYZ", "2026-11-01T10:00:00", id="unknown zone"),
        pytest.param("2026-11-02", "2026-11-01T22:00:00", id="a date is its midnight"),
        pytest.param("2026-11-01T12:00:00Z", "2026-11-01T12:00:00", id="a zone of its own"),
        pytest.param("1793534400", "2026-11-01T12:00:00", id="Unix time has none"),
    ],
)
def test_a_date_without_zone_is_of_the_source(raw: str, utc: str) -> None:
    assert repair(raw, NOW, "Europe/Kyiv") == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_the_range_ends_a_day_from_now_wherever_now_is() -> None:
    raw = "2026-11-22T06:00:00Z"
    assert repair(raw, NOW - timedelta(days=1), "UTC") == NOW
    assert repair(raw, NOW - timedelta(days=1, microseconds=1), "UTC") is None


def test_two_digits_below_ninety_are_of_this_century() -> None:
    assert repair("1 Nov 89", datetime(2090, 1, 1, tzinfo=UTC), "UTC") == datetime(2089, 11, 1, tzinfo=UTC)
