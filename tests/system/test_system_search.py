"""Queries over a real archive, by real processes: the page of the manual, the server, hostile queries, no database."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from tests.desk import SAMPLES, TOPICS, Desk
from tests.hatchery import Hatchery
from tests.judges.rules import judged
from tests.running import eventually, running
from tests.stock import feedparser
from tests.system.test_system_serve_poller import serving

PAGE = (Path(__file__).parents[2] / "docs" / "search.md").read_text(encoding="utf-8")
EXAMPLES = [
    pytest.param(command, shown, id=command)
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for command, shown in re.findall(r"^\$ feeds (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]
QUERIES = re.findall(
    r"`([^`]+)`", "".join(re.findall(r"^\| (`.*?) \| ", PAGE.partition("## What to ask")[2], re.MULTILINE))
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, hatchery: Hatchery) -> Desk:
    """The invented wire, polled once; not to be written to."""
    files = [file for file in sorted(SAMPLES.iterdir()) if file.suffix in (".xml", ".rdf", ".atom", ".json")]
    desk = Desk(
        tmp_path_factory.mktemp("archive"),
        sources={file.stem: f"file:{file}" for file in files},
        more='[serve]\nlisten = "127.0.0.1:0"\n',
    )
    before, Hatchery.used = Hatchery.used, hatchery
    try:
        desk.refresh()
    finally:
        Hatchery.used = before
    return desk


@pytest.fixture
def desk(archive: Desk, hatched: None) -> Iterator[Desk]:
    store = archive.folder / "feeds.db"
    before = store.read_bytes()
    yield archive
    assert store.read_bytes() == before, "who looks writes nothing"


def test_the_manual_has_examples() -> None:
    assert len(EXAMPLES) >= 5
    assert len(QUERIES) >= 12


@pytest.mark.parametrize(("command", "shown"), EXAMPLES)
def test_an_example_of_the_manual_prints_what_is_shown(desk: Desk, command: str, shown: str) -> None:
    done = desk.run(*shlex.split(command), check=False)
    assert (done.stdout + done.stderr).splitlines() == shown.splitlines()
    assert done.returncode == (2 if "^" in shown else 0)


def test_what_is_found_is_told_as_json_too(desk: Desk) -> None:
    told = json.loads(desk.run("search", "--json", "odesa", "grain").stdout)
    assert told["query"] == "odesa grain"
    assert [story["source"] for story in told["stories"]] == ["northwire", "harbour-review"]
    assert {story["id"].partition("story/")[0] for story in told["stories"]} == {"tag:desk.example,2026:"}
    nothing = desk.run("search", "--json", "zzz", check=False)
    assert (nothing.returncode, json.loads(nothing.stdout)["stories"]) == (1, [])


def test_a_query_becomes_a_topic_that_takes_in_what_it_found(desk: Desk, tmp_path: Path) -> None:
    found = {story["title"] for story in json.loads(desk.run("search", "--json", "drone* port").stdout)["stories"]}
    written = desk.run("topics", "from-query", "drone* port", "--name", "strikes").stdout
    assert tomllib.loads(written)["topics"]["strikes"]["need"] == 10
    mine = Desk(shutil.copytree(desk.folder, tmp_path / "mine"), sources=desk.sources, topics=TOPICS + written)
    assert mine.run("check").returncode == 0
    mine.refresh()
    titles = {entry.title for entry in feedparser.parse((mine.public / "strikes.atom").read_bytes()).entries}
    assert titles
    assert titles <= found


def test_queries_are_answered_as_feeds_and_as_a_page(desk: Desk) -> None:
    with serving(desk) as server:
        for text in [*QUERIES, "odesa"]:
            for form in ("atom", "rss", "json"):
                address = f"search.{form}?{urlencode({'q': text})}"
                status, body = server.get(f"/{address}")
                if status == 400 and text.startswith("-"):
                    continue  # a half of an example
                assert (status, judged(address, body)) == (200, []), text
        assert b"odesa" in server.get("/search?q=odesa")[1]
        feed = feedparser.parse(server.get("/search.atom?q=odesa+grain")[1])
        of_topic = feedparser.parse((desk.public / "ukraine.atom").read_bytes())
        assert len(feed.entries) == 2
        assert {entry.id for entry in feed.entries} <= {entry.id for entry in of_topic.entries}
        assert re.search(
            r'^feeds_http_answers_total{.*what="search.atom".*} \d', server.get("/metrics")[1].decode(), re.MULTILINE
        )


HOSTILE = [
    '"', "'", '"a" NEAR/3 "b"', "a AND (b OR", "^a", "{title}: a", "title : a", "a*b", "- - -", "-", ":", "::::",
    "topic:", "\0", "a\0b", "’; drop table search; --", "%", "_", "🕊️", "ﷺ", "a" * 499, "(" * 400, "\u202e\u200b",
    "lang:x", "since:9999999d", "since:0001-01-01", "since:-1d x", "source:%", "source:.", "source:_.__", "*", "**",
    "aaaa* bbbb* cccc* dddd* eeee*",
]  # fmt: skip


def test_no_query_brings_it_down(desk: Desk) -> None:
    with serving(desk) as server:
        statuses = {text: server.get(f"/search.atom?q={quote(text)}")[0] for text in HOSTILE}
        assert set(statuses.values()) == {200, 400}, statuses
        raw = {query: server.get(f"/search.atom?q={query}")[0] for query in ("%", "%f", "%ff%fe", "%ed%a0%80", "&&=;q")}
        assert list(raw.values()) == [400, 400, 400, 400, 400]
        assert server.get("/search.atom?q=" + "x" * 10_000)[0] == 414
        with ThreadPoolExecutor(200) as pool:
            many = list(pool.map(lambda n: server.get(f"/search.atom?q=word{n}+odesa")[0], range(200)))
        assert set(many) <= {200, 429, 503}
        assert 0 < many.count(200) <= 60
        assert server.get("/search?q=odesa")[0] in (200, 429)
        assert server.get("/ukraine.atom")[0] == 200
        assert server.complaints() == []


def test_without_a_database_the_files_are_served_on(archive: Desk, hatched: None, tmp_path: Path) -> None:
    shutil.copytree(archive.public, tmp_path / "public")
    desk = Desk(tmp_path, sources=archive.sources, more=archive.more)
    with serving(desk) as server:
        assert server.get("/search.atom?q=odesa")[0] == 503
        assert server.get("/ukraine.atom")[0] == 200
        assert server.get("/search")[0] == 503
        shutil.copy(archive.folder / "feeds.db", tmp_path / "feeds.db")
        assert server.get("/search.atom?q=odesa")[0] == 200, "it is found as soon as it is there"


def test_the_daemon_answers_queries_and_knows_what_it_just_stored(tmp_path: Path, hatched: None) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "note.txt").write_text("2026-11-20 08:00:00\nNote on Ukraine\nThe war goes on in Ukraine.\n")
    desk = Desk(tmp_path, sources={"notes": f"file:{tmp_path / 'notes'}"}, more='[serve]\nlisten = "127.0.0.1:0"\n')
    with running(desk) as daemon:
        daemon.ready()
        eventually(lambda: "topic=ukraine entries=1" in daemon.log, what=lambda: daemon.log)
        status, body = daemon.ask("/search.atom?q=%22note+on+ukraine%22")
        assert (status, [entry.title for entry in feedparser.parse(body).entries]) == (200, ["Note on Ukraine"])
