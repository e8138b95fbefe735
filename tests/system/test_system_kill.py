"""kill -9 at numbered points of a refresh: after one more refresh, the bytes of an undisturbed run."""

from __future__ import annotations

import gzip
import random
import re
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import Desk
from tests.origin import Origin
from tests.real import DEEP

pytestmark = pytest.mark.usefixtures("hatched")

SAMPLES = Path(__file__).parents[2] / "samples"
STORY = re.compile(rb"(?:tag:desk\.example,2026:)?(story/[0-9A-Z]{26})")
SEED = 20261120


@pytest.fixture(scope="module")
def wire() -> Iterator[dict[str, str]]:
    """The sample feeds behind a loopback origin: name -> url."""
    with Origin() as origin:
        found = {}
        for file in sorted(SAMPLES.iterdir()):
            if file.suffix in (".xml", ".rdf", ".atom", ".json"):
                origin.put(f"/{file.name}", file.read_bytes(), etag=f'"{file.stem}"')
                found[file.stem] = origin.url(f"/{file.name}")
        yield found | {"desk": f"file:{SAMPLES / 'desk'}"}


def killed_at(desk: Desk, point: int) -> int:
    """Run `feeds refresh` with a fault at this point; the exit code."""
    return desk.run("refresh", check=False, fault=str(point)).returncode


def published(desk: Desk) -> dict[str, bytes]:
    """Every file, each story id in names and texts replaced by its head's address, gzip undone."""
    with sqlite3.connect(desk.folder / "feeds.db") as connection:
        query = "select s.tag, a.canonical_url || a.guid from stories s join articles a on a.id = s.head"
        names = {tag.partition(":story")[2].encode(): name.encode() for tag, name in connection.execute(query) if tag}
    connection.close()
    files = {name: gzip.decompress(body) if name.endswith(".gz") else body for name, body in desk.files().items()}

    def told(text: bytes) -> bytes:
        return STORY.sub(lambda found: names[found[1].removeprefix(b"story")], text)

    return {told(name.encode()).decode(): told(body) for name, body in files.items()}


@pytest.fixture(scope="module")
def undisturbed(wire: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], int]:
    """The files of a run that nothing happened to, and how many fault points it passed."""
    desk = Desk(tmp_path_factory.mktemp("undisturbed"), sources=wire)
    done = desk.run("refresh", fault="count")
    (count,) = re.findall(r"fault points passed: (\d+)", done.stderr)
    return published(desk), int(count)


def moments() -> list[float]:
    """Where in the run to kill, as shares of all points: spread, and the same each time."""
    chance = random.Random(SEED)
    number = 100 if DEEP else 10
    return [(n + chance.random()) / number for n in range(number)]


def test_there_are_enough_points_to_die_at(undisturbed: tuple[dict[str, bytes], int]) -> None:
    assert undisturbed[1] >= 100


@pytest.mark.parametrize("share", moments(), ids=lambda share: f"at {share:.0%}")
def test_a_killed_refresh_is_made_good_by_the_next(
    wire: dict[str, str], undisturbed: tuple[dict[str, bytes], int], tmp_path: Path, share: float
) -> None:
    expected, points = undisturbed
    desk = Desk(tmp_path, sources=wire)
    assert killed_at(desk, 1 + int(share * points)) == -signal.SIGKILL
    report = desk.refresh()
    assert report["in_work"] == []
    assert report["failed"] == []
    assert published(desk) == expected
    with desk.app() as app:
        assert list(app.store.verify()) == []


def test_killed_between_store_and_publish(wire: dict[str, str], tmp_path: Path) -> None:
    """Everything is stored, nothing settled, nothing put: the next refresh polls nothing and publishes all."""
    desk = Desk(tmp_path, sources=wire)
    point = 1
    while killed_at(desk, point) and not (desk.public / "ukraine.atom").exists() and stored(desk) < len(wire):
        point += 2  # one more commit each time, in the same folder: kills add up
    assert stored(desk) == len(wire)
    assert not desk.public.exists() or not list(desk.public.rglob("*.atom"))
    report = desk.refresh()
    assert report["polled"] == 0
    assert all(topic["written"] and topic["entries"] for topic in report["topics"].values())


def stored(desk: Desk) -> int:
    """How many sources have been polled and stored."""
    with sqlite3.connect(desk.folder / "feeds.db") as connection:
        try:
            (count,) = connection.execute("select count(*) from sources where polled is not null").fetchone()
        except sqlite3.OperationalError:
            count = 0
    connection.close()
    return int(count)
