"""A wire of many sources on loopback that go wrong in every way, and remember what they ever offered."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import partial

from tests.origin import Asked, Origin, Reply, Wire

KEPT = 20  # items that a feed lists
TOPICS = ("Ukraine", "Ankara", "the embassy", "football")
# What an answer may be instead of the feed, and how often in a hundred.
FAULTS = {
    "500": 2,
    "503 with Retry-After": 1,
    "no feed": 1,
    "cut off": 1,
    "broken gzip": 1,
    "broken XML": 1,
    "empty": 1,
    "closed": 1,
    "drip": 1,
    "slow": 2,
}


@contextmanager
def hosts(count: int) -> Iterator[list[Origin]]:
    """So many origins, each of which is a host of its own to a poller."""
    with ExitStack() as stack:
        yield [stack.enter_context(Origin(host=f"127.0.0.{n + 1}", remember=False)) for n in range(count)]


@dataclass
class Feed:
    """One source: its items so far, and which of them have been sent in a whole answer."""

    name: str
    items: list[str] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)
    version: int = 0

    def document(self) -> bytes:
        """The newest items as RSS."""
        shown = "".join(self.items[-KEPT:])
        return f"<rss version='2.0'><channel><title>{self.name}</title>{shown}</channel></rss>".encode()


class SoakWire:
    """The sources, spread over the hosts that `origins` are."""

    def __init__(
        self,
        origins: Sequence[Origin],
        count: int,
        *,
        faults: Mapping[str, int],
        seed: int = 1,
        seconds: Callable[[], float] = time.time,
    ) -> None:
        """`seconds` since the epoch are the moment at which an item is published."""
        self._chance, self._lock, self._seconds = random.Random(seed), threading.Lock(), seconds
        self._faults = faults
        self.faults: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.well = False  # True: nothing goes wrong any more
        self.feeds = {f"s{n:04}": Feed(f"s{n:04}") for n in range(count)}
        self.urls: dict[str, str] = {}
        self._number = 0
        for number, feed in enumerate(self.feeds.values()):
            self.add(feed, 3)
            origin = origins[number % len(origins)]
            self.urls[feed.name] = origin.url(f"/{feed.name}")
            origin.script(f"/{feed.name}", partial(self._answer, feed))

    def news(self, share: float) -> None:
        """Give so many of the feeds one new item, some of them a copy of another's."""
        for feed in self._chance.sample(list(self.feeds.values()), max(1, int(share * len(self.feeds)))):
            with self._lock:
                if self._chance.random() < 0.2:
                    other = self._chance.choice(list(self.feeds.values()))
                    copy = other.items[-1].replace("<guid>", f"<guid>{feed.name}-of-", 1)
                    feed.items.append(copy)
                    feed.version += 1
                else:
                    self.add(feed, 1)

    def add(self, feed: Feed, count: int) -> None:
        """Append items of its own."""
        published = formatdate(self._seconds(), usegmt=True)
        for _ in range(count):
            self._number += 1
            words = f"Report {self._number} on {self._chance.choice(TOPICS)} by {feed.name}"
            feed.items.append(
                f"<item><guid>{feed.name}/{self._number}</guid><title>{words}</title>"
                f"<link>https://{feed.name}.example/{self._number}</link><pubDate>{published}</pubDate>"
                f"<description>{words}: {self._chance.random()} and what came of it, at length.</description></item>"
            )
        feed.version += 1

    def offered(self) -> set[str]:
        """The guid of every item that was ever sent in an answer that came whole."""
        return set().union(*(feed.sent for feed in self.feeds.values()))

    # ------------------------------------------------------------------------------------------ answers

    def _answer(self, feed: Feed, asked: Asked, wire: Wire) -> Reply | None:
        with self._lock:
            body, etag = feed.document(), f'"{feed.version}"'
            draw, fault = self._chance.random() * 100, ""
            for name, share in self._faults.items():
                draw -= share
                if draw < 0 and not self.well:
                    fault = name
                    break
            self.faults[fault or "none"] += 1
            self.asked[feed.name] += 1
        if fault == "slow":
            wire.rest(self._chance.random())
        elif fault:
            return self._go_wrong(fault, body, wire)
        if asked.headers.get("if-none-match") == etag:
            self.answers[304] += 1
            return Reply(status=304, headers={"ETag": etag})
        self.answers[200] += 1
        feed.sent |= {item.partition("<guid>")[2].partition("</guid>")[0] for item in feed.items[-KEPT:]}
        return Reply(body=body, headers={"ETag": etag, "Content-Type": "application/rss+xml"})

    def _go_wrong(self, fault: str, body: bytes, wire: Wire) -> Reply | None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
        match fault:
            case "500":
                return Reply(status=500)
            case "503 with Retry-After":
                return Reply(status=503, headers={"Retry-After": "3"})
            case "no feed":
                return Reply(body=b"<html><body>We are closed.</body></html>", headers={"Content-Type": "text/html"})
            case "cut off":
                wire.send(head + b"Content-Length: %d\r\n\r\n" % len(body) + body[: len(body) // 2])
            case "broken gzip":
                wire.send(head + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n\x1f\x8b\x08\x00" + body[:200])
            case "broken XML":
                return Reply(body=b"<rss><channel><title>&&&<<<", headers={"Content-Type": "application/rss+xml"})
            case "empty":
                return Reply(body=b"", headers={"Content-Type": "application/rss+xml"})
            case "drip":
                wire.send(head + b"\r\n")
                end = time.monotonic() + 20
                while time.monotonic() < end:
                    wire.send(b"<")
                    wire.rest(0.5)
        return None
