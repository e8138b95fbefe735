"""Our callbacks in the server: what hubs say there is left in the inbox for the poller."""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response as Reply

from feeds.errors import FeedsError
from feeds.model import LARGEST_LETTER, Letter, Push
from feeds.ports import Clock
from feeds.serve import callback
from feeds.serve.allowance import Allowance
from feeds.serve.letters import Letters, busy, hold
from feeds.serve.respond import Response

Look = Callable[[str], Push | None]
PAUSE = 10.0  # seconds for each push of a source, beyond the first AT_ONCE: to read one may take five of a reader


class Callbacks:
    """What is below `callback.PREFIX`. For one event loop."""

    def __init__(self, letters: Letters, look: Look, clock: Clock) -> None:
        """`look` finds the subscription of a token; see ports.Pushes.callback. It may block and raise FeedsError."""
        self._letters, self._look, self._clock = letters, look, clock
        self._allowance = Allowance(pause=PAUSE)

    async def answer(self, request: Request) -> Reply:
        """Answer a GET or a POST."""
        token = callback.token_of(request.scope["path"]) if request.method in ("GET", "POST") else ""
        try:
            push = await run_in_threadpool(self._look, token) if token else None
        except FeedsError:
            return busy()
        if request.method != "POST":
            query = request.scope["query_string"].decode("latin-1")
            return await self._left(*callback.greet(push, query, self._clock()))
        headers = request.headers.raw
        refusal = callback.refuse(push, headers) if token else callback.UNKNOWN
        if push is None or refusal is not None:
            return _reply(refusal or callback.OVER, connection="close")
        length = request.headers.get("content-length", "")
        most = LARGEST_LETTER["push"]
        body = await self._letters.body(request, min(int(length), most) if length.isdecimal() else most)
        if isinstance(body, Reply):
            return body
        response, letter = await run_in_threadpool(callback.take, push, headers, body, self._clock())
        much = "This is more than can be read; please wait a little."
        held = hold(self._allowance, token, 503, much) if letter is not None else None
        return held or await self._left(response, letter)

    async def _left(self, response: Response, letter: Letter | None) -> Reply:
        """The response, once its letter is left; another if there is no room for that."""
        if letter is not None:
            left = await self._letters.leave(letter, "")
            if left.status_code != 202:
                return left
        return _reply(response)


def _reply(response: Response, **more: str) -> Reply:
    headers = {name.decode(): value.decode() for name, value in response.headers}
    return Reply(response.body, response.status, headers | more)
