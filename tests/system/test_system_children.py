"""The child processes that read: confined, ended in time, replaced, and gone when we are."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from feeds.config import ReadSettings
from feeds.errors import SandboxError
from feeds.model import Article, Document, Facts, Outline, Reading, Unreadable
from feeds.sandbox import children as pool
from feeds.sandbox import processes
from feeds.sandbox.children import Children
from feeds.sandbox.processes import Reader
from tests.desk import Desk
from tests.hostile.bodies import EATS, HANGS
from tests.make import NOW, source
from tests.origin import Origin
from tests.running import eventually, family

ROOT = Path(__file__).parents[2]
FACTS = Facts(source=source("alpha"), now=NOW)
URL = FACTS.source.url
TABLES = {"topics": {"ukraine": {"use": "ukraine"}}}
GOOD = b"<rss version='2.0'><channel><title>t</title><item><title>Kyiv</title></item></channel></rss>"


@pytest.fixture
def make() -> Iterator[Callable[..., Children]]:
    """Makes readers, and ends them."""
    made: list[Children] = []

    def one(*, recycled: int = 300, **settings: float) -> Children:
        made.append(Children(TABLES, ReadSettings(**settings), recycled=recycled))  # type: ignore[arg-type]
        return made[-1]

    yield one
    for children in made:
        children.close()


def document(body: bytes = GOOD) -> Document:
    return Document(url=URL, body=body)


def processes_of(parent: int) -> list[int]:
    """All processes below `parent`."""
    return family(parent)[1:]


def is_killed(pid: int) -> bool:
    """Whether it is gone, or bound to go as soon as it gets the processor."""
    try:
        status = (Path("/proc") / str(pid) / "status").read_text()
    except OSError:
        return True
    pending = re.findall(r"^(?:Sig|Shd)Pnd:\s*(\w+)$", status, re.MULTILINE)
    return "State:\tZ" in status or any(int(mask, 16) >> (signal.SIGKILL - 1) & 1 for mask in pending)


def nursery_of(children: Children) -> int:
    process = children._nursery._process
    assert process is not None
    return process.pid


def ask_until_stopped(children: Children) -> None:
    with suppress(SandboxError):
        children(document(HANGS), FACTS)


def why(found: Reading | Unreadable) -> str:
    return found.why if isinstance(found, Unreadable) else "read"


def test_a_reader_is_confined(make: Callable[..., Children]) -> None:
    children = make(memory=400 * 2**20)
    assert why(children(document(), FACTS)) == "read"
    (reader,) = processes_of(nursery_of(children))
    limits = Path(f"/proc/{reader}/limits").read_text()
    for name, value in (
        ("Max address space", 400 * 2**20), ("Max open files", 16), ("Max file size", 0), ("Max core file size", 0),
    ):  # fmt: skip
        assert next(line for line in limits.splitlines() if line.startswith(name)).split()[-3:-1] == [str(value)] * 2
    stat = Path(f"/proc/{reader}/stat").read_text().rpartition(")")[2].split()
    assert int(stat[3]) == reader, "a session of its own"
    assert Path(f"/proc/{reader}/oom_score_adj").read_text() == "1000\n", "it goes before whoever has the database"
    assert Path(f"/proc/{reader}/environ").read_bytes() == b"MALLOC_ARENA_MAX=1\0"
    opened = {os.readlink(link) for link in Path(f"/proc/{reader}/fd").iterdir()}
    assert {name for name in opened if not name.startswith("socket:")} == {"/dev/null"}
    assert len(opened) == 2, "the one socket to us, and no other: not that of the nursery, not those of other readers"


def has_four(opened: Path) -> bool:
    return len(list(opened.iterdir())) == 4


def test_readers_at_work_keep_no_descriptor_of_each_other(make: Callable[..., Children]) -> None:
    children = make(processes=2)
    done = [threading.Thread(target=ask_until_stopped, args=(children,)) for _ in range(2)]
    for thread in done:
        thread.start()
    while len(processes_of(nursery_of(children)) if children._nursery._process else []) < 2:
        time.sleep(0.05)
    descriptors = [Path(f"/proc/{reader}/fd") for reader in processes_of(nursery_of(children))]
    for opened in descriptors:  # one that was just forked still has the nursery's, for a moment
        eventually(partial(has_four, opened), what=lambda: f"{[len(list(each.iterdir())) for each in descriptors]}")
    children.close()
    for thread in done:
        thread.join()


@pytest.mark.parametrize(
    ("body", "expected"), [(HANGS, "parse_timeout"), (EATS, "parse_memory")], ids=["what hangs", "what eats memory"]
)
def test_a_document_that_takes_too_much_is_named(make: Callable[..., Children], body: bytes, expected: str) -> None:
    children = make(timeout=1.0 if body is HANGS else 60.0, memory=160 * 2**20)
    children(document(), FACTS)
    (before,) = processes_of(nursery_of(children))
    found = children(document(body), FACTS)
    assert why(found) == expected
    assert isinstance(found, Unreadable)
    assert found.detail == (
        "reading it takes more than 1 s" if body is HANGS else "reading it takes more than 160 MiB of memory"
    )
    assert before not in processes_of(nursery_of(children))
    assert why(children(document(), FACTS)) == "read", "the next good one is read"


def test_one_that_dies_is_named_and_replaced(make: Callable[..., Children]) -> None:
    children = make(timeout=30.0)
    children(document(), FACTS)
    answers: list[Reading | Unreadable] = []
    asking = threading.Thread(target=lambda: answers.append(children(document(HANGS), FACTS)))
    asking.start()
    time.sleep(0.3)
    for reader in processes_of(nursery_of(children)):
        os.kill(reader, signal.SIGSEGV)
    asking.join()
    assert answers == [Unreadable(why="parse_crashed", detail="its reader was ended by signal 11")]
    assert why(children(document(), FACTS)) == "read"


def test_one_that_died_waiting_is_replaced_unseen(make: Callable[..., Children]) -> None:
    children = make()
    children(document(), FACTS)
    for reader in processes_of(nursery_of(children)):
        os.kill(reader, signal.SIGKILL)
    time.sleep(0.1)
    assert why(children(document(), FACTS)) == "read"


def test_a_lost_nursery_is_replaced(make: Callable[..., Children]) -> None:
    children = make(recycled=1)
    for _ in range(3):
        assert why(children(document(), FACTS)) == "read"
        os.kill(nursery_of(children), signal.SIGKILL)
    time.sleep(0.1)
    assert why(children(document(), FACTS)) == "read"


def test_a_reader_is_replaced_after_so_many_documents(make: Callable[..., Children]) -> None:
    children = make(recycled=3, processes=1)
    seen = []
    for _ in range(9):
        children(document(), FACTS)
        seen.append(tuple(processes_of(nursery_of(children))))
    assert len({pids for pids in seen if pids}) == 3
    assert [len(pids) for pids in seen] == [1, 1, 0] * 3, "nobody is left behind, not even as a zombie"


def test_by_default_that_is_as_many_as_is_decided(make: Callable[..., Children]) -> None:
    decided = (ROOT / "docs" / "decisions" / "005-readers-are-forked.md").read_text()
    assert f"it has read {Children(TABLES, ReadSettings())._recycled} documents and is replaced" in decided


def test_one_that_stepped_back_is_not_used_again(
    make: Callable[..., Children], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it lost in the queue for a core it never gets back."""
    monkeypatch.setattr(processes, "_PATIENCE", 0.0)
    children = make(processes=1)
    long = GOOD.replace(b"<item>", b"<item><title>Grain</title></item>" * 2000 + b"<item>")  # not read in no time
    assert why(children(document(long), FACTS)) == "read"
    assert processes_of(nursery_of(children)) == []


