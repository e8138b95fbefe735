"""The sample wire is what samples/README.md says, and leads nowhere."""

from __future__ import annotations

import io
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest

SAMPLES = Path(__file__).parents[2] / "samples"
README = (SAMPLES / "README.md").read_text(encoding="utf-8")
VERSIONS = {
    "RSS 0.91": "rss091u",
    "RSS 1.0": "rss10",
    "RSS 2.0": "rss20",
    "Atom 0.3": "atom03",
    "Atom 1.0": "atom10",
    "JSON Feed 1.1": "https://jsonfeed.org/version/1.1",
}
VOCABULARIES = {"purl.org", "www.w3.org", "search.yahoo.com", "jsonfeed.org"}  # hosts of namespaces, never asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One row of the README's table of feeds."""

    file: str
    format: str
    encoding: str
    language: str
    items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """The parts of an item that these tests look at."""

    key: str
    title: str
    text: str
    date: str


def rows(columns: int) -> Iterator[list[str]]:
    """The rows of the README's tables of so many columns, without heads."""
    for line in README.splitlines():
        cells = [cell.strip(" `") for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == columns:
            yield cells


FEEDS = [Sample(file=f, format=v, encoding=e, language=lang, items=int(n)) for f, v, e, lang, n, _ in rows(6)]
LATER = {file: tuple(int(n or 0) for n in counts) for file, *counts in rows(4)}


def parse(path: Path) -> Any:
    return feedparser.parse(io.BytesIO(path.read_bytes()), response_headers={"content-type": "application/xml"})


def items(path: Path) -> list[Item]:
    if path.suffix == ".json":
        return [
            Item(
                key=item["id"],
                title=item.get("title", ""),
                text=item.get("summary") or item.get("content_text", ""),
                date=item["date_published"],
            )
            for item in json.loads(path.read_bytes())["items"]
        ]
    return [
        Item(
            key=entry.get("id") or entry.get("link", ""),
            title=entry.get("title", ""),
            text=entry.get("summary", ""),
            date=dict.get(entry, "updated") or entry.get("published", ""),  # feedparser's own get() mixes the two
        )
        for entry in parse(path).entries
    ]


def dated(path: Path) -> list[tuple[int, ...]]:
    """The readable dates of a feed: year, month, day, hour in UTC."""
    if path.suffix == ".json":
        return [datetime.fromisoformat(item.date).utctimetuple()[:4] for item in items(path)]
    return [entry.published_parsed[:4] for entry in parse(path).entries if entry.get("published_parsed")]


@pytest.mark.parametrize("sample", FEEDS, ids=lambda sample: sample.file)
def test_a_feed_has_the_format_and_the_number_of_items_that_the_readme_states(sample: Sample) -> None:
    path = SAMPLES / sample.file
    version = json.loads(path.read_bytes())["version"] if path.suffix == ".json" else parse(path).version
    assert version == VERSIONS[sample.format]
    assert len(items(path)) == sample.items


@pytest.mark.parametrize("sample", FEEDS, ids=lambda sample: sample.file)
def test_a_feed_has_the_encoding_that_the_readme_states(sample: Sample) -> None:
    body = (SAMPLES / sample.file).read_bytes()
    declared = re.match(rb'<\?xml version="1.0" encoding="([^"]+)"', body)
    encoding, _, undeclared = sample.encoding.partition(", ")
    body.decode(encoding)
    if encoding != "UTF-8":
        with pytest.raises(UnicodeDecodeError):
            body.decode("utf-8")
    if not sample.file.endswith(".json"):
        assert (declared is None) == bool(undeclared)
        assert declared is None or declared[1].decode().upper() == encoding.upper()


def test_the_readme_lists_every_file() -> None:
    listed = {sample.file for sample in FEEDS} | {f"later/{file}" for file in LATER}
    listed |= {f"desk/{file}" for file, _ in rows(2)} | {"README.md", "demo.toml"}
    present = {str(path.relative_to(SAMPLES)) for path in SAMPLES.rglob("*") if path.is_file()}
    assert {name for name in present if not Path(name).name.startswith(".")} == listed


def test_the_wire_is_large_and_has_every_language_and_format() -> None:
    assert len(FEEDS) >= 9
    assert sum(sample.items for sample in FEEDS) >= 70
    assert {sample.language for sample in FEEDS} == {"en", "tr", "uk", "ru", "ar"}
    assert {sample.format for sample in FEEDS} == set(VERSIONS)


def test_no_address_leads_to_a_real_host() -> None:
    for path in SAMPLES.rglob("*"):
        if not path.is_file():
            continue
        text = path.read_text(encoding="windows-1251" if path.name == "polunochnaya-pochta.xml" else "utf-8")
        for url in re.findall(r"https?://[^\s\"'<>`\])]+", text):
            host = urlsplit(url).hostname or ""
            assert host.endswith((".example", ".example.org", "127.0.0.1")) or host in VOCABULARIES, (path.name, url)


def test_the_demo_polls_after_the_last_item_and_one_item_is_older_than_180_days() -> None:
    first = [dated(path) for path in SAMPLES.iterdir() if path.name in {sample.file for sample in FEEDS}]
    later = [dated(path) for path in (SAMPLES / "later").iterdir()]
    assert max(when for dates in first for when in dates) < (2026, 11, 20, 12)
    assert max(when for dates in later for when in dates) < (2026, 11, 20, 18)
    assert [when[:3] for dates in first for when in dates if when < (2026, 5, 24)] == [(2026, 3, 14)]


@pytest.mark.parametrize("file", LATER)
def test_a_later_version_has_the_new_and_the_edited_items_that_the_readme_states(file: str) -> None:
    before = {item.key: item for item in items(SAMPLES / file)}
    after = {item.key: item for item in items(SAMPLES / "later" / file)}
    known = [(before[key], item) for key, item in after.items() if key in before]
    edited = [new for old, new in known if (old.title, old.text) != (new.title, new.text)]
    redated = [new for old, new in known if old.date != new.date and new not in edited]
    assert (len(after.keys() - before.keys()), len(edited), len(redated)) == LATER[file]


@pytest.mark.parametrize(
    ("title", "files"),
    [
        ("Ukraine and Russia resume Istanbul talks", {"northwire.xml", "marmara-dispatch.xml", "signal-desk.json"}),
        ("Kyiv and Ankara agree to rebuild rail ferry", {"northwire.xml", "dnipro-courier.xml"}),
        ("Insurance is the hidden front", {"harbour-review.atom", "geneva-brief.rdf"}),
    ],
)
def test_a_repeated_story_has_the_same_words_in_each_outlet(title: str, files: set[str]) -> None:
    found = {
        sample.file: (item.title, item.text)
        for sample in FEEDS
        for item in items(SAMPLES / sample.file)
        if item.title.startswith(title)
    }
    assert found.keys() == files
    assert len(set(found.values())) == 1


def test_two_items_have_nothing_to_become_an_article_of() -> None:
    empty = {
        item.key
        for sample in FEEDS
        for item in items(SAMPLES / sample.file)
        if not item.title.strip() and not item.text.strip()
    }
    assert empty == {"pb-5514", "table-198"}


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(r"ukrain|ukrayna|україн|украин|أوكراني|kyiv|київ|киев|odesa|одес", id="ukraine"),
        pytest.param(r"turkish|türk|туреч|турец|турци|تركي|ankara|анкар|istanbul|أنقرة", id="turkey"),
        pytest.param(
            r"envoy|ambassador|foreign minist|talks|дипломат|мид |міністр|وزير الخارجية|büyükelçi", id="diplomacy"
        ),
    ],
)
def test_each_topic_has_at_least_a_dozen_items_by_its_plainest_words(words: str) -> None:
    plain = re.compile(words, re.IGNORECASE)
    found = [
        item.title
        for sample in FEEDS
        if sample.file != "sunday-table.xml"
        for item in items(SAMPLES / sample.file)
        if plain.search(f"{item.title} {item.text}")
    ]
    assert len(found) >= 12


