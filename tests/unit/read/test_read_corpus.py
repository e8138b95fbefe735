"""Real feeds: every entry that feedparser finds by itself is found, and our SAX driver changes nothing."""

from __future__ import annotations

import io
import json
import os
import tarfile
import warnings
from collections.abc import Iterator
from typing import Any

import feedparser
import feedparser.api
import pytest
import zstandard

from feeds.model import Document, RawFeed
from feeds.read import read
from feeds.read.entries import MOST
from tests.unit.read.read_samples import DATA, URL, facts

SNAPSHOTS = DATA / "snapshots" / "feeds.tar.zst"
EVERY = 1 if os.environ.get("FEEDS_DEEP") else 12

pytestmark = pytest.mark.skipif(not SNAPSHOTS.exists(), reason="the real feeds are not in ../shared/data")


def snapshots() -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each feed of the sample, in the order of the archive."""
    with SNAPSHOTS.open("rb") as packed:
        stream = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(packed, read_across_frames=True)
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for number, member in enumerate(member for member in archive if member.isfile()):
                body = archive.extractfile(member)
                if body and number % EVERY == 0:
                    yield member.name, body.read()


def parse_plainly(body: bytes, monkeypatch: pytest.MonkeyPatch, **options: bool) -> Any:
    with monkeypatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        patch.setattr(feedparser.api, "PREFERRED_XML_PARSERS", [])
        return feedparser.parse(io.BytesIO(body), **options)


def test_every_entry_of_a_real_feed_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = 0
    for name, body in snapshots():
        is_json = name.endswith(".json")
        found = read(Document(url=URL, body=body), facts())
        entries = json.loads(body.decode("utf-8-sig"))["items"] if is_json else parse_plainly(body, monkeypatch).entries
        assert isinstance(found, RawFeed), name
        assert found.cuts.get("items", 0) == max(0, len(entries) - MOST), name
        entries = entries[:MOST]
        assert len(found.entries) == len(found.slices) == len(entries), name
        assert not any(entry.trouble for entry in found.entries), name
        if not is_json:
            assert [entry.guid for entry in found.entries if entry.guid.startswith("http")] == [
                entry["id"] for entry in entries if entry.get("id", "").startswith("http")
            ], name
            assert sum(bool(entry.published) for entry in found.entries) == sum(
                any(dict.get(entry, key) for key in ("published", "created", "updated")) for entry in entries
            ), name
        seen += 1
    assert seen >= 60


def test_our_driver_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"sanitize_html": False, "resolve_relative_uris": False}
    for number, (name, body) in enumerate(snapshots()):
        if number % 3 == 0 and not name.endswith(".json"):
            ours = feedparser.parse(io.BytesIO(body), **options)
            assert ours.entries == parse_plainly(body, monkeypatch, **options).entries, name
