"""No connection to an address that is not public, and no wait beyond the deadline.

Nothing here can leave the machine: names are looked up in a table, and the dialler knows loopback alone.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpcore
import pytest

from feeds.config.settings import FetchSettings
from feeds.errors import FetchCrowded
from feeds.fetch.addresses import Rules
from feeds.fetch.guard import Guard, Resolver
from feeds.fetch.http import HttpFetch
from feeds.fetch.why import Trouble, Why
from feeds.model import Failed, Fetched, Request
from tests.origin import Origin
from tests.unit.fetch.spellings import NAMES, SPELLINGS

TLS = ssl.create_default_context()
PUBLIC = "93.184.216.34"  # stands for the internet; the dialler leads it to an origin on loopback


class Names:
    """A name server in a table, which counts its questions."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.release = threading.Event()

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        match host.lower():
            case "good.test":
                return [PUBLIC]
            case "mixed.test":
                return [PUBLIC, "127.0.0.1"]
            case "mixed6.test":
                return ["::1", PUBLIC]
            case "inside.test" | "inside.test." | "localhost" | "localhost.":
                return ["127.0.0.1"]
            case "mapped.test":
                return ["::ffff:10.0.0.1"]
            case "meta.test":
                return ["169.254.169.254"]
            case "rebind.test":  # public when it is checked, private when it is asked again
                return [PUBLIC] if self.asked.count(host) % 2 else ["127.0.0.1"]
            case "slow.test":
                self.release.wait(30)
                return [PUBLIC]
            case "empty.test":
                return []
        # Only what getaddrinfo folds into an address without asking anybody: it sends no packet.
        return [str(info[4][0]) for info in socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)]


class Loopback(httpcore.NetworkBackend):
    """Dials `public` for the one public address, `secret` for any other; it remembers which."""

    def __init__(self, public: Origin, secret: Origin) -> None:
        self.public, self.secret, self.dialled = public, secret, list[str]()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self.dialled.append(host)
        target = self.public if host == PUBLIC else self.secret
        return httpcore.SyncBackend().connect_tcp(target.host, target.port, timeout)


class World:
    """The internet in a box: a public origin, a secret one, and a poller between them."""

    def __init__(self, public: Origin, secret: Origin) -> None:
        self.public, self.secret = public, secret
        self.names, self.dial = Names(), Loopback(public, secret)
        self.fetches: list[HttpFetch] = []

    def fetch(self, url: str, *, allow: tuple[str, ...] = (), timeout: float = 5, proxy: str = "") -> Fetched | Failed:
        settings = FetchSettings(allow=allow, timeout=timeout, proxy=proxy)
        fetch = HttpFetch(settings, user_agent="t", tls=TLS, resolver=Resolver(self.names), dial=self.dial)
        self.fetches.append(fetch)
        answer = fetch(Request(source="s", url=url))
        assert isinstance(answer, Fetched | Failed)
        return answer


@pytest.fixture
def world() -> Iterator[World]:
    with Origin() as public, Origin() as secret:
        public.put("/", b"public")
        secret.put("/", b"secret")
        world = World(public, secret)
        yield world
        world.names.release.set()
        for fetch in world.fetches:
            fetch.close()


SAME_WORD = [pytest.param(spelling, id=spelling) for spelling in SPELLINGS]


def test_the_guard_stands_in_the_way(world: World) -> None:
    answer = world.fetch("http://good.test/")
    assert isinstance(answer, Fetched)
    assert answer.documents[0].body == b"public"
    assert (world.dial.dialled, world.names.asked) == ([PUBLIC], ["good.test"]), "the literal is dialled"


def test_there_are_many_spellings() -> None:
    assert len(set(SPELLINGS)) == len(SPELLINGS) >= 67


@pytest.mark.parametrize("url", SAME_WORD)
def test_no_spelling_of_a_private_address_is_dialled(world: World, url: str) -> None:
    answer = world.fetch(url)
    if isinstance(answer, Fetched):  # to RFC 3986 what stands before the last @ is a user, a backslash or not
        assert (url, answer.documents[0].body) == ("http://127.0.0.1\\@good.test/", b"public")
    else:
        assert answer.why in (Why.BLOCKED, Why.BAD_URL, Why.DNS)
        assert world.dial.dialled == []
    assert world.secret.requests == []


