"""Conduct towards good servers, and what becomes of each status, redirect and connection."""

from __future__ import annotations

import contextlib
import re
import threading
from datetime import UTC, datetime

import pytest
from xxhash import xxh3_128_digest

from feeds.config import addresses
from feeds.config.settings import FetchSettings
from feeds.config.words import Wrong
from feeds.errors import UserError
from feeds.fetch.guard import Resolver
from feeds.fetch.http import HttpFetch
from feeds.model import Gone, Hints, Hop, NotModified
from tests.origin import Asked, Origin, Reply, Wire
from tests.unit.fetch.asking import AGENT, FEED, HEAD, TLS, Fetcher, ask, failed, got

# ----------------------------------------------------------------------------------------------- manners


def test_a_body_and_all_that_belongs_to_it(origin: Origin, fetch: HttpFetch) -> None:
    origin.put(
        "/feed",
        FEED,
        etag='"1"',
        last_modified="Fri, 01 May 2026 08:00:00 GMT",
        headers={"Cache-Control": "max-age=60"},
    )
    answer = got(ask(fetch, origin.url("/feed")))
    [document] = answer.documents
    assert (document.url, document.body) == (origin.url("/feed"), FEED)
    assert document.headers["content-type"] == "application/rss+xml"
    assert "content-length" not in document.headers
    assert (answer.etag, answer.last_modified) == ('"1"', "Fri, 01 May 2026 08:00:00 GMT")
    assert (answer.body_hash, answer.hops, answer.hints) == (xxh3_128_digest(FEED), (), Hints(max_age=60))


def test_a_request_says_what_it_must_and_nothing_more(origin: Origin, fetch: HttpFetch) -> None:
    origin.put("/feed", FEED, headers={"Set-Cookie": "id=1"})
    for _ in range(2):
        ask(fetch, origin.url("/feed?a=%7Eb"))
    first, second = origin.asked("/feed?a=%7Eb")
    assert set(second.headers) == {"host", "user-agent", "accept", "accept-encoding"}, "no cookies, no referer"
    assert (second.method, second.headers["user-agent"]) == ("GET", AGENT)
    assert second.headers["accept-encoding"] == "gzip"
    assert first.connection == second.connection, "the connection is kept"


@pytest.mark.parametrize("etag", ['"1"', 'W/"a,b"', "unquoted", '"', '"\xe9\xff"'])
def test_validators_travel_there_and_back_unchanged(origin: Origin, fetch: HttpFetch, etag: str) -> None:
    origin.put("/feed", FEED, etag=etag, last_modified="not even a date")
    answer = got(ask(fetch, origin.url("/feed")))
    assert (answer.etag, answer.last_modified) == (etag, "not even a date")
    again = ask(fetch, origin.url("/feed"), etag=answer.etag, last_modified=answer.last_modified)
    assert isinstance(again, NotModified)
    sent = origin.requests[-1].headers
    assert (sent["if-none-match"], sent["if-modified-since"]) == (etag, "not even a date")


def test_not_modified_brings_new_validators_and_hints(origin: Origin, fetch: HttpFetch) -> None:
    origin.say("/feed", Reply(status=304, headers={"ETag": '"2"', "Cache-Control": "max-age=60"}))
    answer = ask(fetch, origin.url("/feed"), etag='"1"')
    assert answer == NotModified(etag='"2"', last_modified=None, hints=Hints(max_age=60))


def test_not_modified_without_having_asked_for_it_is_a_failure(origin: Origin, fetch: HttpFetch) -> None:
    origin.say("/feed", 304)
    assert failed(ask(fetch, origin.url("/feed"))).why == "http_304"


def test_the_same_bytes_again_are_not_modified(origin: Origin, fetch: HttpFetch) -> None:
    origin.put("/feed", FEED)
    first = got(ask(fetch, origin.url("/feed")))
    origin.put("/feed", FEED, etag='"late"', gzip=True)
    answer = ask(fetch, origin.url("/feed"), etag='"lost"', body_hash=first.body_hash)
    assert answer == NotModified(equal_body=True, etag='"late"', last_modified="")


