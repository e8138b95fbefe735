"""Queries over real connections: bounded, kept, and never in the way of published files."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from feeds.config import ServeSettings
from feeds.errors import StoreFailing, StoreSlow, UserError
from feeds.model import Answered, Form, Misread
from feeds.serve import searching
from feeds.serve.allowance import Allowance, asker
from feeds.serve.app import Server
from tests.running import eventually
from tests.unit.serve.test_serve_app import OnePage

LOCAL = ServeSettings(listen="127.0.0.1:0")
FIELDS = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
    "html": "text/html",
}


class Archive:
    """Says back what it is asked. `slow...` waits until it is let go; other words make it fail."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.published = 1
        self.go = threading.Event()
        self.failing: Exception | None = None

    def state(self) -> object:
        if self.failing:
            raise self.failing
        return self.published

    def answer(self, text: str, form: Form) -> Answered | Misread:
        self.asked.append(text)
        if text.startswith("slow"):
            self.go.wait(20)
        if text == "dear":
            raise StoreSlow("feeds.db: it took too long")
        if text == "crash":
            raise RuntimeError("crash")
        misread = Misread(at=3, why="nothing")
        if text == "wrong" and form != "html":
            return misread
        body = f"<p>{self.published} {text} {form}</p>".encode() * 20
        modified = datetime(2026, 11, 20, 12, tzinfo=UTC)
        return Answered(form=form, body=body, modified=modified, understood=text != "wrong")


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture
def archive() -> Iterator[Archive]:
    made = Archive()
    yield made
    made.go.set()


@pytest.fixture
def server(archive: Archive) -> Iterator[Server]:
    with Server(OnePage(), LOCAL, search=lambda: archive) as server:
        yield server
        archive.go.set()


def ask(server: Server, target: str, method: str = "GET", **fields: str) -> Reply:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request(method, target, headers={name.replace("_", "-"): value for name, value in fields.items()})
        answer = connection.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