@pytest.mark.parametrize("url", SAME_WORD)
def test_no_redirect_leads_to_a_private_address(world: World, url: str) -> None:
    world.public.redirect("/", url.encode().decode("latin-1"), status=302)  # as UTF-8, which Location should not hold
    answer = world.fetch("http://good.test/")
    # The few that are no absolute URL lead back to the public server, where nothing is.
    assert isinstance(answer, Failed)
    assert answer.why in (Why.BLOCKED, Why.BAD_REDIRECT, Why.DNS, "http_404", Why.REDIRECT_LOOP, "too_many_redirects")
    assert set(world.dial.dialled) == {PUBLIC}
    assert world.secret.requests == []


def test_a_refusal_says_what_the_name_led_to_and_how_to_allow_it(world: World) -> None:
    answer = world.fetch("http://mixed.test/")
    assert isinstance(answer, Failed)
    assert (answer.why, answer.url) == ("blocked", "http://mixed.test/")
    assert answer.detail == "mixed.test leads to 127.0.0.1, which is not a public address; [fetch] allow can open it"


def test_a_name_that_changes_between_check_and_connection_gains_nothing(world: World) -> None:
    reasons = [getattr(world.fetch("http://rebind.test/"), "why", "fetched") for _ in range(1000)]
    assert reasons == ["fetched", "blocked"] * 500
    assert world.names.asked == ["rebind.test"] * 1000, "asked once for each connection"
    assert (len(world.public.requests), world.secret.requests) == (500, [])


@pytest.mark.parametrize(
    ("url", "allow", "reached"),
    [
        pytest.param("http://inside.test/", ("127.0.0.0/8",), True, id="a network"),
        pytest.param("http://inside.test/", ("127.0.0.1",), True, id="an address"),
        pytest.param("http://inside.test/", ("inside.test:80",), True, id="a place"),
        pytest.param("http://inside.test/", ("inside.test:8080",), False, id="another port of the place"),
        pytest.param("http://inside.test/", ("10.0.0.0/8",), False, id="another network"),
        pytest.param("http://meta.test/", ("127.0.0.0/8",), False, id="another address"),
        pytest.param("http://inside.test:8080/", ("127.0.0.0/8",), True, id="the source's own port"),
    ],
)
def test_the_operator_opens_what_they_name_and_nothing_else(
    world: World, url: str, allow: tuple[str, ...], reached: bool
) -> None:
    answer = world.fetch(url, allow=allow)
    assert (getattr(answer, "why", ""), len(world.secret.requests)) == (("", 1) if reached else ("blocked", 0))


@pytest.mark.parametrize(
    ("location", "allow", "why"),
    [
        pytest.param("http://good.test:22/", (), "blocked", id="a new port"),
        pytest.param("http://good.test:8080/", (), "blocked", id="another new port"),
        pytest.param("http://good.test:8080/", ("good.test:8080",), "", id="a port that the operator named"),
        pytest.param("http://good.test:8000/", (), "", id="the port of the source"),
    ],
)
def test_a_redirect_brings_no_new_port(world: World, location: str, allow: tuple[str, ...], why: str) -> None:
    world.public.redirect("/from", location, status=302)
    assert getattr(world.fetch("http://good.test:8000/from", allow=allow), "why", "") == why
    assert len(world.public.requests) == (1 if why else 2)


def test_proxies_of_the_environment_are_not_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, world.secret.url(""))
    assert isinstance(world.fetch("http://good.test/"), Fetched)
    assert world.secret.requests == []


# ---------------------------------------------------------------------------------------------- proxies


