"""Every fault point of a refresh: killed there, or refused by the disk there, the next run makes it good."""

from __future__ import annotations

import ast
import gzip
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.errors import EXIT_DONE, EXIT_FAILED
from feeds.store.sql import SqlStore
from tests.desk import Desk
from tests.origin import Origin
from tests.real import DEEP, a_tenth
from tests.running import ROOT
from tests.system.test_system_daemon import feed
from tests.system.test_system_kill import published
from tests.zygote import Done, Zygote

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


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in memory where there is one: kills do not need a disk, and what is forced to it takes its time."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path_factory.mktemp("quick")
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


@dataclass(frozen=True, slots=True)
class Run:
    """A run that nothing happened to."""

    published: dict[str, bytes]
    points: int
    copies: Path  # n: the folder as it stood at the n-th point
    left: dict[int, list[str]]  # n -> what files were there


@pytest.fixture(scope="module")
def undisturbed(zygotes: list[Zygote], sources: dict[str, str], quick: Path) -> Run:
    desk, copies = small_desk(quick / "undisturbed", sources), quick / "copies"
    done = zygotes[0].refresh(desk, copies=copies)
    assert done.code == EXIT_DONE, done.said
    every = range(1, done.points + 1)
    return Run(published(desk), done.points, copies, {n: left(copies / str(n)) for n in every})


def left(folder: Path) -> list[str]:
    """The files in a folder, and those of them that have chance in their names by their kinds alone."""
    names = (str(path.relative_to(folder)) for path in folder.rglob("*"))
    return sorted(re.sub(r"[0-9a-f]{16}$|(?<=story/)[0-9A-Z]{26}", "~", name) for name in names)


def visit(zygotes: list[Zygote], visited: Callable[[Zygote, list[int]], None], points: Sequence[int]) -> None:
    """Have every point visited, by as many processes as there are zygotes."""
    shares = [list(points[at :: len(zygotes)]) for at in range(len(zygotes))]
    with ThreadPoolExecutor(len(zygotes)) as pool:
        assert len(list(pool.map(visited, zygotes, shares))) == len(zygotes)


def whole(desk: Desk) -> None:
    """Nothing lost, nothing twice, nothing torn, nothing left over."""
    assert sorted(path.name for path in desk.folder.iterdir() if not path.name.startswith("feeds.db-")) == sorted(
        ["config.toml", "feeds.db", "public"]
    )
    assert [path for path in desk.folder.rglob("*") if path.name.startswith(".feeds-")] == []
    assert list((desk.folder / "feeds.db-leases").iterdir()) == []
    with closing(SqlStore(f"sqlite:///{desk.folder}/feeds.db", as_it_is=True)) as store:
        assert list(store.verify()) == []


def made_good(desk: Desk, point: int, done: Done, expected: Run) -> None:
    """By a run that came after the fault."""
    assert done.code == EXIT_DONE, (point, done.said)
    assert published(desk) == expected.published, point
    whole(desk)
    shutil.rmtree(desk.folder)


def test_a_refresh_of_few_topics_passes_enough_points(undisturbed: Run) -> None:
    assert undisturbed.points >= 25


@pytest.mark.timeout(900)
def test_what_is_left_at_any_point_at_all_the_next_run_makes_good(
    zygotes: list[Zygote], sources: dict[str, str], undisturbed: Run
) -> None:
    """What stood there when an undisturbed run passed it; the next test shows that a kill leaves the same."""

    def restarted(zygote: Zygote, points: list[int]) -> None:
        desks = [small_desk(undisturbed.copies / str(point), sources) for point in points]
        for point, desk, done in zip(points, desks, zygote.refresh_each(desks), strict=True):
            made_good(desk, point, done, undisturbed)

    visit(zygotes, restarted, range(1, undisturbed.points + 1))


@pytest.mark.timeout(900)
def test_killed_there_it_leaves_just_that_and_the_next_run_makes_it_good(
    zygotes: list[Zygote], sources: dict[str, str], undisturbed: Run, quick: Path
) -> None:
    def killed(zygote: Zygote, points: list[int]) -> None:
        for point in points:
            desk = small_desk(quick / f"killed-{point}", sources)
            assert zygote.refresh(desk, fault=str(point)).code == -signal.SIGKILL, point
            assert left(desk.folder) == undisturbed.left[point], point
            made_good(desk, point, zygote.refresh(desk), undisturbed)

    visit(zygotes, killed, a_tenth(range(1, undisturbed.points + 1)))


@pytest.mark.timeout(900)
def test_where_a_disk_fails_the_error_is_named_and_the_next_run_makes_it_good(
    zygotes: list[Zygote], sources: dict[str, str], undisturbed: Run, quick: Path
) -> None:
    def failed(zygote: Zygote, points: list[int]) -> None:
        for point in points:
            desk = small_desk(quick / f"failed-{point}", sources)
            code, said, _ = zygote.refresh(desk, fault=f"eio:{point}")
            # What is given back at the very end may fail unnoticed: the lock of who held it ends with the process.
            assert code in (EXIT_FAILED, EXIT_DONE), (point, said)
            assert "Traceback" not in said, (point, said)
            assert ("Input/output error" in said) == (code == EXIT_FAILED), (point, said)
            made_good(desk, point, zygote.refresh(desk), undisturbed)

    visit(zygotes, failed, a_tenth(range(1, undisturbed.points + 1)))


def test_old_files_stand_whole_wherever_the_disk_fails(zygotes: list[Zygote], quick: Path) -> None:
    """A second run has something new to publish; each file is then the old one or the new one."""
    with Origin() as origin:
        origin.put("/wire", feed("grain", "wheat"), etag='"1"')
        desk = small_desk(quick / "desk", {"wire": origin.url("/wire")})
        assert zygotes[0].refresh(desk).code == EXIT_DONE
        old = unpacked(desk)
        origin.put("/wire", feed("barley", "grain", "wheat"), etag='"2"')
        desk.now += timedelta(hours=1)
        shutil.copytree(desk.folder, quick / "spare")
        spare = replace(desk, folder=quick / "spare")
        points = zygotes[0].refresh(spare).points
        new = unpacked(spare)
        assert len([name for name in old if new[name] != old[name]]) >= 10
        for point in range(1, points + 1, 1 if DEEP else 7):
            done = zygotes[1].refresh(desk, fault=f"eio:{point}")
            assert "Traceback" not in done.said, (point, done.said)
            now = unpacked(desk)
            assert now.keys() >= old.keys(), "no name is missing"
            assert now.keys() <= new.keys(), "and nothing is left over"
            assert [name for name in now if now[name] not in (old.get(name), new[name])] == [], point
        assert zygotes[0].refresh(desk).code == EXIT_DONE
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
