"""Every fault point of a refresh: killed there, or refused by the disk there, the next run makes it good."""

from __future__ import annotations

import ast
import gzip
import os
import random
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from feeds.errors import EXIT_DONE, EXIT_FAILED
from tests.desk import Desk
from tests.origin import Origin
from tests.real import DEEP
from tests.running import ROOT
from tests.system.test_system_daemon import feed
from tests.system.test_system_kill import published
from tests.zygote import Zygote

IN_CI = 40  # of the points at which a disk fails, spread over all; every one with `make test-deep`
TOPICS = """
[topics.ukraine]
title = "Ukraine"
[topics.ukraine.words]
10 = ["ukraine"]
[topics.harvest]
title = "Harvest"
[topics.harvest.words]
10 = ["grain", "wheat"]
"""


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: kills do not need a disk, and what is forced to it takes its time."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def zygotes() -> Iterator[list[Zygote]]:
    with Zygote() as first, Zygote() as second:
        yield [first, second]


@pytest.fixture(scope="module")
def sources() -> Iterator[dict[str, str]]:
    """Two sources, of which one has a copy of the other's story."""
    with Origin() as origin:
        origin.put("/wire", feed("grain", "wheat"), etag='"1"')
        origin.put("/paper", feed("grain", "barley", name="paper").replace(b"told by paper", b"told by wire"))
        yield {"wire": origin.url("/wire"), "paper": origin.url("/paper")}


def small_desk(folder: Path, sources: dict[str, str]) -> Desk:
    folder.mkdir(exist_ok=True)
    return Desk(folder, sources=sources, topics=TOPICS)


@pytest.fixture(scope="module")
def undisturbed(
    zygotes: list[Zygote], sources: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, bytes], int]:
    """The files of a run that nothing happened to, and how many fault points it passed."""
    desk = small_desk(tmp_path_factory.mktemp("undisturbed"), sources)
    points = zygotes[0].points(desk)
    return published(desk), points


def visit(zygotes: list[Zygote], points: Sequence[int], visited: Callable[[Zygote, int], None]) -> None:
    """Have every point visited, by as many processes as there are zygotes."""

    def share(number: int) -> None:
        for point in points[number :: len(zygotes)]:
            visited(zygotes[number], point)

    with ThreadPoolExecutor(len(zygotes)) as pool:
        assert len(list(pool.map(share, range(len(zygotes))))) == len(zygotes)


def whole(desk: Desk) -> None:
    """Nothing lost, nothing twice, nothing torn, nothing left over."""
    assert sorted(path.name for path in desk.folder.iterdir() if not path.name.startswith("feeds.db-")) == sorted(
        ["config.toml", "feeds.db", "public"]
    )
    assert [path for path in desk.folder.rglob("*") if path.name.startswith(".feeds-")] == []
    assert list((desk.folder / "feeds.db-leases").iterdir()) == []
    with desk.app() as app:
        assert list(app.store.verify()) == []


def test_a_refresh_of_few_topics_passes_enough_points(undisturbed: tuple[dict[str, bytes], int]) -> None:
    assert undisturbed[1] >= 25


@pytest.mark.timeout(900)
@pytest.mark.parametrize("quarter", range(4))
def test_killed_at_any_point_at_all_the_next_run_makes_it_good(
    zygotes: list[Zygote], sources: dict[str, str], undisturbed: tuple[dict[str, bytes], int], quick: Path, quarter: int
) -> None:
    expected, points = undisturbed

    def killed(zygote: Zygote, point: int) -> None:
        desk = small_desk(quick / str(point), sources)
        assert zygote.refresh(desk, fault=str(point))[0] == -signal.SIGKILL, point
        made_good(zygote, desk, point, expected)

    visit(zygotes, range(1 + quarter, points + 1, 4), killed)


@pytest.mark.timeout(900)
def test_where_a_disk_fails_the_error_is_named_and_the_next_run_makes_it_good(
    zygotes: list[Zygote], sources: dict[str, str], undisturbed: tuple[dict[str, bytes], int], quick: Path
) -> None:
    expected, points = undisturbed
    every = range(1, points + 1)

    def failed(zygote: Zygote, point: int) -> None:
        desk = small_desk(quick / str(point), sources)
        code, said = zygote.refresh(desk, fault=f"eio:{point}")
        # What is given back at the very end may fail unnoticed: the lock of who held it ends with the process.
        assert code in (EXIT_FAILED, EXIT_DONE), (point, said)
        assert "Traceback" not in said, (point, said)
        assert ("Input/output error" in said) == (code == EXIT_FAILED), (point, said)
        made_good(zygote, desk, point, expected)

    visit(zygotes, every if DEEP else sorted(random.Random(7).sample(every, min(IN_CI, points))), failed)


def made_good(zygote: Zygote, desk: Desk, point: int, expected: dict[str, bytes]) -> None:
    code, said = zygote.refresh(desk)
    assert code == EXIT_DONE, (point, said)
    assert published(desk) == expected, point
    whole(desk)
    shutil.rmtree(desk.folder)


def test_old_files_stand_whole_wherever_the_disk_fails(
    zygotes: list[Zygote], sources: dict[str, str], quick: Path
) -> None:
    """A second run has something new to publish; each file is then the old one or the new one."""
    desk = small_desk(quick / "desk", sources)
    assert zygotes[0].refresh(desk)[0] == EXIT_DONE
    old = unpacked(desk)
    desk.entries = 1
    spare = small_desk(quick / "spare", sources)
    assert zygotes[0].refresh(spare)[0] == EXIT_DONE
    spare.entries = 1
    points = zygotes[0].points(spare)
    new = unpacked(spare)
    for point in range(1, points + 1, 1 if DEEP else 5):
        code, said = zygotes[0].refresh(desk, fault=f"eio:{point}")
        assert "Traceback" not in said, (point, said)
        now = unpacked(desk)
        assert now.keys() == old.keys(), "no name is missing, and nothing is left over"
        assert [name for name in now if now[name] not in (old[name], new[name])] == [], point
        if code == EXIT_DONE:
            break
    assert zygotes[0].refresh(desk)[0] == EXIT_DONE
    assert unpacked(desk) == new
    whole(desk)


def unpacked(desk: Desk) -> dict[str, int]:
    """How long each file is, gzip undone: ids are drawn by chance, but all have one length."""
    return {name: len(gzip.decompress(body) if name.endswith(".gz") else body) for name, body in desk.files().items()}


def test_whatever_writes_passes_a_fault_point() -> None:
    """Every function that commits, writes, forces to disk, renames or makes a folder says so to `faults`."""
    touching = {"os.fsync", "os.replace", "os.mkdir", "stream.write", "connection.begin"}
    silent = []
    for module in ("publish/files.py", "store/database.py"):
        tree = ast.parse((ROOT / "feeds" / module).read_text(encoding="utf-8"))
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            names = {ast.unparse(call.func) for call in ast.walk(function) if isinstance(call, ast.Call)}
            if names & touching and "faults.point" not in names:
                silent.append((module, function.name))
    assert silent == [("store/database.py", "read")], "which commits nothing"
