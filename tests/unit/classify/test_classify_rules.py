from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from feeds.classify.packs import read_pack
from feeds.classify.patterns import Pattern, parse_pattern
from feeds.classify.rules import COUNTRY_SCHEME, IPTC_SCHEME, Rules, compile_rules
from feeds.errors import ConfigError, Mistake
from feeds.model import Category

LINES = {"topics.energy": 10, "topics.energy.words": 11, "topics.energy.words.10": 12, "topics.energy.words.10[1]": 13}


def compiled(topic: dict[str, Any], **tables: Any) -> Rules:
    return compile_rules({"topics": {"energy": topic}, **tables})


def mistakes_of(topic: object, **tables: Any) -> tuple[Mistake, ...]:
    with pytest.raises(ConfigError) as caught:
        compile_rules({"topics": {"energy": topic}, **tables}, file="config.toml", line=lambda key: LINES.get(key, 0))
    return caught.value.mistakes


def words(**table: Any) -> dict[str, Any]:
    return {"words": table}


def ten(*listed: object) -> dict[str, Any]:
    return {"words": {"10": list(listed)}}


@pytest.mark.parametrize(
    ("topic", "key", "what", "remedy"),
    [
        pytest.param(
            ten("gas", "@stats"), "words.10[1]", "there is no list @stats", "did you mean '@states'?", id="unknown list"
        ),
        pytest.param(
            {"use": "ukrain"}, "use", "there is no pack 'ukrain'", "did you mean 'ukraine'?", id="unknown pack"
        ),
        pytest.param(ten(""), "words.10[0]", "an empty word", "remove it", id="empty word"),
        pytest.param(ten("="), "words.10[0]", "an empty word", "remove it", id="empty exact word"),
        pytest.param(
            ten("*"),
            "words.10[0]",
            "'*' would match every word",
            "write the beginning of a word before the `*`",
            id="star alone",
        ),
        pytest.param(
            ten("—"),
            "words.10[0]",
            "nothing is left of '—' when signs are ignored",
            "use letters or digits",
            id="signs alone",
        ),
        pytest.param(
            ten("(gas)"),
            "words.10[0]",
            "'(gas)' does not begin with a letter or digit",
            "begin with one",
            id="begins with a sign",
        ),
        pytest.param(
            ten("oil *gas"),
            "words.10[0]",
            "'oil *gas' has a `*` that ends no word",
            "put `*` right after letters",
            id="star before letters",
        ),
        pytest.param(
            ten("газ*"),
            "words.10[0]",
            "'газ*' is too short to be safe",
            "write more of it, the whole word, or =Exact",
            id="short stem: gas and newspaper",
        ),
        pytest.param(
            ten("çin*"),
            "words.10[0]",
            "'çin*' is too short to be safe",
            "write more of it, the whole word, or =Exact",
            id="short stem: China and cinema",
        ),
        pytest.param(
            ten("=oi*"),
            "words.10[0]",
            "'=oi*' is too short to be safe",
            "write more of it, or the whole word",
            id="short exact stem: no capital tells it apart",
        ),
        pytest.param(
            ten("=OI*"),
            "words.10[0]",
            "'=OI*' is too short to be safe",
            "write more of it, or the whole word",
            id="short exact stem: capitals begin other abbreviations",
        ),
        pytest.param(
            ten("a"), "words.10[0]", "'a' is too short to be safe", "write at least two letters", id="one letter"
        ),
        pytest.param(
            ten("ga\ud800s"),
            "words.10[0]",
            "'ga\\ud800s' holds half a character (a lone surrogate)",
            "type the word again",
            id="lone surrogate",
        ),
        pytest.param(ten(7), "words.10[0]", "7 is not text", "write it in quotes", id="number for a word"),
        pytest.param(
            words(ten=["gas"]),
            "words.ten",
            "'ten' is no number of points",
            'write 10, -5 or "0.5" before the words',
            id="bad points",
        ),
        pytest.param(
            words(inf=["gas"]),
            "words.inf",
            "'inf' is no number of points",
            'write 10, -5 or "0.5" before the words',
            id="infinite points",
        ),
        pytest.param(
            {"words": {"10": ["gas"]}, "opening": {"10": ["GAS"]}},
            "opening.10[0]",
            "'GAS' stands in words and in opening",
            "keep one of them",
            id="in two tables",
        ),
        pytest.param(
            {"opening": {"0": {"5": ["gas"]}}},
            "opening.0.5",
            "points that are not whole stand in quotes",
            'write "0.5" = [...]',
            id="bare fraction in the opening",
        ),
        pytest.param(
            {"beside": ["@nothing"], **ten("gas")},
            "beside[0]",
            "there is no list @nothing",
            "use one of: @acts, @cities, @kurds, @leaders, @russia, @states, @words_between, @worldwide",
            id="beside no list",
        ),
        pytest.param(
            {"words": {"0": {"5": ["gas"]}}},
            "words.0.5",
            "points that are not whole stand in quotes",
            'write "0.5" = [...]',
            id="bare fraction",
        ),
        pytest.param(
            words(**{"10": ["gas"], "5": ["GAS"]}),
            "words.5[0]",
            "'GAS' is worth two different numbers of points",
            "keep one of them",
            id="worth two",
        ),
        pytest.param(
            words(**{"10": "gas"}),
            "words.10",
            "is not a list of words",
            'write ["one", "two*"]',
            id="one word without brackets",
        ),
        pytest.param(
            {"combo": {"points": 5}},
            "combo",
            "is not a list of combinations",
            "write [[topics.energy.combo]] and its keys below it",
            id="combo in one bracket",
        ),
        pytest.param(
            {"categories": {"gas": "x"}},
            "categories.gas",
            "'x' is not a number",
            "write one, as in 10 or 2.5",
            id="points in letters",
        ),
        pytest.param({"wrods": {}, **ten("gas")}, "wrods", "unknown key", "did you mean 'words'?", id="unknown key"),
        pytest.param(
            {"need": 0, **ten("gas")}, "need", "0 is too small", "write a number greater than 0", id="need nothing"
        ),
        pytest.param(
            {"need": "ten", **ten("gas")},
            "need",
            "'ten' is not a number",
            "write one, as in 10 or 2.5",
            id="need in letters",
        ),
        pytest.param({"title": 7, **ten("gas")}, "title", "is not text", "write it in quotes", id="title is a number"),
        pytest.param(
            {"combo": [{"points": 5}]},
            "combo[0].all",
            "names fewer than two things",
            'write all = ["@one", ["or", "these"]]',
            id="combo without all",
        ),
        pytest.param(
            {"combo": [{"points": 5, "all": ["@acts"]}]},
            "combo[0].all",
            "names fewer than two things",
            'write all = ["@one", ["or", "these"]]',
            id="combo of one",
        ),
        pytest.param(
            {"combo": [{"points": 5, "all": [["gas"], []]}]},
            "combo[0].all[1]",
            "is empty",
            "write at least one word",
            id="empty slot",
        ),
        pytest.param(
            {"combo": [{"all": ["gas", "oil"]}]},
            "combo[0].points",
            "is missing",
            "write what the combination is worth, as in points = 8",
            id="no points",
        ),
        pytest.param(
            {"country": "NO", "home": -0.5, **ten("gas")},
            "home",
            "-0.5 is too small",
            "write 0 or more",
            id="a home that speaks against",
        ),
        pytest.param(
            {"combo": [{"points": 5, "within": 0, "all": ["gas", "oil"]}]},
            "combo[0].within",
            "0 is too small",
            "write a number greater than 0",
            id="within nothing",
        ),
        pytest.param(
            {"combo": [{"points": 5, "near": 9, "all": ["gas", "oil"]}]},
            "combo[0].near",
            "unknown key",
            "use one of: all, points, within",
            id="unknown combo key",
        ),
        pytest.param(
            {"combo": [{"points": 5, "all": [["gas"], ["gas"]]}]},
            "combo[0].all",
            "wants 2 different entries of a list of 1",
            "add some",
            id="twice a list of one",
        ),
        pytest.param({"categories": {"": 5}}, "categories.", "is empty", "name something", id="empty category"),
        pytest.param(
            {"sources": {"*": 5}, **ten("gas")},
            "sources.*",
            "would match everything",
            "name something",
            id="every source",
        ),
        pytest.param(
            {"title": "Energy"},
            "",
            "has no rules",
            "write [topics.energy.words] and words below it",
            id="nothing to decide by",
        ),
        pytest.param(
            {"ended": "yes", **ten("gas")},
            "ended",
            "'yes' is neither true nor false",
            "write ended = true, without quotes",
            id="an end in words",
        ),
        pytest.param({"ended": True, "word": 1}, "word", "unknown key", "did you mean 'words'?", id="after its end"),
        pytest.param("gas", "", "is not a table", "write [topics.energy] and its keys below it", id="topic is text"),
    ],
)
def test_a_mistake_is_named_with_its_key_and_remedy(topic: object, key: str, what: str, remedy: str) -> None:
    first = mistakes_of(topic)[0]
    assert first.key == f"topics.energy.{key}".removesuffix(".") or first.key == f"topics.energy.{key}"
    assert (first.what, first.remedy) == (what, remedy)


