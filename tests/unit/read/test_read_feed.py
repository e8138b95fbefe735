"""What is taken from RSS and Atom: each row is something that real feeds do."""

from __future__ import annotations

import xml.sax
from typing import Any

import feedparser.api
import pytest

from feeds.model import Enclosure, Image, RawEntry, RawHtml
from feeds.read.saxdriver import BufferedExpatParser
from tests.unit.read.read_samples import atom, feed_of, rss

MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'


def entry_of(body: str, **more: Any) -> RawEntry:
    (entry,) = feed_of(body, **more).entries
    return entry


@pytest.mark.parametrize(
    ("body", "guid", "link"),
    [
        pytest.param(
            rss("<guid>http://a.example/1</guid>"), "http://a.example/1", "http://a.example/1", id="guid is a permalink"
        ),
        pytest.param(
            rss("<guid>http://a.example/1</guid><link/>"),
            "http://a.example/1",
            "http://a.example/1",
            id="link is empty",
        ),
        pytest.param(
            rss("<link/><guid>http://a.example/1</guid>"), "http://a.example/1", "http://a.example/1", id="empty, first"
        ),
        pytest.param(
            rss('<guid isPermaLink="false">http://a.example/1</guid>'), "http://a.example/1", "", id="no permalink"
        ),
        pytest.param(
            rss("<link>http://a.example/2</link><guid>1</guid>"), "1", "http://a.example/2", id="guid is not resolved"
        ),
        pytest.param(rss("<guid>1</guid>"), "1", "", id="a number is no permalink, though it may claim to be one"),
        pytest.param(rss("<link>/2</link>"), "", "https://news.example/2", id="a relative link is resolved"),
        pytest.param(rss("<title>t</title>"), "", "", id="neither"),
        pytest.param(atom("<id>tag:a,1:1</id>"), "tag:a,1:1", "", id="a tag URI is never a link"),
        pytest.param(
            atom('<id>u</id><link rel="alternate" type="text/plain" href="/x.txt"/>'),
            "u",
            "https://news.example/x.txt",
            id="an alternate that is not HTML",
        ),
        pytest.param(
            atom('<id>u</id><link rel="self" href="/self"/><link href="/page"/>'),
            "u",
            "https://news.example/page",
            id="self is not the page",
        ),
        pytest.param(
            rss(
                "<link>http://feedproxy.google.com/~r/x</link><f:origLink>http://a.example/1</f:origLink>",
                root='xmlns:f="http://rssnamespace.org/feedburner/ext/1.0"',
            ),
            "",
            "http://a.example/1",
            id="the link before FeedBurner took it",
        ),
    ],
)
def test_guid_and_link(body: str, guid: str, link: str) -> None:
    entry = entry_of(body)
    assert (entry.guid, entry.link) == (guid, link)


@pytest.mark.parametrize(
    ("body", "published", "updated"),
    [
        pytest.param(
            rss("<pubDate>Mon, 06 May 2024 10:00:00 +0300</pubDate>"), "2024-05-06T07:00:00Z", "", id="RFC 822, in UTC"
        ),
        pytest.param(
            rss("<pubDate>2024-05-06 10:00:00</pubDate>"), "2024-05-06T10:00:00", "", id="no zone: none claimed"
        ),
        pytest.param(rss("<pubDate>2024-05-06</pubDate>"), "2024-05-06T00:00:00", "", id="a bare day"),
        pytest.param(rss("<pubDate>6 травня</pubDate>"), "6 травня", "", id="unknown form, as given"),
        pytest.param(rss("<pubDate>0000-00-00</pubDate>"), "0000-00-00", "", id="the year -1 of feedparser"),
        pytest.param(rss("<pubDate>-0001-01-01</pubDate>"), "-0001-01-01", "", id="the year 2000 of feedparser"),
        pytest.param(rss("<pubDate>9999-12-31T23:59:60Z</pubDate>"), "9999-12-31T23:59:60Z", "", id="the year 10000"),
        pytest.param(
            atom("<updated>2024-05-06T10:00:00Z</updated>"),
            "2024-05-06T10:00:00Z",
            "2024-05-06T10:00:00Z",
            id="updated",
        ),
        pytest.param(
            rss("<dc:date>2024-05-06T10:00:00Z</dc:date>", root=DC),
            "2024-05-06T10:00:00Z",
            "2024-05-06T10:00:00Z",
            id="Dublin Core",
        ),
        pytest.param(
            atom(
                "<dcterms:created>2024-05-01T00:00:00Z</dcterms:created><updated>2024-05-06T10:00:00Z</updated>",
                root=DC,
            ),
            "2024-05-01T00:00:00Z",
            "2024-05-06T10:00:00Z",
            id="created is older than updated",
        ),
    ],
)
def test_dates(body: str, published: str, updated: str) -> None:
    entry = entry_of(body)
    assert (entry.published, entry.updated) == (published, updated)


