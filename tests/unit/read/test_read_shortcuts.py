"""Shortcuts through feedparser: dates and addresses are what feedparser as it comes makes of them."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.read import parser
from feeds.read.dates import _NO_ZONE, _has_zone
from feeds.read.parser import _Strict
from feeds.read.shortcuts import shorter_dates
from tests.stock import feedparser

their_date = feedparser.datetimes._parse_date
our_date = shorter_dates(their_date)
PARSER = _Strict("https://a.example/b/c", None, "utf-8")

two = st.integers(0, 99).map("{:02}".format)
four = st.sampled_from(["0000", "0001", "1969", "1999", "2000", "2026", "9999"])
days, months = (st.sampled_from(words.split()) for words in ("Mon Sun Thx", "Jan Feb Dec Sep JAN Xyz"))
zones = st.sampled_from(["GMT", "+0000", "-0530", "+1400", "+2500", "+0099", "EST", "Z", ""])
offsets = st.sampled_from(["Z", "+00:00", "-05:30", "+14:00", "+24:00", "-23:59", "+01:75", "", "z", "+0100"])
rfc_822 = st.builds("{}, {} {} {} {}:{}:{} {}".format, days, two, months, four, two, two, two, zones)
parts = st.sampled_from(["", ".0", ".999", ".9999999", ".99999999999999999", ","])
iso_8601 = st.builds("{}-{}-{}T{}:{}:{}{}{}".format, four, two, two, two, two, two, parts, offsets)
bare_days = st.builds("{}-{}-{}{}".format, four, two, two, st.sampled_from(["", "", " ", "Z", "T"]))
likely = st.builds(
    "Thu, {} Nov {} {:02}:{:02}:59 {}".format,
    st.integers(0, 31), four, st.integers(0, 24), st.integers(0, 60), zones,
)  # fmt: skip


@given(rfc_822 | iso_8601 | bare_days | likely | st.text(string.printable, max_size=40))
def test_a_date_is_what_feedparser_makes_of_it(text: str) -> None:
    try:
        expected = their_date(text)
    except Exception as exc:
        with pytest.raises(type(exc)):
            our_date(text)
    else:
        assert our_date(text) == expected


def test_the_common_dates_take_the_short_way() -> None:
    asked: list[str] = []
    date = shorter_dates(asked.append)
    for text in (
        "Thu, 26 Nov 2026 06:00:00 GMT",
        "Thu, 26 Nov 2026 06:00:00 +0300",
        "2026-11-26T06:00:00-05:00",
        "2026-11-26T06:00:00.123Z",
        "2026-11-26",
    ):
        assert date(text) == their_date(text) is not None
    assert date(None) is None
    assert asked == []


USUAL = ["title", "link", "guid", "pubDate", "description", "category", "author", "dc:creator", "dc:date", "updated"]


@given(st.text("0123456789:+-TZGM ./", max_size=14) | rfc_822 | iso_8601 | bare_days)
def test_a_zone_is_told_as_the_expression_tells_it(text: str) -> None:
    assert _has_zone(text) is (_NO_ZONE.search(text) is None)


@pytest.mark.parametrize(
    ("item", "is_leaf"),
    [
        *(pytest.param(f"<{name}>a</{name}>", True, id=name) for name in USUAL),
        pytest.param("<guid isPermaLink='false'>a</guid>", True, id="the attribute that a guid has"),
        pytest.param("<category domain='a'>b</category>", True, id="the attribute that a category has"),
        pytest.param("<title/>", True, id="empty"),
        pytest.param("<title type='html'>a</title>", False, id="an attribute that says how to read it"),
        pytest.param("<author>a <name>b</name></author>", False, id="an element inside"),
        pytest.param("<source><title>a</title></source>", False, id="of a source"),
        pytest.param("<image><link>a</link></image>", False, id="of an image"),
        pytest.param("<description>a</description><description>b</description>", False, id="the second is content"),
        pytest.param("<links>a</links><link>b</link>", False, id="no list to put it in"),
    ],
)
def test_the_common_elements_take_the_short_way(item: str, is_leaf: bool) -> None:
    begun: list[str] = []

    class Watched(_Strict):
        def our_begin(self, known: Any, attributes: list[str]) -> bool:
            begun.append(known[1])
            return super().our_begin(known, attributes)

    head = "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel>"
    body = f"{head}<item>{item}</item></channel></rss>".encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("feedparser.api.StrictFeedParser", Watched)
        result, _ = parser.parse(body, base="http://a.example/")
    assert not result.bozo
    assert (begun == ["rss", "channel", "item"]) is is_leaf
    assert begun[:3] == ["rss", "channel", "item"]


bases = st.sampled_from(["https://a.example/b/c", "http://a.example", "HTTP://A.example/", "feed://a.example/b", ""])
schemes = st.sampled_from(["http://", "https://", "HTTP://", "http:///", "//", "/", ""])


@given(bases, schemes, st.text("aB9-_.~:/?#[]@!$&'()*+,;=% \"<\\é", max_size=25))
def test_an_address_is_what_feedparser_makes_of_it(base: str, scheme: str, rest: str) -> None:
    PARSER.baseuri = base
    assert PARSER.resolve_uri(scheme + rest) == feedparser.urls._urljoin(base, scheme + rest)
