"""Who listens to /events hears each story once, also after being away."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Self

import pytest

from feeds.config import ServeSettings
from feeds.model import Entry, Topic
from feeds.publish.topic import render_topic
from feeds.serve import app, events, happenings
from feeds.serve.app import Server
from feeds.serve.happenings import Happenings
from feeds.serve.page import Page, make_page
from tests.running import eventually
from tests.unit.publish.publish_samples import SITE, TITLES, TOPICS, TURKEY, UKRAINE, entry
from tests.unit.serve.test_serve_catalogue import START, MemoryShelf

STORIES = [entry(n, title=TITLES[n % len(TITLES)][1]) for n in range(9)]


def feed(stories: list[Entry], topic: Topic = UKRAINE) -> bytes:
    return render_topic(SITE, topic, stories, limit=100, all_topics=TOPICS).files[f"{topic.name}.json"]


class Published:
    """The pages of one look, and of the next."""

    def __init__(self) -> None:
        self.happenings = Happenings()
        self.pages: dict[str, Page] = {}

    def look(self, **feeds: list[Entry]) -> list[str]:
        """Publish feeds by topic; what happened, by topic and id."""
        last = self.happenings.last
        for name, stories in feeds.items():
            before = self.pages.get(f"/{name}.json")
            topic = next(topic for topic in TOPICS if topic.name == name)
            page = make_page(f"{name}.json", feed(stories, topic), packed=None, modified=START, before=before)
            self.pages = self.pages | {f"/{name}.json": page}
        self.happenings.take_up(self.pages)
        found = self.happenings.since(last) or ()
        return [f"{each.topic} {json.loads(each.told)['id']}" for each in found]


def named(topic: str, *stories: Entry) -> list[str]:
    return [f"{topic} {story.id}" for story in sorted(stories, key=lambda story: story.updated)]


# ------------------------------------------------------------------------------------- what happened


def test_what_stands_there_at_first_is_no_event() -> None:
    published = Published()
    assert published.look(ukraine=STORIES[3:]) == []
    assert published.look(ukraine=STORIES[3:]) == []
    assert published.look(ukraine=STORIES[1:]) == named("ukraine", *STORIES[1:3])
    assert published.look(turkey=STORIES[:3]) == [], "a topic that is new begins with what it has"


def test_the_first_story_of_a_topic_is_an_event() -> None:
    published = Published()
    published.look(ukraine=[])
    assert published.look(ukraine=STORIES[:1]) == named("ukraine", STORIES[0])


def test_a_story_is_told_in_each_topic_that_it_comes_into() -> None:
    published = Published()
    published.look(ukraine=STORIES[1:], turkey=STORIES[1:])
    assert sorted(published.look(ukraine=STORIES, turkey=STORIES)) == [
        f"turkey {STORIES[0].id}",
        f"ukraine {STORIES[0].id}",
    ]


def test_a_correction_is_told_and_an_outlet_that_joins_is_not() -> None:
    published = Published()
    published.look(ukraine=STORIES)
    moved = replace(STORIES[4], updated=STORIES[4].updated + timedelta(hours=1))
    assert published.look(ukraine=[moved, *STORIES[:4], *STORIES[5:]]) == named("ukraine", moved)
    other = replace(STORIES[2], summary="<p>Other words, of the same time.</p>")
    assert published.look(ukraine=[moved, *STORIES[:2], other, *STORIES[3:4], *STORIES[5:]]) == []


def test_a_story_that_leaves_its_feed_is_no_event() -> None:
    published = Published()
    published.look(ukraine=STORIES)
    assert published.look(ukraine=STORIES[:5]) == []


def test_an_event_says_what_a_page_needs() -> None:
    published = Published()
    published.look(ukraine=STORIES[1:])
    published.look(ukraine=STORIES)
    (event,) = published.happenings.since(0) or ()
    (item,) = (i for i in json.loads(feed(STORIES))["items"] if i["id"] == STORIES[0].id)
    assert json.loads(event.told) == {
        "topic": "ukraine",
        "id": item["id"],
        "title": item["title"],
        "link": item["url"],
        "source": item["_feeds"]["source"]["title"],
        "published": item["date_published"],
        "updated": item["date_modified"],
    }
    assert b"\n" not in event.told


def test_so_many_events_are_kept_and_who_missed_more_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(happenings, "KEPT", 3)
    published = Published()
    published.look(ukraine=STORIES[5:])
    published.look(ukraine=STORIES)
    kept = published.happenings
    assert kept.last == 5
    assert [each.number for each in kept.since(2) or ()] == [3, 4, 5]
    assert kept.since(1) is None
    assert kept.since(5) == []
    assert kept.since(2, ["turkey"]) == []


@pytest.mark.parametrize(
    "name", ["", "5", "0123abcd-1", "{run}-x", "{run}-6", "{run}-", "{run}-٣", "{run}-" + "9" * 5000]
)
def test_an_id_that_is_not_ours_is_not_known(name: str) -> None:
    published = Published()
    published.look(ukraine=STORIES[5:])
    published.look(ukraine=STORIES)
    kept = published.happenings
    assert kept.number(kept.name(5)) == 5
    assert kept.number(name.format(run=kept.name(0).partition("-")[0])) is None


# --------------------------------------------------------------------------------- over a real socket


class Listener:
    """One connection to /events."""

    def __init__(self, port: int, target: str = "/events", head: str = "", method: str = "GET") -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.sock.sendall(f"{method} {target} HTTP/1.1\r\nHost: a\r\n{head}\r\n".encode())
        self.stream = self.sock.makefile("rb")
        self.status = int(self.stream.readline().split()[1])
        self.head: dict[str, str] = {}
        while line := self.stream.readline().strip():
            name, _, value = line.decode().partition(": ")
            self.head[name.lower()] = value
        self._left = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()
        self.sock.close()

    def block(self) -> dict[str, str]:
        """The next event, or a comment, by field."""
        while b"\n\n" not in self._left:
            size = int(self.stream.readline() or b"0", 16)
            if not size:
                raise EOFError
            self._left += self.stream.read(size)
            self.stream.readline()
        block, _, self._left = self._left.partition(b"\n\n")
        pairs = (line.split(": ", 1) for line in block.decode().split("\n") if ": " in line)
        return {pair[0]: pair[1] for pair in pairs}

    def event(self) -> tuple[str, str]:
        """(id of the event, id of its story), past comments and the like."""
        while not (found := self.block()).get("event"):
            pass
        return found["id"], json.loads(found["data"]).get("id", found["event"])


@pytest.fixture
def shelf() -> MemoryShelf:
    made = MemoryShelf()
    made.put("ukraine.json", feed(STORIES[5:]))
    made.put("turkey.json", feed(STORIES[5:], TURKEY))
    return made


@pytest.fixture
def server(shelf: MemoryShelf, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(app, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(app, "LOOK_SHARE", 1.0)
    with Server(shelf, ServeSettings(listen="127.0.0.1:0")) as running:
        yield running


def put(shelf: MemoryShelf, stories: list[Entry], topic: Topic = UKRAINE) -> None:
    shelf.now += timedelta(seconds=1)
    shelf.put(f"{topic.name}.json", feed(stories, topic))


@contextmanager
def listening(server: Server, target: str = "/events", head: str = "") -> Iterator[Listener]:
    with Listener(server.port, target, head) as listener:
        assert listener.status == 200
        assert listener.block() == {"retry": "5000"}
        yield listener


def test_a_story_is_heard_by_who_listens_and_by_who_comes_back(
    server: Server, shelf: MemoryShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "KEEP_ALIVE", 3600)  # nobody hears it because they were about to be kept alive
    with listening(server) as one, listening(server, "/events?topic=turkey") as other:
        assert one.head["content-type"] == "text/event-stream; charset=utf-8"
        assert one.head["cache-control"] == "no-store"
        assert one.head["access-control-allow-origin"] == "*", "pages elsewhere may listen"
        assert one.head["x-accel-buffering"] == "no", "and web servers in front hold nothing back"
        put(shelf, STORIES[4:])
        first, story = one.event()
        assert story == STORIES[4].id
        put(shelf, STORIES[3:])
        assert one.event()[1] == STORIES[3].id
        put(shelf, STORIES[4:], TURKEY)
        assert other.event()[1] == STORIES[4].id, "the first that it hears"
    with listening(server, head=f"Last-Event-ID: {first}\r\n") as again:
        assert [again.event()[1] for _ in range(2)] == [STORIES[3].id, STORIES[4].id]
    with listening(server, "/events?topic=ukraine&topic=turkey", "Last-Event-ID: of-yesterday\r\n") as again:
        assert again.event()[1] == "missed"
        put(shelf, STORIES[2:])
        assert again.event()[1] == STORIES[2].id


def test_silence_is_kept_alive_and_an_end_ends_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "KEEP_ALIVE", 0.1)
    with listening(server) as listener:
        assert listener.block() == {}
        server.request_stop()
        with pytest.raises((EOFError, ValueError, ConnectionResetError)):
            list(iter(listener.block, None))
        started = time.monotonic()
        server.wait()
        assert time.monotonic() - started < 8, "nobody waits for those who listen"


def test_so_many_may_listen_and_who_leaves_makes_room(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LISTENERS", 2)
    with listening(server), listening(server):
        with Listener(server.port) as third:
            assert (third.status, third.head["retry-after"]) == (503, "30")
        assert server.counts.listeners == 2
    eventually(lambda: server.counts.listeners == 0)
    with listening(server):
        pass


def test_one_address_takes_some_places_and_no_more(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "OF_ONE", 2)
    one, other = (f"X-Forwarded-For: 9.9.9.{n}\r\n" for n in (8, 9))
    with listening(server, head=one), listening(server, head=one), listening(server, head=other):
        with Listener(server.port, head=one) as third:
            assert (third.status, third.head["retry-after"]) == (503, "30")
        with listening(server, head=other):
            pass
    eventually(lambda: server.counts.listeners == 0)
    assert not server._events._listening, "nobody is remembered who has left"
    with listening(server, head=one):
        pass


def test_no_topic_no_body_no_other_method(server: Server) -> None:
    for target, method, status in [
        ("/events?topic=nowhere", "GET", 404),
        ("/events", "HEAD", 200),
        ("/events", "POST", 405),
    ]:
        with Listener(server.port, target, "Content-Length: 0\r\n", method) as listener:
            assert listener.status == status
    assert server.counts.listeners == 0


def test_who_reads_nothing_holds_nothing_up(
    server: Server, shelf: MemoryShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "KEEP_ALIVE", 0.001)  # it is written to all the time
    with listening(server) as deaf, listening(server) as other:
        deaf.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        put(shelf, STORIES[4:])
        assert other.event()[1] == STORIES[4].id
