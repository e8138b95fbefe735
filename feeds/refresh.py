"""One source, one pass: ask, read, judge, store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from logging import getLogger
from typing import TypeAlias

from feeds.config import PollSettings, PublishSettings
from feeds.errors import FetchCrowded, FetchHeld, SandboxError, StoreBusy, StoreError, StoreFailing
from feeds.fetch import policy, rhythm
from feeds.fetch.subscribing import pushed
from feeds.identify.decide import decide
from feeds.identify.stories import Stories
from feeds.model import Answer, Changes, Failed, Fetched, Held, Job, Poll, Polled, Reading, Unreadable
from feeds.ports import Clock, Dispatch, Fetch, Read, Store

Share: TypeAlias = Callable[[], AbstractContextManager[None]]

log = getLogger(__name__)
_LEASE = timedelta(minutes=15)  # beyond any one poll, and renewed while a pass lives; locks tell which holders died
_RENEW = timedelta(minutes=1)
_BATCH = 128  # sources claimed in one transaction
_PUSHED = 8  # bodies of pushes in memory at once
_FIRST_REST, _LONGEST_REST = 0.5, 10.0  # seconds before a store that fails is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """A pass over sources, with all that it needs from the world."""

    store: Store
    fetch: Fetch
    read: Read
    dispatch: Dispatch
    clock: Clock
    poll: PollSettings
    publish: PublishSettings
    own: frozenset[str]  # names of the sources to begin, whatever another configuration put into the database
    share: Share = nullcontext  # of what may be held in memory: for as long as a document or its reading is
    failing: threading.Event = field(default_factory=threading.Event)  # a poll waits for a store that cannot be written
    _storing: threading.Lock = field(default_factory=threading.Lock)
    _in_doubt: threading.Event = field(default_factory=threading.Event)  # a claim failed, and may have been written
    _pushed: set[str] = field(default_factory=set)  # sources of which something pushed is in work
    _stories: Stories = field(default_factory=Stories)

    def run(
        self, *, only: Collection[str] | None = None, due: bool = True, force: bool = False
    ) -> Iterator[tuple[int, Polled]]:
        """Poll what is due and store what it brings. Yields (sources claimed so far, how one poll ended).

        Polls are stored in the order of the sources' names, whatever order the answers come in, so that a pass
        over the same answers always stores the same rows. Sources that failed the last time come after the others:
        nobody waits for them.
        """
        claimed = 0
        hold, held = unless_held(self.ask), self._holding()
        self.store.mend_schedule(self.clock(), spread=None)

        def work(job: Job) -> Poll:
            held()
            return hold(job)

        def batches() -> Iterator[list[Job]]:
            nonlocal claimed
            last, slow = "", list[Job]()
            while jobs := self.store.claim(
                self.clock(), limit=_BATCH, lease=_LEASE, after=last, only=only, due=due, force=force
            ):
                claimed, last = claimed + len(jobs), jobs[-1].source.name
                slow += (job for job in jobs if job.state.failures)
                yield [job for job in jobs if not job.state.failures]
            yield slow

        for done in self.dispatch.run(batches(), work):
            yield claimed, self._contained(done, self._apply)

    def _holding(self) -> Callable[[], None]:
        """What keeps the leases of this pass while it lives, however long its batches take: to be called often."""
        renewed, one = self.clock(), threading.Lock()

        def hold() -> None:
            nonlocal renewed
            now = self.clock()
            if now - renewed >= _RENEW and one.acquire(blocking=False):
                try:
                    with suppress(StoreBusy, StoreFailing):  # there is time to try again
                        self.store.renew(now, lease=_LEASE)
                        renewed = now
                finally:
                    one.release()

        return hold

    def begin(self, told: Callable[[Polled], None]) -> int:
        """Begin to poll as much of what is due as finds a free place, and return how much that is.

        Each poll is stored as soon as it ends, whatever the others do, and then `told`.
        """
        if not (free := self.dispatch.free()):
            return 0
        if self._in_doubt.is_set():
            self.store.release(but=self.dispatch.begun())
        self._in_doubt.set()
        jobs = self.store.claim_next(
            self.clock(),
            limit=free,
            lease=_LEASE,
            each_host=self.poll.per_host,
            only=self.own,
            but=self.dispatch.begun(),
            resting=self.dispatch.resting(),
        )
        self._in_doubt.clear()
        self.dispatch.start(jobs, partial(self._ask_and_store, told))
        return len(jobs)

    def begin_pushed(self, told: Callable[[Polled], None]) -> int:
        """Begin to read as much of what hubs have pushed as finds a free place, and return how much that is."""
        if (free := min(self.dispatch.free(), _PUSHED - len(self._pushed))) <= 0:
            return 0
        jobs = self.store.take_pushed(self.clock(), limit=free, lease=_LEASE, but=self.dispatch.begun())
        self._pushed.update(job.source.name for job in jobs)
        self.dispatch.start(jobs, partial(self._open_and_store, told))
        return len(jobs)

    def _open_and_store(self, told: Callable[[Polled], None], job: Job) -> None:
        def ended(polled: Polled) -> None:
            self._pushed.discard(job.source.name)  # before anybody hears of it, who may begin the next one
            told(polled)

        try:
            self._ask_and_store(ended, job)
        finally:
            self._pushed.discard(job.source.name)

    def _ask_and_store(self, told: Callable[[Polled], None], job: Job) -> None:
        """One source, from end to end. Nothing goes further than here: this is the edge of a unit of work."""
        try:
            with self.share():
                try:
                    poll = self.ask(job)
                except SandboxError as exc:
                    log.error("readers.failing", extra={"source": job.source.name, "why": str(exc)})
                    poll = unread(job, self.clock)
                told(self._contained(poll, self._store))
        except Exception as exc:  # its lease holds it back for a while, and then it is tried again
            log.exception("source.lost", extra={"source": job.source.name, "why": str(exc)})

    def _contained(self, poll: Poll, store: Callable[[Poll], Polled]) -> Polled:
        """Store a poll; a mistake of ours in judging or writing it is this source's trouble alone."""
        try:
            return store(poll)
        except StoreError:
            raise
        except Exception as exc:
            log.exception("source.crashed", extra={"source": poll.job.source.name})
            return store(crashed(poll.job, exc, clock=self.clock, poll=self.poll))

    def _apply(self, poll: Poll) -> Polled:
        return self.store.apply(poll, self._decide(poll))

    def _store(self, poll: Poll) -> Polled:
        """Store a poll, for as long as it takes: what was fetched is not thrown away because a disk is full.

        Whoever comes next waits as well, so that no more than `concurrency` readings are ever held.
        """
        rest = _FIRST_REST
        with self._storing:
            while True:
                try:
                    polled = self._apply(poll)
                except (StoreBusy, StoreFailing) as exc:
                    if rest == _FIRST_REST:
                        log.error("store.failing", extra={"why": str(exc)})
                    self.failing.set()
                    time.sleep(rest)
                    rest = min(2 * rest, _LONGEST_REST)
                else:
                    self.failing.clear()
                    if rest > _FIRST_REST:
                        log.warning("store.recovered")
                    return polled

    def ask(self, job: Job) -> Poll:
        """Poll one source; stores nothing."""
        return ask(job, fetch=self.fetch, read=self.read, clock=self.clock, poll=self.poll, share=self.share)

    def _decide(self, poll: Poll) -> partial[Changes]:
        source = poll.job.source
        keep = timedelta.max if source.keeps_forever else self.publish.keep
        outlet = source.title or (poll.reading.head.title if poll.reading else "")
        return partial(decide, now=poll.job.facts.now, keep=keep, stories=self._stories, outlet=outlet)


