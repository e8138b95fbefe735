"""Markup from outside -> plain text, or HTML that is safe to publish. The only user of nh3 and selectolax here."""

from __future__ import annotations

import re
from contextvars import ContextVar
from html import escape, unescape

import nh3
from selectolax.lexbor import LexborHTMLParser

from feeds.model import RawHtml
from feeds.normalise.urls import absolute

LONGEST_TEXT = 2000  # characters of a title, a name or a category
LONGEST_HTML = 256 * 1024  # characters of one summary or content
MOST_TAGS = 10_000  # of one summary or content: parsing is quadratic in depth

# XML 1.0 section 2.2 and the noncharacters (Unicode section 23.7). C1 codes are Windows-1252 in disguise.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff]")
# The same beyond the first plane, by what may stand: a class of such characters is tried range by range.
_FAR_CONTROLS = re.compile(
    "[^\0-\uffff\U000e0080-\U000efffd"
    + "".join(f"{chr(plane << 16)}-{chr(plane << 16 | 0xFFFD)}" for plane in range(1, 17) if plane != 14)
    + "]"
)
# Soft hyphen, zero-width space, word joiner, bidirectional embedding, override and isolation: they hide or reorder
# words. ZWNJ, ZWJ and the marks of direction stay inside: Persian, Bengali, emoji and Arabic need them.
_HIDDEN = re.compile("[\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_HARMLESS = b"\t\n" + bytes(range(0x20, 0x7F))  # of ASCII
_VISIBLE = re.compile(r"[^\s\u061c\u115f\u1160\u200c-\u200f\u2800\u3164\uffa0]")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TAGS = _names(
    "a abbr address article aside b bdi blockquote br caption center cite code dd del details dfn div dl dt em"
    " figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q rp rt ruby s samp"
    " section small strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr"
)
_DROPPED_WHOLE = _names(
    "audio button canvas embed frameset iframe math noembed noframes object option script select style svg template"
    " textarea title video xmp"
)
_ATTRIBUTES = {
    "*": {"dir", "lang"},
    "a": {"href", "hreflang", "title"},
    "abbr": {"title"},
    "img": {"alt", "height", "src", "title", "width"},
    "li": {"value"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "time": {"datetime"},
}
_VALUES = {
    **dict.fromkeys(("colspan", "height", "rowspan", "start", "value", "width"), re.compile("[0-9]{1,5}")),
    **dict.fromkeys(("hreflang", "lang"), re.compile("[A-Za-z0-9-]{1,35}")),
    "dir": re.compile("ltr|rtl|auto"),
}
_REL = "nofollow noopener noreferrer"

_ENDLESS = re.compile(r"&#[0-9]{20,};?")  # a number that Python refuses to read; `fingerprint` meets it too
_NOSCRIPT = re.compile(r"</?noscript\b[^>]*+>?", re.IGNORECASE)
_FORMATTING = re.compile(r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/][^>]*+>?", re.IGNORECASE)
_BLOCKS = (
    "address|article|aside|blockquote|br|caption|center|dd|details|div|dl|dt|figcaption|figure|footer|h[1-6r]|header|li"
    "|main|ol|p|pre|section|summary|table|t[dhr]|ul"
)
_BREAK = re.compile(rf"<(?=/?(?:{_BLOCKS})\b)", re.IGNORECASE)
_BLOCK, _TAG = re.compile(rf"</?(?:{_BLOCKS})(?=[ >])[^>]*>"), re.compile("<[^>]*>")  # of our own output
_BLANK_LINES = re.compile("(<pre[^>]*>)\n+")
_IMAGE = re.compile("<img([^>]*)>")
_INVISIBLE_IMAGE = re.compile(r' (?:width|height)="0*[01]"')


def plain(raw: RawHtml) -> str:
    """Return one line of plain text, at most 2,000 characters: for titles, names, categories.

    Markup is stripped and unescaped once, unless the source declared the value as text, which then stands as it is.
    """
    value = _line(raw)[:LONGEST_TEXT]
    return value.strip("\u061c\u200e\u200f ") if _VISIBLE.search(value) else ""


def is_line_cut(raw: RawHtml) -> bool:
    """Whether `plain` leaves something out because there is too much. Of what is short, a comparison of lengths."""
    size = len(raw.value)
    return size > LONGEST_TEXT and (size > LONGEST_HTML or len(_line(raw)) > LONGEST_TEXT)


def html_cut(raw: RawHtml) -> str:
    """What `clean_html` leaves something out for: long_text, tags, or "" for nothing. Of what is short, a comparison
    of lengths. A text that fits and whose own escapes or repairs do not is not told."""
    size = len(raw.value)
    if size > LONGEST_HTML:
        return "long_text"
    is_long = size > MOST_TAGS and not raw.plain and raw.value.count("<") > MOST_TAGS
    return "tags" if is_long and _NOSCRIPT.sub("", raw.value).count("<") > MOST_TAGS else ""


def _line(raw: RawHtml) -> str:
    value = _scrub(raw.value[:LONGEST_HTML])
    return " ".join(_bare(value if raw.plain else _strip(value)).split())


def text_of(html: str) -> str:
    """Return the text that `html` shows: a line for each block, none of them empty.

    `html` is what `clean_html` returned: every `<` begins a tag, and every `>` ends one.
    """
    if "<" in html:
        html = _TAG.sub("", _BLOCK.sub("\n", " ".join(html.split())))
    return "\n".join(_lines(_bare(_scrub(_unescaped(html)))))


def clean_html(raw: RawHtml, base: str) -> str:
    """Return `raw` as HTML that holds nothing active and no relative address; text becomes paragraphs.

    Links are http, https or mailto and made absolute against the base of `raw`, else `base`; a link that cannot be is
    no link any more, an image neither, nor one a pixel wide. Cut at 256 KiB or 10,000 tags. A second pass changes
    nothing, unless there was such a cut or elements stand where HTML does not let them (a link in a link).
    """
    if not raw.value:
        return ""
    html = _scrub(raw.value[:LONGEST_HTML])
    base = raw.base or base
    if raw.plain:
        html = _paragraphs(html)
    elif "<" in html:
        html = _sanitised(html, base)
    if "<" not in html:  # no markup, or none that was left
        html = _paragraphs(_scrub(_unescaped(html)))
    if len(html) > LONGEST_HTML:  # escapes lengthen and misnested tags multiply, but not those of our own output
        html = _sanitised(html[:LONGEST_HTML], base)
    return html


def _checked(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute as it may stay, None if it may not."""
    if name in {"href", "src"}:
        is_mail = tag == "a" and value[:7].lower() == "mailto:"
        return _mailto(value) if is_mail else absolute(value, _base.get()) or None
    if name in _VALUES:
        return value if _VALUES[name].fullmatch(value) else None
    return " ".join(value.split())


_base: ContextVar[str] = ContextVar("base")  # of the markup that is being sanitised
_CLEANER = nh3.Cleaner(  # made once: that costs as much as cleaning a summary
    tags=set(_TAGS),
    clean_content_tags=set(_DROPPED_WHOLE),
    attributes=_ATTRIBUTES,
    attribute_filter=_checked,
    link_rel=_REL,
    url_schemes={"http", "https", "mailto"},
)


def _sanitised(html: str, base: str) -> str:
    token = _base.set(base)
    try:
        html = _CLEANER.clean(_tamed(html))
    finally:
        _base.reset(token)
    # HTML drops a line feed after <pre>: one more at each pass.
    return _BLANK_LINES.sub(r"\1", _IMAGE.sub(_seen, _scrub(html))).strip()


def _seen(image: re.Match[str]) -> str:
    shown = ' src="' in image[1] and not _INVISIBLE_IMAGE.search(image[1])
    return image[0] if shown else ""


def _mailto(value: str) -> str | None:
    address = re.fullmatch(r"(?i:mailto:)([\w.!#$%&'*+/=?^`{|}~@,;:-]+)", value.strip(), re.ASCII)
    return f"mailto:{address[1]}" if address else None


def _paragraphs(text: str) -> str:
    """Return plain text as HTML: a paragraph after each empty line, a break after each other one."""
    blocks = (_lines(block) for block in re.split(r"\n\s*\n", text))
    return "".join(f"<p>{'<br>'.join(escape(line, quote=False) for line in lines)}</p>" for lines in blocks if lines)


def _strip(html: str) -> str:
    """Return the text of any HTML, with a line feed at each block's edges."""
    if "<" not in html:
        return _scrub(_unescaped(html))
    # Line feeds in the source are spaces; lexbor knows text, not layout.
    flat = _BREAK.sub("\n<", " ".join(_tamed(html).split()))
    tree = LexborHTMLParser(flat)
    if tree.body is None:
        return ""
    tree.strip_tags(list(_DROPPED_WHOLE))
    return _scrub(tree.body.text())


def _unescaped(text: str) -> str:
    """`text` with its references replaced; Python refuses to read numbers without end."""
    return unescape(_ENDLESS.sub("", text) if "&#" in text else text)


def _lines(text: str) -> list[str]:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return [line for line in lines if _VISIBLE.search(line)]


def _tamed(html: str) -> str:
    """Return `html` with what multiplies at parsing taken out.

    A formatting element left open is opened anew in each later paragraph, with all its attributes, and only equal
    ones are capped at three (HTML 13.2.4.3): 17 KB can become 7 MB. So they lose their attributes, which we drop
    anyway. The parser shows the inside of noscript as text.
    """
    html = _FORMATTING.sub(r"<\1>", _NOSCRIPT.sub("", html))
    if html.count("<") > MOST_TAGS:
        html = "<".join(html.split("<", MOST_TAGS + 1)[: MOST_TAGS + 1])
    return html


def _bare(text: str) -> str:
    return text if _is_harmless(text) else _HIDDEN.sub("", text)


def _scrub(text: str) -> str:
    """Return `text` without characters that no document may hold; line ends become line feeds."""
    if _is_harmless(text):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _FAR_CONTROLS.sub("", _CONTROLS.sub(_mended, text))


def _is_harmless(text: str) -> bool:
    """Whether nothing in `text` can need scrubbing; ten times faster than the expressions that find it."""
    if text.isascii():
        return not text.encode().translate(None, _HARMLESS)
    known = text.replace("\n", "").replace("\t", "").replace("\xa0", "")
    return known.isprintable() and "\ufffd" not in text


def _mended(control: re.Match[str]) -> str:
    code = ord(control[0])
    if code in {0x0B, 0x0C}:
        return " "
    return bytes((code,)).decode("cp1252", "ignore") if 0x80 <= code <= 0x9F else ""
