"""HTML article files."""

from __future__ import annotations

import pytest

from feeds.model import Image
from feeds.read.article_html import MOST_TAGS, linked_feeds
from tests.unit.read.read_samples import MODIFIED, URL, article_of, feed_of

META = (
    '<html lang="tr"><head><title>Window title</title><meta property="og:title" content="Shared title">'
    '<meta property="article:published_time" content="2025-03-01T10:00:00+03:00">'
    '<meta property="article:modified_time" content="2025-03-02T10:00:00+03:00">'
    '<meta name="Author" content="Ann"><meta name="description" content="In short">'
    '<meta property="og:image" content="https://a.example/i.jpg"><link rel="canonical" href="https://a.example/story">'
    "</head>"
)


def test_what_a_page_says_of_itself() -> None:
    entry = article_of(META + "<body><article><h1> The <i>story</i></h1><p>Text.</p></article></body>", suffix="html")
    assert (entry.title.value, entry.content.value) == ("The story", "<p>Text.</p>")
    assert (entry.published, entry.updated) == ("2025-03-01T10:00:00+03:00", "2025-03-02T10:00:00+03:00")
    assert (entry.authors, entry.language, entry.summary.value) == (("Ann",), "tr", "In short")
    assert entry.image == Image(url="https://a.example/i.jpg")
    assert entry.content.base == "https://a.example/story"
    assert (entry.own_page, entry.link, entry.guid) == (True, "", "file:/desk/story.html")


@pytest.mark.parametrize(
    ("page", "title"),
    [
        pytest.param("<h1>Site</h1><article><h1>Story</h1></article>", "Story", id="the heading of the article"),
        pytest.param(META + "<article><h1> </h1><p>x</p></article>", "Shared title", id="an empty heading"),
        pytest.param("<title>Window\n title</title><p>x</p>", "Window title", id="the title of the window"),
        pytest.param("<p>x</p>", "", id="none"),
    ],
)
def test_title(page: str, title: str) -> None:
    assert article_of(page, suffix="html").title.value == title


@pytest.mark.parametrize(
    ("page", "content"),
    [
        pytest.param("<main><p>Main</p></main><p>Else</p>", "<p>Main</p>", id="main"),
        pytest.param("<p>All</p>", "<p>All</p>", id="the body"),
        pytest.param(
            "<article>Teaser</article><article><p>The long one</p></article>",
            "<p>The long one</p>",
            id="longest article",
        ),
        pytest.param(
            "<nav>n<nav>n</nav></nav><header><nav>n</nav><h1>T</h1></header><p>Text</p><script>s()</script><style>s</style>"
            "<aside>a<aside>a</aside></aside><form>f</form><footer>f</footer>",
            "<p>Text</p>",
            id="without what surrounds it",
        ),
    ],
)
def test_text(page: str, content: str) -> None:
    assert article_of(page, suffix="html").content.value == content


def test_dates_and_summaries_of_last_resort() -> None:
    entry = article_of("<p> </p><p>First.</p><time datetime='2025-03-01'>a day</time>", suffix="html")
    assert (entry.published, entry.summary.value) == ("2025-03-01", "First.")
    assert article_of("<p>x</p>", suffix="html").published == MODIFIED.isoformat()


@pytest.mark.parametrize(
    ("head", "language"),
    [('<meta charset="windows-1251">', ""), ("", "uk"), ("", "")],
    ids=["declared", "known", "seen"],
)
def test_encodings_of_pages(head: str, language: str) -> None:
    page = f"<html><head>{head}</head><body><h1>Переговори про зерно</h1></body></html>".encode("cp1251")
    assert article_of(page, suffix="html", language=language).title.value == "Переговори про зерно"


@pytest.mark.parametrize(
    ("tag", "cuts"),
    [
        pytest.param("<i>a</i>" * (MOST_TAGS // 2 - 2), {}, id="as many tags as may be"),
        pytest.param("<i>a</i>" * MOST_TAGS, {"tags": 1}, id="too many side by side"),
        pytest.param("<div>" * 100_000, {"tags": 1}, id="too many inside one another: 162 s without an end"),
        pytest.param("<article>" * MOST_TAGS, {"tags": 1}, id="each an article"),
    ],
)
def test_a_page_has_an_end_and_what_is_behind_it_is_counted(tag: str, cuts: dict[str, int]) -> None:
    feed = feed_of(f"<h1>Kyiv</h1><p>Trains run.</p>{tag}", url="file:/desk/story.html")
    assert feed.cuts == cuts
    page = "<link rel=alternate type=application/rss+xml href=/f>" + tag
    assert linked_feeds(page, URL) == ("https://news.example/f",)