@pytest.mark.parametrize(
    ("tables", "key"),
    [
        pytest.param({"defaults": {"ned": 5}}, "defaults.ned", id="unknown default"),
        pytest.param({"defaults": {"lead_words": 0}}, "defaults.lead_words", id="no lead"),
        pytest.param({"defaults": {"body_factor": 3.0}}, "defaults", id="body before title"),
        pytest.param({"lists": {"fuels": ["@states"]}}, "lists.fuels[0]", id="a list in a list"),
        pytest.param({"lists": {"fuels": {"gas": ["*"]}}}, "lists.fuels.gas[0]", id="a bad word in a list"),
        pytest.param({"lists": {"fuels": 3}}, "lists.fuels", id="a list that is none"),
    ],
)
def test_a_mistake_outside_of_topics_is_named_too(tables: dict[str, Any], key: str) -> None:
    assert [mistake.key for mistake in mistakes_of(ten("gas"), **tables)] == [key]


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        pytest.param(["@none", "gas"], "combo[0].all[0]", id="list"),
        pytest.param(["gas", "*"], "combo[0].all[1]", id="word"),
        pytest.param(["gas", ["oil", "@none"]], "combo[0].all[1][1]", id="list among words"),
        pytest.param(["gas", ["*", "oil"]], "combo[0].all[1][0]", id="word among words"),
    ],
)
def test_a_mistake_in_a_combination_is_one_mistake(wanted: list[object], key: str) -> None:
    mistakes = mistakes_of({"combo": [{"points": 5, "all": wanted}]})
    assert [mistake.key for mistake in mistakes] == [f"topics.energy.{key}"]


