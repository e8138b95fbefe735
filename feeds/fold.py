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
    return tidy(text).lower() if text.isascii() else spell(text)[1].strip(" ")


def fold_letters(tidied: str) -> str:
    """Fold the letters of what `tidy` returned; words stay where they are."""
    if tidied.isascii():
        return tidied.lower()
    return _MARKED.sub(_without_mark, tidied.replace("İ", "i").casefold())


def spell(*parts: str) -> tuple[str, str]:
    """All `parts` tidied, and all folded; each begins after a line end. A space may stand at both ends of a part."""
    text = _PART.join(parts)
    page = _CYRILLIC if "о" in text or "и" in text else _ARABIC if "ا" in text else _LATIN
    if text.count(_PART) < len(parts) and (spelled := page.spell(text)):
        return spelled
    tidied = "\n".join(map(tidy, parts))
    return tidied, fold_letters(tidied)


def _without_mark(found: re.Match[str]) -> str:
    plain = _PLAIN[found[0]]
    # NFKC leaves a combining mark only where no single letter has it, as in the stressed за́мок. One that stands by
    # itself stays, so that no word disappears.
    if not plain and (not found.start() or found.string[found.start() - 1] in " \n"):
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


_PART = "\0"  # between parts: no text that is for people has it
_WIDE = {"…": "...", "№": "No"}  # one character that NFKC makes several of
_EVERYWHERE = "".join(map(chr, range(32, 127))) + "\t\n\r\u00a0\u00ad\u200b‐–—―«»„“”‹›’‘ʼ′•·°€£§©®"
_SPACE = b"\1"  # a space in every page


class _Page:
    """A code page of our own: what fits into it is tidied and folded by tables of 256 characters, in no time.

    The tables are made with `tidy` and `fold_letters`, which can do one character after the other as long as none of
    them is a combining mark.
    """

    def __init__(self, letters: str) -> None:
        chars = _PART + _EVERYWHERE + letters
        tidied = ["\n", *(tidy(f"a{char}a")[1:-1] for char in chars[1:])]
        folded = [fold_letters(char) for char in tidied]
        self._written: Any = codecs.charmap_build(chars.ljust(256, "\ufffe"))
        self._gone = bytes(code for code, char in enumerate(tidied) if not char)
        spaces = bytes(code for code, char in enumerate(tidied) if char == " ")
        self._parted = bytes.maketrans(spaces, _SPACE * len(spaces))
        self._tidied = "".join(char or " " for char in tidied)
        # A letter that becomes two is left to the end.
        self._two = {char.lower(): two for char, two in zip(tidied, folded, strict=True) if len(two) > 1}
        self._folded = "".join(
            (plain or " ") if len(plain) < 2 else char.lower() for char, plain in zip(tidied, folded, strict=True)
        )

    def spell(self, text: str) -> tuple[str, str] | None:
        """`text` tidied and folded; None if something in it is not in this page."""
        for char, several in _WIDE.items():
            text = text.replace(char, several)
        try:
            coded = codecs.charmap_encode(text, "strict", self._written)[0].translate(self._parted, self._gone)
        except UnicodeEncodeError:
            return None
        while _SPACE * 2 in coded:
            coded = coded.replace(_SPACE * 2, _SPACE)
        folded = codecs.charmap_decode(coded, "strict", self._folded)[0]
        if self._two and not folded.isascii():
            for letter, two in self._two.items():
                folded = folded.replace(letter, two)
        return codecs.charmap_decode(coded, "strict", self._tidied)[0], folded


_LOWER = "àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþœğşąćęłńśźżčďěňřšťůžľĺŕășțţőűđ"
_LATIN = _Page(f"{_LOWER}{_LOWER.upper()}ßıİ¿¡")
_CYRILLIC = _Page("".join(map(chr, range(0x400, 0x460))) + "ҐґӘәҒғҚқҢңӨөҰұҮүҺһ")
_ARABIC = _Page(f"{''.join(map(chr, (*range(0x621, 0x63B), *range(0x641, 0x64B))))}پچژگکیھہەڤ،؛؟٪٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")
