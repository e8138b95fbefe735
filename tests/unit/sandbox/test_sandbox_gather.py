"""Many documents of one source become one reading."""

from __future__ import annotations

from dataclasses import replace

from xxhash import xxh3_64_digest

from feeds.model import TROUBLE, Document, Facts, FeedHead, Reading, Rejected, Unreadable
from feeds.sandbox.gather import Gather
from tests.make import NOW, article, source

FACTS = Facts(source=source("desk"), now=NOW)
ONE, TWO, THREE = (Document(url=f"file:///desk/{name}", body=name.encode()) for name in ("one", "two", "three"))
UNHAD = Document(url="file:///desk/locked", body=b"", headers={TROUBLE: "Permission denied"})
A, B = article("desk", "a"), article("desk", "b")
READINGS: dict[str, Reading | Unreadable] = {
    ONE.url: Reading(
        head=FeedHead(format="article", title="1"), items=(A,), known=2, slices=(b"aaaaaaaa",), rules="r",
        trouble="odd", cuts={"items": 1, "long_author": 2}, differs="here",
    ),
    TWO.url: Reading(
        head=FeedHead(format="rss20"), items=(B,), known=1, slices=(b"aaaaaaaa", b"bbbbbbbb"), rules="r",
        trouble="odd", cuts={"items": 3},
    ),
    THREE.url: Unreadable(why="empty", detail="nothing in it"),
}  # fmt: skip


def read_one(document: Document, facts: Facts) -> Reading | Unreadable:
    assert facts.source == FACTS.source
    return READINGS[document.url]


def slice_of(document: Document) -> bytes:
    return xxh3_64_digest(document.url.encode() + document.body)


def test_one_document_is_what_it_is() -> None:
    gather = Gather(read_one)
    assert gather([ONE], FACTS) == READINGS[ONE.url]
    assert gather([THREE], FACTS) == READINGS[THREE.url]
    assert gather([UNHAD], FACTS) == Unreadable(why="unreadable_file", detail="Permission denied")


def test_many_documents_are_one_reading() -> None:
    assert Gather(read_one)([ONE, TWO], FACTS) == Reading(
        head=FeedHead(format="article", title="1"),
        items=(A, B),
        known=3,
        slices=(b"aaaaaaaa", b"bbbbbbbb"),
        rules="r",
        trouble="odd",
        cuts={"items": 4, "long_author": 2},
        differs="here",
    )


def test_a_broken_file_is_a_rejected_item_once() -> None:
    gather = Gather(read_one)
    first = gather([THREE, TWO, UNHAD], FACTS)
    assert isinstance(first, Reading)
    assert first.items == (
        Rejected(
            source="desk", why="empty: nothing in it", guid=THREE.url, digest=slice_of(THREE), slice=slice_of(THREE)
        ),
        B,
        Rejected(
            source="desk", why="unreadable_file: Permission denied", guid=UNHAD.url, digest=slice_of(UNHAD),
            slice=slice_of(UNHAD),
        ),
    )  # fmt: skip
    assert first.slices == (slice_of(THREE), b"aaaaaaaa", b"bbbbbbbb", slice_of(UNHAD))
    again = gather([THREE, TWO, UNHAD], replace(FACTS, known=frozenset(first.slices)))
    assert isinstance(again, Reading)
    assert (again.items, again.known, again.slices) == ((B,), 3, first.slices)


def test_nothing_but_broken_files() -> None:
    found = Gather(read_one)([THREE, UNHAD], FACTS)
    assert isinstance(found, Reading)
    assert (found.head, found.rules, len(found.items)) == (FeedHead(format="none"), "", 2)


def test_no_document_at_all() -> None:
    assert Gather(read_one)([], FACTS) == Reading(head=FeedHead(format="none"), items=())
