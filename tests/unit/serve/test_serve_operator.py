"""What the operator is told: who may look, what Prometheus reads, and what is heard of the poller."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feeds.errors import StoreFailing
from feeds.model import Pulse, read_pulse, write_pulse
from feeds.serve.access import may_look
from feeds.serve.counts import Counts
from feeds.serve.hearing import Hearing
from feeds.serve.metrics import expose
from feeds.serve.page import make_page
from feeds.serve.respond import Response

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PULSE = Pulse(
    at=NOW,
    every=10,
    amiss=("the database cannot be written",),
    sources={"fresh": 3, "failing": 1},
    behind=42,
    topics={"ukraine": 7},
    subscribers={"ukraine.atom": 5},
    hub_waiting=2,
    hub_failing=1,
)
NETWORKS = ("10.20.0.0/16", "fd12::/32")


@pytest.mark.parametrize(
    ("client", "field", "may"),
    [
        pytest.param("127.0.0.1", b"accept", True, id="this machine"),
        pytest.param("127.8.8.8", b"accept", True, id="another address of it"),
        pytest.param("::1", b"accept", True, id="by IPv6"),
        pytest.param("::ffff:127.0.0.1", b"accept", True, id="IPv4 on a socket for both"),
        pytest.param("", b"accept", True, id="a unix socket"),
        pytest.param("10.20.3.4", b"accept", True, id="a network that is named"),
        pytest.param("::ffff:10.20.3.4", b"accept", True, id="the same on a socket for both"),
        pytest.param("fd12::7%eth0", b"accept", True, id="with its zone"),
        pytest.param("10.21.3.4", b"accept", False, id="the network beside it"),
        pytest.param("8.8.8.8", b"accept", False, id="the world"),
        pytest.param("::ffff:8.8.8.8", b"accept", False, id="the world on a socket for both"),
        *(
            pytest.param(client, name, False, id=f"passed on, {name.decode()} from {client or 'a unix socket'}")
            for client in ("127.0.0.1", "", "10.20.3.4")
            for name in (b"x-forwarded-for", b"forwarded", b"via", b"x-real-ip")
        ),
    ],
)
def test_who_may_look(client: str, field: bytes, may: bool) -> None:
    assert may_look(client, [(b"host", b"a"), (field, b"8.8.8.8")], NETWORKS) is may


def test_what_is_written_of_the_poller_is_read_again() -> None:
    assert read_pulse(write_pulse(PULSE)) == PULSE


@pytest.mark.parametrize(
    "text", ["", "{}", "null", "[1]", '{"at": 3}', write_pulse(PULSE).replace("every", "ever"), "{"]
)
def test_what_another_version_wrote_is_nothing(text: str) -> None:
    assert read_pulse(text) is None


@pytest.mark.parametrize(
    ("every", "after", "reasons"),
    [
        pytest.param(10, 60, ["the database cannot be written"], id="heard of"),
        pytest.param(10, 181, ["nothing was heard of the poller for 3 min"], id="silent"),
        pytest.param(60, 181, ["the database cannot be written"], id="speaks more rarely"),
        pytest.param(0, 9999, ["the database cannot be written"], id="a single pass promises no other"),
    ],
)
def test_a_poller_that_falls_silent(every: int, after: int, reasons: list[str]) -> None:
    pulse = Pulse(at=NOW, every=every, amiss=PULSE.amiss, sources={}, behind=0, topics={})
    hearing = Hearing(lambda: pulse, lambda: NOW + timedelta(seconds=after))
    hearing.listen()
    assert hearing.reasons() == reasons


def test_a_database_that_cannot_be_read_is_told_until_it_can() -> None:
    answers: list[Pulse | StoreFailing | None] = [StoreFailing("locked"), None]

    def ask() -> Pulse | None:
        answer = answers.pop(0)
        if isinstance(answer, StoreFailing):
            raise answer
        return answer

    hearing = Hearing(ask, lambda: NOW)
    hearing.listen()
    assert hearing.reasons() == ["the database cannot be read; what was published is served"]
    hearing.listen()
    assert hearing.reasons() == []


def exposed() -> str:
    counts = Counts(connections=2, listeners=1)
    for what, status in (("ukraine.atom", 304), ("ukraine.atom", 304), ("nothing", 404)):
        counts.add(Response(status=status, headers=(), body=b"12345", what=what))
    for why in ("idle", "slow_head", "slow_reader", "crowded"):
        counts.dropped[why] += 1
    page = make_page("index.html", b"", packed=None, modified=NOW)
    return expose(counts, {"/": page, "/index.html": page}, PULSE, complaints=1).decode()


def test_prometheus_reads_it() -> None:
    lines = [line for line in exposed().splitlines() if not line.startswith("#")]
    values = {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}
    assert values["process_open_fds"] > 0
    assert {name: value for name, value in values.items() if name.startswith("feeds_")} == {
        'feeds_hub_subscribers{feed="ukraine.atom"}': 5,
        "feeds_hub_waiting": 2,
        "feeds_hub_failing": 1,
        "feeds_http_listeners": 1,
        'feeds_http_answers_total{status="404",what="nothing"}': 1,
        'feeds_http_answers_total{status="304",what="ukraine.atom"}': 2,
        **{f'feeds_http_dropped_total{{why="{why}"}}': 1 for why in ("crowded", "idle", "slow_head", "slow_reader")},
        "feeds_http_sent_bytes_total": 15,
        "feeds_http_connections": 2,
        "feeds_published_files": 1,  # though two paths lead to it
        "feeds_complaints": 1,
        'feeds_sources{state="failing"}': 1,
        'feeds_sources{state="fresh"}': 3,
        'feeds_topic_entries{topic="ukraine"}': 7,
        "feeds_schedule_behind_seconds": 42,
        "feeds_poller_heard_seconds": NOW.timestamp(),
    }


def test_every_number_is_in_the_documentation() -> None:
    table = (Path(__file__).parents[3] / "docs/operations.md").read_text(encoding="utf-8")
    names = {line.split()[2] for line in exposed().splitlines() if line.startswith("# HELP feeds_")}
    told = set(re.findall(r"^\| `(feeds_\w+)` \|", table, re.MULTILINE))
    assert {name.removesuffix("_total") for name in names} == {name.removesuffix("_total") for name in told}
    for value in re.findall(r'(?:why|state)="(\w+)"', exposed()):
        assert f"`{value}`" in table


def test_without_a_poller_there_are_the_numbers_of_the_server() -> None:
    text = expose(Counts(), {}, None, complaints=0).decode()
    assert "feeds_http_connections 0.0" in text
    assert "feeds_sources" not in text
