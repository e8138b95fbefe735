"""Asking over HTTP: one small transport for each exchange at a time, redirects and limits in our own hands.

The only importer of httpx. Of its two halves only the transport is used: its client adds cookies, environment proxies
and time-outs of single operations, none of which we want, and costs more than the rest of an exchange.
"""

from __future__ import annotations

import contextlib
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import datetime
from http import HTTPStatus
from typing import NamedTuple, TypeVar

import httpcore
import httpx
from xxhash import xxh3_128_digest

from feeds.config import addresses
from feeds.config.settings import FetchSettings
from feeds.config.words import Wrong
from feeds.errors import FetchCrowded, FetchHeld, UserError
from feeds.fetch import policy
from feeds.fetch.addresses import Rules
from feeds.fetch.budget import Budget
from feeds.fetch.decode import decode, too_large
from feeds.fetch.gates import Gates
from feeds.fetch.guard import Guard, Resolver
from feeds.fetch.why import Trouble, Why, public
from feeds.model import (
    Answer,
    Document,
    Failed,
    Fetched,
    Gone,
    Hints,
    Hop,
    Message,
    NotModified,
    Reply,
    Request,
    host_of,
)
from feeds.ports import Clock

T = TypeVar("T")

_HOPS = 5
_REPLY = 4096  # bytes of what comes back to a message: a challenge, or a sentence
_PERMANENT, _TEMPORARY = (301, 308), (302, 303, 307)
_GONE = (410, 451)
_IDLE = 5.0  # seconds that a connection is kept: enough for a host with several sources
_UNTRUE = ("content-encoding", "content-length", "transfer-encoding")  # of the wire, not of the decoded body


class _Outlet(httpx.HTTPTransport):
    """A transport whose pool of one connection can only dial through its guard.

    httpx has no public place for a network backend, so the pool is put in by hand; it is all that the transport keeps.
    """

    def __init__(self, guard: Guard, tls: ssl.SSLContext, proxy: httpx.Proxy | None) -> None:
        self.guard = guard
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            proxy=None if proxy is None else httpcore.Proxy(str(proxy.url), proxy.raw_auth),
            max_connections=1,
            keepalive_expiry=_IDLE,
            network_backend=guard,
        )

    def send(self, request: httpx.Request) -> httpx.Response:
        """Send once, or once more if a kept connection turns out to have been let go by the server."""
        dialled = self.guard.dialled
        try:
            return self.handle_request(request)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            if self.guard.dialled > dialled:
                raise
            return self.handle_request(request)


class _Broken(NamedTuple):
    """An exchange that did not come to its end."""

    why: str
    detail: str

    def failed(self, url: str) -> Failed:
        return Failed(why=self.why, url=public(url), detail=public(self.detail)[:300])


