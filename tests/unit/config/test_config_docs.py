"""docs/configuration.md knows every key, and its example is right."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from feeds.config import load
from feeds.config.schema import TABLES

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
CONTRACT = ROOT.parent / "shared" / "CONTRACT.md"
KEYS = [(table, key) for table, model in TABLES.items() for key in model.model_fields]


def example(text: str) -> str:
    """The first TOML block."""
    return text.partition("```toml\n")[2].partition("```")[0]


def section(table: str) -> str:
    header = "[[sources]]" if table == "sources" else f"[{table}]"
    return TEXT.partition(f"\n## {header}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize(("table", "key"), KEYS, ids=[f"{table}.{key}" for table, key in KEYS])
def test_every_key_has_a_row(table: str, key: str) -> None:
    row = re.search(rf"^\| `{key}` \|(.*)\|$", section(table), re.MULTILINE)
    assert row, f"{table}.{key} is not documented"
    default, meaning, shown = (cell.strip() for cell in re.split(r"(?<!\\)\|", row[1]))
    assert meaning
    tomllib.loads(f"{key} = {shown.strip('`')}")
    if match := re.fullmatch(r"`(.*)`", default):
        tomllib.loads(f"{key} = {match[1]}")


def test_no_row_is_about_a_key_that_is_gone() -> None:
    rows = [(table, key) for table in TABLES for key in re.findall(r"^\| `(\w+)` \|", section(table), re.MULTILINE)]
    assert rows == KEYS


def test_the_example_loads_and_shows_every_key_but_secrets(tmp_path: Path) -> None:
    text = example(TEXT)
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    assert load(str(file)).warnings == ()
    tables = tomllib.loads(text)
    shown = {(name, key) for name, table in tables.items() if isinstance(table, dict) for key in table}
    shown |= {("sources", key) for source in tables["sources"] for key in source}
    assert {(table, key) for table, key in KEYS if not key.endswith("_file")} - shown == set()


@pytest.mark.skipif(not CONTRACT.exists(), reason="the contract lies beside the repository, and it is not there")
def test_the_contract_loads_and_is_documented(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(example(CONTRACT.read_text(encoding="utf-8")), encoding="utf-8")
    settings = load(str(file))
    assert (settings.warnings, settings.sources[0].name) == ((), "kyiv-independent")


def test_documented_defaults_are_the_defaults(tmp_path: Path) -> None:
    site = 'title = "a"\nurl = "https://a.example/"\nauthority = "a.example,2026"\ncontact = "https://a.example/"\n'
    source = 'name = "a"\nurl = "https://a.example/feed"\n'
    silent, told = [], []
    for table in TABLES:
        header = "[[sources]]" if table == "sources" else f"[{table}]"
        needed = {"site": site, "sources": source}.get(table, "")
        defaults = re.findall(r"^\| `(\w+)` \| `([^|`]*)` \|", section(table), re.MULTILINE)
        silent.append(f"{header}\n{needed}")
        told.append(f"{header}\n{needed}" + "".join(f"{key} = {default}\n" for key, default in defaults))
    assert len("".join(told).splitlines()) > len("".join(silent).splitlines()) + 15
    file = tmp_path / "config.toml"
    loaded = []
    for text in (silent, told):
        file.write_text("".join(text), encoding="utf-8")
        loaded.append(replace(load(str(file)), lines={}))
    assert loaded[0] == loaded[1]
