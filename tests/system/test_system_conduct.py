"""How the whole program behaves towards publishers, as a server that remembers every request sees it.

The clock is the test's: days pass in seconds. Pauses between requests are real.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from feeds import __version__
from tests.certificate import certified, serving
from tests.desk import Desk
from tests.origin import Asked, Origin, Reply
from tests.system.publishers import Highway, conditions, once, pass_by, rss, told

pytestmark = pytest.mark.usefixtures("hatched")


@pytest.fixture
def desk(tmp_path: Path, origin: Origin) -> Desk:
    return Desk(tmp_path, sources={"wire": origin.url("/wire")})


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


def test_who_has_news_every_twelve_hours_is_believed_for_eight_times_as_long(desk: Desk, origin: Origin) -> None:
    stuck = Stuck(origin)
    with desk.app() as app:
        for n in range(1, 4):
            stuck.body = rss(*range(n))
            origin.put("/wire", stuck.body, etag=f'"{n}"')
            list(app.refresh.run(due=False))
            desk.now += timedelta(hours=12)
        origin.handle("/wire", stuck.answer)
        came = pass_by(desk, app, origin, hours=112, step=2)
    asked = zip(came, origin.requests[3:], strict=True)
    (bare,) = [12 + hours for hours, one in asked if not any(conditions(one))]
    assert 8 * 12 <= bare <= 8 * 12 + 25, "in the first poll from then on"


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


# ------------------------------------------------------------------------------------------- redirects


@pytest.mark.parametrize(("status", "learnt"), [(301, True), (308, True), (302, False), (303, False), (307, False)])
def test_a_permanent_redirect_is_learnt_after_a_day(desk: Desk, origin: Origin, status: int, learnt: bool) -> None:
    origin.redirect("/wire", "/new", status=status)
    origin.put("/new", rss(1), etag='"1"')
    with desk.app() as app:
        pass_by(desk, app, origin, hours=23, step=1)
        assert len(origin.asked("/wire")) == len(origin.asked("/new")) > 3, "not before a day has passed"
        pass_by(desk, app, origin, hours=48, step=1)
        before = len(origin.asked("/wire"))
        pass_by(desk, app, origin, hours=48, step=1)
    assert (len(origin.asked("/wire")) == before) is learnt
    assert told(desk)["moved_to"] == (origin.url("/new") if learnt else "")


@pytest.mark.parametrize(("status", "learnt"), [(301, True), (308, True), (302, False)])
def test_a_move_to_https_on_the_same_host_is_learnt_at_once(
    tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch, status: int, learnt: bool
) -> None:
    pem = certified(tmp_path, "DNS:xn--bcher-kva.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    open_, secured = "http://xn--bcher-kva.example/wire", "https://xn--bcher-kva.example/wire"
    origin.redirect(open_, secured, status=status)
    with Origin(tls=serving(pem)) as secure, Highway(origin, secure) as highway:
        secure.put("/wire", rss(1), etag='"1"')
        desk = Desk(tmp_path, sources={"wire": "http://b\u00fccher.example/wire"}, fetch=f'proxy = "{highway.url}"')
        for _ in range(3):
            once(desk)
            desk.now += timedelta(hours=2)
    assert told(desk)["moved_to"] == (secured if learnt else "")
    assert len(origin.asked(open_)) == (1 if learnt else 3)
    assert highway.connected == ["xn--bcher-kva.example:443"] * 3
    assert [conditions(asked)[0] for asked in secure.requests] == ["", '"1"', '"1"'], "it is the same feed"


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