def test_a_combination_needs_more_than_nothing() -> None:
    (least,) = compiled({"combo": [{"points": 1, "within": 1, "all": ["gas", ["oil", "@states"]]}]}).by_topic[0].combos
    assert (least.points, least.within) == (1.0, 1)
    (mistake,) = mistakes_of({"combo": [{"points": 0, "all": ["gas", "oil"]}]})
    assert (mistake.key, mistake.what) == ("topics.energy.combo[0].points", "0 is too small")


def test_all_mistakes_come_at_once_with_their_lines() -> None:
    mistakes = mistakes_of({"need": -1, "words": {"10": ["@fules", "*"], "x": []}})
    assert [(mistake.line, mistake.key) for mistake in mistakes] == [
        (0, "topics.energy.need"),
        (0, "topics.energy.words.10[0]"),
        (0, "topics.energy.words.x"),
        (13, "topics.energy.words.10[1]"),
    ]
    assert str(mistakes[-1]).startswith("config.toml:13: topics.energy.words.10[1]: ")


@pytest.mark.parametrize("name", ["abroad", "beside", "none", "require"])
def test_an_empty_list_takes_out_that_of_the_pack(name: str) -> None:
    def compiled(pack: str, **own: Any) -> tuple[Any, ...]:
        (topic,) = compile_rules({"topics": {"own": {"use": pack} | own}}).by_topic
        found: tuple[Any, ...] = getattr(topic, name)
        return found

    pack = "diplomacy" if name == "beside" else "turkey"
    mine = compiled(pack, **{name: ["gas"]})
    assert len(mine) == len(compiled(pack)) + 1, "mine adds to it"
    assert compiled(pack, **{name: []}) == ()


def test_a_topic_named_like_a_pack_is_told_to_use_it() -> None:
    with pytest.raises(ConfigError, match=re.escape('use = "turkey"')):
        compile_rules({"topics": {"turkey": {}}})


