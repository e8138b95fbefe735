"""Asking this machine: a file, a folder or a glob as a source."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_ISREG

from xxhash import xxh3_128, xxh3_128_hexdigest

from feeds.fetch.why import Why, megabytes
from feeds.model import TROUBLE, Answer, Document, Failed, Fetched, NotModified, Request

SUFFIXES = (".txt", ".md", ".html", ".htm", ".xml", ".rss", ".atom", ".json", ".rdf")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    size: int  # bytes
    mtime: int  # nanoseconds since 1970


def fetch_files(request: Request, *, max_bytes: int) -> Answer:
    """Read the files that `request.url` names: `file:` and the absolute path of a file, a folder or a glob.

    A folder means the feed and article files in it, a glob (`*`, `?`, `**`) what it matches; hidden files and links
    that lead out of it are left out. One Document for each, by path. A file that cannot be read, or has more than
    `max_bytes`, is a Document without body whose header `x-trouble` says why; if that is so of all, the answer is
    Failed. The ETag is made of names, sizes and times, so that a folder without change is not read at all.
    """
    place = request.url.removeprefix("file:")
    place = place.removeprefix("//") if place.startswith("///") else place
    if not place.startswith("/") or "\0" in place:
        return _failed(request, Why.BAD_URL, "write file: and an absolute path")
    try:
        files = _listed(place)
    except FileNotFoundError:
        return _failed(request, Why.MISSING_FILE, f"{place} is not there; create it or correct the source's url")
    except OSError as exc:
        return _failed(request, Why.UNREADABLE_FILE, f"{place}: {exc.strerror}")
    if not files:
        return _failed(request, Why.MISSING_FILE, f"{place}: no feed or article file there ({' '.join(SUFFIXES)})")

    etag = _etag(files)
    if etag == request.etag:
        return NotModified()
    documents = [_document(file, max_bytes) for file in files]
    troubles = [f"{file.path}: {d.headers[TROUBLE]}" for file, d in zip(files, documents, strict=True) if d.headers]
    if len(troubles) == len(files):
        return _failed(request, Why.UNREADABLE_FILE, "; ".join(troubles)[:300])
    if troubles:
        etag = ""  # mending a permission leaves no trace in what the ETag is made of
    digest = _digest(documents)
    if digest == request.body_hash:
        return NotModified(equal_body=True, etag=etag, last_modified="")
    return Fetched(documents=tuple(documents), body_hash=digest, etag=etag)


def _failed(request: Request, why: Why, detail: str) -> Failed:
    return Failed(why=why, url=request.url, detail=detail)


def _listed(place: str) -> list[_File]:
    """The files that `place` names, by path.

    Raises:
        OSError: nothing is there, or it may not be looked at.
    """
    path = Path(place)
    if path.is_dir():  # also a link to one: what the operator names is followed
        names = sorted(name for name in os.listdir(path) if name.lower().endswith(SUFFIXES) and name[0] != ".")
        return _regular((path / name for name in names), path)
    if re.search(r"[*?]", place) and not path.exists():
        root = Path(re.split(r"/[^/]*[*?]", place)[0] or "/")
        root.stat()
        found = glob.glob(place.replace("[", "[[]"), recursive=True)
        return _regular(map(Path, sorted(set(found))), root)
    path.stat()
    return _regular([path], path.resolve().parent)


def _regular(paths: Iterable[Path], root: Path) -> list[_File]:
    """Those of `paths` that are files and lie under `root`, wherever links lead."""
    real_root = root.resolve()
    files = []
    for path in paths:
        try:
            info = path.stat()
            inside = path.resolve().is_relative_to(real_root)
        except OSError:
            continue  # gone since it was listed, or a link to nothing
        if S_ISREG(info.st_mode) and inside:
            files.append(_File(path, info.st_size, info.st_mtime_ns))
    return files


def _document(file: _File, max_bytes: int) -> Document:
    body, trouble = b"", ""
    try:
        with file.path.open("rb") as stream:
            body = stream.read(max_bytes + 1)
    except OSError as exc:
        trouble = exc.strerror or str(exc)
    if len(body) > max_bytes:
        body, trouble = b"", f"larger than {megabytes(max_bytes)}"
    return Document(
        url=file.path.as_uri(),
        body=body,
        headers={TROUBLE: trouble} if trouble else {},
        modified=_moment(file.mtime),
    )


def _moment(nanoseconds: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        return None  # a file system may hold any time


def _etag(files: Sequence[_File]) -> str:
    return xxh3_128_hexdigest(os.fsencode("\0".join(f"{file.path}\0{file.size}\0{file.mtime}" for file in files)))


def _digest(documents: Sequence[Document]) -> bytes:
    state = xxh3_128()
    for document in documents:
        for part in (document.url.encode(), document.headers.get(TROUBLE, "").encode(), document.body):
            state.update(len(part).to_bytes(8, "big"))
            state.update(part)
    return state.digest()
