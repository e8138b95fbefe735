"""Finds words in rules that will surprise whoever wrote them: everyday words, stems that catch more, double counts."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

from feeds.classify.matcher import Matcher
from feeds.classify.packs import pack_lines, read_lists, read_pack
from feeds.classify.patterns import Pattern, parse_pattern
from feeds.classify.rules import Rules
from feeds.config.lines import line_of
from feeds.errors import Mistake
from feeds.fold import fold

Line: TypeAlias = Callable[[str], int]
_LONG_STEM = 6  # letters: stems so long seldom begin words of another meaning
_LONG_WORD = 4  # letters: shorter ones become other words when their accents are taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a rule and where it stands."""

    topic: str  # "" in a list
    pattern: Pattern
    points: float  # 0 where it has none of its own: in lists, combinations, none, require, abroad
    file: str
    line: int
    key: str

    def finding(self, what: str, remedy: str) -> Mistake:
        """Something to say about it."""
        return Mistake(
            file=self.file, line=self.line, key=self.key, what=f'"{self.pattern.spelled}" {what}', remedy=remedy
        )

    @property
    def is_plain(self) -> bool:
        """Neither a phrase nor exact: what stands in other texts too."""
        return not (self.pattern.exact or self.pattern.rest or " " in self.pattern.literal)


def words_of(tables: Mapping[str, Any], *, file: str, line: Line) -> list[Word]:
    """Every word of the configured topics, their packs and all lists. `tables` compiled without mistake."""
    found: list[Word] = []
    for topic, table in sorted(tables.get("topics", {}).items()):
        if table.get("ended"):
            continue
        own = _words(table, f"topics.{topic}.", topic, file, line)
        found += own
        if pack := table.get("use"):
            spelled = {word.pattern.identity for word in own}
            of_pack = _words(read_pack(pack), "", topic, f"{pack}.toml (built in)", _line_in(pack))
            found += (word for word in of_pack if word.pattern.identity not in spelled)
    places: tuple[tuple[Mapping[str, Any], str, str, Line], ...] = (
        (tables.get("lists", {}), "lists.", file, line),
        (read_lists(), "", "lists.toml (built in)", _line_in("lists")),
    )
    for lists, prefix, where, at in places:
        for name, entries in lists.items():
            found += _listed(entries, f"{prefix}{name}", "", 0.0, where, at)
    return found


def lint(words: Sequence[Word]) -> Iterator[Mistake]:
    """What can be said of the rules without an archive."""
    for word in words:
        yield from _everyday(word)
        yield from _folded_away(word)
    yield from _counted_twice(words)
    yield from _two_of_one(words)


def failed_examples(rules: Rules, matcher: Matcher, *, file: str, line: Line) -> Iterator[Mistake]:
    """The `must` and `must_not` of topics that turn out otherwise."""
    for topic in rules.by_topic:
        for name, titles, wanted in (("must", topic.must, True), ("must_not", topic.must_not, False)):
            for title in titles:
                match = next(m for m in matcher.explain(title, "", "") if m.topic == topic.name)
                if (match.score >= match.need) is not wanted:
                    key = f"topics.{topic.name}.{name}"
                    what = f'"{title}" scores {match.score:g} of {match.need:g}, so it is {"out" if wanted else "in"}'
                    remedy = f'`feeds topics explain --title "{title}"` names the words'
                    yield Mistake(file=file, line=line(key), key=key, what=what, remedy=remedy)


# ----------------------------------------------------------------------------------------------- the checks


def _everyday(word: Word) -> Iterator[Mistake]:
    pattern = word.pattern
    if not word.is_plain:
        if not pattern.exact and pattern.literal[1:2] == " ":
            what = f"begins with a letter that also stands after apostrophes, as in: it'{pattern.literal}"
            yield word.finding(what, f'write "={pattern.spelled.upper()}", which minds capitals and signs')
    elif not pattern.open:
        # Near other words an everyday one may well say something: combinations are left alone.
        languages = [of for of, everyday in _everyday_words().items() if pattern.literal in everyday]
        if languages and ".all[" not in word.key:
            what = f"is an everyday word in {' and '.join(languages)}"
            yield word.finding(what, "write it as =Exact, if its capitals tell it apart, or in a phrase")
    elif len(pattern.literal) < _LONG_STEM and not pattern.literal.endswith("'"):
        caught = [
            f"{everyday} ({language})"
            for language, several in _everyday_words().items()
            for everyday in sorted(several)
            if everyday.startswith(pattern.literal)
        ]
        if caught:
            yield word.finding(
                f"also finds {', '.join(caught[:4])}", "write more of it, or only the forms that are meant"
            )


def _folded_away(word: Word) -> Iterator[Mistake]:
    spelled = word.pattern.spelled.rstrip("*").lower()
    plain = fold(spelled)
    if word.is_plain and plain.isalpha() and plain.isascii() and len(plain) < _LONG_WORD and plain != spelled:
        yield word.finding(f'is read without its accents, as "{plain}"', "write it as =Exact, or in a phrase")


