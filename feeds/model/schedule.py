"""Polling: what is remembered, leased and done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from feeds.model.article import Facts, Reading
from feeds.model.fetched import Answer, Failed, Fetched, Gone, Held, NotModified
from feeds.model.identity import Outcome
from feeds.model.inbox import Letter
from feeds.model.sources import Source, host_of

LATE = timedelta(minutes=5)  # behind its time, from when on a source is late

Status: TypeAlias = Literal["changed", "not_modified", "unchanged", "failed", "gone", "held", "late"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the store remembers of polling one source."""

    source: str
    etag: str = ""
    last_modified: str = ""
    body_hash: bytes = b""
    body_at: datetime | None = None  # last time that it sent a whole body, new or equal
    probed: datetime | None = None  # last time that it was asked without validators, to see whether its 304s are true
    distrusted_until: datetime | None = None  # its 304s were not: no validators are sent before
    moved_to: str = ""  # a permanent redirect that was learnt
    move: str = ""  # where permanent redirects have pointed lately, learnt or not
    move_since: datetime | None = None
    move_count: int = 0  # answers in a row that pointed there
    next_poll: datetime | None = None  # None: at once
    next_why: str = ""  # what decided `next_poll`, in words
    held_until: datetime | None = None  # the publisher's Retry-After: nobody asks before, due or not
    interval: int = 0  # seconds between polls, 0 at first
    usual_gap: int = 0  # seconds between polls that brought new items, on average; 0 if unknown
    ttl: int = 0  # seconds that the feed itself asks us to leave between polls
    skip_hours: int = 0  # bit n: the feed asks not to be polled in hour n, UTC
    skip_days: int = 0  # bit n: nor on day n of the week, 0 for Monday
    failures: int = 0  # in a row
    failing_since: datetime | None = None
    why: str = ""  # of the last failure, or why it stopped
    polled: datetime | None = None
    changed: datetime | None = None  # last body that differed
    newest: datetime | None = None  # last time that it brought a new item
    stopped: bool = False  # gone: not asked again until the operator says so

    def with_news(self, now: datetime) -> SourceState:
        """The state after a poll that brought new items: their usual gap follows the last ones slowly."""
        seen = int((now - self.newest).total_seconds()) if self.newest else 0
        usual = (3 * self.usual_gap + seen) // 4 if self.usual_gap else seen
        return replace(self, newest=now, usual_gap=max(0, usual))


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A source that is ours to poll until the lease ends."""

    source: Source
    state: SourceState
    token: str  # fences the write-back
    facts: Facts
    host_asked: datetime | None = None  # when its host last answered a request of ours, in whatever process
    letter: Letter | None = None  # what its hub pushed: that is to be read, and nobody asked

    @property
    def host(self) -> str:
        """The host that is asked; see `host_of`. "" where nobody is."""
        if self.letter is not None:
            return ""
        return host_of(self.state.moved_to or self.source.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A job done: the answer, what it says, and what the schedule shall be."""

    job: Job
    answer: Answer | Held
    reading: Reading | None  # None: nothing to store but the schedule
    state: SourceState
    host_until: datetime | None = None  # 429: nobody asks this host before
    ended: datetime | None = None  # when the host was let go

    @property
    def held_host(self) -> str:
        """The host that `host_until` is about: the one that answered, as redirects lead to others."""
        return host_of(self.answer.url) if isinstance(self.answer, Failed) else self.job.host

    def polled(self, outcomes: Mapping[Outcome, int]) -> Polled:
        """How it ended, with what became of its items."""
        status: Status = "changed"
        why, url = "", self.job.source.url
        match self.answer:
            case NotModified(equal_body=equal):
                status = "unchanged" if equal else "not_modified"
            case Gone(status=code):
                status, why = "gone", f"http_{code}"
            case Failed(why=reason, detail=detail):
                status, why = "failed", f"{reason}: {detail}" if detail else reason
            case Held():
                status = "held"
            case Fetched():
                pass
        return Polled(source=self.job.source.name, url=url, status=status, why=why, outcomes=outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """How one poll ended, for the table and the counters."""

    source: str
    url: str
    status: Status
    why: str = ""
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)

    @property
    def items(self) -> int:
        """Items fetched; each is in exactly one outcome."""
        return sum(self.outcomes.values())
