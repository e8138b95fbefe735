"""Near-duplicates: which articles of the last 72 hours one is like, by the rare words of title and lead."""

from __future__ import annotations

from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from math import log
from sys import intern

from feeds.identify.stories_apart import Pair, Said
from feeds.identify.stories_guards import SERIES, contradict, language_of
from feeds.identify.stories_kinds import of_other_kinds
from feeds.identify.stories_view import EQUAL_TITLE, Likeness, Member, Sought, View
from feeds.identify.stories_words import common_tokens, pack, unpack
from feeds.model.likeness import WINDOW, Trace

_WINDOW = WINDOW.total_seconds()
MERGE = 0.38  # one story
RELATED = 0.22
_SURE = 0.7  # above it, two kinds of headlines stand over one text
_FIRST = 0.16  # likeness to the first member of the story, against chains
_ONE_PUBLISHER = 20 * 3600.0  # seconds; beyond it an equal text of one publisher is a recurring feature
_HEADLINE = 0.65  # as much of the titles' weight two entries of one publisher share at least
_RARE_TITLE, _RARE_LEAD = 7, 4  # tokens that an article is found by
_LISTED = 150  # members that a token leads to, the newest
_SHORT, _READ = 4, 200  # so many of the shortest lists are read whatever their length, others up to so many members
_COMPARED = 16  # candidates, those first that share most
_LOGS = [log(1 + count) for count in range(4096)]
_SEED = 2000  # articles that the shares of common words count for


