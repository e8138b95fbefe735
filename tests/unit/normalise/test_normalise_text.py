"""Plain text and safe HTML out of whatever a source calls a title or a text."""

from __future__ import annotations

import time

import pytest

from feeds.model import RawHtml
from feeds.normalise.text import LONGEST_HTML, LONGEST_TEXT, MOST_TAGS, clean_html, plain, text_of

BASE = "https://example.org/news/today"
REL = 'rel="nofollow noopener noreferrer"'


def cleaned(value: str, base: str = BASE) -> str:
    return clean_html(RawHtml(value=value), base)


@pytest.mark.parametrize(
    ("value", "as_html", "as_text"),
    [
        pytest.param("AT&T", "AT&T", "AT&T", id="ampersand"),
        pytest.param("AT&amp;T", "AT&T", "AT&amp;T", id="escaped ampersand"),
        pytest.param("AT&amp;amp;T", "AT&amp;T", "AT&amp;amp;T", id="unescaped once, never twice"),
        pytest.param("1 < 2", "1 < 2", "1 < 2", id="less than"),
        pytest.param("1 &lt; 2 &gt; 0", "1 < 2 > 0", "1 &lt; 2 &gt; 0", id="escaped comparison"),
        pytest.param("<b>A & B</b>", "A & B", "<b>A & B</b>", id="tags"),
        pytest.param("&lt;b&gt;", "<b>", "&lt;b&gt;", id="a tag that is meant"),
        pytest.param("<b>Wo</b>rd", "Word", "<b>Wo</b>rd", id="inline markup does not part words"),
        pytest.param("one<br>two<p>three</p>four", "one two three four", "one<br>two<p>three</p>four", id="blocks do"),
        pytest.param("a<script>alert(1)</script>b", "ab", "a<script>alert(1)</script>b", id="script"),
        pytest.param("a<style>b{}</style><!-- c -->d", "ad", "a<style>b{}</style><!-- c -->d", id="style and comment"),
        pytest.param("<noscript>a</noscript>", "a", "<noscript>a</noscript>", id="noscript is shown"),
        pytest.param("<frameset>", "", "<frameset>", id="a document without a body"),
        pytest.param(" a \n\t b\xa0c\u2028d ", "a b c d", "a b c d", id="white space"),
        pytest.param("a\x00\x08b\x7f", "ab", "ab", id="C0"),
        pytest.param("X\x9f X", "XŸ X", "XŸ X", id="letters at the ends"),
        pytest.param("a\x0bb\x0cc", "a b c", "a b c", id="old white space"),
        pytest.param("\x93a\x94 \x96 \x80\x81", "“a” – €", "“a” – €", id="C1 is Windows-1252"),
        pytest.param("&#147;a&#148;", "“a”", "&#147;a&#148;", id="C1 by number"),
        pytest.param("a&#1;&#0;&#xD800;b<i>&#2;</i>", "ab", "a&#1;&#0;&#xD800;b<i>&#2;</i>", id="controls by number"),
        pytest.param("a&#0;&#xD800;&#x81;b", "ab", "a&#0;&#xD800;&#x81;b", id="controls by number, without tags"),
        pytest.param(f"a&#{'1' * 5000};b", "ab", f"a&#{'1' * 1997}", id="a number without end"),
        pytest.param(
            f"<i>a</i>&#{'1' * 5000};b", "ab", f"<i>a</i>&#{'1' * 1990}", id="a number without end, with tags"
        ),
        pytest.param("a\ufffdb", "ab", "ab", id="replacement character"),
        pytest.param("a\ud83d\udca9b", "ab", "ab", id="surrogates"),
        pytest.param("a\ufffd\ufffe\uffff\ufdd0\U0001fffe\U0010ffffb", "ab", "ab", id="noncharacters"),
        pytest.param("a\u200bb\u2060\ufeff\u00adc", "abc", "abc", id="zero width"),
        pytest.param("a\u202eb\u2066c\u2069", "abc", "abc", id="bidirectional overrides and isolates"),
        pytest.param("a\U000e0041b", "ab", "ab", id="tag characters"),
        pytest.param("\u200eאב\u200f 1\u200e", "אב\u200f 1", "אב\u200f 1", id="marks of direction stay inside"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", "می\u200cخواهم", id="joiners stay"),
        pytest.param("👩\u200d🚀", "👩\u200d🚀", "👩\u200d🚀", id="emoji stay whole"),
        pytest.param(" \u200c\u200d\u200e\u3164 ", "", "", id="nothing that could be seen"),
        pytest.param("&nbsp;&#8203;", "", "&nbsp;&#8203;", id="blank by entity"),
        pytest.param("", "", "", id="empty"),
    ],
)
def test_plain(value: str, as_html: str, as_text: str) -> None:
    assert plain(RawHtml(value=value)) == as_html
    assert plain(RawHtml(value=value, plain=True)) == as_text


def test_plain_text_has_an_end() -> None:
    assert LONGEST_TEXT == 2000
    assert plain(RawHtml(value="a" * LONGEST_TEXT)) == "a" * LONGEST_TEXT
    assert plain(RawHtml(value="a" * (LONGEST_TEXT + 1))) == "a" * LONGEST_TEXT
    assert plain(RawHtml(value="a" * (LONGEST_TEXT - 1) + " b")) == "a" * (LONGEST_TEXT - 1)


@pytest.mark.parametrize(
    ("value", "html"),
    [
        pytest.param("<p>a</p>", "<p>a</p>", id="nothing to do"),
        pytest.param(
            '<p class="x" style="y" id="z" data-a="b" onclick="c">a', "<p>a</p>", id="attributes go, tags close"
        ),
        pytest.param('<p lang="ar" dir="rtl">a</p>', '<p lang="ar" dir="rtl">a</p>', id="language and direction stay"),
        pytest.param('<p lang="a b" dir="up">a</p>', "<p>a</p>", id="if they are such"),
        pytest.param("a<script>alert(1)</script>b", "<p>ab</p>", id="script with what is in it"),
        pytest.param("<style>a{}</style><p>b", "<p>b</p>", id="style with what is in it"),
        pytest.param("<svg><a>x</a></svg><math><mi>y</mi></math><p>b", "<p>b</p>", id="svg and math, always"),
        pytest.param("<iframe src=x>a</iframe><object>b</object><p>c", "<p>c</p>", id="frames and objects"),
        pytest.param("<form><input name=q><p>a</p></form>", "<p>a</p>", id="a form leaves what it says"),
        pytest.param("<noscript><p>a</p></noscript>", "<p>a</p>", id="noscript is markup"),
        pytest.param(
            "<main><address>a</address><section>b</section></main>",
            "<main><address>a</address><section>b</section></main>",
            id="tags that others leave out",
        ),
        pytest.param("<nav>a</nav><acronym>b</acronym><bdo>c</bdo>", "<p>abc</p>", id="tags that others let in"),
        pytest.param("<h1>a</h1><h6>b</h6>", "<h1>a</h1><h6>b</h6>", id="headings"),
        pytest.param("<dl><dt>a<dd>b</dl>", "<dl><dt>a</dt><dd>b</dd></dl>", id="definitions"),
        pytest.param(
            "<figure><blockquote>a</blockquote><figcaption>b</figcaption></figure>",
            "<figure><blockquote>a</blockquote><figcaption>b</figcaption></figure>",
            id="figures and quotations",
        ),
        pytest.param(
            '<table><tr><th colspan="2" width=9>a<td rowspan=x>b</table>',
            '<table><tbody><tr><th colspan="2">a</th><td>b</td></tr></tbody></table>',
            id="tables",
        ),
        pytest.param(
            '<ol start="3"><li value=7>a</ol>', '<ol start="3"><li value="7">a</li></ol>', id="numbers of lists"
        ),
        pytest.param("<pre>\n\n a\n b</pre>", "<pre> a\n b</pre>", id="pre begins with its first line"),
        pytest.param("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>", id="signs that are no markup"),
        pytest.param("<p>a&#1;b\ud800c\x93&#148;</p>", "<p>abc“”</p>", id="controls"),
        pytest.param(
            '<p>a<abbr title="b\x01&#2; c">d</abbr>', '<p>a<abbr title="b c">d</abbr></p>', id="in attributes"
        ),
        pytest.param("<b x=1><i y=2>a</i></b>", "<b><i>a</i></b>", id="formatting"),
        pytest.param(
            '<p><img alt="a><script>b</script>" src="https://e.org/c" width=1>d</p>',
            "<p>d</p>",
            id="what ends a tag does not end one inside an attribute",
        ),
        pytest.param("<!-- a --><p>b</p><![CDATA[c]]>", "<p>b</p>", id="comments"),
        pytest.param("<p>a", "<p>a</p>", id="unclosed"),
        pytest.param("<p>a <img src=", "<p>a </p>", id="unfinished tag"),
        pytest.param("<script>x</script>", "", id="nothing left"),
    ],
)
def test_clean_html(value: str, html: str) -> None:
    assert cleaned(value) == html
    assert cleaned(html) == html


@pytest.mark.parametrize(
    ("link", "url"),
    [
        pytest.param("https://example.com/a?b=1&amp;c=2", "https://example.com/a?b=1&amp;c=2", id="absolute"),
        pytest.param("http://example.com/a", "http://example.com/a", id="absolute, without TLS"),
        pytest.param("/a", "https://example.org/a", id="relative"),
        pytest.param("//example.com/a", "https://example.com/a", id="scheme of the base"),
        pytest.param("#b", "https://example.org/news/today#b", id="fragment"),
        pytest.param("https://example.com/ü", "https://example.com/%C3%BC", id="illegal characters"),
        pytest.param("mailto:desk@example.org", "mailto:desk@example.org", id="mail"),
        pytest.param(
            "MAILTO:desk@example.org?subject=a%20b", "mailto:desk@example.org?subject=a%20b", id="mail with more"
        ),
    ],
)
def test_a_link_becomes_absolute(link: str, url: str) -> None:
    assert cleaned(f'<a href="{link}" target="_blank" ping="/x">a</a>') == f'<a href="{url}" {REL}>a</a>'


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        " JaVa\tScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
        "&#1;javascript:alert(1)",
        "java&#1;script:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "feed:https://example.org",
        "https://[broken",
        "mailto:a@example.org\nbcc:b@example.org",
        "mailto:<script>",
        "mailto:ü@example.org",
    ],
)
def test_an_active_or_broken_link_is_none(link: str) -> None:
    assert cleaned(f'<a href="{link}">a</a>') == f"<a {REL}>a</a>"


