"""Junk that was really published, and strings that break programs, through every door."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.model import Article, Facts, FeedHead, RawEntry, RawHtml, Source
from feeds.normalise.article import normalise
from feeds.normalise.text import clean_html, plain, text_of

HOSTILE = Path(__file__).parents[3].parent / "shared" / "data" / "hostile"
FACTS = Facts(source=Source(name="wild", url="https://example.org/feed"), now=datetime(2026, 11, 22, tzinfo=UTC))
ACTIVE = re.compile(
    r"<(?:script|svg|math|iframe|object|embed|style|form)\b|<[^>]*(?:\son[a-z]+\s*=|[\"']\s*javascript:)", re.IGNORECASE
)


def lines(name: str) -> Iterator[str]:
    path = HOSTILE / name
    if not path.exists():
        pytest.skip(f"needs the shared data: hostile/{name} is not beside this repository")
    return iter(path.read_text(encoding="utf-8").splitlines())


def unfit(text: str) -> list[str]:
    """What no document may hold: controls but line feeds and tabs, surrogates, the replacement character."""
    return [c for c in text if (unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t") or c == "\ufffd"]


def test_junk_items_become_articles() -> None:
    for line in lines("wild_junk.jsonl"):
        junk = json.loads(line)
        title, summary = RawHtml(value=junk["title"]), RawHtml(value=junk["summary"])
        raw = RawEntry(link=junk["url"], title=title, summary=summary, published=junk["published"])
        item = normalise(raw, FeedHead(format="rss20"), FACTS)
        assert isinstance(item, Article), junk
        assert item.url.startswith(("http://", "https://"))
        assert item.publisher in junk["host"]
        assert item.published or junk["problem"] == "future_date"
        assert not unfit(item.title + item.summary + item.text)
        assert not re.search("[\u200b\u202a-\u202e\u2066-\u2069\ufeff]", item.title + item.text)
        assert "<" not in item.title or junk["problem"] == "html_in_title"
        assert item.title.split() == item.title.split(" ")


def test_naughty_strings_are_harmless() -> None:
    for line in lines("blns.txt"):
        for as_text in (False, True):
            raw = RawHtml(value=line, plain=as_text)
            html = clean_html(raw, "https://example.org/")
            assert not ACTIVE.search(html), line
            assert not unfit(html + plain(raw) + text_of(html)), line
            assert clean_html(RawHtml(value=html), "https://example.org/") == html, line


def test_naughty_strings_survive_as_text() -> None:
    for line in lines("blns.txt"):
        text = plain(RawHtml(value=line, plain=True))
        assert plain(RawHtml(value=text, plain=True)) == text
        assert text_of(clean_html(RawHtml(value=text, plain=True), "")) == text
