"""Reads one table of the rule language, checked. A topic is made of layers: a pack, and the operator's own words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from feeds.classify.checker import Checker, Table, nearest
from feeds.classify.patterns import Pattern, parse_pattern
from feeds.config import values
from feeds.config.words import Wrong
from feeds.fold import fold

Entry: TypeAlias = tuple[Pattern, ...]  # the spellings of one thing, as of one state
Entries: TypeAlias = Mapping[str, Entry]  # by what makes them the same thing in two layers
Lists: TypeAlias = Mapping[str, Mapping[str, Entry]]  # list name -> entry name -> entry

TOPIC_KEYS = frozenset(
    {"use", "title", "description", "need", "words", "opening", "beside", "combo", "categories", "sources", "iptc"}
    | {"country", "home", "abroad", "none", "require", "languages", "always", "must", "must_not", "like", "unlike"}
    | {"ended"}
)
_COMBO_KEYS = frozenset({"points", "all", "within"})
_WITHIN = 15  # words, where a combo does not say
_POINTS = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# The IPTC's vocabulary has 17 topics at the top, 01000000 to 17000000; all below them begin with 2000.
_IPTC = re.compile(r"medtop:((?:0[1-9]|1[0-7])000000|2000[0-9]{4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What an entry brings, once, however often and in however many spellings it occurs."""

    points: float
    entry: Entry
    opening: bool = False  # in title and lead alone, and only beside what the topic wants there


@dataclass(frozen=True, slots=True, kw_only=True)
class Combo:
    """Points for things that stand near each other."""

    points: float
    within: int  # words from the first to the last
    slots: tuple[tuple[tuple[Entry, ...], int], ...]  # (entries, how many different ones of them)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One table of a topic: a pack, or what config.toml adds to it. Points of 0 take something out."""

    title: str = ""
    description: str = ""
    need: float | None = None
    words: Mapping[str, Worth] = field(default_factory=dict)  # those of `opening` among them
    beside: Entries | None = None
    combos: tuple[Combo, ...] = ()
    categories: Mapping[str, float] = field(default_factory=dict)  # folded, `*` stands for anything
    sources: Mapping[str, float] = field(default_factory=dict)  # source name or domain, `*` stands for anything
    iptc: Mapping[str, str] = field(default_factory=dict)  # eight digits -> label
    country: str = ""
    home: float | None = None
    abroad: Entries | None = None
    none: Entries | None = None
    require: Entries | None = None
    languages: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()


def read_list(value: object, key: str, checker: Checker) -> dict[str, Entry]:
    """Read one of [lists]: a table of entries, or an array in which each word is an entry of its own."""
    if isinstance(value, list):
        return {pattern.identity: (pattern,) for pattern in _patterns(value, key, checker)}
    return {name: _patterns(words, f"{key}.{name}", checker) for name, words in checker.table(value, key).items()}


def read_layer(table: Table, key: str, lists: Lists, checker: Checker) -> Layer:
    """Read one topic table; `key` is its dotted name, `lists` are those that its words may name."""
    checker.known(table, TOPIC_KEYS, key)

    def strings(name: str) -> tuple[str, ...]:
        return tuple(text for _, text in checker.strings(table.get(name, []), f"{key}.{name}"))

    def words(name: str) -> Entries | None:
        return _entries(table[name], f"{key}.{name}", lists, checker) if name in table else None

    return Layer(
        title=checker.text(table, "title", key),
        description=checker.text(table, "description", key),
        need=checker.number(table["need"], f"{key}.need", above=0) if "need" in table else None,
        words=_words(table, key, lists, checker),
        beside=words("beside"),
        combos=_combos(table.get("combo", []), f"{key}.combo", lists, checker),
        categories=_named_points(table, "categories", key, checker),
        sources=_named_points(table, "sources", key, checker),
        iptc=_iptc(table.get("iptc", {}), f"{key}.iptc", checker),
        country=_country(table, key, checker),
        home=checker.number(table["home"], f"{key}.home", least=0) if "home" in table else None,
        abroad=words("abroad"),
        none=words("none"),
        require=words("require"),
        languages=_languages(table.get("languages", []), f"{key}.languages", checker),
        always=strings("always"),
        must=strings("must"),
        must_not=strings("must_not"),
        like=strings("like"),
        unlike=strings("unlike"),
    )


def _pattern(spelled: str, place: str, checker: Checker) -> Entry:
    parsed = parse_pattern(spelled)
    if isinstance(parsed, Pattern):
        return (parsed,)
    checker.wrong(place, parsed.what, parsed.remedy)
    return ()


def _patterns(value: object, key: str, checker: Checker) -> Entry:
    return tuple(p for place, spelled in checker.strings(value, key) for p in _pattern(spelled, place, checker))


def _entry(word: str, place: str, lists: Lists, checker: Checker) -> dict[str, Entry]:
    """The entries that one word of a rule stands for: its own, or those of a list."""
    if not word.startswith("@"):
        return {pattern.identity: (pattern,) for pattern in _pattern(word, place, checker)}
    if word[1:] in lists:
        return {f"{word}:{name}": entry for name, entry in lists[word[1:]].items()}
    checker.wrong(place, f"there is no list {word}", nearest(word, [f"@{name}" for name in lists]))
    return {}


def _entries(value: object, key: str, lists: Lists, checker: Checker) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for place, word in checker.strings(value, key):
        entries.update(_entry(word, place, lists, checker))
    return entries


