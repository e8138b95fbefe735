"""docs/topics.md says nothing that is not so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from feeds.classify.layers import TOPIC_KEYS
from feeds.classify.matcher import Matcher
from feeds.classify.rules import compile_rules

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "topics.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", [pytest.param(text, id=text.partition("\n")[0]) for text in EXAMPLES])
def test_an_example_compiles(example: str) -> None:
    assert compile_rules(tomllib.loads(example)).version


def test_every_key_of_a_topic_is_explained() -> None:
    written = set(re.findall(r"^(\w+) =|\.(\w+)\]", "\n".join(EXAMPLES), re.MULTILINE))
    assert TOPIC_KEYS - {name for pair in written for name in pair} == {"description"}


def test_the_scores_of_the_page_are_those_of_the_program() -> None:
    title, summary, score = re.findall(r"The text \*(.*?)\* with the summary \*(.*?)\* scores (\d+)", PAGE)[0]
    (match,) = Matcher(compile_rules(tomllib.loads(EXAMPLES[0]))).explain(title, summary, "")
    assert match.score == int(score)
    for hit in match.because:
        assert f"| {hit.word} | {hit.where} | {hit.points:g} |" in PAGE


@pytest.mark.parametrize(
    ("word", "found", "missed"),
    [
        ("refinery", ["Refinery", "refinery's"], ["refineries"]),
        ("pipeline*", ["pipelines", "Pipelinebau", "gas-pipelines"], []),
        ("crude oil", ["crude-oil"], ["crude", "heavy oil"]),
        ("=LNG", ["LNG"], ["lng", "Lng"]),
    ],
)
def test_the_table_of_words_is_true(word: str, found: list[str], missed: list[str]) -> None:
    matcher = Matcher(compile_rules({"topics": {"energy": {"words": {"10": [word]}}}}))
    assert f'| `"{word}"` |' in PAGE
    for text in found + missed:
        assert (matcher.explain(text, "", "")[0].score > 0) == (text in found)
