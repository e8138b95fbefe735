"""Placing the articles of one reading: into the stories that they are like, or into stories of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from feeds.identify.fingerprint import bare_title, own_title
from feeds.identify.stories import MERGE, Stories
from feeds.identify.stories_guards import marks_of, wire_of
from feeds.identify.stories_kinds import kind_marks
from feeds.identify.stories_names import name_marks
from feeds.identify.stories_view import Likeness, Sought
from feeds.identify.stories_words import lead_words, pack, title_words, token
from feeds.identify.voices import repeats, root_of_new, roots_now
from feeds.model import Article, Known, Near, SameStory, Stored, Trace

_SHOWN = 8  # shared words that explain a likeness
_REMEMBERED = 5  # related articles


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an article belongs."""

    story: int
    near: Near | None = None  # what it joined for; None if it did not join by likeness
    related: tuple[Near, ...] = ()  # in other stories, the most like first


class StoryDesk:
    """What the index knows, and what this reading adds to it."""

    def __init__(self, stories: Stories, known: Known, *, now: datetime, outlet: str) -> None:
        """`outlet` is the name that titles of the source end with."""
        self._stories, self._known, self._now, self._outlet = stories, known, now, outlet
        self._is_fresh = False
        self.traces: dict[int, Trace] = {}  # by article
        self.same: list[SameStory] = []

    def place(self, item: Article, *, article: int, story: int | None, spare: int) -> Placed:
        """Place an article that is about to be stored: in `story` if that is settled, in `spare` if it is like none.

        An article of our own, with its page here, is like none: no other shall stand in its place.
        """
        if item.own_page:
            return Placed(story or spare)
        self._take_up()
        words, sought, wire = self._sought(item, article)
        likes = self._stories.like(sought)
        merges = [like for like in likes if like.score >= MERGE and not like.against]
        joined = merges[0] if merges and story is None else None
        home = joined.member.story if joined else story or spare
        of_home = [like for like in likes if like.member.story == home]
        first = next((like.member.first for like in of_home), article)
        titles = len(sought.titles)
        copied = [like.member.root for like in of_home if repeats(wire, titles, like.member, like.title, like.lead)]
        self._hold(sought, wire, story=home, first=first, root=min(copied, default=article))
        among = {home, *self._unite(article, home, merges, words)}
        if mine := self._stories.member(article):
            self._root(root_of_new(self._stories, mine, likes, among=among))
        related = [_near(like, words) for like in likes if like.member.story != home]
        return Placed(home, _near(joined, words) if joined else None, tuple(related[:_REMEMBERED]))

    def place_again(self, item: Article, *, article: int) -> None:
        """An article was edited: hold its new words, and see whether they are those of another story."""
        self._take_up()
        member = self._stories.member(article)
        if member is None:
            return
        words, sought, wire = self._sought(item, article)
        self._hold(sought, wire, story=member.story, first=member.first, root=member.root)
        likes = self._stories.like(sought)
        merges = [like for like in likes if like.score >= MERGE and not like.against]
        among = {member.story, *self._unite(article, member.story, merges, words)}
        if mine := self._stories.member(article):
            self._root(roots_now(self._stories, mine, likes, among=among))

    def is_misplaced(self, item: Article, stored: Stored) -> bool:
        """Whether others tell the story of the article `stored`, and `item`, which replaces it, is related to none."""
        self._take_up()
        if not any(member.article != stored.article for member in self._stories.of_story(stored.story)):
            return False
        _, sought, _ = self._sought(item, stored.article)
        return all(like.member.story != stored.story for like in self._stories.like(sought))

    def unite(self, item: Article, stored: Stored, other: Stored) -> None:
        """The article `stored`, of which `item` is the new version, has the text of `other`: one story of two."""
        if item.own_page:
            return
        said = tuple(title_words(bare_title(item.title, self._outlet)).values())[:_SHOWN]
        near = Near(article=other.article, story=other.story, score=1.0, shared=said)
        self.same.append(SameStory(article=stored.article, story=stored.story, near=near, repeats=True))

    def _take_up(self) -> None:
        """The index is looked at only where there is something to place."""
        if not self._is_fresh:
            self._stories.take_up(self._known.traces_since, now=self._now)
            self._is_fresh = True

    def _sought(self, item: Article, article: int) -> tuple[dict[int, str], Sought, str]:
        bare = bare_title(item.title, self._outlet)
        title = {token(stem): word for stem, word in title_words(bare).items()}
        lead = {token(stem): word for stem, word in lead_words(item).items()}
        own = own_title(item.title, self._outlet)
        kinds, names = kind_marks(own, item.title), name_marks(item.title, item.text, item.language)
        marks = [marks_of(own, item.language), *kinds, *names]
        sought = Sought(
            article=article,
            titles=self._stories.rarest_first(title),
            leads=self._stories.rarest_first(lead),
            dated=item.dated,
            publisher=item.publisher,
            marks=" ".join(filter(None, marks)),
        )
        return lead | title, sought, wire_of(item.publisher, item.authors, item.text)

    def _hold(self, sought: Sought, wire: str, *, story: int, first: int, root: int) -> None:
        trace = Trace(
            article=sought.article,
            story=story,
            first=first,
            root=root,
            dated=sought.dated,
            seen=self._now,
            publisher=sought.publisher,
            title=pack(sought.titles),
            lead=pack(sought.leads),
            marks=sought.marks,
            wire=wire,
        )
        self._keep(trace)

    def _keep(self, trace: Trace) -> None:
        self._stories.hold(trace)
        self.traces[trace.article] = trace

    def _unite(self, article: int, home: int, merges: list[Likeness], words: dict[int, str]) -> set[int]:
        """Make one story of this and those that the article is like; returns those."""
        mine, united = self.traces[article], set()
        for like in merges:
            other = like.member.story
            if other == home or (min(home, other), max(home, other)) in self._known.apart:
                continue
            if self._stories.alike(mine.first, like.member.first):
                self.same.append(SameStory(article=article, story=home, near=_near(like, words)))
                united.add(other)
        return united

    def _root(self, roots: Mapping[int, int]) -> None:
        """Hold these articles with other roots."""
        for article, root in roots.items():
            if member := self._stories.member(article):
                self._keep(self._stories.trace(member, root=root))


def _near(like: Likeness, words: dict[int, str]) -> Near:
    shared = tuple(words[each] for each in like.shared[:_SHOWN])
    return Near(
        article=like.member.article,
        story=like.member.story,
        score=round(like.score, 3),
        shared=shared,
        against=like.against,
    )


def in_words(near: Near) -> str:
    """Why an article joined a story."""
    return f"like article {near.article} ({near.score:.2f}): both say {', '.join(near.shared)}"
