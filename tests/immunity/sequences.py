"""Sequences of polls as lists of articles: real ones, and a small one that anybody can make."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeAlias

from feeds.identify.fingerprint import fingerprint
from feeds.identify.likeness import stop_matching
from feeds.model import Article, Document, Facts, RawFeed, Source, Stored, item_keys
from feeds.normalise.article import normalise
from feeds.read import read
from tests.make import NOW, article
from tests.real import DATA, poll_sequence

Sequence: TypeAlias = list[tuple[datetime, list[Article]]]  # of one source; when polled, and all that it listed

SOURCE = "wire"  # the name of the source in every sequence


def names() -> list[str]:
    """The real sequences: feeds that were polled at least ten times."""
    return sorted(file.name.removesuffix(".tar.zst") for file in (DATA / "polls").glob("*.tar.zst"))


def real(name: str, *, polls: int) -> Sequence:
    """The first polls of a real feed; items that cannot become articles are left out."""
    return _real(name, polls)


@lru_cache(maxsize=16)
def _real(name: str, polls: int) -> Sequence:
    found: Sequence = []
    known: dict[bytes, Article | None] = {}
    source = Source(name=SOURCE, url=f"https://{name.replace('_', '-')}.example/feed")
    for now, body in poll_sequence(name)[:polls]:
        facts = Facts(source=source, now=now, known=frozenset(known))
        feed = read(Document(url=source.url, body=body), facts)
        if not isinstance(feed, RawFeed):
            continue
        for raw in feed.entries:
            item = normalise(raw, feed.head, facts)
            known[raw.slice] = printed(item) if isinstance(item, Article) else None
        listed = (known[each] for each in dict.fromkeys(feed.slices))
        found.append((now, [item for item in listed if item is not None]))
    return found


class Names:
    """Which items of a sequence are one: by guid or address, as the publisher gave them, or as an edit gave others."""

    def __init__(self, sequence: Sequence) -> None:
        self._over: dict[object, object] = {}
        for item in (item for _, items in sequence for item in items):
            first, *others = item_keys(item)
            for other in others:
                self._over[self._top(other)] = self._top(first)
        for before, after in _edited_under_other_names(sequence, self):
            self._over[self.of(before)] = self.of(after)

    def of(self, item: Article) -> object:
        """What stands for all names of the item."""
        return self._top(item_keys(item)[0])

    def _top(self, name: object) -> object:
        while (over := self._over.get(name, name)) != name:
            name = over
        return name


def _edited_under_other_names(sequence: Sequence, names: Names) -> list[tuple[Article, Article]]:
    """Pairs of items of which one took the place of the other between two polls: of one publisher and one second, and
    half of the words are the same. All 14 among 20,487 items of 67 feeds were read: edits, whose address tells the
    headline."""
    found = []
    ever: set[object] = set()
    before: list[Article] = []
    for _, items in sequence:
        listed = {names.of(item) for item in items}
        gone: dict[object, list[Article]] = {}
        for item in before:
            if item.published and names.of(item) not in listed:
                gone.setdefault((item.publisher, item.published), []).append(item)
        for item in items:
            if names.of(item) not in ever:
                others = gone.get((item.publisher, item.published), [])
                found += [(one, item) for one in others if not stop_matching(Stored.of(one, article=0, story=0), item)]
        ever |= listed
        before = items
    return found


def printed(item: Article) -> Article:
    """`item` with the fingerprint that its text has now."""
    return replace(item, fingerprint=fingerprint(item, outlet="", boilerplate=frozenset()))


_SUBJECTS = ("Envoys", "Dockers", "Farmers", "Deputies", "Teachers", "Pilots", "Nurses", "Miners", "Judges", "Bakers")
_DEEDS = ("meet", "protest", "vote", "rest", "march", "bargain", "gather")
_PLACES = ("Geneva", "Odesa", "Ankara", "Oslo", "Lima", "Accra", "Hanoi", "Quito", "Riga", "Tunis", "Perth")


def made(*, polls: int = 24, listed: int = 12) -> Sequence:
    """A feed polled each hour that lists its newest items, two more each time; every fifth is edited, some are thin."""
    return [
        (NOW + timedelta(hours=n), [_item(k, n) for k in range(2 * n + listed - 1, 2 * n - 1, -1)])
        for n in range(polls)
    ]


def _item(k: int, poll: int) -> Article:
    """The k-th item, as it stands in that poll."""
    who, deed, place = _SUBJECTS[k % 10], _DEEDS[k % 7], _PLACES[k % 11]
    text = (
        f"{who} from {k + 3} towns of the region around {place} {deed} for the {k + 2}th time this year, "
        f"said speaker number {k * 7 + 1}; {who.lower()} elsewhere may {deed} on day {k % 28 + 1} of the month."
    )
    title = f"{who} {deed} in {place} over plan {k}"
    if k % 5 == 0 and poll * 2 > k:
        title += ", mayors say"
        text += " Mayors have confirmed it."
    return printed(
        article(
            SOURCE,
            f"https://{SOURCE}.example/{k:05}-{who.lower()}-{deed}-{place.lower()}",
            title,
            text="" if k % 4 == 0 else text,
            url=f"https://{SOURCE}.example/{k:05}-{who.lower()}-{deed}-{place.lower()}",
            published=NOW + timedelta(minutes=30 * k - 600),
            first_seen=NOW + timedelta(hours=poll),
        )
    )
