"""One spelling for comparing: letters without case, accents and vowel signs, words one space apart.

Topics compare articles in it, and the search keeps them in it: what one finds the other finds too.
"""

from __future__ import annotations

import codecs
import html
import re
import unicodedata
from typing import Any

_INVISIBLE = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff"
_SIGNS = dict.fromkeys('-‐‒–—―−/_"«»„“”‟‹›', " ") | dict.fromkeys("’‘‛ʼʹ`′", "'")
_PICTURES = "\U0001f300-\U0001faff"
_PICTURE = re.compile(f"[{_PICTURES}]")
_TAG = re.compile(r"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_ODD = re.compile(f"[{_INVISIBLE}{_PICTURES}{''.join(map(re.escape, _SIGNS))}]")


def html_text(markup: str) -> str:
    """The text of sanitised HTML, roughly: every tag parts words."""
    if "<" in markup:
        markup = _TAG.sub(" ", markup)
    return html.unescape(markup) if "&" in markup else markup


def tidy(text: str) -> str:
    """Return `text` with its letters untouched: NFKC, nothing invisible, one kind of apostrophe, single spaces.

    Hyphens, slashes, quotation marks and pictures (emoji) part words as spaces do. Idempotent.
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
        text = text.replace(sign, _SIGNS.get(sign) or (" " if _PICTURE.match(sign) else ""))
    return text


def fold(text: str) -> str:
    """Return `text` in the one spelling that rules and articles are compared in. Idempotent.

    İ, I, ı and i are one letter, ё is е; Latin letters lose their marks, Arabic ones their vowel signs and variants.
    й and ї keep theirs: война is not воина.
    """
    return tidy(text).lower() if text.isascii() else spell(text).folded().strip(" ")


def fold_letters(tidied: str) -> str:
    """Fold the letters of what `tidy` returned; words stay where they are."""
    if tidied.isascii():
        return tidied.lower()
    return _MARKED.sub(_without_mark, tidied.replace("İ", "i").casefold())


def spell(*parts: str) -> Spelling:
    """All `parts` tidied, and all folded; each begins after a line end. A space may stand at both ends of a part."""
    text = _PART.join(parts)
    page = _CYRILLIC if "о" in text or "и" in text else _ARABIC if "ا" in text else _LATIN
    if (coded := page.encode(text)) is not None and coded.count(_CODE_OF_PART) == len(parts) - 1:
        return _Paged(page, coded)
    tidied = "\n".join(map(tidy, parts))
    return Spelling(tidied, fold_letters(tidied))


def shape(text: str) -> bytes:
    """One byte for each character of `text`, the same for the same: a space for all that is no letter or digit.

    Letters and digits of ASCII and line ends stand for themselves; what may look alike, `is_unmistakable` says.
    """
    return text.translate(_SHAPES).encode("latin-1")


def is_unmistakable(word: str) -> bool:
    """Whether nothing but `word` itself, folded, has its shape."""
    return _DISTINCT.issuperset(word)


def _without_mark(found: re.Match[str]) -> str:
    plain = _PLAIN[found[0]]
    # NFKC leaves a combining mark only where no single letter has it, as in the stressed за́мок. One that stands by
    # itself stays, so that no word disappears.
    if not plain and (not found.start() or found.string[found.start() - 1] in " \n"):
        return found[0]
    return plain


_WITHOUT_STROKE = dict(zip("ıłøđё", "ilodе", strict=True)) | {"æ": "ae", "œ": "oe"}  # of these, nothing is taken apart


def _latin_without_marks() -> dict[str, str]:
    plain = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        letter = chr(code).casefold()
        parts = unicodedata.normalize("NFKD", letter)
        bare = "".join(_WITHOUT_STROKE.get(c, c) for c in parts if not unicodedata.combining(c))  # ǣ is æ is ae
        if len(letter) == 1 and bare != letter:
            plain[letter] = bare
    return plain


_MARKS = "".join(map(chr, (*range(0x300, 0x370), *range(0x610, 0x61B), 0x640, *range(0x64B, 0x660), 0x670)))
_LETTERS = {
    **_latin_without_marks(),
    **_WITHOUT_STROKE,
    **dict(zip("أإآٱىیکة", "ااااييكه", strict=True)),
}
_PLAIN = _LETTERS | dict.fromkeys(_MARKS, "")
_MARKED = re.compile(f"[{''.join(_PLAIN)}]")


_PART = "\0"  # between parts: no text that is for people has it
_EVERYWHERE = "".join(map(chr, range(32, 127))) + "\t\n\r\u00a0\u00ad\u200b‐–—―«»„“”‹›’‘ʼ′•·°€£§©®…№™"
_CODE_OF_PART, _SPACE = b"\0", b"\1"  # in every page


class _Shapes(dict[int, int]):
    """The byte of each character, kept for those that were asked for first."""

    def __missing__(self, code: int) -> int:
        char = chr(code)
        if char.isascii():
            byte = code if char.isalnum() or char == "\n" else ord(" ")
        else:
            byte = _SHARED[code % len(_SHARED)] if char.isalnum() else ord(" ")
        if len(self) < _KEPT:
            self[code] = byte
        return byte


_DISTINCT = set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")  # those with a byte of their own ...
_OWN = iter(range(128, 256))  # ... and the bytes that others get
_SHARED = bytes(byte for byte in range(128) if not chr(byte).isalnum() and chr(byte) not in " \n")  # by all others
_KEPT = 4096
_SHAPES = _Shapes()


class Spelling:
    """A text in two spellings, and the `shape` of both: made when it is asked for."""

    __slots__ = ("_folded", "_tidied")

    def __init__(self, tidied: str, folded: str) -> None:
        self._tidied, self._folded = tidied, folded

    def tidied(self) -> str:
        """With its letters untouched."""
        return self._tidied

    def folded(self) -> str:
        """As rules and articles are compared."""
        return self._folded

    def tidied_shape(self) -> bytes:
        """The shape of `tidied`, place by place."""
        return shape(self._tidied)

    def folded_shape(self) -> bytes:
        """The shape of `folded`, place by place."""
        return shape(self._folded)


class _Page:
    """A code page of our own: what fits into it is tidied and folded by tables of 256 characters, in no time.

    The tables are made with `tidy` and `fold_letters`, which can do one character after the other as long as none of
    them is a combining mark.
    """

    def __init__(self, letters: str) -> None:
        chars = _PART + _EVERYWHERE + letters  # the place of each is its code
        tidied = ["\n", *(tidy(f"a{char}a")[1:-1] for char in chars[1:])]
        folded = [fold_letters(char) for char in tidied]
        self._written: Any = codecs.charmap_build(chars.ljust(256, "\ufffe"))
        self._gone = bytes(code for code, char in enumerate(tidied) if not char)
        spaces = bytes(code for code, char in enumerate(tidied) if char == " ")
        self._parted = bytes.maketrans(spaces, _SPACE * len(spaces))
        # What becomes several characters is replaced before the tables are asked: when a text is tidied, or folded.
        self._wide = [(bytes([n]), self._encode(char)) for n, char in enumerate(tidied) if len(char) > 1]
        self.double = [
            (bytes([n]), self._encode(char)) for n, char in enumerate(folded) if len(char) > 1 and len(tidied[n]) == 1
        ]
        self.tidied, self.folded = ("".join(c if len(c) == 1 else " " for c in several) for several in (tidied, folded))
        for char in sorted({char for char in self.folded if char.isalnum()} - _DISTINCT):
            _SHAPES[ord(char)] = next(_OWN)
            _DISTINCT.add(char)
        self.tidied_shapes, self.folded_shapes = shape(self.tidied).ljust(256), shape(self.folded).ljust(256)

    def encode(self, text: str) -> bytes | None:
        """`text` tidied, in the codes of this page; None if something in it is not there."""
        try:
            coded = self._encode(text)
        except UnicodeEncodeError:
            return self.encode(plain) if (plain := _PICTURE.sub(" ", text)) != text else None
        coded = coded.translate(self._parted, self._gone)
        for code, several in self._wide:
            coded = coded.replace(code, several)
        while _SPACE * 2 in coded:
            coded = coded.replace(_SPACE * 2, _SPACE)
        return coded

    def _encode(self, text: str) -> bytes:
        coded: bytes = codecs.charmap_encode(text, "strict", self._written)[0]
        return coded


class _Paged(Spelling):
    """A text that fits into a page."""

    __slots__ = ("_coded", "_page", "_single")

    def __init__(self, page: _Page, coded: bytes) -> None:
        self._page, self._coded = page, coded
        for code, several in page.double:
            coded = coded.replace(code, several)
        self._single = coded  # as it is folded: no letter that becomes two

    def tidied(self) -> str:
        tidied: str = codecs.charmap_decode(self._coded, "strict", self._page.tidied)[0]
        return tidied

    def folded(self) -> str:
        folded: str = codecs.charmap_decode(self._single, "strict", self._page.folded)[0]
        return folded

    def tidied_shape(self) -> bytes:
        return self._coded.translate(self._page.tidied_shapes)

    def folded_shape(self) -> bytes:
        return self._single.translate(self._page.folded_shapes)


_LOWER = "àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþœğşąćęłńśźżčďěňřšťůžľĺŕășțţőűđ"
_LATIN = _Page(f"{_LOWER}{_LOWER.upper()}ßıİ¿¡")
_CYRILLIC = _Page("".join(map(chr, range(0x400, 0x460))) + "ҐґӘәҒғҚқҢңӨөҰұҮүҺһ")
_ARABIC = _Page(f"{''.join(map(chr, (*range(0x621, 0x63B), *range(0x641, 0x64B))))}پچژگکیھہەڤ،؛؟٪٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")