def test_a_relative_link_without_a_base_is_none() -> None:
    assert cleaned('<a href="/a">a</a><img src="/b">', base="") == f"<a {REL}>a</a>"


def test_a_base_of_its_own_comes_first() -> None:
    raw = RawHtml(value='<img src="a.png">', base="https://example.com/b/")
    assert clean_html(raw, BASE) == '<img src="https://example.com/b/a.png">'


@pytest.mark.parametrize(
    ("image", "html"),
    [
        pytest.param('<img src="a.png">', '<img src="https://example.org/news/a.png">', id="relative"),
        pytest.param(
            '<img src="/a.png" width="600" height="10%" alt="b" srcset="c 2x" loading=lazy>',
            '<img src="https://example.org/a.png" width="600" alt="b">',
            id="size in pixels, words, nothing else",
        ),
        pytest.param('<img src="/a.png" width="10" height="11">', "=", id="small but visible"),
        pytest.param('<img src="/a.png" width="1" height="1">', "", id="tracking pixel"),
        pytest.param('<img src="/a.png" height="1">', "", id="one pixel high"),
        pytest.param('<img src="/a.png" width="0">', "", id="no width"),
        pytest.param('<img src="/a.png" width="01">', "", id="one with a zero"),
        pytest.param('<img src="data:image/png;base64,xx">', "", id="data"),
        pytest.param('<img alt="a">', "", id="no source"),
        pytest.param('<img src="javascript:x">', "", id="active"),
        pytest.param('<img src="mailto:desk@example.org">', "", id="mail"),
        pytest.param(
            '<img alt="a > b" src="/a.png">',
            '<img alt="a &gt; b" src="https://example.org/a.png">',
            id="sign in a word",
        ),
    ],
)
def test_an_image_is_absolute_and_visible_or_none(image: str, html: str) -> None:
    if html == "=":
        html = image.replace('"/', '"https://example.org/')
    assert cleaned(f"<p>x{image}</p>") == f"<p>x{html}</p>"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        pytest.param("one", "<p>one</p>", id="one paragraph"),
        pytest.param("one\n\n \n two", "<p>one</p><p>two</p>", id="empty line parts paragraphs"),
        pytest.param("one\r\ntwo\rthree", "<p>one<br>two<br>three</p>", id="line ends of all systems"),
        pytest.param("<b>a & b</b>", "<p>&lt;b&gt;a &amp; b&lt;/b&gt;</p>", id="no markup"),
        pytest.param("&amp;", "<p>&amp;amp;</p>", id="no escapes"),
        pytest.param('"a"', '<p>"a"</p>', id="quotes need no escape in text"),
        pytest.param(" \n\u200e\n", "", id="nothing to see"),
        pytest.param("", "", id="empty"),
    ],
)
def test_text_becomes_paragraphs(text: str, html: str) -> None:
    assert clean_html(RawHtml(value=text, plain=True), BASE) == html
    assert cleaned(html) == html


