"""Finds rules that can never work: topics that nothing reaches, points that no article gets, lists of nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from feeds.classify.likeness import suffice
from feeds.classify.patterns import covers
from feeds.classify.rules import Rules, TopicRules
from feeds.errors import Mistake


def idle(
    tables: Mapping[str, Any], rules: Rules, *, named: Collection[str], file: str, line: Callable[[str], int]
) -> Iterator[Mistake]:
    """What in the configured `tables`, of which `rules` were compiled, has no effect whatever an article says.

    `named` are the topics that sources put all their items into.
    """

    def finding(key: str, what: str, remedy: str) -> Mistake:
        return Mistake(file=file, line=line(key), key=key, what=what, remedy=remedy)

    for topic in rules.by_topic:
        key, own = f"topics.{topic.name}", tables["topics"][topic.name]
        # The model may bring all that is needed.
        asks_model = rules.likeness and suffice(topic.like, topic.unlike)
        filled = topic.always or topic.name in named
        if not (filled or asks_model):
            most = _most(topic, rules.weights.title)
            if most < topic.need:
                together = f"all that speaks for it brings {most:g} together" if most else "nothing speaks for it"
                remedy = "give more points, or lower its need" if most else "give it words that are worth more than 0"
                place = f"{key}.need" if "need" in own else key
                yield finding(place, f"nothing can reach its need of {topic.need:g}: {together}", remedy)
        required, forbidden = ([p for entry in entries for p in entry] for entries in (topic.require, topic.none))
        if required and not filled and all(any(covers(no, word) for no in forbidden) for word in required):
            place, other = ("require", "none") if own.get("require") else ("none", "require")
            what = f"with {other}, keeps out all articles but those that have a word of require in the body alone"
            yield finding(f"{key}.{place}", what, "take the words that both have out of one of them")
        if own.get("home") and not topic.country:
            remedy = 'write the country that the topic is about, as in country = "NO"'
            yield finding(f"{key}.home", "gives points to the outlets of no country", remedy)
        if own.get("beside") and not any(word.opening for word in topic.words):
            remedy = f"write [{key}.opening] and words below it, or take it out"
            yield finding(f"{key}.beside", "keeps back the words of opening, and there are none", remedy)
        if own.get("abroad") and not topic.home:
            remedy = "write home = 6, say, or take it out"
            yield finding(f"{key}.abroad", "keeps back the points of home, and there are none", remedy)
    for name, entries in tables.get("lists", {}).items():
        empty = [f".{entry}" for entry, words in entries.items() if not words] if isinstance(entries, Mapping) else []
        for place in empty if entries else [""]:
            yield finding(
                f"lists.{name}{place}", "is empty, so it finds nothing", "write words into it, or take it out"
            )


def _most(topic: TopicRules, title_factor: float) -> float:
    """The points of an article that has all the topic's words in its title, its best combo, and all else for it."""
    possible = [combo.points for combo in topic.combos if all(len(slot) >= count for slot, count in combo.slots)]
    text = sum(max(word.points, 0) for word in topic.words) + max(possible, default=0)
    beside = [max([worth for _, worth in hints if worth > 0], default=0) for hints in (topic.categories, topic.sources)]
    return round(text * title_factor + sum(beside) + (topic.home if topic.country else 0), 3)
