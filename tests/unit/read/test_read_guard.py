"""What is refused or cut before any parser sees it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.model import Unreadable
from feeds.read import guard
from feeds.read.guard import grows, tame

FEED = b"<rss><channel><item><title>a</title></item></channel></rss>"


@pytest.mark.parametrize(
    ("body", "kept", "floods"),
    [
        pytest.param(FEED, FEED, 0, id="an ordinary feed"),
        pytest.param(b" \r\n\t\f\v" + FEED, FEED, 0, id="white space before the first tag"),
        pytest.param(b"\n" * 70_000 + FEED, FEED, 0, id="a flood before the first tag"),
        pytest.param(
            b"<?xml?>" + b"\n" * 70_000 + FEED, b"<?xml?>\n" + FEED, 1, id="blank lines after the declaration"
        ),
        pytest.param(b"<a>" + b"\r\n" * 501 + b"</a>", b"<a>\r\n</a>", 1, id="of Windows"),
        pytest.param(b"<a>" + b"\n \t" * 334 + b"</a>", b"<a>\n</a>", 1, id="with spaces"),
        pytest.param((b"<a>" + b"\n" * 1200) * 3, b"<a>\n" * 3, 3, id="three floods"),
        pytest.param(b"<a>" + b"\n" * 1000 + b"</a>", b"<a>" + b"\n" * 1000 + b"</a>", 0, id="as many as may be"),
        pytest.param(b"<a>" + b"b\n" * 2000 + b"</a>", b"<a>" + b"b\n" * 2000 + b"</a>", 0, id="lines with words"),
        pytest.param(b"<a>" + b" " * 5000 + b"\n</a>", b"<a>" + b" " * 5000 + b"\n</a>", 0, id="spaces alone"),
    ],
)
def test_floods_of_blank_lines(body: bytes, kept: bytes, floods: int) -> None:
    assert tame(body) == (kept, floods)


@pytest.mark.parametrize(
    "dtd",
    [
        pytest.param(b'<!ENTITY a "&b;&b;">', id="an entity of entities"),
        pytest.param(b"<!entity a '&b;'>", id="in small letters and single quotes"),
        pytest.param(b'<!ENTITY % a "x">', id="a parameter entity"),
        pytest.param(b'<!ENTITY a "%b;">', id="a reference to a parameter entity"),
        pytest.param(b'<!ENTITY a SYSTEM "file:///etc/passwd">', id="an external entity"),
        pytest.param(b'<!ENTITY a PUBLIC "x" "y">', id="an external entity with a public name"),
        pytest.param(b'<!ENTITY a "' + b"x" * 2049 + b'">', id="a long entity"),
        pytest.param(b'<!ENTITY a "' + b"x" * 100_000 + b'">', id="a very long entity"),
        pytest.param(b'<!ENTITY a "x">' * 65, id="many entities"),
        pytest.param(b"<!ENTITY a>", id="an entity without a text"),
        pytest.param(b'<\0!\0E\0N\0T\0I\0T\0Y\0 \0a\0 \0"\0&\0b\0;\0"\0>\0', id="hidden in an encoding of two bytes"),
    ],
)
def test_a_dtd_that_no_feed_needs(dtd: bytes) -> None:
    found = tame(b"<!DOCTYPE rss [" + dtd + b"]>" + FEED)
    assert isinstance(found, Unreadable)
    assert found.why == "dtd_entities"
    assert found.detail.startswith("its DTD declares ")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'<!DOCTYPE rss [<!ENTITY nbsp "&#160;">]>' + FEED, id="names of letters"),
        pytest.param(b'<!DOCTYPE rss [<!ENTITY a "' + b"x" * 2048 + b'">]>' + FEED, id="as long as may be"),
        pytest.param(b'<!DOCTYPE rss [' + b'<!ENTITY a "x">' * 64 + b"]>" + FEED, id="as many as may be"),
        pytest.param(b'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://a.example/rss.dtd">' + FEED,
                     id="a DTD elsewhere, which is never fetched"),
        pytest.param(b"<rss><title><![CDATA[How <!ENTITY % x> works]]></title></rss>", id="an article about DTDs"),
    ],
)  # fmt: skip
def test_a_dtd_that_does_no_harm(body: bytes) -> None:
    assert tame(body) == (body, 0)


def test_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "LARGEST", 2**20)
    assert tame(b"a" * 2**20) == (b"a" * 2**20, 0)
    assert tame(b"a" * (2**20 + 1)) == Unreadable(why="too_large", detail="more than 1 MiB")


@pytest.mark.parametrize(
    ("value", "refused"),
    [(None, True), ("", False), ("x", False), ("&#160;", False), ("&lt;", True), ("50 %", True), ("x" * 2049, True)],
)
def test_what_grows(value: str | None, refused: bool) -> None:
    assert grows(value) is refused


def test_the_shortest_flood_is_seen_wherever_it_begins() -> None:
    """It is looked for at every so many bytes alone."""
    for before in range(2000):
        assert tame(b"<" * (before + 1) + b"\n" + b" " * 1000 + b"<")[1] == 1, before  # type: ignore[index]


@given(
    st.integers(0, 2000),
    st.integers(900, 2500),
    st.integers(0, 2000),
    st.sampled_from([b"\n", b"\r\n", b"\n\t", b" \n"]),
)
def test_no_flood_goes_unseen_wherever_it_begins(before: int, length: int, after: int, blank: bytes) -> None:
    flood = (blank * length)[:length]
    body = b"<" + b"a" * before + flood + b"b" * after
    expected = guard._FLOOD.subn(b"\n", body)
    assert tame(body) == expected