def test_suspects_are_read_one_at_a_time(make: Callable[..., Children]) -> None:
    children = make(timeout=1.0, processes=2)
    children(document(), FACTS)
    suspect = replace(FACTS, suspect=True)
    hanging = [threading.Thread(target=children, args=(document(HANGS), suspect)) for _ in range(2)]
    for thread in hanging:
        thread.start()
    most = 0
    while any(thread.is_alive() for thread in hanging):
        most = max(most, len(children._at_work))
        time.sleep(0.02)
    assert most == 1


def test_more_than_a_reader_may_say_is_named(make: Callable[..., Children], monkeypatch: pytest.MonkeyPatch) -> None:
    children = make(processes=1)
    with monkeypatch.context() as less:
        less.setattr(pool, "LARGEST_ANSWER", 20)
        found = children(document(), FACTS)
    assert found == Unreadable(why="reply_too_large", detail="what it says takes more than 0 MiB")
    assert processes_of(nursery_of(children)) == [], "nobody knows what it is still saying"
    assert why(children(document(), FACTS)) == "read"


def test_what_hangs_gives_its_place_to_others(make: Callable[..., Children], monkeypatch: pytest.MonkeyPatch) -> None:
    """One place, and four documents that hang for far longer than the good ones need."""
    monkeypatch.setattr(pool, "SLOW", 0.2)
    children = make(timeout=30.0, processes=1)
    children(document(), FACTS)
    hanging = [threading.Thread(target=ask_until_stopped, args=(children,)) for _ in range(4)]
    for thread in hanging:
        thread.start()
    time.sleep(0.2)
    for _ in range(20):
        assert why(children(document(), FACTS)) == "read"
    assert all(thread.is_alive() for thread in hanging), "the good ones did not wait for them"
    children.close()
    for thread in hanging:
        thread.join()


def test_no_more_than_so_many_hang(make: Callable[..., Children], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "SLOW", 0.05)
    monkeypatch.setattr(pool, "MOST_SLOW", 2)
    children = make(timeout=2.0, processes=1)
    hanging = [threading.Thread(target=ask_until_stopped, args=(children,)) for _ in range(6)]
    for thread in hanging:
        thread.start()
    most = 0
    while any(thread.is_alive() for thread in hanging):
        if children._nursery._process:
            most = max(most, sum(not is_killed(pid) for pid in processes_of(nursery_of(children))))
        time.sleep(0.05)
    assert most == 3


