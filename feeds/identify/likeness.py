"""How much two texts share, by their words alone."""

from __future__ import annotations

import re

from feeds.model import Article, Stored

_WORD = re.compile(r"\w+")
_COMPARED = 1500  # characters of a text that are looked at
_ALMOST_NOTHING = 0.12  # of the smaller set of words; see the decision record on reused addresses


def _words(text: str) -> frozenset[str]:
    # Cut to six letters: a stemmer good enough for every language of the wire (handbook, editorial).
    return frozenset(w[:6] for w in _WORD.findall(text[:_COMPARED].casefold()) if len(w) > 3 or w.isdigit())


def _shared(a: str, b: str) -> float | None:
    """The share of the smaller text's words that the other has too; None if one of them has no words."""
    left, right = _words(a), _words(b)
    if not left or not right:
        return None
    return len(left & right) / min(len(left), len(right))


def share_almost_nothing(stored: Stored, article: Article) -> bool:
    """Whether `article` cannot be an edit of `stored`: a reused address or guid, then.

    Titles and texts must both differ nearly altogether; a side without words speaks neither way, and two
    silent sides mean that nothing shows a reuse.
    """
    shares = (
        _shared(stored.title, article.title),
        _shared(stored.text, article.text),
        _shared(stored.title, article.text),
        _shared(stored.text, article.title),
    )
    heard = [share for share in shares if share is not None]
    return bool(heard) and shares[0] is not None and max(heard) < _ALMOST_NOTHING
