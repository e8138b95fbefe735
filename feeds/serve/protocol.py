"""uvicorn's HTTP/1.1 with what it lacks: deadlines, limits, and a short way for published files.

What is published is answered as soon as its header fields are there, without a task or an ASGI message; what must be
computed goes uvicorn's own way. The two never overtake each other.
"""

from __future__ import annotations

import math
from asyncio import AbstractEventLoop, BaseTransport, TimerHandle, Transport
from collections.abc import Callable
from heapq import nsmallest
from http import HTTPStatus
from typing import Any, TypeAlias, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from feeds.serve.counts import Counts
from feeds.serve.limits import (
    HEAD_SECONDS,
    IDLE_SECONDS,
    MALFORMED,
    MAX_HEAD,
    SLOWEST,
    STALL_SECONDS,
    TOO_LARGE,
    Fault,
    find_fault,
)
from feeds.serve.page import Headers
from feeds.serve.respond import Response, say

Answer: TypeAlias = Callable[[str, str, Headers], Response | None]  # method, escaped path, fields; None: computed

SWEEP_SECONDS = 0.5  # between two looks at the connections
_BUSY = math.inf


class Edge:
    """What the connections of one server share."""

    def __init__(self, answer: Answer, counts: Counts, *, most: int) -> None:
        """Above `most` connections those that have been idle for longest are closed."""
        self.answer, self.counts, self._most = answer, counts, most
        self._timer: TimerHandle | None = None

    def watch(self, connections: set[_Connection], loop: AbstractEventLoop) -> None:
        """See to it that the connections keep their deadlines, as long as there are any."""
        self.counts.connections = len(connections)
        if len(connections) > self._most:
            idle = (each for each in connections if each.limit is not _BUSY)
            for each in nsmallest(self._most // 16 + 1, idle, key=lambda each: each.since):
                each.drop("crowded")
        if self._timer is None:
            self._timer = loop.call_later(SWEEP_SECONDS, self._sweep, connections, loop)

    def _sweep(self, connections: set[_Connection], loop: AbstractEventLoop) -> None:
        now = loop.time()
        for each in list(connections):
            each.look_at_the_clock(now)
        self._timer = None
        if connections:
            self.watch(connections, loop)


class _Connection(HttpToolsProtocol):
    """One connection. Made for an `Edge` by `protocol`."""

    edge: Edge
    since = 0.0  # of the loop's clock: connected, answered, or began to send a head
    limit = HEAD_SECONDS  # from then on
    _head_open = False  # between the first byte of a request and the end of its header fields
    _head_bytes = 0
    _stalled_at = 0.0  # of the loop's clock: when what is being sent must have been taken
    _fault: Fault = MALFORMED

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast(Transport, transport))
        self._wait(HEAD_SECONDS)
        self.edge.watch(cast("set[_Connection]", self.connections), self.loop)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.edge.counts.connections = len(self.connections)

    def look_at_the_clock(self, now: float) -> None:
        """Close if the client is too slow to ask, or to take what it asked for."""
        left = self.transport.get_write_buffer_size()
        if not left:
            self._stalled_at = 0.0
            if now - self.since > self.limit and not self.transport.is_closing():
                self.drop("idle" if self.limit == IDLE_SECONDS else "slow_head")
        elif not self._stalled_at:
            self._stalled_at = now + STALL_SECONDS + left / SLOWEST
        elif now > self._stalled_at:
            self.drop("slow_reader")

    def drop(self, why: str) -> None:
        """Close at once, whatever has not been sent."""
        self.edge.counts.dropped[why] += 1
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return  # what follows a refused head is not looked at
        self._head_bytes += len(data)
        before = self.since
        super().data_received(data)
        if self._head_open and self._head_bytes > MAX_HEAD:
            self._fault = TOO_LARGE
            self.send_400_response("")
        elif self.since == before and self.limit == IDLE_SECONDS:
            self._wait(HEAD_SECONDS)  # empty lines before a request are allowed, but not for ever

    def on_message_begin(self) -> None:
        self._head_open, self._head_bytes = True, 0
        if self.limit == IDLE_SECONDS:
            self._wait(HEAD_SECONDS)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head_open = False
        method, version = self.parser.get_method().decode("ascii"), self.parser.get_http_version()
        fault = find_fault(self.url, self.headers, version=version, reads=method in {"GET", "HEAD"})
        if fault is not None:
            self._fault = fault
            raise ValueError(fault[1])  # the parser stops, and has uvicorn call send_400_response
        self._wait(_BUSY)
        free = (self.cycle is None or self.cycle.response_complete) and not self.flow.write_paused
        if free and self.url.startswith(b"/") and b"#" not in self.url:
            path = self.url.partition(b"?")[0].decode("ascii")
            response = self.edge.answer(method, path, cast(Headers, self.headers))
            if response is not None:
                stays = method in {"GET", "HEAD"} and version == "1.1" and not self.parser.should_upgrade()
                return self._send(response, keep_alive=stays and self.parser.should_keep_alive())
        return super().on_headers_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete:
            self._wait(IDLE_SECONDS)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - we have our own words
        self._send(say(*self._fault), keep_alive=False)

    def _send(self, response: Response, *, keep_alive: bool) -> None:
        self.edge.counts.add(response)
        lines = [b"HTTP/1.1 %d %b\r\n" % _STATUS[response.status]]
        lines += [b"%b: %b\r\n" % field for field in self.server_state.default_headers]  # Date
        lines += [b"%b: %b\r\n" % field for field in response.headers]
        lines.append(b"\r\n" if keep_alive else b"connection: close\r\n\r\n")
        head = b"".join(lines)
        self.transport.writelines([head, response.body] if response.body else [head])
        self.cycle = _ANSWERED
        self._wait(IDLE_SECONDS)
        if not keep_alive:
            self.transport.close()

    def _wait(self, limit: float) -> None:
        self.since, self.limit = self.loop.time(), limit


class _Answered:
    """Stands where uvicorn keeps the request that it works on, when that was answered by ourselves."""

    response_complete = True

    class message_event:  # noqa: N801 - named by uvicorn
        set = staticmethod(lambda: None)


_ANSWERED: Any = _Answered
_STATUS = {status.value: (status.value, status.phrase.encode("ascii")) for status in HTTPStatus}


def protocol(edge: Edge) -> type[_Connection]:
    """The connections that belong to `edge`."""
    return type("Connection", (_Connection,), {"edge": edge})
