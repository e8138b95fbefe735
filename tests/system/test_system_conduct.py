"""How the whole program behaves towards publishers, as a server that remembers every request sees it.

The clock is the test's: days pass in seconds. Pauses between requests are real.
"""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from feeds import __version__
from feeds.wiring import App
from tests.desk import Desk
from tests.origin import Asked, Origin, Reply

ROOT = Path(__file__).parents[2]


def rss(*guids: object, head: str = "") -> bytes:
    """A feed with an item for each guid."""
    items = "".join(
        f"<item><guid>{g}</guid><title>Report {g} from the Black Sea ports</title><link>https://wire.example/{g}</link>"
        f"<pubDate>Fri, 20 Nov 2026 09:00:00 GMT</pubDate><description>All that report {g} says.</description></item>"
        for g in guids
    )
    return f'<rss version="2.0"><channel><title>Wire</title>{head}{items}</channel></rss>'.encode()


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, origin: Origin) -> Desk:
    return Desk(tmp_path, sources={"wire": origin.url("/wire")})


def once(desk: Desk, **options: Any) -> None:
    """One pass of a program that has just started."""
    with desk.app() as app:
        list(app.refresh.run(**options))


def pass_by(desk: Desk, app: App, origin: Origin, *, hours: float, step: float = 0.25) -> list[float]:
    """Let time go by, with a pass at each step. Returns after how many hours requests came."""
    start, came = desk.now, []
    for n in range(round(hours / step) + 1):
        desk.now = start + timedelta(hours=n * step)
        before = len(origin.requests)
        list(app.refresh.run())
        came += [n * step] * (len(origin.requests) - before)
    return came


def told(desk: Desk, name: str = "wire") -> Mapping[str, Any]:
    with desk.app() as app:
        return next(row for row in app.store.status() if row["name"] == name)


def conditions(asked: Asked) -> tuple[str, str]:
    return asked.headers.get("if-none-match", ""), asked.headers.get("if-modified-since", "")


# ---------------------------------------------------------------------------------------------- requests


def test_a_request_says_who_asks_for_what_and_nothing_more(desk: Desk, origin: Origin) -> None:
    origin.redirect("/wire", "/moved", status=302)
    origin.put("/moved", rss(1), headers={"Set-Cookie": "id=1; Path=/"})
    for _ in range(2):
        once(desk)
        desk.now += timedelta(days=1)
    assert len(origin.requests) == 4
    for asked in origin.requests:
        assert set(asked.headers) == {"host", "user-agent", "accept", "accept-encoding"}, "no cookie, no referer"
        assert asked.headers["user-agent"] == f"topic-feeds/{__version__} (+desk@desk.example)"
        assert asked.headers["accept-encoding"] == "gzip"
        for kind in ("application/rss+xml", "application/atom+xml", "application/feed+json"):
            assert kind in asked.headers["accept"]


@pytest.mark.parametrize(
    ("etag", "last_modified"),
    [
        pytest.param('"1"', "Fri, 20 Nov 2026 08:00:00 GMT", id="as they should be"),
        pytest.param('W/"a,b"', "", id="weak, with a comma"),
        pytest.param("unquoted", "", id="without quotes"),
        pytest.param('"half', "", id="half a quote"),
        pytest.param('"a"b"', "", id="a quote inside"),
        pytest.param('"\xe9\xff"', "", id="bytes beyond ASCII"),
        pytest.param('"' + "x" * 4000 + '"', "", id="very long"),
        pytest.param("", "Fri, 20 Nov 2026 08:00:00 +0000", id="a date in another form"),
        pytest.param("", "yesterday, or so", id="no date at all"),
        pytest.param('"1"', "-1", id="both, one of them odd"),
    ],
)
def test_validators_come_back_byte_for_byte_after_a_restart(
    desk: Desk, origin: Origin, etag: str, last_modified: str
) -> None:
    origin.put("/wire", rss(1), etag=etag, last_modified=last_modified)
    for _ in range(2):
        once(desk)
        desk.now += timedelta(hours=1)
    assert [conditions(asked) for asked in origin.requests] == [("", ""), (etag, last_modified)]
    assert told(desk)["counts"]["not_modified"] == 1


