"""Answer queries beside the published files: in a few threads of their own, at most so many at a time, once for all who
ask the same. The thread that answers for published files never waits for them."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import parse_qsl

from feeds.errors import FeedsError, StoreSlow
from feeds.model import Form, Misread
from feeds.ports import Search
from feeds.serve.allowance import Allowance
from feeds.serve.page import Page, make_page
from feeds.serve.respond import Response, respond, say

log = logging.getLogger(__name__)

PATHS: dict[str, Form] = {"/search": "html", "/search.atom": "atom", "/search.rss": "rss", "/search.json": "json"}

THREADS = 2
WAITING = 16  # queries that are in work or wait for a thread; more are told to come again
OF_ONE = 8  # of them from one address: nobody's dear queries are in the way of all
FRESH = 10.0  # seconds in which an answer is given again without a look at the store
KEPT = 300.0  # seconds for which it is, if nothing was published since: what is asked `since:` grows older too
ROOM = 16_000_000  # bytes of answers that are kept

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_Key: TypeAlias = tuple[str, Form]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    page: Page
    status: int
    state: object  # of the store
    made: float  # monotonic
    looked: float  # monotonic: when the store was last in that state


class Searching:
    """For the loop that answers. `search` gives what looks queries up; it is called, and used, in threads."""

    def __init__(self, search: Callable[[], Search], allowance: Allowance | None = None) -> None:
        self._search, self._allowance = search, allowance or Allowance()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="serve-search")
        self._kept: OrderedDict[_Key, _Kept] = OrderedDict()  # in the order of their last use
        self._in_work: dict[_Key, asyncio.Task[_Kept | Response]] = {}
        self._asking = Counter[str]()  # queries in work by the address that asked first

    async def respond(
        self, method: str, path: str, query: bytes, fields: Collection[tuple[bytes, bytes]], asker: str
    ) -> Response:
        """Answer a request for one of PATHS; `query` as sent, still escaped."""
        with_body = method == "GET"
        if not with_body and method != "HEAD":
            return say(405, "Only GET and HEAD work here.", (b"allow", b"GET, HEAD"))
        text = asked(query)
        if text is None:
            return say(400, "This query cannot be understood: it is no UTF-8, or wrongly escaped.", with_body=with_body)
        key = text, PATHS[path]
        found = self._fresh(key) or await self._look_up(key, asker)
        if isinstance(found, Response):
            return found if with_body else Response(status=found.status, headers=found.headers)
        if found.status != 200:
            return Response(
                status=found.status,
                headers=found.page.identity.headers,
                body=found.page.body(found.page.identity) if with_body else b"",
                what=found.page.what,
            )
        return respond({path: found.page}, method, path, fields)

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _fresh(self, key: _Key) -> _Kept | None:
        kept = self._kept.get(key)
        if kept is None or time.monotonic() - kept.looked > FRESH:
            return None
        self._kept.move_to_end(key)
        return kept

    async def _look_up(self, key: _Key, asker: str) -> _Kept | Response:
        if key not in self._in_work:
            if pause := self._allowance.wait(asker, time.monotonic()):
                words = "You ask faster than one query in two seconds; please wait a little."
                return say(429, words, (b"retry-after", b"%d" % math.ceil(pause)))
            if len(self._in_work) >= WAITING or self._asking[asker] >= OF_ONE:
                return say(503, "Too many look for something just now.", (b"retry-after", b"2"))
            self._asking[asker] += 1
            self._in_work[key] = asyncio.get_running_loop().create_task(self._work(key, asker))
        return await asyncio.shield(self._in_work[key])

    async def _work(self, key: _Key, asker: str) -> _Kept | Response:
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._pool, self._ask, key, self._kept.get(key))
        finally:
            del self._in_work[key]
            self._asking[asker] -= 1
            self._asking += Counter()  # keeps nobody who asks nothing
        if isinstance(found, _Kept):
            self._kept[key] = found
            self._kept.move_to_end(key)
            size = sum(map(_size, self._kept.values()))
            while size > ROOM:
                size -= _size(self._kept.popitem(last=False)[1])
        return found

    def _ask(self, key: _Key, kept: _Kept | None) -> _Kept | Response:
        """In a thread: the answer, or why there is none."""
        text, form = key
        try:
            search, now = self._search(), time.monotonic()
            state = search.state()
            if kept is not None and kept.state == state and now - kept.made < KEPT:
                return _Kept(page=kept.page, status=kept.status, state=state, made=kept.made, looked=now)
            answered = search.answer(text, form)
            if isinstance(answered, Misread):
                return say(400, f"This query cannot be understood. At {answered}.")
            page = make_page(f"search.{form}", answered.body, packed=None, modified=answered.modified, asked=True)
        except StoreSlow:
            return say(503, "This query takes too long; ask for rarer words.", (b"retry-after", b"60"))
        except FeedsError as exc:
            log.warning("search.failing", extra={"why": str(exc)})
            return say(503, "The archive cannot be searched just now.", (b"retry-after", b"60"))
        except Exception:  # the edge of a unit of work: the others are answered on
            log.exception("search.crashed")
            return say(500, "The search failed by a mistake of this program.")
        status = 200 if answered.understood else 400
        return _Kept(page=page, status=status, state=state, made=now, looked=now)


def asked(query: bytes) -> str | None:
    """The text of the parameter `q`, "" if there is none; None if it is wrongly escaped, or no UTF-8."""
    try:
        written = query.decode("ascii")
        if _BAD_ESCAPE.search(written):
            return None
        pairs = parse_qsl(written, keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        return None
    return " ".join(" ".join(value for name, value in pairs if name == "q").split())


def _size(kept: _Kept) -> int:
    return len(kept.page.plain or b"") + len(kept.page.packed)
