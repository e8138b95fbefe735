"""The parts of an article that count differently: title, lead and body, as plain text."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from feeds.fold import fold

_BEFORE_OUTLET = (" - ", " | ", " – ", " — ", " · ")
_AFTER_OUTLET = (": ", *_BEFORE_OUTLET)


def split_lead(text: str, words: int) -> tuple[str, str]:
    """The first so many words of `text`, and the rest."""
    if text.count(" ") + text.count("\n") < words:
        return text, ""
    parts = text.split(maxsplit=words)
    return " ".join(parts[:words]), parts[words] if len(parts) > words else ""


@lru_cache(maxsize=1024)
def outlet_names(name: str, title: str, host: str) -> frozenset[str]:
    """What an outlet may call itself at the end of its titles, squashed; `host` is a domain or ""."""
    labels = host.split(".")[:-1]
    return frozenset(filter(None, map(_squash, (name, title, host, *labels))))


@lru_cache(maxsize=1024)
def whole_names(name: str, title: str, host: str) -> frozenset[str]:
    """What an outlet may call itself before its titles, squashed: a part of its domain may be news ("Ukraine: ...")."""
    return frozenset(filter(None, map(_squash, (title or name, host, host.removeprefix("www.")))))


def without_outlet(title: str, last: Collection[str], first: Collection[str]) -> str:
    """`title` without the " - Outlet" at its end, one of `last`, and the "Outlet: " before it, one of `first`.

    "Ankara Net Haber" is no news.
    """
    for sign in _BEFORE_OUTLET:
        news, found, tail = title.rpartition(sign)
        if found and _squash(tail) in last:
            title = news
            break
    for sign in _AFTER_OUTLET:
        name, found, news = title.partition(sign)
        if found and _squash(name) in first:
            return news
    return title


def _squash(name: str) -> str:
    """A name as the sets have it: "The Kyiv Independent", "kyiv-independent" and "KyivIndependent" are one."""
    return "".join(filter(str.isalnum, fold(name).removeprefix("the ")))