def test_a_lost_etag_is_forgotten(desk: Desk, origin: Origin) -> None:
    origin.put("/wire", rss(1), etag='"1"')
    once(desk)
    origin.put("/wire", rss(1, 2))
    for _ in range(2):
        desk.now += timedelta(hours=1)
        once(desk)
    assert [conditions(asked)[0] for asked in origin.requests] == ["", '"1"', ""]


def test_the_new_etag_of_a_304_is_taken(desk: Desk, origin: Origin) -> None:
    origin.say(
        "/wire",
        Reply(body=rss(1), headers={"ETag": '"1"'}),
        Reply(status=304, headers={"ETag": '"2"'}),
        Reply(status=304),
    )
    for _ in range(3):
        once(desk)
        desk.now += timedelta(hours=3)
    assert [conditions(asked)[0] for asked in origin.requests] == ["", '"1"', '"2"']


def test_validators_of_a_body_that_cannot_be_read_are_not_kept(desk: Desk, origin: Origin) -> None:
    origin.put("/wire", b"<html><body>Please log in</body></html>", etag='"page"')
    once(desk)
    origin.put("/wire", rss(1), etag='"1"')
    for _ in range(2):
        desk.now += timedelta(hours=1)
        once(desk)
    assert [conditions(asked)[0] for asked in origin.requests] == ["", "", '"1"']


# ------------------------------------------------------------------------------------------ untrue 304s


class Stuck:
    """A server that says "not modified" to everybody who asks conditionally, whatever it holds."""

    def __init__(self, origin: Origin) -> None:
        self.body = rss(1)
        origin.handle("/wire", self.answer)

    def answer(self, asked: Asked) -> Reply:
        if any(conditions(asked)):
            return Reply(status=304)
        return Reply(body=self.body, headers={"ETag": '"stuck"'})


def test_a_server_that_only_says_304_is_asked_once_unconditionally(desk: Desk, origin: Origin) -> None:
    Stuck(origin)
    with desk.app() as app:
        pass_by(desk, app, origin, hours=100, step=1)
    bare = [n for n, asked in enumerate(origin.requests) if not any(conditions(asked))]
    assert len(bare) == 2, "the first request, and one more"
    assert told(desk)["distrusted_until"] is None


def test_a_server_whose_304s_hide_news_is_asked_unconditionally_for_a_week(desk: Desk, origin: Origin) -> None:
    stuck = Stuck(origin)
    with desk.app() as app:
        list(app.refresh.run())
        stuck.body = rss(1, 2)
        pass_by(desk, app, origin, hours=20, step=1)
        assert all(any(conditions(asked)) for asked in origin.requests[1:]), "believed so far"
        pass_by(desk, app, origin, hours=30, step=1)
        found = told(desk)
        assert (found["counts"]["new"], found["distrusted_until"] is not None) == (2, True)
        stuck.body = rss(1, 2, 3)
        pass_by(desk, app, origin, hours=100, step=1)
        assert told(desk)["counts"]["new"] == 3, "nothing hides behind a 304 any more"
        assert not any(any(conditions(asked)) for asked in origin.requests[-3:])
        pass_by(desk, app, origin, hours=100, step=1)
    assert any(conditions(origin.requests[-1])), "after a week it is believed again"


# ----------------------------------------------------------------------------------------------- wishes

BUSY = {"Cache-Control": "max-age=18000"}
EXPIRES = {"Expires": "Fri, 20 Nov 2026 17:00:00 GMT", "Date": ""}  # without Date our own clock counts
FOR_EVER = {"Cache-Control": "max-age=31536000"}
TTL, DAILY = "<ttl>300</ttl>", "<sy:updatePeriod>daily</sy:updatePeriod>"
AFTERNOON = f"<skipHours>{''.join(f'<hour>{h}</hour>' for h in range(12, 17))}</skipHours>"
FRIDAY = "<skipDays><day>Friday</day></skipDays>"
SYNDICATION = b'<rss xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '


