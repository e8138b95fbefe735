"""The daemon: a few ticks that ask the store what is due, the signals, and what systemd is told.

APScheduler ticks and knows nothing else: what is due stands in the database, so a restart, a missed tick or a second
daemon changes nothing about who is polled when.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NoReturn

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from feeds.config import Settings
from feeds.config.fixed import fixed
from feeds.errors import (
    EXIT_DONE,
    EXIT_FAILED,
    ConfigError,
    FeedsError,
    ShelfBusy,
    ShelfError,
    StoreError,
    StoreUnusable,
)
from feeds.fetch.why import public
from feeds.model import Outcome, Polled, Pulse
from feeds.notify import notify
from feeds.wiring import App, doorway_of

if TYPE_CHECKING:
    from feeds.serve.app import Server

log = logging.getLogger(__name__)

_LOOK, _TICK, _BEAT, _HOUSE = 0.2, 1.0, 10, 60.0  # seconds between two ticks
_STUCK = 300.0  # seconds after which a tick that has not ended counts as hung
_STALLED = 5.0  # seconds without a tick after which the scheduler is woken
_DRAIN, _LAST = 3.0, 4.0  # seconds after SIGTERM: until polls in work are left alone, until we end come what may
_SERVER_DRAIN = 2  # seconds for answers that are under way
_SPREAD = timedelta(minutes=1)  # over which sources that were slept through are caught up with
_BACK = timedelta(seconds=10)  # a clock that is set back by less is let be
_EXPIRE = 3600.0  # seconds between two looks for articles that are kept no more


class Daemon:
    """Polls, publishes, and serves if the configuration has [serve], until it is told to stop."""

    def __init__(self, load: Callable[[], Settings], *, serve: bool) -> None:
        """`load` reads the configuration, now and at each SIGHUP; with `serve` off the web server is another's."""
        self._load, self._may_serve = load, serve
        self._signals: SimpleQueue[int] = SimpleQueue()  # the one thing that a signal handler may safely put into
        self._polling, self._publishing = threading.Lock(), threading.Lock()  # held by a tick, and to swap the program
        self._rests: dict[str, float] = {}  # host -> when it may be asked again; outlives a reload
        self._leaving: list[App] = []  # replaced by a reload, with polls still in work
        self._published: dict[str, float] = {}  # topic -> monotonic time of the last attempt
        self._under_way: dict[str, float] = {}  # tick -> monotonic time of its beginning
        self._amiss: dict[str, str] = {}  # what fails -> in words that anybody may read
        self._fatal: Exception | None = None
        self._server: Server | None = None
        self._pulse: Pulse | None = None
        self._begun, self._to_reload = threading.Event(), threading.Event()
        self._reloading = self._stopping = False
        self._whole = self._mend = True  # pages without a topic, the schedule: to be looked at
        self._slept = True  # what is overdue is to be spread: never because we are slow, which must show
        self._clock = datetime.min.replace(tzinfo=UTC)  # at the last tick
        self._ticked = self._woken = self._expired = 0.0  # monotonic: when we last polled, woke the scheduler, expired
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(8)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def run(self) -> None:
        """Run until SIGTERM or SIGINT, for the main thread. A second one ends the process where it stands.

        Raises:
            FeedsError: it cannot start, or the database has become unusable.
        """
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that takes long is no news
        signal.signal(signal.SIGTERM, self._stop_at_signal)
        signal.signal(signal.SIGINT, self._stop_at_signal)
        signal.signal(signal.SIGHUP, lambda number, _: self._signals.put(number))
        threading.Thread(target=self._begin_and_reload, name="feeds-open", daemon=True).start()
        try:
            self._until_told_to_stop()
        finally:
            self._drain()
        if self._fatal is not None:
            raise self._fatal

    # -------------------------------------------------------------------------------------- the program

    def _begin_and_reload(self) -> None:
        """Both may wait for a lock or a disk, which the thread that obeys signals must not."""
        try:
            self._begin()
            while self._to_reload.wait():
                self._to_reload.clear()  # several signals while one is obeyed are one more
                self._reloading = True
                try:
                    self._reload()
                finally:
                    self._reloading = False
        except Exception as exc:  # noqa: BLE001  # it is raised in the main thread
            self._fatal = exc
            self._signals.put(signal.SIGTERM)

    def _begin(self) -> None:
        self._app = self._open(self._load())
        self._server = self._serve()
        every = {
            _LOOK: (self._take_in, self._publish_pushed),
            _TICK: (self._poll, self._publish, self._deliver, self._subscribe),
            _BEAT: (self._tell,),
            _HOUSE: (self._keep_house,),
        }
        for seconds, ticks in every.items():
            for tick in ticks:
                self._scheduler.add_job(tick, "interval", seconds=seconds, id=tick.__name__)
        self._tell()
        self._scheduler.start()
        sources = sum(source.enabled for source in self._app.settings.sources)
        log.info("daemon.ready", extra={"sources": sources, "topics": len(self._app.topics)})
        notify(f"READY=1\nSTATUS=Polling {sources} sources for {len(self._app.topics)} topics")
        self._begun.set()

    def _open(self, settings: Settings) -> App:
        """The program over `settings`, its database migrated and looked at."""
        app = self._make(settings)
        try:
            app.agree()  # whole or not at all, and nothing may fail after it
        except BaseException:
            app.close()
            raise
        return app

    def _make(self, settings: Settings) -> App:
        return App(settings, rests=self._rests)

    def _serve(self) -> Server | None:
        settings = self._app.settings.serve
        if settings is None or not self._may_serve:
            return None
        from feeds.serve.app import Server

        app = self._app
        server = Server(
            app.shelf,
            settings,
            clock=app.clock,
            doorway=doorway_of(lambda: self._app.settings, lambda: self._app.store),
            pulse=lambda: self._pulse,
            reasons=self._reasons,
            stop_seconds=_SERVER_DRAIN,
            search=lambda: self._app.search,  # of whichever configuration holds
        )
        server.start()
        return server

    def _reload(self) -> None:
        """Take up the configuration as it is now, or keep the old one and say why, in one line."""
        notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            settings = self._load()
            if mistakes := list(fixed(self._app.settings, settings)):
                raise ConfigError(mistakes)
            app = self._open(settings)
        except FeedsError as exc:
            log.error("config.kept", extra={"why": " | ".join(str(exc).splitlines())})
        else:
            with self._polling, self._publishing:
                if self._stopping:
                    app.close()
                    return
                self._leaving.append(self._app)
                self._app, self._whole = app, True
            log.info("config.reloaded", extra={"sources": len(settings.sources), "topics": len(app.topics)})
        notify("READY=1")

    # ------------------------------------------------------------------------------------------ the ticks

    def _poll(self) -> None:
        """Begin what is due, as long as places are free; tell systemd that we live if the store answers."""
        with self._polling, self._telling("poll"):
            app, started = self._app, time.monotonic()
            self._look_at_the_clock(app, started)
            with self._telling("store"):
                if self._mend:
                    app.store.mend_schedule(app.clock(), spread=_SPREAD if self._slept else None)
                    self._mend = self._slept = False
                places = max(1, app.settings.poll.concurrency // 4)
                while app.refresh.begin(self._told) and (left := started + _TICK * 0.9 - time.monotonic()) > 0:
                    if not app.dispatch.wait(left, free=places):
                        break
            app.store.topics()
            self._let_go()
            if not self._is_stuck():
                notify("WATCHDOG=1")

    def _let_go(self) -> None:
        """Close one program that was replaced and has no poll in work any more: under a lock that may take a while."""
        if app := next((old for old in self._leaving if old.dispatch.wait(0) and old.hub.is_idle()), None):
            self._leaving.remove(app)
            app.close()

    def _publish(self) -> None:
        """Publish the topics that changed: at once after a time of quiet, else once in `debounce`."""
        with self._publishing, self._telling("publish"):
            app, now = self._app, time.monotonic()
            pause = app.settings.publish.debounce.total_seconds()
            states = app.store.topics()
            later = {state.name for state in states if now - self._published.get(state.name, -pause) < pause}
            if wanted := [s.name for s in states if s.dirty and s.name not in later and s.name in app.topics]:
                # Also if it fails: to try a full disk once a second helps nobody.
                self._published |= dict.fromkeys(wanted, now)
            elif not self._whole:
                return
            self._whole = False
            for done in app.republish.run(later=later, seconds=0):
                if not done.entries:
                    self._published.pop(done.topic, None)  # its first story shall not wait
                if done.written:
                    log.info("topic.published", extra={"topic": done.topic, "entries": done.entries})
            app.hub.begin()  # who subscribes to it waits for no tick

    def _deliver(self) -> None:
        """What the hub owes to callbacks and other hubs; nothing else waits for them."""
        with self._telling("hub"):
            self._app.hub.tick(0.0 if self._stopping else _TICK * 0.9)

    def _take_in(self) -> None:
        """What hubs have pushed; nothing else waits for it to be read."""
        with self._telling("push"):
            self._app.following.take_in(seconds=_TICK * 0.9)

    def _publish_pushed(self) -> None:
        """Readers have at once what was pushed: what is read while a publication lasts comes with the next one."""
        if self._app.following.has_news(seconds=_LOOK * 0.9):
            self._publish()

    def _subscribe(self) -> None:
        """Ask hubs to push; nothing else waits for them."""
        with self._telling("subscriptions"):
            self._app.following.subscribe(seconds=_TICK * 0.9)

    def _tell(self) -> None:
        """Let the web server know how we stand, wherever it runs. If the store fails, the ticks above say so."""
        with suppress(StoreError):
            self._pulse = self._app.pulse(amiss=self._troubles())
            self._app.tell(replace(self._pulse, every=_BEAT))

    def _keep_house(self) -> None:
        """What needs no hurry: the schedule, old articles, pages that lead to none."""
        self._mend = self._whole = True
        with self._publishing, self._telling("housekeeping"):
            if (now := time.monotonic()) - self._expired > _EXPIRE or not self._expired:
                self._app.store.expire(self._app.clock(), keep=self._app.settings.publish.keep)
                self._expired = now

    def _look_at_the_clock(self, app: App, steady: float) -> None:
        """After a sleep, or when the clock was set, the schedule needs mending."""
        passed, really = app.clock() - self._clock, steady - self._ticked
        if self._ticked and (passed > _SPREAD or passed < -_BACK):
            log.warning("clock.jumped", extra={"seconds": round(passed.total_seconds() - really)})
            self._mend = self._slept = True
        self._clock, self._ticked = self._clock + passed, steady

    def _told(self, polled: Polled) -> None:
        """One poll has been stored."""
        outcomes = polled.outcomes
        if polled.status in ("failed", "gone"):
            log.warning("source.failed", extra={"source": polled.source, "why": public(polled.why)})
        elif polled.status == "late":
            log.warning("source.late", extra={"source": polled.source, "why": polled.why})
        elif outcomes.get(Outcome.NEW) or outcomes.get(Outcome.CHANGED):
            counts = {outcome.value: outcomes[outcome] for outcome in Outcome if outcomes.get(outcome)}
            log.info("source.read", extra={"source": polled.source, **counts})
            self._whole = True

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        """The edge of a tick: what fails is told once, and once again when it works."""
        self._under_way[what] = time.monotonic()
        try:
            yield
        except StoreUnusable as exc:
            self._fatal = exc
            self._signals.put(signal.SIGTERM)
        except ShelfBusy:
            self._whole = True  # another process publishes; the next tick looks again
        except (StoreError, ShelfError) as exc:
            words = "the database" if isinstance(exc, StoreError) else "the published files"
            if what not in self._amiss:
                log.error(f"{what}.failing", extra={"why": str(exc)})
            self._amiss[what] = f"{words} cannot be written"
        except Exception:
            if what not in self._amiss:
                log.exception(f"{what}.crashed")
            self._amiss[what] = f"{what} fails by a mistake of this program"
        else:
            if self._amiss.pop(what, None) is not None:
                log.warning(f"{what}.recovered")
        finally:
            del self._under_way[what]

    def _is_stuck(self) -> bool:
        """Whether a tick does not come to its end, as on a disk that does not answer; told once."""
        now = time.monotonic()
        stuck = [what for what, since in list(self._under_way.items()) if now - since > _STUCK]
        for what in stuck:
            if what not in self._amiss:
                log.error(f"{what}.stuck", extra={"why": f"it has not ended for {_STUCK:.0f} s"})
            self._amiss[what] = f"{what} does not come to its end"
        return bool(stuck)

    def _reasons(self) -> list[str]:
        """What is amiss, for /health."""
        late = time.monotonic() - self._ticked
        stalled = [f"nothing was polled for {late:.0f} s"] if self._ticked and late > _HOUSE else []
        return stalled + self._troubles()

    def _troubles(self) -> list[str]:
        waits = ["the database cannot be written"] if self._app.refresh.failing.is_set() else []
        return sorted({*self._amiss.values(), *waits})

    # -------------------------------------------------------------------------------------- start and end

    def _stop_at_signal(self, number: int, _: object) -> None:
        for each in (signal.SIGTERM, signal.SIGINT):  # a second one is obeyed by the kernel, whatever we are doing
            signal.signal(each, signal.SIG_DFL)
        self._signals.put(number)

    def _until_told_to_stop(self) -> None:
        while True:
            try:
                number = self._signals.get(timeout=_TICK)
            except Empty:
                self._wake_the_scheduler()
                continue
            if number != signal.SIGHUP:
                return
            self._to_reload.set()

    def _wake_the_scheduler(self) -> None:
        """Its next tick is a time of day; when the clock is set back, that is an hour away (APScheduler #339)."""
        now = time.monotonic()
        if self._ticked and now - max(self._ticked, self._woken) > _STALLED and not self._polling.locked():
            for job in self._scheduler.get_jobs():
                self._scheduler.reschedule_job(job.id, trigger="interval", seconds=job.trigger.interval_length)
            self._woken = now

    def _drain(self) -> None:
        """Begin nothing more, store what ends soon, give the rest back, and be gone in time."""
        started, self._stopping = time.monotonic(), True
        if not self._begun.is_set() and self._fatal is not None:
            return
        notify("STOPPING=1")
        log.info("daemon.stopping")
        if not self._begun.is_set():
            _leave(EXIT_DONE)  # nothing is in work, and nothing written but by whole transactions
        if self._server is not None:
            self._server.request_stop()
        self._scheduler.shutdown(wait=False)
        apps = [self._app, *self._leaving]
        for app in apps:
            app.dispatch.stop()
        for app in apps:
            app.dispatch.wait(max(0.0, started + _DRAIN - time.monotonic()))
        end = threading.Thread(target=self._end, args=(apps,), name="feeds-end", daemon=True)
        end.start()
        end.join(max(0.1, started + _LAST - time.monotonic()))
        log.info("daemon.stopped", extra={"seconds": round(time.monotonic() - started, 1)})
        if self._fatal is None:
            _leave(EXIT_DONE)  # the interpreter would take its time to go through what is left
        if end.is_alive() or self._reloading:
            _leave(getattr(self._fatal, "exit_code", EXIT_FAILED))

    def _end(self, apps: Collection[App]) -> None:
        with self._polling, self._publishing:
            for app in apps:
                app.close()
        if self._server is not None:
            self._server.wait()


def _leave(code: int) -> NoReturn:
    """End though a thread is held up: by a lock of another process, or a disk that does not answer."""
    logging.shutdown()
    os._exit(code)
