"""The judge of published documents can say no, and says it for the right reason; and the generator forgets nothing."""

from __future__ import annotations

import re

import pytest

from tests.hostile import documents, grammar, judge

ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><entry>{}</entry></feed>'
RSS = '<rss version="2.0"><channel><item>{}</item></channel></rss>'
PAGE = '<!DOCTYPE html><html lang="en"><head><title>x</title>{}</head><body><p>x</p></body></html>'

TAGS = (
    *("script", "iframe", "object", "embed", "svg", "math", "style", "base", "meta", "link", "form"),
    *("template", "noscript", "plaintext", "xmp", "textarea", "title", "select", "table", "button"),
    *("input", "video", "audio", "img", "details", "isindex", "frameset", "body", "marquee"),
)
NAMES = (
    *("srcset", "poster", "ping", "action", "formaction", "background", "xlink:href", "srcdoc", "style"),
    *("href", "src", "data", "cite", "onload", "onerror", "onclick", "onfocus", "onmouseover", "ontoggle"),
    "http-equiv",
)


@pytest.mark.parametrize(
    ("value", "finding"),
    [
        pytest.param("<script>x</script>", "element script", id="a script"),
        pytest.param("<SCRIPT/x>x", "element script", id="a script left open, in capitals"),
        pytest.param("<img src=https://e.example/x onerror=x>", "attribute onerror", id="a handler"),
        pytest.param("<p\x0conclick=x>", "attribute onclick", id="a handler behind a form feed"),
        pytest.param("<svg><p>x</p></svg>", "element {http://www.w3.org/2000/svg}svg", id="SVG"),
        pytest.param("<math></math>", "element {http://www.w3.org/1998/Math/MathML}math", id="MathML"),
        pytest.param("<iframe srcdoc=x></iframe>", "element iframe", id="a frame"),
        pytest.param("<object data=x></object>", "element object", id="an object"),
        pytest.param("<embed src=x>", "element embed", id="an embedded file"),
        pytest.param("<base href=https://e.example/>", "element base", id="a base"),
        pytest.param("<meta http-equiv=refresh>", "element meta", id="a redirection"),
        pytest.param("<link rel=stylesheet>", "element link", id="a style sheet"),
        pytest.param("<style>*{}</style>", "element style", id="a style"),
        pytest.param("<p style=x>", "attribute style", id="a style of one element"),
        pytest.param("<form></form>", "element form", id="a form"),
        pytest.param("<template><p>x</p></template>", "element template", id="a template"),
        pytest.param("<noscript><p title='</noscript><script>x'>", "element noscript", id="noscript"),
        pytest.param("<plaintext>x", "element plaintext", id="plaintext"),
        pytest.param("<custom-tag>x</custom-tag>", "element custom-tag", id="an element nobody knows"),
        pytest.param("<a href=javascript:x>x</a>", "scheme javascript", id="a script as a link"),
        pytest.param("<a href=' java\tscript:x'>x</a>", "scheme javascript", id="with blanks that browsers overlook"),
        pytest.param("<a href='&#106;avascript&colon;x'>x</a>", "scheme javascript", id="with references"),
        pytest.param("<a href='\x01javascript:x'>x</a>", "scheme javascript", id="behind a control"),
        pytest.param("<a href=data:text/html,x>x</a>", "scheme data", id="a document as a link"),
        pytest.param("<img src=data:image/svg+xml,x>", "scheme data", id="a document as a picture"),
        pytest.param("<img src=mailto:a@e.example>", "scheme mailto", id="no picture is at an address of mail"),
        pytest.param("<a href=/x>x</a>", "no absolute address", id="a relative link"),
        pytest.param("<a href=//e.example/x>x</a>", "no absolute address", id="a link relative to the scheme"),
        pytest.param("<a href=https://u:p@e.example/>x</a>", "credentials", id="credentials"),
        pytest.param("<a href=https:/e.example/>x</a>", "no host", id="no host"),
        pytest.param("<a href='https://e.example/\u00e4'>x</a>", "characters that no address", id="not ASCII"),
        pytest.param("<a ping=https://e.example/ href=https://e.example/>x</a>", "attribute ping", id="a ping"),
        pytest.param("<img srcset='https://e.example/ 1x'>", "attribute srcset", id="sources of a picture"),
        pytest.param("<td background=https://e.example/>", "", id="a cell outside of a table is no element"),
        pytest.param("<table background=https://e.example/>", "attribute background", id="a background"),
        pytest.param("<a id=location>x</a>", "attribute id", id="a name that hides a global one"),
        pytest.param("a\x00b", "U+0000", id="NUL"),
        pytest.param("<p>&#0;</p>", "U+FFFD", id="a reference to NUL"),
        pytest.param("<b title='&#xfffe;'>x</b>", "U+FFFE", id="a noncharacter as a reference in an attribute"),
        pytest.param("\x85", "U+0085", id="C1"),
        pytest.param("\ud800", "U+D800", id="half a pair"),
        pytest.param("\ufdd0", "U+FDD0", id="a noncharacter"),
        pytest.param("\U0001fffe", "U+1FFFE", id="a noncharacter of another plane"),
        pytest.param("<p>AT&amp;T &lt;script&gt; \u202e</p>", "", id="text may say anything"),
        pytest.param('<a href="https://e.example/?a=1#b" rel="nofollow" title="x>y">x</a>', "", id="a link"),
        pytest.param(
            '<a href="mailto:a@e.example">x</a><img src="http://[2001:db8::1]:8080/x" alt="">', "", id="inert"
        ),
    ],
)
def test_html_is_judged(value: str, finding: str) -> None:
    assert_found(judge.html(value), finding)


