"""Many jobs at once in threads of this process: hosts side by side, the jobs of one host in a row."""

from __future__ import annotations

import heapq
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from concurrent.futures import Future
from functools import partial
from operator import attrgetter
from typing import Any, TypeAlias

from feeds.model import Job, Poll

Work: TypeAlias = Callable[[Job], Any]

_AHEAD = 512  # polls that may wait for the one before them


class Threads:
    """Runs jobs in at most `concurrency` threads.

    Of one host at most `per_host` jobs run at a time, and each of these starts `host_delay` seconds after the one
    before it ended, be it in an earlier run or, as the store tells, in another process. Jobs without host wait for
    nobody. For jobs that are started and not run, the caller starts none of a host that one is `begun` of, and no more
    than are `free`.
    """

    def __init__(
        self,
        *,
        concurrency: int,
        per_host: int = 1,
        host_delay: float = 1.0,
        host_of: Callable[[Job], str] = attrgetter("host"),
        rests: MutableMapping[str, float] | None = None,
    ) -> None:
        """`rests` (host -> monotonic time before which it is left alone) may be shared with another dispatch."""
        self._concurrency, self._per_host, self._delay, self._host_of = concurrency, per_host, host_delay, host_of
        self._rests: MutableMapping[str, float] = {} if rests is None else rests
        self._ended = threading.Condition()
        self._begun: set[str] = set()  # names of sources
        self._runs: set[_Run] = set()  # of started jobs

    def run(self, batches: Iterable[Sequence[Job]], work: Work) -> Iterator[Poll]:
        """Yield the polls in the order of their jobs; what `work` raises is raised in its place, and ends the run.

        The next batch is asked for when threads have nothing to do, although polls of the last one are in work: one
        that is slow holds up the others only where very many wait for their turn behind it. Nothing starts before the
        first poll is asked for. When the caller stops asking, no further job starts; those that run are not waited
        for, as their threads are daemons.
        """
        self.resting()
        run, rest, polls = _Run(work, self._delay, self._rests), iter(batches), deque[Future[Any]]()
        is_more = True
        try:
            while is_more or polls:
                if is_more and len(polls) < _AHEAD and run.has_room(self._concurrency):
                    jobs = next(rest, None)
                    is_more = jobs is not None
                    polls.extend(run.add(job, self._host_of(job), self._per_host) for job in jobs or ())
                    run.start(self._concurrency)
                elif polls and (polls[0].done() or not is_more or len(polls) >= _AHEAD):
                    yield polls.popleft().result()
                else:
                    run.wait(self._concurrency, polls[0] if polls else None)
        finally:
            run.stop()

    def start(self, jobs: Sequence[Job], work: Work) -> None:
        """Begin these jobs in threads of their own, beside those that run."""
        if not jobs:  # then nobody would tell of an end, and the run be kept for good
            return
        run = _Run(work, self._delay, self._rests)
        with self._ended:
            self._begun |= {job.source.name for job in jobs}
            self._runs.add(run)
        for job in jobs:
            run.add(job, self._host_of(job), self._per_host).add_done_callback(partial(self._end, run, job))
        run.start(self._concurrency)

    def free(self) -> int:
        """How many more jobs could be begun now without making one wait."""
        return max(0, self._concurrency - len(self._begun))

    def begun(self) -> frozenset[str]:
        """Names of the sources whose jobs were started and have not ended."""
        with self._ended:
            return frozenset(self._begun)

    def resting(self) -> frozenset[str]:
        """Hosts that were asked so recently that a job of theirs would have to wait."""
        now, resting = time.monotonic(), list(self._rests.items())
        for host, until in resting:
            if until <= now:
                self._rests.pop(host, None)
        return frozenset(host for host, until in resting if until > now)

    def wait(self, seconds: float, *, free: int | None = None) -> bool:
        """Return when so many places are free, or all of them, or after `seconds`. Whether it came to that."""
        wanted = self._concurrency if free is None else min(free, self._concurrency)
        with self._ended:
            return self._ended.wait_for(lambda: self._concurrency - len(self._begun) >= wanted, seconds)

    def _end(self, run: _Run, job: Job, _: object = None) -> None:
        with self._ended:
            self._begun.discard(job.source.name)
            if run.is_over():
                self._runs.discard(run)
            self._ended.notify_all()

    def stop(self) -> None:
        """Let no started job begin any more that has not."""
        with self._ended:
            runs = list(self._runs)
        for run in runs:
            for job in run.stop():
                self._end(run, job)


