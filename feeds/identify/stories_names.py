"""Which words of a title may be names: by their capitals where these say something, else by what the text does."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Protocol

from feeds.identify.fingerprint import lowered
from feeds.identify.stories_words import title_words

_WORDS = re.compile(r"(?<=[\w,;] )([^\W\d_][^\W_]*)|[^\W_]+")  # a group: a word inside a sentence
_INSIDE = re.compile(r"(?<=[\w,;] )[^\W\d_]+")  # a word inside a sentence
_LONG = 4  # letters: shorter words are small in Title Case too
_CHARACTERS = 400  # of a text that are looked at
_LABELS = "urgent flash alert exclusive explainer breaking update video photos"
_DATES = (  # of languages that write them with a capital
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august"
    " september october november december jan feb mar apr jun jul aug sept sep oct nov dec montag dienstag mittwoch"
    " donnerstag freitag samstag sonntag januar februar märz mai juni juli oktober dezember"
)
_NO_NAMES = frozenset(f"{_LABELS} {_DATES}".split())
_IDEOGRAPH = "\u2e80"  # and beyond: pairs of characters, of which none is a name
_NOUNS = "de"  # where every noun has a capital


class _Version(Protocol):
    """An article as it was at one time."""

    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...


def name_marks(title: str, text: str, language: str) -> list[str]:
    """The stems of names and numbers, after a k, and of what may be a name, after an m, of a title as it is published.

    A capital says something inside a sentence, unless most words of the title have one.
    """
    words, says = _words(title)
    sure, unsure, unclear = list[str](), list[str](), list[str]()
    for word, is_inside in words:
        if word.isdigit():
            sure.append(word)
        elif word[0].isupper():
            if word.lower() not in _NO_NAMES:
                (sure if says and is_inside else unclear).append(word)
        elif not word[0].islower() and word < _IDEOGRAPH:  # of a script without capitals
            unsure.append(word)
    if unclear:
        said = set(_INSIDE.findall(text[:_CHARACTERS]))
        for word in unclear:
            if word.lower() not in said:
                known = language != _NOUNS and (word in said or word.capitalize() in said)
                (sure if known else unsure).append(word)
    named = dict.fromkeys(stem for word in sure for stem in _stems(word))
    others = dict.fromkeys(stem for word in unsure for stem in _stems(word))
    return [f"k{stem}" for stem in named] + [f"m{stem}" for stem in others if stem not in named]


def new_names(before: _Version, after: _Version, language: str) -> set[str] | None:
    """What `after` opens with and may be a name that `before` has not; None if they share a name.

    A name has a capital inside a sentence; at its beginning a word may be one. Where capitals tell no names, as in
    German or in Title Case, there are none.
    """
    if language[:2] == _NOUNS:
        return set()
    (former, may_have_been), (names, may_be) = _capitals(before), _capitals(after)
    return None if former & may_be or names & may_have_been else may_be


def _capitals(version: _Version) -> tuple[set[str], set[str]]:
    """(names, what may be one) of title and beginning of the text, dates and labels left out."""
    title, says = _words(version.title)
    inside = _INSIDE.findall(version.text[:_CHARACTERS]) + [word for word, is_inside in title if says and is_inside]
    names, may_be = (
        {word for word in words if word[0].isupper() and word.lower() not in _NO_NAMES}
        for words in (inside, [*inside, *(word for word, _ in title if says)])
    )
    return names, may_be


def _words(title: str) -> tuple[list[tuple[str, bool]], bool]:
    """The words of a title, each with whether it is inside a sentence; and whether a capital says something there."""
    words = [(match[0], match[1] is not None) for match in _WORDS.finditer(title)]
    long = [word[0].isupper() for word, is_inside in words if is_inside and len(word) >= _LONG]
    return words, 2 * sum(long) <= len(long)


@lru_cache(maxsize=8192)  # names come again and again
def _stems(word: str) -> tuple[str, ...]:
    return tuple(title_words(lowered(word)))