@pytest.mark.parametrize(
    ("head", "finding"),
    [
        pytest.param("", "", id="a page of ours"),
        pytest.param('<link rel="stylesheet" href="./feeds.css">', "", id="a file of ours"),
        pytest.param(
            '<link rel="stylesheet" href="https://e.example/x.css">', "of another host", id="a style sheet of others"
        ),
        pytest.param('<link rel="import" href="./x">', "link rel 'import'", id="a link of another kind"),
        pytest.param('<meta http-equiv="refresh" content="0">', "attribute http-equiv", id="a redirection"),
        pytest.param("<script></script>", "element script", id="a script"),
        pytest.param("<!-- x -->", "a comment", id="a comment: nobody of us writes one"),
        pytest.param("<title>y</title></b>", "ill-formed", id="an end without a beginning"),
        pytest.param('<link rel="icon" href="./x?y">', "no absolute address", id="no file of ours"),
    ],
)
def test_a_page_is_judged(head: str, finding: str) -> None:
    assert_found(judge.page(PAGE.format(head).encode(), outline={"body": ("p",)}), finding)


@pytest.mark.parametrize(
    ("inside", "finding"),
    [
        pytest.param('<title id="t">x</title><desc>y</desc><rect x="0" width="8"/>', "", id="a picture of ours"),
        pytest.param('<rect onload="x"/>', "attribute onload of rect", id="a handler"),
        pytest.param('<rect style="x"/>', "attribute style of rect", id="a style"),
        pytest.param('<use href="#x"/>', "svg}use", id="another picture"),
        pytest.param('<a href="javascript:x"><rect/></a>', "svg}a", id="a link"),
        pytest.param("<foreignObject><p>x</p></foreignObject>", "svg}foreignObject", id="HTML within"),
        pytest.param("<title>&#0;</title>", "U+FFFD", id="a character"),
    ],
)
def test_a_picture_of_a_page_is_judged(inside: str, finding: str) -> None:
    picture = f'<svg role="img" aria-labelledby="t" viewBox="0 0 9 9">{inside}</svg>'
    page = PAGE.format("").replace("<p>x</p>", f"<p>{picture}</p>")
    assert_found(judge.page(page.encode(), outline={}), finding)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        pytest.param("<p>x</p>", "", id="a text"),
        pytest.param("<h1><h1>x</h1></h1>", "", id="a heading in a heading, which stays in its place"),
        pytest.param("</div><p>x</p>", "article of header, div, p", id="the end of the place"),
        pytest.param("<table><tr>", "article of header, div", id="a table left open"),
        pytest.param("</div></article></main>", "body of a, header, main", id="the end of all"),
        pytest.param("<h1 onclick=x>x</h1>", "attribute onclick", id="a handler"),
    ],
)
def test_a_text_stays_in_its_place(text: str, finding: str) -> None:
    article = f"<article><header></header>\n<div>\n{text}\n</div>\n<footer>\n</footer></article>"
    body = f'<a href="#main">x</a><header></header><main>{article}</main><footer></footer>'
    page = f'<!DOCTYPE html><html lang="en"><head><title>x</title></head><body>{body}</body></html>'
    assert_found([whats for _, whats in documents.judged("article/x/index.html", page.encode()) if whats], finding)


