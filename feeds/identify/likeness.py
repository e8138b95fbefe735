"""Whether an item may be an edit of a stored one, told by their words and by the name that they share."""

from __future__ import annotations

import re
from functools import lru_cache

from feeds.identify.fingerprint import plain
from feeds.identify.stories_names import new_names
from feeds.identify.stories_words import common_words
from feeds.model import Article, Stored

_APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´"), " ")  # what follows one is short, and no part of a stem
_NUMBER = re.compile(r"\d+")
_COMPARED = 1500  # characters of a text that are looked at
_ALMOST_NOTHING = 0.12  # of the smaller set of words; see docs/decisions/002
_A_COPY = 0.5  # likewise
_MOST = 0.6  # likewise, of what stands at one place
_NAMES = 3  # that were not there before, the first word of a headline among them
_NO_CHANCE = 2  # words of a headline; one stands in many a text that has nothing to do with it


def share_almost_nothing(stored: Stored, article: Article, *, telling: bool = True) -> bool:
    """Whether titles and texts differ nearly altogether, or, if `telling`, would without words of everyday news.

    A side without words says nothing; without a title on both sides nothing is shown.
    """
    likeness = _likeness(stored, article)
    if telling:
        likeness = min(likeness, _likeness(stored, article, telling=True))
    return likeness < _ALMOST_NOTHING


def is_another_story(stored: Stored, article: Article) -> bool:
    """Whether an edit tells of something wholly different: no name of both, and hardly a word.

    Where everyday words alone are the same ("at least 40 people were killed, officials said"), it must name others
    than were named before: a toll that rises is told in such words, too.
    """
    if not share_almost_nothing(stored, article):
        return False
    names = new_names(stored, article, article.language)
    return names is not None and (len(names) >= _NAMES or share_almost_nothing(stored, article, telling=False))


def stop_matching(stored: Stored, article: Article) -> bool:
    """Whether what was a copy of `stored` now says something else."""
    return _likeness(stored, article) < _A_COPY


def is_another_report(stored: Stored, article: Article) -> bool:
    """Whether headlines or texts share less than most of their words, or headlines differ in a number.

    To be asked where names say nothing. Texts of one outlet share what it adds to each, and headlines of a series what
    is its own but for the day, so that all must agree.
    """
    if _NUMBER.findall(stored.title) != _NUMBER.findall(article.title):
        return True
    shares = _shared(stored.title, article.title), _shared(stored.text, article.text)
    return any(share is not None and share < _MOST for share in shares)


def _likeness(stored: Stored, article: Article, *, telling: bool = False) -> float:
    if stored.fingerprint.key == article.fingerprint.key:
        return 1.0
    titles = _shared(stored.title, article.title, telling=telling)
    if titles is None:
        return 1.0
    others = (
        _shared(stored.text, article.text, telling=telling),
        _shared(stored.title, article.text, telling=telling, least=_NO_CHANCE),
        _shared(stored.text, article.title, telling=telling, least=_NO_CHANCE),
    )
    return max(titles, *(share for share in others if share is not None), 0.0)


def _words(text: str) -> frozenset[str]:
    # Cut to six letters: a stemmer good enough for every language of the wire (handbook, editorial).
    words = plain(text[:_COMPARED].casefold().translate(_APOSTROPHES)).split()
    return frozenset(word[:6] for word in words if len(word) > 3 or word.isdigit())


@lru_cache(maxsize=1)
def _everyday() -> frozenset[str]:
    return frozenset().union(*(_words(line) for _, line in common_words()))


def _shared(a: str, b: str, *, telling: bool = False, least: int = 1) -> float | None:
    """The share of the smaller text's words that the other has too, 0 for fewer than `least` words, if it has so many.

    None if one of them has no words. `telling`: everyday words do not count, unless a text has no others.
    """
    left, right = _words(a), _words(b)
    if telling and not (left <= _everyday() or right <= _everyday()):
        left, right = left - _everyday(), right - _everyday()
    smaller, shared = min(len(left), len(right)), len(left & right)
    if not smaller:
        return None
    return shared / smaller if shared >= min(least, smaller) else 0.0