@pytest.mark.parametrize(
    ("replies", "least", "most"),
    [
        pytest.param([Reply(body=rss(1), headers=BUSY)], 5, 5.75, id="max-age of a body"),
        pytest.param(
            [Reply(body=rss(1), headers={"ETag": "1"}), Reply(status=304, headers=BUSY)], 5, 5.75, id="max-age of a 304"
        ),
        pytest.param([Reply(status=500, headers=BUSY)], 5, 5.75, id="max-age of an error"),
        pytest.param(
            [Reply(body=rss(1), headers={"Expires": "Fri, 20 Nov 2026 17:00:00 GMT", "Date": ""})],
            5,
            5.75,
            id="Expires",
        ),
        pytest.param([Reply(body=rss(1, head="<ttl>300</ttl>"))], 5, 5.75, id="ttl"),
        pytest.param(
            [Reply(body=rss(1, head="<ttl>300</ttl>"), headers={"ETag": "1"}), Reply(status=304)],
            7.5,
            8.5,
            id="ttl kept",
        ),
        pytest.param([Reply(body=rss(1, head=DAILY).replace(b"<rss ", SYNDICATION))], 24, 24.75, id="sy:updatePeriod"),
        pytest.param([Reply(body=rss(1, head=AFTERNOON))], 5, 5.25, id="skipHours"),
        pytest.param([Reply(body=rss(1, head=FRIDAY))], 12, 12.25, id="skipDays"),
        pytest.param([Reply(body=rss(1), headers=FOR_EVER)], 24, 24.75, id="a year is a day"),
        pytest.param([Reply(status=503, headers={"Retry-After": "18000"})], 5, 5.75, id="Retry-After of a 503"),
        pytest.param([Reply(status=429, headers={"Retry-After": "18000"})], 5, 5.75, id="Retry-After of a 429"),
        pytest.param(
            [Reply(status=503, headers={"Retry-After": "Fri, 20 Nov 2026 17:00:00 GMT", "Date": ""})],
            5,
            5.75,
            id="Retry-After as a date",
        ),
        pytest.param([Reply(status=503, headers={"Retry-After": "99999999"})], 24, 24.75, id="an absurd one is a day"),
        pytest.param([403], 4, 4.75, id="403 waits four hours"),
    ],
)
def test_publishers_are_given_the_time_that_they_ask_for(
    desk: Desk, origin: Origin, replies: list[Reply | int], least: float, most: float
) -> None:
    origin.say("/wire", *replies)
    with desk.app() as app:
        if len(replies) > 1:
            list(app.refresh.run())
            desk.now = next(row["next_poll"] for row in app.store.status())
        came = pass_by(desk, app, origin, hours=30)
    assert came[0] == 0
    assert least <= came[1] <= most


def test_429_holds_the_host_and_503_the_address(tmp_path: Path, origin: Origin) -> None:
    desk = Desk(tmp_path, sources={name: origin.url(f"/{name}") for name in ("a", "b", "c")})
    for name in "abc":
        origin.put(f"/{name}", rss(name))
    origin.say("/b", Reply(status=503, headers={"Retry-After": "7200"}), Reply(body=rss("b")))
    once(desk)
    desk.now += timedelta(hours=1)
    once(desk)
    assert [len(origin.asked(f"/{name}")) for name in "abc"] == [2, 1, 2], "503: b alone waits"
    desk.now += timedelta(hours=2)
    origin.say("/a", Reply(status=429, headers={"Retry-After": "7200"}), Reply(body=rss("a")))
    once(desk, only=["a"])
    desk.now += timedelta(hours=1)
    once(desk)
    once(desk, due=False)
    assert [len(origin.asked(f"/{name}")) for name in "abc"] == [3, 1, 2], "429: all of the host wait"
    desk.now += timedelta(hours=1, minutes=15)
    once(desk)
    assert [len(origin.asked(f"/{name}")) for name in "abc"] == [4, 2, 3]


def test_a_429_stops_the_pass_for_its_host_at_once(tmp_path: Path, origin: Origin) -> None:
    desk = Desk(tmp_path, per_host=1, sources={name: origin.url(f"/{name}") for name in ("a", "b", "c")})
    for name in "abc":
        origin.put(f"/{name}", rss(name))
    origin.say("/a", Reply(status=429, headers={"Retry-After": "3600"}), Reply(body=rss("a")))
    with Origin(host="127.0.0.2") as other:
        other.put("/d", rss("d"))
        desk.sources["d"] = other.url("/d")
        report = desk.refresh()
        assert (report["polled"], [row["source"] for row in report["failed"]], report["new"]) == (2, ["a"], 1)
        assert [asked.path for asked in origin.requests] == ["/a"]
        desk.now += timedelta(hours=1, minutes=15)
        assert desk.refresh()["new"] == 3, "nothing was lost"


