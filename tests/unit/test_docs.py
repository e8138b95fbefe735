"""What is told to readers is so: commands, links, transcripts, elements of the feeds; and the shape of the tree."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import click
import pytest

from feeds import errors
from feeds.classify.rules import compile_rules
from feeds.cli import feeds
from feeds.config import load
from feeds.model import Enclosure
from feeds.publish import opml
from feeds.publish.channel import channel
from feeds.publish.topic import render_topic
from tests.unit.publish.publish_samples import SITE, TOPICS, UKRAINE, entry, shown

ROOT = Path(__file__).resolve().parents[2]
MADE = {"node_modules", "mutants", "build", "dist", "var", "public"}  # folders that are not ours to describe
PAGES = sorted(
    page
    for page in ROOT.rglob("*.md")
    if not any(part in MADE or part.startswith(".") for part in page.relative_to(ROOT).parts)
)
MODULES = sorted((ROOT / "feeds").rglob("*.py"))
README, GUIDE, FORMATS = (
    (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/guide.md", "docs/formats.md")
)
LATER = "## Not yet"  # the one section of the README that may name what is not there
HEAVY = {"alembic", "feedparser", "httpx", "jinja2", "lxml", "pydantic", "rich", "sqlalchemy", "uvicorn"}
LONGEST = 400  # lines of a file


def commands(group: click.Group, *above: str) -> Iterator[tuple[str, ...]]:
    """Every command that does something, with the groups above it."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)
        else:
            yield (*above, name)


COMMANDS = [" ".join(["feeds", *command]) for command in commands(feeds)]


