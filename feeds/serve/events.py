"""/events: server-sent events (WHATWG HTML, section 9.2), one for each story that comes into a topic."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from feeds.serve.counts import Counts
from feeds.serve.happenings import Happenings
from feeds.serve.letters import busy, refuse
from feeds.serve.page import Page

LISTENERS = 256  # at the same time
OF_ONE = 32  # of them from one address: nobody takes the places of all
KEEP_ALIVE = 15.0  # seconds after which a silent connection is told that it lives
_AT_ONCE = 32  # events of one write: who is slow holds no more than that
_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "access-control-allow-origin": "*",  # what it tells is public, and pages elsewhere may show it
    "x-accel-buffering": "no",  # nginx would wait for a whole page of it
    "x-content-type-options": "nosniff",
}
_RETRY = b"retry: 5000\n\n"  # milliseconds


class Events:
    """Tells listeners what happens. All but `take_up` and `close` belong to the event loop."""

    def __init__(self, counts: Counts) -> None:
        self.happenings = Happenings()
        self._counts = counts
        self._listening = Counter[str]()  # by address
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bell = asyncio.Event()  # rung at each news; everybody waits for the one that hangs there
        self._closed = False

    def take_up(self, pages: Mapping[str, Page]) -> None:
        """Look at what is published now; from another thread."""
        if self.happenings.take_up(pages):
            self._ring()

    def close(self) -> None:
        """Let every listener go; from another thread, or a signal handler."""
        self._closed = True
        self._ring()

    async def answer(self, request: Request, pages: Mapping[str, Page], asker: str) -> Response:
        """Answer one listener, at the address `asker`. `topic` in the query, once or more, asks for these alone.

        Events that came after Last-Event-ID are told first; if they are not known any more, that is an event, too.
        """
        topics = frozenset(request.query_params.getlist("topic"))
        if unknown := sorted(topic for topic in topics if f"/{topic}.json" not in pages):
            return refuse(404, f"There is no topic {unknown[0][:40]!r}.")
        if self._counts.listeners >= LISTENERS or self._listening[asker] >= OF_ONE or self._closed:
            return busy()
        if request.method == "HEAD":
            return Response(headers=_HEADERS)
        self._loop = asyncio.get_running_loop()
        return _Counted(self._count, asker, self._tell(topics, request.headers.get("last-event-id", "")))

    async def _tell(self, topics: frozenset[str], heard: str) -> AsyncIterator[bytes]:
        told = self.happenings.number(heard) if heard else self.happenings.last
        yield _RETRY
        while not self._closed:
            bell, last = self._bell, self.happenings.last
            news = None if told is None else self.happenings.since(told, topics)
            if news is None:
                yield _event(self.happenings.name(last), "missed", b"{}")
                news = []
            for some in (news[at : at + _AT_ONCE] for at in range(0, len(news), _AT_ONCE)):
                yield b"".join(_event(self.happenings.name(it.number), "story", it.told) for it in some)
            told = max(last, news[-1].number) if news else last
            try:
                async with asyncio.timeout(KEEP_ALIVE):
                    await bell.wait()
            except TimeoutError:
                yield b":\n\n"

    def _count(self, asker: str, more: int) -> None:
        self._counts.listeners += more
        self._listening[asker] += more
        if not self._listening[asker]:
            del self._listening[asker]

    def _ring(self) -> None:
        def ring() -> None:
            self._bell.set()
            self._bell = asyncio.Event()

        if self._loop is not None:
            with suppress(RuntimeError):  # it is over
                self._loop.call_soon_threadsafe(ring)


class _Counted(StreamingResponse):
    """A stream that counts as a listener as long as it is sent."""

    def __init__(self, count: Callable[[str, int], None], asker: str, stream: AsyncIterator[bytes]) -> None:
        super().__init__(stream, headers=_HEADERS)
        self._count, self._asker = count, asker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._count(self._asker, 1)
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._count(self._asker, -1)


def _event(name: str, kind: str, data: bytes) -> bytes:
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (name.encode(), kind.encode(), data)
