"""An article as tokens: folded words of title and lead, cut to stems, as 64-bit ids."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files

from xxhash import xxh3_64_intdigest

from feeds.identify.fingerprint import bare_text, lowered
from feeds.model import Article

LEAD = 50  # words
_STEM = 6  # letters: a stemmer for every language of the wire (handbook, editorial)
_CHARACTERS = 600  # that are looked at for a lead
_TAG = re.compile(r"<[^<>]*>")
_GROUPED = re.compile(r"(?<=\d)[.,](?=\d{3}\b)")  # 3,342
_FIRST_IDEOGRAPH = "\u2e80"
_CYRILLIC = "\u0400", "\u0530"
# Of Russian and Ukrainian cases: of a short noun six letters would keep it.
_ENDING = re.compile(
    r"(?<=\w{4})(?:[аеиоуыэюяьйіїє]{1,2}|[оеє]го|[оеє]му|[ыиі]ми|и?[ая]ми|и?[ая]х|[ыиі]х|и?[оеая]м|[ыиі]м|ие[йм]|ією)$"
)


class _Letters(dict[int, str | None]):
    """For str.translate: letters and digits stay, Latin ones without their marks, all else is space.

    Filled as characters are met.
    """

    def __missing__(self, code: int) -> str | None:
        letter = chr(code)
        category = unicodedata.category(letter)
        if category == "Cf" or category[0] == "M":
            found = None
        elif category[0] not in "LN":
            found = " "
        else:
            plain = unicodedata.normalize("NFKD", letter)[0]
            found = plain if plain.isascii() else letter
        self[code] = found
        return found


_LETTERS = _Letters(
    {ord(a): b for a, b in zip("ıłøđёأإآٱىیکة", "ilodеااااييكه", strict=True)} | {ord("æ"): "ae", ord("œ"): "oe"}
)


def title_words(bare: str) -> dict[str, str]:
    """Stem -> word of a title in lower case, in its order."""
    return _stems(_split(bare))


def lead_words(article: Article) -> dict[str, str]:
    """Stem -> word of the first 50 words of the summary, or of the text if that says more; {} if it is no lead.

    A text that is too short to stand for an article, or that the source puts under many titles, makes it an article of
    class B or C: that is no lead.
    """
    if article.fingerprint.kind != "A":
        return {}
    said: list[str] = []
    if article.content and article.summary:  # else the text is the summary's
        said = _split(_lead(_TAG.sub("\n", article.summary[: 4 * _CHARACTERS])))
    if len(said) < LEAD:
        more = _split(_lead(article.text))
        said = more if len(more) > len(said) else said
    return _stems(said[:LEAD])


def _lead(text: str) -> str:
    """What sites add stands at the end, so a long text has none of it in its lead."""
    return bare_text(text) if len(text) <= _CHARACTERS else lowered(text[:_CHARACTERS])


def _split(text: str) -> list[str]:
    return _GROUPED.sub("", text).translate(_LETTERS).split()


def _stems(words: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        if word >= _FIRST_IDEOGRAPH:  # written without spaces: each pair of characters is a word
            for at in range(max(1, len(word) - 1)):
                found.setdefault(word[at : at + 2], word[at : at + 2])
        elif word.isdigit():
            found[word] = word
        elif len(word) > 2:
            found.setdefault(_stem(word), word)
    return found


@lru_cache(maxsize=16384)  # the words of news come again and again
def _stem(word: str) -> str:
    bare = _bare(word)
    return _same().get(bare, bare[:_STEM])


def _bare(word: str) -> str:
    return _ENDING.sub("", word) if _CYRILLIC[0] <= word < _CYRILLIC[1] else word


@cache
def _same() -> dict[str, str]:
    """Word without its ending -> the stem of the first of its line, of words that headlines use for the same."""
    found: dict[str, str] = {}
    for line in _lines("same.txt"):
        words = [_bare(word) for word in _split(line)]
        found |= dict.fromkeys(words, words[0][:_STEM])
    return found


def token(stem: str) -> int:
    """The id of a stem: 64 bits, the same in every process and for ever."""
    return xxh3_64_intdigest(stem.encode("utf-8", "surrogatepass"))


def pack(tokens: Iterable[int]) -> bytes:
    """Ids as a row holds them."""
    ids = tuple(tokens)
    return struct.pack(f"<{len(ids)}Q", *ids)


def unpack(row: bytes) -> tuple[int, ...]:
    """Ids of a row."""
    return struct.unpack(f"<{len(row) // 8}Q", row)


def common_words() -> Iterator[tuple[float, str]]:
    """The lines of words of everyday news, each with the share of articles that has one of its words."""
    share = 0.0
    for line in _lines("common.txt"):
        if line.startswith("="):
            share = float(line[1:]) / 100
        else:
            yield share, line


def _lines(name: str) -> Iterator[str]:
    """What a file of words says, without its remarks."""
    for line in files("feeds.identify").joinpath(name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def common_tokens() -> dict[int, float]:
    """Token -> the share of articles that has it, for words of everyday news: a stream that begins knows no others."""
    found: dict[int, float] = {}
    for share, line in common_words():
        for stem in _stems(line.casefold().translate(_LETTERS).split()):
            found.setdefault(token(stem), share)
    return found
