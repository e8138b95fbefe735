"""Feeds of a list become sources: named, quoted, once each; and the configuration is never left half written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.config import load
from feeds.config.additions import additions, append
from feeds.errors import ConfigError
from feeds.model import Outline

HEAD = """[site]
title = "Desk"
url = "https://desk.example/"
authority = "desk.example,2026"
contact = "mailto:desk@desk.example"

[[sources]]
name = "varta"
url = "https://varta.example/rss"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(HEAD, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("outline", "name"),
    [
        pytest.param(Outline(url="https://a.example/f", title="The Harbour News"), "the-harbour-news", id="the title"),
        pytest.param(Outline(url="https://a.example/f", title="Çağdaş Işık"), "cagdas-isik", id="without diacritics"),
        pytest.param(Outline(url="https://www.varta-news.example/f", title="Варта"), "varta-news", id="else the host"),
        pytest.param(Outline(url="https://feeds.bbc.example/f"), "bbc", id="without what feeds are called"),
        pytest.param(Outline(url="https://varta.other/f", title="Varta"), "varta-2", id="a name that is taken"),
        pytest.param(Outline(url="https://[::1]/f"), "source", id="neither"),
        pytest.param(Outline(url="https://a.example/f", title="x" * 300), "x" * 60, id="a long one"),
    ],
)
def test_names(file: Path, outline: Outline, name: str) -> None:
    found = additions([outline], load(str(file)))
    assert found.names == (name,)


def test_a_list_is_added_once(file: Path) -> None:
    outlines = [
        Outline(url="https://varta.example/rss", title="Varta"),
        Outline(url="https://a.example/f", title='The "Harbour" \\ News\x7f', language="uk"),
        Outline(url="https://b.example/f", title="Other", language="uk_UA"),
        Outline(url="https://a.example/f", title="Again"),
        Outline(url="https://bad host/f"),
    ]
    found = additions(outlines, load(str(file)))
    assert (found.names, found.known) == (("the-harbour-news", "other"), 2)
    assert [url for url, _ in found.refused] == ["https://bad host/f"]
    assert "space" in found.refused[0][1]
    append(str(file), found.text, load)
    assert file.read_text(encoding="utf-8").startswith(HEAD + "\n[[sources]]\nname = ")
    added = load(str(file)).sources[1:]
    assert [(s.name, s.title, s.url, s.language) for s in added] == [
        ("the-harbour-news", 'The "Harbour" \\ News', "https://a.example/f", "uk"),
        ("other", "Other", "https://b.example/f", ""),
    ]
    again = additions(outlines, load(str(file)))
    assert (again.names, again.known, again.text) == ((), 4, "")


@given(st.text(max_size=30), st.text(max_size=10), st.text(alphabet="abc./:@?#[] %é", max_size=20))
def test_whatever_a_list_says_the_configuration_loads(title: str, language: str, rest: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.toml"
        file.write_text(HEAD, encoding="utf-8")
        outline = Outline(url=f"https://a.example/{rest}", title=title, language=language)
        found = additions([outline], load(str(file)))
        append(str(file), found.text, load)
        assert len(load(str(file)).sources) == 1 + len(found.names)
        assert len(found.names) + len(found.refused) == 1


def test_a_file_without_a_last_line_end_gets_one(file: Path) -> None:
    file.write_text(HEAD.rstrip("\n"), encoding="utf-8")
    append(str(file), '\n[[sources]]\nname = "x"\nurl = "https://x.example/"\n', load)
    assert len(load(str(file)).sources) == 2


def test_mode_and_link_stay(file: Path) -> None:
    file.chmod(0o640)
    link = file.with_name("link.toml")
    link.symlink_to(file)
    append(str(link), "# more\n", load)
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8").endswith("# more\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_what_would_be_wrong_is_not_written(file: Path) -> None:
    with pytest.raises(ConfigError):
        append(str(file), "nonsense\n", load)
    assert file.read_text(encoding="utf-8") == HEAD
    assert os.listdir(file.parent) == ["config.toml"]