class HttpFetch:
    """Fetch http(s) sources; call it from any number of threads.

    Nothing is taken from the environment but SSL_CERT_FILE and SSL_CERT_DIR, the operator's own certificates. With
    `[fetch] proxy` the proxy resolves names and dials in our place, so that it must refuse private networks itself:
    we can only refuse what a URL spells out. `resolver` and `dial` are how names are looked up and sockets opened.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        user_agent: str,
        clock: Clock | None = None,
        tls: ssl.SSLContext | None = None,
        resolver: Resolver | None = None,
        dial: httpcore.NetworkBackend | None = None,
        budget: Budget | None = None,
        gates: Gates | None = None,
        held: Callable[[str], datetime | None] = lambda _: None,
    ) -> None:
        """`clock` measures dates of servers that do not send their own; without it such dates say nothing.

        Of `budget` whoever calls opens a share, and keeps it for as long as the body is needed. `held` tells until
        when a host wants to be left alone, if it does; of a source's own host the caller knows.

        Raises:
            UserError: `allow` or `proxy` cannot be understood.
        """
        self._settings, self._clock = settings, clock
        self._user_agent = user_agent.encode("ascii", "replace").decode()  # a header holds no other letters for sure
        self._proxy = _proxy(settings.proxy) if settings.proxy else None
        try:
            self._rules = Rules.parse(settings.allow)
        except ValueError as exc:
            raise UserError(f"[fetch] allow: {exc}") from exc
        self._tls = tls or httpx.create_ssl_context()  # costs tens of milliseconds: one for all
        self._resolver, self._dial = resolver or Resolver(), dial
        self._gates, self._budget, self._held = gates or Gates(), budget or Budget(), held
        self._spare: list[_Outlet] = []  # as many as ever worked at once; a list's pop and append are atomic
        self._closed = False

    def __call__(self, request: Request) -> Answer:
        """Ask for `request`; whatever happens is a value, and it happens within `timeout`.

        Raises:
            FetchCrowded: there was no room for the answer, or the question, beside those of others.
            FetchHeld: a redirect leads to a host that wants to be left alone.
        """
        hops: list[Hop] = []
        with self._budget.share():
            done = self._contained(lambda outlet: self._exchange(outlet, request, hops), seconds=self._settings.timeout)
        if isinstance(done, _Broken):
            return done.failed(hops[-1].url if hops else request.url)
        return done

    def send(self, message: Message) -> Reply | Failed:
        """Send one message and read the beginning of what comes back, by the same guard. Nothing is followed.

        Raises:
            FetchCrowded: the question for its name found no room beside those of others.
        """
        done = self._contained(lambda outlet: self._send(outlet, message), seconds=message.seconds)
        return done.failed(message.url) if isinstance(done, _Broken) else done

    def _contained(self, exchange: Callable[[_Outlet], T], *, seconds: float) -> T | _Broken:
        """The edge of one exchange: whatever happens is a value."""
        try:
            with self._outlet() as outlet:
                return exchange(outlet)
        except (FetchCrowded, FetchHeld):
            raise
        except Trouble as trouble:
            why, detail = str(trouble.why), trouble.detail
        except httpx.TimeoutException:
            why, detail = str(Why.DEADLINE), ""
        except (httpx.NetworkError, httpx.ProxyError) as exc:
            why, detail = str(Why.CONNECT), str(exc) or "the connection broke"
        except httpx.ProtocolError as exc:
            why, detail = str(Why.PROTOCOL), str(exc)
        except Exception as exc:  # noqa: BLE001  # the edge of one fetch: nothing that a server sends may go further
            why, detail = f"other_{type(exc).__name__}", str(exc)
        return _Broken(why, f"no whole answer within {seconds:g} s" if why == Why.DEADLINE else detail)

    def close(self) -> None:
        """Let go of the connections that are kept; those in use follow when their exchange ends."""
        self._closed = True
        while self._spare:
            self._spare.pop().close()

    @contextlib.contextmanager
    def _outlet(self) -> Iterator[_Outlet]:
        try:
            outlet = self._spare.pop()
        except IndexError:
            place = (self._proxy.url.host, self._proxy.url.port or 80) if self._proxy else None
            guard = Guard(self._rules, self._resolver, proxy=place, dial=self._dial)
            outlet = _Outlet(guard, self._tls, self._proxy)
        try:
            yield outlet
        finally:
            self._spare.append(outlet)
            if self._closed:
                self.close()

    def _send(self, outlet: _Outlet, message: Message) -> Reply:
        url = _parsed(message.url)
        outlet.guard.begin(seconds=message.seconds, port=_port(url))
        outlet.guard.check(url.host, _port(url))
        said = {"User-Agent": self._user_agent, "Accept-Encoding": "identity"} | dict(message.headers)
        raw = [(name.encode(), value.encode()) for name, value in said.items()]  # a site's address may hold any letter
        response = outlet.send(httpx.Request(message.method, url, headers=raw, content=message.body or None))
        try:
            body = b""
            for piece in response.iter_raw():
                body += piece
                if len(body) > _REPLY:
                    break
            hints = policy.hints(dict(response.headers), self._clock() if self._clock else None)
            return Reply(status=response.status_code, body=body[:_REPLY], retry_after=hints.retry_after)
        finally:
            response.close()

    def _exchange(self, outlet: _Outlet, request: Request, hops: list[Hop]) -> Answer:
        url = _parsed(request.url)
        outlet.guard.begin(seconds=self._settings.timeout, port=_port(url))
        said = [(name.encode(), value.encode("latin-1")) for name, value in policy.headers(request, self._user_agent)]
        login, home = _login(url), _origin(url)
        if url.userinfo or url.fragment:
            url = url.copy_with(userinfo=b"", fragment=None)
        seen = {str(url)}
        while True:
            outlet.guard.check(url.host, _port(url))
            mine = [*said, login] if login and _origin(url) == home else said
            if url.host != home[1] and (until := self._held(host_of(str(url)))):
                moment = until.strftime("%Y-%m-%d %H:%M UTC")
                raise FetchHeld(f"{url.host}, to which {public(request.url)} leads, wants no request before {moment}")
            # Half of the time that is left at most: nobody shall run out of it for a host that is slow to others.
            with self._gates.one(host_of(str(url)), seconds=outlet.guard.left() / 2):
                response = outlet.send(httpx.Request("GET", url, headers=mine))
                try:
                    if response.status_code not in (*_PERMANENT, *_TEMPORARY):
                        return self._answer(outlet, response, url, request, tuple(hops))
                    url = _redirected(url, response)
                finally:
                    _let_go(response)
            hops.append(Hop(status=response.status_code, url=str(url)))
            if str(url) in seen:
                raise Trouble(Why.REDIRECT_LOOP, f"sent back to {url}")
            if len(hops) > _HOPS:
                raise Trouble(Why.TOO_MANY_REDIRECTS, f"more than {_HOPS} redirects")
            seen.add(str(url))

    def _answer(
        self, outlet: _Outlet, response: httpx.Response, url: httpx.URL, request: Request, hops: tuple[Hop, ...]
    ) -> Answer:
        status, address = response.status_code, str(url)
        headers = {name: value for name, value in response.headers.items() if name not in _UNTRUE}
        hints = policy.hints(headers, self._clock() if self._clock else None)
        etag, modified = _verbatim(response, b"etag"), _verbatim(response, b"last-modified")
        if status == HTTPStatus.NOT_MODIFIED and (request.etag or request.last_modified):
            return NotModified(etag=etag or None, last_modified=modified or None, hops=hops, hints=hints)
        if status in _GONE and all(hop.status in _PERMANENT for hop in hops):
            return Gone(
                status=status, url=address, hops=hops
            )  # what a temporary redirect led to is not the source itself
        if status not in (HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION):
            return _refused(status, address, hops, hints)
        body = self._body(outlet, response)
        digest = xxh3_128_digest(body)
        if digest == request.body_hash:
            return NotModified(equal_body=True, etag=etag, last_modified=modified, hops=hops, hints=hints)
        document = Document(url=address, body=body, headers=headers)
        return Fetched(
            documents=(document,), body_hash=digest, etag=etag, last_modified=modified, hops=hops, hints=hints
        )

    def _body(self, outlet: _Outlet, response: httpx.Response) -> bytes:
        limit, coding = self._settings.max_bytes, response.headers.get("content-encoding", "")
        if int(response.headers.get("content-length", "0")) > limit:  # one number, or the transport had refused it
            raise too_large(limit)
        try:
            return decode(
                response.iter_raw(),
                coding,
                max_bytes=limit,
                take=lambda size: self._budget.take(size, seconds=outlet.guard.left()),
            )
        except (httpx.ReadError, httpx.RemoteProtocolError) as exc:
            raise Trouble(Why.TRUNCATED, str(exc) or "the connection broke before the body's end") from exc


# ------------------------------------------------------------------------------------------ addresses


def _parsed(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError, TypeError) as exc:
        raise Trouble(Why.BAD_URL, str(exc)) from exc
    if trouble := _unusable(url):
        raise Trouble(Why.BAD_URL, trouble)
    return url


def _redirected(url: httpx.URL, response: httpx.Response) -> httpx.URL:
    """Where `response` points: absolute, without fragment and without credentials, which only the operator gives."""
    location = response.headers.get("location", "")
    if not location:
        raise Trouble(Why.BAD_REDIRECT, f"status {response.status_code} without Location")
    try:
        target = url.join(location).copy_with(userinfo=b"", fragment=None)
    except (httpx.InvalidURL, ValueError, TypeError) as exc:
        raise Trouble(Why.BAD_REDIRECT, str(exc)) from exc
    if trouble := _unusable(target):
        raise Trouble(Why.BAD_REDIRECT, trouble)
    if url.scheme == "https" and target.scheme == "http":
        raise Trouble(Why.BAD_REDIRECT, f"from https to {target}, which is not encrypted")
    return target


def _unusable(url: httpx.URL) -> str:
    if url.scheme not in ("http", "https"):
        return f"{url.scheme[:20]!r} is not http or https"
    if not url.host:
        return "no host"
    if not 0 < _port(url) < 65536:
        return f"port {url.port} does not exist"
    return ""


def _port(url: httpx.URL) -> int:
    return (443 if url.scheme == "https" else 80) if url.port is None else url.port


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, _port(url)


def _login(url: httpx.URL) -> tuple[bytes, bytes] | None:
    """The credentials of the configured address as a header (RFC 7617)."""
    if not url.userinfo:
        return None
    return b"Authorization", b"Basic " + b64encode(f"{url.username}:{url.password}".encode())


def _proxy(text: str) -> httpx.Proxy:
    try:
        return httpx.Proxy(addresses.proxy(text))
    except Wrong as exc:
        raise UserError(f"[fetch] proxy: {exc}; {exc.remedy}") from exc


# -------------------------------------------------------------------------------------------- answers


def _verbatim(response: httpx.Response, name: bytes) -> str:
    """A header's bytes as the server sent them, one character each; "" if there is none."""
    return next((value.decode("latin-1") for key, value in response.headers.raw if key.lower() == name), "")


def _let_go(response: httpx.Response) -> None:
    """Close, but keep the connection after an answer that has no body: httpcore wants its end to be read first."""
    bodiless = response.status_code == HTTPStatus.NOT_MODIFIED or response.headers.get("content-length") == "0"
    try:
        if bodiless and not response.is_stream_consumed:
            next(response.iter_raw(), b"")
    finally:
        response.close()


def _refused(status: int, url: str, hops: tuple[Hop, ...], hints: Hints) -> Failed:
    try:
        words = HTTPStatus(status).phrase
    except ValueError:
        words = "no status of HTTP"
    if status == HTTPStatus.FORBIDDEN:
        words = "refuses us"
    too_many = status == HTTPStatus.TOO_MANY_REQUESTS
    return Failed(
        why=f"http_{status}", url=url, detail=words, status=status, hops=hops, hints=hints, holds_host=too_many
    )
