"""Laws of normalising: whatever comes in, what goes out is safe, storable and settled."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import urlsplit

import html5lib
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.identify.fingerprint import fingerprint, normalised_title
from feeds.model import Article, Enclosure, Facts, FeedHead, Image, RawEntry, RawHtml, Rejected, Source
from feeds.normalise.article import normalise
from feeds.normalise.dates import EARLIEST, repair
from feeds.normalise.text import clean_html, plain, text_of
from feeds.normalise.urls import absolute, canonical_url, publisher

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
BASE = "https://example.org/news/"
FACTS = Facts(source=Source(name="example", url="https://example.org/feed"), now=NOW)


def pieces(*lines: str) -> st.SearchStrategy[str]:
    """One of the pieces that stand in `lines`, parted by two spaces."""
    return st.sampled_from([piece for line in lines for piece in line.split("  ")])


anything = st.text(st.characters(exclude_categories=[]), max_size=80)  # lone surrogates too
markup = pieces(
    "<p>  </p>  <b>  </b>  <b/>  <i x=1>  <a>  <a href=/x>  </a>  <div>  </div>  <table>  <tr>  <td>  </table>",
    "<li>  <ul>  </ul>  <pre>  <pre>\n  <br>  <img src=a>  <img src=data:x>  <img src=//h/i width=1>  <svg>  </svg>",
    "<math>  <mtext>  <mglyph>  <style>  </style>  <script>  </script>  <!--  -->  <![CDATA[  ]]>  <noscript>",
    "</noscript>  <template>  <select>  <option>  <title>  <form>  <iframe srcdoc='<p>'>  <svg/onload=alert(1)>",
    "<a href=javascript:x>  <a href='&#106;avascript:x'>  onerror=x  \"  '  >  <  <img src=x onerror=alert(1)",
    "<h1>  </h2>  <font color=red>  <annotation-xml encoding=text/html>  <xmp>  <plaintext>  &lt;  &amp;  &amp;lt;",
    "&nbsp;  &#60;  <ruby>  <rt>  <dl>  <dd>  <caption>  <nobr>  <button>  <frameset>  <body onload=x>  &#1;  \x00",
    "\x85  \x9f  \ufffd  \ufffe  \U0001ffff  \ud800  \u202e  \u200b",
)
soup = st.lists(markup | st.text("ab \n\r", max_size=4), max_size=25).map("".join)
# Elements that may stand inside one another anyhow: of the others (a in a, h2 in h1, a table in a list item), HTML can
# write down trees that it reads back as other trees.
nestable = pieces(
    "<p>  </p>  <b>  </b>  <i x=1>  <div>  </div>  <ul>  </ul>  <pre>  <pre>\n  </pre>  <br>  <blockquote>",
    "<img src=a>  <img src=data:x>  <svg>  </svg>  <math>  <style>  </style>  <script>  </script>  <!--  -->",
    "<noscript>  <title>  <iframe srcdoc='<p>'>  <svg/onload=alert(1)>  \"  '  >  <  &lt;  &amp;lt;  &#1;  \x85",
)
tidy = st.lists(nestable | st.text("ab \n\r", max_size=4), max_size=25).map("".join)
links = st.lists(
    pieces(
        "http://  https://  HTTPS://  //example.org  //  /  \\  example.org  www.  :80  :443  :8080  user@  ?  &  #  =",
        "utm_source=x  id=1  %41  %2e  .  ..  ../  %zz  ü  ß  İ  。  xn--  [::1]  a  b  @  :  ;  javascript:  mailto:",
        "\t  \x01  \ud800  [  ]  |  1.2.3.4",
    ),
    max_size=12,
).map("".join)


def storable(text: str) -> bool:
    text.encode()
    return not any(
        (unicodedata.category(c) == "Cc" and c not in "\n\t") or c == "\ufffd" or ord(c) & 0xFFFE == 0xFFFE
        for c in text
    )


@given(links | anything)
def test_a_canonical_url_is_already_canonical(raw: str) -> None:
    url = absolute(raw, "")
    if url:
        canonical = canonical_url(raw)
        assert canonical_url(canonical) == canonical == canonical_url(url)
        assert canonical.isascii()
        assert publisher(canonical, "")


@given(links | anything, links | st.just(BASE))
def test_an_absolute_link_is_an_ascii_web_address_and_already_absolute(link: str, base: str) -> None:
    url = absolute(link, base)
    if url:
        parts = urlsplit(url)
        assert parts.scheme in {"http", "https"}
        assert parts.hostname
        assert "@" not in parts.netloc
        assert url.isascii()
        assert url.isprintable()
        assert " " not in url
        assert absolute(url, base) == url


@given(soup | anything, st.booleans())
@settings(max_examples=200)
def test_clean_html_holds_nothing_active(value: str, as_text: bool) -> None:
    html = clean_html(RawHtml(value=value, plain=as_text), BASE)
    assert storable(html)
    for element in html5lib.parseFragment(html, namespaceHTMLElements=False).iter():
        if isinstance(element.tag, str) and element.tag != "DOCUMENT_FRAGMENT":
            assert element.tag not in {"script", "style", "svg", "math", "iframe", "object", "form", "template", "base"}
            for name, url in element.attrib.items():
                assert name in {"href", "src", "rel", "alt", "title", "width", "height", "lang", "dir"}, name
                if name in {"href", "src"}:
                    assert url.startswith(("http://", "https://", "mailto:"))


@given(tidy | anything, st.booleans())
def test_clean_html_is_already_clean(value: str, as_text: bool) -> None:
    html = clean_html(RawHtml(value=value, plain=as_text), BASE)
    assert clean_html(RawHtml(value=html), BASE) == html


@given(soup | anything, st.booleans())
def test_plain_text_is_one_storable_line(value: str, as_text: bool) -> None:
    text = plain(RawHtml(value=value, plain=as_text))
    assert storable(text)
    assert text == " ".join(text.split())
    assert plain(RawHtml(value=text, plain=True)) == text


@given(anything)
def test_text_goes_through_html_and_back(value: str) -> None:
    text = plain(RawHtml(value=value, plain=True))
    assert plain(RawHtml(value=escape(text))) == text
    assert plain(RawHtml(value=f"<b>{escape(text)}</b>")) == text
    assert text_of(clean_html(RawHtml(value=text, plain=True), "")) == text


@given(anything | st.text("0123456789-:/. TZ+JanFebpm,", max_size=30))
def test_a_repaired_date_is_in_range(raw: str) -> None:
    moment = repair(raw, NOW, "Europe/Istanbul")
    assert moment is None or (EARLIEST <= moment <= NOW + timedelta(days=1) and moment.tzinfo is UTC)


@given(st.integers(0, (NOW - EARLIEST) // timedelta(seconds=1)), st.integers(-840, 840))
def test_a_date_in_range_comes_through_in_either_form(seconds: int, minutes: int) -> None:
    utc = EARLIEST + timedelta(seconds=seconds)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    local = utc.replace(tzinfo=None) + timedelta(minutes=minutes)
    assert repair(f"{local.isoformat()}{sign}{hours:02}:{rest:02}", NOW, "UTC") == utc
    assert repair(f"{local:%a, %d %b %Y %H:%M:%S} {sign}{hours:02}{rest:02}", NOW, "UTC") == utc


raw_texts = st.builds(RawHtml, value=soup | anything, base=links, plain=st.booleans(), language=anything)
raw_entries = st.builds(
    RawEntry,
    guid=anything | links,
    link=links,
    title=raw_texts,
    summary=raw_texts,
    content=raw_texts,
    authors=st.lists(anything | soup, max_size=3).map(tuple),
    language=anything,
    published=anything,
    updated=anything,
    categories=st.lists(anything | soup, max_size=3).map(tuple),
    enclosures=st.lists(st.builds(Enclosure, url=links, type=anything, length=st.integers()), max_size=2).map(tuple),
    image=st.none() | st.builds(Image, url=links, width=st.integers(), height=st.integers()),
    rights=soup,
    base=links,
    own_page=st.booleans(),
)


@given(raw_entries, anything)
@settings(max_examples=60)
def test_any_entry_is_an_article_or_rejected_and_the_same_one_again(raw: RawEntry, outlet: str) -> None:
    item = normalise(raw, FeedHead(format="rss20"), FACTS)
    assert normalise(raw, FeedHead(format="rss20"), FACTS) == item
    if isinstance(item, Rejected):
        assert storable(item.guid + item.url + item.title)
        return
    assert isinstance(item, Article)
    assert item.title
    assert bool(item.url) == bool(item.canonical_url)
    assert item.minutes >= 1
    for text in (
        item.guid,
        item.title,
        item.summary,
        item.content,
        item.text,
        item.language,
        item.rights,
        item.publisher,
    ):
        assert storable(text)
    for text in (*item.authors, *item.categories, *(one.type + one.url for one in item.enclosures)):
        assert text
        assert storable(text)
    printed = fingerprint(item, outlet=outlet, boilerplate=frozenset())
    assert printed == fingerprint(item, outlet=outlet, boilerplate=frozenset())
    assert printed.title
    learnt = fingerprint(item, outlet=outlet, boilerplate=frozenset({printed.text}))
    assert (learnt.title, learnt.text) == (printed.title, printed.text)


@given(st.text(max_size=60), st.text(max_size=10))
def test_a_title_is_normalised_to_something(title: str, outlet: str) -> None:
    normalised = normalised_title(title, outlet)
    assert normalised == normalised.strip()
    assert bool(normalised) == bool(title.strip()) or not any(c.isalnum() for c in title)