def test_the_configured_proxy_is_dialled_though_private_and_resolves_itself(world: World) -> None:
    world.secret.put("http://good.test/", b"by proxy")
    answer = world.fetch("http://good.test/", proxy="http://me:pw@inside.test:3128")
    assert isinstance(answer, Fetched)
    assert (answer.documents[0].body, world.names.asked) == (b"by proxy", ["inside.test"])
    [request] = world.secret.requests
    assert request.headers["proxy-authorization"] == "Basic bWU6cHc="
    assert "authorization" not in request.headers


BEYOND = """
http://a.LocalHost./ http://10.1./ http://127.0.0.1../ http://%6c%6fcalhost/ http://%2531%32%37.0.0.1/ http://0x/
http://a.0x7f.1/ http://2130706433./ http://.127.0.0.1/
"""
SPELT = [url for url in (*SPELLINGS, *BEYOND.split()) if url not in NAMES.split()]


@pytest.mark.parametrize("url", SPELT)
def test_what_a_url_spells_out_is_refused_before_the_proxy(world: World, url: str) -> None:
    answer = world.fetch(url, proxy="http://inside.test:3128")
    assert isinstance(answer, Failed)
    if url == "http://127.0.0.1\\@good.test/":  # as above: a user before a host
        assert world.secret.requests[0].headers["host"] == "good.test"
    else:
        assert answer.why in (Why.BLOCKED, Why.BAD_URL)
        assert world.secret.requests == []


@pytest.mark.parametrize("url", SPELT)
def test_no_redirect_spells_out_a_private_address_to_the_proxy(world: World, url: str) -> None:
    world.secret.redirect("http://good.test/", url.encode().decode("latin-1"), status=302)
    answer = world.fetch("http://good.test/", proxy="http://inside.test:3128")
    assert isinstance(answer, Failed)
    assert {asked.headers["host"] for asked in world.secret.requests} == {"good.test"}


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("good.test.", id="a final dot"),
        pytest.param("a_b-c.1.good.test", id="a line, a hyphen, a label of digits"),
        pytest.param("b\u00fccher.test", id="letters beyond ASCII"),
        pytest.param("xn--j2bd4cyac6f.test", id="marks of Devanagari, encoded"),
        pytest.param("93.184.216.34", id="a public address"),
        pytest.param("[2606:4700::1111]", id="of IPv6"),
    ],
)
def test_what_is_public_is_left_to_the_proxy(world: World, host: str) -> None:
    assert getattr(world.fetch(f"http://{host}/", proxy="http://inside.test:3128"), "why", "") == "http_404"
    assert len(world.secret.requests) == 1


@pytest.mark.parametrize(
    ("location", "allow", "why"),
    [
        pytest.param("http://good.test:22/", (), "blocked", id="a new port"),
        pytest.param("https://good.test:8443/", (), "blocked", id="a new port by CONNECT"),
        pytest.param("http://good.test:80/x", (), "http_404", id="80"),
        pytest.param("https://good.test/", (), "connect", id="443, which this proxy does not do"),
        pytest.param("http://good.test:8080/", ("good.test:8080",), "http_404", id="a port that the operator named"),
        pytest.param("http://good.test:8000/", (), "http_404", id="the port of the source"),
        pytest.param("http://other.test:3128/", (), "blocked", id="the port of the proxy"),
    ],
)
def test_behind_a_proxy_a_redirect_brings_no_new_port(
    world: World, location: str, allow: tuple[str, ...], why: str
) -> None:
    world.secret.redirect("http://good.test:8000/from", location, status=302)
    answer = world.fetch("http://good.test:8000/from", proxy="http://inside.test:3128", allow=allow)
    assert isinstance(answer, Failed)
    assert answer.why == why
    assert len(world.secret.requests) == (1 if why == "blocked" else 2)


def test_a_proxy_that_refuses_is_named(world: World) -> None:
    world.secret.say("good.test:443", 403)
    answer = world.fetch("https://good.test/", proxy="http://inside.test:3128")
    assert isinstance(answer, Failed)
    assert (answer.why, answer.detail) == ("connect", "403 Forbidden")
    assert world.secret.requests[0].method == "CONNECT"


