"""The only way out: which addresses may be dialled, and the one deadline that everything on a connection obeys.

A name is resolved once, every answer is checked, and the checked literal is dialled: between the check and the
connection there is nothing left for a second answer to change.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from typing import Any, TypeAlias

import httpcore

from feeds.errors import FetchCrowded
from feeds.fetch.addresses import Address, Rules, is_name
from feeds.fetch.why import Trouble, Why

Lookup: TypeAlias = Callable[[str, int], Sequence[str]]  # (host, port) -> addresses as text; OSError if there are none

_PORTS = (80, 443)
_CONNECT = 10.0  # seconds for the name and all its addresses
_ADDRESSES = 4  # of one name, at most
_PIECE = 16 * 1024  # bytes of one write: a peer that takes them one at a time must not stretch it


# --------------------------------------------------------------------------------------------- names


def system_lookup(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


def literal(host: str) -> Address | None:
    """The address that `host` spells, in any spelling that resolvers take for one: 0x7f.1, 2130706433, 0177.0.0.1."""
    with contextlib.suppress(ValueError):
        return ip_address(host)
    with contextlib.suppress(OSError, ValueError):
        return IPv4Address(socket.inet_aton(host))
    return None


@dataclass(slots=True)
class _Question:
    host: str
    port: int
    until: float  # monotonic: later nobody waits for the answer
    answer: queue.SimpleQueue[Sequence[str] | Exception]
    is_put: bool = False  # to the system, by a thread


class Resolver:
    """Name resolution that can be given up: the system's call cannot be stopped, but we can stop waiting for it.

    Its threads are daemons (a dead name server must not hold up the exit), started as needed, at most `threads`, and
    end after `idle` seconds without a question.
    """

    def __init__(self, lookup: Lookup = system_lookup, *, threads: int = 64, idle: float = 30.0) -> None:
        self._lookup, self._most, self._patience = lookup, threads, idle
        self._changed = threading.Condition()
        self._questions: deque[_Question] = deque()
        self._threads = self._idle = 0

    def resolve(self, host: str, port: int, *, seconds: float) -> list[Address]:
        """The addresses of `host`, in the resolver's order; a literal costs no thread.

        Raises:
            Trouble: DNS.
            FetchCrowded: names that get no answer kept every thread busy; nobody was asked.
        """
        if (address := literal(host)) is not None:
            return [address]
        question = _Question(host, port, time.monotonic() + seconds, queue.SimpleQueue())
        with self._changed:
            self._questions.append(question)
            if len(self._questions) > self._idle and self._threads < self._most:
                self._threads += 1
                threading.Thread(target=self._work, name="feeds-dns", daemon=True).start()
            self._changed.notify()
        try:
            answer = question.answer.get(timeout=seconds)
        except queue.Empty:
            if not question.is_put:
                raise FetchCrowded("names that get no answer took up all questions for names") from None
            raise Trouble(Why.DNS, f"no answer for {host} within {seconds:.3g} s") from None
        if isinstance(answer, Exception):
            raise Trouble(Why.DNS, f"{host}: {getattr(answer, 'strerror', None) or answer}") from answer
        if not answer:
            raise Trouble(Why.DNS, f"{host} has no address")
        return [ip_address(text) for text in answer]

    def _work(self) -> None:
        while (question := self._next()) is not None:
            if question.until < time.monotonic():
                continue
            try:
                question.answer.put(self._lookup(question.host, question.port))
            except (OSError, ValueError, OverflowError) as exc:  # ValueError: no encoding, NUL; OverflowError: port
                question.answer.put(exc)

    def _next(self) -> _Question | None:
        with self._changed:
            self._idle += 1
            self._changed.wait_for(lambda: self._questions, self._patience)
            self._idle -= 1
            if self._questions:
                question = self._questions.popleft()
                question.is_put = True
                return question
            self._threads -= 1
            return None


# --------------------------------------------------------------------------------------- connections


class Guard(httpcore.NetworkBackend):
    """Where one outlet's connections are dialled; used by one exchange at a time.

    Outside `begin` its time is up: nothing can be sent without a deadline.
    """

    def __init__(
        self,
        rules: Rules,
        resolver: Resolver,
        *,
        proxy: tuple[str, int] | None = None,
        dial: httpcore.NetworkBackend | None = None,
    ) -> None:
        """`proxy` (host, port) resolves and dials in our place: then nothing else is dialled. `dial` opens sockets."""
        self._rules, self._resolver, self._proxy = rules, resolver, proxy
        self._dial = dial or httpcore.SyncBackend()
        self._until, self._port = 0.0, 0
        self.dialled = 0  # connections opened so far

    def begin(self, *, seconds: float, port: int) -> None:
        """Start an exchange of at most `seconds` with a source whose own port is `port`."""
        self._until, self._port = time.monotonic() + seconds, port

    def left(self, timeout: float | None = None) -> float:
        """Seconds until the deadline, at most `timeout`.

        Raises:
            Trouble: DEADLINE.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise Trouble(Why.DEADLINE, "the time of the exchange is used up")
        return left if timeout is None else min(left, timeout)

    def check(self, host: str, port: int) -> None:
        """What can be told of a target before anything is dialled; asked for each request, redirects included.

        Raises:
            Trouble: BLOCKED.
        """
        if port not in (*_PORTS, self._port) and not self._rules.names(host, port):
            raise Trouble(Why.BLOCKED, f"port {port} is neither 80, 443 nor the port of the source")
        if self._proxy:  # names are for the proxy to judge
            plain = host.lower().removesuffix(".")
            address = IPv4Address("127.0.0.1") if plain.rpartition(".")[2] == "localhost" else literal(plain)
            if address is not None:
                self._admit(address, host, port)
            elif not is_name(plain):
                raise Trouble(Why.BLOCKED, f"{host} is neither an address nor a name; a proxy may take it for either")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve once, check every answer, dial the literal (httpcore calls this for every new connection).

        One refused address refuses the name: picking the good ones would invite another try.
        """
        if self._proxy not in (None, (host, port)):
            raise Trouble(Why.BLOCKED, f"{host}:{port} is not the proxy")
        until = time.monotonic() + min(self.left(timeout), _CONNECT)
        addresses = self._resolver.resolve(host, port, seconds=until - time.monotonic())
        if not self._proxy:
            for address in addresses:
                self._admit(address, host, port)
        tries = addresses[:_ADDRESSES]
        trouble: Exception | None = None
        for number, address in enumerate(tries):
            share = (until - time.monotonic()) / (len(tries) - number)  # a black hole must leave time for the next one
            if share <= 0:
                break
            self.dialled += 1
            try:
                return _Stream(self._dial.connect_tcp(str(address), port, share, local_address, socket_options), self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                trouble = exc
        raise Trouble(Why.CONNECT, f"{host}:{port}: {trouble or 'no connection in time'}") from trouble

    def _admit(self, address: Address, host: str, port: int) -> None:
        if not (self._rules.names(host, port) or self._rules.admit(address)):
            leads = "" if str(address) == host else f" leads to {address}, which"
            raise Trouble(Why.BLOCKED, f"{host}{leads} is not a public address; [fetch] allow can open it")


class _Stream(httpcore.NetworkStream):
    """A connection on which every wait ends with the exchange of the moment, also after it was kept alive."""

    def __init__(self, inner: httpcore.NetworkStream, guard: Guard) -> None:
        self._inner, self._guard = inner, guard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._guard.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[start : start + _PIECE], self._guard.left(timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The ssl module takes the socket's time-out as the limit of the whole handshake."""
        try:
            left = self._guard.left(timeout)
            return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._guard)
        except Trouble:
            self.close()
            raise
        except httpcore.ConnectError as exc:
            raise Trouble(Why.TLS, f"{server_hostname}: {exc}") from exc

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
