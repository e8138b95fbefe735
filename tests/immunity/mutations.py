"""What publishers do to their feeds without meaning anything by it, and what others do who mean harm. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TypeAlias
from urllib.parse import urlsplit

from feeds.model import Article
from feeds.normalise.urls import canonical_url
from tests.immunity.sequences import SOURCE, Names, Sequence, printed

# One poll of one source: when, by whom, and pairs of (what it lists, the item of the sequence that this really is).
# An item that is none of the sequence's has None there.
Step: TypeAlias = tuple[datetime, str, list[tuple[Article, Article | None]]]
Mutation: TypeAlias = Callable[[Sequence], Iterator[Step]]


def _draw(*parts: object) -> int:
    """A number that depends on nothing but `parts`."""
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=6).digest())


def _each(change: Callable[[Article, int, int], Article]) -> Mutation:
    """The mutation that changes each item by itself: (item, number of the poll, place in the list)."""

    def mutate(sequence: Sequence) -> Iterator[Step]:
        for n, (now, items) in enumerate(sequence):
            yield now, SOURCE, [(change(item, n, place), item) for place, item in enumerate(items)]

    return mutate


def _at(item: Article, url: str, guid: str | None = None) -> Article:
    """The item at another address, and under another guid."""
    canonical = canonical_url(url) if url else ""
    return replace(item, url=url, canonical_url=canonical, guid=item.guid if guid is None else guid)


def _is_address(guid: str) -> bool:
    return guid.startswith(("http://", "https://"))


def _as_it_is(item: Article, n: int, place: int) -> Article:
    return item


def _each_guid(change: Callable[[Article, int], str]) -> Mutation:
    """The mutation that gives each item another guid; not to one whose address moves, as then nothing is left of it."""

    def mutate(sequence: Sequence) -> Iterator[Step]:
        addresses: dict[str, set[str]] = {}
        for item in (item for _, items in sequence for item in items):
            addresses.setdefault(item.guid, set()).add(item.canonical_url)
        for n, (now, items) in enumerate(sequence):
            listed = [
                (replace(item, guid=change(item, n)), item)
                if item.url and (not item.guid or len(addresses[item.guid]) == 1)
                else (item, item)
                for item in items
            ]
            yield now, SOURCE, list(listed)

    return mutate


def _new_guid(item: Article, n: int) -> str:
    return f"{n}:{_draw(item.slice, n):x}"


def _guid_on_and_off(item: Article, n: int) -> str:
    return "" if n % 2 else item.guid


def _scheme(item: Article, n: int, place: int) -> Article:
    if not item.url:
        return item
    scheme, rest = ("https", "http")[n % 2], item.url.partition("://")[2]
    if n % 3 == 0:
        rest = f"www.{rest.removeprefix('www.')}"
    url = f"{scheme}://{rest}"
    return _at(item, url, url if _is_address(item.guid) else None)


def _tracking(item: Article, n: int, place: int) -> Article:
    if not item.url:
        return item
    head, mark, fragment = item.url.partition("#")
    url = f"{head}{'&' if '?' in head else '?'}utm_source=rss{n}&fbclid={_draw(n):x}&at_medium=feed{mark}{fragment}"
    return _at(item, url, url if _is_address(item.guid) else None)


def _cms_move(sequence: Sequence) -> Iterator[Step]:
    """In the middle all that is listed has new guids and addresses, and whatever comes later; what is gone has not.

    A new name is kept, though the guid that it took the place of may have churned with each edit. Versions of one page
    that stand side by side under guids of their own have their own, and one address, as before.
    """
    half = len(sequence) // 2
    names = Names(sequence)
    gone = {names.of(item) for _, items in sequence[:half] for item in items}
    gone -= {names.of(item) for _, items in sequence[half - 1 : half] for item in items}
    versions = _side_by_side(sequence, names)

    def change(item: Article) -> Article:
        name = names.of(item)
        if not item.url or name in gone:
            return item
        own, page = (item.item, item.canonical_url) if name in versions else (name, name)
        return _at(item, f"https://{urlsplit(item.url).netloc}/archive/{_draw(page)}.html", f"cms2:{_draw(own)}")

    for now, items in sequence[:half]:
        yield now, SOURCE, [(item, item) for item in items]
    now, items = sequence[half - 1]
    yield now + timedelta(minutes=1), SOURCE, [(change(item), item) for item in items]
    for now, items in sequence[half:]:
        yield now, SOURCE, [(change(item), item) for item in items]


def _side_by_side(sequence: Sequence, names: Names) -> set[object]:
    """What names several items of one document: versions of a page, say, that are listed beside each other."""
    return {name for _, items in sequence for name, n in Counter(map(names.of, items)).items() if n > 1}


def _retitled(sequence: Sequence) -> Iterator[Step]:
    """From the second poll on in which it stands, an item has another headline, and again from the fourth."""
    seen: dict[str, int] = {}
    for n, (now, items) in enumerate(sequence):
        listed: list[tuple[Article, Article | None]] = []
        for item in items:
            if n == 0 or item.item not in {each.item for each in sequence[n - 1][1]}:
                seen.setdefault(item.item, n)
            age = n - seen.get(item.item, n)
            listed.append((_with_title(item, _other_title(item, age)), item) if age else (item, item))
        yield now, SOURCE, listed


def _other_title(item: Article, age: int) -> str:
    words = item.title.split()
    if item.text and age >= 3:
        return " ".join(item.text.split()[:9])
    return " ".join(["Update", *words[len(words) // 2 :], "officials", "say"])


def _with_title(item: Article, title: str) -> Article:
    return printed(replace(item, title=title))


def _replayed(sequence: Sequence) -> Iterator[Step]:
    """Every fifth poll lists what was listed ten polls ago as well, and what was listed first."""
    for n, (now, items) in enumerate(sequence):
        listed = {item.slice: item for item in items}
        if n and n % 5 == 0:
            for old in (sequence[max(0, n - 10)], sequence[0]):
                there = {item.item for item in listed.values()} | {item.canonical_url for item in listed.values()}
                extra = (item for item in old[1] if item.item not in there and item.canonical_url not in there)
                listed |= {item.slice: item for item in extra}
        yield now, SOURCE, [(item, item) for item in listed.values()]


def _dates_moved(sequence: Sequence) -> Iterator[Step]:
    """Every item claims to have been published just now, in every poll."""
    for _n, (now, items) in enumerate(sequence):
        yield now, SOURCE, [(_dated(item, now), item) for item in items]


def _dated(item: Article, published: datetime | None) -> Article:
    return printed(replace(item, published=published, updated=None))


def _undated(item: Article, n: int, place: int) -> Article:
    return _dated(item, None)


def _flip(sequence: Sequence) -> Iterator[Step]:
    """Odd polls list one half of the items, even polls the other."""
    for n, (now, items) in enumerate(sequence):
        yield now, SOURCE, [(item, item) for item in items if _draw(item.item) % 2 == n % 2]


def _positional(sequence: Sequence) -> Iterator[Step]:
    """Each place of the list has an address, and whatever stands there has it.

    Items are not edited as well: of one that moved and was edited between two polls nothing is left to know it by.
    """
    first: dict[object, Article] = {}
    names = Names(sequence)
    versions = _side_by_side(sequence, names)
    for now, items in sequence:
        named = ((names.of(item), item) for item in items)
        unedited = [first.setdefault(item.item if name in versions else name, item) for name, item in named]
        yield (
            now,
            SOURCE,
            [(_placed(first, place), item) for place, (first, item) in enumerate(zip(unedited, items, strict=True))],
        )


def _placed(item: Article, place: int) -> Article:
    url = f"https://{item.publisher or SOURCE}/world/news_{place + 1}.html"
    return _at(item, url, url)


def _poisoned(sequence: Sequence) -> Iterator[Step]:
    """Another feed lists every item first: odd ones with a text of its own, even ones word by word and spoilt later."""
    for n, (now, items) in enumerate(sequence):
        yield now, "attacker", [(_poison(item, n), None) for item in items]
        yield now, SOURCE, [(item, item) for item in items]
        yield now, "attacker", [(_poison(item, n + 1), None) for item in items]


def _poison(item: Article, n: int) -> Article:
    copy = replace(item, source="attacker")
    if _draw(item.item) % 2 and n < 2:
        return copy
    return printed(
        replace(copy, title=f"Cheap pills number {_draw(item.item) % 977} for you", text="Buy now", summary="")
    )


AS_IT_IS: Mutation = _each(_as_it_is)
MUTATIONS: dict[str, Mutation] = {
    "a new guid at each poll": _each_guid(_new_guid),
    "guids come and go": _each_guid(_guid_on_and_off),
    "http, https, www": _each(_scheme),
    "tracking parameters": _each(_tracking),
    "another CMS: new guids and addresses": _cms_move,
    "retitled, twice": _retitled,
    "old items replayed": _replayed,
    "dates moved to now": _dates_moved,
    "two sets in turn": _flip,
    "addresses of places": _positional,
    "no dates": _each(_undated),
    "another feed's guids and addresses": _poisoned,
}