LINK = "<link>http://a.example/1</link>"
CONTENT = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'


@pytest.mark.parametrize(
    ("body", "summary", "content"),
    [
        pytest.param(rss("<description>Short</description>"), "Short", "", id="a description alone is the summary"),
        pytest.param(
            rss("<description>Short</description><content:encoded>Long</content:encoded>", root=CONTENT),
            "Short",
            "Long",
            id="both",
        ),
        pytest.param(
            rss("<content:encoded>Long</content:encoded>", root=CONTENT),
            "",
            "Long",
            id="content that feedparser copies",
        ),
        pytest.param(
            rss("<description>Same </description><content:encoded>Same</content:encoded>", root=CONTENT),
            "",
            "Same",
            id="a summary that is the content",
        ),
        pytest.param(
            rss("<description>Short</description><media:description>A bear</media:description>", root=MEDIA),
            "Short",
            "",
            id="the caption of a picture is not the article",
        ),
        pytest.param(
            rss("<media:group><media:description>About a film</media:description></media:group>", root=MEDIA),
            "About a film",
            "",
            id="a description of media is better than none",
        ),
        pytest.param(
            atom(
                '<content type="text">Plain, and longer</content><content type="html">&lt;p&gt;Rich&lt;/p&gt;</content>'
            ),
            "Plain, and longer",
            "<p>Rich</p>",
            id="markup is richer than length",
        ),
        pytest.param(
            atom('<summary>S</summary><content type="video/mp4" src="/film.mp4"/>'), "S", "", id="content is a film"
        ),
        pytest.param(
            atom('<summary>S</summary><content type="image/png">aGk=</content>'), "S", "", id="content is a picture"
        ),
    ],
)
def test_summary_and_content(body: str, summary: str, content: str) -> None:
    entry = entry_of(body)
    assert (entry.summary.value, entry.content.value) == (summary, content)


@pytest.mark.parametrize(
    ("body", "title", "plain"),
    [
        pytest.param(rss("<title>1 &lt; 2</title>"), "1 < 2", True, id="RSS: text"),
        pytest.param(rss("<title>AT&amp;T</title>"), "AT&T", True, id="RSS: an ampersand"),
        pytest.param(
            rss("<title>&lt;b&gt;A &amp;amp; B&lt;/b&gt;</title>"), "<b>A &amp; B</b>", False, id="RSS: markup"
        ),
        pytest.param(atom("<title>&lt;b&gt;</title>"), "<b>", True, id="Atom: text unless it says otherwise"),
        pytest.param(atom('<title type="html">&lt;b&gt;x&lt;/b&gt;</title>'), "<b>x</b>", False, id="Atom: html"),
        pytest.param(
            atom('<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">a <i>b</i></div></title>'),
            "a <i>b</i>",
            False,
            id="Atom: xhtml",
        ),
    ],
)
def test_whether_a_title_is_markup(body: str, title: str, plain: bool) -> None:
    found = entry_of(body).title
    assert (found.value, found.plain) == (title, plain)


@pytest.mark.parametrize(
    ("body", "base"),
    [
        pytest.param(rss(f"{LINK}<description>x</description>"), "http://a.example/1", id="the page it is about"),
        pytest.param(rss("<description>x</description>"), "", id="no page: as the entry"),
        pytest.param(
            atom('<link href="http://a.example/1"/><summary xml:base="http://b.example/">x</summary>'),
            "http://b.example/",
            id="xml:base beats the page",
        ),
        pytest.param(
            atom('<link href="http://a.example/1"/><summary>x</summary>', root='xml:base="/deep/"'),
            "https://news.example/deep/",
            id="xml:base of the feed, relative",
        ),
    ],
)
def test_what_links_in_a_text_are_relative_to(body: str, base: str) -> None:
    entry = entry_of(body)
    assert entry.summary.base == base
    assert entry.base.startswith("http")


def test_the_texts_of_a_feed_file_are_relative_to_their_pages() -> None:
    body = rss(f"{LINK}<description>x</description>")
    (entry,) = feed_of(body, url="file:/desk/feed.xml").entries
    assert entry.summary.base == "http://a.example/1"