class Stories:
    """The index. What it answers follows from the traces that it holds, in the order in which they were written."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._seq = 0  # of the newest stored trace that it holds
        self._pending: dict[int, Trace] = {}  # by article: decided, and not yet seen in the store
        self._slots: dict[int, int] = {}  # token -> slot
        self._tokens = array("Q")  # slot -> token
        self._counts = array("I")  # slot -> members that have it, and for common words those of the seed
        self._weights = array("d")  # slot -> log(1 + articles that have it)
        self._lists: list[int | list[int] | None] = []  # slot -> numbers of members that are found by it
        self._free: list[int] = []  # slots
        self._members: dict[int, Member] = {}  # by number, in the order of their traces
        self._order: deque[int] = deque()  # of numbers
        self._by_article: dict[int, int] = {}
        self._repeating: dict[int, set[int]] = {}  # root -> articles that repeat it
        self._joined: dict[int, set[int]] = {}  # first article of a story -> those that joined it
        self._next = 0
        for token, share in common_tokens().items():
            self._slot(token, max(1, round(share * _SEED)))

    def __len__(self) -> int:
        return len(self._members)

    # ---------------------------------------------------------------------------------------- what it holds

    def take_up(self, since: Callable[[int, datetime], Iterable[Trace]], *, now: datetime) -> None:
        """Hold what was stored since the last look, by whomever, and let go of what is too old.

        `since(seq, seen)` gives the traces above a number that were written after a time, in their order. If what was
        decided after the last look is not among them, its transaction failed: then all is read anew.
        """
        stored = list(since(self._seq, now - WINDOW))
        if self._pending.keys() - {trace.article for trace in stored}:
            self._clear()
            stored = list(since(0, now - WINDOW))
        for trace in stored:
            if self._pending.get(trace.article) != trace:
                self._add(trace)
            self._seq = trace.seq
        self._pending.clear()
        self._expire((now - WINDOW).timestamp())

    def hold(self, trace: Trace) -> None:
        """Hold what was decided and is about to be stored."""
        self._add(trace)
        self._pending[trace.article] = trace

    def _expire(self, limit: float) -> None:
        while self._order:
            member = self._members.get(self._order[0])
            if member is not None:
                if member.seen >= limit:
                    return
                self._drop(member.article)
            self._order.popleft()

    def member(self, article: int) -> Member | None:
        """What is held of an article."""
        number = self._by_article.get(article)
        return None if number is None else self._members[number]

    def trace(self, member: Member, *, root: int) -> Trace:
        """The trace of a member, with another root."""
        tokens = [self._tokens[slot] for slot in member.tokens]
        dated, seen = (datetime.fromtimestamp(at, UTC) for at in (member.dated, member.seen))
        return Trace(
            article=member.article, story=member.story, first=member.first, root=root, dated=dated, seen=seen,
            publisher=member.publisher, title=pack(tokens[: member.titles]), lead=pack(tokens[member.titles :]),
            marks=member.marks, wire=member.wire,
        )  # fmt: skip

    def of_voice(self, root: int) -> list[Member]:
        """All members with this root, by article."""
        articles = sorted({root, *self._repeating.get(root, ())})
        return [member for article in articles if (member := self.member(article)) and member.root == root]

    def of_story(self, story: int) -> Iterator[Member]:
        """All members of a story, looked for one after the other: for rare questions."""
        return (member for member in self._members.values() if member.story == story)

    def _add(self, trace: Trace) -> None:
        """In the place of an older trace of its article."""
        self._drop(trace.article)
        titles, leads = unpack(trace.title), unpack(trace.lead)
        known, counts, weights = self._slots, self._counts, self._weights
        slots = array(
            "I",
            [self._slot(token) if (slot := known.get(token)) is None else slot for token in (*titles, *leads)],
        )
        for slot in set(slots):
            counts[slot] = count = counts[slot] + 1
            weights[slot] = _LOGS[count] if count < len(_LOGS) else log(1 + count)
        number, self._next = self._next, self._next + 1
        self._members[number] = Member(
            article=trace.article, story=trace.story, first=trace.first, root=trace.root,
            dated=trace.dated.timestamp(), seen=trace.seen.timestamp(), publisher=intern(trace.publisher),
            marks=intern(trace.marks), wire=intern(trace.wire), titles=len(titles), tokens=slots,
        )  # fmt: skip
        self._order.append(number)
        self._by_article[trace.article] = number
        if trace.root != trace.article:
            self._repeating.setdefault(trace.root, set()).add(trace.article)
        if trace.first != trace.article:
            self._joined.setdefault(trace.first, set()).add(trace.article)
        for slot in _keys(slots, len(titles)):
            self._list(slot, number)

    def _drop(self, article: int) -> None:
        number = self._by_article.pop(article, None)
        if number is None:
            return
        member, counts, weights = self._members.pop(number), self._counts, self._weights
        for of, whose in ((self._repeating, member.root), (self._joined, member.first)):
            if articles := of.get(whose):
                articles.discard(article)
                if not articles:
                    del of[whose]
        for slot in _keys(member.tokens, member.titles):
            self._unlist(slot, number)
        for slot in set(member.tokens):
            counts[slot] = count = counts[slot] - 1
            weights[slot] = _LOGS[count] if count < len(_LOGS) else log(1 + count)
            if not count:  # never one of the seed
                del self._slots[self._tokens[slot]]
                self._free.append(slot)

    def _slot(self, token: int, count: int = 0) -> int:
        slot = self._slots.get(token)
        if slot is not None:
            return slot
        if self._free:
            slot = self._free.pop()
            self._tokens[slot] = token
        else:
            slot = len(self._tokens)
            self._tokens.append(token)
            self._counts.append(count)
            self._weights.append(log(1 + count))
            self._lists.append(None)
        self._slots[token] = slot
        return slot

    def _list(self, slot: int, number: int) -> None:
        listed = self._lists[slot]
        if listed is None:
            self._lists[slot] = number
        elif isinstance(listed, int):
            self._lists[slot] = [listed, number]
        else:
            listed.append(number)
            if len(listed) > 2 * _LISTED:
                del listed[:-_LISTED]

    def _unlist(self, slot: int, number: int) -> None:
        listed = self._lists[slot]
        if isinstance(listed, list):
            if number in listed:
                listed.remove(number)
            listed = listed or None
            self._lists[slot] = listed
        elif listed == number:
            self._lists[slot] = None

    # ------------------------------------------------------------------------------------------ what is like

    def rarest_first(self, tokens: Iterable[int]) -> tuple[int, ...]:
        """These tokens as a trace holds them. An article is found by the rarest, so the order is kept for good."""
        slots, weights = self._slots, self._weights
        ranked = [((0.0 if (slot := slots.get(token)) is None else weights[slot]), token) for token in tokens]
        ranked.sort()
        return tuple([token for _, token in ranked])

    def like(self, sought: Sought) -> list[Likeness]:
        """The members that an article is like, RELATED at least, the most like first."""
        view = self._view(sought.titles, sought.leads)
        dated = sought.dated.timestamp()
        found = []
        for number in self._candidates(sought.titles, sought.leads):
            member = self._members[number]
            if abs(member.dated - dated) > _WINDOW or member.article == sought.article:
                continue
            score, title, lead, shared = view.compare(member, abs(member.dated - dated))
            if score >= RELATED:
                against = self._against(sought, dated, member, view, (score, title))
                words = sorted((self._weights[slot], self._tokens[slot]) for slot in shared)
                found.append(Likeness(member, score, title, lead, tuple(token for _, token in words), against))
        found.sort(key=lambda like: (-like.score, like.member.article))
        return found

    def alike(self, article: int, other: int) -> bool:
        """Whether two members, each the first of its story, are related, and nothing tells them apart."""
        one, two = self.member(article), self.member(other)
        if one is None or two is None or (score := self.compare(one, two)[0]) < RELATED:
            return False
        if _of_other_kinds(one.marks, two.marks, score):
            return False
        said, others, apart = self._said(one), self._said(two), abs(one.dated - two.dated)
        if self._told_apart(said, others, one_publisher=one.publisher == two.publisher, apart=apart):
            return False
        return len(self._languages(one) | self._languages(two)) <= 1

    def compare(self, one: Member, two: Member) -> tuple[float, float, float]:
        """(score, likeness of the titles, of the leads) of two members."""
        said = self._said(one)
        return self._view(said.titles, said.leads).compare(two, abs(one.dated - two.dated))[:3]

    def _candidates(self, titles: Sequence[int], leads: Sequence[int]) -> list[int]:
        found = [
            self._lists[slot]
            for token in _keys((*titles, *leads), len(titles))
            if (slot := self._slots.get(token)) is not None
        ]
        lists = [[listed] if isinstance(listed, int) else listed[-_LISTED:] for listed in found if listed is not None]
        lists.sort(key=len)
        counts: Counter[int] = Counter()
        read = 0
        for at, listed in enumerate(lists):
            read += len(listed)
            if at >= _SHORT and read > _READ:  # what shares none of the rarer ones is not like it
                break
            counts.update(listed)
        least = 2 if len(titles) > 2 else 1
        enough = [(-count, -number) for number, count in counts.items() if count >= least]
        return [-number for _, number in sorted(enough)[:_COMPARED]]

    def _against(self, sought: Sought, dated: float, member: Member, view: View, likeness: tuple[float, float]) -> str:
        score, title = likeness
        one_publisher = member.publisher == sought.publisher
        apart = abs(member.dated - dated)
        same = score > EQUAL_TITLE and view.same(member)
        language, other = language_of(sought.marks), language_of(member.marks)
        if language and other and language != other:
            return "it is in another language"
        if len(sought.titles) <= 1 and not (sought.leads and len(member.tokens) > member.titles):
            return "its title alone says too little"
        if SERIES in sought.marks or SERIES in member.marks:
            if not same or apart >= _ONE_PUBLISHER:
                return "it stands in a series"
        elif one_publisher and same and apart >= _ONE_PUBLISHER:
            return "its publisher repeats it"
        if contradict(sought.marks, member.marks, one_publisher=one_publisher):
            return "dates or numbers differ"
        if one_publisher and title < _HEADLINE:  # "Five things you need to know": the same lead each day
            return "its publisher gives it another headline"
        if score < MERGE:
            return ""
        if why := _of_other_kinds(sought.marks, member.marks, score):
            return why
        said = Said(sought.titles, sought.leads, sought.marks)
        if why := self._told_apart(said, self._said(member), one_publisher=one_publisher, apart=apart):
            return why
        if language and len(self._languages(member) | {language}) > 1:
            return "its story is told in another language"
        if member.first == member.article:
            return ""
        first = self.member(member.first)
        if first is None or abs(first.dated - dated) > _WINDOW:
            return "its story began too long ago"
        first_score = view.compare(first, abs(first.dated - dated))[0]
        if first_score < _FIRST:
            return "its story began with something else"
        if why := _of_other_kinds(sought.marks, first.marks, first_score):
            return why
        if first.publisher != sought.publisher:  # of another, it may begin with what both of two reports name
            return ""
        return self._told_apart(said, self._said(first), one_publisher=True, apart=abs(first.dated - dated))

    def _view(self, titles: Sequence[int], leads: Sequence[int]) -> View:
        return View(titles, leads, slots=self._slots, weights=self._weights, articles=_SEED + len(self))

    def _languages(self, member: Member) -> set[str]:
        """In which the story of a member is told, as far as is known: that of its first article, if it names one."""
        first = self.member(member.first) or member
        if language := language_of(first.marks):
            return {language}
        told = (self.member(article) for article in self._joined.get(member.first, ()))
        return {language for each in told if each is not None and (language := language_of(each.marks))}

    def _said(self, member: Member) -> Said:
        tokens = [self._tokens[slot] for slot in member.tokens]
        return Said(tokens[: member.titles], tokens[member.titles :], member.marks)

    def _told_apart(self, one: Said, other: Said, *, one_publisher: bool, apart: float) -> str:
        def count(token: int) -> int:
            slot = self._slots.get(token)
            return 0 if slot is None else self._counts[slot]

        return Pair(one, other, count, _SEED + len(self), one_publisher, apart >= _ONE_PUBLISHER).told_apart()


def _of_other_kinds(marks: str, others: str, score: float) -> str:
    return of_other_kinds(marks, others) if score < _SURE else ""


def _keys(tokens: Sequence[int], titles: int) -> list[int]:
    """What an article is found by: the first tokens of its title, and the first of its lead that the title has not."""
    title = tokens[:titles]
    keys = list(title[:_RARE_TITLE])
    for token in tokens[titles:]:
        if len(keys) >= min(titles, _RARE_TITLE) + _RARE_LEAD:
            break
        if token not in title:
            keys.append(token)
    return keys
