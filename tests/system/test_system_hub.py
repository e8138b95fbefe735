"""The hub as its users have it: a daemon, a web server of its own, a subscriber on loopback, and kills in between."""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.callbacks import Callbacks, Conduct, Got, signed
from tests.desk import Desk
from tests.running import Running, eventually, running
from tests.system.test_system_serve_poller import serving

LISTEN = Path(__file__).parents[2] / "docs" / "examples" / "listen.py"
TOPIC = "https://desk.example/ukraine.atom"


@pytest.fixture
def callbacks() -> Iterator[Callbacks]:
    with Callbacks() as started:
        yield started


@pytest.fixture
def desk(tmp_path: Path, hatched: None) -> Desk:
    (tmp_path / "notes").mkdir()
    made = Desk(
        tmp_path,
        sources={"notes": f"file:{tmp_path / 'notes'}"},
        publish='debounce = "0s"',
        poll='interval_min = "1s"\ninterval_max = "1s"',
        more='[serve]\nlisten = "127.0.0.1:0"\n',
    )
    write(made, "first")
    return made


def write(desk: Desk, name: str) -> None:
    text = f"2026-11-20 08:00:00\nNote {name} on Ukraine\nThe war goes on in Ukraine, says {name}, and {name} knows.\n"
    (desk.folder / "notes" / f"{name}.txt").write_text(text)


def subscribe(port: int, callback: str, **more: str) -> int:
    form = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": callback}
    form |= {f"hub.{name}": value for name, value in more.items()}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        head = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/hub", urlencode(form), head)
        return connection.getresponse().status


def port_of(daemon: Running) -> int:
    return int(re.findall(r"event=server.listening address=http://127.0.0.1:(\d+)/", daemon.log)[0])


def test_a_story_reaches_who_subscribed_and_a_kill_before_it_is_told_loses_nothing(
    desk: Desk, callbacks: Callbacks
) -> None:
    def told_of(name: str) -> list[Got]:  # whoever subscribes at once may be told of the first one, too
        return [got for got in callbacks.told("/cb") if f"Note {name}".encode() in got.body]

    with running(desk) as daemon:
        daemon.says("topic.published")
        eventually(lambda: daemon.ask("/ukraine.atom")[0] == 200)  # the server has seen it, too
        assert subscribe(port_of(daemon), callbacks.url("/cb"), secret="s3cret") == 202
        daemon.says("hub.subscribed")
        write(desk, "second")
        eventually(lambda: told_of("second"), what=lambda: daemon.log)
        callbacks.conduct["/cb"] = Conduct(seconds=30)  # it has the next one, and does not answer
        write(desk, "third")
        eventually(lambda: told_of("third"), what=lambda: daemon.log)
        daemon.process.send_signal(signal.SIGKILL)
        daemon.process.wait()
        assert "s3cret" not in daemon.log
        assert "/cb" not in daemon.log
    callbacks.conduct.clear()
    assert "1 subscriber; 1 not told yet" in desk.run("status").stdout
    with running(desk) as daemon:
        eventually(lambda: len(told_of("third")) == 2, what=lambda: daemon.log)
    assert told_of("third")[-1].body == desk.files()["ukraine.atom"]
    assert all(signed(each, "s3cret") for each in callbacks.told("/cb"))


def test_a_server_of_its_own_takes_letters_and_a_pass_answers_them(desk: Desk, callbacks: Callbacks) -> None:
    desk.refresh()
    with serving(desk) as server:
        assert subscribe(server.port, callbacks.url("/cb")) == 202
        assert callbacks.got == [], "the server itself connects to nobody"
        desk.refresh()
        assert [got.asked["hub.mode"] for got in callbacks.asked("/cb")] == ["subscribe"]
        write(desk, "second")
        desk.refresh("--all")
        assert [b"Note second" in got.body for got in callbacks.told("/cb")] == [True]
        eventually(lambda: b'feeds_hub_subscribers{feed="ukraine.atom"} 1.0' in server.get("/metrics")[1])
        assert server.get("/health")[0] == 200


def test_the_script_of_the_guide_prints_stories_as_they_come(desk: Desk) -> None:
    desk.refresh()
    with serving(desk) as server, (desk.folder / "said").open("wb") as said:
        command = [sys.executable, str(LISTEN), f"http://127.0.0.1:{server.port}/", "ukraine"]
        listening = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            words = (desk.folder / "said").read_text
            eventually(lambda: "listening" in words(), what=words)
            write(desk, "second")
            desk.refresh("--all")
            eventually(lambda: "ukraine: Note second on Ukraine https://desk.example/article/" in words(), what=words)
        finally:
            listening.kill()
            listening.wait()
