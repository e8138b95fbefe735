"""How a source is followed by what a hub pushes (WebSub): the states, and what leads from one to the next. Pure.

    offered -> new -> asked -> verified -> trusted <-> distrusted
                 \\_______ failed, ended ______/

A hub is believed after its first push, and only then is the source polled once a day. Whatever goes wrong, polling is
what remains.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Literal, TypeAlias

PushStage: TypeAlias = Literal["new", "asked", "verified", "trusted", "distrusted", "failed", "ended"]

BETWEEN_POLLS = timedelta(days=1)  # of a source whose hub is trusted
LEASE = timedelta(days=10)  # that we ask for, and take to be meant where a hub names none
_LONGEST_LEASE = timedelta(days=30)
_SOONEST = timedelta(minutes=1)  # until a lease is renewed: what is shorter ends before that
_PATIENCE = timedelta(hours=1)  # for a hub that said yes to come and verify
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=5), timedelta(days=1)  # before a hub is asked again
_MOST_OWED = 64  # pushes that a hub must bring before it is believed again
_LEASED = ("verified", "trusted", "distrusted")
_DIGEST, _SEEN = 16, 256  # bytes of one; bodies that are remembered, so that none counts twice


def digest_of(body: bytes) -> bytes:
    """What tells one body that was pushed from all others."""
    return blake2b(body, digest_size=_DIGEST).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A subscription of ours, or what is to become one."""

    source: str
    hub: str
    topic: str  # what the hub knows the feed by
    token: str  # the end of our callback's address: whoever knows it is the hub, or was told by it
    secret: str  # what the hub signs with
    stage: PushStage = "new"
    act_at: datetime | None = None  # when the hub is to be asked, or is waited for no more; None: never
    asked: datetime | None = None  # since when we wait for it to verify; None: we do not
    lease_until: datetime | None = None
    tries: int = 0  # that failed, in a row
    misses: int = 0  # times that a poll found what should have been pushed
    owed: int = 1  # pushes that are still wanted before it is trusted
    pushed: datetime | None = None  # last time that it brought something
    why: str = ""  # it failed, was doubted or ended
    seen: bytes = b""  # digests of the last bodies, 16 bytes each, the last one last

    @property
    def is_trusted(self) -> bool:
        """Whether polling once a day is enough."""
        return self.stage == "trusted"

    @classmethod
    def offered(
        cls, before: Push | None, *, source: str, hub: str, topic: str, now: datetime, chance: Callable[[], str]
    ) -> Push | None:
        """What a poll that names this hub and topic, or none, makes of what was. `chance` makes 128 bits or more."""
        if not hub or not topic:
            return None
        if before is not None and (before.hub, before.topic) == (hub, topic):
            return before
        return cls(source=source, hub=hub, topic=topic, token=chance(), secret=chance(), act_at=now)

    def is_due(self, now: datetime) -> bool:
        """Whether the hub is to be asked for a subscription, or for more of one."""
        return self.asked is None and self.act_at is not None and self.act_at <= now

    def as_time_passes(self, now: datetime) -> Push:
        """What is over by now: a lease, or our patience."""
        push = self
        if push.lease_until is not None and push.lease_until <= now:
            stage: PushStage = "failed" if push.asked is None else "asked"
            why = "its lease ended, and it did not renew it"
            push = replace(push, stage=stage, lease_until=None, why=why)
        if push.asked is not None and push.act_at is not None and push.act_at <= now:
            push = push.refused("it accepted, but did not verify", now)
        return push

    def when_asked(self, now: datetime) -> Push:
        """The hub is about to be asked."""
        stage: PushStage = "asked" if self.stage in ("new", "failed") else self.stage
        return replace(self, stage=stage, asked=now, act_at=now + _PATIENCE)

    def refused(self, why: str, now: datetime) -> Push:
        """It could not be asked, said no, or did not come to verify. What it pushes under a lease goes on."""
        if self.asked is None:
            return self  # it has verified meanwhile, whatever it answered
        pause = min(_FIRST_PAUSE * 2 ** min(self.tries, 20), _LONGEST_PAUSE)
        push = replace(self, asked=None, act_at=now + pause, tries=self.tries + 1, why=why)
        return replace(push, stage="failed") if push.stage == "asked" else push

    def verified(self, lease: timedelta | None, now: datetime) -> Push:
        """It came to verify, and grants a lease."""
        if self.stage == "ended":
            return self
        granted = min(LEASE if lease is None else lease, _LONGEST_LEASE)
        begins = self.stage in ("new", "asked", "failed")
        return replace(
            self,
            stage="verified" if begins else self.stage,
            asked=None,
            act_at=now + max(granted * 4 / 5, _SOONEST),
            lease_until=now + granted,
            tries=0,
            why="" if begins else self.why,
        )

    def denied(self, why: str) -> Push:
        """It will not push this feed, now or any more (WebSub section 5.2). Asked again if another hub is offered."""
        return replace(self, stage="ended", asked=None, act_at=None, lease_until=None, why=why)

    def has_seen(self, digest: bytes) -> bool:
        """Whether a body came before."""
        return any(self.seen[at : at + _DIGEST] == digest for at in range(0, len(self.seen), _DIGEST))

    def brought(self, digest: bytes, now: datetime) -> Push:
        """It pushed something that could be read."""
        owed = max(0, self.owed - 1)
        push = replace(self, pushed=now, owed=owed, seen=(self.seen + digest)[-_SEEN * _DIGEST :])
        return replace(push, stage="trusted", why="") if not owed and push.stage in _LEASED else push

    def missed(self, now: datetime) -> Push:
        """A poll found what no push had brought. Each time it takes twice as many pushes to be believed again."""
        if self.stage != "trusted":
            return self
        misses = self.misses + 1
        why = f"on {now:%Y-%m-%d %H:%M} UTC a poll found what it had not pushed"
        return replace(self, stage="distrusted", misses=misses, owed=min(2**misses, _MOST_OWED), why=why)
