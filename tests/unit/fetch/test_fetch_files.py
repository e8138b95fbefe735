"""Files, folders and globs as sources."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.fetch.files import fetch_files
from feeds.model import Answer, Failed, Fetched, NotModified, Request

AT = datetime(2026, 5, 1, 12, 30, 15, 250000, tzinfo=UTC)


def write(path: Path, body: bytes = b"text", *, at: datetime = AT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def ask(place: Path | str, *, max_bytes: int = 1000, **known: object) -> Answer:
    url = place if isinstance(place, str) else f"file:{place}"
    return fetch_files(Request(source="desk", url=url, **known), max_bytes=max_bytes)  # type: ignore[arg-type]


def got(answer: Answer) -> Fetched:
    assert isinstance(answer, Fetched), answer
    return answer


def names(answer: Answer) -> list[str]:
    return [document.url.rpartition("/")[2] for document in got(answer).documents]


@pytest.fixture
def unprivileged() -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read every file")


# ------------------------------------------------------------------------------------------------ places


def test_a_file_is_one_document_with_its_address_and_time(tmp_path: Path) -> None:
    path = write(tmp_path / "día 1.weird", b"\xff\x00body")
    [document] = got(ask(path)).documents
    assert (document.body, document.modified, dict(document.headers)) == (b"\xff\x00body", AT, {})
    assert document.url == f"file://{tmp_path}/d%C3%ADa%201.weird"


@pytest.mark.parametrize("form", ["file:{}", "file://{}"])
def test_both_ways_to_write_a_file_url(tmp_path: Path, form: str) -> None:
    assert names(ask(form.format(write(tmp_path / "a.txt")))) == ["a.txt"]


def test_a_folder_is_its_feeds_and_articles_in_order(tmp_path: Path) -> None:
    for name in ("b.md", "a.TXT", "c.html", "d.htm", "e.xml", "f.rss", "g.atom", "h.json", "i.rdf"):
        write(tmp_path / name)
    for name in (".hidden.txt", "notes.doc", "txt", "a.txt~", "deeper/j.txt"):
        write(tmp_path / name)
    (tmp_path / "folder.txt").mkdir()
    assert names(ask(tmp_path)) == ["a.TXT", "b.md", "c.html", "d.htm", "e.xml", "f.rss", "g.atom", "h.json", "i.rdf"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        pytest.param("*.txt", ["a.txt", "b.txt"], id="star"),
        pytest.param("?.txt", ["a.txt", "b.txt"], id="question mark"),
        pytest.param("**/*.txt", ["a.txt", "b.txt", "c.txt", "d.txt"], id="two stars: at any depth, by path"),
        pytest.param("*/c.txt", ["c.txt"], id="star for a folder"),
        pytest.param("a.*", ["a.doc", "a.txt"], id="any kind that is asked for"),
        pytest.param("[x]/*.md", ["e.md"], id="brackets are letters"),
    ],
)
def test_globs(tmp_path: Path, pattern: str, found: list[str]) -> None:
    for name in ("a.txt", "a.doc", "b.txt", "one/c.txt", "one/two/d.txt", "[x]/e.md", ".f.txt", ".git/g.txt"):
        write(tmp_path / name)
    assert names(ask(tmp_path / pattern)) == found


def test_a_name_with_a_star_is_itself_where_it_exists(tmp_path: Path) -> None:
    write(tmp_path / "a*.txt")
    write(tmp_path / "ab.txt")
    assert names(ask(tmp_path / "a*.txt")) == ["a%2A.txt"]


def test_links_are_followed_inside_the_folder_only(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside" / "secret.txt", b"secret")
    folder = tmp_path / "folder"
    write(folder / "real.txt")
    write(folder / "deep" / "er.txt")
    (folder / "in.txt").symlink_to("real.txt")
    (folder / "out.txt").symlink_to(outside)
    (folder / "gone.txt").symlink_to("nowhere")
    (folder / "out").symlink_to(outside.parent)
    assert names(ask(folder)) == ["in.txt", "real.txt"]
    assert names(ask(folder / "**/*.txt")) == ["er.txt", "in.txt", "real.txt"]


def test_a_link_that_the_operator_names_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "releases" / "1" / "a.txt")
    (tmp_path / "current").symlink_to("releases/1")
    (tmp_path / "latest.txt").symlink_to("releases/1/a.txt")
    assert names(ask(tmp_path / "current")) == ["a.txt"]
    assert names(ask(tmp_path / "latest.txt")) == ["latest.txt"]


# ----------------------------------------------------------------------------------------------- changes


def test_a_folder_without_change_is_not_read(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", b"one")
    write(tmp_path / "b.txt", b"two")
    first = got(ask(tmp_path))
    write(tmp_path / "a.txt", b"ONE")  # same size and time: only who reads it would know
    assert ask(tmp_path, etag=first.etag) == NotModified()


@pytest.mark.parametrize("change", ["time", "size", "new", "gone", "renamed"])
def test_every_change_shows(tmp_path: Path, change: str) -> None:
    a, b = write(tmp_path / "a.txt"), write(tmp_path / "b.txt")
    first = got(ask(tmp_path))
    match change:
        case "time":
            write(a, b"TEXT", at=AT.replace(second=16))
        case "size":
            write(a, b"longer")
        case "new":
            write(tmp_path / "c.txt")
        case "gone":
            b.unlink()
        case "renamed":
            b.rename(tmp_path / "c.txt")
    second = got(ask(tmp_path, etag=first.etag, body_hash=first.body_hash))
    assert second.etag != first.etag
    assert second.body_hash != first.body_hash


def test_touched_but_equal_is_not_modified_with_a_new_etag(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    first = got(ask(tmp_path))
    write(path, at=AT.replace(second=16))
    answer = ask(tmp_path, etag=first.etag, body_hash=first.body_hash)
    assert isinstance(answer, NotModified)
    assert answer.equal_body
    assert answer.etag not in (None, "", first.etag)


def test_what_moves_between_files_is_a_change(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", b"12")
    write(tmp_path / "b.txt", b"3")
    first = got(ask(tmp_path))
    write(tmp_path / "a.txt", b"1")
    write(tmp_path / "b.txt", b"23")
    assert got(ask(tmp_path, body_hash=first.body_hash)).body_hash != first.body_hash
    write(tmp_path / "a.txt", b"12" + (tmp_path / "b.txt").as_uri().encode() + b"3")
    (tmp_path / "b.txt").unlink()
    assert got(ask(tmp_path, body_hash=first.body_hash)).body_hash != first.body_hash, "names and bodies do not blur"


# ----------------------------------------------------------------------------------------------- trouble


def test_one_large_file_costs_the_others_nothing(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", b"x" * 1001)
    write(tmp_path / "b.txt", b"x" * 1000)
    answer = got(ask(tmp_path))
    large, fine = answer.documents
    assert (large.body, dict(large.headers)) == (b"", {"x-trouble": "larger than 0.001 MB"})
    assert (len(fine.body), dict(fine.headers)) == (1000, {})
    assert answer.etag == "", "it is looked at again, since nothing would tell that it was mended"
    assert ask(tmp_path, body_hash=answer.body_hash) == NotModified(equal_body=True, etag="", last_modified="")


@pytest.mark.usefixtures("unprivileged")
def test_one_forbidden_file_costs_the_others_nothing_and_is_read_once_it_may(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    write(tmp_path / "b.txt")
    path.chmod(0)
    answer = got(ask(tmp_path))
    assert answer.documents[0].headers["x-trouble"] == "Permission denied"
    path.chmod(0o600)
    assert got(ask(tmp_path, etag=answer.etag, body_hash=answer.body_hash)).documents[0].body == b"text"


def test_nothing_readable_is_a_failure_that_names_the_files(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", b"x" * 2000)
    answer = ask(tmp_path)
    assert isinstance(answer, Failed)
    assert (answer.why, answer.detail) == ("unreadable_file", f"{path}: larger than 0.001 MB")


@pytest.mark.parametrize(
    ("place", "why"),
    [
        pytest.param("file:{}/nothing", "missing_file", id="no such path"),
        pytest.param("file:{}/nothing/*.txt", "missing_file", id="no such folder for a glob"),
        pytest.param("file:{}", "missing_file", id="an empty folder"),
        pytest.param("file:{}/*.txt", "missing_file", id="a glob without matches"),
        pytest.param("file:{}/pipe", "missing_file", id="a pipe, which would never end"),
        pytest.param("file:{}/pipe/x", "unreadable_file", id="below something that is no folder"),
        pytest.param("file:articles", "bad_url", id="not absolute"),
        pytest.param("file:", "bad_url", id="nothing"),
        pytest.param("file:{}/a\0b", "bad_url", id="a name that cannot be"),
        pytest.param("file:{}/" + "a" * 5000, "unreadable_file", id="a name too long"),
    ],
)
def test_what_cannot_be_found_is_named(tmp_path: Path, place: str, why: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    answer = ask(place.format(tmp_path))
    assert isinstance(answer, Failed)
    assert answer.why == why
    assert answer.detail


def test_a_file_from_beyond_the_calendar_has_no_time() -> None:
    if not os.access("/dev/shm", os.W_OK):
        pytest.skip("needs a file system in memory, which holds any time")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        path = write(Path(folder) / "a.txt")
        os.utime(path, (0, 3e11))  # the year 11476
        assert got(ask(path)).documents[0].modified is None


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs Linux: a file that opens but cannot be read")
def test_a_file_that_breaks_while_it_is_read_is_named() -> None:
    answer = ask("file:/proc/self/mem")
    assert isinstance(answer, Failed)
    assert (answer.why, answer.detail) == ("unreadable_file", "/proc/self/mem: Input/output error")
