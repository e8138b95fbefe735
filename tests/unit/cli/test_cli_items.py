"""The names under which an item that the user names may be known."""

from __future__ import annotations

import pytest

from feeds.cli.items import spellings


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
