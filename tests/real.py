"""Real inputs, where they are: `../shared/data` beside the repository. Nothing of it is ever committed."""

from __future__ import annotations

import io
import json
import os
import random
import tarfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
import zstandard

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SEEDS = DATA.parent / "seeds"
DEEP = bool(os.environ.get("FEEDS_DEEP"))  # all of it; else a tenth, chosen by a fixed seed
T = TypeVar("T")

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not here: real inputs are not tested")
needs_seeds = pytest.mark.skipif(
    not SEEDS.is_dir(), reason="../shared/seeds is not here: the real article is not tested"
)


def a_tenth(values: Sequence[T]) -> list[T]:
    """All of them in a deep run, else a tenth that is the same each time."""
    return list(values) if DEEP else random.Random(7).sample(list(values), max(1, len(values) // 10))


def members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each file of a .tar.zst, in its order."""
    with archive.open("rb") as file:
        plain = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(file, read_across_frames=True)
        with tarfile.open(fileobj=plain, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is not None:
                    yield member.name, content.read()


def lines(file: Path) -> Iterator[Any]:
    """The objects of a .jsonl.zst."""
    with file.open("rb") as raw:
        plain = zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(raw, read_across_frames=True)
        for line in io.TextIOWrapper(plain, encoding="utf-8"):
            yield json.loads(line)


def snapshots() -> list[tuple[str, bytes]]:
    """(name, bytes) of the single real feeds."""
    return sorted(members(DATA / "snapshots" / "feeds.tar.zst"))


def poll_sequence(name: str) -> list[tuple[datetime, bytes]]:
    """(time, bytes) of each poll of a real feed, in order."""
    found = []
    for member, body in members(DATA / "polls" / f"{name}.tar.zst"):
        stamp = Path(member).stem.partition("_")[2]
        found.append((_moment(stamp), body))
    return sorted(found, key=lambda poll: poll[0])


def _moment(stamp: str) -> datetime:
    return datetime.strptime(stamp.replace("p", "+").replace("m", "-"), "%Y-%m-%dT%H%M%S%z").astimezone(UTC)
