"""Codes in topics: countries and languages are checked as those of sources, IPTC media topics as far as they can be."""

from __future__ import annotations

from typing import Any

import pytest

from feeds.classify.rules import COUNTRY_SCHEME, IPTC_SCHEME, Rules, compile_rules
from feeds.errors import ConfigError
from feeds.model import Category


def compiled(topic: dict[str, Any]) -> Rules:
    return compile_rules({"topics": {"energy": {"words": {"10": ["gas"]}} | topic}})


@pytest.mark.parametrize(
    ("topic", "key", "what", "remedy"),
    [
        pytest.param(
            {"iptc": {"medtop:1": "gas"}},
            "iptc.medtop:1",
            "'medtop:1' is no code of the IPTC media topics",
            "write medtop: and its eight digits, as in medtop:20000639",
            id="IPTC table",
        ),
        pytest.param(
            {"iptc": ["20000256"]},
            "iptc[0]",
            "'20000256' is no code of the IPTC media topics",
            "write medtop: and its eight digits, as in medtop:20000639",
            id="IPTC code",
        ),
        pytest.param(
            {"iptc": ["medtop:99999999"]},
            "iptc[0]",
            "'medtop:99999999' is no code of the IPTC media topics",
            "write medtop: and its eight digits, as in medtop:20000639",
            id="IPTC code outside its blocks",
        ),
        pytest.param(
            {"iptc": ["medtop:18000000"]},
            "iptc[0]",
            "'medtop:18000000' is no code of the IPTC media topics",
            "write medtop: and its eight digits, as in medtop:20000639",
            id="IPTC has 17 topics at the top",
        ),
        pytest.param(
            {"country": "Turkey"},
            "country",
            '"Turkey" is not a country code (ISO 3166, two letters)',
            'write a code such as "UA", "TR" or "GB"',
            id="country in words",
        ),
        pytest.param(
            {"country": "UK"},
            "country",
            '"UK" is not a country code (ISO 3166, two letters)',
            'write "GB"',
            id="country by another code, told as of a source",
        ),
        pytest.param(
            {"country": "QQ"},
            "country",
            '"QQ" is not a country code (ISO 3166, two letters)',
            'write a code such as "UA", "TR" or "GB"',
            id="no such country",
        ),
        pytest.param(
            {"languages": ["English"]},
            "languages[0]",
            '"English" is not a language tag (BCP 47)',
            'write a code such as "en", "uk" or "pt-BR"',
            id="language in words",
        ),
        pytest.param(
            {"languages": ["en", "ua"]},
            "languages[1]",
            '"ua" is not a language tag (BCP 47)',
            'the language is "uk"',
            id="country for a language",
        ),
        pytest.param(
            {"languages": ["zz"]},
            "languages[0]",
            '"zz" is not a language tag (BCP 47)',
            'write a code such as "en", "uk" or "pt-BR"',
            id="no such language",
        ),
        pytest.param(
            {"languages": ["pt-BR"]},
            "languages[0]",
            "'pt-BR' says more than a language",
            'write "pt", which all of it is',
            id="language of a region",
        ),
    ],
)
def test_a_code_that_is_none(topic: dict[str, Any], key: str, what: str, remedy: str) -> None:
    with pytest.raises(ConfigError) as caught:
        compiled(topic)
    (mistake,) = caught.value.mistakes
    assert (mistake.key, mistake.what, mistake.remedy) == (f"topics.energy.{key}", what, remedy)


def test_codes_are_read_in_any_letters() -> None:
    rules = compiled({"country": "tr", "languages": ["EN", "ckb"]})
    assert rules.topics[0].categories == (Category(term="TR", scheme=COUNTRY_SCHEME, label="Energy"),)
    assert rules.by_topic[0].languages == ("ckb", "en")


@pytest.mark.parametrize("code", ["01000000", "17000000", "20000002", "20001410"])
def test_iptc_codes_are_of_its_two_blocks(code: str) -> None:
    assert [c.term for c in compiled({"iptc": [f"medtop:{code}"]}).topics[0].categories] == [code]


def test_iptc_codes_without_labels_carry_the_title() -> None:
    topic = compiled({"title": "Energy", "iptc": ["medtop:20000256"]}).topics[0]
    assert topic.categories == (Category(term="20000256", scheme=IPTC_SCHEME, label="Energy"),)
