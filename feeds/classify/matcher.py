"""Applies compiled rules to articles: one pass over each text for all topics, every hit kept as a reason."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from ahocorasick_rs import AhoCorasick

from feeds.classify.combos import Spot, find_nearby
from feeds.classify.fold import fold, fold_letters, tidy
from feeds.classify.hints import Hint, Hints
from feeds.classify.layers import Entry
from feeds.classify.parts import html_text, outlet_names, split_lead, without_outlet
from feeds.classify.patterns import Pattern, with_proclitics
from feeds.classify.rules import Rules, TopicRules
from feeds.model import Article, Hit, Match, Source

_PLACES = ("title", "lead", "body")  # the earlier, the more a word counts; rules see to that
_BODY = _PLACES.index("body")
_UNKNOWN = Source(name="", url="")

Reason: TypeAlias = tuple[float, str, str]  # points, word, where
Found: TypeAlias = dict[int, tuple[int, str]]  # mark -> (best place, word)


class _Use(NamedTuple):
    """What it means to find a pattern: a mark, or else an entry of a list that combos want."""

    word: str  # as the rule spells it
    mark: int = -1
    list: int = -1
    entry: int = -1


class _Mark(NamedTuple):
    """A thing that counts once for one topic, at its best place; without points it is only looked at."""

    topic: int
    points: tuple[float, ...] = ()  # by place


class _Combo(NamedTuple):
    topic: int
    points: tuple[float, ...]  # by place
    within: int  # words
    needs: tuple[tuple[int, int], ...]  # (list, how many different entries of it)


class _Index:
    """One automaton over the literals of many patterns, and what each of them means."""

    def __init__(self, uses: Iterable[tuple[Pattern, _Use]]) -> None:
        of: defaultdict[str, list[tuple[Pattern, _Use]]] = defaultdict(list)
        for pattern, use in uses:
            for literal in with_proclitics(pattern):
                of[literal].append((pattern, use))
        self.find = AhoCorasick(list(of)).find_matches_as_indexes
        # By number of the literal: what it means when letters follow, when none do, and when the rest matches.
        self.open = [tuple(use for p, use in found if p.open and not p.rest) for found in of.values()]
        self.closed = [tuple(use for p, use in found if not p.rest) for found in of.values()]
        self.tails = [tuple((re.compile(p.rest).match, use) for p, use in found if p.rest) for found in of.values()]


class Matcher:
    """Decides the topics of articles. The same article gets the same answer, whatever came before it."""

    def __init__(self, rules: Rules) -> None:
        self._topics = rules.by_topic
        self._lead_words = rules.weights.lead_words
        self._factors = (rules.weights.title, rules.weights.lead, rules.weights.body)
        self._marks: list[_Mark] = []
        self._lists: dict[tuple[Entry, ...], int] = {}
        self._combos: list[_Combo] = []
        self._combos_with: defaultdict[int, list[int]] = defaultdict(list)  # by their shortest list
        self._special: dict[tuple[int, str], int] = {}  # (topic, none | require | abroad) -> mark
        self._homes: defaultdict[str, list[int]] = defaultdict(list)  # country -> topics
        self._always: defaultdict[str, list[int]] = defaultdict(list)  # source -> topics
        uses: list[tuple[Pattern, _Use]] = []
        for number, topic in enumerate(self._topics):
            uses += self._compile(number, topic)
        for entries, of in self._lists.items():
            uses += ((p, _Use(p.spelled, list=of, entry=n)) for n, entry in enumerate(entries) for p in entry)
        self._folded = _Index((pattern, use) for pattern, use in uses if not pattern.exact)
        self._exact = _Index((pattern, use) for pattern, use in uses if pattern.exact)
        self._categories = Hints(Hint(n, w, p) for n, topic in enumerate(self._topics) for p, w in topic.categories)
        self._sources = Hints(
            (Hint(n, w, p) for n, topic in enumerate(self._topics) for p, w in topic.sources), subdomains=True
        )
        self._numbers = {topic.name: number for number, topic in enumerate(self._topics)}

    def classify(self, article: Article, source: Source) -> tuple[Match, ...]:
        """The topics of `article`, which came from `source`, sorted by name.

        The lead is the beginning of its summary, or of its text if it has none; what follows, and its text, is body.
        """
        summary, text = (html_text(article.summary), article.text) if article.content else ("", article.text)
        host = article.canonical_url.partition("://")[2].partition("/")[0] or article.publisher
        reasons, found = self._weigh(article.title, summary, text, article.categories, source, host)
        likely = (n for n in sorted(reasons) if sum(max(r[0], 0) for r in reasons[n]) > self._topics[n].need - 0.01)
        matches = (self._match(n, reasons[n], found, source, article.language) for n in likely)
        return tuple(match for match in matches if match.score >= match.need)

    def explain(
        self,
        title: str,
        summary_text: str,
        body_text: str,
        *,
        categories: Sequence[str] = (),
        source: Source | None = None,
        domain: str = "",
        language: str = "",
    ) -> tuple[Match, ...]:
        """The score of every topic, sorted by name, also of those that have less than they need."""
        origin = source or _UNKNOWN
        reasons, found = self._weigh(title, summary_text, body_text, categories, origin, domain)
        return tuple(self._match(n, reasons.get(n, []), found, origin, language) for n in range(len(self._topics)))

    # ------------------------------------------------------------------------------------------ compiling

    def _compile(self, number: int, topic: TopicRules) -> Iterator[tuple[Pattern, _Use]]:
        for word in topic.words:
            yield from self._mark(word.entry, _Mark(number, self._by_place(word.points)))
        for name, entry in (("none", topic.none), ("require", topic.require), ("abroad", topic.abroad)):
            if entry:
                self._special[number, name] = len(self._marks)
                yield from self._mark(entry, _Mark(number))
        for combo in sorted(topic.combos, key=lambda combo: -combo.points):
            needs = [(self._lists.setdefault(entries, len(self._lists)), count) for entries, count in combo.slots]
            shortest = min(combo.slots, key=lambda slot: len(slot[0]))[0]
            self._combos_with[self._lists[shortest]].append(len(self._combos))
            self._combos.append(_Combo(number, self._by_place(combo.points), combo.within, tuple(needs)))
        if topic.home and topic.country:
            self._homes[topic.country].append(number)
        for name in topic.always:
            self._always[name].append(number)

    def _mark(self, entry: Entry, mark: _Mark) -> Iterator[tuple[Pattern, _Use]]:
        self._marks.append(mark)
        number = len(self._marks) - 1
        return ((pattern, _Use(pattern.spelled, mark=number)) for pattern in entry)

    def _by_place(self, points: float) -> tuple[float, ...]:
        return tuple(round(points * factor, 3) for factor in self._factors)

    # ------------------------------------------------------------------------------------------- weighing

    def _weigh(
        self, title: str, summary: str, text: str, categories: Sequence[str], source: Source, host: str
    ) -> tuple[dict[int, list[Reason]], Found]:
        """What speaks for and against each topic that anything speaks for or against."""
        lead, rest = split_lead(summary or text, self._lead_words)
        body = f"{rest}\n{text}" if summary else rest
        news = without_outlet(title, outlet_names(source.name, source.title, host))
        found: Found = {}
        reasons: defaultdict[int, list[Reason]] = defaultdict(list)
        best: dict[int, Reason] = {}
        for place, part in enumerate((news, lead, body)):
            if part:
                self._combine(self._scan(part, place, found), place, best)
        for mark, (place, word) in found.items():
            topic, points = self._marks[mark]
            if points:
                reasons[topic].append((points[place], word, _PLACES[place]))
        for topic, reason in best.items():
            reasons[topic].append(reason)
        if categories:
            for topic, worth, word in self._categories.best(map(fold, categories)):
                reasons[topic].append((worth, word, "category"))
        for topic, worth, word in self._sources.best((source.name, host)):
            reasons[topic].append((worth, word, "source"))
        for topic in self._homes.get(source.country, ()):
            if not self._stands_out(topic, "abroad", found):
                reasons[topic].append((self._topics[topic].home, source.country, "country"))
        for topic in self._always.get(source.name, ()):
            reasons[topic].append((self._topics[topic].need, source.name, "always"))
        for name in source.topics:
            if name in self._numbers:
                topic = self._numbers[name]
                reasons[topic].append((self._topics[topic].need, source.name, "source"))
        return reasons, found

    def _scan(self, text: str, place: int, found: Found) -> dict[int, list[Spot]]:
        """Note in `found` every mark that was not found in a better place; return the entries of lists.

        Combos are for title and lead: in a long text everything stands near everything.
        """
        tidied = tidy(text)
        spots: dict[int, list[Spot]] = {}
        # A space at both ends, so that every word has neighbours.
        for index, padded in ((self._folded, f" {fold_letters(tidied)} "), (self._exact, f" {tidied} ")):
            at = number = 0  # the words before `at`, counted forth and back: results come in the order of their ends
            for literal, start, end in index.find(padded, overlapping=True):
                if padded[start - 1].isalnum():
                    continue
                uses = (index.open if padded[end].isalnum() else index.closed)[literal]
                if index.tails[literal]:
                    uses += tuple(use for follows, use in index.tails[literal] if follows(padded, end))
                for word, mark, of, entry in uses:
                    if of < 0:
                        if mark not in found:
                            found[mark] = (place, word)
                    elif place != _BODY:
                        number += padded.count(" ", at, start) - padded.count(" ", start, at)
                        at = start
                        spots.setdefault(of, []).append((number, of, entry, word))
        return spots

    def _combine(self, spots: dict[int, list[Spot]], place: int, best: dict[int, Reason]) -> None:
        """Put into `best`, by topic, each combination in one text that beats what is there."""
        for number in sorted(number for of in spots for number in self._combos_with.get(of, ())):
            topic, points, within, needs = self._combos[number]
            if topic in best and points[place] <= best[topic][0]:
                continue
            if all(of in spots for of, _ in needs) and (words := find_nearby(spots, needs, within)):
                best[topic] = (points[place], " + ".join(words), _PLACES[place])

    # ------------------------------------------------------------------------------------------- judging

    def _match(self, number: int, reasons: list[Reason], found: Found, source: Source, language: str) -> Match:
        topic = self._topics[number]
        if source.name in topic.always or topic.name in source.topics:
            reasons = [reason for reason in reasons if reason[0] > 0]  # always means always
        else:
            score = round(sum(points for points, _, _ in reasons), 3)
            veto = self._veto(number, topic, found, language) if score > 0 else None
            if veto:
                reasons = [*reasons, (-score, *veto)]
        hits = sorted(reasons, key=lambda reason: (-reason[0], *reason[1:]))
        return Match(
            topic=topic.name,
            score=round(sum(points for points, _, _ in hits), 3),
            need=topic.need,
            because=tuple(Hit(word=word, where=where, points=points) for points, word, where in hits),
        )

    def _veto(self, number: int, topic: TopicRules, found: Found, language: str) -> tuple[str, str] | None:
        """What takes all points away, and where it stands."""
        forbidden = self._stands_out(number, "none", found)
        if forbidden:
            return forbidden
        if topic.require and self._special[number, "require"] not in found:
            return "none of the required words", "require"
        if topic.languages and language and language.lower().partition("-")[0] not in topic.languages:
            return language, "language"
        return None

    def _stands_out(self, number: int, name: str, found: Found) -> tuple[str, str] | None:
        """The first word of `none` or `abroad` in title or lead, and where: in the body it is in passing."""
        place, word = found.get(self._special.get((number, name), -1), (_BODY, ""))
        return (word, _PLACES[place]) if place < _BODY else None
