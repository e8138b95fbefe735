"""What holds for the entries of every reader."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.model import Enclosure, Facts, FeedHead, Image, RawEntry, RawFeed, RawHtml, Source
from feeds.normalise.article import normalise
from feeds.read.entries import digest, each, seal
from tests.make import NOW

FULL = RawEntry(
    guid="g",
    link="l",
    title=RawHtml(value="t", plain=True),
    summary=RawHtml(value="s", base="b", language="uk"),
    content=RawHtml(value="\ud800"),
    authors=("a",),
    language="uk",
    published="p",
    updated="u",
    categories=("c", "d"),
    enclosures=(Enclosure(url="e", type="t", length=1),),
    image=Image(url="i", width=1, height=2),
    rights="r",
    base="b",
    own_page=True,
    trouble="t",
)


def test_a_bad_item_costs_the_others_nothing() -> None:
    def make(item: int) -> RawEntry:
        return RawEntry(guid=str(10 // item))

    made = each([1, 0, 5], make)
    assert [entry.guid for entry in made] == ["10", "", "2"]
    assert made[1].trouble.startswith("cannot be read: ZeroDivisionError")


def test_a_digest_is_the_same_in_every_process() -> None:
    # If this changes, every stored entry is read again once: say so in the changelog.
    assert digest(FULL, language="en").hex() == "2c059d4c8043c2bd"
    code = (
        "from feeds.model import RawEntry; from feeds.read.entries import digest;"
        "print(digest(RawEntry(guid='g', categories=('a', 'b')), language='').hex())"
    )
    seen = {
        subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True).stdout
        for seed in ("1", "2")
    }
    assert seen == {digest(RawEntry(guid="g", categories=("a", "b")), language="").hex().encode() + b"\n"}


@pytest.mark.parametrize("name", [field.name for field in fields(RawEntry) if field.name not in ("digest", "slice")])
def test_a_digest_depends_on_every_field(name: str) -> None:
    empty = replace(FULL, **{name: getattr(RawEntry(), name)})
    assert digest(empty, language="en") != digest(FULL, language="en")


def test_a_digest_depends_on_what_is_inherited_and_not_on_itself() -> None:
    assert digest(FULL, language="en") != digest(FULL, language="uk")
    assert digest(RawEntry(authors=("a", "b")), language="") != digest(RawEntry(authors=("b", "a")), language="")
    assert digest(RawEntry(guid="a"), language="") != digest(RawEntry(link="a"), language="")


@given(st.text("\u200b\u00ad\x00\x01 \n\ta1<&;ж", max_size=8))
def test_every_entry_has_what_names_it(guid: str) -> None:
    """Where cleaning leaves nothing of the guid, and there is no link, the digest does; elsewhere it need not be."""
    (entry,) = seal(
        RawFeed(head=FeedHead(format="rss20"), entries=(RawEntry(guid=guid),), slices=(b"12345678",)), ()
    ).entries
    item = normalise(
        entry, FeedHead(format="rss20"), Facts(source=Source(name="wire", url="https://wire.example/"), now=NOW)
    ).item
    assert item[0] == "g" or item == f"d{digest(RawEntry(guid=guid), language='').hex()}"


def test_a_guid_spares_the_digest_unless_digests_serve_as_slices() -> None:
    feed = RawFeed(
        head=FeedHead(format="rss20"),
        entries=(RawEntry(guid="g"), RawEntry(guid="\u200b")),
        slices=(b"1" * 8, b"2" * 8),
    )
    assert [len(entry.digest) for entry in seal(feed, ()).entries] == [0, 8]
    assert [len(entry.digest) for entry in seal(replace(feed, slices=()), ()).entries] == [8, 8]
