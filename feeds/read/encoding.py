"""Bytes -> text, when nobody says in which encoding, or who says it is wrong."""

from __future__ import annotations

import codecs
import re
import sys

BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}

# Names that publishers use for a subset of what they send (https://encoding.spec.whatwg.org/#names-and-labels).
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc-kr": "cp949"}

_CODE_PAGES = {
    "cp1250": ("cs", "hr", "hu", "pl", "ro", "sk", "sl"),
    "cp1251": ("be", "bg", "kk", "mk", "ru", "sr", "uk"),
    "cp1253": ("el",),
    "cp1254": ("az", "tr"),
    "cp1255": ("he",),
    "cp1256": ("ar", "fa", "ur"),
    "cp1257": ("et", "lt", "lv"),
}
_PAGE_OF = {language: page for page, languages in _CODE_PAGES.items() for language in languages}

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.ASCII | re.IGNORECASE)
_CYRILLIC_WORD = re.compile(rb"[\xc0-\xff\xa8\xaa\xaf\xb2-\xb4\xb8\xba\xbf]{3,}")  # in cp1251
_ASCII = bytes(range(128))
_PAIR = re.compile(rb"&#(x[dD][89aAbB][0-9a-fA-F]{2}|5[56][0-9]{3});&#(x[dD][c-fC-F][0-9a-fA-F]{2}|5[67][0-9]{3});")
_REFERENCE = re.compile(rb"&#([xX][0-9a-fA-F]+|[0-9]+);?")


def charset(content_type: str) -> str:
    """The charset parameter of a Content-Type (RFC 9110 section 8.3), "" if there is none."""
    found = _CHARSET.search(content_type)
    return found.group(1) if found else ""


def wide(body: bytes) -> str:
    """The encoding of a document that does not begin in ASCII (XML 1.0 appendix F), "" if it does.

    By its byte order mark, or by the zeros of its first characters.
    """
    if body.startswith(codecs.BOM_UTF8):
        return ""
    for mark, name in BOMS.items():
        if body.startswith(mark):
            return name
    if body.startswith(b"\x4c\x6f\xa7\x94"):  # "<?xm" in EBCDIC
        return "cp037"
    zeros = "".join("0" if not byte else "x" for byte in body[:4])
    return {"x000": "utf-32-le", "000x": "utf-32-be", "x0x0": "utf-16-le", "0x0x": "utf-16-be"}.get(zeros, "")


def fitting(body: bytes, *names: str) -> str:
    """The first encoding of `names` in which `body` is valid, "" if none is."""
    for name in names:
        wider = _WIDER.get(name.lower(), name)
        try:
            body.decode(wider)
        except (UnicodeError, LookupError, ValueError):  # ValueError: codecs that are none for text
            continue
        return wider
    return ""


def decode(body: bytes, *, charset: str = "", language: str = "") -> str:
    """Text of `body`: by its byte order mark; else by `charset` or UTF-8 if it fits; else by the best guess.

    A few bad bytes in UTF-8 are dropped; they do not make the rest another encoding. Else the Windows code page of
    `language` (BCP 47) is taken, or without one of those, Cyrillic if the high bytes come as words.
    """
    for mark, name in BOMS.items():
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "ignore")
    if name := fitting(body, *filter(None, (charset, "utf-8"))):
        return body.decode(name)
    rescued = body.decode("utf-8", "ignore")
    high = len(body.translate(None, _ASCII))
    if (len(body) - len(rescued.encode())) * 10 < high:
        return rescued
    page = _PAGE_OF.get(language.lower().partition("-")[0])
    return body.decode(page or _guess(body, high), "ignore")


def mend_references(body: bytes) -> bytes:
    """Join character references that spell the halves of a surrogate pair; drop those that name no character.

    Both are common in feeds (emoji from UTF-16 programs), and feedparser gives up the whole document for one of them.
    """
    return _REFERENCE.sub(_named, _PAIR.sub(_joined, body))


def _joined(pair: re.Match[bytes]) -> bytes:
    high, low = _code(pair[1]) - 0xD800, _code(pair[2]) - 0xDC00
    return b"&#%d;" % (0x10000 + (high << 10) + low) if 0 <= high < 0x400 and 0 <= low < 0x400 else pair[0]


def _named(reference: re.Match[bytes]) -> bytes:
    code = _code(reference[1])
    return b"" if code > sys.maxunicode or 0xD800 <= code < 0xE000 else reference[0]


def _code(number: bytes) -> int:
    digits, base = (number[1:], 16) if number[:1] in b"xX" else (number, 10)
    return int(digits, base) if len(digits) < 10 else sys.maxunicode + 1


def _guess(body: bytes, high: int) -> str:
    """cp1251 if most of the `high` bytes stand together in words, as in Cyrillic; cp1252 if they are accents."""
    return "cp1251" if sum(map(len, _CYRILLIC_WORD.findall(body))) * 2 > high else "cp1252"