def test_the_demo_configuration_polls_every_feed_and_the_desk() -> None:
    written = (SAMPLES / "demo.toml").read_text(encoding="utf-8")
    config = tomllib.loads(written.format(origin="http://127.0.0.1:8765", desk="/srv/desk"))
    sources = {source["url"]: source for source in config["sources"]}
    assert sources.keys() == {f"http://127.0.0.1:8765/{s.file}" for s in FEEDS} | {"file:/srv/desk"}
    for sample in FEEDS:
        assert sources[f"http://127.0.0.1:8765/{sample.file}"]["language"] == sample.language
    assert {topic["use"] for topic in config["topics"].values()} == {"diplomacy", "ukraine", "turkey"}
    assert config["serve"]["hub"] is False, "the demo has none that its feeds could name"


def test_the_plain_text_article_has_the_layout_of_its_kind() -> None:
    lines = (SAMPLES / "desk" / "anchorages-before-peace.txt").read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", lines[0])
    assert lines[2] == "Table of Contents"
    contents = [line.removeprefix("- ") for line in takewhile(lambda line: line.startswith("- "), lines[3:])]
    assert contents[0] == lines[1]
    assert all(lines.count(heading) == 1 for heading in contents)
    assert {"Pros:", "Cons:"} <= set(lines)
