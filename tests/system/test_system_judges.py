"""Nothing is wrong with what the program publishes: every judge over the samples and over hostile text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.desk import Desk
from tests.hostile import grammar
from tests.hostile.publication import publish
from tests.judges.programs import jing, needs_jing, needs_ruby, ruby
from tests.judges.rules import judged
from tests.origin import Origin

# What readers stumble over, in the scripts that they meet.
MULTILINGUAL = (
    "AT&T < Kyiv > “quotes” 'single' \x0b",
    "Переговори у Києві: «мир» та надія",
    "محادثات في أنقرة حول الحبوب",
    "İstanbul’da ığdır ve Güngören görüşmesi",
    "한국과 우크라이나의 회담 🕊️",
    "יפו ואנקרה: שיחות על התבואה",
    "half a pair \ud83d and a bell \x07",
    "</title><script>alert(1)</script>]]>",
    "&lt;b&gt; written out &amp; escaped twice",
    "1 < 2 && 3 > 2",
)


def feeds_of(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: body for name, body in files.items() if name.endswith((".atom", ".rss", ".json", ".opml"))}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The bundled samples, as `feeds demo` publishes them."""
    desk = Desk(tmp_path_factory.mktemp("samples"), keep="20000d")
    with Origin() as origin:
        desk.take_samples(origin)
        with desk.app() as app:
            list(app.refresh.run())
            assert all(done.entries for done in app.republish.run())
    return feeds_of(desk.files())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Hostile snippets and text of many scripts in every field."""

    def snippet(number: int) -> str:
        return MULTILINGUAL[number // 2 % len(MULTILINGUAL)] if number % 2 else grammar.snippet(number)

    done = publish(tmp_path_factory.mktemp("hostile"), range(80), heads=8, articles=6, snippets=snippet)
    assert done.entries >= 80
    return feeds_of(done.files)


@pytest.mark.parametrize("publication", ["samples", "hostile"])
class TestNothingIsWrong:
    @pytest.fixture
    def files(self, publication: str, request: pytest.FixtureRequest) -> dict[str, bytes]:
        found: dict[str, bytes] = request.getfixturevalue(publication)
        assert {os.path.splitext(name)[1] for name in found} == {".atom", ".rss", ".json", ".opml"}
        assert any("/" in name for name in found), "archives"
        return found

    @pytest.fixture
    def paths(self, files: dict[str, bytes], tmp_path: Path) -> list[Path]:
        paths = []
        for name, body in files.items():
            if name.endswith((".atom", ".rss")):
                paths.append(tmp_path / name.replace("/", "_"))
                paths[-1].write_bytes(body)
        return paths

    def test_by_our_rules(self, files: dict[str, bytes]) -> None:
        assert [(name, finding) for name, body in files.items() for finding in judged(name, body)] == []

    @needs_jing
    def test_by_the_grammar(self, paths: list[Path]) -> None:
        atoms = [path for path in paths if path.suffix == ".atom"]
        assert {path.name: said for path, said in jing(atoms).items() if said} == {}

    @needs_ruby
    def test_by_ruby(self, paths: list[Path]) -> None:
        assert {path.name: said for path, said in ruby(paths).items() if said} == {}
