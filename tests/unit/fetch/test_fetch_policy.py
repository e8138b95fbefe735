"""What requests say, and what answers ask of us."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.fetch import policy
from feeds.model import Request, Source, SourceState

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SOURCE = Source(name="wire", url="http://wire.example/feed")
FRESH = SourceState(source="wire")
KNOWN = SourceState(
    source="wire", etag='"1"', last_modified="Fri, 01 May 2026 08:00:00 GMT", body_hash=b"old", interval=3600
)
DAY = 86400
DATED = {"date": "Fri, 01 May 2026 10:00:00 GMT"}


# ---------------------------------------------------------------------------------------------- asking


def test_a_first_request_says_who_asks_for_what_and_nothing_else() -> None:
    request = policy.ask(SOURCE, FRESH, NOW)
    names = [name for name, _ in policy.headers(request, "topic-feeds/1 (+mailto:desk@example.org)")]
    assert request.url == "http://wire.example/feed"
    assert names == ["User-Agent", "Accept", "Accept-Encoding"]
    said = dict(policy.headers(request, "topic-feeds/1 (+mailto:desk@example.org)"))
    assert said["User-Agent"] == "topic-feeds/1 (+mailto:desk@example.org)"
    assert said["Accept-Encoding"] == "gzip"
    assert "application/atom+xml" in said["Accept"]


@pytest.mark.parametrize(
    "etag",
    [
        pytest.param('"abc"', id="plain"),
        pytest.param('W/"abc"', id="weak"),
        pytest.param("abc", id="without its quotes"),
        pytest.param('"a"b"', id="a quote inside"),
        pytest.param('"abc-gzip"', id="marked by a proxy"),
        pytest.param("\xe9\xff", id="bytes beyond ASCII"),
    ],
)
def test_validators_go_back_byte_for_byte(etag: str) -> None:
    said = dict(policy.headers(Request(source="wire", url="http://x/", etag=etag, last_modified="yesterday"), "x"))
    assert (said["If-None-Match"], said["If-Modified-Since"]) == (etag, "yesterday")


def test_the_learnt_address_is_asked() -> None:
    request = policy.ask(SOURCE, replace(KNOWN, moved_to="https://wire.example/feed"), NOW)
    assert request == Request(
        source="wire",
        url="https://wire.example/feed",
        etag=KNOWN.etag,
        last_modified=KNOWN.last_modified,
        body_hash=b"old",
    )


# --------------------------------------------------------------------------------------------- answers


@pytest.mark.parametrize(
    ("headers", "max_age"),
    [
        pytest.param({}, 0, id="nothing said"),
        pytest.param({"cache-control": "public, max-age=600"}, 600, id="max-age"),
        pytest.param({"cache-control": 'Max-Age="600"'}, 600, id="quoted, other case"),
        pytest.param({"cache-control": "s-maxage=600"}, 0, id="meant for shared caches"),
        pytest.param({"cache-control": "no-cache, max-age=600"}, 0, id="no-cache wins"),
        pytest.param({"cache-control": "max-age=600, no-store"}, 0, id="no-store wins"),
        pytest.param({"cache-control": "max-age=600", "age": "200"}, 400, id="time spent in a cache counts"),
        pytest.param({"cache-control": "max-age=172800", "age": "100000"}, 72800, id="age counts before the cap"),
        pytest.param({"cache-control": "max-age=600", "age": "900"}, 0, id="stale already"),
        pytest.param({"cache-control": "max-age=31536000"}, DAY, id="a year is a day"),
        pytest.param({"cache-control": "max-age=" + "9" * 5000}, DAY, id="more digits than int() takes"),
        pytest.param({"cache-control": "max-age=-5"}, 0, id="negative"),
        pytest.param({**DATED, "expires": "Fri, 01 May 2026 10:20:00 GMT"}, 1200, id="Expires from the server's Date"),
        pytest.param({"expires": "Fri, 01 May 2026 12:20:00 GMT"}, 1200, id="Expires from our clock without Date"),
        pytest.param({**DATED, "expires": "Fri, 01 May 2026 09:00:00 GMT"}, 0, id="expired"),
        pytest.param({**DATED, "expires": "0"}, 0, id="Expires: 0"),
        pytest.param(
            {**DATED, "cache-control": "max-age=60", "expires": "Fri, 01 May 2026 11:00:00 GMT"}, 60, id="max-age wins"
        ),
    ],
)
def test_how_long_an_answer_stays_fresh(headers: dict[str, str], max_age: int) -> None:
    assert policy.hints(headers, NOW).max_age == max_age


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"retry-after": "120"}, 120, id="seconds"),
        pytest.param({**DATED, "retry-after": "Fri, 01 May 2026 10:02:00 GMT"}, 120, id="a date"),
        pytest.param({"retry-after": "Fri, 01 May 2026 12:02:00 GMT"}, 120, id="a date, and no Date"),
        pytest.param({**DATED, "retry-after": "Friday, 01-May-26 10:02:00 GMT"}, 120, id="an obsolete date"),
        pytest.param({**DATED, "retry-after": "Fri, 01 May 2020 10:02:00 GMT"}, 0, id="a date long past"),
        pytest.param({"retry-after": "99999999999999999999"}, DAY, id="absurd"),
        pytest.param({"retry-after": "7200, 7200"}, 7200, id="twice the same"),
        pytest.param({"retry-after": "60,120, 5"}, 120, id="several, the longest"),
        pytest.param({**DATED, "retry-after": "60, Fri, 01 May 2026 10:02:00 GMT"}, 120, id="seconds and a later date"),
        pytest.param({**DATED, "retry-after": "Fri, 01 May 2026 10:02:00 GMT, 600"}, 600, id="a date and longer"),
        pytest.param({**DATED, "retry-after": "Fri May  1 10:02:00 2026"}, 120, id="a date as C prints it"),
        pytest.param(
            {**DATED, "retry-after": "Fri, 01 May 2026 10:01:00 GMT, Fri, 01 May 2026 10:02:00 GMT"},
            120,
            id="two dates",
        ),
        pytest.param({"retry-after": "soon"}, 0, id="a word"),
        pytest.param({"retry-after": "-1"}, 0, id="negative"),
    ],
)
def test_when_to_try_again(headers: dict[str, str], seconds: int) -> None:
    assert policy.hints(headers, NOW).retry_after == seconds


@given(st.dictionaries(st.sampled_from(["cache-control", "expires", "date", "age", "retry-after"]), st.text()))
@settings(max_examples=150)
def test_no_header_makes_us_wait_longer_than_a_day(headers: dict[str, str]) -> None:
    hints = policy.hints(headers, NOW)
    assert 0 <= hints.max_age <= DAY
    assert 0 <= hints.retry_after <= DAY
