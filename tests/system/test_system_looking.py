"""`feeds sources check` and `discover`, and how `feeds status` tells what comes next."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.errors import EXIT_DONE, EXIT_FAILED, EXIT_USAGE
from tests.desk import Desk
from tests.origin import Origin, Reply

pytestmark = pytest.mark.usefixtures("hatched")

ITEM = (
    b"<item><guid>1</guid><title>Drones hit the port of Odesa in Ukraine</title><link>https://wire.example/1</link>"
    b"<pubDate>Fri, 20 Nov 2026 09:00:00 GMT</pubDate><description>Two docks burn.</description></item>"
)
FEED = b"<rss version='2.0'><channel><title>The Wire</title><ttl>60</ttl>" + ITEM + b"</channel></rss>"
PAGE = (
    b"<html><head><link rel='alternate' type='application/rss+xml' href='/rss.xml'>"
    b"<link rel='alternate' type='application/atom+xml' href='https://wire.example/atom'></head><body>News</body></html>"
)


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        running.put("/good", FEED, etag='"1"', headers={"Cache-Control": "max-age=600"})
        running.redirect("/moved", "/good")
        running.put("/page", PAGE, media="text/html")
        running.say("/br", Reply(body=b"\x0b\x02\x80<rss/>\x03", headers={"Content-Encoding": "br"}))
        running.say("/zstd", Reply(body=b"\x28\xb5\x2f\xfd", headers={"Content-Encoding": "zstd"}))
        running.put("/asleep", FEED.replace(b"20 Nov 2026", b"20 Nov 2025"))
        running.put("/empty", b"<rss version='2.0'><channel><title>Nothing yet</title></channel></rss>")
        running.put("/odd", FEED.replace(b"</channel>", b"<item><guid>2</guid></item></channel>"))
        yield running


@pytest.fixture
def desk(tmp_path: Path, origin: Origin) -> Desk:
    names = ("good", "moved", "page", "br", "zstd", "asleep", "empty", "odd", "missing")
    return Desk(tmp_path, sources={name: origin.url(f"/{name}") for name in names})


def test_a_check_says_what_it_saw_and_what_to_mend(desk: Desk, origin: Origin) -> None:
    done = desk.run("sources", "check", "--json", check=False)
    assert done.returncode == EXIT_FAILED
    report = json.loads(done.stdout)
    seen: dict[str, Any] = {row["source"]: row for row in report["sources"]}
    assert seen["good"] == {
        "source": "good",
        "says": f"rss20, 1 item, the newest of 2026-11-20 09:00 UTC; {len(FEED) / 1000:.3g} kB",
        "title": "The Wire",
        "topics": "ukraine 1",
        "validators": "ETag",
        "asks for": "max-age 10 min, ttl 60 min",
        "findings": [],
    }
    mend = {name: " / ".join(row["findings"]) for name, row in seen.items() if row["findings"]}
    assert mend == {
        "moved": f'it has moved for good; write url = "{origin.url("/good")}"',
        "page": f"not_a_feed: an HTML page; the page links {origin.url('/rss.xml')} and https://wire.example/atom",
        "br": "encoding: content coding 'br', though only gzip was asked for",
        "zstd": "encoding: content coding 'zstd', though only gzip was asked for",
        "asleep": "nothing new for 365 d",
        "empty": "it lists nothing",
        "odd": "1 item of no use: it has neither a title nor a text",
        "missing": "http_404: Not Found",
    }
    assert report["findings"] == len(mend)
    assert seen["asleep"]["validators"] == "none: each poll takes the whole body"
    assert not (desk.folder / "feeds.db").exists(), "nothing is stored"
    assert not desk.public.exists()


@pytest.mark.parametrize(
    ("names", "code", "words"),
    [
        pytest.param(("good",), EXIT_DONE, "1 source asked, 0 findings; nothing was stored.", id="nothing to mend"),
        pytest.param(("good", "br"), EXIT_FAILED, "br: encoding: content coding 'br'", id="brotli, unasked"),
        pytest.param(("nobody",), EXIT_USAGE, "no source is called nobody", id="no such source"),
    ],
)
def test_a_check_of_some(desk: Desk, origin: Origin, names: tuple[str, ...], code: int, words: str) -> None:
    done = desk.run("sources", "check", *names, check=False)
    assert done.returncode == code
    assert words in done.stdout + done.stderr
    assert len(origin.requests) == (0 if code == EXIT_USAGE else len(names)), "each once"


def test_a_check_stops_where_a_host_wants_a_pause(desk: Desk, origin: Origin) -> None:
    desk.per_host = 1
    origin.say("/good", 429)
    said = desk.run("sources", "check", "good", "moved", check=False).stdout
    assert "good: http_429" in said
    assert "moved: not asked, as its host wants a pause" in said
    assert len(origin.requests) == 1


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        pytest.param("/page", EXIT_DONE, "{origin}/rss.xml\nhttps://wire.example/atom\n", id="a page that links two"),
        pytest.param("/good", EXIT_DONE, "{origin}/good: a feed itself (rss20, 1 item)\n", id="a feed"),
        pytest.param("/moved", EXIT_DONE, "{origin}/good: a feed itself (rss20, 1 item)\n", id="moved"),
        pytest.param("/plain", EXIT_FAILED, "{origin}/plain: links no feed\n", id="a page that links none"),
        pytest.param("/missing", EXIT_USAGE, "{origin}/missing: http_404: Not Found\n", id="nothing there"),
    ],
)
def test_discover_names_the_feeds_of_a_page(desk: Desk, origin: Origin, path: str, code: int, words: str) -> None:
    origin.put("/plain", b"<html><body>No feeds here</body></html>", media="text/html")
    done = desk.run("sources", "discover", origin.url(path), check=False)
    assert done.returncode == code
    assert done.stdout + done.stderr == words.format(origin=origin.url(""))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://10.0.0.1/", "gopher://x/"])
def test_discover_goes_where_a_source_may_go(desk: Desk, url: str) -> None:
    done = desk.run("sources", "discover", url, check=False)
    assert done.returncode == EXIT_USAGE
    assert "Traceback" not in done.stderr


def test_status_tells_the_next_poll_and_why(desk: Desk, origin: Origin) -> None:
    origin.say("/missing", 410)
    origin.say("/odd", Reply(status=503, headers={"Retry-After": "7200"}))
    origin.say("/empty", 403)
    desk.run("refresh", "--json")
    desk.sources["fresh"] = "http://127.0.0.3:9/feed"
    with desk.app():  # as another process takes it up; to look does not
        pass
    rows = {row["name"]: row for row in json.loads(desk.run("status", "--json").stdout)["sources"]}
    state, following = ({name: row[key] for name, row in rows.items()} for key in ("state", "next"))
    since = "since 2026-11-20 12:00 UTC, once"
    assert state["good"] == "fresh"
    assert re.fullmatch(r"2026-11-20 13:0\d UTC: the feed asks for 1 h between polls", following["good"])
    assert state["missing"] == "stopped: http_410: taken away for good; not asked any more"
    assert following["missing"] == "never; `feeds refresh --source missing --force` asks again"
    assert state["empty"] == f"refuses us {since}: http_403"
    assert re.fullmatch(r"2026-11-20 16:\d\d UTC: it has failed once, so it is asked more rarely", following["empty"])
    assert state["odd"].startswith(f"failing {since}: http_503: Service Unavailable; waits until 2026-11-20 14:00")
    assert re.fullmatch(r"2026-11-20 14:\d\d UTC: its Retry-After is 2 h", following["odd"])
    linked = f"{origin.url('/rss.xml')} and https://wire.example/atom"
    assert state["page"] == f"failing {since}: not_a_feed: an HTML page; the page links {linked}"
    assert (state["fresh"], following["fresh"]) == ("not polled yet", "at once: never polled")
    desk.now += timedelta(hours=1, minutes=30)
    table = re.sub(r"[\s│]+", " ", desk.run("status").stdout)
    assert "at once: due since 2026-11-20 12:" in table
    assert "late by" in table