def test_html_without_markup_becomes_paragraphs_too() -> None:
    assert cleaned("one&#0; &amp; two\n\n&lt;three&gt;") == "<p>one &amp; two</p><p>&lt;three&gt;</p>"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("<p>a</p><p>b</p>", "a\nb", id="paragraphs"),
        pytest.param("a <b>b</b>c\n d", "a bc d", id="inline"),
        pytest.param("<ul><li>a</li>\n<li>b<br>c</li></ul>d", "a\nb\nc\nd", id="lists and breaks"),
        pytest.param("<h2>a</h2>b<blockquote><p>c</p></blockquote>", "a\nb\nc", id="headings and quotations"),
        pytest.param("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb", id="cells do not run together"),
        pytest.param("<dl><dt>a</dt><dd>b</dd></dl><hr>c", "a\nb\nc", id="definitions and rules"),
        pytest.param("<p>&lt;a&gt; &amp;amp; b&nbsp;c</p>", "<a> &amp; b c", id="unescaped once"),
        pytest.param("<p>a\u200bb\u202e</p>", "ab", id="what hides words"),
        pytest.param("<p> </p><p>\u200e</p>", "", id="empty"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_text_of(html: str, text: str) -> None:
    assert text_of(html) == text


def test_html_has_an_end() -> None:
    paragraph = "<p>word</p>"
    html = cleaned(paragraph * (LONGEST_HTML // len(paragraph)))
    assert html == paragraph * (MOST_TAGS // 2)
    assert len(cleaned("<p>" + "a" * LONGEST_HTML)) == LONGEST_HTML + len("</p>")
    assert len(clean_html(RawHtml(value="&" * LONGEST_HTML, plain=True), BASE)) <= LONGEST_HTML + 20


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("<div>" * 60_000 + "x", id="deep"),
        pytest.param("<b <b " * 40_000, id="unfinished tags"),
        pytest.param(
            "<p>" + "".join(f"<b x={i}>" for i in range(3_000)) + "</p>" + "<p>x" * 3_000,
            id="formatting that is opened anew in each paragraph",
        ),
        pytest.param(
            "<p>" + "<b><i><u><s><tt><em>" * 3 + "</p>" + "<p>x" * 60_000, id="the same within its cap of three"
        ),
        pytest.param("<" * 250_000, id="signs"),
        pytest.param("\n \n" * 80_000 + "<p>", id="empty lines"),
    ],
)
def test_hostile_markup_costs_little(value: str) -> None:
    started = time.process_time()
    html = cleaned(value)
    text_of(html)
    plain(RawHtml(value=value))
    assert len(html) < 2 * LONGEST_HTML
    assert time.process_time() - started < 3  # without our limits: minutes
