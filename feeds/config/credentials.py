"""`url_file` and `proxy_file`: addresses that hold a credential and so stand in a file of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from feeds.config.cross import each_source, table
from feeds.config.words import Fault, Path, Wrong

ReadSecret = Callable[[str], str]  # path as written -> its text; raises Wrong


def take_secrets(tables: Mapping[str, Any], read: ReadSecret) -> tuple[dict[Path, Path], list[Fault]]:
    """Put the addresses from their files into `tables`.

    Returns the place of each such address with the place of the key that named its file, and what went wrong. An
    address that could not be had is put in as "".
    """
    taken: dict[Path, Path] = {}
    faults: list[Fault] = []
    for path, home in _places(tables):
        key = str(path[-1])
        name = home.get(f"{key}_file")
        if not isinstance(name, str) or not name:
            continue
        told = taken[path] = (*path[:-1], f"{key}_file")
        if key in home:
            faults.append(Fault(path=told, what=f"{key} is given as well", remedy=f"take {key} out"))
        try:
            home[key] = read(name)
        except Wrong as wrong:
            home[key] = ""
            faults.append(Fault(path=told, what=wrong.what, remedy=wrong.remedy))
    return taken, faults


def conceal(faults: Iterable[Fault], taken: Mapping[Path, Path], *, told: Iterable[Fault]) -> Iterator[Fault]:
    """The same faults; those about an address from a file name that file's key and nothing of what is in it."""
    done = {fault.path for fault in told}
    for fault in faults:
        if fault.path not in taken:
            yield fault
        elif taken[fault.path] not in done:
            what = f"the file does not hold what {fault.path[-1]} may be, or an address that is used already"
            yield Fault(path=taken[fault.path], what=what, remedy="write one line into it: the whole address")


def _places(tables: Mapping[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    for name, key in (("store", "url"), ("fetch", "proxy")):
        if home := table(tables, name):
            yield (name, key), home
    for index, source in each_source(tables):
        yield ("sources", index, "url"), source