def run(*command: str, folder: Path = ROOT) -> str:
    """What a command prints, in an environment of its own."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("FEEDS_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), mine.get("PATH", "")])
    environment = mine | {"PATH": path, "FEEDS_CONFIG": str(ROOT / "config.toml"), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=True, timeout=240
    )
    return done.stdout


# ------------------------------------------------------------------------------------------- commands


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_named_in_the_readme_or_the_guide(command: str) -> None:
    assert re.search(rf"{command}\b", README.replace(LATER, "") + GUIDE)


def test_no_command_is_promised_that_is_not_there() -> None:
    before, _, after = README.partition(LATER)
    told = before + after.partition("\n## ")[2] + GUIDE
    named = re.findall(r"(?:^|[`$/] ?)feeds ((?:[a-z]+ )*[a-z-]+)", told, re.MULTILINE)
    assert len(named) > len(COMMANDS)
    assert [words for words in named if not f"feeds {words} ".startswith(tuple(f"{c} " for c in COMMANDS))] == []


def test_help_lists_all_commands_and_imports_no_vendor() -> None:
    asked = "import sys, feeds.cli; feeds.cli.feeds(['--help'], standalone_mode=False); print('!', *sys.modules)"
    said, _, modules = run(sys.executable, "-c", asked).partition("\n! ")
    assert re.findall(r"^  ([a-z]+)  ", said.partition("Commands:")[2], re.MULTILINE) == sorted(feeds.commands)
    assert "click" in modules.split()
    assert HEAVY & {module.partition(".")[0] for module in modules.split()} == set()


def test_every_exit_code_is_explained() -> None:
    table = README.partition("| exit code |")[2].partition("\n\n")[0]
    codes = {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == codes


def test_every_logged_event_is_explained_to_operators_and_none_that_is_not_there() -> None:
    table = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").partition("| event |")[2].partition("\n\n")[0]
    told = {
        event for first in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE) for event in re.findall(r"`(.+?)`", first)
    }
    code = "\n".join(module.read_text(encoding="utf-8") for module in MODULES)
    logged = set(re.findall(r'\blog\.(?:info|warning|error|exception)\(\s*"([a-z]+\.[a-z]+)"', code))
    for tick in re.findall(r'self\._telling\("([a-z]+)"\)', code):  # the edge of a tick of the daemon
        logged |= {f"{tick}.{end}" for end in ("failing", "crashed", "recovered")}
    assert {"daemon.ready", "rules.changed", "housekeeping.failing"} <= logged
    assert told == logged


# ------------------------------------------------------------------------------------------- examples

EXAMPLES = [
    (command, shown_there)
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for command, shown_there in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    if re.match(r"feeds (?:topics (?:classify|explain)|stories group)\b", command)
]


def test_the_readme_has_an_example() -> None:
    assert EXAMPLES


@pytest.mark.parametrize(("command", "shown_there"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_an_example_prints_what_is_shown(command: str, shown_there: str, tmp_path: Path) -> None:
    printed = run("bash", "-c", command, folder=tmp_path)
    assert [line.rstrip() for line in printed.splitlines()] == shown_there.splitlines()


def test_the_demo_of_the_readme_is_the_demo(tmp_path: Path) -> None:
    printed = {line.rstrip() for line in run("feeds", "demo", "--once", folder=tmp_path).splitlines()}
    (block,) = re.findall(r"```\n(Six hours later.*?)```", README, re.DOTALL)
    assert [line for line in block.splitlines() if line != "  ..." and line not in printed] == []


def test_the_config_of_the_readme_is_right_and_whole(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    (tmp_path / "articles").mkdir()
    settings = load(str(tmp_path / "config.toml"), check_rules=compile_rules)
    assert settings.warnings == ()
    assert settings.rules["topics"] == tomllib.loads(text)["topics"]


# ---------------------------------------------------------------------------------------------- links


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_links_is_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    files = {link.partition("#")[0] for link in links if not re.match(r"[a-z]+:", link)} - {""}
    assert [file for file in files if not (page.parent / file).exists()] == []


def test_the_index_of_decisions_is_complete() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"^- \[(\d{3})\]\((.+)\)", (folder / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [(page.name[:3], page.name) for page in sorted(folder.glob("[0-9]*.md"))]


# -------------------------------------------------------------------------------------------- formats

FULL = replace(
    entry(policy="full", content="<p>All of it.</p>"),
    enclosures=(Enclosure(url="https://a.example.com/talk.mp3", type="audio/mpeg", length=9),),
)
RENDERED = render_topic(SITE, UKRAINE, [FULL], limit=1, all_topics=TOPICS, hubs=("https://hub.example.org/",)).files
PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://www.w3.org/XML/1998/namespace": "xml:",
}


def names(document: bytes) -> set[str]:
    """Every element and attribute, as people write them; of atom:link in RSS too."""
    found = {name for element in ET.fromstring(document).iter() for name in (element.tag, *element.attrib)}
    return {PREFIXES.get(name[1:].partition("}")[0], "") + name.rpartition("}")[2] for name in found}


def keys(value: Any) -> set[str]:
    """Every key of a JSON value, at any depth."""
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set().union(*map(keys, value)) if isinstance(value, list) else set()


OPML = opml.topics("Desk", [channel(SITE, UKRAINE)]) + opml.sources("Desk", [shown().source])
WRITTEN = {
    "Atom": names(RENDERED["ukraine.atom"]),
    "RSS": names(RENDERED["ukraine.rss"]) - {"rss", "version", "href"},
    "JSON Feed": keys(json.loads(RENDERED["ukraine.json"])),
    "OPML": set(re.findall(r' (\w+)="', OPML.decode())) - {"version", "encoding"},
}


@pytest.mark.parametrize("form", WRITTEN)
def test_every_element_of_a_format_is_explained(form: str) -> None:
    section = FORMATS.partition(f"\n## {form}\n")[2].partition("\n## ")[0]
    told = set(re.findall(r"[\w:]+", " ".join(re.findall(r"`([^`]+)`", section))))
    assert WRITTEN[form] - told == set()


# ----------------------------------------------------------------------------------------------- tree


def test_every_module_says_its_job_first() -> None:
    texts = {module: module.read_text(encoding="utf-8") for module in MODULES}
    assert len(texts) > 50
    assert [
        str(module)
        for module, text in texts.items()
        if not (text.startswith('"""') and ast.get_docstring(ast.parse(text)))
    ] == []


def test_no_module_is_too_long_or_has_no_job_of_its_own() -> None:
    assert [str(m) for m in MODULES if len(m.read_text(encoding="utf-8").splitlines()) > LONGEST] == []
    assert [str(m) for m in MODULES if m.stem in {"utils", "util", "helpers", "common", "misc"}] == []