@pytest.mark.parametrize(
    ("name", "body", "finding"),
    [
        pytest.param("x.atom", ATOM.format("<title>x"), "ill-formed", id="an element left open"),
        pytest.param("x.atom", ATOM.format("&nbsp;"), "ill-formed", id="an entity that XML has not"),
        pytest.param("x.atom", ATOM.format("<id>a:\x01</id>"), "ill-formed", id="a control"),
        pytest.param("x.atom", "<!DOCTYPE feed>" + ATOM.format(""), "around the root", id="a document type"),
        pytest.param("x.atom", "<?xml-stylesheet href='x'?>" + ATOM.format(""), "around the root", id="a style sheet"),
        pytest.param("x.atom", ATOM.format("<!-- x -->"), "an element that nobody judges", id="a comment"),
        pytest.param(
            "x.atom",
            ATOM.format('<s:script xmlns:s="http://www.w3.org/1999/xhtml"/>'),
            "an element that nobody judges",
            id="a browser would run it though it stands in XML",
        ),
        pytest.param(
            "x.atom", ATOM.format("<content type='html'>&lt;script></content>"), "element script", id="content"
        ),
        pytest.param("x.atom", ATOM.format("<summary type='html'>&lt;svg/></summary>"), "svg", id="summary"),
        pytest.param("x.atom", ATOM.format("<link href='javascript:x'/>"), "scheme javascript", id="a link"),
        pytest.param("x.atom", ATOM.format("<link onclick='x'/>"), "an attribute that nobody", id="an attribute"),
        pytest.param("x.atom", ATOM.format("<id>javascript:x</id>"), "an id that acts", id="an id"),
        pytest.param("x.atom", ATOM.format("<title>a\u202eb</title>"), "reorder", id="a title that turns the line"),
        pytest.param("x.atom", ATOM.format("<title>a\nb</title>"), "more than one line", id="a title of two lines"),
        pytest.param("x.atom", ATOM.format("<title>1 &lt; 2 &lt;b></title>"), "", id="a title of Atom is text"),
        pytest.param("x.atom", ATOM.format("<title>&#x85;</title>"), "U+0085", id="C1 as a reference"),
        pytest.param("x.rss", RSS.format("<title>&lt;b></title>"), "markup in a plain value: b", id="RSS: not so"),
        pytest.param("x.rss", RSS.format("<title>1 &lt; 2</title>"), "", id="a bracket alone is none"),
        pytest.param("x.rss", RSS.format("<description>&lt;p onclick=x></description>"), "onclick", id="description"),
        pytest.param("x.rss", RSS.format("<enclosure url='data:x'/>"), "scheme data", id="an enclosure"),
        pytest.param("x.rss", RSS.format("<source url='/x'>x</source>"), "no absolute address", id="a source"),
        pytest.param("x.rss", RSS.format("<link>ftp://e.example/</link>"), "scheme ftp", id="a link of RSS"),
        pytest.param("x.json", '{"items":[{"content_html":"<script>"}]}', "element script", id="JSON: content"),
        pytest.param("x.json", '{"items":[{"image":"javascript:x"}]}', "scheme javascript", id="JSON: a picture"),
        pytest.param("x.json", '{"title":"\\ud800"}', "U+D800", id="JSON: half a pair as an escape"),
        pytest.param("x.json", '{"title":NaN}', "ill-formed", id="JSON: no number"),
        pytest.param("x.json", '{"script":"x"}', "a key that nobody judges", id="JSON: a key nobody knows"),
        pytest.param("x.opml", "<opml><body><outline xmlUrl='javascript:x'/></body></opml>", "scheme", id="OPML"),
        pytest.param("x.svg.php", "", "a file of a kind", id="a file nobody knows"),
    ],
)
def test_a_document_is_judged(name: str, body: str, finding: str) -> None:
    found = [what for _, whats in documents.judged(name, body.encode()) for what in whats]
    assert_found(found, finding)


