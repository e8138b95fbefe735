"""What crosses to the readers and back arrives as it was sent; anything else is no answer."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.model import Document, Enclosure, Facts, FeedHead, Image, Outline, Reading, Rejected, Unreadable
from feeds.sandbox.wire import (
    Answer,
    Crash,
    Garbled,
    answer_bytes,
    answer_from,
    ask_bytes,
    ask_from,
    set_up_bytes,
    set_up_from,
)
from tests.make import article, match, source

NOW = datetime(2026, 11, 20, 12, 30, 15, 123456, tzinfo=UTC)
FULL = article(
    "alpha",
    "1",
    "Ї — 漢字 😀",
    published=NOW,
    image=Image(url="https://a.example/i", width=3),
    enclosures=(Enclosure(url="https://a.example/e", type="audio/mpeg", length=2**40),),
    topics=(match("ukraine"), match("turkey", 1 / 3)),
    slice=bytes(range(8)),
)
BROKEN = Rejected(source="alpha", why="no title", guid="2", digest=b"12345678")
READING = Reading(
    head=FeedHead(format="rss20", title="t", ttl=60),
    items=(BROKEN, FULL, BROKEN),
    known=7,
    slices=(b"12345678", b"\0\xff345678"),
    rules="r",
    trouble="line 1",
    cuts={"items": 5},
    differs="item 3",
)
ANSWERS: dict[str, Answer] = {
    "a reading": READING,
    "an empty reading": Reading(head=FeedHead(format="rss20"), items=()),
    "no feed": Unreadable(why="not_a_feed", detail="a page", feeds=("https://a.example/f",)),
    "a list": (Outline(url="https://a.example/f", title="A"),),
    "an empty list": (),
    "a crash": Crash(name="KeyError", traceback="..."),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_arrives_as_it_was_sent(answer: Answer) -> None:
    assert answer_from(bytearray(answer_bytes(answer))) == answer


@given(st.text(), st.binary(), st.datetimes(timezones=st.just(UTC)), st.integers(0, 2**62))
def test_any_value_arrives(words: str, some: bytes, moment: datetime, number: int) -> None:
    words = words.encode("utf-8", "ignore").decode()
    item = replace(FULL, title=words, digest=some, published=moment, minutes=number)
    reading = replace(READING, items=(item,), trouble=words)
    assert answer_from(answer_bytes(reading)) == reading


def test_a_question_arrives_with_its_body() -> None:
    document = Document(url="https://a.example/f", body=b"\0<rss/>", headers={"content-type": "text/xml"}, modified=NOW)
    facts = Facts(source=source("alpha", topics=("ukraine",)), now=NOW, known=frozenset({b"12345678"}), whole=True)
    for asked in (facts, None):
        assert b"<rss/>" not in ask_bytes(document, asked)
        assert ask_from(ask_bytes(document, asked), document.body) == (document, asked)


def test_the_set_up_arrives() -> None:
    tables = {"topics": {"energy": {"words": {"10": ["LNG"]}, "need": 1.5}}}
    found = set_up_from(set_up_bytes(tables, memory=2**40, seconds=0.5))
    assert (found.tables, found.memory, found.seconds) == (tables, 2**40, 0.5)


def broken_answers() -> dict[str, bytes]:
    good = msgspec.msgpack.decode(answer_bytes(READING))
    no_place = list(good)
    no_place[2] = [[5, part] for _, part in good[2]]
    twice = list(good)
    twice[3] = [*good[3], [1, good[3][0][1]]]
    other_type = list(good)
    other_type[4] = "seven"
    short_slice = list(good)
    short_slice[5] = [b"1234567"]
    long_slice = list(good)
    long_slice[5] = [b"123456789"]
    return {
        "nothing": b"",
        "no MessagePack": b"\xc1",
        "cut short": answer_bytes(READING)[:-1],
        "more behind it": answer_bytes(READING) + b"\0",
        "another kind": msgspec.msgpack.encode(["pickle", "os.system"]),
        "a bare value": msgspec.msgpack.encode(3),
        "words that are not UTF-8": b"\x91\xa1\x80",
        "a slice that is too short": msgspec.msgpack.encode(short_slice),
        "a slice that is too long": msgspec.msgpack.encode(long_slice),
        "a value of another type": msgspec.msgpack.encode(other_type),
        "an item without a place": msgspec.msgpack.encode(no_place),
        "two items in one place": msgspec.msgpack.encode(twice),
    }


@pytest.mark.parametrize("data", broken_answers().values(), ids=broken_answers())
def test_what_is_no_answer(data: bytes) -> None:
    with pytest.raises(Garbled):
        answer_from(data)


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_garbled(data: bytes) -> None:
    with suppress(Garbled):
        answer_from(data)
