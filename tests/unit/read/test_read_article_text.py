"""The rules of plain-text articles, each by itself; whole articles are among the fixtures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.read.read_samples import DATA, MODIFIED, article_of

HEAD = "2025-02-27 09:02:00\nThe title\n"
LONG = "A paragraph that ends as a sentence does."


def content_of(text: str) -> str:
    return article_of(HEAD + text).content.value


@pytest.mark.parametrize(
    ("first", "timezone", "published"),
    [
        pytest.param("2025-02-27 09:02:00", "UTC", "2025-02-27T09:02:00+00:00", id="as the samples have it"),
        pytest.param("2025-02-27 09:02", "Europe/Istanbul", "2025-02-27T09:02:00+03:00", id="in the source's zone"),
        pytest.param("2025-07-01 09:02", "Europe/Kyiv", "2025-07-01T09:02:00+03:00", id="in summer time"),
        pytest.param("2025-02-27T09:02:00Z", "Europe/Istanbul", "2025-02-27T09:02:00+00:00", id="a zone of its own"),
        pytest.param("2025-02-27 09:02:00 UTC", "Europe/Istanbul", "2025-02-27T09:02:00+00:00", id="UTC in words"),
        pytest.param("2025-02-27 09:02:00 +0300", "UTC", "2025-02-27T09:02:00+03:00", id="an offset after a space"),
        pytest.param("\ufeff 2025-02-27", "UTC", "2025-02-27T00:00:00+00:00", id="a bare day after a mark"),
        pytest.param("27.02.2025 09:02", "UTC", "2025-02-27T09:02:00+00:00", id="day first"),
        pytest.param("27.02.2025, 09:02", "UTC", "2025-02-27T09:02:00+00:00", id="with a comma"),
        pytest.param("February 27, 2025", "UTC", "2025-02-27T00:00:00+00:00", id="in English"),
        pytest.param("Thu, 27 Feb 2025 09:02:00 +0200", "UTC", "2025-02-27T09:02:00+02:00", id="RFC 822"),
    ],
)
def test_the_first_line_is_a_timestamp(first: str, timezone: str, published: str) -> None:
    entry = article_of(f"{first}\n\nThe title\nText.", timezone=timezone)
    assert (entry.published, entry.title.value, entry.content.value) == (published, "The title", "<p>Text.</p>")


@pytest.mark.parametrize("first", ["The year 2025", "2025", "31.02.2025", "Tomorrow at 9:00", "x" * 100])
def test_without_a_timestamp_it_is_as_old_as_its_file(first: str) -> None:
    entry = article_of(f"{first}\nText.")
    assert (entry.published, entry.title.value) == (MODIFIED.isoformat(), first)


def test_what_every_article_file_is() -> None:
    entry = article_of(HEAD + LONG)
    assert (entry.guid, entry.link, entry.own_page) == ("file:/desk/story.txt", "", True)
    assert (entry.summary.value, entry.summary.plain, entry.title.plain) == (LONG, True, True)


@pytest.mark.parametrize(
    ("text", "title", "summary", "content"),
    [
        pytest.param("Only a title", "Only a title", "", "", id="only a title"),
        pytest.param("2025-02-27", "", "", "", id="only a timestamp"),
        pytest.param(HEAD + "Table of Contents\n- One\n", "The title", "", "", id="only a list of contents"),
        pytest.param("\r\n\r\nT\r\n\r\nText.\r\n", "T", "Text.", "<p>Text.</p>", id="CRLF and blank lines"),
        pytest.param("T\rText.", "T", "Text.", "<p>Text.</p>", id="CR alone"),
        pytest.param("T\n\tText\t and\u00a0 more.", "T", "Text and more.", "<p>Text and more.</p>", id="tabs"),
        pytest.param("T\n- one\n- two", "T", "one", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>", id="only a list"),
        pytest.param("T\nT\nText.", "T", "Text.", "<p>Text.</p>", id="the title twice"),
        pytest.param("T\n-----\nText.\n* * *\n", "T", "Text.", "<p>Text.</p>", id="lines without words"),
        pytest.param("T\n<b>&amp;", "T", "<b>&amp;", "<p>&lt;b&gt;&amp;amp;</p>", id="what looks like HTML is text"),
    ],
)
def test_odd_files(text: str, title: str, summary: str, content: str) -> None:
    entry = article_of(text)
    assert (entry.title.value, entry.summary.value, entry.content.value) == (title, summary, content)


@pytest.mark.parametrize(
    ("encoding", "language", "word"),
    [
        ("utf-16", "", "Переговори про зерно"),
        ("cp1251", "", "Переговори про зерно"),
        ("cp1252", "", "Un café à Genève, déjà vu"),
        ("cp1254", "tr", "Görüşmeler İstanbul’da başladı"),
        ("cp1250", "pl", "Żółta łódź"),
        ("cp1256", "ar", "محادثات"),
    ],
)
def test_encodings_of_text_files(encoding: str, language: str, word: str) -> None:
    assert article_of(f"{word}\n{word}.".encode(encoding), language=language).title.value == word


@pytest.mark.parametrize(
    ("text", "content"),
    [
        pytest.param(f"Short line\n{LONG}", f"<h3>Short line</h3>\n<p>{LONG}</p>", id="a sub-heading"),
        pytest.param("Short line\n- item", "<h3>Short line</h3>\n<ul>\n<li>item</li>\n</ul>", id="before a list"),
        pytest.param(f"Is it?\n{LONG}", f"<h3>Is it?</h3>\n<p>{LONG}</p>", id="outside a FAQ a question is a heading"),
        pytest.param(f"It is.\n{LONG}", f"<p>It is.</p>\n<p>{LONG}</p>", id="a closing full stop"),
        pytest.param(f"(It is.)\n{LONG}", f"<p>(It is.)</p>\n<p>{LONG}</p>", id="a full stop before a bracket"),
        pytest.param(f"{'x' * 90}\n{LONG}", f"<h3>{'x' * 90}</h3>\n<p>{LONG}</p>", id="90 characters"),
        pytest.param(f"{'x' * 91}\n{LONG}", f"<p>{'x' * 91}</p>\n<p>{LONG}</p>", id="91 characters"),
        pytest.param(f"{LONG}\nShort line", f"<p>{LONG}</p>\n<p>Short line</p>", id="nothing follows"),
        pytest.param(f"One\nTwo\n{LONG}", f"<p>One</p>\n<h3>Two</h3>\n<p>{LONG}</p>", id="a heading follows"),
        pytest.param("Pros:\n- a", "<h3>Pros:</h3>\n<ul>\n<li>a</li>\n</ul>", id="a colon before a list"),
        pytest.param(f"Result:\n{LONG}", f"<h3>Result:</h3>\n<p>{LONG}</p>", id="a colon, but no list"),
        pytest.param(f"Not this: {LONG}", f"<p>Not this: {LONG}</p>", id="one turn alone is no interview"),
        pytest.param(
            "Ann Lee: Why?\nBo: Because",
            "<p><strong>Ann Lee:</strong> Why?</p>\n<p><strong>Bo:</strong> Because</p>",
            id="two turns are",
        ),
        pytest.param(
            f"Talk\nАнна: Чому?\nБо: {LONG}",
            f"<h3>Talk</h3>\n<p><strong>Анна:</strong> Чому?</p>\n<p><strong>Бо:</strong> {LONG}</p>",
            id="a heading over an interview",
        ),
        pytest.param(
            f"Live: The Talk\nAnn: Why?\nBo: {LONG}\nAnn: So\nAfter: The Wait\n{LONG}",
            f"<h3>Live: The Talk</h3>\n<p><strong>Ann:</strong> Why?</p>\n<p><strong>Bo:</strong> {LONG}</p>\n"
            f"<p><strong>Ann:</strong> So</p>\n<h3>After: The Wait</h3>\n<p>{LONG}</p>",
            id="headings with a colon around an interview",
        ),
        pytest.param(
            "Where: Kyiv\nWhen: Friday",
            "<p><strong>Where:</strong> Kyiv</p>\n<p><strong>When:</strong> Friday</p>",
            id="facts in a row look the same",
        ),
        pytest.param(
            "https://a.example: a page.\nAt 9:30 we met.",
            "<p>https://a.example: a page.</p>\n<p>At 9:30 we met.</p>",
            id="colons that name nobody",
        ),
        pytest.param("“Yes,” she said.", "<blockquote><p>“Yes,” she said.</p></blockquote>", id="a quotation"),
        pytest.param(f"“Yes”\n{LONG}", f"<blockquote><p>“Yes”</p></blockquote>\n<p>{LONG}</p>", id="a short quotation"),
        pytest.param(f"“Yes” to talks\n{LONG}", f"<h3>“Yes” to talks</h3>\n<p>{LONG}</p>", id="a heading that quotes"),
        pytest.param(f'"Yes," he said.\n{LONG}', f'<p>"Yes," he said.</p>\n<p>{LONG}</p>', id="typewriter quotes"),
        pytest.param("- a\n* b\n• c\n– d", "<ul>\n<li>a</li>\n<li>b</li>\n<li>c</li>\n<li>d</li>\n</ul>", id="bullets"),
        pytest.param(f"Contents\n{LONG}", f"<h3>Contents</h3>\n<p>{LONG}</p>", id="a list of contents that is none"),
        pytest.param("-5 degrees.\n*note*.", "<p>-5 degrees.</p>\n<p>*note*.</p>", id="what is no bullet"),
        pytest.param(
            f"FAQ\nWho?\nWe.\nWhy?\nLater\n{LONG}",
            f"<h3>FAQ</h3>\n<dl>\n<dt>Who?</dt>\n<dd><p>We.</p></dd>\n<dt>Why?</dt>\n</dl>\n<h3>Later</h3>\n<p>{LONG}</p>",
            id="a FAQ ends with the next heading",
        ),
        pytest.param(
            f"The delegates stayed at the table until long after midnight, and\nthen left. {LONG}",
            f"<p>The delegates stayed at the table until long after midnight, and then left. {LONG}</p>",
            id="a line broken for want of room",
        ),
        pytest.param(f"eBay\n{LONG}", f"<h3>eBay</h3>\n<p>{LONG}</p>", id="a heading in lower case"),
    ],
)
def test_lines_without_a_list_of_contents(text: str, content: str) -> None:
    assert content_of(text) == content


def test_a_list_of_contents_makes_sections() -> None:
    content = content_of(
        "Contents:\n\n• The Title\n• It’s First.\n• Second: a FAQ\n• Never comes\n"
        f"{LONG}\nit's first.\nshort\n{LONG}\nSecond: a FAQ\nInside\n{LONG}\nReally?\n- Yes\n"
    )
    assert content == (
        f"<p>{LONG}</p>\n<h2>it's first.</h2>\n<h3>short</h3>\n<p>{LONG}</p>\n<h2>Second: a FAQ</h2>\n<h3>Inside</h3>\n"
        f"<p>{LONG}</p>\n<dl>\n<dt>Really?</dt>\n<dd><ul>\n<li>Yes</li>\n</ul></dd>\n</dl>"
    )


def test_contents_further_down_are_a_part_of_the_text() -> None:
    text = "\n".join([LONG] * 6)
    assert content_of(f"{text}\nContents\n- Nails\n- Glue").endswith(
        "<h3>Contents</h3>\n<ul>\n<li>Nails</li>\n<li>Glue</li>\n</ul>"
    )


def test_one_speaker_has_one_name() -> None:
    content = content_of("Dr.Ann lee: A\nDr. Ann Lee: B\ndr. Ann Lee: C\nDr. Ann Lee: D")
    assert re.findall("<strong>(.*?)</strong>", content) == ["Dr. Ann Lee:"] * 4


SEED = sorted((DATA.parent / "seeds").glob("*.txt"))


@pytest.mark.skipif(not SEED, reason="the sample article is not in ../shared/seeds")
def test_the_sample_article() -> None:
    entry = article_of(Path(SEED[0]).read_bytes())
    html = entry.content.value

    def inside(tag: str) -> list[str]:
        return re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)

    assert entry.published == "2025-02-27T09:02:00+00:00"
    assert entry.title.value.startswith("The Complex Dance of Diplomacy")
    assert entry.summary.value.startswith("The geopolitical landscape")
    assert (inside("h2")[0], len(inside("h2"))) == ("The Istanbul Meeting: A Diplomatic Turning Point?", 12)
    assert len(inside("h3")) == 7
    assert [html.count(f"<{tag}>") for tag in ("ul", "li", "dl", "dt", "dd", "blockquote")] == [3, 8, 1, 3, 3, 1]
    assert set(inside("strong")) == {"Time.news Editor:", "Dr. Anya Sharma:"}
    assert len(inside("strong")) == 16
    assert "Table of Contents" not in html
    assert "<h3>Pros:</h3>\n<ul>" in html
