"""Applies compiled rules to articles: one pass over each text for all topics, every hit kept as a reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from feeds.classify.combos import Spot, find_nearby
from feeds.classify.hints import Hint, Hints
from feeds.classify.index import Index, Use
from feeds.classify.layers import Entry
from feeds.classify.likeness import Likeness
from feeds.classify.parts import outlet_names, split_lead, whole_names, without_outlet
from feeds.classify.patterns import Pattern, with_proclitics
from feeds.classify.rules import Rules, TopicRules
from feeds.fold import fold, html_text, spell
from feeds.model import Article, Hit, Match, Source

_PLACES = ("title", "lead", "body")  # the earlier, the more a word counts; rules see to that
_BODY = _PLACES.index("body")
_OUTLETS = 4096  # remembered: their items come together
_NOTHING = (0.0, 0.0, 0.0)
_OF_ALL = -1  # in the place of a topic: what several share is worth nothing to any
_UNKNOWN = Source(name="", url="")

Reason: TypeAlias = tuple[float, str, str]  # points, word, where
# By mark, or by the number of a plain find: the best place, and what was found there.
Found: TypeAlias = dict[int, tuple[int, Use]]


class _Evidence(NamedTuple):
    """All that speaks for or against any topic."""

    found: Found
    hints: list[tuple[int, Reason]]  # topic, what is known beside its words: combos, categories, sources, countries


class _Combo(NamedTuple):
    topic: int
    points: tuple[float, ...]  # by place
    within: int  # words
    needs: tuple[tuple[int, int], ...]  # (list, how many different entries of it)


class Matcher:
    """Decides the topics of articles. The same article gets the same answer, whatever came before it."""

    def __init__(self, rules: Rules) -> None:
        self._topics = rules.by_topic
        self._lead_words = rules.weights.lead_words
        self._factors = (rules.weights.title, rules.weights.lead)
        self._body = rules.weights.body
        self._nearly = [topic.need - 0.01 for topic in rules.by_topic]  # sums are not rounded
        self._by_place = lru_cache(None)(self._times_factors)  # equal ones are one: they stay near the processor
        self._marks = 0  # counted downwards
        self._alone: set[int] = set()  # those of the marks that one literal stands for
        self._lists: dict[tuple[Entry, ...], int] = {}
        self._combos: list[_Combo] = []
        self._combos_with: defaultdict[int, list[int]] = defaultdict(list)  # by their shortest list
        self._topics_of: defaultdict[int, set[int]] = defaultdict(set)  # list -> topics with a combo of it
        self._of_entry: dict[Entry, int] = {}  # -> mark, for all topics whose none, require, abroad or beside has it
        self._special: dict[tuple[int, str], frozenset[int]] = {}  # (topic, one of those) -> marks
        self._homes: defaultdict[str, list[int]] = defaultdict(list)  # country -> topics
        self._always: defaultdict[str, list[int]] = defaultdict(list)  # source -> topics
        self._beside = [n for n, topic in enumerate(self._topics) if topic.beside]
        self._choosy = {n for n, topic in enumerate(self._topics) if topic.none or topic.require or topic.languages}
        uses: list[tuple[Pattern, Use]] = []
        for number, topic in enumerate(self._topics):
            uses += self._compile(number, topic)
        for entries, of in self._lists.items():
            uses += ((p, Use(p.spelled, list=of, entry=n)) for n, entry in enumerate(entries) for p in entry)
        self._folded = Index(((pattern, use) for pattern, use in uses if not pattern.exact), alone=self._alone)
        self._exact = Index((pattern, use) for pattern, use in uses if pattern.exact)
        self._categories = Hints(Hint(n, w, p) for n, topic in enumerate(self._topics) for p, w in topic.categories)
        self._sources = Hints(
            (Hint(n, w, p) for n, topic in enumerate(self._topics) for p, w in topic.sources), subdomains=True
        )
        self._of_outlet = lru_cache(_OUTLETS)(self._look_up_outlet)
        self._numbers = {topic.name: number for number, topic in enumerate(self._topics)}
        examples = {number: (topic.like, topic.unlike) for number, topic in enumerate(self._topics)}
        self._likeness = Likeness(examples) if rules.likeness else None

    def classify(self, article: Article, source: Source, *, ask: bool = True) -> tuple[Match, ...]:
        """The topics of `article`, which came from `source`, sorted by name.

        The lead is the beginning of its summary, or of its text if it has none; what follows, and its text, is body.
        Without `ask` the words alone decide, where the rules would ask the model too.
        """
        evidence = self._weigh_article(article, source, ask=ask)
        likely = self._likely(evidence)
        if not likely:
            return ()
        reasons = self._reasons(evidence, likely)
        matches = [self._match(n, reasons[n], evidence.found, source, article.language) for n in sorted(likely)]
        return tuple([match for match in matches if match.score >= match.need])

    def judge(self, article: Article, source: Source) -> tuple[Match, ...]:
        """The score of every topic, as `classify` sees it, also of those that have less than they need."""
        evidence = self._weigh_article(article, source)
        numbers = range(len(self._topics))
        reasons = self._reasons(evidence, numbers, alone_too=True)
        return tuple(self._match(n, reasons[n], evidence.found, source, article.language) for n in numbers)

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
        evidence = self._weigh(title, summary_text, body_text, categories, origin, domain)
        numbers = range(len(self._topics))
        reasons = self._reasons(evidence, numbers, alone_too=True)
        return tuple(self._match(n, reasons[n], evidence.found, origin, language) for n in numbers)

    # ------------------------------------------------------------------------------------------ compiling

    def _compile(self, number: int, topic: TopicRules) -> Iterator[tuple[Pattern, Use]]:
        for word in topic.words:
            yield from self._mark(word.entry, number, self._by_place(word.points, 0.0 if word.opening else self._body))
        special = {"none": topic.none, "require": topic.require, "abroad": topic.abroad, "beside": topic.beside}
        for name, entries in special.items():
            for entry in entries:
                if entry not in self._of_entry:
                    yield from self._mark(entry, _OF_ALL, _NOTHING)
                    self._of_entry[entry] = self._marks
            if entries:
                self._special[number, name] = frozenset([self._of_entry[entry] for entry in entries])
        for combo in sorted(topic.combos, key=lambda combo: -combo.points):
            needs = [(self._lists.setdefault(entries, len(self._lists)), count) for entries, count in combo.slots]
            shortest = min(combo.slots, key=lambda slot: len(slot[0]))[0]
            self._combos_with[self._lists[shortest]].append(len(self._combos))
            for of, _ in needs:
                self._topics_of[of].add(number)
            self._combos.append(_Combo(number, self._by_place(combo.points, 0.0), combo.within, tuple(needs)))
        if topic.home and topic.country:
            self._homes[topic.country].append(number)
        for name in topic.always:
            self._always[name].append(number)

    def _mark(self, entry: Entry, topic: int, points: tuple[float, ...]) -> Iterator[tuple[Pattern, Use]]:
        self._marks -= 1
        if points != _NOTHING and len(entry) == 1 and not entry[0].exact and len(with_proclitics(entry[0])) == 1:
            self._alone.add(self._marks)
        mark = self._marks
        return ((pattern, Use(pattern.spelled, mark=mark, topic=topic, worth=points)) for pattern in entry)

    def _times_factors(self, points: float, body: float) -> tuple[float, ...]:
        return tuple(round(points * factor, 3) for factor in (*self._factors, body))

    # ------------------------------------------------------------------------------------------- weighing

    def _weigh_article(self, article: Article, source: Source, *, ask: bool = True) -> _Evidence:
        summary, text = (html_text(article.summary), article.text) if article.content else ("", article.text)
        host = article.canonical_url.partition("://")[2].partition("/")[0] or article.publisher
        return self._weigh(article.title, summary, text, article.categories, source, host, ask=ask)

    def _weigh(
        self,
        title: str,
        summary: str,
        text: str,
        categories: Sequence[str],
        source: Source,
        host: str,
        *,
        ask: bool = True,
    ) -> _Evidence:
        """Everything that stands in the three parts, or is known beside them."""
        lead, rest = split_lead(summary or text, self._lead_words)
        body = f"{rest}\n{text}" if summary else rest
        outlet = source.name, source.title, host
        news = without_outlet(title, outlet_names(*outlet), whole_names(*outlet))
        found, spots_of = self._scan((news, lead, body))
        best: dict[int, Reason] = {}
        for place, spots in enumerate(spots_of):
            if spots:
                self._combine(spots, place, best)
        hints = list(best.items())
        if categories:
            hints += ((n, (worth, word, "category")) for n, worth, word in self._categories.best(map(fold, categories)))
        hints += self._of_outlet(source.name, host)
        for topic in self._homes.get(source.country, ()):
            if not self._stands_out(topic, "abroad", found):
                hints.append((topic, (self._topics[topic].home, source.country, "country")))
        for topic in self._always.get(source.name, ()):
            hints.append((topic, (self._topics[topic].need, source.name, "always")))
        for name in source.topics:
            if name in self._numbers:
                topic = self._numbers[name]
                hints.append((topic, (self._topics[topic].need, source.name, "source")))
        evidence = _Evidence(found, hints)
        if self._likeness and ask:
            touched = {use.topic for _, use in found.values() if use.worth[_BODY]}  # words of the opening are anywhere
            touched.update(*(self._topics_of[of] for spots in spots_of for of in spots))
            for topic, example in self._likeness.find(news, among=touched - self._likely(evidence)):
                hints.append((topic, (self._topics[topic].need, example, "likeness")))
        return evidence

    def _look_up_outlet(self, name: str, host: str) -> list[tuple[int, Reason]]:
        return [(n, (worth, word, "source")) for n, worth, word in self._sources.best((name, host))]

    def _likely(self, evidence: _Evidence) -> set[int]:
        """The topics that what speaks for them would suffice for: most articles end here."""
        nearly = self._nearly
        sums: dict[int, float] = {}
        already = sums.get
        for place, use in evidence.found.values():
            if (points := use.worth[place]) > 0.0:
                topic = use.topic
                sums[topic] = already(topic, 0.0) + points
        for topic, (points, _, _) in evidence.hints:
            if points > 0:
                sums[topic] = already(topic, 0.0) + points
        return {topic for topic, points in sums.items() if points > nearly[topic]}

    def _reasons(
        self, evidence: _Evidence, wanted: Collection[int], *, alone_too: bool = False
    ) -> dict[int, list[Reason]]:
        """What speaks for and against each of the topics `wanted`; if asked, also what nothing is `beside`, for 0."""
        reasons: dict[int, list[Reason]] = {topic: [] for topic in wanted}
        alone = {n for n in self._beside if n in reasons and not self._stands_out(n, "beside", evidence.found)}
        for place, use in evidence.found.values():
            if (points := use.worth[place]) and use.topic in reasons:
                if use.topic not in alone or use.worth[_BODY]:
                    reasons[use.topic].append((points, use.word, _PLACES[place]))
                elif alone_too:
                    reasons[use.topic].append((0.0, use.word, f"{_PLACES[place]} alone"))
        for topic, reason in evidence.hints:
            if topic in reasons:
                reasons[topic].append(reason)
        return reasons

    def _scan(self, parts: Sequence[str]) -> tuple[Found, tuple[dict[int, list[Spot]], ...]]:
        """The best place of every mark, and the entries of lists in title and lead.

        Combos are for title and lead: in a long text everything stands near everything.
        """
        found: Found = {}
        spots: tuple[dict[int, list[Spot]], ...] = ({}, {})
        # Empty parts at both ends, so that every word has neighbours. No phrase reaches over the end of a line.
        spelling = spell("", *parts, "")
        for index, shaped, letters in (
            (self._folded, spelling.folded_shape, spelling.folded),
            (self._exact, spelling.tidied_shape, spelling.tidied),
        ):
            if index.is_empty or not (finds := index.finds(seen := shaped())):
                continue
            lead = seen.find(b"\n", 1)
            body = seen.find(b"\n", lead + 1)
            plain, others = index.plain, index.others
            first = len(plain)
            text = ""
            at = words = 0  # the words before `at`, counted forth and back: finds come in the order of their ends
            for number, space, end in finds:
                place = 0 if space < lead else 1 if space < body else 2
                if number < first:
                    if number not in found:
                        found[number] = (place, plain[number])
                    continue
                literal, uses, tails = others[number - first]
                text = text or letters()
                if not text.startswith(literal, start := space + 1):
                    continue
                if tails:
                    uses += tuple([use for follows, use in tails if follows(text, end)])
                for use in uses:
                    if mark := use.mark:
                        if mark not in found or found[mark][0] > place:
                            found[mark] = (place, use)
                    elif place != _BODY:
                        words += text.count(" ", at, start) - text.count(" ", start, at)
                        at = start
                        spots[place].setdefault(use.list, []).append((words, use.list, use.entry, use.word))
        return found, spots

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
        score = _sum(reasons)
        if source.name in topic.always or topic.name in source.topics:
            reasons = [reason for reason in reasons if reason[0] > 0]  # always means always
            score = _sum(reasons)
        elif number in self._choosy and score > 0 and (veto := self._veto(number, topic, found, language)):
            reasons = [*reasons, (-score, *veto)]
            score = 0.0
        if len(reasons) > 1:
            reasons.sort()
            reasons.sort(key=_points, reverse=True)  # equal ones stay in the order of their words
        return Match(topic=topic.name, score=score, need=topic.need, because=tuple(map(_hit, reasons)))

    def _veto(self, number: int, topic: TopicRules, found: Found, language: str) -> tuple[str, str] | None:
        """What takes all points away, and where it stands."""
        forbidden = self._stands_out(number, "none", found)
        if forbidden:
            return forbidden
        if topic.require and self._special[number, "require"].isdisjoint(found):
            return "none of the required words", "require"
        if topic.languages and language and language.lower().partition("-")[0] not in topic.languages:
            return language, "language"
        return None

    def _stands_out(self, number: int, name: str, found: Found) -> tuple[str, str] | None:
        """The first word of `none`, `abroad` or `beside` in title or lead, and where: in the body it is in passing."""
        marks = self._special.get((number, name))
        if not marks or not (present := [find for mark, find in found.items() if mark in marks]):
            return None
        place, use = min(present, key=_place)
        return (use.word, _PLACES[place]) if place < _BODY else None


_place = itemgetter(0)
_points = itemgetter(0)


def _sum(reasons: Sequence[Reason]) -> float:
    if len(reasons) == 1:
        return reasons[0][0]
    return round(sum([points for points, _, _ in reasons]) * 1000) / 1000  # as round(..., 3), which writes it out


@lru_cache(maxsize=8192)  # the same few words are found again and again
def _hit(reason: Reason) -> Hit:
    points, word, where = reason
    return Hit(word=word, where=where, points=points)
