"""The web server: an ASGI callable over the catalogue, run by uvicorn in a thread of its own.

Published files are answered before any routing; Starlette has the paths that compute their answer.
"""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.responses import Response as Reply
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from feeds.config.settings import ServeSettings
from feeds.model import Pulse, can_be_topic
from feeds.notify import notify
from feeds.ports import Clock, Search, Shelf
from feeds.serve import listen
from feeds.serve.access import may_look
from feeds.serve.allowance import asker
from feeds.serve.callback import PREFIX
from feeds.serve.catalogue import Catalogue
from feeds.serve.counts import Counts
from feeds.serve.doorway import Doorway
from feeds.serve.events import Events
from feeds.serve.hearing import Hearing
from feeds.serve.letters import Letters, refuse
from feeds.serve.limits import IDLE_SECONDS
from feeds.serve.metrics import MEDIA_TYPE, expose
from feeds.serve.page import Headers
from feeds.serve.protocol import Answer, Edge, protocol
from feeds.serve.respond import Response, respond
from feeds.serve.searching import PATHS, Searching
from feeds.serve.websub import Callbacks

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # between two looks at the shelf
LOOK_SHARE = 0.05  # of the time that looking may take: a very large shelf is looked at less often
HEAR_SECONDS = 3.0  # between two looks at what the poller says
ALIVE_SECONDS = 2  # between two signs of life
STOP_SECONDS = 10  # for answers that are under way when we are told to stop


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # who has no clock cannot know which days are over
_COMPUTED = frozenset({"/health", "/metrics", "/hub", "/events"})
_PLAIN = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def make_app(
    answer: Answer,
    counts: Counts,
    *,
    reasons: Callable[[], Sequence[str]],
    metrics: Callable[[], bytes],
    networks: Sequence[str],
    hub: Callable[[Request], Awaitable[Reply]],
    events: Callable[[Request], Awaitable[Reply]],
    callbacks: Callable[[Request], Awaitable[Reply]],
    searching: Searching | None = None,
) -> ASGIApp:
    """The ASGI application. `reasons` says in words what is amiss; it and `metrics` may block. `hub`, `events` and
    `callbacks` answer what is asked of them.

    Published files come here only when their connection is busy with an earlier request.
    """

    def health(_: Request) -> JSONResponse:
        amiss = list(reasons())
        return JSONResponse(
            {"status": "amiss" if amiss else "ok", "reasons": amiss},
            status_code=503 if amiss else 200,
            headers=_PLAIN,
        )

    def measured(request: Request) -> PlainTextResponse:
        client = request.client.host if request.client else ""
        if not may_look(client, request.headers.raw, networks):
            words = "This is for the operator: ask from this machine, or name your network in [serve] metrics.\n"
            return PlainTextResponse(words, status_code=403, headers=_PLAIN)
        return PlainTextResponse(metrics(), media_type=MEDIA_TYPE, headers=_PLAIN)

    computed = Starlette(
        routes=[
            Route("/health", health),
            Route("/metrics", measured),
            Route("/hub", hub, methods=["POST"]),
            Route("/events", events),
            Route(f"{PREFIX}{{token}}", callbacks, methods=["GET", "POST"]),
        ]
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = answer(scope["method"], scope["raw_path"].decode("ascii"), scope["headers"])
        if response is None and searching is not None and scope["path"] in PATHS:
            response = await searching.respond(
                scope["method"], scope["path"], scope["query_string"], scope["headers"], _asker(scope)
            )
        if response is None:

            async def counted(message: Message) -> None:
                if message["type"] == "http.response.start":
                    counts.answers[scope["path"].split("/")[1], message["status"]] += 1
                await send(message)

            await computed(scope, receive, counted)
            return
        counts.add(response)
        await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
        await send({"type": "http.response.body", "body": response.body})

    return app


class Server:
    """The web server in background threads: one answers, one looks at the shelf. It starts once and stops once."""

    def __init__(
        self,
        shelf: Shelf,
        settings: ServeSettings,
        *,
        clock: Clock = lambda: _LONG_AGO,
        doorway: Doorway | None = None,
        pulse: Callable[[], Pulse | None] = lambda: None,
        sockets: Sequence[socket.socket] = (),
        reasons: Callable[[], Sequence[str]] = lambda: (),
        alive: Callable[[], None] = lambda: None,
        search: Callable[[], Search] | None = None,
        stop_seconds: int = STOP_SECONDS,
    ) -> None:
        """Serve `shelf` on `sockets`, else on those of systemd, else on the address of `settings`.

        `clock` tells which days are over, whose archives stay as they are. `doorway` is what is known of the site.
        `pulse` looks up what the poller last said, and may raise FeedsError. `reasons` adds to what /health complains
        of; it may block. `alive` is called every few seconds by the thread that answers, as long as it does. Answers
        under way get `stop_seconds` at the end. `search` gives what
        looks up queries; it is called in other threads, and None if there is to be no /search.
        """
        self._settings = settings
        self._sockets = list(sockets)
        self._more_reasons = reasons
        self._trouble = ""
        self.counts = Counts()
        self._doorway = doorway
        self._events = Events(self.counts)
        self._letters = Letters(doorway.drop_in if doorway else None, clock)
        self._catalogue = Catalogue(shelf, clock, doorway.link if doorway else lambda _: "")
        self._over = threading.Event()
        self._hearing = Hearing(pulse, clock)
        self._searching = Searching(search) if search is not None and settings.search else None

        async def tell_alive() -> None:
            alive()

        self._uvicorn = uvicorn.Server(
            uvicorn.Config(
                make_app(
                    self._respond,
                    self.counts,
                    reasons=self._reasons,
                    metrics=self._metrics,
                    networks=settings.metrics,
                    hub=self._hub,
                    events=self._listen,
                    searching=self._searching,
                    callbacks=Callbacks(self._letters, doorway.callback if doorway else lambda _: None, clock).answer,
                ),
                http=protocol(Edge(self._respond, self.counts, most=listen.room())),
                loop="uvloop",
                interface="asgi3",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level=logging.ERROR,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=IDLE_SECONDS,
                timeout_graceful_shutdown=stop_seconds,
                timeout_notify=ALIVE_SECONDS,
                callback_notify=tell_alive,
            )
        )
        self._threads = [
            threading.Thread(target=target, name=f"serve-{target.__name__.strip('_')}", daemon=True)
            for target in (self._answer, self._watch)
        ]
        self._computed = _COMPUTED | (PATHS.keys() if self._searching else set())
        self._bound = False
        self.address = ""  # URL or unix:/path of the first socket, once started
        self.port = 0  # of the first socket, once started; 0 for a unix socket

    def start(self) -> None:
        """Listen, read the shelf, and return; from then on requests are answered.

        Raises:
            UserError: the address cannot be listened on.
        """
        self._sockets = self._sockets or listen.inherited()
        if not self._sockets:
            self._sockets = [listen.bind(self._settings.listen)]
            self._bound = True
        self.address, self.port = listen.address(self._sockets[0]), listen.port(self._sockets[0])
        self._look()
        self._hearing.listen()
        for thread in self._threads:
            thread.start()
        log.info("server.listening", extra={"address": self.address, "files": len(self._catalogue.pages)})

    def request_stop(self) -> None:
        """Have it finish what is under way and end. Returns at once; safe in a signal handler."""
        self._uvicorn.should_exit = True
        self._events.close()

    def wait(self) -> None:
        """Return when it has ended."""
        for thread in self._threads:
            thread.join()

    def stop(self) -> None:
        """Finish what is under way, for at most `STOP_SECONDS`, and end."""
        self.request_stop()
        self.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _respond(self, method: str, path: str, headers: Headers) -> Response | None:
        is_computed = path in self._computed or path.startswith(PREFIX)
        return None if is_computed else respond(self._catalogue.pages, method, path, headers)

    async def _hub(self, request: Request) -> Reply:
        doorway = self._doorway
        if doorway is None or not doorway.is_open:
            return refuse(404, "There is no hub here.")
        pages = self._catalogue.pages
        return await self._letters.hub(
            request,
            asker=_asker(request.scope),
            site=doorway.site,
            is_topic=lambda name: can_be_topic(name) and f"/{name}" in pages,
        )

    async def _listen(self, request: Request) -> Reply:
        return await self._events.answer(request, self._catalogue.pages, _asker(request.scope))

    def _metrics(self) -> bytes:
        return expose(self.counts, self._catalogue.pages, self._hearing.pulse, complaints=len(self._reasons()))

    def _answer(self) -> None:
        try:
            self._uvicorn.run(sockets=self._sockets)
        finally:
            self._over.set()
            if self._searching:
                self._searching.close()
            if self._bound:
                listen.release(self._settings.listen)

    def _watch(self) -> None:
        pause, heard = LOOK_SECONDS, time.monotonic()
        while not self._over.wait(pause):
            started = time.monotonic()
            self._look()
            if started - heard > HEAR_SECONDS:
                self._hearing.listen()
                heard = started
            pause = max(LOOK_SECONDS, (time.monotonic() - started) / LOOK_SHARE)

    def _look(self) -> None:
        try:
            whole = self._catalogue.look()
            self._events.take_up(self._catalogue.pages)
        except Exception:  # the edge of a unit of work: whatever ails the shelf, what we hold is served on
            if not self._trouble:
                log.exception("shelf.unreadable")
            self._trouble = "the published files cannot be read; the last known ones are served"
        else:
            if not whole and not self._trouble:
                log.error("shelf.empty")
            self._trouble = "" if whole else "the published files are gone; the last known ones are served"

    def _reasons(self) -> list[str]:
        empty = [] if self._catalogue.pages else ["nothing is published yet"]
        heard = [*self._hearing.reasons(), *self._more_reasons()]
        return [*filter(None, [self._trouble]), *empty, *dict.fromkeys(heard)]


def _asker(scope: Scope) -> str:
    return asker(scope["client"][0] if scope["client"] else "", scope["headers"])


def serve(
    shelf: Shelf,
    settings: ServeSettings,
    *,
    clock: Clock = lambda: _LONG_AGO,
    doorway: Doorway | None = None,
    pulse: Callable[[], Pulse | None] = lambda: None,
    sockets: Sequence[socket.socket] = (),
    reasons: Callable[[], Sequence[str]] = lambda: (),
    search: Callable[[], Search] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; for the main thread. Arguments and errors are those of `Server`."""
    server = Server(
        shelf,
        settings,
        clock=clock,
        doorway=doorway,
        pulse=pulse,
        sockets=sockets,
        reasons=reasons,
        alive=lambda: notify("WATCHDOG=1"),
        search=search,
    )
    signals = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: server.request_stop()) for number in signals]
    try:
        with server:
            notify(f"READY=1\nSTATUS=Serving on {server.address}")
            server.wait()
            notify("STOPPING=1")
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
