"""What the text of an item tells: which article had it, and whether the one in that place has left it since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from feeds.identify.names import oldest_first
from feeds.model import Article, Key, KeyKind, Stored, item_keys, text_at, text_keys

ONE_PUBLISHER = timedelta(hours=20)  # beyond it an equal text of one publisher is a recurring feature, not a copy
_COPIES = 2  # of a headline without text, that a document may list
_JUST_NOW = timedelta(minutes=10)  # some feeds date all that they list by the minute in which they are asked
_MOVED, _FEWEST = 0.5, 3  # of a list: its share, its items


class Texts:
    """Keys of texts, by which a reading finds articles."""

    def __init__(
        self,
        keys: Mapping[tuple[KeyKind, str], Mapping[str, Key]],
        articles: Mapping[int, Stored],
        items: Sequence[Article],
        listed: frozenset[bytes],
        *,
        now: datetime,
    ) -> None:
        """`keys` and `articles` as they are known, also later on; `items` of one reading, `listed` all its slices."""
        self._keys, self._articles, self._slices, self._now = keys, articles, listed, now
        self._looked_at = {item.slice for item in items}
        self._names: dict[bytes, set[str]] = {}  # text -> names of the items that have it
        for item in items:
            self._names.setdefault(item.fingerprint.key, set()).add(item.item)
        self._list_moved = sum(map(self._begins_anew, items)) >= max(_FEWEST, _MOVED * len(listed))

    def _begins_anew(self, item: Article) -> bool:
        """Whether no name of an item is known, while one with its text has just left the list.

        What stands for a day ("Politics") comes again with or without a move.
        """
        if item.fingerprint.kind == "C" or any(item.source in self._keys.get(name, {}) for name in item_keys(item)):
            return False
        return any(self._has_just_left(key, item) for key in self.of(item))

    def _has_just_left(self, key: Key, item: Article) -> bool:
        """Whether an item of the same source stood there until lately, and has left, or has moved in this reading."""
        if key.source != item.source or not self._slices:
            return False
        if key.left is not None and self._now - key.left > ONE_PUBLISHER:
            return False
        return key.slice not in self._slices or key.slice in self._looked_at

    def of(self, item: Article) -> Iterator[Key]:
        """Keys of articles that had the text of `item`: that of its own source and date, then the oldest first."""
        text, *others = text_keys(item)
        for name in others:
            if own := self._own(name, item):
                yield own
        yield from oldest_first(self._keys.get(text, {}).values())

    def copies(self, item: Article) -> Iterator[Key]:
        """Those of them of which `item` may be a copy."""
        return (key for key in self.of(item) if self.in_window(item, key))

    def own(self, item: Article) -> Key | None:
        """The key of the article of the same source that had the text of `item` last."""
        return self._own(text_keys(item)[0], item)

    def _own(self, name: tuple[KeyKind, str], item: Article) -> Key | None:
        return self._keys.get(name, {}).get(item.source)

    def stands_elsewhere(self, text: bytes, item: Article) -> bool:
        """Whether another item of the reading has that text."""
        return bool(self._names.get(text, set()) - {item.item})

    def names(self, item: Article, article: int, *, takes: bool) -> list[tuple[KeyKind, str]]:
        """What an article is to be found by that has the text of `item`.

        `takes`: it has the text from now on, whoever had it last. Who claims another date keeps a name of its own.
        """
        text, *others = text_keys(item)
        last = self.own(item)
        if not takes and last is not None and last.article != article:
            return others
        if not item.published:
            return [text, *others]
        return [text, *(name for name in others if (key := self._own(name, item)) and key.article == article)]

    def displaced(self, item: Article, article: int, *, takes: bool) -> Key | None:
        """What had the text last, or still stands beside it, under the name that it has for its date from here on."""
        last = self.own(item)
        if last is None or not last.claimed or last.claimed == item.published or last.article is None:
            return None
        # Else the same item stands there, dated anew, or with a date that may be another at the next poll.
        stays = self.stands(last, item) and last.claimed <= self._now - _JUST_NOW
        if not (stays if last.article == article else takes):
            return None
        left = last.left or (None if last.slice in self._slices else self._now)
        return replace(last, key=text_at(last.key, last.claimed), left=left)

    def has_left(self, key: Key, item: Article) -> bool:
        """Whether nothing but `item` itself stands by now where that key was written."""
        return bool(self._slices) and not self.stands(key, item)

    def stands(self, key: Key, item: Article) -> bool:
        """Whether another item than `item` is listed where that key was written."""
        return key.slice != item.slice and key.slice in self._slices

    def in_window(self, item: Article, key: Key) -> bool:
        """Whether an equal text is the same article, not the next of a recurring feature.

        When half of a list has new names and the texts of what has just left it, its publisher has moved, and the age
        of what has no date is not asked.
        """
        if key.publisher != item.publisher:
            return True
        stored = None if key.article is None else self._articles.get(key.article)
        if stored and stored.canonical_url and stored.canonical_url == item.canonical_url:
            return True
        kind = item.fingerprint.kind
        if kind != "A" and key.source == item.source and self._is_of_a_series(item):
            return False
        if self._list_moved and not (item.published and key.claimed) and self._has_just_left(key, item):
            return True
        if kind == "C" and item.published is None and key.first_seen.date() != self._now.date():
            return False
        gap = item.published - key.claimed if item.published and key.claimed else self._now - key.first_seen
        return abs(gap) < ONE_PUBLISHER

    def _is_of_a_series(self, item: Article) -> bool:
        """Whether more than two items of a document have one headline and hardly a text, and no dates of their own."""
        if len(self._names.get(item.fingerprint.key, ())) <= _COPIES:
            return False
        return item.published is None or item.published > self._now - _JUST_NOW
