"""By how much slow hosts delay good sources: `python -m tests.bench.fairness`.

Two hundred good sources on twenty hosts, alone and beside twenty sources that drip; the time from the start until the
last good one has answered, medians of runs taken in turns. The default concurrency, real sockets on loopback.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime

from feeds.config.settings import FetchSettings, PollSettings
from feeds.dispatch.threads import Threads
from feeds.fetch.http import HttpFetch
from feeds.model import Facts, Job, Poll, Request, Source, SourceState
from tests.origin import Asked, Origin, Reply

ROUNDS, GOOD, DRIPS, HOSTS = 5, 200, 20, 20
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MOST = 1.2


def main() -> None:
    with ExitStack() as stack:
        hosts = [stack.enter_context(Origin(host=f"127.0.1.{n + 1}")) for n in range(HOSTS)]
        slow = [stack.enter_context(Origin(host=f"127.0.2.{n + 1}")) for n in range(DRIPS)]
        for origin in hosts:
            origin.handle("/feed", answer)
        for origin in slow:
            origin.drip("/feed", b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 10_000, every=0.2)
        good = [job(f"good{n}", hosts[n % HOSTS].url(f"/feed?{n}")) for n in range(GOOD)]
        one_host = [job(f"drip{n}", slow[0].url(f"/feed?{n}")) for n in range(DRIPS)]
        many_hosts = [job(f"drip{n}", origin.url("/feed")) for n, origin in enumerate(slow)]
        for what, drips in (("20 sources of one dripping host", one_host), ("20 dripping hosts", many_hosts)):
            times = [(finish(good), finish([*drips, *good])) for _ in range(ROUNDS)]
            ratio = statistics.median(beside for _, beside in times) / statistics.median(alone for alone, _ in times)
            verdict = "holds" if ratio <= MOST else "DOES NOT HOLD"
            print(f"{'the finish of 200 good sources beside ' + what:70} {ratio:6.2f}  at most {MOST}  {verdict}")


def answer(asked: Asked) -> Reply:
    time.sleep(0.05)  # as far away as a publisher is
    return Reply(body=b"<rss/>" * 3000)


def job(name: str, url: str) -> Job:
    source = Source(name=name, url=url)
    return Job(source=source, state=SourceState(source=name), token="", facts=Facts(source=source, now=NOW))


def finish(jobs: Sequence[Job]) -> float:
    """Seconds until the last good one of `jobs` has answered."""
    fetch = HttpFetch(FetchSettings(allow=("127.0.0.0/8",), timeout=8), user_agent="bench")
    threads = Threads(concurrency=PollSettings().concurrency, host_delay=0.05)
    ends: list[float] = []

    def work(job: Job) -> Poll:
        found = fetch(Request(source=job.source.name, url=job.source.url))
        if job.source.name.startswith("good"):
            ends.append(time.monotonic())
        return Poll(job=job, answer=found, reading=None, state=job.state)

    start = time.monotonic()
    run = threads.run([list(jobs)], work)
    good = sum(job.source.name.startswith("good") for job in jobs)
    next(run)  # with drips first in the list this waits for one of them to use up its time
    while len(ends) < good:
        time.sleep(0.01)
    run.close()  # type: ignore[attr-defined]
    fetch.close()
    return max(ends) - start


if __name__ == "__main__":
    main()
