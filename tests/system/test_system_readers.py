"""Real feed readers subscribe to our own server and agree with the store on every id, title, date and link."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.request import urlopen

import pytest

from feeds.config import ServeSettings
from feeds.model import Entry
from feeds.publish.files import Folder
from feeds.publish.select import WINDOW
from feeds.serve.app import Server
from tests.desk import Desk
from tests.origin import Origin
from tests.real import DATA, DEEP, needs_data, poll_sequence, snapshots
from tests.running import eventually
from tests.subscribers import SUBSCRIBERS, Subscriber, told

SAMPLES = Path(__file__).parents[2] / "samples"
TOPICS = {"ukraine": 100, "turkey": 20, "diplomacy": 20}
MOST = 1 << 30 if DEEP else 400_000  # bytes of a real feed: three larger ones have as many items as sixteen others
TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}


@dataclass
class Published:
    """A desk's feeds as they are served, and what the store says stands in them."""

    desk: Desk
    url: str
    entries: dict[str, tuple[Entry, ...]]


def rows(entries: tuple[Entry, ...]) -> list[dict[str, str]]:
    """What readers shall tell of these."""
    return told([{"id": e.id, "title": e.title, "link": e.url, "date": e.published.isoformat()} for e in entries])


def stored(desk: Desk, topic: str) -> tuple[Entry, ...]:
    with desk.app() as app:
        return app.store.entries(topic, limit=100, window=WINDOW)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    folder = tmp_path_factory.mktemp("readers")
    with Origin() as origin:
        desk = Desk(folder, keep="20000d")
        for name, body in real_feeds():
            origin.put(f"/{name}", body)
            desk.sources[name] = origin.url(f"/{name}")
        desk.refresh()
    with Server(Folder(desk.public), ServeSettings(listen="127.0.0.1:0")) as server:
        yield Published(desk, server.address.rstrip("/"), {topic: stored(desk, topic) for topic in TOPICS})


def real_feeds() -> Iterator[tuple[str, bytes]]:
    """Real feeds that speak of the three topics; where there are none, the samples."""
    if not DATA.is_dir():
        for file in sorted(SAMPLES.iterdir()):
            if file.suffix in (".xml", ".rdf", ".atom", ".json"):
                yield file.stem, file.read_bytes()
        return
    wanted = ("ukrain", "украин", "turk", "türk", "diplom", "zelensk", "erdo")
    for number, (_, body) in enumerate(snapshots()):
        if len(body) > MOST:
            continue
        text = body.decode("utf-8", "replace").casefold()
        told_of = sum(text.count(word) for word in wanted)
        if told_of >= 8 if DEEP else told_of >= max(20, len(body) // 4000):
            yield f"s{number:04}", body
    yield "nyt-world", poll_sequence("nyt_world_2022")[0][1]


def each(subscribers: Iterable[Subscriber]) -> pytest.MarkDecorator:
    """One test for each reader; those that are not installed are skipped by name."""
    why = "{0.name} cannot run without {0.missing}; see .ci/run"
    rows = [
        pytest.param(s, id=s.name, marks=pytest.mark.skipif(bool(s.missing), reason=why.format(s))) for s in subscribers
    ]
    return pytest.mark.parametrize("subscriber", rows)


@pytest.mark.skipif(os.environ.get("CI") != "true", reason="what may be missing elsewhere is there in CI")
def test_in_ci_no_reader_judge_or_web_server_is_missing() -> None:
    assert len(SUBSCRIBERS) >= 10
    assert {each.name: each.missing for each in SUBSCRIBERS if each.missing} == {}
    places = os.pathsep.join([os.environ["PATH"], "/usr/sbin"])
    assert [name for name in ("jing", "ruby", "nginx", "caddy") if not shutil.which(name, path=places)] == []


@needs_data
@pytest.mark.parametrize("topic", TOPICS)
def test_real_inputs_fill_the_topics(published: Published, topic: str) -> None:
    assert len(published.entries[topic]) >= TOPICS[topic]


@each(SUBSCRIBERS)
def test_a_reader_agrees_with_the_store(published: Published, subscriber: Subscriber, tmp_path: Path) -> None:
    urls = {f"{published.url}/{topic}.{form}": topic for topic in TOPICS for form in subscriber.formats}
    seen = subscriber.read(list(urls), tmp_path)
    for url, topic in urls.items():
        found = seen[url]
        assert not isinstance(found, str), f"{url}: {found}"
        assert told(found) == rows(published.entries[topic]), url


# -------------------------------------------------------------------------------------------- it must bite


def damage(form: str, text: str, victim: Entry) -> dict[str, str]:
    """Copies of a feed in each of which one thing is wrong with one entry."""
    local = victim.published.astimezone(timezone(timedelta(hours=3))).replace(microsecond=0)
    date = {
        "atom": r"<published>[^<]*</published>",
        "rss": r"<pubDate>[^<]*</pubDate>",
        "json": r'"date_published":"[^"]*"',
    }
    without_zone = {
        "atom": f"<published>{local:%Y-%m-%dT%H:%M:%S}</published>",
        "rss": f"<pubDate>{local:%a, %d %b %Y %H:%M:%S}</pubDate>",
        "json": f'"date_published":"{local:%Y-%m-%dT%H:%M:%S}"',
    }
    id_ = {
        "atom": f"<id>{victim.id}</id>",
        "rss": f'<guid isPermaLink="false">{victim.id}</guid>',
        "json": f'"id":"{victim.id}",',
    }
    assert text.count(id_[form]) == 1
    start, stop = {"atom": ("<entry", "</entry>"), "rss": ("<item>", "</item>"), "json": ('{"id"', '"_feeds"')}[form]
    at = text.index(id_[form])
    begin, end = text.rindex(start, 0, at + 5), text.index(stop, at)
    entry = text[begin:end]
    assert len(re.findall(date[form], entry)) == 1
    return {
        "no-id": text[:begin] + entry.replace(id_[form], "") + text[end:],
        "no-zone": text[:begin] + re.sub(date[form], without_zone[form], entry) + text[end:],
        "whole": text,
    }


@each(SUBSCRIBERS)
def test_the_comparison_bites(published: Published, subscriber: Subscriber, tmp_path: Path) -> None:
    """An entry without id, and one with the local time of its publisher but no zone, must not pass."""
    wanted, victim = rows(published.entries["turkey"]), published.entries["turkey"][1]
    with Origin() as origin:
        for form in subscriber.formats:
            text = (published.desk.public / f"turkey.{form}").read_text(encoding="utf-8")
            for name, damaged in damage(form, text, victim).items():
                kind = f"{TYPES[form]}; charset=utf-8"
                origin.put(f"/{name}.{form}", damaged.encode(), headers={"Content-Type": kind})
        urls = [origin.url(f"/{name}.{form}") for name in ("no-id", "no-zone", "whole") for form in subscriber.formats]
        seen = subscriber.read(urls, tmp_path)
    for url in urls:
        assert agrees(seen[url], wanted) is ("whole" in url), url


def agrees(found: object, wanted: list[dict[str, str]]) -> bool:
    try:
        return told(found) == wanted  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError):
        return False