def _counted_twice(words: Sequence[Word]) -> Iterator[Mistake]:
    """Two words of one topic and sign, of which one is in all that the other finds."""
    by_topic: defaultdict[tuple[str, bool], list[Word]] = defaultdict(list)
    for word in words:
        if word.topic and word.points and not word.pattern.rest:
            by_topic[word.topic, word.points > 0].append(word)
    for several in by_topic.values():
        stems = {(word.pattern.exact, word.pattern.literal): word for word in several if word.pattern.open}
        wholes = {word.pattern.literal: word for word in several if not (word.pattern.open or word.pattern.exact)}
        for word in several:
            others = _found_by(word.pattern, stems, wholes)
            if found := next((each for each in others if each.pattern.identity != word.pattern.identity), None):
                what = f'is found by "{found.pattern.spelled}" too (line {found.line}), so it is counted twice'
                yield word.finding(what, "keep one of them")


def _found_by(pattern: Pattern, stems: Mapping[tuple[bool, str], Word], wholes: Mapping[str, Word]) -> Iterator[Word]:
    """What finds all that `pattern` finds. One that minds capitals is also found by those that do not."""
    folded = fold(pattern.literal) if pattern.exact else pattern.literal
    if pattern.exact and not pattern.open and folded in wholes:
        yield wholes[folded]
    spellings = [(False, folded), (True, pattern.literal)] if pattern.exact else [(False, folded)]
    for exact, literal in spellings if " " not in folded else ():
        for length in range(2, len(literal) + 1):
            if (exact, literal[:length]) in stems:
                yield stems[exact, literal[:length]]


def _two_of_one(words: Sequence[Word]) -> Iterator[Mistake]:
    """Words of two entries of one list: one word would count twice, and be all that a combination wants of that list.

    In a list that is an array each word is an entry of its own.
    """
    by_list: defaultdict[tuple[str, bool], list[tuple[str, Word]]] = defaultdict(list)
    for word in words:
        name, _, entry = word.key.removeprefix("lists.").rpartition("[")[0].partition(".")
        if not (word.topic or word.pattern.rest):
            by_list[name, word.pattern.exact].append((entry or word.pattern.identity, word))
    for several in by_list.values():
        before: dict[str, tuple[str, Word]] = {}
        for entry, word in sorted(several, key=_reach):
            literal = word.pattern.literal
            for start in [literal] if " " in literal else [literal[:n] for n in range(2, len(literal) + 1)]:
                other, found = before.get(start, (entry, word))
                if other != entry and (found.pattern.open or start == literal):
                    where = "" if other == found.pattern.identity else f" of {other}"
                    what = f'is found by "{found.pattern.spelled}"{where} too: one word counts as two entries'
                    yield word.finding(what, "keep it in one of them")
                    break
            before.setdefault(literal, (entry, word))


def _reach(one: tuple[str, Word]) -> tuple[bool, int]:
    """What others are found by comes first: stems, the short ones before the long ones."""
    return not one[1].pattern.open, len(one[1].pattern.literal)


@cache
def _everyday_words() -> dict[str, frozenset[str]]:
    text = (resources.files(__package__) / "everyday.toml").read_text(encoding="utf-8")
    return {language: frozenset(map(fold, words.split())) for language, words in tomllib.loads(text).items()}


# ------------------------------------------------------------------------------------------- where words stand


def _words(table: Mapping[str, Any], prefix: str, topic: str, file: str, line: Line) -> list[Word]:
    found: list[Word] = []
    for name in ("words", "opening"):
        for worth, listed in table.get(name, {}).items():
            found += _listed(listed, f"{prefix}{name}.{worth}", topic, float(worth), file, line)
    for name in ("none", "require", "abroad", "beside"):
        found += _listed(table.get(name, []), f"{prefix}{name}", topic, 0.0, file, line)
    for n, combo in enumerate(table.get("combo", [])):
        for slot, listed in enumerate(combo["all"]):
            if not isinstance(listed, str):
                found += _listed(listed, f"{prefix}combo[{n}].all[{slot}]", topic, 0.0, file, line)
    return found


def _listed(value: Any, key: str, topic: str, points: float, file: str, line: Line) -> list[Word]:
    if isinstance(value, Mapping):
        return [w for name, some in value.items() for w in _listed(some, f"{key}.{name}", topic, points, file, line)]
    found = []
    for n, spelled in enumerate(value):
        pattern = parse_pattern(spelled) if not spelled.startswith("@") else None
        if isinstance(pattern, Pattern):
            at = f"{key}[{n}]"
            found.append(Word(topic=topic, pattern=pattern, points=points, file=file, line=line(at), key=at))
    return found


def _line_in(pack: str) -> Line:
    return lambda key: line_of(pack_lines(pack), key)
