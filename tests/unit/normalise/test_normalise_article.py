"""One raw entry becomes one article, or says why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feeds.model import Article, Enclosure, Facts, FeedHead, Image, RawEntry, RawHtml, Rejected, Source
from feeds.normalise.article import LONGEST_FILE, LONGEST_HEADLINE, MOST_NAMES, clean_head, normalise

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SOURCE = Source(name="example", url="https://example.org/feed", language="tr", timezone="Europe/Kyiv")
FACTS = Facts(source=SOURCE, now=NOW)
HEAD = FeedHead(format="rss20", language="uk")
BASE = "https://example.org/feed"
WHOLE = RawEntry(
    guid="tag:example.org,2026:1",
    link="https://www.example.org/a/?utm_source=rss&id=1#top",
    title=RawHtml(value="A &amp; <b>B</b>"),
    summary=RawHtml(value='<p>First <a href="/x">words</a>.</p>'),
    content=RawHtml(value='<p>All the words.</p><img src="i.png">'),
    authors=("Ann",),
    language="en_gb",
    published="2026-11-21T12:00:00",
    updated="2026-11-21T13:00:00Z",
    categories=("World",),
    enclosures=(Enclosure(url="/a.mp3", type="audio/mpeg", length=9),),
    image=Image(url="/a.png", width=600, height=400),
    rights="&copy; Example",
    base=BASE,
    digest=b"12345678",
)


def article(**fields: Any) -> Article:
    item = normalise(replace(WHOLE, **fields), HEAD, FACTS)
    assert isinstance(item, Article), item
    return item


def test_every_field() -> None:
    assert normalise(WHOLE, HEAD, FACTS) == Article(
        source="example",
        guid="tag:example.org,2026:1",
        url="https://www.example.org/a/?utm_source=rss&id=1#top",
        canonical_url="https://example.org/a?id=1",
        title="A & B",
        summary='<p>First <a href="https://example.org/x" rel="nofollow noopener noreferrer">words</a>.</p>',
        content='<p>All the words.</p><img src="https://example.org/i.png">',
        text="All the words.",
        authors=("Ann",),
        language="en-GB",
        published=datetime(2026, 11, 21, 10, 0, tzinfo=UTC),
        updated=datetime(2026, 11, 21, 13, 0, tzinfo=UTC),
        first_seen=NOW,
        image=Image(url="https://example.org/a.png", width=600, height=400),
        enclosures=(Enclosure(url="https://example.org/a.mp3", type="audio/mpeg", length=9),),
        categories=("World",),
        rights="© Example",
        publisher="example.org",
        minutes=1,
        own_page=False,
        digest=b"12345678",
    )


def test_a_title_alone_is_an_article() -> None:
    item = normalise(RawEntry(title=RawHtml(value="Title")), FeedHead(format="rss20"), Facts(source=SOURCE, now=NOW))
    assert isinstance(item, Article)
    assert (item.guid, item.url, item.canonical_url, item.summary, item.content, item.text) == ("",) * 6
    assert (item.published, item.updated, item.image) == (None, None, None)
    assert (item.authors, item.categories, item.enclosures) == ((), (), ())
    assert (item.publisher, item.language, item.minutes) == ("example", "tr", 1)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        pytest.param(RawEntry(title=RawHtml(value="A"), trouble="cut off"), "cut off", id="trouble of the reader"),
        pytest.param(RawEntry(), "it has neither a title nor a text", id="nothing"),
        pytest.param(
            RawEntry(title=RawHtml(value="<b>\u200b</b>"), summary=RawHtml(value="<p> </p>")),
            "it has neither a title nor a text",
            id="nothing that could be seen",
        ),
        pytest.param(
            RawEntry(content=RawHtml(value='<img src="https://example.org/a.png">')),
            "it has neither a title nor a text",
            id="a picture without words",
        ),
    ],
)
def test_rejected(raw: RawEntry, why: str) -> None:
    assert normalise(raw, HEAD, FACTS) == Rejected(
        source="example", why=why, title="A" if raw.title.value == "A" else ""
    )


def test_a_rejected_item_is_named_as_the_article_would_be() -> None:
    item = normalise(replace(WHOLE, trouble="cut off"), HEAD, FACTS)
    assert item == Rejected(
        source="example",
        why="cut off",
        guid="tag:example.org,2026:1",
        url="https://example.org/a?id=1",
        title="A & B",
        digest=b"12345678",
    )
    assert item.item == article().item
    assert normalise(replace(WHOLE, trouble="cut off", guid=""), HEAD, FACTS).item == article(guid="").item


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        pytest.param({"link": "/b"}, "https://example.org/b", id="relative link"),
        pytest.param({"link": "", "guid": "https://example.org/c"}, "https://example.org/c", id="guid is a permalink"),
        pytest.param({"link": "javascript:x", "guid": "http://example.org/c"}, "http://example.org/c", id="bad link"),
        pytest.param({"link": "", "guid": "/c"}, "", id="guid is a path: no permalink"),
        pytest.param({"link": "", "guid": "tag:example.org,2026:1"}, "", id="guid is another URI"),
        pytest.param({"link": "https://example.org/b", "own_page": True}, "", id="page of our own"),
    ],
)
def test_link(fields: dict[str, Any], url: str) -> None:
    assert article(**fields).url == url
    assert bool(article(**fields).canonical_url) == bool(url)


def test_without_an_address_the_source_is_the_publisher() -> None:
    assert article(link="", own_page=True).publisher == "example"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        pytest.param("<p>Short</p><p>text.</p>", "Short text.", id="all of it"),
        pytest.param("a" * LONGEST_HEADLINE, "a" * LONGEST_HEADLINE, id="just short enough"),
        pytest.param("a" * (LONGEST_HEADLINE + 1), "a" * (LONGEST_HEADLINE - 1) + "…", id="one long word"),
        pytest.param("word " * 30, "word " * 16 + "word word…", id="cut between words"),
        pytest.param(f"{'a' * 79} MalcolmX {'b' * 20}", "a" * 79 + " MalcolmX…", id="no letter goes with the sign"),
        pytest.param(f"{'a' * 80} – {'b' * 20}", "a" * 80 + "…", id="no dash before the ellipsis"),
    ],
)
def test_a_title_is_made_of_the_text(text: str, title: str) -> None:
    item = article(title=RawHtml(value=""), content=RawHtml(value=text))
    assert item.title == title
    assert len(item.title) <= LONGEST_HEADLINE
    assert article(title=RawHtml(value=" "), content=RawHtml(value=""), summary=RawHtml(value=text)).title == title


@pytest.mark.parametrize(
    "summary",
    [
        pytest.param("A & B", id="as text"),
        pytest.param("<p>a &amp; b</p>", id="as HTML, other case"),
        pytest.param("«A» – B!", id="other punctuation"),
        pytest.param("<p></p>", id="empty paragraph"),
        pytest.param('<img src="/p.gif" width=1>', id="tracking pixel alone"),
    ],
)
def test_a_summary_that_says_no_more_than_the_title_is_none(summary: str) -> None:
    item = article(summary=RawHtml(value=summary), content=RawHtml(value=""))
    assert (item.summary, item.text) == ("", "")
    assert article(content=RawHtml(value=summary)).content == ""


def test_a_summary_that_repeats_the_title_beside_a_picture_stays() -> None:
    item = article(summary=RawHtml(value='<img src="/a.png">A & B'), content=RawHtml(value=""))
    assert item.summary == '<img src="https://example.org/a.png">A &amp; B'


def test_text_is_of_the_content_else_of_the_summary() -> None:
    assert article().text == "All the words."
    assert article(content=RawHtml(value="")).text == "First words."


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        pytest.param("en", "en", id="language"),
        pytest.param("EN-us", "en-US", id="region"),
        pytest.param("en_US.UTF-8", "en-US", id="locale"),
        pytest.param("zh-hant-tw", "zh-Hant-TW", id="script"),
        pytest.param("es-419", "es-419", id="region by number"),
        pytest.param("sl-ROZAJ", "sl-rozaj", id="variant"),
        pytest.param("kab", "kab", id="three letters"),
        pytest.param("", "uk", id="none: the feed's"),
        pytest.param("English", "uk", id="a name"),
        pytest.param("und", "uk", id="undetermined"),
        pytest.param("en us", "uk", id="two words"),
        pytest.param("<b>", "uk", id="junk"),
    ],
)
def test_language(tag: str, language: str) -> None:
    assert article(language=tag).language == language


def test_a_language_that_nobody_names_is_none() -> None:
    item = normalise(
        replace(WHOLE, language=""), FeedHead(format="rss20"), Facts(source=Source(name="s", url=""), now=NOW)
    )
    assert isinstance(item, Article)
    assert item.language == ""


def test_language_is_inherited_from_the_nearest() -> None:
    texts = {"content": "a", "summary": "b", "title": "c"}
    inner: dict[str, Any] = {
        name: RawHtml(value="x", language=tag) for name, tag in zip(texts, ("fr", "de", "es"), strict=True)
    }
    assert article(**inner).language == "en-GB"
    assert article(**inner, language="").language == "fr"
    plain = RawHtml(value="x")
    assert article(**inner | {"content": plain}, language="").language == "de"
    assert article(**inner | {"content": plain, "summary": plain}, language="").language == "es"
    bare = replace(WHOLE, language="")
    assert normalise(bare, replace(HEAD, language="junk!"), FACTS) == article(language="tr")


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        pytest.param(["Ann Lee"], ("Ann Lee",), id="name"),
        pytest.param(["ann@example.org (Ann Lee)"], ("Ann Lee",), id="RSS"),
        pytest.param(["Ann Lee <ann@example.org>"], ("Ann Lee",), id="mail"),
        pytest.param(["Ann Lee &lt;ann@example.org&gt;"], ("Ann Lee",), id="mail, escaped"),
        pytest.param(["Ann Lee (ann@example.org)"], ("Ann Lee",), id="mail in brackets"),
        pytest.param(["Ann Lee, ann@example.org"], ("Ann Lee",), id="mail and a comma"),
        pytest.param(["mailto:ann@example.org"], (), id="address alone"),
        pytest.param(["https://example.org/ann"], (), id="page alone"),
        pytest.param(["Malcolm X"], ("Malcolm X",), id="one letter"),
        pytest.param(["Ann Lee (AP)"], ("Ann Lee (AP)",), id="agency"),
        pytest.param(["Ann &amp; <i>Bob</i>"], ("Ann & Bob",), id="markup"),
        pytest.param(["Ann", "ANN", "Bob", ""], ("Ann", "Bob"), id="each once, in order"),
        pytest.param([str(n) for n in range(MOST_NAMES + 1)], tuple(str(n) for n in range(MOST_NAMES)), id="too many"),
    ],
)
def test_authors(raw: list[str], names: tuple[str, ...]) -> None:
    assert article(authors=tuple(raw)).authors == names


def test_categories_are_plain_and_distinct() -> None:
    item = article(categories=("Oil &amp; Gas", "oil & gas", "<b>World</b>", " ", "world"))
    assert item.categories == ("Oil & Gas", "World")
    assert len(article(categories=tuple(map(str, range(99)))).categories) == MOST_NAMES


@pytest.mark.parametrize(
    ("one", "kept"),
    [
        pytest.param(
            Enclosure(url="a.mp3", type="Audio/MPEG; q=1", length=1),
            Enclosure(url="https://example.org/a.mp3", type="audio/mpeg", length=1),
            id="relative, parameters",
        ),
        pytest.param(
            Enclosure(url="/a", type=" audio/mpeg ; q=1"),
            Enclosure(url="https://example.org/a", type="audio/mpeg"),
            id="white space around the type",
        ),
        pytest.param(Enclosure(url="javascript:x"), None, id="active"),
        pytest.param(Enclosure(url=""), None, id="empty"),
        pytest.param(
            Enclosure(url="/a", type="<b>", length=-1), Enclosure(url="https://example.org/a"), id="junk and below zero"
        ),
        pytest.param(
            Enclosure(url="/a", length=LONGEST_FILE),
            Enclosure(url="https://example.org/a", length=LONGEST_FILE),
            id="as long as can be",
        ),
        pytest.param(Enclosure(url="/a", length=LONGEST_FILE + 1), Enclosure(url="https://example.org/a"), id="longer"),
    ],
)
def test_enclosures(one: Enclosure, kept: Enclosure | None) -> None:
    assert article(enclosures=(one, one)).enclosures == ((kept,) if kept else ())


def test_several_enclosures_stay_in_order() -> None:
    both = tuple(Enclosure(url=f"https://example.org/{name}") for name in ("b", "a"))
    assert article(enclosures=both).enclosures == both


@pytest.mark.parametrize(
    ("image", "kept"),
    [
        pytest.param(Image(url="a.png"), Image(url="https://example.org/a.png"), id="size unknown"),
        pytest.param(Image(url="/a.png", width=-1), Image(url="https://example.org/a.png"), id="size below zero"),
        pytest.param(Image(url="/a.png", width=1, height=9), None, id="a pixel wide"),
        pytest.param(Image(url="/a.png", width=9, height=1), None, id="a pixel high"),
        pytest.param(Image(url="data:image/png;base64,x"), None, id="data"),
        pytest.param(None, None, id="none"),
    ],
)
def test_image(image: Image | None, kept: Image | None) -> None:
    assert article(image=image).image == kept


@pytest.mark.parametrize(
    ("published", "updated", "claimed"),
    [
        pytest.param("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", "2026-11-20", id="published comes first"),
        pytest.param("", "2026-11-21T00:00:00Z", "2026-11-21", id="Atom need only say when it was updated"),
        pytest.param("soon", "2026-11-21T00:00:00Z", "2026-11-21", id="junk"),
        pytest.param("1970-01-01", "2027-11-21", None, id="both out of range"),
    ],
)
def test_published(published: str, updated: str, claimed: str | None) -> None:
    item = article(published=published, updated=updated)
    assert item.published == (datetime.fromisoformat(claimed).replace(tzinfo=UTC) if claimed else None)


def test_an_article_is_never_dated_later_than_it_was_seen() -> None:
    assert article(published=(NOW + timedelta(hours=3)).isoformat()).dated == NOW


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (329, 1), (331, 2), (2200, 10)])
def test_minutes(words: int, minutes: int) -> None:
    assert article(content=RawHtml(value="x " * words), summary=RawHtml(value="")).minutes == minutes


def test_a_guid_is_kept_as_it_is_but_storable() -> None:
    assert article(guid=" a&amp;b?c=1 ").guid == "a&amp;b?c=1"
    assert article(guid="a\x00\ud800b\n").guid == "ab"
    assert len(article(guid="g" * 5000).guid) == 2000


def test_the_outlet_stays_in_the_title() -> None:
    assert article(title=RawHtml(value="Title - Example")).title == "Title - Example"


def test_what_a_feed_says_of_itself_is_plain_text_and_a_link() -> None:
    head = FeedHead(
        format="atom10",
        title="A &amp; <b>B</b>",
        id="tag:example.org,2026:feed",
        link="HTTPS://example.org/ü",
        language="en-us",
        rights="&copy; <i>Example</i>",
        ttl=900,
    )
    assert clean_head(head) == replace(head, title="A & B", link="https://example.org/%C3%BC", rights="© Example")


@pytest.mark.parametrize("field", ["title", "id", "link", "language", "rights"])
def test_no_field_of_a_head_brings_what_cannot_be_stored(field: str) -> None:
    values: dict[str, Any] = {field: "a\ud800\x00\ufffe"}
    cleaned = getattr(clean_head(replace(HEAD, **values)), field)
    assert cleaned == ("" if field == "link" else "a")
