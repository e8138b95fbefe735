"""Our hub, one pass: open the letters, ask the callbacks, tell those who subscribed."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b

from feeds.dispatch.couriers import Couriers
from feeds.errors import FetchCrowded, StoreError
from feeds.fetch.hub import delivery, judge, ping, question
from feeds.model import ENDINGS, Errand, Failed, Intent, Result, read_intent
from feeds.ports import Clock, Send, Shelf, Store
from feeds.publish.channel import TYPES

log = logging.getLogger(__name__)
_LEASE = timedelta(minutes=5)  # far beyond any one exchange
_LETTERS, _TIMES = 100, 5  # opened at once, and how often in one tick
_TEND = 60.0  # seconds between two looks for leases that are over


@dataclass(slots=True, kw_only=True)
class Hub:
    """What the hub does, with all that it needs from the world. Any thread may call `begin`; one at a time ticks."""

    store: Store
    shelf: Shelf
    send: Send
    clock: Clock
    site: str  # address that the published files are below
    topics: frozenset[str]
    is_open: bool  # whether readers may subscribe here
    elsewhere: tuple[str, ...] = ()  # hubs that are pinged
    announced: tuple[str, ...] = ()  # all that readers are told of
    couriers: Couriers = field(default_factory=Couriers)
    _claiming: threading.Lock = field(default_factory=threading.Lock)
    _tended: float = 0.0
    _agreed: bool = False
    _kept: dict[str, tuple[datetime | None, bytes, bytes]] = field(default_factory=dict)  # file -> its last body

    def tick(self, seconds: float) -> None:
        """Open the letters and do what is due; return when nothing more is, or after `seconds`."""
        end = time.monotonic() + seconds
        self._agree()
        self._open_letters()
        self._tend()
        while (left := end - time.monotonic()) > 0:
            was_idle = self.is_idle()  # asked first: who comes back may have held up others of its host
            if not self.begin() and was_idle:
                return
            self.couriers.wait(left)

    def begin(self) -> int:
        """Begin what is due and finds a place; how much that is. Waits for nobody's answer."""
        with self._claiming:
            free = self.couriers.free()
            claimed = self.store.hub_claim(
                self.clock(), limit=free.quick, slow=free.slow, lease=_LEASE, but=self.couriers.hosts()
            )
            for errand in claimed:
                self.couriers.send(partial(self._go, errand), host=errand.host, is_slow=errand.slow)
        return len(claimed)

    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return self.couriers.wait(0)

    # ---------------------------------------------------------------------------------------- its books

    def _agree(self) -> None:
        if not self._agreed:
            open_for = self._names if self.is_open else frozenset[str]()
            self.store.hub_agree(open_for, self._names, self.elsewhere, self.clock())
            self._agreed = True

    def _open_letters(self) -> None:
        for _ in range(_TIMES):
            if not (letters := self.store.inbox("hub", limit=_LETTERS)):
                return
            read = [read_intent(letter.body, site=self.site, is_topic=self._names.__contains__) for letter in letters]
            intents = [intent for intent in read if isinstance(intent, Intent)] if self.is_open else []
            left_out = self.store.hub_take(intents, letters=[letter.id for letter in letters], now=self.clock())
            if left_out:
                log.warning("hub.full", extra={"left_out": left_out})

    def _tend(self) -> None:
        if not self._tended or time.monotonic() - self._tended > _TEND:
            self._tended = time.monotonic()
            if ended := self.store.hub_tend(self.clock()):
                log.info("hub.expired", extra={"subscriptions": ended})

    @property
    def _names(self) -> frozenset[str]:
        return frozenset(f"{topic}.{ending}" for topic in self.topics for ending in ENDINGS)

    # ------------------------------------------------------------------------------------------ errands

    def _go(self, errand: Errand) -> None:
        """One errand, from end to end. Nothing goes further than here: this is the edge of a unit of work."""
        try:
            try:
                result = self._do(errand)
            except FetchCrowded:
                result = judge(errand, Failed(why="crowded", url=errand.callback), self.clock())
            except Exception as exc:
                log.exception("hub.crashed", extra={"topic": errand.topic, "host": errand.host})
                result = judge(errand, Failed(why=f"crash_{type(exc).__name__}", url=errand.callback), self.clock())
            self.store.hub_finish(errand, result, self.clock())
            _tell(errand, result)
        except StoreError as exc:  # its lease holds it back for a while, and then it is tried again
            log.error("hub.failing", extra={"topic": errand.topic, "why": str(exc)})

    def _do(self, errand: Errand) -> Result:
        if errand.role == "intent":
            challenge = secrets.token_urlsafe(24)
            reply = self.send(question(errand, site=self.site, challenge=challenge))
            return judge(errand, reply, self.clock(), challenge=challenge)
        body, digest = self._published(errand.topic)
        if not body or digest == errand.delivered:
            return Result(end="done", delivered=errand.delivered, slow=errand.slow)
        if errand.role == "hub":
            message = ping(errand, site=self.site)
        else:
            media_type = f"{TYPES[errand.topic.rpartition('.')[2]]}; charset=utf-8"
            message = delivery(errand, body, media_type=media_type, site=self.site, hubs=self.announced)
        started = time.monotonic()
        reply = self.send(message)
        return judge(errand, reply, self.clock(), digest=digest, took=time.monotonic() - started)

    def _published(self, name: str) -> tuple[bytes, bytes]:
        """The file and its digest. The last few are kept, as many subscribers want the same."""
        modified = self.shelf.modified(name)
        kept = self._kept.get(name)
        if kept is None or kept[0] != modified:
            body = self.shelf.get(name) or b""
            kept = modified, body, blake2b(body, digest_size=16).digest()
            self._kept = dict([*self._kept.items(), (name, kept)][-4:])
        return kept[1], kept[2]


def _tell(errand: Errand, result: Result) -> None:
    """Hosts alone: an address may be a secret in itself."""
    said = {"topic": errand.topic, "host": errand.host} | ({"why": result.why} if result.why else {})
    match errand.role, errand.mode, result.end:
        case "intent", "subscribe", "done":
            log.info("hub.subscribed", extra=said)
        case "intent", "unsubscribe", "done":
            log.info("hub.unsubscribed", extra=said)
        case "intent", "subscribe" | "unsubscribe", "over":
            log.info("hub.unconfirmed", extra=said)
        case "subscriber" | "hub", _, "over":
            log.warning("hub.ended", extra=said)
        case "subscriber" | "hub", _, "again" if not errand.tries:
            log.warning("hub.failed", extra=said)