def test_gzip_is_undone(origin: Origin, fetch: HttpFetch) -> None:
    origin.put("/feed", FEED, gzip=True)
    document = got(ask(fetch, origin.url("/feed"))).documents[0]
    assert document.body == FEED
    assert "content-encoding" not in document.headers


def test_dates_of_a_server_without_clock_are_measured_by_ours(origin: Origin, fetcher: Fetcher) -> None:
    expires = {"Date": "", "Expires": "Fri, 01 May 2026 12:10:00 GMT"}
    origin.say("/feed", Reply(body=FEED, headers=expires))
    ours = fetcher(clock=lambda: datetime(2026, 5, 1, 12, tzinfo=UTC))
    assert got(ask(ours, origin.url("/feed"))).hints.max_age == 600
    assert got(ask(fetcher(), origin.url("/feed"))).hints.max_age == 0


# ----------------------------------------------------------------------------------------------- statuses


@pytest.mark.parametrize("status", [204, 206, 226, 300, 400, 403, 404, 418, 500, 503, 599, 999])
def test_a_status_that_brings_no_feed_is_named(origin: Origin, fetch: HttpFetch, status: int) -> None:
    origin.say("/feed", Reply(status=status, headers={"Retry-After": "120"}))
    answer = failed(ask(fetch, origin.url("/feed")))
    assert (answer.why, answer.status, answer.holds_host) == (f"http_{status}", status, False)
    assert answer.hints.retry_after == 120
    assert answer.detail


def test_of_two_retry_afters_the_longer_one_holds(origin: Origin, fetch: HttpFetch) -> None:
    origin.raw("/feed", b"HTTP/1.1 503 Busy\r\nRetry-After: 60\r\nContent-Length: 0\r\nRetry-After: 7200\r\n\r\n")
    assert failed(ask(fetch, origin.url("/feed"))).hints.retry_after == 7200


def test_too_many_requests_holds_the_host(origin: Origin, fetch: HttpFetch) -> None:
    origin.say("/feed", 429)
    assert failed(ask(fetch, origin.url("/feed"))).holds_host


@pytest.mark.parametrize("status", [410, 451])
def test_gone(origin: Origin, fetch: HttpFetch, status: int) -> None:
    origin.say("/feed", status)
    origin.redirect("/moved", "/feed", status=308)
    origin.redirect("/detour", "/feed", status=302)
    assert ask(fetch, origin.url("/feed")) == Gone(status=status, url=origin.url("/feed"))
    hop = Hop(status=308, url=origin.url("/feed"))
    assert ask(fetch, origin.url("/moved")) == Gone(status=status, url=origin.url("/feed"), hops=(hop,))
    assert failed(ask(fetch, origin.url("/detour"))).why == f"http_{status}", "a detour's end is not the source"


# ---------------------------------------------------------------------------------------------- redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_told(origin: Origin, fetch: HttpFetch, status: int) -> None:
    origin.redirect("/old", "../new/./feed#top", status=status)
    origin.put("/new/feed", FEED)
    answer = got(ask(fetch, origin.url("/old"), etag='"1"'))
    assert answer.hops == (Hop(status=status, url=origin.url("/new/feed")),)
    assert answer.documents[0].url == origin.url("/new/feed")
    assert origin.asked("/new/feed")[0].headers["if-none-match"] == '"1"'


def test_five_redirects_are_followed_and_no_more(origin: Origin, fetch: HttpFetch) -> None:
    for n in range(7):
        origin.redirect(f"/{n}", f"/{n + 1}")
    origin.put("/7", FEED)
    assert len(got(ask(fetch, origin.url("/2"))).hops) == 5
    answer = failed(ask(fetch, origin.url("/1")))
    assert (answer.why, answer.detail) == ("too_many_redirects", "more than 5 redirects")
    assert origin.asked("/7") == origin.requests[5:6]


@pytest.mark.parametrize("path", ["/a", "/self"])
def test_loops_are_named(origin: Origin, fetch: HttpFetch, path: str) -> None:
    origin.redirect("/a", "/b")
    origin.redirect("/b", "/a#again")
    origin.redirect("/self", "/self")
    answer = failed(ask(fetch, origin.url(path)))
    assert (answer.why, answer.detail) == ("redirect_loop", f"sent back to {origin.url(path)}")
    assert len(origin.requests) == (2 if path == "/a" else 1)


