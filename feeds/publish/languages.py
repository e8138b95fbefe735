"""Languages by their tags (BCP 47), and which way they are written."""

from __future__ import annotations

import unicodedata
from typing import Literal, TypeAlias

Direction: TypeAlias = Literal["ltr", "rtl"]

# What an entry says whose language nobody knows, lest it inherit that of its feed (RFC 5646 section 4.1, item 5); RFC
# 4287 has no empty tag.
UNDETERMINED = "und"

_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"arab", "hebr", "thaa", "syrc", "nkoo", "adlm"})


def primary(tag: str) -> str:
    """The language alone, without script or region."""
    return tag.partition("-")[0].lower()


def direction(tag: str, text: str) -> Direction:
    """Which way a text runs: by its script, else its language, else its first letter that runs either way."""
    subtags = tag.lower().split("-")
    if tag:
        script = next((s for s in subtags[1:] if len(s) == 4 and s.isalpha()), "")
        right = script in _RIGHT_TO_LEFT_SCRIPTS if script else subtags[0] in _RIGHT_TO_LEFT
        return "rtl" if right else "ltr"
    strong = next((b for b in map(unicodedata.bidirectional, text) if b in ("L", "R", "AL")), "L")
    return "ltr" if strong == "L" else "rtl"