def test_behind_a_proxy_nothing_but_the_proxy_is_dialled(world: World) -> None:
    guard = Guard(Rules(), Resolver(world.names), proxy=("inside.test", 3128), dial=world.dial)
    guard.begin(seconds=5, port=80)
    with pytest.raises(Trouble, match="not the proxy"):
        guard.connect_tcp("good.test", 80)
    assert (world.names.asked, world.dial.dialled) == ([], [])


# ------------------------------------------------------------------------------------------------ names


@pytest.mark.parametrize(
    ("host", "why"),
    [
        pytest.param("nobody.test", "dns", id="no such name"),
        pytest.param("empty.test", "dns", id="a name without address"),
        pytest.param("a" * 300 + ".test", "dns", id="a name that cannot be encoded"),
    ],
)
def test_a_name_that_leads_nowhere_is_named(world: World, host: str, why: str) -> None:
    answer = world.fetch(f"http://{host}/")
    assert isinstance(answer, Failed)
    assert (answer.why, world.dial.dialled) == (why, [])


def test_names_that_hang_are_no_fault_of_others() -> None:
    release = threading.Event()

    def hang(host: str, port: int) -> list[str]:
        if host == "hangs.test":
            release.wait(60)
        return [PUBLIC]

    resolver = Resolver(hang, threads=2)
    try:
        with ThreadPoolExecutor(2) as pool:
            hung = [pool.submit(resolver.resolve, "hangs.test", 80, seconds=2) for _ in range(2)]
            assert [type(one.exception()) for one in hung] == [Trouble, Trouble]
        with pytest.raises(FetchCrowded):
            resolver.resolve("good.test", 80, seconds=0.05)
    finally:
        release.set()
    assert [str(address) for address in resolver.resolve("good.test", 80, seconds=60)] == [PUBLIC]


def test_a_name_server_that_is_silent_ends_with_the_deadline(world: World) -> None:
    start = time.monotonic()
    answer = world.fetch("http://slow.test/", timeout=0.3)
    assert isinstance(answer, Failed)
    assert answer.why == "dns"
    assert answer.detail.startswith("no answer for slow.test within 0.")
    assert time.monotonic() - start < 1


# ----------------------------------------------------------------------------------------- connections


class Dead(httpcore.NetworkBackend):
    """Every address is a black hole, or refuses; it remembers the time that each was given."""

    def __init__(self, alive: str = "") -> None:
        self.shares: list[tuple[str, float]] = []
        self.alive = alive

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self.shares.append((host, timeout or 0))
        if host == self.alive:
            return httpcore.MockStream([])
        raise httpcore.ConnectError("refused")


@pytest.mark.parametrize(
    ("alive", "tried"),
    [
        pytest.param("1.0.0.2", 2, id="the second answers"),
        pytest.param("1.0.0.5", 4, id="only four are tried"),
    ],
)
def test_addresses_are_tried_in_order_and_share_the_time(alive: str, tried: int) -> None:
    dead = Dead(alive)
    guard = Guard(Rules(), Resolver(lambda host, port: [f"1.0.0.{n}" for n in range(1, 7)]), dial=dead)
    guard.begin(seconds=4, port=80)
    if tried < 4:
        guard.connect_tcp("many.test", 80)
    else:
        with pytest.raises(Trouble, match=r"many\.test:80: refused") as caught:
            guard.connect_tcp("many.test", 80)
        assert caught.value.why == Why.CONNECT
    assert [host for host, _ in dead.shares] == [f"1.0.0.{n}" for n in range(1, tried + 1)]
    assert 0.9 < dead.shares[0][1] <= 1


def test_without_a_deadline_nothing_is_sent() -> None:
    guard = Guard(Rules(), Resolver(), dial=Dead())
    with pytest.raises(Trouble) as caught:
        guard.connect_tcp("1.1.1.1", 80)
    assert caught.value.why == Why.DEADLINE


def test_unix_sockets_cannot_be_dialled() -> None:
    with pytest.raises(NotImplementedError):
        Guard(Rules(), Resolver()).connect_unix_socket("/run/x")
