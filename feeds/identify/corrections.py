"""What of an edit its readers should hear of: headline, figures, names, or more than a tenth of the text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from feeds.identify.retractions import is_withdrawn
from feeds.model import Article, Correction, Fingerprint, Stored

MOST = 0.1  # of the words of a text may come, go or be exchanged without its readers being told
_CASED = 0.4  # of the words inside sentences; beyond it capitals tell no names: German, headlines, shouting

# A mark between digits belongs to the number; the sign, the currency and the unit do not.
_FIGURE = re.compile(r"\d+(?:[.,:'’\u00a0\u202f]\d+)*")
_GROUP = re.compile(r"[.,'’\u00a0\u202f](?=\d{3}(?!\d))")  # of thousands, in whatever house style
# Scripts that write no spaces are compared sign by sign: Thai and its neighbours, kana, Chinese characters.
_TOKEN = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|[^\W_]+")
# What a site counts beside each item moves by itself.
_COUNTED = re.compile(
    r"\b(?:comments?|points|views|likes|votes)\s*:\s*\d+"
    r"|\b\d+ (?:comments?|views|likes|(?:minutes?|hours?|days?) ago)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_SENTENCE = re.compile(r"(?:^|[.!?:;…\n•|—–\"“”„«»‘(\[-])\s*$")  # what stands before a word that starts one


class _Text(Protocol):
    """An article, or what is stored of one."""

    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def fingerprint(self) -> Fingerprint: ...


def differences(before: Stored, item: Article) -> tuple[str, ...]:
    """Which of title, text, link and authors differ; white space, markup and order do not count."""
    pairs = {
        "title": (before.title.split(), item.title.split()),
        "text": (before.text.split(), item.text.split()),
        "link": (before.canonical_url, item.canonical_url),
        "authors": (sorted(before.authors), sorted(item.authors)),
    }
    return tuple(name for name, (old, new) in pairs.items() if old != new)


def corrections(before: _Text, after: _Text) -> tuple[Correction, ...]:
    """Return what an edit corrected, in a fixed order; () for a cosmetic one.

    Punctuation, case, white space, labels such as LIVE and the order of words are cosmetic. A text that is no longer
    given corrects nothing. Figures and names count wherever they stand, one alone. Pure and local: neither date nor
    address is looked at.
    """
    found: list[Correction] = []
    if is_withdrawn(after.title, after.text) and not is_withdrawn(before.title, before.text):
        found.append("withdrawn")
    if _says_something_else(before, after):
        found.append("headline")
    old, new = _COUNTED.sub("", before.text), _COUNTED.sub("", after.text)
    if not after.text or old == new:
        return tuple(found)
    if _figures(old) != _figures(new):
        found.append("figures")
    if _exchanged_names(old, new):
        found.append("names")
    if exchanged(old, new) > MOST:
        found.append("text")
    return tuple(found)


def exchanged(before: str, after: str) -> float:
    """Return the share of the words of both texts that the other lacks: 0 for the same words, 1 for none in common."""
    left, right = Counter(_tokens(before)), Counter(_tokens(after))
    total = left.total() + right.total()
    return 1 - 2 * (left & right).total() / total if total else 0.0


def _says_something_else(before: _Text, after: _Text) -> bool:
    """Whether the headlines differ, labels and outlet left out, by more than marks: `U.S.` is `US`."""
    if before.fingerprint.title == after.fingerprint.title:
        return False
    if _figures(before.title) != _figures(after.title):
        return True
    return "".join(_tokens(before.title)) != "".join(_tokens(after.title))


def _tokens(text: str) -> list[str]:
    if text.isascii():
        return _TOKEN.findall(text.lower())
    small = unicodedata.normalize("NFKC", text).casefold()
    return _TOKEN.findall(small.replace("\u0307", "").replace("ı", "i"))  # Turkish capitals do not tell i from ı


def _figures(text: str) -> Counter[str]:
    """The numbers of a text, each in one spelling: 1,500 and 1.500 are 1500, 1,5 is 1.5, ٣ is 3."""
    return Counter(_plain_digits(_GROUP.sub("", figure)) for figure in _FIGURE.findall(text))


def _plain_digits(figure: str) -> str:
    return "".join(str(unicodedata.digit(sign)) if sign.isdigit() else "." for sign in figure)


def _exchanged_names(before: str, after: str) -> bool:
    """Whether one of the texts names somebody or something that the other does not even spell in small letters."""
    return not (_names(before) <= set(_small(after)) and _names(after) <= set(_small(before)))


def _names(text: str) -> set[str]:
    """The words that are capitals inside a sentence; none where most words are. No script without capitals has any."""
    found: list[str] = []
    inside = 0
    for word in _WORD.finditer(text):
        if _SENTENCE.search(text, max(0, word.start() - 3), word.start()):
            continue
        inside += 1
        if word[0][0].isupper():
            found.append(_folded(word[0]))
    return set(found) if len(found) <= _CASED * inside else set()


def _small(text: str) -> Iterator[str]:
    return (_folded(word) for word in _WORD.findall(text))


def _folded(word: str) -> str:
    """A name without its possessive and marks."""
    small = word.replace("’", "'").casefold().removesuffix("'s")
    return "".join(filter(str.isalnum, small))