def test_two_at_a_time_and_no_more(make: Callable[..., Children]) -> None:
    children = make(processes=2)
    many = [threading.Thread(target=children, args=(document(), FACTS)) for _ in range(30)]
    for thread in many:
        thread.start()
    for thread in many:
        thread.join()
    assert 1 <= len(processes_of(nursery_of(children))) <= 2


def test_an_opml_list_is_read_there_too(make: Callable[..., Children]) -> None:
    children = make()
    listed = b"<opml><body><outline xmlUrl='https://a.example/f'/></body></opml>"
    assert children.outlines(document(listed)) == (Outline(url="https://a.example/f"),)
    assert why(children.outlines(document(GOOD))) == "not_a_list"  # type: ignore[arg-type]


def test_a_reader_ends_while_another_nursery_is_starting(
    make: Callable[..., Children], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nursery = make()._nursery
    reader = nursery.fork()
    assert nursery._process
    nursery._process.kill()
    slow, goes_on = tmp_path / "python", tmp_path / "goes on"
    slow.write_text(f'#!/bin/sh\nwhile [ ! -e "{goes_on}" ]; do sleep 0.1; done\nexec {sys.executable} "$@"\n')
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    forked: list[Reader] = []
    starting = threading.Thread(target=lambda: forked.append(nursery.fork()))
    starting.start()
    while not nursery._lock.locked() or nursery._current:
        time.sleep(0.01)
    assert nursery.end(reader).lost
    assert not forked, "it was not waited for"
    goes_on.touch()
    starting.join()
    assert not nursery.end(forked[0]).lost


def test_closing_ends_everything_and_nothing_is_started_for_nothing(make: Callable[..., Children]) -> None:
    children = make()
    assert children._nursery._process is None, "the first document starts it"
    children(document(), FACTS)
    nursery = nursery_of(children)
    children.close()
    assert not Path(f"/proc/{nursery}").exists()
    with pytest.raises(SandboxError, match="stopped"):
        children(document(), FACTS)


PARENT = """
    import threading, time
    from feeds.config import ReadSettings
    from feeds.sandbox.children import Children
    from tests.system.test_system_children import FACTS, HANGS, document

    children = Children({"topics": {}}, ReadSettings(timeout=3.0))
    children(document(), FACTS)
    threading.Thread(target=children, args=(document(HANGS), FACTS)).start()
    time.sleep(0.3)
    print(children._nursery._process.pid, flush=True)
    time.sleep(600)
"""


def test_orphans_end_by_themselves() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        nursery = int(parent.stdout.readline())
        below = processes_of(parent.pid)
        assert nursery in below
        assert len(below) >= 2
        parent.kill()
    until = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in below) and time.monotonic() < until:
        time.sleep(0.05)
    assert [pid for pid in below if Path(f"/proc/{pid}").exists()] == []


IMPORTED = """
import sys, json
from feeds.__main__ import main
try:
    main()
except SystemExit:
    pass
print(json.dumps(sorted(sys.modules)))
"""
PARSERS = ("feedparser", "nh3", "selectolax", "markdown_it", "feeds.read", "feeds.normalise.text")


def test_the_process_with_the_database_looks_into_nothing(tmp_path: Path) -> None:
    """A whole refresh, of a feed and a folder of articles, and an import of a list: no parser was even imported."""
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.html").write_text("<h1>Kyiv</h1><p>Trains run.</p>")
    (tmp_path / "list.opml").write_text("<opml><body><outline xmlUrl='https://a.example/f'/></body></opml>")
    with Origin() as origin:
        origin.put("/feed", GOOD)
        desk = Desk(tmp_path, sources={"alpha": origin.url("/feed"), "desk": f"file:{tmp_path / 'articles'}"})
        config = str(desk.config)
        for command, words in (
            (["refresh", "--all", "--json"], '"new": 2'),
            (["sources", "import", str(tmp_path / "list.opml")], "1 source added"),
        ):
            done = subprocess.run(
                [sys.executable, "-c", IMPORTED, "--config", config, *command], capture_output=True, text=True, cwd=ROOT
            )
            said, modules = done.stdout.splitlines()
            assert words in said, done.stderr
            assert [name for name in json.loads(modules) if name.startswith(PARSERS)] == []


def test_articles_cross_whole(make: Callable[..., Children]) -> None:
    """A megabyte of text both ways."""
    text = "<p>" + "слово " * 20_000 + "</p>"
    items = "".join(f"<item><title>{n}</title><description><![CDATA[{text}]]></description></item>" for n in range(5))
    body = f"<rss version='2.0'><channel>{items}</channel></rss>"
    found = make(timeout=60.0)(document(body.encode()), FACTS)
    assert isinstance(found, Reading)
    for item in found.items:
        assert isinstance(item, Article)
        assert len(item.text) == len("слово " * 20_000) - 1
