"""Every hostile document we have, through the child processes: `python -m tests.bench.corpus [--tenth] [--verdict]`.

Among them is one that hangs on any machine, however fast.

Prints one JSON object, or verdicts: how each ended, how far past its limit the slowest went, how much this process
grew, and how long good feeds waited meanwhile, which two threads go on reading all the time.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from feeds.config import ReadSettings
from feeds.model import Document, Facts, Reading, Source, Unreadable
from feeds.sandbox.children import Children
from tests.bench.verdict import is_missing, say
from tests.hostile.bodies import HANGS
from tests.make import NOW
from tests.real import DATA, a_tenth, members, snapshots

HOSTILE = DATA / "hostile"
FACTS = Facts(source=Source(name="hostile", url="https://hostile.example/feed"), now=NOW)


def documents(*, tenth: bool) -> Iterator[tuple[str, Document]]:
    """Name and document of each; of the 7,014 fixtures of other projects a tenth, if so wanted."""
    for path in sorted(HOSTILE.rglob("*")):
        if path.is_file() and path.suffix != ".zst" and not path.name.endswith(".xml.json"):
            headers = path.with_suffix(path.suffix + ".json")
            given = json.loads(headers.read_bytes())["headers"] if headers.exists() else {}
            yield str(path.relative_to(HOSTILE)), Document(url=FACTS.source.url, body=path.read_bytes(), headers=given)
    fixtures = sorted(members(HOSTILE / "fixtures.tar.zst"))
    for name, body in a_tenth(fixtures) if tenth else fixtures:
        yield name, Document(url=FACTS.source.url, body=body)
    yield "hangs", Document(url=FACTS.source.url, body=HANGS)


def resident() -> int:
    """Bytes of memory of this process."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Others:
    """Good feeds, read one after another for as long as the hostile ones are."""

    def __init__(self, children: Children, body: bytes) -> None:
        self._children, self._good = children, Document(url=FACTS.source.url, body=body)
        self._stop = threading.Event()
        self.waits: list[float] = []
        self.failed: Counter[str] = Counter()
        self.alone = statistics.median(self._read() for _ in range(5))
        self._threads = [threading.Thread(target=self._go_on) for _ in range(2)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _go_on(self) -> None:
        while not self._stop.wait(0.02):
            self.waits.append(self._read())

    def _read(self) -> float:
        began = time.monotonic()
        found = self._children(self._good, FACTS)
        if not isinstance(found, Reading) or not found.items:
            self.failed[getattr(found, "why", "no items")] += 1
        return time.monotonic() - began


def outcome(found: Reading | Unreadable) -> str:
    return found.why if isinstance(found, Unreadable) else "read"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tenth", action="store_true")
    parser.add_argument("--verdict", action="store_true")
    parser.add_argument("--seconds", type=float, default=2.0)
    options = parser.parse_args()
    if is_missing(DATA):
        return
    good = next(body for _, body in snapshots() if 30_000 < len(body) < 60_000)
    hostile = list(documents(tenth=options.tenth))
    children = Children({"topics": {"ukraine": {"use": "ukraine"}}}, ReadSettings(timeout=options.seconds))
    outcomes: Counter[str] = Counter()
    over: list[tuple[float, str]] = []
    named: dict[str, str] = {}
    with Others(children, good) as others:
        for _, document in hostile[-50:]:
            children(document, FACTS)
        before = resident()
        for name, document in hostile:
            began = time.monotonic()
            found = outcome(children(document, FACTS))
            over.append((time.monotonic() - began - options.seconds, name))
            outcomes[found] += 1
            if found.startswith(("parse_", "crash_", "reply_")):
                named[name] = found
        grown = resident() - before
    children.close()
    report = {
        "documents": len(hostile),
        "outcomes": dict(sorted(outcomes.items())),
        "ended": named,
        "seconds_over": round(max(over)[0], 3),
        "grown_mib": round(grown / 2**20, 2),
        "good_read": len(others.waits),
        "good_failed": dict(others.failed),
        "good_alone": round(others.alone, 3),
        "good_worst": round(max(others.waits), 3),
    }
    if options.verdict:
        delay = max(others.waits) - others.alone
        say(f"{len(hostile)} documents: past the limit, the slowest", max(over)[0], 0.3, at_most=True, unit=" s")
        say("growth of the process that asks", grown / 2**20, 8, at_most=True, unit=" MiB")
        say(f"{len(others.waits)} good feeds meanwhile: delay, the longest", delay, 1, at_most=True, unit=" s")
    else:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
