"""Stories in the whole program: two processes over one database, one story; parted by command, and it stays so."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

import pytest

from tests.desk import Desk
from tests.grain import TOLD
from tests.make import NOW
from tests.origin import Origin

pytestmark = pytest.mark.usefixtures("hatched")  # but for workers, which start cold

FLOODS = (
    "Floods break bridges along the Ukraine border",
    "Heavy rain flooded the coast while mayors counted lost sheep.",
)

# Polls the source whose name it reads, says so, and lives on with what it knows.
WORKER = """
import sys
from feeds.config import load
from feeds.wiring import App
with App(load(sys.argv[1])) as app:
    app.agree()
    for line in sys.stdin:
        for _, polled in app.refresh.run(only=[line.strip()], due=False):
            print(polled.status, flush=True)
"""


def feed(name: str, title: str, text: str) -> bytes:
    when = format_datetime(NOW - timedelta(hours=1))
    return (
        f"<rss version='2.0'><channel><title>{name}</title><item><title>{escape(title)}</title>"
        f"<link>https://{name}.example/2026/11/20/story-of-the-day-{name}</link><guid>story-1234567</guid>"
        f"<pubDate>{when}</pubDate><description>{escape(text)}</description></item></channel></rss>"
    ).encode()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Origin() as origin:
        for name, (title, text) in TOLD.items():
            origin.put(f"/{name}", feed(name, title, text))
        yield Desk(tmp_path, sources={name: origin.url(f"/{name}") for name in TOLD}, now=NOW)


@contextmanager
def worker(desk: Desk) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", WORKER, str(desk.config)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=desk.environment()
    )
    with process:
        yield process
        assert process.stdin
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def poll(process: subprocess.Popen[str], name: str) -> None:
    assert process.stdin
    assert process.stdout
    process.stdin.write(name + "\n")
    process.stdin.flush()
    assert process.stdout.readline() == "changed\n"


def entries(desk: Desk) -> list[tuple[str, list[str]]]:
    """(title, outlets that also report it) of each entry."""
    items = json.loads((desk.public / "ukraine.json").read_bytes())["items"]
    return [(item["title"], [also["outlet"] for also in item["_feeds"].get("also", ())]) for item in items]


def story_of(desk: Desk, name: str) -> dict[str, object]:
    url = f"https://{name}.example/2026/11/20/story-of-the-day-{name}"
    (finding,) = json.loads(desk.run("why", "--json", url).stdout)["findings"]
    found: dict[str, object] = finding
    return found


def test_two_processes_in_turn_make_one_story(desk: Desk) -> None:
    with worker(desk) as one, worker(desk) as other:
        poll(one, "alpha")
        poll(other, "beta")
        poll(one, "gamma")
    found = [story_of(desk, name) for name in TOLD]
    assert len({finding["story"] for finding in found}) == 1
    assert [bool(finding["near"]) for finding in found] == [False, True, True]
    desk.refresh()
    assert entries(desk) == [(TOLD["alpha"][0], ["beta", "gamma"])]


def test_a_merge_is_explained_and_undone_for_good(desk: Desk) -> None:
    desk.refresh("--all")
    assert entries(desk) == [(TOLD["alpha"][0], ["beta", "gamma"])]
    url = "https://beta.example/2026/11/20/story-of-the-day-beta"
    said = desk.run("why", url).stdout
    assert "joined    article 1, likeness 0." in said
    assert {"grain", "sign"} <= set(said.partition("both say ")[2].partition("\n")[0].split(", "))
    done = desk.run("stories", "split", url)
    assert "they stay apart" in done.stdout
    assert dict(entries(desk)) == {TOLD["alpha"][0]: ["gamma"], TOLD["beta"][0]: []}
    desk.now += timedelta(hours=1)
    desk.refresh("--all")
    assert len(entries(desk)) == 2
    again = desk.run("stories", "split", url, check=False)
    assert (again.returncode, again.stderr) == (1, f"{url}: stands alone in its story; nothing was changed\n")


def test_group_answers_as_the_store_decides(desk: Desk) -> None:
    lines = "".join(
        json.dumps(
            {"id": name, "title": title, "summary": text, "source": name, "url": f"https://{name}.example/1",
             "published": "2026-11-20T11:00:00Z"}
        ) + "\n"
        for name, (title, text) in (TOLD | {"floods": FLOODS}).items()
    )  # fmt: skip
    answers = [json.loads(line) for line in desk.run("stories", "group", stdin=lines).stdout.splitlines()]
    assert [(a["outcome"], a["story"]) for a in answers] == [("new", "1"), ("new", "1"), ("new", "1"), ("new", "2")]
    desk.refresh("--all")
    assert answers[1]["because"] == story_of(desk, "beta")["because"]
