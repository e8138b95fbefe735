"""The names under which an item that the user names may be known, and what is said of its story."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from feeds.cli.items import spellings, why
from feeds.identify.stories import Stories
from tests.contract.stores import bring
from tests.desk import Desk
from tests.grain import TOLD
from tests.make import article, match


@pytest.mark.parametrize(
    ("item", "name"),
    [
        pytest.param("https://desk.example/article/a-note/", "a-note", id="an article's page, in the browser"),
        pytest.param("article/a-note/", "a-note", id="an article's page, as `why` names it"),
        pytest.param("/srv/public/article/a-note/index.html", "a-note", id="an article's page, its file"),
        pytest.param("https://desk.example/story/01M7WD/", "01M7WD", id="a story's page, in the browser"),
        pytest.param("https://desk.example/story/01M7WD/?from=mail#top", "01M7WD", id="a story's page, as mail has it"),
        pytest.param("story/01M7WD", "01M7WD", id="a story's page, as the site has it"),
        pytest.param("https://WWW.paper.example/1/?utm_source=rss", "https://paper.example/1", id="an address"),
    ],
)
def test_an_item_is_known_by_what_its_page_is_named_by(item: str, name: str) -> None:
    assert name in spellings(item)
    assert item in spellings(item)


@pytest.mark.parametrize("item", ["https://paper.example/my-story/1", "history/1", "https://paper.example/story/a/b"])
def test_what_is_no_page_of_ours_has_no_other_name(item: str) -> None:
    assert not {"1", "a", "b"} & set(spellings(item))


def test_of_an_article_is_said_in_which_topics_its_story_stands_and_for_what_others_joined_it(tmp_path: Path) -> None:
    desk, stories = Desk(tmp_path, sources={name: f"https://{name}.example/feed" for name in TOLD}), Stories()
    topics = {"alpha": (match("grain"),), "beta": (match("grain", 30.0), match("rain")), "gamma": ()}
    with desk.app() as app:
        for name, (title, text) in TOLD.items():
            bring(app.store, name, article(name, "1", title, text=text, topics=topics[name]), stories=stories)
    said = CliRunner().invoke(why, ["https://alpha.example/1"], obj=str(desk.config)).output.splitlines()
    at = next(number for number, line in enumerate(said) if line.startswith("  with "))
    assert [line.partition(", likeness ")[0] for line in said[at:]] == [
        f"  with      article 2 of beta: {TOLD['beta'][0]}",
        "            which joined article 1",
        f"  with      article 3 of gamma: {TOLD['gamma'][0]}",
        "            which joined article 1",
        "  topic     grain 12 of 10: grain (title, 12)",
        "  topic     grain 30 of 10, through article 2 of beta: grain (title, 30)",
        "  topic     rain 12 of 10, through article 2 of beta: rain (title, 12)",
    ]
    said = CliRunner().invoke(why, ["https://gamma.example/1"], obj=str(desk.config)).output.splitlines()
    assert [line.partition(" of ")[0] for line in said if line.startswith("  topic")] == [
        "  topic     grain 30", "  topic     rain 12",
    ]  # fmt: skip
