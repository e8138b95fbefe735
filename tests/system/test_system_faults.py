"""Every fault point of a refresh: killed there, or refused by the disk there, the next run makes it good."""

from __future__ import annotations

import ast
import gzip
import hashlib
import os
import re
import shutil
import signal
import subprocess
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
from tests.hatchery import Hatchery
from tests.origin import Origin
from tests.real import DEEP, a_tenth
from tests.running import ROOT
from tests.system.test_system_daemon import feed
from tests.system.test_system_kill import published

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
    states: list[int]  # points at which the folder was not, byte for byte, what it was at one before


def refresh(
    hatchery: Hatchery, *desks: Desk, fault: str = "", copies: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """`feeds refresh` over a desk, or over one after the other: a fork costs more than a small refresh."""
    each = [["--config", str(desk.config), "refresh"] for desk in desks]
    return hatchery.run(environment=desks[0].environment() | {"FEEDS_FAULT": fault}, each=each, copies=copies)


def passed(done: subprocess.CompletedProcess[str]) -> int:
    """How many fault points there were."""
    return int(re.findall(r"fault points passed: (\d+)", done.stderr)[0])


@pytest.fixture(scope="module")
def undisturbed(hatchery: Hatchery, sources: dict[str, str], quick: Path) -> Run:
    desk, copies = small_desk(quick / "undisturbed", sources), quick / "copies"
    done = refresh(hatchery, desk, fault="count", copies=copies)
    assert done.returncode == EXIT_DONE, done.stderr
    every = range(1, passed(done) + 1)
    states = {state(copies / str(n)): n for n in reversed(every)}
    return Run(published(desk), len(every), copies, {n: left(copies / str(n)) for n in every}, sorted(states.values()))


def state(folder: Path) -> bytes:
    """Names and contents of all files in a folder, in short."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        found.update(f"{path.relative_to(folder)}\0".encode() + (path.read_bytes() if path.is_file() else b"/") + b"\0")
    return found.digest()


def left(folder: Path) -> list[str]:
    """The files in a folder, and those of them that have chance in their names by their kinds alone."""
    names = (str(path.relative_to(folder)) for path in folder.rglob("*"))
    return sorted(re.sub(r"[0-9a-f]{16}$|(?<=story/)[0-9A-Z]{26}", "~", name) for name in names)


def visit(visited: Callable[[list[int]], None], points: Sequence[int]) -> None:
    """Have every point visited, by two threads."""
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(visited, [list(points[::2]), list(points[1::2])])) == [None, None]


def whole(desk: Desk) -> None:
    """Nothing lost, nothing twice, nothing torn, nothing left over."""
    assert sorted(path.name for path in desk.folder.iterdir() if not path.name.startswith("feeds.db-")) == sorted(
        ["config.toml", "feeds.db", "public"]
    )
    assert [path for path in desk.folder.rglob("*") if path.name.startswith(".feeds-")] == []
    assert list((desk.folder / "feeds.db-leases").iterdir()) == []
    with closing(SqlStore(f"sqlite:///{desk.folder}/feeds.db", as_it_is=True)) as store:
        assert list(store.verify()) == []


def made_good(desk: Desk, point: int, expected: Run) -> None:
    assert published(desk) == expected.published, point
    whole(desk)
    shutil.rmtree(desk.folder)


def test_a_refresh_of_few_topics_passes_enough_points(undisturbed: Run) -> None:
    assert undisturbed.points >= 25


@pytest.mark.timeout(900)
def test_what_is_left_at_any_point_at_all_the_next_run_makes_good(
    hatchery: Hatchery, sources: dict[str, str], undisturbed: Run
) -> None:
    """What stood there when an undisturbed run passed it, each state once; the next test shows that a kill leaves the
    same."""

    def restarted(points: list[int]) -> None:
        desks = [small_desk(undisturbed.copies / str(point), sources) for point in points]
        done = refresh(hatchery, *desks)
        assert done.returncode == EXIT_DONE, done.stderr
        for point, desk in zip(points, desks, strict=True):
            made_good(desk, point, undisturbed)

    assert len(undisturbed.states) > undisturbed.points / 2
    visit(restarted, undisturbed.states)


@pytest.mark.timeout(900)
def test_killed_there_it_leaves_just_that_and_the_next_run_makes_it_good(
    hatchery: Hatchery, sources: dict[str, str], undisturbed: Run, quick: Path
) -> None:
    def killed(points: list[int]) -> None:
        for point in points:
            desk = small_desk(quick / f"killed-{point}", sources)
            assert refresh(hatchery, desk, fault=str(point)).returncode == -signal.SIGKILL, point
            assert left(desk.folder) == undisturbed.left[point], point
            done = refresh(hatchery, desk)
            assert done.returncode == EXIT_DONE, (point, done.stderr)
            made_good(desk, point, undisturbed)

    visit(killed, a_tenth(range(1, undisturbed.points + 1)))


@pytest.mark.timeout(900)
def test_where_a_disk_fails_the_error_is_named_and_the_next_run_makes_it_good(
    hatchery: Hatchery, sources: dict[str, str], undisturbed: Run, quick: Path
) -> None:
    def failed(points: list[int]) -> None:
        for point in points:
            desk = small_desk(quick / f"failed-{point}", sources)
            done = refresh(hatchery, desk, fault=f"eio:{point}")
            # What is given back at the very end may fail unnoticed: the lock of who held it ends with the process.
            assert done.returncode in (EXIT_FAILED, EXIT_DONE), (point, done.stderr)
            assert "Traceback" not in done.stderr, (point, done.stderr)
            assert ("Input/output error" in done.stderr) == (done.returncode == EXIT_FAILED), (point, done.stderr)
            done = refresh(hatchery, desk)
            assert done.returncode == EXIT_DONE, (point, done.stderr)
            made_good(desk, point, undisturbed)

    visit(failed, a_tenth(range(1, undisturbed.points + 1)))


def test_old_files_stand_whole_wherever_the_disk_fails(hatchery: Hatchery, quick: Path, origin: Origin) -> None:
    """A second run has something new to publish; each file is then the old one or the new one."""
    origin.put("/wire", feed("grain", "wheat"), etag='"1"')
    desk = small_desk(quick / "desk", {"wire": origin.url("/wire")})
    assert refresh(hatchery, desk).returncode == EXIT_DONE
    old = unpacked(desk)
    origin.put("/wire", feed("barley", "grain", "wheat"), etag='"2"')
    desk.now += timedelta(hours=1)
    shutil.copytree(desk.folder, quick / "spare")
    spare = replace(desk, folder=quick / "spare")
    points = passed(refresh(hatchery, spare, fault="count"))
    new = unpacked(spare)
    assert len([name for name in old if new[name] != old[name]]) >= 10
    for point in range(1, points + 1, 1 if DEEP else 7):
        done = refresh(hatchery, desk, fault=f"eio:{point}")
        assert "Traceback" not in done.stderr, (point, done.stderr)
        now = unpacked(desk)
        assert now.keys() >= old.keys(), "no name is missing"
        assert now.keys() <= new.keys(), "and nothing is left over"
        assert [name for name in now if now[name] not in (old.get(name), new[name])] == [], point
    assert refresh(hatchery, desk).returncode == EXIT_DONE
    assert unpacked(desk) == new
    whole(desk)


def unpacked(desk: Desk) -> dict[str, int]:
    """How long each file is, gzip undone: ids are drawn by chance, but all have one length. Stories go by titles."""
    plain = {name: gzip.decompress(body) if name.endswith(".gz") else body for name, body in desk.files().items()}
    found = {}
    for name, body in plain.items():
        titles = re.findall("<title>(.*)</title>", body.decode()) if name.startswith("story/") else []
        found[re.sub("(?<=^story/)[0-9A-Z]{26}", "~", name) + "".join(titles)] = len(body)
    return found


def test_whatever_writes_passes_a_fault_point() -> None:
    """Every function of the program that commits, writes a file, forces it to disk, renames or makes it."""
    touching = {"fsync", "fdatasync", "rename", "renames", "mkdir", "write_text", "write_bytes"}
    exactly = {"os.link", "os.symlink", "os.replace", "stream.write", "connection.begin", "raw.execute"}
    silent = set()
    for file in sorted((ROOT / "feeds").rglob("*.py")):
        module = str(file.relative_to(ROOT / "feeds"))
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            names = {ast.unparse(call.func) for call in ast.walk(function) if isinstance(call, ast.Call)}
            touched = names & exactly or {name.rpartition(".")[2] for name in names} & touching
            if (touched or "os.O_CREAT" in ast.unparse(function)) and "faults.point" not in names:
                silent.add((module, function.name))
    assert silent == {
        ("store/database.py", "read"),  # commits nothing
        ("store/database.py", "__init__"),  # makes a folder, before there is anything to lose
        ("cli/demo.py", "demo"),  # works in a temporary folder
        ("publish/files.py", "_create"),  # whoever calls it passes one at once
    }
