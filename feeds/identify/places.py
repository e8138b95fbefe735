"""Lists whose addresses are those of places (`news_1.html`, `news_2.html`): whatever stands there has that address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from feeds.identify.likeness import is_another_report
from feeds.identify.names import names_a_place
from feeds.model import Article, Key, Known, Stored, item_keys

_RENEWED, _FEWEST = 0.25, 2  # of a list: its share, its items


class Places:
    """Which articles stood at which places before, and whether they have moved since."""

    def __init__(self, known: Known, items: Sequence[Article]) -> None:
        """`items` of one reading. Without the slices of their document nobody knows what has left its place."""
        self._by_title: dict[tuple[bytes, str], list[Key]] = {}  # title and publisher -> names of articles
        self._by_text: dict[tuple[bytes, str], list[Key]] = {}  # text and publisher -> where it stood
        self._listed = known.listed
        stands: dict[str, Stored] = {}  # by name
        items = [item for item in items if all(names_a_place(name) for _, name in item_keys(item))]
        sources = {item.source for item in items}
        for key in known.keys if known.listed else ():
            stored = known.articles.get(key.article) if key.article is not None else None
            if stored is None or key.source not in sources or stored.source != key.source:
                continue
            if key.kind == "hash":
                self._by_text.setdefault((stored.fingerprint.key, key.publisher), []).append(key)
            elif names_a_place(key.key):
                self._by_title.setdefault((stored.fingerprint.title, key.publisher), []).append(key)
                stands[key.key] = stored
        self.rearranged = any(self.left(item) for item in items) or self._are_renewed(stands, items)

    def _are_renewed(self, stands: Mapping[str, Stored], items: Sequence[Article]) -> bool:
        """Whether a quarter of the list shows other headlines under the same names, and two at the least.

        Editors do not rewrite so many at once: it is the list that goes on.
        """
        pairs = ((stands.get(item_keys(item)[0][1]), item) for item in items)
        renewed = sum(before is not None and is_another_report(before, item) for before, item in pairs)
        return renewed >= max(_FEWEST, len(self._listed) * _RENEWED)

    def left(self, item: Article) -> Key | None:
        """A key of the article that has the title of `item` and stood elsewhere; None if none has moved.

        An article found by its title alone stood in the list until now; one with the same text as well at any time.
        Of several with one title it is the one of the same date. Nothing moves to another publisher's site.
        """
        names = item_keys(item)
        if not all(names_a_place(name) for _, name in names):
            return None
        titled = self._by_title.get((item.fingerprint.title, item.publisher), [])
        alike = self._by_text.get((item.fingerprint.key, item.publisher), [])
        found = _of_date([*alike, *titled], item) or _of_date(titled, item)
        if found is None or found.slice in self._listed or (found.kind, found.key) in names:
            return None
        return found


def _of_date(keys: Sequence[Key], item: Article) -> Key | None:
    """A key of the only article, or of several of the one that claims the date of `item`."""
    if len({key.article for key in keys}) > 1:
        keys = [key for key in keys if key.claimed == item.published]
    return keys[-1] if len({key.article for key in keys}) == 1 else None
