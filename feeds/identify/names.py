"""What names of items tell: which name none, which differ, which are an article's own, which are oldest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from feeds.identify.likeness import stop_matching
from feeds.identify.retractions import is_notice
from feeds.model import Article, Key, KeyKind, Outcome, Stored, item_keys

_UNKNOWN = "neither guid, address nor text was known"
_OF_ANOTHER = "its names are known, but of another item, or of one that is not kept"
PARTED = "no longer the text that it was a copy of"
_DISTINCT_NUMBER = re.compile(r"\d{5,}")
_DISTINCT_CODE = re.compile(r"(?=\w*\d)(?=\w*[^\W\d])\w{6,}")  # letters and digits mixed
_DISTINCT_WORDS = 3  # in one step of the path
_POSITION = re.compile(r"\d{1,3}|(?:19|20)\d\d")  # a place in a list, or a year
_SUFFIX = re.compile(r"\.[a-z]{2,5}$")
_VERSIONS = 2  # of one item, that a document may list


def shared_names(items: Iterable[Article]) -> set[tuple[KeyKind, str]]:
    """Names that several items of one document carry: a guid with several addresses, an address with several guids,
    a lone name over several titles, or both names over more than two. They name none of them."""
    partners: dict[tuple[KeyKind, str], set[object]] = {}
    titles: dict[tuple[KeyKind, str], set[bytes]] = {}
    for item in items:
        names = item_keys(item)
        for name in names:
            other = next((each for each in names if each != name), None)
            partners.setdefault(name, set()).add(other or item.fingerprint.title)
            titles.setdefault(name, set()).add(item.fingerprint.title)
    return {name for name, others in partners.items() if len(others) > 1 or len(titles[name]) > _VERSIONS}


def other_name(own: Key, before: Stored, item: Article) -> bool:
    """Whether beside the name that both have there is another, and that one differs."""
    mine, other = (item.guid, before.guid) if own.kind == "url" else (item.canonical_url, before.canonical_url)
    return bool(mine and other) and mine != other


def is_own(own: Key, stored: Stored, item: Article) -> bool:
    """Whether the item is the very one that the article was made of, and not a copy of it.

    `own` is the key that leads from one to the other. A name that the article had before is still its own, unless
    something wholly different stands there now.
    """
    if stored.source != item.source:
        return False
    if (bool(item.guid) and stored.guid == item.guid) or stored.canonical_url == item.canonical_url:
        return True
    return own.outcome is not Outcome.DUPLICATE and (is_notice(item.title) or not stop_matching(stored, item))


def oldest_first(keys: Iterable[Key]) -> list[Key]:
    """Keys in the order in which their articles were first seen; of those seen at once, by source."""
    return sorted(keys, key=lambda key: (key.first_seen, key.source))


def names_a_place(name: str) -> bool:
    """Whether a guid or address may name a place on a page (news_1.html) rather than one story.

    Publishers rewrite stories from the ground up under an address that is theirs alone: it holds a long number, a
    code, or the words of a headline. Places have none of these.
    """
    path = name.partition("://")[2].partition("/")[2] if "://" in name else name
    if _DISTINCT_NUMBER.search(path):
        return False
    for step in re.split("[/?&]", path) if "://" in name else [path]:
        parts = [part for part in re.split(r"[\W_]+", _SUFFIX.sub("", step)) if part and not _POSITION.fullmatch(part)]
        if len(parts) >= _DISTINCT_WORDS or any(_DISTINCT_CODE.fullmatch(part) for part in parts):
            return False
    return True


def why_new(own: Sequence[Key]) -> str:
    """Why an item begins an article, though its names may have led to these keys."""
    return _OF_ANOTHER if own else _UNKNOWN
