"""How long a story takes from a publisher's hub to a reader of ours: `python -m tests.bench.pushing`.

Over loopback: the hub of a publisher pushes to us, we read, judge, store and publish, and our hub tells a subscriber.
A daemon of its own with as many sources as are named, `debounce = "0s"`; wall time, from the moment at which the hub
begins to push until the subscriber holds the story: one story after another, and then one of every source at once.
"""

from __future__ import annotations

import random
import socket
import statistics
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.verdict import say
from tests.callbacks import Callbacks
from tests.desk import Desk
from tests.pushing import Pushing, ask, feed
from tests.running import eventually, running

TARGET = 2.0  # seconds
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=int, default=100)
    parser.add_argument("--stories", type=int, default=60, help="one after another")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Pushing() as hub, Callbacks() as reader:
        one, many = measure(Path(folder), hub, reader, sources=given.sources, stories=given.stories)
    print(f"{given.sources} sources, {len(one)} stories one after another: median {statistics.median(one):.2f} s")
    say("source, hub, us, our hub, reader: p95", quantile(one), TARGET, at_most=True, unit=" s")
    print(f"{len(many)} sources at the same moment: median {statistics.median(many):.2f} s, p95 {quantile(many):.2f} s")


def measure(
    folder: Path, hub: Pushing, reader: Callbacks, *, sources: int, stories: int
) -> tuple[list[float], list[float]]:
    """Seconds of each story: one after another, and all at once."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    paths, news = [f"/{number}" for number in range(sources)], titles()
    for path in paths:
        hub.put(path, feed((f"{path}/0", next(news))))
    desk = Desk(
        folder,
        site=f"http://127.0.0.1:{port}/",
        sources={f"paper-{number}": hub.url(path) for number, path in enumerate(paths)},
        publish='debounce = "0s"',
        more=f'[serve]\nlisten = "127.0.0.1:{port}"\n',
    )
    with running(desk):
        eventually(lambda: len(hub.subscriptions) == sources, seconds=300)
        form = {"hub.mode": "subscribe", "hub.topic": f"{desk.site}ukraine.atom", "hub.callback": reader.url("/me")}
        ask("POST", f"{desk.site}hub", urlencode(form).encode(), _FORM)
        eventually(lambda: reader.asked("/me"))
        choice = random.Random(7)
        one = [travel(hub, reader, {choice.choice(paths): next(news)})[0] for _ in range(stories)]
        return one, travel(hub, reader, {path: next(news) for path in paths})


def travel(hub: Pushing, reader: Callbacks, news: dict[str, str]) -> list[float]:
    """Seconds until the reader holds each of these stories, one of each path, all pushed now."""
    reader.got.clear()
    waiting, took, seen = dict(news), dict[str, float](), 0
    began = {}

    def push(path: str) -> None:
        began[path] = time.monotonic()
        assert hub.publish(path, feed((f"{path}/{news[path]}", news[path]))) == [202]

    with ThreadPoolExecutor(16) as pushers:
        done = [pushers.submit(push, path) for path in news]
        while waiting:
            assert time.monotonic() - min(began.values(), default=time.monotonic()) < 120, "it never came"
            told, now = reader.told("/me"), time.monotonic()
            for path in [path for path, title in waiting.items() if any(title.encode() in t.body for t in told[seen:])]:
                took[path] = now - began[path]
                del waiting[path]
            seen = len(told)
            time.sleep(0.002)
        for each in done:
            each.result()
    return list(took.values())


def titles() -> Iterator[str]:
    """Headlines that have nothing in common, but that they are in the same feed."""
    chance = random.Random(1)
    while True:
        words = ("".join(chance.choices("bdfgklmnprstvz", k=1) + chance.choices("aeiou", k=1)) for _ in range(12))
        yield " ".join(("".join(pair)) for pair in zip(words, words, words, strict=False)).title() + " in Kyiv"


def quantile(values: list[float]) -> float:
    """The 95th in a hundred."""
    return sorted(values)[min(len(values) - 1, round(0.95 * len(values)))]


if __name__ == "__main__":
    main()
