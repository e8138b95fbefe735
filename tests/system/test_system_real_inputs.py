"""Real feeds through the whole journey: nothing lost, nothing twice, nothing touched without need."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path

import feedparser
import pytest

from feeds.cli.items import spellings
from feeds.identify.decide import decide
from feeds.model import Article, Changes, Item, Known, Outcome, Verdict
from feeds.wiring import App
from tests.desk import Desk
from tests.origin import Origin
from tests.real import DATA, DEEP, a_tenth, lines, needs_data, needs_seeds, poll_sequence, snapshots

pytestmark = [needs_data, pytest.mark.usefixtures("hatched")]

SEQUENCES = ["bbc_home_2021", "nyt_world_2022", "wsj_world_2021", "reuters_2026", "aljazeera_youtube_2021", "smh_2021"]
POLLS = 10_000 if DEEP else 15  # of each sequence


@cache
def named(body: bytes) -> Sequence[tuple[str, str]]:
    """Guid and address of each item that the parser of record finds; of a JSON Feed that there are so many.

    Texts are not sanitised, nor the links in them resolved: that is half of its work, and touches neither of the two.
    """
    if body.lstrip()[:1] == b"{":
        return [(str(number), "") for number, _ in enumerate(json.loads(body)["items"])]
    found = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False).entries
    return [(entry.get("id", ""), entry.get("link", "")) for entry in found]


def count_repeats(body: bytes) -> int:
    """Items whose guid and address both stand in the document before."""
    return len(named(body)) - len(set(named(body)))


@contextmanager
def wire(folder: Path, feeds: Sequence[tuple[str, bytes]], **settings: object) -> Iterator[tuple[Desk, Origin]]:
    """A desk that polls these feeds from a loopback origin without validators."""
    with Origin() as origin:
        for name, body in feeds:
            origin.put(f"/{name}", body)
        desk = Desk(folder, sources={name: origin.url(f"/{name}") for name, _ in feeds}, **settings)  # type: ignore[arg-type]
        yield desk, origin


def test_every_item_of_real_snapshots_has_one_outcome(tmp_path: Path) -> None:
    chosen = a_tenth(snapshots())
    feeds = [(f"s{n:04}", body) for n, (_, body) in enumerate(chosen)]
    with wire(tmp_path, feeds, keep="20000d") as (desk, _):
        report = desk.refresh()
        assert report["polled"] == len(feeds)
        failed = {row["source"]: row["why"] for row in report["failed"]}
        names = {f"s{n:04}": name for n, (name, _) in enumerate(chosen)}
        assert {names[source]: why for source, why in failed.items()} == {}
        with desk.app() as app:
            counts = {row["name"]: row["counts"] for row in app.store.status()}
            assert list(app.store.verify()) == []
        wrong = {
            names[name]: (counts[name]["items"], expected)
            for name, body in feeds
            if (expected := len(named(body))) != counts[name]["items"]
        }
        assert wrong == {}
        # Nothing was there before: only what a document itself lists twice can be a version of something.
        swallowed = {
            names[name]: (counts[name]["edited"], repeats)
            for name, body in feeds
            if counts[name]["edited"] > (repeats := count_repeats(body))
        }
        assert swallowed == {}
        assert report["items"] == sum(row["items"] for row in counts.values())
        assert report["items"] == sum(report[outcome.value] for outcome in Outcome)

        rows, times = desk.rows(), desk.times()
        again = desk.refresh("--all")
        assert (again["polled"], again["unchanged"], again["items"]) == (len(feeds), len(feeds), 0)
        assert not any(topic["written"] for topic in again["topics"].values())
        assert desk.rows() == rows
        assert desk.times() == times


class Watched:
    """Polls one source again and again, and remembers every verdict."""

    def __init__(self, desk: Desk, app: App) -> None:
        self.desk, self.app = desk, app
        self.verdicts: list[Verdict] = []

    def poll(self, now: datetime) -> Counter[Outcome]:
        self.desk.now = now
        (job,) = self.app.store.claim(now, limit=9, lease=timedelta(minutes=9), due=False)
        done = self.app.refresh.ask(job)
        polled = self.app.store.apply(done, self._decide(now))
        assert polled.status in ("changed", "unchanged"), polled
        return Counter(polled.outcomes)

    def _decide(self, now: datetime) -> partial[Changes]:
        def decide_and_watch(items: Sequence[Item], known: Known) -> Changes:
            changes = decide(items, known, now=now, keep=timedelta(days=180))
            self.verdicts = list(changes.verdicts)
            return changes

        self.verdicts = []
        return partial(decide_and_watch)


@pytest.mark.parametrize("name", SEQUENCES)
def test_a_poll_sequence_loses_nothing_and_brings_nothing_twice(tmp_path: Path, name: str) -> None:
    polls = poll_sequence(name)[:POLLS]
    seen: set[str] = set()
    with wire(tmp_path, [("feed", polls[0][1])]) as (desk, origin), desk.app() as app:
        watched, last = Watched(desk, app), b""
        for now, body in polls:
            origin.put("/feed", body)
            outcomes = watched.poll(now)
            assert sum(outcomes.values()) == (0 if body == last else len(named(body))), now
            for verdict in watched.verdicts:
                guid = verdict.item.guid if isinstance(verdict.item, Article) else ""
                if guid in seen:
                    assert verdict.outcome in (Outcome.CHANGED, Outcome.SAME), (now, guid, verdict.because)
                seen.add(guid) if guid else None
            last = body
        assert list(app.store.verify()) == []
        asked = a_tenth(sorted({name for _, body in polls for pair in named(body) for name in pair if name}))
        outcomes_of = {name: {finding["outcome"] for finding in app.store.why(spellings(name))} for name in asked}
        assert {name: found for name, found in outcomes_of.items() if not found & set(Outcome)} == {}


@pytest.mark.parametrize("histories_of", sorted((DATA / "polls" / "revisions").glob("*.zst")), ids=lambda p: p.stem)
def test_known_revisions_are_changes_of_one_article(tmp_path: Path, histories_of: Path) -> None:
    """Every recorded history, version by version, as a feed of one item."""
    histories = a_tenth(list(lines(histories_of)))[: None if DEEP else 60]
    with wire(tmp_path, [("feed", b"")]) as (desk, origin), desk.app() as app:
        watched = Watched(desk, app)
        for history in histories:
            for number, version in enumerate(history["versions"]):
                origin.put("/feed", feed_of(history["guid"], version))
                now = datetime.fromisoformat(version["seen"])
                outcomes = watched.poll(now.astimezone(desk.now.tzinfo))
                if not (version.get("title") or version.get("summary")):
                    assert set(outcomes) == {Outcome.REJECTED}
                elif number:
                    assert set(outcomes) <= {Outcome.CHANGED, Outcome.SAME}, (history["guid"], number, outcomes)


def feed_of(guid: str, version: dict[str, str]) -> bytes:
    """A version of a history as the publisher sent it: an RSS feed of one item."""
    from xml.sax.saxutils import escape

    item = "".join(
        f"<{tag}>{escape(version.get(name) or '')}</{tag}>"
        for tag, name in (("title", "title"), ("description", "summary"), ("link", "link"), ("pubDate", "pubDate"))
    )
    return (
        f'<rss version="2.0"><channel><title>t</title><link>https://e.example/</link><item>{item}'
        f'<guid isPermaLink="false">{escape(guid)}</guid></item></channel></rss>'
    ).encode()


@needs_seeds
def test_the_desks_own_article_is_in_all_three_topics(tmp_path: Path) -> None:
    seeds = DATA.parent / "seeds"
    desk = Desk(tmp_path, sources={"desk": f"file:{seeds}"})
    report = desk.refresh()
    assert report["new"] == 1
    assert {name: topic["entries"] for name, topic in report["topics"].items()} == {
        "diplomacy": 1,
        "turkey": 1,
        "ukraine": 1,
    }
    (file,) = seeds.glob("*.txt")
    told = desk.run("why", str(file)).stdout
    for topic in ("diplomacy", "turkey", "ukraine"):
        assert f"topic     {topic}" in told
    (page,) = (desk.public / "article").glob("*/index.html")
    title = file.read_text(encoding="utf-8").splitlines()[1]
    assert title in page.read_text(encoding="utf-8")
