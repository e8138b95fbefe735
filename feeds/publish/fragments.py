"""Entries as they are written in every format, once for each, and kept as long as there is room.

What is kept is found again by all that an entry says: an entry that differs in anything is written anew, so the same
rows give the same bytes whether much was kept, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache, partial
from operator import attrgetter
from typing import NamedTuple, TypeAlias, TypeVar

from markupsafe import Markup

from feeds.model import Entry, Hit, Site, Topic
from feeds.publish import atom_rss, jsonfeed, page
from feeds.publish.entry import Shown, reasons, show

ROOM = 16_000_000  # bytes of all that is kept: some 1,500 entries with their excerpts

T = TypeVar("T")
Quarantined: TypeAlias = tuple[tuple[str, str], ...]  # (id, reason) of entries that had to be left out

_BODIES = ("summary", "content", "text")  # these may be long: of what they say a hash is kept
_said = attrgetter(*(field.name for field in fields(Entry) if field.name not in (*_BODIES, "because")))
_bodies = attrgetter(*_BODIES)
_OVERHEAD = 4_000  # bytes of what an entry says and is, beside its texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An entry in every format, whatever its topic."""

    shown: Shown  # without summary and content, which stand in the others
    atom: bytes
    rss: bytes
    json: bytes  # without reasons
    page: Markup

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        text = len(self.page) + len(self.shown.excerpt)
        return len(self.atom) + len(self.rss) + len(self.json) + 2 * text + _OVERHEAD


class InTopic(NamedTuple):
    """An entry in every format, as it stands in one topic."""

    entry: Entry
    shown: Shown
    atom: bytes
    rss: bytes
    json: bytes
    page: Markup
    why: Markup


class _Key:
    """All that an entry says, whatever its topic. Few entries have one id, so its hash tells enough."""

    __slots__ = ("_hash", "_said")

    def __init__(self, entry: Entry) -> None:
        summary, content, text = _bodies(entry)
        if entry.policy != "full":
            content = ""  # of which nothing is shown
        sizes = len(summary), len(content), len(text)
        self._said = (*_said(entry), *sizes, hash((summary, content, text)))
        self._hash = hash(entry.id)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._said == other._said


class Fragments:
    """Writes entries, and keeps those last used. Not for several threads at a time."""

    def __init__(self, room: int = ROOM) -> None:
        self._room, self._taken = room, 0
        self._kept: dict[_Key, Written] = {}  # in the order of their last use
        self._written_for: tuple[Site, tuple[Topic, ...]] | None = None

    @property
    def size(self) -> int:
        """About how many bytes are kept."""
        return self._taken

    def of(self, entries: Sequence[Entry], site: Site, topics: Sequence[Topic]) -> tuple[list[InTopic], Quarantined]:
        """Return each entry in every format, and those that cannot be written: they cost the others nothing.

        `topics` are all that have a feed.
        """
        self._begin(site, topics)
        asked = {_Key(entry): entry for entry in entries}
        found = {key: self._kept.pop(key, None) for key in asked}
        missing = [key for key, written in found.items() if written is None]
        shown, bad = ready([asked[key] for key in missing], site, topics)
        fresh, worse = _each(shown, partial(_together, site=site))
        found |= {missing[at]: written for at, written in fresh.items()}
        self._taken += sum(written.size for written in fresh.values())
        good, whys = [], dict[tuple[Hit, ...], tuple[bytes, Markup]]()
        for key, entry in asked.items():
            if (written := found[key]) is not None:
                self._kept[key] = written
                if (why := whys.get(entry.because)) is None:
                    why = whys[entry.because] = _why(entry.because, site)
                json = jsonfeed.because(written.json, why[0])
                good.append(InTopic(entry, written.shown, written.atom, written.rss, json, written.page, why[1]))
        self._make_room()
        return good, bad + worse

    def atoms(
        self, entries: Sequence[Entry], site: Site, topics: Sequence[Topic]
    ) -> tuple[list[tuple[Entry, Shown, bytes]], Quarantined]:
        """Return each entry in Atom alone, likewise. What is not kept is not kept for this: it may be very many."""
        self._begin(site, topics)
        kept = {at: self._kept.get(_Key(entry)) for at, entry in enumerate(entries)}
        missing = [at for at, written in kept.items() if written is None]
        shown, bad = ready([entries[at] for at in missing], site, topics)
        fresh, worse = _each(shown, lambda some: zip(some, atom_rss.fragments(some, "atom"), strict=True))
        found = {at: (written.shown, written.atom) for at, written in kept.items() if written is not None}
        found |= {missing[at]: pair for at, pair in fresh.items()}
        return [(entry, *found[at]) for at, entry in enumerate(entries) if at in found], bad + worse

    def _begin(self, site: Site, topics: Sequence[Topic]) -> None:
        if self._written_for != (context := (site, tuple(topics))):
            self._kept.clear()
            self._written_for, self._taken = context, 0

    def _make_room(self) -> None:
        oldest = iter(list(self._kept)) if self._taken > self._room else iter(())
        for key in oldest:
            if self._taken <= self._room:
                return
            self._taken -= self._kept.pop(key).size


def ready(entries: Sequence[Entry], site: Site, topics: Sequence[Topic]) -> tuple[dict[int, Shown], Quarantined]:
    """Return entries as readers get them, by their place in `entries`, and those that cannot be published."""
    by_name = {topic.name: topic for topic in topics}
    good: dict[int, Shown] = {}
    bad: list[tuple[str, str]] = []
    for at, entry in enumerate(entries):
        try:
            good[at] = show(entry, site=site, topics=by_name)
        except (ValueError, TypeError) as exc:
            bad.append((entry.id, str(exc)))
    return good, tuple(bad)


def _each(
    shown: Mapping[int, Shown], write: Callable[[Sequence[Shown]], Iterable[T]]
) -> tuple[dict[int, T], Quarantined]:
    """Let `write` have all at once, which costs feedgen and lxml a third of what each alone would.

    Only if that fails it gets one after another, to tell which cannot be written.
    """
    if not shown:
        return {}, ()
    try:
        return dict(zip(shown, write(list(shown.values())), strict=True)), ()
    except (ValueError, TypeError):
        good: dict[int, T] = {}
        bad: list[tuple[str, str]] = []
        for at, each in shown.items():
            try:
                (good[at],) = write([each])
            except (ValueError, TypeError) as exc:
                bad.append((each.id, str(exc)))
        return good, tuple(bad)


def _together(shown: Sequence[Shown], *, site: Site) -> Iterator[Written]:
    atoms, items = atom_rss.fragments(shown, "atom"), atom_rss.fragments(shown, "rss")
    for each, atom, item in zip(shown, atoms, items, strict=True):
        yield Written(
            shown=replace(each, summary="", content=""),
            atom=atom,
            rss=item,
            json=jsonfeed.item(each),
            page=page.story(site, each),
        )


@lru_cache(maxsize=1000)  # stories are in a topic for much the same words
def _why(because: tuple[Hit, ...], site: Site) -> tuple[bytes, Markup]:
    hits = reasons(because)
    return jsonfeed.reasons(hits), page.why(site, hits)
