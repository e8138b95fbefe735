"""What we say ourselves, in the language of the site: a table for each in pages/words, English where there is none."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.resources import files

from markupsafe import Markup, escape

from feeds.model import Misread
from feeds.model.query import MISREADS
from feeds.publish.languages import primary
from feeds.publish.times import clock

FALLBACK = "en"


def _english(number: int) -> str:
    return "one" if number == 1 else "other"


def _turkish(_number: int) -> str:
    return "other"


def _ukrainian(number: int) -> str:
    """Unicode CLDR, plural rules of `uk` for whole numbers."""
    if number % 10 == 1 and number % 100 != 11:
        return "one"
    return "few" if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else "many"


PLURALS: Mapping[str, Callable[[int], str]] = {"en": _english, "tr": _turkish, "uk": _ukrainian}


@dataclass(frozen=True, kw_only=True, eq=False)
class Words:
    """One language."""

    language: str  # BCP 47
    texts: Mapping[str, str]
    plurals: Mapping[str, Mapping[str, str]]  # noun -> form -> text
    months: Sequence[str]
    months_short: Sequence[str]
    weekdays: Sequence[str]
    languages: Mapping[str, str]
    misreads: Mapping[str, str] = field(default_factory=lambda: MISREADS)

    def plain(self, name: str, **values: object) -> str:
        """A text with its gaps filled."""
        return self.texts[name].format(**values)

    def html(self, name: str, **values: object) -> Markup:
        """The same as HTML: what is filled in is escaped, unless it is HTML already."""
        text = self.texts[name]  # ours: a test finds no markup in the tables
        return Markup(text.format(**{key: escape(value) for key, value in values.items()}) if values else text)  # noqa: S704

    def counted(self, number: int, noun: str) -> str:
        """As in 1 story, 12 stories."""
        return self.plurals[noun][PLURALS[self.language](number)].format(n=number)

    def day(self, moment: date) -> str:
        """As in 22 November 2026."""
        return self._day(moment, self.months)

    def weekday(self, moment: date) -> str:
        """As in Sunday."""
        return self.weekdays[moment.weekday()]

    def briefly(self, moment: datetime, beside: datetime) -> str:
        """As in 22 Nov, 06:00 UTC; with the year, where it is not that of `beside`."""
        name = "day" if moment.year != beside.year else "day_of_year"
        return self.plain("moment", day=self._day(moment, self.months_short, name), clock=clock(moment))

    def in_words(self, moment: datetime) -> str:
        """As in 22 November 2026, 06:00 UTC."""
        return self.plain("moment", day=self.day(moment), clock=clock(moment))

    def language_name(self, tag: str) -> str:
        """What the language of a BCP 47 tag is called; the tag itself if we do not know it."""
        return self.languages.get(primary(tag), tag)

    def misread(self, misread: Misread) -> Markup:
        """Why a query cannot be understood, as HTML: what is filled in may be of any language."""
        values = {name: Markup("<bdi>{}</bdi>").format(value) for name, value in misread.values.items()}
        return Markup(self.misreads[misread.why]).format(**values)  # noqa: S704

    def _day(self, moment: date, months: Sequence[str], name: str = "day") -> str:
        return self.plain(name, day=moment.day, month=months[moment.month - 1], year=moment.year)


def of(tag: str) -> Words:
    """The words for a site in this language (BCP 47)."""
    language = primary(tag)
    return load(language if language in PLURALS else FALLBACK)


@cache
def load(language: str) -> Words:
    """The table of one of the languages that there is one for."""
    table = tomllib.loads((files("feeds.publish") / "pages" / "words" / f"{language}.toml").read_text("utf-8"))
    return Words(language=language, **table)
