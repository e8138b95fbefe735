"""Requests with a body, in the server: read within limits, and left in the inbox for the poller.

Nothing of a body is looked into here but the short form that is sent to the hub.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from feeds.errors import FeedsError
from feeds.model import LARGEST_LETTER, Letter, read_intent
from feeds.ports import Clock
from feeds.serve.allowance import Allowance

BODY_SECONDS = 10.0  # for a body to come
LINGER_SECONDS = 2.0  # in which a body that is not wanted may still come
# Bytes of bodies that are on their way, as large as they may get; and as many of those that wait for a writer.
ROOM = 32 * 2**20
WRITERS, WAITING = 4, 512  # letters that are written at the same time, or wait for that: hubs push many at one moment
_LATER = 30  # seconds until somebody may try again
_FORM = "application/x-www-form-urlencoded"
_PLAIN = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


class Letters:
    """What comes in by POST. For one event loop."""

    def __init__(self, drop_in: Callable[[Letter], bool] | None, clock: Clock) -> None:
        """`drop_in` leaves a letter, False if there is no room; it may block and raise FeedsError. None: no inbox."""
        self._drop_in, self._clock = drop_in, clock
        self._allowance = Allowance()
        self._room, self._writers = ROOM, asyncio.Semaphore(WRITERS)
        self._waiting = self._held = 0  # letters that wait for a writer or have one, and bytes of their bodies

    async def hub(self, request: Request, *, asker: str, site: str, is_topic: Callable[[str], bool]) -> Response:
        """Answer a form that was sent to our hub (WebSub section 5.2): 202 if it is well-formed, before anybody asks
        its callback. Each may make us ask somebody who knows nothing of it, so `asker` has an allowance of them."""
        if held := hold(self._allowance, asker, 429, "You ask faster than once in two seconds; please wait a little."):
            return held
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            return refuse(400, f"This is not a form: send {_FORM}.")
        body = await self.body(request, LARGEST_LETTER["hub"])
        if isinstance(body, Response):
            return body
        if isinstance(intent := read_intent(body, site=site, is_topic=is_topic), str):
            return refuse(400, intent)
        letter = Letter(kind="hub", key=intent.host, at=self._clock(), body=body)
        return await self.leave(letter, "The callback will be asked.")

    async def body(self, request: Request, limit: int) -> bytes | Response:
        """The body of a request, or why it is refused."""
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            return refuse(413, f"At most {limit} bytes are taken here.")
        if self._room < limit:
            return busy()
        self._room -= limit
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = b""
                async for piece in request.stream():
                    body += piece
                    if len(body) > limit:
                        return refuse(413, f"At most {limit} bytes are taken here.")
                return body
        except TimeoutError:
            return refuse(408, "The body took too long.")
        except ClientDisconnect:
            return refuse(400, "The body is not whole.")
        finally:
            self._room += limit

    async def leave(self, letter: Letter, words: str) -> Response:
        """Leave a letter for the poller and say so, or ask for another try."""
        size = len(letter.body)
        if self._drop_in is None or self._waiting >= WAITING or self._held + size > ROOM:
            return busy()
        self._waiting += 1
        self._held += size
        try:
            async with self._writers:
                is_left = await run_in_threadpool(self._drop_in, letter)
        except FeedsError:
            return busy()
        finally:
            self._waiting -= 1
            self._held -= size
        return PlainTextResponse(f"{words}\n", status_code=202, headers=_PLAIN) if is_left else busy()


class Closing(Response):
    """A response that ends its connection. What comes of the request after it is read for a while and dropped: who
    asked and is still sending would lose the response to the reset of the connection (RFC 9112 section 9.6)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - named by ASGI
        """Send it at once, then let the client finish."""
        self.headers["connection"] = "close"
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while (await receive()).get("more_body"):
                    pass
        await send({"type": "http.response.body"})


def refuse(status: int, words: str, *, later: int = 0) -> Response:
    """Say no, or not before so many seconds, and end the connection."""
    headers = _PLAIN | ({"retry-after": str(later)} if later else {})
    return Closing(f"{words}\n", status, headers, "text/plain")


def hold(allowance: Allowance, who: str, status: int, words: str) -> Response | None:
    """Say when to come again to who has used up an allowance; None to who has not."""
    pause = allowance.wait(who, asyncio.get_running_loop().time())
    return refuse(status, words, later=math.ceil(pause)) if pause else None


def busy() -> Response:
    """Say that there is no room just now."""
    return refuse(503, "There is no room just now; try again later.", later=_LATER)
