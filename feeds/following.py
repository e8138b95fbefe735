"""Following sources by what hubs push: one pass over what has come, and over the subscriptions that are due."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from feeds.errors import FetchCrowded
from feeds.fetch.subscribing import farewell, question, refusal, unusable
from feeds.fetch.why import public
from feeds.model import Message, Outcome, Polled, Push, host_of
from feeds.ports import Clock, Send, Store

log = logging.getLogger(__name__)
CALLBACKS = "websub/"  # below the address of the site
_NEWS = (Outcome.NEW, Outcome.CHANGED, Outcome.DUPLICATE)
_SOON, _REST = 0.1, 5.0  # seconds: in which most pushes are read; for which none is, when no reader can be had


@dataclass(slots=True, kw_only=True)
class Following:
    """What a subscriber does, with all that it needs from the world."""

    store: Store
    send: Send
    begin: Callable[[Callable[[Polled], None]], int]  # see Refresh.begin_pushed
    wait: Callable[[float], bool]  # see Dispatch.wait
    clock: Clock
    site: str  # address of the site, with its last slash
    off: str  # why nothing is to be pushed to us, "" if it is
    _agreed: bool = False
    _left: bool = False  # what was followed and is polled no more has been dealt with
    _resting: float = 0.0  # monotonic time before which nothing is begun
    _read: threading.Event = field(default_factory=threading.Event)  # a push has ended, and its place is free
    _news: threading.Event = field(default_factory=threading.Event)

    def take_in(self, *, seconds: float) -> None:
        """Begin to read what has been pushed, and more as places become free; none is begun after `seconds`."""
        end = time.monotonic() + seconds
        while not self.off and time.monotonic() >= self._resting and self.begin(self._told):
            self._read.wait(_SOON)
            self._read.clear()
            if time.monotonic() >= end:
                return

    def has_news(self, *, seconds: float) -> bool:
        """Whether something to be published was stored since the last call; it is waited for, for `seconds`."""
        is_news = self._news.wait(seconds)
        if is_news:  # else one that comes between the two lines would be lost
            self._news.clear()
        return is_news

    def subscribe(self, *, seconds: float) -> None:
        """Ask hubs for the subscriptions that are due, one after the other, and to end those of sources that were taken
        out of the configuration; none is begun after `seconds`."""
        end = time.monotonic() + seconds
        if not self._agreed and self.off:
            self.store.unfollow(self.clock())
            self.begin(self._told)  # what came before is for nobody now
        self._agreed = True
        while not self.off and (due := self.store.subscriptions_due(self.clock(), limit=1)):
            self._ask(*due)
            if time.monotonic() >= end:
                return
        while not (self.off or self._left):
            if not (left := self.store.subscriptions_left(self.clock(), limit=1)):
                self._left = True  # until there is another configuration, and so another one of us
                return
            self._leave(*left)
            if time.monotonic() >= end:
                return

    def run(self, *, seconds: float) -> None:
        """For one pass: read all that has been pushed, and wait for it, for `seconds` at most."""
        end = time.monotonic() + seconds
        while time.monotonic() >= self._resting and self.begin(self._told) and (left := end - time.monotonic()) > 0:
            self.wait(left)

    def _tell(self, push: Push, message: Message) -> str:
        """Why the hub does not accept, "" if it does."""
        try:
            return unusable(push.hub) or refusal(self.send(message))
        except FetchCrowded:
            return "crowded"

    def _leave(self, push: Push) -> None:
        """Asked once: our callback answers 410 from now on, which ends it as well, and so does its lease."""
        why = self._tell(push, farewell(push, callback=self._callback(push)))
        said = {"source": push.source, "hub": host_of(push.hub)}
        log.info("push.left", extra=said | ({"why": why} if why else {}))

    def _callback(self, push: Push) -> str:
        return f"{self.site}{CALLBACKS}{push.token}"

    def _ask(self, push: Push) -> None:
        why = self._tell(push, question(push, callback=self._callback(push)))
        said = {"source": push.source, "hub": host_of(push.hub)}
        if not why:
            log.info("push.asked", extra=said)
            return
        now = self.clock()
        self.store.follow(push.token, lambda before: before.refused(why, now), now)
        log.warning("push.refused", extra={**said, "why": why, "failures": push.tries + 1})

    def _told(self, polled: Polled) -> None:
        """A push has been stored."""
        self._read.set()
        outcomes = polled.outcomes
        if polled.status == "held":
            self._resting = time.monotonic() + _REST
        elif polled.status == "failed":
            log.warning("push.useless", extra={"source": polled.source, "why": public(polled.why)})
        elif any(outcomes.get(outcome) for outcome in _NEWS):
            counts = {outcome.value: outcomes[outcome] for outcome in Outcome if outcomes.get(outcome)}
            log.info("push.read", extra={"source": polled.source, **counts})
            self._news.set()
