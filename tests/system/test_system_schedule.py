"""When the whole program asks again, as a server that remembers every request sees it.

The clock is the test's: days pass in seconds. Pauses between requests are real.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.desk import Desk
from tests.origin import Asked, Origin, Reply
from tests.system.publishers import once, pass_by, poll_by_poll, rss, told

pytestmark = pytest.mark.usefixtures("hatched")


@pytest.fixture
def desk(tmp_path: Path, origin: Origin) -> Desk:
    return Desk(tmp_path, sources={"wire": origin.url("/wire")})


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
        start, before = desk.now, len(origin.requests)
        for hours, requests in ((0, 1), (least / 2, 1), (least - 0.01, 1), (most, 2)):
            desk.now = start + timedelta(hours=hours)
            list(app.refresh.run())
            assert len(origin.requests) - before == requests, f"after {hours:.4g} hours"


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
        gaps = poll_by_poll(desk, app, origin, hours=24 * 4)
    assert all(later >= sooner * 1.4 for sooner, later in pairwise(gaps[1:6])), gaps
    assert 24 <= max(gaps) <= 25
    assert gaps[-1] >= 24, "a day, again and again"
    assert told(desk)["why"].startswith(why)
    origin.put("/wire", rss(1))
    desk.now += timedelta(hours=25)
    once(desk)
    assert (told(desk)["failures"], told(desk)["counts"]["new"]) == (0, 1)


def test_a_refusal_is_taken_for_four_hours_and_then_for_ever_longer(desk: Desk, origin: Origin) -> None:
    origin.say("/wire", 403)
    with desk.app() as app:
        gaps = poll_by_poll(desk, app, origin, hours=24 * 4)
    assert len(gaps) >= 5
    for gap, least in zip(gaps, (4, 8, 16, 24, 24), strict=False):
        assert least <= gap <= least + 0.5, gaps
    assert "refuses us" in desk.run("status").stdout


def test_a_name_that_leads_nowhere_backs_off_and_is_not_given_up(
    desk: Desk, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: set[str] = set()
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def lookup(host: str, *rest: Any, **more: Any) -> Any:
        """A name server in a table, as no test may ask a real one."""
        if host == "wire.example":
            asked.append(host)
            if host not in known:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            host = origin.host
        return resolve(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    origin.put("/wire", rss(1))
    desk.sources["wire"] = origin.url("/wire", host="wire.example")
    gaps = []
    with desk.app() as app:
        for n in range(1, 10):
            list(app.refresh.run())
            (row,) = app.store.status()
            assert (row["why"], len(asked)) == ("dns: wire.example: Name or service not known", n)
            gaps.append((row["next_poll"] - desk.now) / timedelta(hours=1))
            desk.now = row["next_poll"]
        assert all(later >= sooner * 1.4 for sooner, later in pairwise(gaps[:6])), gaps
        assert all(24 <= gap <= 24.5 for gap in gaps[-2:]), "once a day, again and again"
        known.add("wire.example")
        list(app.refresh.run())
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


# -------------------------------------------------------------------------------------------- the rhythm


def test_the_interval_follows_what_the_source_yields(desk: Desk, origin: Origin) -> None:
    origin.put("/wire", rss(1), etag='"1"')
    with desk.app() as app:
        gaps = poll_by_poll(desk, app, origin, hours=24 * 8)
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
    for arguments in ((), ("--all",)):  # the second three follow at once on the first
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _, given=arguments: desk.run("refresh", *given), range(3)))
    assert counting.most == 1
    spans = sorted(counting.spans)
    assert len(spans) >= 12
    assert all(begin - end >= 0.09 for (_, end), (begin, _) in pairwise(spans)), "from an answer to the next request"
