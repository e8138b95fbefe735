"""Hours and days at which a feed asks to be left alone."""

from __future__ import annotations

import pytest

from feeds.model import Document, Facts, RawFeed
from feeds.read import read
from feeds.read.skips import skips
from tests.make import NOW, source


def hours(*numbers: object) -> bytes:
    return b"<skipHours>" + b"".join(f"<hour>{n}</hour>".encode() for n in numbers) + b"</skipHours>"


def days(*names: str) -> bytes:
    return b"<skipDays>" + b"".join(f"<day>{n}</day>".encode() for n in names) + b"</skipDays>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(b"<rss/>", (0, 0), id="nothing said"),
        pytest.param(hours(0, 5, 23), (1 | 1 << 5 | 1 << 23, 0), id="hours"),
        pytest.param(hours(24), (1, 0), id="midnight as RSS 0.91 has it"),
        pytest.param(hours(25, 99, -1, "noon", ""), (0, 0), id="no hours of a day"),
        pytest.param(hours(" 7\n"), (1 << 7, 0), id="white space"),
        pytest.param(days("Monday", "sunday"), (0, 1 | 1 << 6), id="days"),
        pytest.param(days("Sat"), (0, 1 << 5), id="a day cut short"),
        pytest.param(days("Holiday", ""), (0, 0), id="no days of a week"),
        pytest.param(hours(3) + days("Friday"), (1 << 3, 1 << 4), id="both"),
        pytest.param(b"<skipHours><hour>3</hour>", (0, 0), id="never closed"),
        pytest.param(b"<skipHours>" * 50_000 + b"</skipDays>", (0, 0), id="a flood of them"),
    ],
)
def test_what_is_asked(body: bytes, expected: tuple[int, int]) -> None:
    assert skips(body) == expected


def test_a_feed_carries_them_in_its_head() -> None:
    body = b"<rss version='2.0'><channel><title>t</title>%s%s<item><title>x</title></item></channel></rss>"
    document = Document(url="https://a.example/feed", body=body % (hours(1, 2), days("Tuesday")))
    feed = read(document, Facts(source=source("a"), now=NOW))
    assert isinstance(feed, RawFeed)
    assert (feed.head.skip_hours, feed.head.skip_days) == (0b110, 0b10)