def assert_found(found: object, finding: str) -> None:
    assert finding in str(found) if finding else not found, found


# ------------------------------------------------------------------------------------------------------- generator


@pytest.fixture(scope="module")
def snippets() -> list[str]:
    return [grammar.snippet(number) for number in range(5000)]


def test_a_snippet_is_the_same_each_time_and_another_than_the_others(snippets: list[str]) -> None:
    assert [grammar.snippet(number) for number in range(100)] == snippets[:100]
    assert len(set(snippets)) == len(snippets)
    assert grammar.snippet(7, seed=1) != snippets[7]


@pytest.mark.parametrize(
    "shape",
    [
        *(pytest.param(rf"(?i)<{tag}\b", id=tag) for tag in TAGS),
        *(pytest.param(rf"(?i)\b{name}\s*=", id=name) for name in NAMES),
        pytest.param(r"<[^>]*autofocus", id="autofocus"),
        pytest.param(r"(?i)javascript:", id="javascript"),
        pytest.param(r"(?i)vbscript:", id="vbscript"),
        pytest.param(r"(?i)data:text/html", id="data"),
        pytest.param(r"(?i)jav\w*\t\w*:", id="a scheme with a tab inside"),
        pytest.param(r"(?i)&#x?0*6a;?&#", id="a scheme in references"),
        pytest.param(r"j[aA][vV][aA].*S", id="a scheme in mixed case"),
        pytest.param(r"<img[^ >]*/", id="attributes parted by slashes"),
        pytest.param(r"=\s*`", id="a grave accent as a quotation mark"),
        pytest.param(r"<!--", id="a comment"),
        pytest.param(r"<!\[CDATA\[", id="CDATA"),
        pytest.param(r"\]\]>", id="the end of CDATA"),
        pytest.param(r"<\?", id="an instruction"),
        pytest.param(r"<!DOCTYPE", id="a document type"),
        pytest.param(r"&amp;lt;|&#38;#x3c;", id="escaped twice"),
        pytest.param(r"&#x?[dD]8|&#55", id="half a pair as a reference"),
        pytest.param("[\ud800-\udfff]", id="half a pair"),
        pytest.param("[\u202a-\u202e\u2066-\u2069]", id="bidi controls"),
        pytest.param("\x00", id="NUL"),
        pytest.param("[\x80-\x9f]", id="C1"),
        pytest.param("[\ufffe\uffff\ufdd0\U0001fffe]", id="noncharacters"),
        pytest.param(r"https?://user:secret@", id="credentials"),
        pytest.param(r"//evil", id="a link relative to the scheme"),
        pytest.param(r"x{8000}", id="an address of 8 KB"),
        pytest.param(r"\+ADw-", id="UTF-7"),
        pytest.param("Ã|Ð", id="bytes of another encoding"),
        pytest.param(r"(?i)expression\(|@import|-moz-binding", id="CSS"),
        pytest.param(r"(<b>){40}", id="deep nesting"),
        pytest.param(r"\{\{", id="a template's braces"),
    ],
)
def test_the_generator_knows_the_shape(snippets: list[str], shape: str) -> None:
    assert any(re.search(shape, snippet) for snippet in snippets)
