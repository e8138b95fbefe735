"""The topics that come with the program: TOML files beside this one, written to be read by a person."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from feeds.config.lines import outline

_SHARED = "lists"  # not a topic: the word lists that all topics may use


@cache
def pack_names() -> tuple[str, ...]:
    """Names that `use` accepts, sorted."""
    files = (resources.files(__package__) / "topics").iterdir()
    names = {file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")}
    return tuple(sorted(names - {_SHARED}))


@cache
def read_pack(name: str) -> dict[str, Any]:
    """The tables of one pack, one of `pack_names`, or of the shared lists. Not to be changed."""
    return tomllib.loads(_text(name))


@cache
def pack_lines(name: str) -> Mapping[str, int]:
    """The line of each key of a pack."""
    return outline(_text(name)).lines


def read_lists() -> dict[str, Any]:
    """The shared word lists: list name -> its table or array."""
    return read_pack(_SHARED)


def _text(name: str) -> str:
    return (resources.files(__package__) / "topics" / f"{name}.toml").read_text(encoding="utf-8")