@pytest.mark.parametrize(
    "location",
    [
        pytest.param("", id="none"),
        pytest.param("ftp://127.0.0.1/", id="another scheme"),
        pytest.param("file:///etc/passwd", id="a file"),
        pytest.param("http://[::1/", id="broken brackets"),
        pytest.param("http://127.0.0.1:99999/", id="no such port"),
        pytest.param("http://127.0.0.1:0/", id="port nought"),
        pytest.param("http://h:port/", id="a word for a port"),
        pytest.param("http://" + "a" * 70000, id="longer than URLs are"),
    ],
)
def test_redirects_into_nowhere_are_named(origin: Origin, fetch: HttpFetch, location: str) -> None:
    origin.redirect("/feed", location)
    answer = failed(ask(fetch, origin.url("/feed")))
    assert answer.why == "bad_redirect"
    assert len(origin.requests) == 1


# -------------------------------------------------------------------------------------------- credentials


def test_credentials_go_to_their_own_origin_and_nowhere_else(origin: Origin, fetcher: Fetcher) -> None:
    with Origin() as other:
        origin.redirect("/feed", "/here")
        origin.redirect("/here", other.url("/there"))
        other.redirect("/there", f"http://thief:pw@127.0.0.1:{origin.port}/back")
        origin.put("/back", FEED)
        fetch = fetcher(allow=(f"127.0.0.1:{other.port}",))
        answer = got(ask(fetch, f"http://desk:s%40cret@127.0.0.1:{origin.port}/feed"))
    assert [r.headers.get("authorization") for r in origin.requests] == ["Basic ZGVzazpzQGNyZXQ="] * 3
    assert [r.headers.get("authorization") for r in other.requests] == [None]
    assert "cret" not in repr(answer)
    assert "thief" not in repr(answer)


@pytest.mark.parametrize("path", ["/404", "/silent", "/loop", "/bad", "/out", "/echo"])
def test_no_failure_tells_a_password(origin: Origin, fetcher: Fetcher, path: str) -> None:
    origin.silence("/silent")
    origin.redirect("/loop", f"http://desk:secret@127.0.0.1:{origin.port}/loop")
    origin.redirect("/bad", "ftp://desk:secret@127.0.0.1/")
    origin.redirect("/out", "http://desk:secret@10.0.0.1/")
    origin.say("/echo", Reply(body=b"x", headers={"Content-Encoding": "for http://desk:secret@127.0.0.1"}))
    answer = failed(ask(fetcher(timeout=0.3), f"http://desk:secret@127.0.0.1:{origin.port}{path}"))
    assert "secret" not in repr(answer)
    assert "@" not in answer.url


def test_an_address_that_cannot_be_asked_is_named(fetch: HttpFetch) -> None:
    for url in (
        "http://[::1/",
        "ftp://example.org/",
        "example.org/feed",
        "http:///feed",
        "http://127.0.0.1:99999/",
        "",
    ):
        assert failed(ask(fetch, url)).why == "bad_url", url


# ------------------------------------------------------------------------------------- connections, threads


def test_a_kept_connection_that_the_server_let_go_is_no_failure(origin: Origin, fetch: HttpFetch) -> None:
    def closes_without_a_word(asked: Asked, wire: Wire) -> None:
        wire.send(HEAD + b"Content-Length: 2\r\n\r\nok")
        wire.rest(0.15)

    origin.play("/feed", closes_without_a_word)
    assert got(ask(fetch, origin.url("/feed"))).documents[0].body == b"ok"
    # Asked while the server is about to close: the request arrives, but is not read any more.
    assert got(ask(fetch, origin.url("/feed"))).documents[0].body == b"ok"
    assert len({request.connection for request in origin.requests}) == 2


def test_answers_without_body_keep_the_connection(origin: Origin, fetch: HttpFetch) -> None:
    origin.put("/feed", FEED, etag='"1"')
    origin.redirect("/old", "/feed")
    origin.say("/none", 404)
    for path in ("/feed", "/old", "/none", "/feed"):
        ask(fetch, origin.url(path), etag='"1"')
    assert [request.connection for request in origin.requests] == [1] * 5


