"""A folder as a shelf, under links, full disks, dying writers and rivals."""

from __future__ import annotations

import errno
import fcntl
import gzip as stdlib_gzip
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from feeds.errors import ShelfError
from feeds.publish.files import Folder, agrees, gzip, has_twin

TEXT = b"<feed>" + b"word " * 2_000 + b"</feed>"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def folder(root: Path) -> Folder:
    return Folder(root)


def everything(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_a_text_has_a_twin_that_holds_the_same(folder: Folder, root: Path) -> None:
    folder.put("ukraine.atom", TEXT)
    twin = (root / "ukraine.atom.gz").read_bytes()
    assert stdlib_gzip.decompress(twin) == TEXT
    assert len(twin) < len(TEXT) / 10
    assert agrees(TEXT, twin)


def test_gzip_is_always_the_same_and_names_no_time() -> None:
    assert gzip(TEXT) == gzip(TEXT)
    assert gzip(TEXT)[3:8] == bytes(5)  # RFC 1952 section 2.3: no flags, no MTIME


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ukraine.atom", True),
        ("ukraine/index.html", True),
        (".well-known/feeds", True),
        ("favicon.svg", True),
        ("favicon.ico", False),
        ("favicon", False),
    ],
)
def test_what_has_a_twin(name: str, expected: bool) -> None:
    assert has_twin(name) is expected


def test_equal_bytes_touch_no_file(folder: Folder, root: Path) -> None:
    folder.put("ukraine.atom", TEXT)
    files = [root / "ukraine.atom", root / "ukraine.atom.gz"]
    before = [(path.stat().st_mtime_ns, path.stat().st_ino) for path in files]
    assert not folder.put("ukraine.atom", TEXT)
    assert [(path.stat().st_mtime_ns, path.stat().st_ino) for path in files] == before


@pytest.mark.parametrize("twin", [pytest.param(None, id="missing"), pytest.param(gzip(b"old"), id="of another text")])
def test_a_pair_that_disagrees_is_mended(folder: Folder, root: Path, twin: bytes | None) -> None:
    folder.put("ukraine.atom", TEXT)
    (root / "ukraine.atom.gz").unlink()
    if twin:
        (root / "ukraine.atom.gz").write_bytes(twin)
    assert folder.put("ukraine.atom", TEXT)
    assert agrees(TEXT, (root / "ukraine.atom.gz").read_bytes())


def test_files_may_be_read_by_others(folder: Folder, root: Path) -> None:
    mask = os.umask(0o022)
    try:
        folder.put("ukraine/index.html", TEXT)
    finally:
        os.umask(mask)
    assert (root / "ukraine/index.html").stat().st_mode & 0o777 == 0o644
    assert (root / "ukraine").stat().st_mode & 0o777 == 0o755


# ------------------------------------------------------------------------------------------------ links


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    secret = tmp_path / "outside"
    secret.mkdir()
    (secret / "index.html").write_bytes(b"secret")
    return secret


@pytest.mark.parametrize(
    ("link", "target"),
    [
        pytest.param("ukraine", ".", id="a folder that is a link"),
        pytest.param("ukraine/index.html", "index.html", id="a file that is a link"),
        pytest.param("ukraine/index.html.gz", "index.html", id="a twin that is a link"),
        pytest.param("ukraine/index.html", "missing", id="a link to nothing"),
    ],
)
def test_no_link_leads_out(folder: Folder, root: Path, outside: Path, link: str, target: str) -> None:
    (root / link).parent.mkdir(parents=True)
    (root / link).symlink_to(outside / target)
    before = everything(outside)
    with pytest.raises(ShelfError, match="link"):
        folder.put("ukraine/index.html", TEXT)
    if not link.endswith(".gz"):
        with pytest.raises(ShelfError, match="link"):
            folder.get("ukraine/index.html")
    assert list(folder.names()) == []
    assert everything(outside) == before


def test_a_removed_link_leaves_its_target(folder: Folder, root: Path, outside: Path) -> None:
    root.mkdir()
    (root / "a.atom").symlink_to(outside / "index.html")
    folder.remove("a.atom")
    assert not (root / "a.atom").is_symlink()
    assert (outside / "index.html").read_bytes() == b"secret"


def test_the_root_itself_may_be_a_link(tmp_path: Path, root: Path) -> None:
    (tmp_path / "release-1").mkdir()
    root.symlink_to(tmp_path / "release-1")
    Folder(root).put("a.atom", TEXT)
    assert (tmp_path / "release-1" / "a.atom").read_bytes() == TEXT


def test_a_pipe_in_our_place_holds_nobody(folder: Folder, root: Path) -> None:
    root.mkdir()
    os.mkfifo(root / "a.atom")
    with pytest.raises(ShelfError):
        folder.put("a.atom", TEXT)
    assert list(folder.names()) == []