def test_a_topic_that_has_ended_decides_nothing_whatever_else_it_says() -> None:
    gas = {"energy": {"words": {"10": ["gas"]}}}
    ended = {
        "ukraine": {"use": "ukraine", "ended": True},
        "grain": {"ended": True},
        "rain": {"use": "?", "ended": True},
    }
    rules = compile_rules({"topics": {**gas, **ended}})
    assert [topic.name for topic in rules.topics] == ["energy"]
    assert rules.ended == ("grain", "rain", "ukraine")
    assert rules.version == compile_rules({"topics": gas}).version
    assert compile_rules({"topics": {"energy": {**gas["energy"], "ended": False}}}).ended == ()


def test_topics_are_sorted_and_say_what_readers_see() -> None:
    rules = compile_rules(
        {
            "topics": {
                "z-last": {"words": {"10": ["gas"]}},
                "diplomacy": {"use": "diplomacy", "title": "Talks"},
                "ukraine": {"use": "ukraine"},
            }
        }
    )
    assert [(topic.name, topic.title) for topic in rules.topics] == [
        ("diplomacy", "Talks"),
        ("ukraine", "Ukraine"),
        ("z-last", "Z last"),
    ]
    assert rules.topics[0].description.startswith("Relations between states")
    assert Category(term="20000639", scheme=IPTC_SCHEME, label="diplomacy") in rules.topics[0].categories
    assert Category(term="UA", scheme=COUNTRY_SCHEME, label="Ukraine") in rules.topics[1].categories


def test_a_short_stem_that_its_capitals_tell_apart() -> None:
    (word,) = compiled(ten("=МИД*")).by_topic[0].words
    assert word.entry[0].open


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"need": 11}, id="need"),
        pytest.param(words(**{"10": ["gas", "oil"]}), id="a word"),
        pytest.param(words(**{"9": ["gas"]}), id="points"),
        pytest.param({"none": ["sports"]}, id="none"),
        pytest.param({"require": ["sports"]}, id="require"),
        pytest.param({"languages": ["en"]}, id="languages"),
        pytest.param({"always": ["desk"]}, id="always"),
        pytest.param({"categories": {"gas": 5}}, id="categories"),
        pytest.param({"sources": {"desk": 5}}, id="sources"),
        pytest.param({"country": "TR"}, id="country"),
        pytest.param({"home": 5}, id="home"),
        pytest.param({"combo": [{"points": 5, "all": ["gas", "oil"]}]}, id="combo"),
    ],
)
def test_the_version_changes_with_what_can_change_a_decision(change: dict[str, Any]) -> None:
    assert compiled({**ten("gas"), **change}).version != compiled(ten("gas")).version


def test_the_version_stays_when_only_words_for_people_or_the_order_change() -> None:
    version = compiled(words(**{"10": ["gas", "oil"], "5": ["coal"]})).version
    assert compiled({"title": "Power", **words(**{"5": ["coal"], "10": ["oil", "gas"]})}).version == version
    assert re.fullmatch("[0-9a-f]{12}", version)


def test_defaults_are_part_of_the_version() -> None:
    assert compiled(ten("gas"), defaults={"title_factor": 3}).version != compiled(ten("gas")).version


@pytest.mark.parametrize("name", ["diplomacy", "turkey", "ukraine"])
def test_no_word_of_a_pack_is_counted_twice(name: str) -> None:
    """A stem that begins another of the same sign and spelling would count the same letters a second time."""
    (topic,) = compile_rules({"topics": {name: {"use": name}}}).by_topic
    patterns = [(word.points > 0, pattern) for word in topic.words for pattern in word.entry if not pattern.rest]
    doubled = [
        (stem.spelled, other.spelled)
        for sign, stem in patterns
        for other_sign, other in patterns
        if stem.open and sign == other_sign and stem.exact == other.exact and stem is not other
        if other.literal.startswith(stem.literal) and " " not in other.literal
    ]
    assert doubled == []


@pytest.mark.parametrize("name", ["diplomacy", "turkey", "ukraine"])
def test_no_word_stands_twice_in_a_pack(name: str) -> None:
    times = Counter(
        pattern.identity
        for listed in read_pack(name)["words"].values()
        for word in listed
        if isinstance(pattern := parse_pattern(word), Pattern)
    )
    assert [word for word, count in times.items() if count > 1] == []
