"""Many jobs at once in threads of this process: hosts side by side, the jobs of one host in a row."""

from __future__ import annotations

import heapq
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import TypeAlias
from urllib.parse import urlsplit

from feeds.model import Job, Poll

Work: TypeAlias = Callable[[Job], Poll]


def host_of(job: Job) -> str:
    """The host that a job asks: its name or address without port, "" if it stays on this machine."""
    url = job.state.moved_to or job.source.url
    if job.source.is_file:
        return ""
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url  # the fetch will say what is wrong with it


class Threads:
    """Runs jobs in at most `concurrency` threads.

    Of one host at most `per_host` jobs run at a time, and each of these starts `host_delay` seconds after the one
    before it ended, be it in an earlier run or, as the store tells, in another process. Jobs without host wait for
    nobody.
    """

    def __init__(
        self,
        *,
        concurrency: int,
        per_host: int = 1,
        host_delay: float = 1.0,
        host_of: Callable[[Job], str] = host_of,
    ) -> None:
        self._concurrency, self._per_host, self._delay, self._host_of = concurrency, per_host, host_delay, host_of
        self._rests: dict[str, float] = {}  # host -> monotonic time before which it is left alone

    def run(self, jobs: Sequence[Job], work: Work) -> Iterator[Poll]:
        """Yield the polls in the order of `jobs`; what `work` raises is raised in its place, and ends the run.

        Nothing starts before the first poll is asked for. When the caller stops asking, no further job starts; those
        that run are not waited for, as their threads are daemons. Polls are held until their turn: the caller bounds
        what one run can hold by the number of its jobs.
        """
        now = time.monotonic()
        for host in [host for host, until in list(self._rests.items()) if until <= now]:
            self._rests.pop(host, None)
        run = _Run(work, self._delay, self._rests)
        polls = deque(run.add(job, self._host_of(job), self._per_host) for job in jobs)
        run.start(self._concurrency)
        try:
            while polls:
                yield polls.popleft().result()
        finally:
            run.stop()


class _Lane:
    """The jobs of one host, in order."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.waiting: deque[tuple[Job, Future[Poll]]] = deque()


class _Run:
    """One run: lanes that are free to move stand in a heap by the time when they may, then by their first job."""

    def __init__(self, work: Work, delay: float, rests: dict[str, float]) -> None:
        self._work, self._delay, self._rests = work, delay, rests
        self._lanes: dict[str, _Lane] = {}
        self._ready: list[tuple[float, int, _Lane]] = []
        self._changed = threading.Condition()
        self._count = 0

    def add(self, job: Job, host: str, per_host: int) -> Future[Poll]:
        lane = self._lanes.get(host) or _Lane(host)
        if host:
            self._lanes[host] = lane
        if len(lane.waiting) < per_host:  # as many places in the heap as jobs may run at a time
            rest = self._rest_of(job)
            self._push(lane, max(self._rests.get(host, 0.0), time.monotonic() + rest if rest else 0.0))
        future: Future[Poll] = Future()
        lane.waiting.append((job, future))
        return future

    def _rest_of(self, job: Job) -> float:
        """Seconds for which the host of `job` is still to be left alone after it was last asked."""
        if job.host_asked is None:
            return 0.0
        rest = self._delay - (job.facts.now - job.host_asked).total_seconds()
        return min(max(rest, 0.0), self._delay)  # a clock that was set back makes nobody wait for longer

    def start(self, threads: int) -> None:
        for _ in range(min(threads, len(self._ready))):
            threading.Thread(target=self._loop, name="feeds-work", daemon=True).start()

    def stop(self) -> None:
        with self._changed:
            self._ready.clear()
            for lane in self._lanes.values():
                lane.waiting.clear()
            self._changed.notify_all()

    def _push(self, lane: _Lane, when: float) -> None:
        self._count += 1
        heapq.heappush(self._ready, (when, self._count, lane))

    def _loop(self) -> None:
        """Take lanes until none is left: a lane that somebody works on comes back by that very thread."""
        while (taken := self._next()) is not None:
            lane, job, future = taken
            try:
                future.set_result(self._work(job))
            except BaseException as exc:  # noqa: BLE001  # it is raised where the poll is waited for
                future.set_exception(exc)
            with self._changed:
                if lane.host:
                    self._rests[lane.host] = time.monotonic() + self._delay
                if lane.waiting:
                    self._push(lane, self._rests[lane.host])
                    self._changed.notify()

    def _next(self) -> tuple[_Lane, Job, Future[Poll]] | None:
        with self._changed:
            while self._ready:
                when, _, lane = self._ready[0]
                wait = when - time.monotonic()
                if wait > 0:
                    self._changed.wait(wait)
                    continue
                heapq.heappop(self._ready)
                if lane.waiting:  # of two jobs at a time, one may have left nothing for the other
                    return lane, *lane.waiting.popleft()
            return None