class _Lane:
    """The jobs of one host, in order."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.waiting: deque[tuple[Job, Future[Any]]] = deque()
        self.places = 0  # in the heap or in work: as many jobs may run at a time


class _Run:
    """One run: lanes that are free to move stand in a heap by the time when they may, then by their first job."""

    def __init__(self, work: Work, delay: float, rests: MutableMapping[str, float]) -> None:
        self._work, self._delay, self._rests = work, delay, rests
        self._lanes: dict[str, _Lane] = {}
        self._ready: list[tuple[float, int, _Lane]] = []
        lock = threading.RLock()
        self._changed = threading.Condition(lock)  # for the threads
        self._news = threading.Condition(lock)  # for him who waits for polls
        self._count = 0
        self._left = 0  # jobs that have not ended
        self._threads = 0

    def add(self, job: Job, host: str, per_host: int) -> Future[Any]:
        future: Future[Any] = Future()
        with self._changed:
            lane = self._lanes.get(host) or _Lane(host)
            if host:
                self._lanes[host] = lane
            if lane.places < per_host:
                lane.places += 1
                rest = self._rest_of(job)
                self._push(lane, max(self._rests.get(host, 0.0), time.monotonic() + rest if rest else 0.0))
            self._left += 1
            lane.waiting.append((job, future))
        return future

    def _rest_of(self, job: Job) -> float:
        """Seconds for which the host of `job` is still to be left alone after it was last asked."""
        if job.host_asked is None:
            return 0.0
        rest = self._delay - (job.facts.now - job.host_asked).total_seconds()
        return min(max(rest, 0.0), self._delay)  # a clock that was set back makes nobody wait for longer

    def start(self, threads: int) -> None:
        """Have at most so many threads, and no more than there are lanes for."""
        with self._changed:
            more = min(threads - self._threads, len(self._ready))
            self._threads += max(0, more)
        for _ in range(more):
            threading.Thread(target=self._loop, name="feeds-work", daemon=True).start()

    def has_room(self, threads: int) -> bool:
        """Whether fewer than so many threads have, or wait for, something to do."""
        return self._threads < threads

    def wait(self, threads: int, poll: Future[Any] | None) -> None:
        """Return when `poll` has ended, or when there is room."""
        if poll is not None:
            poll.add_done_callback(self._tell)
        with self._news:
            self._news.wait_for(lambda: self.has_room(threads) or (poll is not None and poll.done()))

    def _tell(self, _: object) -> None:
        with self._news:
            self._news.notify_all()

    def is_over(self) -> bool:
        """Whether every job has ended, or will never begin."""
        return self._left == 0

    def stop(self) -> list[Job]:
        """Begin nothing more. Returns the jobs that will not be begun."""
        with self._changed:
            lanes = {id(lane): lane for lane in [*self._lanes.values(), *(lane for _, _, lane in self._ready)]}
            left = [job for lane in lanes.values() for job, _ in lane.waiting]
            self._ready.clear()
            for lane in lanes.values():
                lane.waiting.clear()
            self._left -= len(left)
            self._changed.notify_all()
        return left

    def _push(self, lane: _Lane, when: float) -> None:
        self._count += 1
        heapq.heappush(self._ready, (when, self._count, lane))

    def _loop(self) -> None:
        """Take lanes until none is left: a lane that somebody works on comes back by that very thread."""
        while (taken := self._next()) is not None:
            lane, job, future = taken
            result, error = None, None
            try:
                result = self._work(job)
            except BaseException as exc:  # noqa: BLE001  # it is raised where the poll is waited for
                error = exc
            with self._changed:
                self._left -= 1
                if lane.host:  # before anybody hears that the job has ended
                    self._rests[lane.host] = time.monotonic() + self._delay
                if lane.waiting:
                    self._push(lane, self._rests[lane.host])
                    self._changed.notify()
                else:
                    lane.places -= 1
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

    def _next(self) -> tuple[_Lane, Job, Future[Any]] | None:
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
                lane.places -= 1
            self._threads -= 1
            self._news.notify_all()
            return None