def _words(table: Table, key: str, lists: Lists, checker: Checker) -> dict[str, Worth]:
    words: dict[str, Worth] = {}
    for name in ("words", "opening"):
        for worth, value in checker.table(table.get(name, {}), f"{key}.{name}").items():
            if not _is_worth(worth, value, f"{key}.{name}", checker):
                continue
            for element, word in checker.strings(value, f"{key}.{name}.{worth}"):
                for identity, entry in _entry(word, element, lists, checker).items():
                    one = Worth(points=float(worth), entry=entry, opening=name == "opening")
                    if words.setdefault(identity, one) != one:
                        _twice(word, one, words[identity], element, checker)
    return words


def _is_worth(worth: str, value: object, key: str, checker: Checker) -> bool:
    if isinstance(value, Mapping):  # TOML reads a bare 0.5 as the key 5 of the table 0
        fraction = ".".join([worth, *value][:2])
        remedy = f'write "{fraction}" = [...]'
        checker.wrong(f"{key}.{fraction}", "points that are not whole stand in quotes", remedy)
        return False
    if not _POINTS.fullmatch(worth):
        remedy = 'write 10, -5 or "0.5" before the words'
        checker.wrong(f"{key}.{worth}", f"{worth!r} is no number of points", remedy)
        return False
    return True


def _twice(word: str, one: Worth, before: Worth, place: str, checker: Checker) -> None:
    if one.opening is not before.opening:
        checker.wrong(place, f"{word!r} stands in words and in opening", "keep one of them")
    elif one.points != before.points:
        checker.wrong(place, f"{word!r} is worth two different numbers of points", "keep one of them")


def _combos(value: object, key: str, lists: Lists, checker: Checker) -> tuple[Combo, ...]:
    if not isinstance(value, list):
        checker.wrong(key, "is not a list of combinations", f"write [[{key}]] and its keys below it")
        return ()
    combos = (_combo(checker.table(table, key), f"{key}[{n}]", lists, checker) for n, table in enumerate(value))
    return tuple(combo for combo in combos if combo)


def _combo(table: Table, key: str, lists: Lists, checker: Checker) -> Combo | None:
    checker.known(table, _COMBO_KEYS, key)
    points = None
    if "points" in table:
        points = checker.number(table["points"], f"{key}.points", above=0)
    else:
        checker.wrong(f"{key}.points", "is missing", "write what the combination is worth, as in points = 8")
    within = checker.number(table.get("within", _WITHIN), f"{key}.within", above=0)
    wanted = table.get("all")
    if not isinstance(wanted, list) or len(wanted) < 2:
        checker.wrong(f"{key}.all", "names fewer than two things", 'write all = ["@one", ["or", "these"]]')
        return None
    slots: Counter[tuple[Entry, ...]] = Counter()
    for n, words in enumerate(wanted):
        place = f"{key}.all[{n}]"
        if not words:
            checker.wrong(place, "is empty", "write at least one word")
        else:
            entries = (
                _entry(words, place, lists, checker)
                if isinstance(words, str)
                else _entries(words, place, lists, checker)
            )
            slots[tuple(entries.values())] += 1
    for slot, count in slots.items():
        if 0 < len(slot) < count:
            checker.wrong(f"{key}.all", f"wants {count} different entries of a list of {len(slot)}", "add some")
    if points is None or within is None:
        return None
    return Combo(points=points, within=math.ceil(within), slots=tuple(slots.items()))


def _named_points(table: Table, name: str, key: str, checker: Checker) -> dict[str, float]:
    """Read { "what publishers call it" = points }."""
    named = {}
    for pattern, value in checker.table(table.get(name, {}), f"{key}.{name}").items():
        place = f"{key}.{name}.{pattern}"
        points = checker.number(value, place)
        folded = fold(pattern) if name == "categories" else pattern.strip().lower()
        if not folded.strip("* "):
            checker.wrong(place, "is empty" if not folded else "would match everything", "name something")
        elif points is not None:
            named[folded] = points
    return named


def _iptc(value: object, key: str, checker: Checker) -> dict[str, str]:
    """Read { "medtop:20000639" = "diplomacy" }, or the codes alone."""
    if isinstance(value, list):
        labels = [(place, code, "") for place, code in checker.strings(value, key)]
    else:
        labels = [(f"{key}.{code}", code, str(label)) for code, label in checker.table(value, key).items()]
    codes = {}
    for place, code, label in labels:
        if match := _IPTC.fullmatch(code):
            codes[match[1]] = label
        else:
            checker.wrong(
                place,
                f"{code!r} is no code of the IPTC media topics",
                "write medtop: and its eight digits, as in medtop:20000639",
            )
    return codes


def _languages(value: object, key: str, checker: Checker) -> tuple[str, ...]:
    found = []
    for place, written in checker.strings(value, key):
        primary, _, region = _code(values.language, written, place, checker).partition("-")
        if region:
            checker.wrong(place, f"{written!r} says more than a language", f'write "{primary}", which all of it is')
        elif primary:
            found.append(primary)
    return tuple(found)


def _country(table: Table, key: str, checker: Checker) -> str:
    written = checker.text(table, "country", key)
    return _code(values.country, written, f"{key}.country", checker) if written else ""


def _code(check: Callable[[str], str], written: str, place: str, checker: Checker) -> str:
    """A code by the check that sources have for it, "" if it is none."""
    try:
        return check(written)
    except Wrong as wrong:
        checker.wrong(place, wrong.what, wrong.remedy)
        return ""