@pytest.mark.parametrize("form", FIELDS)
def test_a_query_is_answered_as_published_files_are(server: Server, form: str) -> None:
    target = "/search?q=kerch+bridge" if form == "html" else f"/search.{form}?q=kerch+bridge"
    whole = ask(server, target)
    assert (whole.status, whole.body) == (200, f"<p>1 kerch bridge {form}</p>".encode() * 20)
    assert whole.headers["content-type"] == f"{FIELDS[form]}; charset=utf-8"
    assert whole.headers["x-robots-tag"] == "noindex"
    assert whole.headers["cache-control"].startswith("public, max-age=300")
    assert whole.headers["last-modified"] == "Fri, 20 Nov 2026 12:00:00 GMT"
    packed = ask(server, target, Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["etag"] != whole.headers["etag"]
    same = ask(server, target, If_None_Match=whole.headers["etag"])
    assert (same.status, same.body, same.headers["etag"]) == (304, b"", whole.headers["etag"])
    head = ask(server, target, "HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(whole.body)))


def test_a_page_may_send_its_form_to_us_alone(server: Server) -> None:
    assert "form-action 'self'" in ask(server, "/search").headers["content-security-policy"]
    assert "form-action 'none'" in ask(server, "/").headers["content-security-policy"]


@pytest.mark.parametrize(
    ("target", "status", "words"),
    [
        pytest.param(
            "/search.atom?q=wrong",
            400,
            b"At character 3: there is nothing to look for; write a word.",
            id="cannot be read",
        ),
        pytest.param("/search?q=wrong", 400, b"<p>1 wrong html</p>", id="the page says so itself"),
        pytest.param("/search.atom?q=%C3%28", 400, b"no UTF-8, or wrongly escaped", id="no UTF-8"),
        pytest.param("/search.atom?q=%zz", 400, b"no UTF-8, or wrongly escaped", id="a bad escape"),
        pytest.param("/search.atom?" + "&".join(["a=b"] * 30), 400, b"cannot be understood", id="many parameters"),
        pytest.param("/search.atom?q=" + "x" * 10_000, 414, b"too long", id="ten kilobytes"),
        pytest.param("/search.atom?q=dear", 503, b"takes too long", id="takes too long"),
        pytest.param("/search.opml?q=x", 404, b"Nothing", id="no such form"),
    ],
)
def test_what_cannot_be_answered_says_why(server: Server, target: str, status: int, words: bytes) -> None:
    reply = ask(server, target)
    assert reply.status == status
    assert words in reply.body
    assert "etag" not in reply.headers or status == 400


def test_only_reading_works(server: Server) -> None:
    reply = ask(server, "/search?q=x", "POST")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")


def test_a_mistake_of_ours_costs_one_answer(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    assert ask(server, "/search.atom?q=crash").status == 500
    assert "search.crashed" in caplog.text
    assert ask(server, "/search.atom?q=fine").status == 200


@pytest.mark.parametrize("error", [StoreFailing("the disk is full"), UserError("there is no database yet")])
def test_without_the_store_there_is_no_search_and_files_are_served_on(
    server: Server, archive: Archive, error: Exception
) -> None:
    archive.failing = error
    reply = ask(server, "/search.atom?q=x")
    assert (reply.status, reply.headers["retry-after"]) == (503, "60")
    assert b"cannot be searched just now" in reply.body
    assert str(error).encode() not in reply.body
    assert ask(server, "/").status == 200
    archive.failing = None
    assert ask(server, "/search.atom?q=x").status == 200


def test_slow_queries_hold_up_nothing_else(server: Server, archive: Archive) -> None:
    known = ask(server, "/search.atom?q=known")
    with ThreadPoolExecutor(40) as pool:
        slow = [
            pool.submit(ask, server, f"/search.atom?q=slow{n}", X_Forwarded_For=f"9.9.9.{n}")
            for n in range(searching.WAITING)
        ]
        eventually(lambda: len(archive.asked) == 1 + searching.THREADS)
        assert ask(server, "/").status == 200
        assert ask(server, "/health").status == 200
        assert ask(server, "/search.atom?q=known") == known
        one_more = ask(server, "/search.atom?q=one-more")
        assert (one_more.status, one_more.headers["retry-after"]) == (503, "2")
        archive.go.set()
        assert {reply.result().status for reply in slow} == {200}
    assert ask(server, "/search.atom?q=one-more").status == 200


def test_what_one_address_asks_leaves_room_for_others(server: Server, archive: Archive) -> None:
    with ThreadPoolExecutor(40) as pool:
        slow = [pool.submit(ask, server, f"/search.atom?q=slow{n}") for n in range(searching.OF_ONE)]
        eventually(lambda: server._searching is not None and len(server._searching._in_work) == searching.OF_ONE)
        one_more = ask(server, "/search.atom?q=one-more")
        assert (one_more.status, one_more.headers["retry-after"]) == (503, "2")
        other = pool.submit(ask, server, "/search.atom?q=other", X_Forwarded_For="9.9.9.9")
        archive.go.set()
        assert {reply.result().status for reply in [*slow, other]} == {200}
    assert ask(server, "/search.atom?q=one-more").status == 200
    assert server._searching is not None
    assert not server._searching._asking


def test_who_asks_the_same_at_the_same_time_is_answered_once(server: Server, archive: Archive) -> None:
    with ThreadPoolExecutor(30) as pool:
        replies = [pool.submit(ask, server, "/search.atom?q=slow") for _ in range(30)]
        eventually(lambda: archive.asked == ["slow"])
        archive.go.set()
        assert {reply.result().body for reply in replies} == {b"<p>1 slow atom</p>" * 20}
    assert archive.asked == ["slow"]


def test_an_answer_is_given_again_until_something_is_published(
    server: Server, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ask(server, "/search.atom?q=x")
    assert ask(server, "/search.atom?q=%20x+").body == first.body, "blanks are of no account"
    assert archive.asked == ["x"]
    archive.published = 2
    assert ask(server, "/search.atom?q=x").body == first.body, "not yet looked at again"
    monkeypatch.setattr(searching, "FRESH", 0.0)
    assert ask(server, "/search.atom?q=x").body != first.body
    assert archive.asked == ["x", "x"]
    again = ask(server, "/search.atom?q=x")
    assert archive.asked == ["x", "x"], "nothing was published since"
    monkeypatch.setattr(searching, "KEPT", 0.0)
    assert ask(server, "/search.atom?q=x").body == again.body
    assert archive.asked == ["x", "x", "x"], "but since: moves on"


def test_answers_are_kept_as_long_as_there_is_room(
    server: Server, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "ROOM", 2000)
    for word in ("a", "b", "a", "c", "a", "d", "e", "f", "g"):
        ask(server, f"/search.atom?q={word}")
    assert "".join(archive.asked) == "abcdefg", "what is asked for again is kept"
    ask(server, "/search.atom?q=b")
    assert "".join(archive.asked) == "abcdefgb"


def test_one_address_may_not_ask_for_ever(server: Server) -> None:
    replies = [ask(server, f"/search.atom?q=word{n}", X_Forwarded_For="8.8.8.8, 9.9.9.9") for n in range(61)]
    assert [reply.status for reply in replies[:60]] == [200] * 60
    assert replies[60].status == 429
    assert 1 <= int(replies[60].headers["retry-after"]) <= 2
    assert ask(server, "/search.atom?q=word1", X_Forwarded_For="9.9.9.9").status == 200, "it is known"
    assert ask(server, "/search.atom?q=other", X_Forwarded_For="9.9.9.8").status == 200, "somebody else"


@pytest.mark.parametrize("settings", [LOCAL, ServeSettings(listen="127.0.0.1:0", search=False)], ids=["none", "off"])
def test_there_need_be_no_search(settings: ServeSettings, archive: Archive) -> None:
    given = None if settings is LOCAL else lambda: archive
    with Server(OnePage(), settings, search=given) as server:
        assert ask(server, "/search?q=x").status == 404


# ------------------------------------------------------------------------------------------- the allowance


def test_of_several_fields_the_last_is_our_web_servers() -> None:
    fields = [(b"x-forwarded-for", b"1.1.1.1"), (b"x-forwarded-for", b"8.8.8.8")]
    assert asker("127.0.0.1", fields) == "8.8.8.8"


def test_a_bucket_fills_again() -> None:
    allowance = Allowance(at_once=3, pause=2.0, most=2)
    assert [allowance.wait("a", 100.0) for _ in range(5)] == [0, 0, 0, 2, 2]
    assert allowance.wait("a", 101.5) == 0.5
    assert [allowance.wait("a", 102.0) for _ in range(2)] == [0, 2]
    assert [allowance.wait("a", 200.0) for _ in range(4)] == [0, 0, 0, 2], "never more than full"


def test_so_many_addresses_are_remembered() -> None:
    allowance = Allowance(at_once=1, pause=2.0, most=2)
    assert [allowance.wait(address, 0.0) for address in "aabac"] == [0, 2, 0, 2, 0]
    assert allowance.wait("b", 0.0) == 0, "that had not asked for longest"


@pytest.mark.parametrize(
    ("peer", "forwarded", "who"),
    [
        pytest.param("9.9.9.9", "8.8.8.8", "9.9.9.9", id="from afar: names are anybody's"),
        pytest.param("127.0.0.1", "", "127.0.0.1", id="this machine"),
        pytest.param("127.0.0.1", "8.8.8.8", "8.8.8.8", id="a web server on it"),
        pytest.param("::ffff:127.0.0.1", "8.8.8.8", "8.8.8.8", id="on a socket for both"),
        pytest.param("127.0.0.1", "1.1.1.1, 8.8.8.8", "8.8.8.8", id="the last name is our web server's"),
        pytest.param("", "8.8.8.8", "8.8.8.8", id="a unix socket"),
        pytest.param("", "", "", id="a unix socket, and no name"),
        pytest.param("127.0.0.1", "unknown", "127.0.0.1", id="no address"),
        pytest.param("2001:db8:1:2:3::4", "", "2001:db8:1:2::", id="one subscriber's network"),
        pytest.param("::ffff:9.9.9.9", "", "9.9.9.9", id="IPv4 on a socket for both"),
    ],
)
def test_who_asks(peer: str, forwarded: str, who: str) -> None:
    assert asker(peer, [(b"x-forwarded-for", forwarded.encode())] if forwarded else []) == who