@pytest.mark.parametrize(("status", "words"), [(410, "taken away for good"), (451, "legal reasons")])
def test_gone_stops_and_says_so(desk: Desk, origin: Origin, status: int, words: str) -> None:
    origin.say("/wire", status)
    with desk.app() as app:
        assert pass_by(desk, app, origin, hours=100, step=4) == [0]
    said = desk.run("status").stdout
    assert "stopped" in said
    assert words in re.sub(r"[\s│]+", " ", said)
    once(desk, due=False, force=True)
    assert len(origin.requests) == 2, "unless the operator insists"


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        pytest.param(404, "http_404", id="not found"),
        pytest.param(500, "http_500", id="a server in trouble"),
        pytest.param(Reply(body=b"<html><body>Welcome</body></html>"), "not_a_feed", id="not a feed"),
        pytest.param(Reply(body=b""), "empty", id="nothing"),
        pytest.param(Reply(body=b"x", headers={"Content-Encoding": "br"}), "encoding", id="brotli"),
    ],
)
def test_failures_come_ever_more_rarely_and_never_end(desk: Desk, origin: Origin, reply: Reply | int, why: str) -> None:
    origin.say("/wire", reply)
    with desk.app() as app:
        came = pass_by(desk, app, origin, hours=24 * 4)
    gaps = [later - sooner for sooner, later in pairwise(came)]
    assert all(later >= sooner * 1.4 for sooner, later in pairwise(gaps[1:6])), gaps
    assert 24 <= max(gaps) <= 25
    assert gaps[-1] >= 24, "a day, again and again"
    assert told(desk)["why"].startswith(why)
    origin.put("/wire", rss(1))
    desk.now += timedelta(hours=25)
    once(desk)
    assert (told(desk)["failures"], told(desk)["counts"]["new"]) == (0, 1)


def test_encryption_that_fails_backs_off_too(tmp_path: Path) -> None:
    heard: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                with listener.accept()[0] as client:
                    heard.append(client.recv(4096))
                    client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        desk = Desk(tmp_path, sources={"wire": f"https://127.0.0.1:{listener.getsockname()[1]}/wire"})
        gaps = []
        for _ in range(3):
            once(desk)
            gaps.append(told(desk)["next_poll"] - desk.now)
            desk.now = told(desk)["next_poll"]
    assert all(later > sooner * 1.5 for sooner, later in pairwise(gaps))
    assert told(desk)["why"].startswith("tls")
    assert [first[:1] for first in heard] == [b"\x16"] * 3, "and never without encryption"


# ------------------------------------------------------------------------------------------- redirects


@pytest.mark.parametrize(("status", "learnt"), [(301, True), (308, True), (302, False), (303, False), (307, False)])
def test_a_permanent_redirect_is_learnt_after_a_day(desk: Desk, origin: Origin, status: int, learnt: bool) -> None:
    origin.redirect("/wire", "/new", status=status)
    origin.put("/new", rss(1), etag='"1"')
    with desk.app() as app:
        pass_by(desk, app, origin, hours=23)
        assert len(origin.asked("/wire")) == len(origin.asked("/new")) > 3, "not before a day has passed"
        pass_by(desk, app, origin, hours=48)
        before = len(origin.asked("/wire"))
        pass_by(desk, app, origin, hours=48)
    assert (len(origin.asked("/wire")) == before) is learnt
    assert told(desk)["moved_to"] == (origin.url("/new") if learnt else "")


@pytest.mark.parametrize("status", [404, 410])
def test_a_move_is_learnt_at_once_when_the_old_address_is_gone(desk: Desk, origin: Origin, status: int) -> None:
    origin.redirect("/wire", "/new")
    origin.put("/new", rss(1))
    once(desk)
    origin.say("/wire", status)
    desk.now += timedelta(hours=1)
    once(desk)
    desk.now += timedelta(hours=1)
    once(desk)
    assert [asked.path for asked in origin.requests] == ["/wire", "/new", "/wire", "/new"]
    assert (told(desk)["failures"], told(desk)["stopped"]) == (0, False)


