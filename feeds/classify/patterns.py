"""One word of a rule, as people spell it, turned into what a machine looks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from feeds.fold import fold, tidy

SHORTEST_STEM = 4  # letters: shorter ones catch words of other languages (газ*, çin*)
SHORTEST_CAPITAL_STEM = 3  # as in =МИД*: its capitals tell it apart, and yet =OI* catches other abbreviations
SHORTEST_WORD = 2

_STRAY_STAR = re.compile(r"(?<![\w'])\*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One word, stem or phrase. Words begin at a word's start; where they end, `open` and `rest` say."""

    spelled: str  # as the rule has it
    literal: str  # up to the first `*`; folded, or only tidied if exact
    exact: bool  # written with `=`: capitals and accents count
    open: bool  # any letters may follow the literal
    rest: str = ""  # regular expression for what follows the literal; "" if nothing need follow

    @property
    def identity(self) -> str:
        """What two spellings of the same pattern share."""
        return f"{'=' if self.exact else ''}{self.literal}{'*' if self.open else ''}{self.rest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Why a word cannot be used, and what to do about it."""

    what: str
    remedy: str


@lru_cache(maxsize=1 << 15)  # each start compiles the shared lists twice, and each reload once more
def parse_pattern(spelled: str) -> Pattern | Flaw:
    """Read one `word`, `stem*`, `two words`, `inner* wildcard*` or `=Exact`."""
    exact = spelled.startswith("=")
    written = spelled.removeprefix("=").strip()
    if not written:
        return Flaw(what="an empty word", remedy="remove it")
    if any("\ud800" <= char <= "\udfff" for char in written):
        return Flaw(what=f"{spelled!r} holds half a character (a lone surrogate)", remedy="type the word again")
    if written.strip("* ") == "":
        return Flaw(what=f"{spelled!r} would match every word", remedy="write the beginning of a word before the `*`")
    body = tidy(written) if exact else fold(written)
    if not body.strip("* "):
        return Flaw(what=f"nothing is left of {spelled!r} when signs are ignored", remedy="use letters or digits")
    if not body[0].isalnum():
        return Flaw(what=f"{spelled!r} does not begin with a letter or digit", remedy="begin with one")
    if _STRAY_STAR.search(body):
        return Flaw(what=f"{spelled!r} has a `*` that ends no word", remedy="put `*` right after letters")
    literal, star, rest = body.partition("*")
    letters = sum(map(str.isalnum, body))
    # An apostrophe ends the word itself (Turkish suffixes of names), so such a stem is as safe as a whole word.
    is_stem = bool(star) and not literal.endswith("'")
    capital = exact and body != body.lower()
    shortest = (SHORTEST_CAPITAL_STEM if capital else SHORTEST_STEM) if is_stem else SHORTEST_WORD
    if letters < shortest:
        instead = "write more of it, or the whole word" if exact else "write more of it, the whole word, or =Exact"
        remedy = instead if is_stem else "write at least two letters"
        return Flaw(what=f"{spelled!r} is too short to be safe", remedy=remedy)
    if rest:
        parts = [re.escape(part) for part in rest.split("*")]
        end = "" if body.endswith("*") else r"(?!\w)"
        return Pattern(spelled=spelled, literal=literal, exact=exact, open=True, rest=r"\w*" + r"\w*".join(parts) + end)
    return Pattern(spelled=spelled, literal=literal, exact=exact, open=bool(star))


def covers(wide: Pattern, narrow: Pattern) -> bool:
    """Whether a text that has `narrow` has `wide` too, as far as their letters tell."""
    if wide.rest or (wide.exact and not narrow.exact):
        return wide.identity == narrow.identity
    literal = narrow.literal if wide.exact else fold(narrow.literal)
    return f" {wide.literal}{'' if wide.open else ' '}" in f" {literal}{'' if narrow.open else ' '}"


# Written together with the Arabic word that follows: و and, ف so, ب in, ل to, ك as, ال the.
_PREFIXES = ("", "و", "ف", "ب", "ل", "ك", "وب", "ول", "ال", "وال", "فال", "بال", "كال", "وبال", "لل", "ولل")
_BEFORE_ARTICLE = ("", "و", "ف", "ب", "ك", "وب")
_ARABIC = re.compile("[\u0620-\u064a]")


def with_proclitics(pattern: Pattern) -> tuple[str, ...]:
    """The literals to look for: of a folded Arabic pattern all that it may be written together with."""
    literal = pattern.literal
    if pattern.exact or not _ARABIC.match(literal):
        return (literal,)
    if literal.startswith("ال"):
        bare = literal.removeprefix("ال")
        return (*(prefix + literal for prefix in _BEFORE_ARTICLE), "لل" + bare, "ولل" + bare)
    return tuple(prefix + literal for prefix in _PREFIXES)
