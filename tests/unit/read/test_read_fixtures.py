"""Pairs of files: what comes in, what must be read. Adding a pair is the whole test."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds.model import RawEntry
from tests.unit.read.read_samples import FIXTURES, article_of, as_json, feed_of

ARTICLES = sorted((FIXTURES / "articles").glob("*.txt"))
FEEDS = sorted(path for path in (FIXTURES / "feeds").iterdir() if path.suffix != ".json")


def page(entry: RawEntry) -> str:
    """The article as one HTML text, so that a person can look at it."""
    return (
        f"<time>{entry.published}</time>\n<h1>{entry.title.value}</h1>\n<!-- {entry.summary.value} -->\n"
        f"{entry.content.value}\n"
    )


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_an_article_file_becomes_this_page(path: Path) -> None:
    assert page(article_of(path.read_bytes())) == path.with_suffix(".html").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FEEDS, ids=lambda path: path.name)
def test_a_feed_is_read_as_this(path: Path) -> None:
    assert as_json(feed_of(path.read_bytes())) == path.with_suffix(".json").read_text(encoding="utf-8")
