"""Every key that tomllib knows has a line, that line shows the key, and nothing makes the search fail."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.config.lines import line_of, outline

DOCUMENT = '''\
# a comment = with an equals sign
title = "x" # [not.a.header]
a . b = 1
"quoted key" = """
key = "not a key"
[nor.a.header]
"""
'literal "key"' = \'\'\'
x = 1\'\'\'\'\'
"esc\\u0061pe" = 1979-05-27 07:32:00

[ topics . energy ]
words.10 = [
  "one", # ] a comment
  "two",
  """thr
ee""", ["four", {five = 5}],
]
categories = { oil = 1, "a.b" = { c = [1, 2] } }

[[sources]]
name = "first"
[sources.inner]
x = 1
[[sources]]
  [[sources.parts]]
  y = 1
  [[sources.parts]]
  y = 2
[topics."0.5"]
'''
LINES = {
    "title": 2,
    "a": 3,
    "a.b": 3,
    "quoted key": 4,
    'literal "key"': 8,
    "escape": 10,
    "topics": 12,
    "topics.energy": 12,
    "topics.energy.words": 13,
    "topics.energy.words.10": 13,
    "topics.energy.words.10[0]": 14,
    "topics.energy.words.10[1]": 15,
    "topics.energy.words.10[2]": 16,
    "topics.energy.words.10[3]": 17,
    "topics.energy.words.10[3][0]": 17,
    "topics.energy.words.10[3][1]": 17,
    "topics.energy.words.10[3][1].five": 17,
    "topics.energy.categories": 19,
    "topics.energy.categories.oil": 19,
    "topics.energy.categories.a.b": 19,
    "topics.energy.categories.a.b.c": 19,
    "topics.energy.categories.a.b.c[0]": 19,
    "topics.energy.categories.a.b.c[1]": 19,
    "sources": 21,
    "sources[0]": 21,
    "sources[0].name": 22,
    "sources[0].inner": 23,
    "sources[0].inner.x": 24,
    "sources[1]": 25,
    "sources[1].parts": 26,
    "sources[1].parts[0]": 26,
    "sources[1].parts[0].y": 27,
    "sources[1].parts[1]": 28,
    "sources[1].parts[1].y": 29,
    "topics.0.5": 30,
}


def test_every_form_of_key_has_its_line() -> None:
    tomllib.loads(DOCUMENT)
    assert outline(DOCUMENT).lines == LINES


def test_statements_know_where_they_end() -> None:
    spans = {(s.key, s.first, s.last, s.is_header) for s in outline(DOCUMENT).statements}
    assert {
        ("title", 2, 2, False),
        ("quoted key", 4, 7, False),
        ("topics.energy", 12, 12, True),
        ("topics.energy.words.10", 13, 18, False),
        ("sources[1].parts[0]", 26, 26, True),
    } <= spans
    assert len(spans) == 18


@pytest.mark.parametrize(
    ("key", "line"),
    [
        pytest.param("topics.energy.words.10[1]", 15, id="itself"),
        pytest.param("topics.energy.words.10[9]", 13, id="the list it would be in"),
        pytest.param("topics.energy.need", 12, id="the table it would be in"),
        pytest.param("sources[1].url", 25, id="the source it would be in"),
        pytest.param("sources[7].url", 21, id="the first of its kind"),
        pytest.param("serve.hub", 0, id="nowhere"),
        pytest.param("", 0, id="the whole document"),
    ],
)
def test_a_key_that_is_not_there_is_looked_for_above(key: str, line: int) -> None:
    assert line_of(LINES, key) == line


def test_a_text_that_is_not_closed_is_remembered() -> None:
    assert outline("a = 'b'\nc = 'd\ne = \"f\n").unclosed == 2
    assert outline('a = \'\'\nb = ""\nc = """\n"""').unclosed == 0


# ------------------------------------------------------------------------- generated documents

_names = st.text(alphabet='aZ_-9 é"#=[]\\', min_size=1, max_size=4)
_texts = st.text(alphabet="ab=[]{}#,'\"\\ \n.", max_size=12)
_scalars = st.integers() | st.booleans() | _texts
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3), max_leaves=8
)
_tables = st.dictionaries(
    _names, _values | st.lists(st.dictionaries(_names, _values, max_size=3), max_size=3), max_size=5
)


class Writer:
    """Writes a table as TOML, choosing among the many ways that TOML has."""

    def __init__(self, choose: st.DataObject) -> None:
        self._choose = choose

    def flag(self) -> bool:
        return self._choose.draw(st.booleans())

    def key(self, name: str) -> str:
        bare = re.fullmatch(r"[A-Za-z0-9_-]+", name)
        return name if bare and self.flag() else json.dumps(name, ensure_ascii=False)

    def value(self, value: Any) -> str:
        match value:
            case bool() | int():
                return str(value).lower()
            case str() if "'''" not in value and not value.endswith("'") and self.flag():
                return f"'''\n{value}'''"
            case str() if self.flag():
                return '"""\n' + json.dumps(value)[1:-1].replace("\\n", "\n") + '"""'
            case str():
                return json.dumps(value)
            case list():
                gap = "\n # , ] }\n" if self.flag() else " "
                return "[" + gap + f",{gap}".join(map(self.value, value)) + gap + "]"
            case _:
                return "{ " + ", ".join(f"{self.key(k)} = {self.value(v)}" for k, v in value.items()) + " }"

    def table(self, path: list[str], table: dict[str, Any]) -> Iterator[str]:
        later = []
        for name, value in table.items():
            is_tables = isinstance(value, list) and value and all(isinstance(inner, dict) for inner in value)
            if (isinstance(value, dict) or is_tables) and self.flag():
                later.append((name, value))
            else:
                yield f"{self.key(name)} = {self.value(value)}{' # x = 1' if self.flag() else ''}"
        for name, value in later:
            inner = [*path, self.key(name)]
            for one in value if isinstance(value, list) else [value]:
                header = " . ".join(inner) if self.flag() else ".".join(inner)
                yield f"[[{header}]]" if isinstance(value, list) else f"[{header}]"
                yield from self.table(inner, one)


def keys_of(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every dotted key with the name that must stand on its line; "" for entries of a list."""
    if isinstance(value, dict):
        for name, inner in value.items():
            key = f"{path}.{name}" if path else name
            yield key, name
            yield from keys_of(inner, key)
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield f"{path}[{index}]", ""
            yield from keys_of(inner, f"{path}[{index}]")


@given(table=_tables, choose=st.data())
@settings(max_examples=150)
def test_every_key_has_a_line_that_shows_it(table: dict[str, Any], choose: st.DataObject) -> None:
    text = "\n".join(Writer(choose).table([], table))
    assert tomllib.loads(text) == table
    found = outline(text).lines
    lines = text.split("\n")
    expected = dict(keys_of(table))
    assert set(found) == set(expected)
    for key, name in expected.items():
        shown = lines[found[key] - 1]
        assert name in shown or json.dumps(name, ensure_ascii=False) in shown


@given(st.text(alphabet="ab.=[]{}#,'\"\\ \n\r\t", max_size=60))
@settings(max_examples=300)
def test_whatever_is_written_has_an_outline(text: str) -> None:
    found = outline(text)
    last = text.count("\n") + 1
    assert all(1 <= line <= last for line in found.lines.values())
    ends = [0, *(statement.last for statement in found.statements)]
    assert all(1 <= s.first <= s.last <= last and s.first > end for s, end in zip(found.statements, ends, strict=False))