def test_many_threads_share_one_fetch(origin: Origin, fetch: HttpFetch) -> None:
    for n in range(8):
        origin.put(f"/{n}", b"%d" % n)
    wrong: list[object] = []

    def work(n: int) -> None:
        for _ in range(15):
            body = got(ask(fetch, origin.url(f"/{n}"))).documents[0].body
            if body != b"%d" % n:
                wrong.append(body)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(origin.requests) == 8 * 15
    assert len({request.connection for request in origin.requests}) <= 8, "as many connections as ever worked at once"


def test_closing_lets_go_of_what_is_kept_and_of_what_comes_back(origin: Origin, fetcher: Fetcher) -> None:
    fetch = fetcher()
    origin.put("/feed", FEED)
    got(ask(fetch, origin.url("/feed")))
    fetch.close()
    for _ in range(2):
        got(ask(fetch, origin.url("/feed")))
    assert [request.connection for request in origin.requests] == [1, 2, 3]


def test_a_contact_in_any_script_costs_no_fetch(origin: Origin) -> None:
    origin.put("/feed", FEED)
    fetch = HttpFetch(FetchSettings(allow=("127.0.0.0/8",)), user_agent="topic-feeds/1 (+mailto:редакція@x)", tls=TLS)
    assert got(ask(fetch, origin.url("/feed"))).documents[0].body == FEED
    fetch.close()


def test_a_surprise_is_a_value_too(origin: Origin, fetcher: Fetcher) -> None:
    def broken(host: str, port: int) -> list[str]:
        return ["no address"]

    answer = failed(ask(fetcher(resolver=Resolver(broken)), "http://odd.test/"))
    assert answer.why == "other_ValueError"


@pytest.mark.parametrize(
    "settings",
    [
        FetchSettings(allow=("intranet",)),
        FetchSettings(proxy="127.0.0.1:3128"),
        FetchSettings(proxy="http://[::1"),
        FetchSettings(proxy="socks5://127.0.0.1:1080"),
        FetchSettings(proxy="https://me:secret@127.0.0.1:1080"),
    ],
)
def test_settings_that_cannot_hold_are_refused_at_once(settings: FetchSettings) -> None:
    with pytest.raises(UserError, match=r"\[fetch\]") as caught:
        HttpFetch(settings, user_agent=AGENT)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "proxy",
    [
        pytest.param("http://proxy", id="a name alone"),
        pytest.param("HTTP://Proxy.Example.org.:3128/", id="capitals and a final dot"),
        pytest.param("http://my_proxy-2:3128", id="a name as containers have it"),
        pytest.param("http://xn--bcher-kva.example:65535", id="a name that was encoded"),
        pytest.param("http://10.0.0.5:", id="no port behind the colon"),
        pytest.param("http://[::ffff:10.0.0.5]:3128", id="IPv6"),
        pytest.param("http://[fe80::1%eth0]:3128", id="IPv6 of one network card"),
        pytest.param("http://me:p%40s%zz:@w@proxy:3128", id="an odd password"),
        pytest.param("https://proxy:3128", id="https"),
        pytest.param("socks5h://proxy:1080", id="socks"),
        pytest.param("proxy:3128", id="no scheme"),
        pytest.param("http://:3128", id="no host"),
        pytest.param("http://256.1.1.1:3128", id="no address"),
        pytest.param("http://1x2x3x4:3128", id="taken for an address by some"),
        pytest.param("http://\u00b2:3128", id="a letter that no name has"),
        pytest.param("http://proxy:0", id="no port"),
        pytest.param("http://proxy:65536", id="beyond all ports"),
        pytest.param("http://proxy/path", id="a path"),
        pytest.param("http://proxy?query", id="a query"),
    ],
)
def test_the_configuration_takes_the_proxies_that_a_fetch_takes(proxy: str) -> None:
    told = ""
    try:
        addresses.proxy(proxy)
    except Wrong as exc:
        told = f"[fetch] proxy: {exc}; {exc.remedy}"
    refused = pytest.raises(UserError, match=f"^{re.escape(told)}$") if told else contextlib.nullcontext()
    with refused:
        HttpFetch(FetchSettings(proxy=proxy), user_agent=AGENT, tls=TLS).close()
