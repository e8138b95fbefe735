"""`feeds topics explain` shows every kind of reason, of a stored article and of a text with what is known beside it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from feeds.cli.topics import explain
from tests.desk import Desk
from tests.make import article, deciding, poll

TOPICS = """
[topics.fire]
languages = ["en"]
[topics.fire.words]
10 = ["fire*"]
[topics.mine]
always = ["daily"]
[topics.oil]
categories = { "energy" = 10 }
sources = { "daily.example" = 4 }
[topics.tr]
country = "TR"
home = 10
abroad = ["norway"]
"""
SOURCE = '[[sources]]\nname = "daily"\nurl = "https://daily.example/feed"\ncountry = "TR"\nlanguage = "tr"\n'


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path, more=SOURCE, topics=TOPICS)
    monkeypatch.setenv("FEEDS_NOW", desk.now.isoformat())
    return desk


def said(desk: Desk, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(explain, arguments, obj=str(desk.config))
    if code:
        assert done.exception is not None
        return str(done.exception)
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        pytest.param(("--source", "daily"), "in tr 10 of 10: TR (country, 10)", id="home country of the source"),
        pytest.param(("--source", "daily"), "in mine 10 of 10: daily (always, 10)", id="always"),
        pytest.param(("--source", "daily"), "out oil 4 of 10: daily.example (source, 4)", id="its domain"),
        pytest.param(("--source", "daily"), "out fire 0 of 10: fire* (title, 20), tr (language, -20)", id="language"),
        pytest.param(("--category", "Energy"), "in oil 10 of 10: energy (category, 10)", id="category"),
        pytest.param(("--category", "x", "--category", "energy"), "energy (category, 10)", id="the best category"),
        pytest.param(("--language", "tr"), "fire* (title, 20), tr (language, -20)", id="language of a text"),
        pytest.param(("--source", "daily", "--language", "en"), "in fire 20 of 10", id="its own language prevails"),
        pytest.param((), "out tr 0 of 10: no word of it", id="nothing known"),
    ],
)
def test_what_is_known_beside_a_text(desk: Desk, arguments: tuple[str, ...], reason: str) -> None:
    assert reason in said(desk, "--title", "Fire in a school", *arguments)


def test_a_stored_article_is_explained_as_it_was_seen(desk: Desk) -> None:
    with desk.app() as app:
        (job,) = app.store.claim(desk.now, limit=1, lease=timedelta(minutes=10), only=["daily"])
        one = article("daily", "1", "Fire in a school", text="It was put out.", language="tr", categories=("Energy",))
        app.store.apply(poll(job, one), deciding())
    for name in ("https://daily.example/1", "https://www.daily.example/1?utm_source=x", "1"):
        assert said(desk, name) == (
            "2026-11-20 11:00 UTC daily: Fire in a school"
            " out fire 0 of 10: fire* (title, 20), tr (language, -20)"
            " in mine 10 of 10: daily (always, 10)"
            " in oil 14 of 10: energy (category, 10), daily.example (source, 4)"
            " in tr 10 of 10: TR (country, 10)"
        )
    assert "has its own" in said(desk, "1", "--category", "Energy", code=2)
    assert said(desk, "--title", "1", "1").startswith("out fire"), "beside a title a number is a text"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param((), "nothing to explain", id="nothing"),
        pytest.param(("--source", "dayly"), "there is no source 'dayly'; did you mean 'daily'?", id="source"),
        pytest.param(("--title", "x", "--language", "ua"), 'the language is "uk"', id="language"),
        pytest.param(("https://daily.example/9",), "no article is stored under https://daily.example/9", id="address"),
    ],
)
def test_what_cannot_be_explained(desk: Desk, arguments: tuple[str, ...], words: str) -> None:
    with desk.app() as app:
        assert app.store.why(["x"]) == ()
    assert words in said(desk, *arguments, code=2)