def test_loops_and_long_ways_are_named(tmp_path: Path, origin: Origin) -> None:
    desk = Desk(tmp_path, sources={"loop": origin.url("/loop"), "long": origin.url("/0")})
    origin.redirect("/loop", "/pool")
    origin.redirect("/pool", "/loop")
    for n in range(7):
        origin.redirect(f"/{n}", f"/{n + 1}")
    once(desk)
    assert told(desk, "loop")["why"].startswith("redirect_loop: sent back to")
    assert told(desk, "long")["why"] == "too_many_redirects: more than 5 redirects"
    assert len(origin.requests) == 2 + 6


def test_a_page_where_a_feed_was_expected_names_the_feeds_that_it_links(desk: Desk, origin: Origin) -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/real.xml">'
    origin.put("/wire", f"<html><head>{link}</head><body>News</body></html>".encode(), media="text/html")
    once(desk)
    assert f"the page links {origin.url('/real.xml')}" in desk.run("sources", "check", check=False).stdout
    assert told(desk)["why"].startswith("not_a_feed")


# -------------------------------------------------------------------------------------------- the rhythm


def test_the_interval_follows_what_the_source_yields(desk: Desk, origin: Origin) -> None:
    origin.put("/wire", rss(1), etag='"1"')
    with desk.app() as app:
        came = pass_by(desk, app, origin, hours=24 * 8, step=0.5)
        gaps = [later - sooner for sooner, later in pairwise(came)]
        assert gaps[0] <= 0.5
        assert 24 <= gaps[-1] <= 24.75, "silence: once a day"
        for n in range(2, 30):
            origin.put("/wire", rss(*range(n)), etag=f'"{n}"')
            list(app.refresh.run(due=False))
        assert next(row["interval"] for row in app.store.status()) == 900, "news at each poll: the floor"


def test_nothing_is_asked_early_after_a_restart(desk: Desk, origin: Origin) -> None:
    origin.put("/wire", rss(1))
    for _ in range(5):
        once(desk)
        desk.now += timedelta(minutes=2)
    assert desk.refresh()["polled"] == 0
    assert len(origin.requests) == 1


def test_after_a_long_sleep_each_source_is_asked_once(tmp_path: Path, origin: Origin) -> None:
    desk = Desk(tmp_path, sources={f"s{n}": origin.url(f"/{n}") for n in range(20)})
    for n in range(20):
        origin.put(f"/{n}", rss(n))
    once(desk)
    desk.now += timedelta(days=3)
    for _ in range(3):
        once(desk)
        desk.now += timedelta(seconds=10)
    assert [len(origin.asked(f"/{n}")) for n in range(20)] == [2] * 20


# --------------------------------------------------------------------------------- one at a time, a pause


class Counting:
    """Answers slowly, and counts how many requests it has at the same time."""

    def __init__(self, origin: Origin, count: int) -> None:
        self.lock, self.now, self.most = threading.Lock(), 0, 0
        self.spans: list[tuple[float, float]] = []
        for n in range(count):
            origin.handle(f"/{n}", self.answer)

    def answer(self, asked: Asked) -> Reply:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.03)
        with self.lock:
            self.now -= 1
            self.spans.append((asked.time, time.monotonic()))
        return Reply(body=rss(asked.path))


def test_one_host_gets_one_request_at_a_time_whoever_asks(tmp_path: Path, origin: Origin) -> None:
    desk = Desk(tmp_path, per_host=1, host_delay="0.1s")
    desk.sources = {f"s{n}": origin.url(f"/{n}") for n in range(6)}
    desk.run("db", "upgrade")
    counting = Counting(origin, 6)
    command = [sys.executable, "-m", "feeds", "--config", str(desk.config), "refresh", "--json"]
    for arguments in ((), ("--all",)):  # the second pair follows at once on the first
        several = [
            subprocess.Popen([*command, *arguments], env=desk.environment(), cwd=ROOT, stdout=subprocess.DEVNULL)
            for _ in range(3)
        ]
        assert [process.wait(60) for process in several] == [0, 0, 0]
    assert counting.most == 1
    spans = sorted(counting.spans)
    assert len(spans) >= 12
    assert all(begin - end >= 0.09 for (_, end), (begin, _) in pairwise(spans)), "from an answer to the next request"
