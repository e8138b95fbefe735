"""The short extract of a source's own summary that we show: at most two sentences, at most 300 characters."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

from feeds.publish import clean

SENTENCES, CHARACTERS = 2, 300

_LONGEST_WORD = 60  # characters
_LOOKED_AT = 20_000  # characters of markup; two sentences stand well within
_FIRST_LOOK = 2_000  # nearly always enough
_ENOUGH = CHARACTERS + 200  # characters of text: what comes behind them cannot change an excerpt
_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "br", "caption", "dd", "div", "dl", "dt", "figcaption", "figure",
     "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "td",
     "th", "tr", "ul")
)  # fmt: skip
# Embedding, override and isolation: cut off before its end, one would turn round what a reader shows behind it.
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Of these scripts some part sentences by blanks, some do not. “ and « end what „ and » began.
_STOP = re.compile(r"(?:[.!?…؟۔।॥։።፧။។]+(?:[\"'»«›‹”“’‘)\]]|[ \xa0\u202f]»)*(?=\s|\Z)|[。．！？｡]+[」』”’）]*)\s*")
_INITIALS = re.compile(r"[^\W\d](?:\.[^\W\d])*")
_ABBREVIATED = frozenset(
    ("mr", "mrs", "ms", "dr", "prof", "st", "gen", "col", "lt", "sgt", "capt", "maj", "rep", "sen", "gov", "rev",
     "hon", "jr", "sr", "vs", "no", "inc", "ltd", "co", "corp", "etc", "dept", "jan", "feb", "mar", "apr", "jun",
     "jul", "aug", "sep", "sept", "oct", "nov", "dec", "vol", "bzw", "ca", "nr", "str",
     "гг", "вв", "ул", "им", "руб", "млн", "млрд", "тыс", "тис", "см", "ст", "стр", "проф", "акад", "ген", "напр",
     "doç", "yrd", "öğr", "gör", "alb", "bşk", "cad", "sok", "örn")
)  # fmt: skip


class _Text(HTMLParser):
    """Collects the character data; blocks are set apart by a blank."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append(" ")


def of(summary: str, text: str) -> str:
    """Return the excerpt of sanitised HTML, or of a text where that says nothing."""
    said = plain(summary[:_FIRST_LOOK])
    if len(said) < _ENOUGH and len(summary) > _FIRST_LOOK:
        said = plain(summary)
    return cut(said or clean.line(text[:_LOOKED_AT]))


def plain(html: str) -> str:
    """Return the text of sanitised HTML as one line. Only the first 20,000 characters are looked at."""
    head = html[:_LOOKED_AT]
    if head.rfind("<") > head.rfind(">"):  # cut inside a tag
        head = head[: head.rfind("<")]
    parser = _Text()
    parser.feed(head)
    parser.close()
    return clean.line(_REORDERING.sub("", "".join(parser.parts)))


def cut(text: str) -> str:
    """Return the first two sentences of one line of text, or as many whole words as 300 characters hold. What is longer
    than a word is broken off as well.

    An ellipsis (counted in) marks a sentence that was broken off. Idempotent.
    """
    sentences = text[: _end_of_sentences(text)].rstrip()
    if len(sentences) <= CHARACTERS:
        return sentences
    room = sentences[: CHARACTERS - 1]
    words = room if sentences[CHARACTERS - 1] == " " else room.rpartition(" ")[0]
    if len(words) < len(room) - _LONGEST_WORD:  # an address, or a script without blanks
        words = _whole_characters(room)
    return words.rstrip(" ,;:–—-.…") + "…"


def _end_of_sentences(text: str) -> int:
    found = 0
    for stop in _STOP.finditer(text):
        if not _is_stop(text, stop):
            continue
        found += 1
        if found == SENTENCES:
            return stop.end()
    return len(text)


def _is_stop(text: str, stop: re.Match[str]) -> bool:
    """Whether a sentence ends here: not after an initial or an abbreviation, nor before a small letter."""
    if text[stop.end() : stop.end() + 1].islower():
        return False
    if stop[0].strip() != ".":
        return True
    word = text[: stop.start()].rpartition(" ")[2].strip("(«“\"'[").lower()
    return word not in _ABBREVIATED and not _INITIALS.fullmatch(word)


def _whole_characters(text: str) -> str:
    """Drop a last character whose marks may have been cut off."""
    end = len(text) - 1
    while end > 1 and unicodedata.combining(text[end]):
        end -= 1
    return text[:end]
