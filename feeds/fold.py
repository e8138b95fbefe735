"""One spelling for comparing: letters without case, accents and vowel signs, words one space apart.

Topics compare articles in it, and the search keeps them in it: what one finds the other finds too.
"""

from __future__ import annotations

import codecs
import html
import re
import unicodedata
from typing import Any

_INVISIBLE = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_SIGNS = dict.fromkeys('-‐‒–—―−/_"«»„“”‟‹›', " ") | dict.fromkeys("’‘‛ʼʹ`′", "'")
_TAG = re.compile(r"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_ODD = re.compile(f"[{_INVISIBLE}{''.join(map(re.escape, _SIGNS))}]")


def html_text(markup: str) -> str:
    """The text of sanitised HTML, roughly: every tag parts words."""
    if "<" in markup:
        markup = _TAG.sub(" ", markup)
    return html.unescape(markup) if "&" in markup else markup


def tidy(text: str) -> str:
    """Return `text` with its letters untouched: NFKC, nothing invisible, one kind of apostrophe, single spaces.

    Hyphens, slashes and quotation marks part words as spaces do. Idempotent.
    """
    # Invisible characters go first: they would keep a letter apart from its combining mark.
    text = _without_signs(text)
    if not text.isascii() and (composed := unicodedata.normalize("NFKC", text)) != text:
        text = _without_signs(composed)
    is_tidy = "  " not in text and text.isprintable() and text[:1] != " " and text[-1:] != " "
    return text if is_tidy else " ".join(text.split())


def _without_signs(text: str) -> str:
    # Few different ones stand in a text: to replace all of one at once is faster than one after the other.
    for sign in set(_ODD.findall(text)):
        text = text.replace(sign, _SIGNS.get(sign, ""))
    return text


def fold(text: str) -> str:
    """Return `text` in the one spelling that rules and articles are compared in. Idempotent.

    İ, I, ı and i are one letter, ё is е; Latin letters lose their marks, Arabic ones their vowel signs and variants.
    й and ї keep theirs: война is not воина.
    """
    return fold_letters(tidy(text))


def fold_letters(tidied: str) -> str:
    """Fold the letters of what `tidy` returned; words stay where they are."""
    if tidied.isascii():
        return tidied.lower()
    text = tidied.replace("İ", "i").casefold()
    if not (first := _MARKED.search(text)):
        return text
    try:  # a text in one script fits into a table of 256 letters, which is looked up in one go
        written, plain = _ARABIC if first[0] > "\u0600" else _LATIN
        return codecs.charmap_decode(codecs.charmap_encode(text, "strict", written)[0], "strict", plain)[0]
    except UnicodeEncodeError:
        return _MARKED.sub(_without_mark, text)


def _without_mark(found: re.Match[str]) -> str:
    plain = _PLAIN[found[0]]
    # NFKC leaves a combining mark only where no single letter has it, as in the stressed за́мок. One that stands by
    # itself stays, so that no word disappears.
    if not plain and (not found.start() or found.string[found.start() - 1] == " "):
        return found[0]
    return plain


def _latin_without_marks() -> dict[str, str]:
    plain = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        letter = chr(code).casefold()
        bare = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
        if len(letter) == 1 and bare != letter:
            plain[letter] = bare
    return plain


_MARKS = "".join(map(chr, (*range(0x300, 0x370), *range(0x610, 0x61B), 0x640, *range(0x64B, 0x660), 0x670)))
_LETTERS = {
    **_latin_without_marks(),
    **dict(zip("ıłøđё", "ilodе", strict=True)),
    **dict(zip("أإآٱىیکة", "ااااييكه", strict=True)),
    "æ": "ae",
    "œ": "oe",
}
_PLAIN = _LETTERS | dict.fromkeys(_MARKS, "")
_MARKED = re.compile(f"[{''.join(_PLAIN)}]")


def _table(letters: str) -> tuple[Any, str]:
    """A code page of our own, ASCII and `letters`: how it is encoded, and what its bytes become once folded."""
    written = f"{''.join(map(chr, range(128)))}{letters}•·°€£§©®"
    return codecs.charmap_build(written.ljust(256, "\ufffe")), "".join(_LETTERS.get(char, char) for char in written)


# Neither has a letter that becomes two, nor a mark that may have to stay.
_LATIN = _table("".join(letter for letter, plain in _LETTERS.items() if letter < "\u0180" and len(plain) == 1) + "șț")
_ARABIC = _table(f"{''.join(map(chr, (*range(0x621, 0x63B), *range(0x641, 0x64B))))}پچژگکیھہەڤ،؛؟٪٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")
