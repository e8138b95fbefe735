"""What the words of rules find in the stored archive: those that stand everywhere, and all that short stems catch."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from feeds.classify.index import Index, Use
from feeds.classify.lint import Word
from feeds.errors import Mistake
from feeds.fold import fold_letters, tidy

FEWEST = 200  # articles: fewer say nothing about shares
_TOO_MANY = 0.01  # of all articles
_ALONE = 2 / 3  # of the articles that a word is in: nothing else in them speaks for its topic
_SHORT = 6  # letters of a stem
_TAIL = re.compile(r"\w*")


@dataclass(slots=True)
class Counting:
    """Goes through the archive, article by article, and says at the end what it noticed."""

    words: Sequence[Word]
    articles: int = 0
    _times: Counter[int] = field(default_factory=Counter)  # number of the word -> articles
    _alone: Counter[int] = field(default_factory=Counter)  # ... in which it alone speaks for its topic
    _caught: defaultdict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))  # by short stem
    _indexes: tuple[Index, Index] = field(init=False)

    def __post_init__(self) -> None:
        uses = [(word.pattern, Use(word.pattern.spelled, mark=-1 - n)) for n, word in enumerate(self.words)]
        self._indexes = (
            Index((pattern, use) for pattern, use in uses if not pattern.exact),
            Index((pattern, use) for pattern, use in uses if pattern.exact),
        )

    def add(self, title: str, lead: str) -> None:
        """Count what stands in the title and lead of one article."""
        self.articles += 1
        text = tidy(f"{title} \n {lead}")
        found: set[int] = set()
        for index, padded in zip(self._indexes, (f" {fold_letters(text)} ", f" {text} "), strict=True):
            for use, start, end in index.uses(padded):
                number = -1 - use.mark
                found.add(number)
                if _is_short_stem(self.words[number]) and (rest := _TAIL.match(padded, end)):
                    self._caught[number][padded[start : rest.end()]] += 1
        self._times.update(found)
        by_topic: defaultdict[str, list[int]] = defaultdict(list)
        for number in found:
            if self.words[number].points > 0:
                by_topic[self.words[number].topic].append(number)
        self._alone.update(several[0] for several in by_topic.values() if len(several) == 1)

    def findings(self) -> Iterator[Mistake]:
        """Words in so many articles, and so often alone there, that they tell nothing. None of a small archive."""
        for number, times in sorted(self._times.items()) if self.articles >= FEWEST else ():
            word, share = self.words[number], times / self.articles
            if share > _TOO_MANY and self._alone[number] >= _ALONE * times:
                alone = self._alone[number] / times
                what = (
                    f"is in {share:.1%} of {self.articles:,} stored articles, and in {alone:.0%} of those nothing else "
                    f"speaks for {word.topic}"
                )
                yield word.finding(what, "give it few points, put it in a phrase, or take it out")

    def stems(self, *, most: int = 8) -> Iterator[tuple[Word, list[tuple[str, int]]]]:
        """Each short stem that caught several words, with the most frequent of them and their numbers."""
        for number, caught in sorted(self._caught.items()):
            if len(caught) > 1:
                yield self.words[number], caught.most_common(most)


def _is_short_stem(word: Word) -> bool:
    return word.is_plain and word.pattern.open and len(word.pattern.literal.rstrip("'")) < _SHORT
