"""Markdown article files."""

from __future__ import annotations

import pytest

from tests.unit.read.read_samples import MODIFIED, article_of


@pytest.mark.parametrize(
    ("text", "title", "content"),
    [
        pytest.param("# A *fine* title\n\nText.", "A fine title", "<p>Text.</p>", id="the first heading is the title"),
        pytest.param("A title\n=======\n\nText.", "A title", "<p>Text.</p>", id="underlined"),
        pytest.param("Intro.\n\n# Title\n\nText.", "Title", "<p>Intro.</p>\n<p>Text.</p>", id="not on the first line"),
        pytest.param("## Only a section\n\nText.", "", "<h2>Only a section</h2>\n<p>Text.</p>", id="no title"),
        pytest.param("---\ntitle: T\n---\nText.", "T", "<p>Text.</p>", id="front matter"),
        pytest.param("---\r\ntitle: 'T'\r\n---\r\n# T\r\n\r\nText.", "T", "<p>Text.</p>", id="and a heading, the same"),
        pytest.param(
            "---\ntitle: T\n---\n# Other\n\nText.", "T", "<h1>Other</h1>\n<p>Text.</p>", id="and a heading, another"
        ),
        pytest.param("\ufeff\n---\ntitle: T\n---", "T", "", id="nothing but front matter"),
        pytest.param("---\n\n# T", "T", "<hr />", id="a line is no front matter"),
        pytest.param("# T\n\n<b>bold</b> & <i", "T", "<p><b>bold</b> &amp; &lt;i</p>", id="HTML, cleaned later"),
        pytest.param("", "", "", id="nothing"),
    ],
)
def test_title_and_text(text: str, title: str, content: str) -> None:
    entry = article_of(text or "---\n---", suffix="md")
    expected = content or ("" if text else "<hr />\n<hr />")
    assert (entry.title.value, entry.content.value) == (title, expected)


def test_front_matter_says_more_than_a_title() -> None:
    entry = article_of(
        "---\nTitle: T\ndate: 2025-03-01 10:00\nauthor: Ann\nlang: tr\nsummary: S\n---\nText.", suffix="md"
    )
    assert (entry.published, entry.authors, entry.language) == ("2025-03-01 10:00", ("Ann",), "tr")
    assert (entry.summary.value, entry.own_page, entry.guid) == ("S", True, "file:/desk/story.md")


def test_without_a_date_it_is_as_old_as_its_file() -> None:
    assert article_of("# T", suffix="md").published == MODIFIED.isoformat()


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        pytest.param("# T\n\n## S\n\nFirst *words*\nof `two`.\n\nSecond.", "First words of two.", id="first paragraph"),
        pytest.param("# T\n\n![alt](a.png)\n\nText.", "Text.", id="a picture is none"),
        pytest.param("# T\n\n> Quoted.\n\n- item\n\nText.", "Text.", id="nor a quotation, nor a list"),
        pytest.param("# T\n\n- item", "", id="none at all"),
    ],
)
def test_summary(text: str, summary: str) -> None:
    assert article_of(text, suffix="md").summary.value == summary


def test_tables_are_read() -> None:
    content = article_of("# T\n\n| a | b |\n|---|---|\n| 1 | 2 |", suffix="md").content.value
    assert "<td>1</td>" in content
