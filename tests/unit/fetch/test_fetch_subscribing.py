"""What hubs are asked, and what their answers mean."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from feeds.fetch.subscribing import farewell, out_of_reach, pushed, question, refusal, unusable
from feeds.model import Facts, Failed, Job, Letter, Push, Reply, SourceState
from tests.make import NOW, source

PUSH = Push(source="s", hub="https://hub.example/?a=b", topic="https://s.example/atom?x=1&y=ü", token="t", secret="s&s")


def test_what_a_hub_is_asked() -> None:
    message = question(PUSH, callback="https://desk.example/news/websub/t")
    assert (message.method, message.url) == ("POST", PUSH.hub)
    assert dict(message.headers)["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(message.body.decode("ascii"), strict_parsing=True) == {
        "hub.mode": ["subscribe"],
        "hub.topic": [PUSH.topic],
        "hub.callback": ["https://desk.example/news/websub/t"],
        "hub.secret": ["s&s"],
        "hub.lease_seconds": ["864000"],
    }


def test_how_a_subscription_is_ended() -> None:
    message = farewell(PUSH, callback="https://desk.example/websub/token")
    assert (message.method, message.url) == ("POST", PUSH.hub)
    assert parse_qs(message.body.decode("ascii"), strict_parsing=True) == {
        "hub.mode": ["unsubscribe"],
        "hub.topic": [PUSH.topic],
        "hub.callback": ["https://desk.example/websub/token"],
    }


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        pytest.param(Reply(status=202), "", id="accepted"),
        pytest.param(Reply(status=204), "", id="as it was before the standard"),
        pytest.param(Reply(status=302), "http_302", id="nothing is followed"),
        pytest.param(Reply(status=404), "http_404", id="it does not know the topic"),
        pytest.param(Failed(why="blocked", url=""), "blocked", id="the guard"),
    ],
)
def test_what_its_answer_means(reply: Reply | Failed, why: str) -> None:
    assert refusal(reply) == why


@pytest.mark.parametrize(
    ("hub", "usable"),
    [
        ("https://hub.example/", True),
        ("http://hub.example:80/", True),
        ("https://hub.example:8443/", True),
        ("https://hub.example:25/", False),
        ("https://hub.example:1023/", False),
        ("https://hub.example:99999/", False),
    ],
)
def test_hubs_are_asked_at_ports_of_the_web(hub: str, *, usable: bool) -> None:
    assert (unusable(hub) == "") == usable


@pytest.mark.parametrize(
    ("site", "allow", "reachable"),
    [
        pytest.param("https://desk.example.org/", [], True, id="a name"),
        pytest.param("https://desk.example.org/news/", [], True, id="a folder"),
        pytest.param("http://93.184.216.34/", [], True, id="a public address"),
        pytest.param("http://127.0.0.1:8080/", [], False, id="loopback"),
        pytest.param("http://[::1]/", [], False, id="loopback of version 6"),
        pytest.param("http://10.0.0.1/", [], False, id="private"),
        pytest.param("http://0x7f.1/", [], False, id="loopback in disguise"),
        pytest.param("http://localhost/", [], False, id="this machine"),
        pytest.param("http://localhost./", [], False, id="with its dot"),
        pytest.param("http://news/", [], False, id="a name without a domain"),
        pytest.param("http://desk.LOCAL/", [], False, id="a name of the house"),
        pytest.param("http://desk.home.arpa/", [], False, id="another"),
        pytest.param("http://127.0.0.1:8080/", ["127.0.0.0/8"], True, id="a network that was opened"),
        pytest.param("http://news:8080/", ["news:8080"], True, id="a place that was opened"),
        pytest.param("http://news:8080/", ["news:80"], False, id="another place"),
        pytest.param("https://news/", ["news:443"], True, id="the port of its scheme"),
    ],
)
def test_whether_hubs_reach_us(site: str, allow: list[str], *, reachable: bool) -> None:
    assert (out_of_reach(site, allow) == "") == reachable


def test_a_push_is_read_as_if_it_had_been_fetched() -> None:
    letter = Letter(kind="push", at=NOW, head={"content-type": "text/xml"}, body=b"<rss/>")
    job = Job(source=source("s"), state=SourceState(source="s"), token="", facts=Facts(source=source("s"), now=NOW))
    (document,) = pushed(letter, job).documents
    assert (document.url, document.body, document.headers) == (source("s").url, b"<rss/>", letter.head)
    moved = Job(
        source=job.source, state=SourceState(source="s", moved_to="https://new.example/"), token="", facts=job.facts
    )
    assert pushed(letter, moved).documents[0].url == "https://new.example/"