# --------------------------------------------------------------------------------------- broken disks


@pytest.fixture
def small_disk() -> Iterator[Callable[[], None]]:
    """Called, lets no file grow beyond 64 KiB, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_the_old_file_and_heals(folder: Folder, root: Path, small_disk: Callable[[], None]) -> None:
    large = os.urandom(200_000)
    folder.put("a.atom", TEXT)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    small_disk()
    with pytest.raises(ShelfError, match=r"a\.atom: File too large"):
        folder.put("a.atom", large)
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert everything(root) == {"a.atom": TEXT, "a.atom.gz": gzip(TEXT)}
    assert folder.put("a.atom", large)
    assert folder.get("a.atom") == large


@pytest.mark.parametrize("call", ["fsync", "replace", "open"])
def test_a_failure_at_any_call_leaves_the_old_pair_or_the_new(
    folder: Folder, root: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    real = getattr(os, call)
    failed = 0
    for nth in range(1, 20):
        folder.put("ukraine/index.html", b"old")
        calls = 0

        def counted(*args: object, nth: int = nth, **kwargs: object) -> object:
            nonlocal calls
            calls += 1
            if calls == nth:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return real(*args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(os, call, counted)
            try:
                folder.put("ukraine/index.html", TEXT)
            except ShelfError:
                failed += 1
            else:
                break
        found = everything(root)
        assert found["ukraine/index.html"] in (b"old", TEXT)
        assert found["ukraine/index.html.gz"] in (gzip(b"old"), gzip(TEXT))
        if found["ukraine/index.html"] == TEXT:
            assert found["ukraine/index.html.gz"] == gzip(TEXT)
        assert set(found) == {"ukraine/index.html", "ukraine/index.html.gz"}
    assert failed
    assert folder.get("ukraine/index.html") == TEXT


def test_a_root_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ShelfError, match="file/public"):
        Folder(tmp_path / "file" / "public").put("a.atom", TEXT)


# ------------------------------------------------------------------------------------ killed and rival


def test_a_sweep_takes_what_the_dead_left_and_nothing_else(folder: Folder, root: Path) -> None:
    folder.put("ukraine/index.html", TEXT)
    (root / ".feeds-dead").write_bytes(b"half")
    (root / "ukraine" / ".feeds-dead").write_bytes(b"half")
    (root / "ukraine" / ".feeds-living").write_bytes(b"half")
    with open(root / "ukraine" / ".feeds-living", "rb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        assert list(folder.names()) == ["ukraine/index.html"]
        assert folder.sweep() == 2
    assert set(everything(root)) == {"ukraine/.feeds-living", "ukraine/index.html", "ukraine/index.html.gz"}
    assert folder.sweep() == 1
    assert folder.sweep() == 0


def test_there_is_nothing_to_sweep_before_the_first_file(folder: Folder) -> None:
    assert folder.sweep() == 0


_WRITER = """
import sys
from feeds.publish.files import Folder
folder, turn = Folder(sys.argv[1]), 0
while True:
    turn += 1
    folder.put("ukraine/index.html", b"%d " % turn * 40_000)
    print(turn, flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_whole_files(folder: Folder, root: Path) -> None:
    for pause in (0.0, 0.003, 0.007, 0.011, 0.017):
        writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(root)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(pause)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        page, twin = (root / "ukraine/index.html").read_bytes(), (root / "ukraine/index.html.gz").read_bytes()
        for body in (page, stdlib_gzip.decompress(twin)):
            assert len(body.split()) == 40_000
            assert len(set(body.split())) == 1
        folder.put("ukraine/index.html", page)
        folder.sweep()
        assert everything(root) == {"ukraine/index.html": page, "ukraine/index.html.gz": gzip(page)}


def test_rivals_and_a_sweeper_leave_one_whole_pair(folder: Folder, root: Path) -> None:
    bodies = [bytes([65 + nth]) * 30_000 for nth in range(4)]
    with ThreadPoolExecutor(5) as pool:
        jobs = [pool.submit(folder.put, f"{turn % 3}/index.html", bodies[turn % 4]) for turn in range(60)]
        sweeps = [pool.submit(folder.sweep) for _ in range(20)]
    assert not [job for job in jobs if job.exception()] + [sweep for sweep in sweeps if sweep.exception()]
    for nth in range(3):
        folder.put(f"{nth}/index.html", bodies[nth])
    assert set(everything(root)) == {f"{nth}/index.html{end}" for nth in range(3) for end in ("", ".gz")}
    assert all(
        agrees((root / f"{n}/index.html").read_bytes(), (root / f"{n}/index.html.gz").read_bytes()) for n in range(3)
    )
