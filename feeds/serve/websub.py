"""Our callbacks in the server: what hubs say there is left in the inbox for the poller."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response as Reply

from feeds.errors import FeedsError
from feeds.model import LARGEST_LETTER, Letter, Push
from feeds.ports import Clock
from feeds.serve import callback
from feeds.serve.allowance import Allowance
from feeds.serve.letters import Closing, Letters, busy, hold
from feeds.serve.respond import Response

Look = Callable[[str], Push | None]
PAUSE = 10.0  # seconds for each push of a source, beyond the first AT_ONCE: to read one may take five of a reader
BODIES = 4  # of one source that may be on their way at the same time


class Callbacks:
    """What is below `callback.PREFIX`. For one event loop."""

    def __init__(self, letters: Letters, look: Look, clock: Clock) -> None:
        """`look` finds the subscription of a token; see ports.Pushes.callback. It may block and raise FeedsError."""
        self._letters, self._look, self._clock = letters, look, clock
        self._allowance = Allowance(pause=PAUSE)
        self._coming = Counter[str]()  # bodies that are on their way, by token

    async def answer(self, request: Request) -> Reply:
        """Answer a GET or a POST."""
        token = callback.token_of(request.scope["path"]) if request.method in ("GET", "POST") else ""
        try:
            push = await run_in_threadpool(self._look, token) if token else None
        except FeedsError:
            return busy()
        if request.method != "POST":
            query = request.scope["query_string"].decode("latin-1")
            return await self._left(*callback.greet(push, query, self._clock()), by=f"GET {token}")
        headers = request.headers.raw
        refusal = callback.refuse(push, headers) if token else callback.UNKNOWN
        if push is None or refusal is not None:
            return _reply(refusal or callback.OVER, Closing)
        body = await self._body(request, token)
        if isinstance(body, Reply):
            return body
        taken = await run_in_threadpool(callback.take, push, headers, body, self._clock())
        return await self._left(*taken, by=f"POST {token}")

    async def _body(self, request: Request, token: str) -> bytes | Reply:
        """The body of a push; see Letters.body."""
        if self._coming[token] >= BODIES:
            return busy()
        length, most = request.headers.get("content-length", ""), LARGEST_LETTER["push"]
        self._coming[token] += 1
        try:
            return await self._letters.body(request, min(int(length), most) if length.isdecimal() else most)
        finally:
            self._coming[token] -= 1
            self._coming += Counter()  # keeps nobody of whom nothing comes

    async def _left(self, response: Response, letter: Letter | None, *, by: str) -> Reply:
        """The response, once its letter is left; another if there is no room for that, or `by` has left too many."""
        if letter is not None:
            if held := hold(self._allowance, by, 503, "This is more than can be read; please wait a little."):
                return held
            left = await self._letters.leave(letter, "")
            if left.status_code != 202:
                return left
        return _reply(response)


def _reply(response: Response, kind: type[Reply] = Reply) -> Reply:
    return kind(response.body, response.status, {name.decode(): value.decode() for name, value in response.headers})