@pytest.mark.parametrize(
    ("body", "authors"),
    [
        pytest.param(rss("<author>Ann</author>"), ("Ann",), id="a name"),
        pytest.param(rss("<author>ann@a.example (Ann Lee)</author>"), ("Ann Lee",), id="address and name"),
        pytest.param(rss("<author>Ann Lee &lt;ann@a.online&gt;</author>"), ("Ann Lee",), id="a long top-level domain"),
        pytest.param(rss("<author>ann@a.example</author>"), (), id="an address is no name"),
        pytest.param(rss("<dc:creator>Ann</dc:creator><dc:creator>Bo</dc:creator>", root=DC), ("Ann", "Bo"), id="two"),
        pytest.param(rss("<dc:creator>Ann</dc:creator><author>Ann</author>", root=DC), ("Ann",), id="the same twice"),
        pytest.param(
            atom("<id>1</id>", feed="<author><name>Desk</name></author>"), ("Desk",), id="an Atom entry inherits"
        ),
        pytest.param(
            atom("<source><author><name>Origin</name></author></source>", feed="<author><name>Desk</name></author>"),
            ("Origin",),
            id="its source comes first (RFC 4287 section 4.2.1)",
        ),
        pytest.param(
            rss("<title>t</title>", channel="<managingEditor>Boss</managingEditor>"), (), id="an RSS item does not"
        ),
    ],
)
def test_authors(body: str, authors: tuple[str, ...]) -> None:
    assert entry_of(body).authors == authors


@pytest.mark.parametrize(
    ("inside", "image"),
    [
        pytest.param('<media:content url="a.jpg" medium="image"/>', Image(url="a.jpg"), id="by medium"),
        pytest.param('<media:content url="a" type="image/png"/>', Image(url="a"), id="by type"),
        pytest.param('<media:content url="a.JPG?w=1"/>', Image(url="a.JPG?w=1"), id="by suffix"),
        pytest.param('<media:content url="a.mp4" medium="video"/>', None, id="a film is no picture"),
        pytest.param('<media:content url="a" />', None, id="nobody knows what it is"),
        pytest.param(
            '<media:thumbnail url="t.jpg" width="9"/><media:content url="a.jpg" medium="image"/>',
            Image(url="a.jpg"),
            id="the picture before its thumbnail",
        ),
        pytest.param(
            '<media:group><media:content url="s.jpg" medium="image" width="100" height="9"/>'
            '<media:content url="l.jpg" medium="image" width="200" height="9"/></media:group>',
            Image(url="l.jpg", width=200, height=9),
            id="the largest",
        ),
        pytest.param(
            '<media:content url="a.jpg" medium="image" width="100%"/>', Image(url="a.jpg"), id="a width that is none"
        ),
        pytest.param('<media:thumbnail url="t.jpg"/>', Image(url="t.jpg"), id="a thumbnail alone"),
        pytest.param('<enclosure url="e.jpg" type="image/jpeg"/>', Image(url="e.jpg"), id="an enclosed picture"),
        pytest.param('<media:content medium="image"/>', None, id="no address"),
    ],
)
def test_image(inside: str, image: Image | None) -> None:
    assert entry_of(rss(inside, root=MEDIA)).image == image


def test_enclosures_and_categories() -> None:
    entry = entry_of(
        rss(
            '<enclosure url="http://a.example/1.mp3" length="12" type="audio/mpeg"/><enclosure length="1"/>'
            '<enclosure url="http://a.example/2.mp3" length="about 5 MB"/>'
            "<category>Grain</category><category>Sea</category><category>Grain</category><category/>"
        )
    )
    assert entry.enclosures == (
        Enclosure(url="http://a.example/1.mp3", type="audio/mpeg", length=12),
        Enclosure(url="http://a.example/2.mp3"),
    )
    assert entry.categories == ("Grain", "Sea")


@pytest.mark.parametrize(
    ("channel", "seconds"),
    [
        pytest.param("", 0, id="nothing asked"),
        pytest.param("<ttl>30</ttl>", 1800, id="minutes"),
        pytest.param("<ttl>soon</ttl>", 0, id="no number"),
        pytest.param("<sy:updatePeriod> Hourly </sy:updatePeriod>", 3600, id="a period"),
        pytest.param(
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 21_600, id="4 a day"
        ),
        pytest.param(
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 86_400, id="0 a day"
        ),
        pytest.param("<sy:updatePeriod>now and then</sy:updatePeriod>", 0, id="no known period"),
        pytest.param("<ttl>120</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", 7200, id="the longer of both"),
    ],
)
def test_how_long_a_feed_asks_us_to_wait(channel: str, seconds: int) -> None:
    root = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    assert feed_of(rss("<title>t</title>", channel=channel, root=root)).head.ttl == seconds