# -------------------------------------------------------------------------------------------- polling again


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[tuple[Desk, Origin]]:
    (tmp_path / "desk").mkdir()
    with Origin() as origin:
        yield Desk(tmp_path / "desk", sources={"wire": origin.url("/wire")}), origin


WORDS = (
    "Grain ships leave Odesa",
    "Kharkiv trams run again",
    "Lviv opens a library",
    "Poltava plants ten thousand trees",
)


def items(count: int, now: datetime) -> bytes:
    found = "".join(
        f"<item><guid>w{n}</guid><title>{WORDS[n]}, Ukraine says</title><link>https://wire.example/{n}</link>"
        f"<pubDate>{now - timedelta(hours=9 - n):%a, %d %b %Y %H:%M:%S} +0000</pubDate><description>{WORDS[n]} &amp; "
        f"that is all that Ukraine told of it on day {n}.</description></item>"
        for n in reversed(range(count))
    )
    return f'<rss version="2.0"><channel><title>Wire</title>{found}</channel></rss>'.encode()


@pytest.mark.usefixtures("hatched")
@each(subscriber for subscriber in SUBSCRIBERS if subscriber.keeps)
def test_a_new_entry_comes_once_and_no_old_one_again(
    wire: tuple[Desk, Origin], subscriber: Subscriber, tmp_path: Path
) -> None:
    desk, origin = wire
    origin.put("/wire", items(3, desk.now))
    desk.refresh()
    with Server(Folder(desk.public), ServeSettings(listen="127.0.0.1:0")) as server:
        urls = [f"{server.address}ukraine.{form}" for form in subscriber.formats]
        first, before = subscriber.read(urls, tmp_path), stored(desk, "ukraine")
        for url in urls:
            assert told(first[url]) == rows(before), url  # type: ignore[arg-type]
        origin.put("/wire", items(4, desk.now))
        desk.now += timedelta(hours=1)
        desk.refresh("--all")
        after = stored(desk, "ukraine")
        assert len(after) == len(before) + 1
        new = rows(tuple(entry for entry in after if entry not in before))
        eventually(lambda: all(serves(server, desk, form) for form in TYPES))
        seen = subscriber.read(urls, tmp_path)
        for url in urls:
            found = seen[url]
            assert not isinstance(found, str), f"{url}: {found}"
            assert told(found) == rows(after), url
            assert told([row for row in found if row["unread"]]) == new, url


def serves(server: Server, desk: Desk, form: str) -> bool:
    """Whether the server has taken up what is published."""
    with urlopen(f"{server.address}ukraine.{form}") as answer:
        found: bytes = answer.read()
    return found == (desk.public / f"ukraine.{form}").read_bytes()
