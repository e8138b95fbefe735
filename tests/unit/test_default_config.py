"""The default configuration: three topics, many sources, each told apart and described."""

from __future__ import annotations

import gzip
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

import pytest

from feeds.model import Kind

ROOT = Path(__file__).parents[2]
COLLECTION = ROOT.parent / "shared" / "data" / "subs" / "feeds_all.tsv.gz"
CONFIG: dict[str, Any] = tomllib.loads((ROOT / "config.toml").read_text(encoding="utf-8"))
SOURCES: list[dict[str, Any]] = CONFIG["sources"]


def host(url: str) -> str:
    """The host without `www.`; "" for what is no address."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def test_there_are_enough_sources_and_each_name_and_address_is_unique() -> None:
    assert len(SOURCES) >= 45
    for key in ("name", "url"):
        assert [value for value, n in Counter(source[key] for source in SOURCES).items() if n > 1] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source["name"])
def test_a_source_is_fully_described(source: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", source["name"])
    assert source["url"].startswith("https://")
    assert source["title"].strip()
    assert source["language"] in {"en", "uk", "ru", "tr", "ar"}
    assert source["kind"] in get_args(Kind)
    assert re.fullmatch(r"[A-Z]{2}", source.get("country", "XX"))


def test_every_language_and_side_is_there() -> None:
    languages = Counter(source["language"] for source in SOURCES)
    kinds = Counter(source["kind"] for source in SOURCES)
    assert min(languages[code] for code in ("en", "uk", "ru", "tr", "ar")) >= 4
    assert min(kinds[kind] for kind in ("wire", "outlet", "official", "ngo")) >= 4


def test_no_host_has_more_than_three_feeds() -> None:
    assert [h for h, n in Counter(host(source["url"]) for source in SOURCES).items() if n > 3] == []


def test_the_three_topics_use_the_built_in_packs() -> None:
    assert CONFIG["topics"] == {name: {"use": name} for name in ("diplomacy", "ukraine", "turkey")}


def test_every_host_is_in_the_collection_or_has_its_reason() -> None:
    if not COLLECTION.exists():
        pytest.skip("the collection of feed addresses (../shared/data/subs/feeds_all.tsv.gz) is not on this machine")
    with gzip.open(COLLECTION, "rt", encoding="utf-8", errors="replace") as lines:
        known = {host(line.partition("\t")[0]) for line in lines}
    reasons = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([^`]+\.[^`]+)` \|", reasons, re.MULTILINE))
    used = {host(source["url"]) for source in SOURCES}
    assert used - known == explained