CYRILLIC = "Київ і Москва мовчать"


@pytest.mark.parametrize(
    ("encoding", "declared", "header", "language"),
    [
        pytest.param("utf-8", "", "", "", id="UTF-8 that nobody declares"),
        pytest.param("utf-8", "", "text/xml", "", id="text/xml does not mean ASCII"),
        pytest.param("utf-8-sig", "windows-1251", "text/xml; charset=iso-8859-1", "", id="the mark beats all"),
        pytest.param("cp1251", "windows-1251", "", "", id="the declaration"),
        pytest.param("cp1251", "", "text/xml; charset=windows-1251", "", id="HTTP"),
        pytest.param("koi8-u", "windows-1251", 'text/xml; charset="KOI8-U"', "", id="HTTP beats the declaration"),
        pytest.param("cp1251", "windows-1251", "text/xml; charset=utf-8", "", id="HTTP is plainly wrong"),
        pytest.param("cp1251", "", "", "uk-UA", id="nobody says, but the source is Ukrainian"),
        pytest.param("cp1251", "utf-8", "", "", id="all are wrong, and it looks Cyrillic"),
        pytest.param("cp1251", "windows-1251", "text/xml; charset=undefined", "", id="a codec that only raises"),
        pytest.param("utf-16", "utf-16", "", "", id="UTF-16 with its mark"),
        pytest.param("utf-16-be", "utf-16", "", "", id="UTF-16 without"),
        pytest.param("utf-16", "utf-16", "text/xml; charset=utf-8", "", id="UTF-16, and a header that is wrong"),
    ],
)
def test_encodings(encoding: str, declared: str, header: str, language: str) -> None:
    body = rss(f"<title>{CYRILLIC}</title>")
    if declared:
        body = f'<?xml version="1.0" encoding="{declared}"?>\n{body}'
    assert entry_of_bytes(body.encode(encoding), header, language).title.value == CYRILLIC


def entry_of_bytes(body: bytes, header: str = "", language: str = "") -> RawEntry:
    (entry,) = feed_of(body, content_type=header, language=language).entries
    return entry


def test_one_bad_byte_does_not_make_the_rest_another_encoding() -> None:
    body = rss(f"<title>{CYRILLIC}</title>").encode() + b"<!-- \xff -->"
    assert entry_of_bytes(body).title.value == CYRILLIC


def test_halves_of_surrogates_cost_neither_the_feed_nor_the_emoji() -> None:
    body = (
        rss("<title>&#55357;&#56832; &#xd83d;&#xDE00; &#55357; &#x110000; &#0; &#5;</title>") + "&#99999999999999999;"
    )
    assert feed_of(body).entries[0].title.value.split()[:2] == ["\U0001f600", "\U0001f600"]


def test_trouble_names_the_line() -> None:
    feed = feed_of(rss("\n<title>a</title><description>&oops;</description>"))
    assert feed.trouble == "line 3: undefined entity"
    assert len(feed.entries) == 1
    assert feed_of(rss("<title>a</title>")).trouble == ""


def test_elements_that_pose_as_feedparser_s_own_keys_do_no_harm() -> None:
    for inside in (
        "<authors>x</authors>",
        "<links a='1'/>",
        "<tags_detail a='1'/>",
        "<media_content>x</media_content>",
    ):
        entry = entry_of(rss(f"<title>t</title>{inside}"))
        assert (entry.title, entry.trouble) == (RawHtml(value="t", plain=True), "")


def test_feedparser_uses_our_driver_and_no_other() -> None:
    driver = xml.sax.make_parser(feedparser.api.PREFERRED_XML_PARSERS)
    assert isinstance(driver, BufferedExpatParser)


@pytest.mark.parametrize(
    ("body", "plain"),
    [
        pytest.param(
            rss("<description>It rained.&lt;br&gt;It stopped.</description>"), False, id="RSS: a tag left open"
        ),
        pytest.param(
            atom('<summary type="text">write &lt;br&gt; here</summary>'), True, id="Atom says that it is text"
        ),
    ],
)
def test_rss_does_not_say_what_is_markup_so_tags_do(body: str, plain: bool) -> None:
    assert entry_of(body).summary.plain is plain


def test_the_feeds_own_language_tells_an_undeclared_encoding() -> None:
    title = "Görüşmeler İstanbul'da sürüyor"
    body = rss(f"<title>{title}</title>", channel="<language>tr</language>").encode("cp1254")
    (entry,) = feed_of(body).entries
    assert entry.title.value == title