def ask(job: Job, *, fetch: Fetch, read: Read, clock: Clock, poll: PollSettings, share: Share = nullcontext) -> Poll:
    """Ask, or open what was pushed, read, and settle when to come again.

    What nobody foresaw is this source's trouble alone.
    """
    answer: Answer
    reading: Reading | Unreadable | None = None
    try:
        with share():
            if job.letter is not None:
                answer = pushed(job.letter, job)
            else:
                answer = fetch(policy.ask(job.source, job.state, job.facts.now))
            if isinstance(answer, Fetched):
                reading = read(answer.documents, job.facts)
                size = sum(len(document.body) for document in answer.documents)
                answer = replace(answer, documents=(), size=size)  # what is stored late need not be held so long
    except SandboxError:
        raise  # no source's trouble: nothing can be read at all
    except (FetchCrowded, FetchHeld) as exc:
        log.warning("source.late", extra={"source": job.source.name, "why": str(exc)})
        return unread(job, clock)
    except Exception as exc:
        log.exception("source.crashed", extra={"source": job.source.name})
        return crashed(job, exc, clock=clock, poll=poll)
    if isinstance(reading, Reading):
        _tell(job, reading)
    state, host_until = rhythm.after(job.state, job.source, answer, job.facts.now, poll=poll, reading=reading)
    if isinstance(reading, Unreadable):
        answer, reading = Failed(why=reading.why, url=job.source.url, detail=reading.naming(reading.feeds)), None
    return Poll(job=job, answer=answer, reading=reading, state=state, host_until=host_until, ended=clock())


def unread(job: Job, clock: Clock) -> Poll:
    """No source's trouble: its lease is given back at once, and its next turn comes in its usual time."""
    state = rhythm.unread(job.state, job.source, job.facts.now)
    return Poll(job=job, answer=Held(), reading=None, state=state, ended=clock())


def crashed(job: Job, exc: Exception, *, clock: Clock, poll: PollSettings) -> Poll:
    """A poll that failed by a mistake of ours."""
    answer = Failed(why=f"crash_{type(exc).__name__}", url=job.source.url, detail="a mistake of this program")
    state, _ = rhythm.after(job.state, job.source, answer, job.facts.now, poll=poll)
    return Poll(job=job, answer=answer, reading=None, state=state, ended=clock())


def unless_held(ask: Callable[[Job], Poll]) -> Callable[[Job], Poll]:
    """`ask`, but of a host that once says 429, nothing more: to be made anew for each pass."""
    held: set[str] = set()

    def work(job: Job) -> Poll:
        if job.host in held:
            return Poll(job=job, answer=Held(), reading=None, state=job.state)
        poll = ask(job)
        if poll.host_until is not None:
            held.add(poll.held_host)
        return poll

    return work


def _tell(job: Job, reading: Reading) -> None:
    if reading.cuts:
        log.info("reading.cut", extra={"source": job.source.name} | dict(reading.cuts))
    if reading.differs:
        words = f"read in part it is another than read whole ({reading.differs}); it is read whole from now on"
        log.error("reading.differs", extra={"source": job.source.name, "why": words})
