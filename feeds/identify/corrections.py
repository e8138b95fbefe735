"""What of an edit its readers should hear of: headline, figures, names, a `not`, or more than a tenth of the text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from feeds.identify.retractions import is_restored, is_withdrawn
from feeds.model import Article, Correction, Fingerprint, Stored

MOST = 0.1  # of the words of a text may come, go or be exchanged without its readers being told
_CASED = 0.4  # of the words inside sentences; beyond it capitals tell no names: German, headlines, shouting

# A mark between digits belongs to the number; the sign, the currency and the unit do not.
_FIGURE = re.compile(r"\d+(?:[.,:'’\u00a0\u202f]\d+)*")
_GROUP = re.compile(r"[.,'’\u00a0\u202f](?=\d{3}(?!\d))")  # of thousands, in whatever house style
_ARABIC_MARKS = {0x066B: ".", 0x066C: ","}
# Scripts that write no spaces are compared sign by sign: Thai and its neighbours, kana, Chinese characters.
_TOKEN = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|[^\W_]+")
# What a site counts beside each item, and how long it takes to read: these move by themselves.
_COUNTED = re.compile(
    r"\b(?:comments?|points|views|likes|votes)\s*:\s*\d+"
    r"|\b\d+ (?:comments?|views|likes|(?:minutes?|hours?|days?) ago)\b"
    r"|\b\d+[ -]?min(?:ute|uto|uten)?s?\.?[ -](?:read|lesezeit|(?:de )?lect(?:ure|ura))\b"
    r"|\b\d+ (?:dk|dakika)\.? okuma\b|\b\d+ мин\w*\.? чтения\b|\b\d+ хв\w*\.? читання\b"
    r"|\b(?:read(?:ing)? time|lesezeit|temps de lecture|tiempo de lectura|okuma süresi|время чтения|час читання"
    r"|(?:وقت|مدة) القراءة)\s?:?\s?\d+(?: ?[^\W\d_]+)?",
    re.IGNORECASE,
)
_CLOCK = r"\d{1,2}[:.h]\d\d(?::\d\d)?(?: ?[ap]\.?m\b\.?)?(?: ?\(?(?:[A-Za-z]{2,4}|uhr|мск)\b\)?)?"
_DAY = r"(?:[^\W\d_]{2,12}\.?,? )?(?:\d{1,2}\.? (?:de )?[^\W\d_]{3,10}\.?|[^\W\d_]{3,10}\.? \d{1,2})"
_DATE = rf"(?:{_DAY},? (?:de )?\d{{4}}|\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{2,4}})"
_ON = r"(?:(?:on|at|am|um|le|à|el|a las|в|о|في) )?"
# When a text was last touched, as sites write it above or below: with a date, a clock or both.
_TOUCHED = (
    r"(?:(?:last |first )?(?:updated|modified|edited|published)|(?:zuletzt )?aktualisiert|stand|mise? à jour"
    r"|actualizad[oa]|(?:última )?actualización|(?:son )?güncelle(?:me|nme)(?: tarihi)?"
    r"|обновлен[оа]|последнее обновление|оновлено|останнє оновлення|آخر تحديث|تم التحديث)"
    rf"\s?[:|–—-]?\s?{_ON}(?:{_DATE}(?:\W{{1,3}}{_ON}{_CLOCK})?|(?:{_DAY}\W{{1,3}}{_ON})?{_CLOCK})"
)
_STAMP = re.compile(rf"\A\W*{_TOUCHED}\W*(?=\w|\Z)|(?:\A|(?<=\W)){_TOUCHED}\W*\Z", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
# What turns a sentence into its opposite: English, German, French, Spanish, Turkish, Russian, Ukrainian, Arabic.
_NOT = re.compile(
    r"n['’]t\b|(?-i:\bn)['’](?=\w)|\b(?:not|cannot|never|no|nor|none|nobody|nicht|kein(?:e[nmrs]?)?|nie|niemals|ne|pas"
    r"|jamais|nunca|jamás|değil|yok|не|нет|ни|нельзя|никогда|ні|нема|немає|ніколи|[وف]?(?:لا|لم|لن|ليس\w{0,2})|غير)\b",
    re.IGNORECASE,
)
_TURKISH_NOT = re.compile(r"m|m[aeiuü]y?|[aei]m")  # stands inside the verb: `bitecek`, `bitmeyecek`
_TURKISH = re.compile("[ışğİ]")
_STEM = 2  # letters before and after it
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


def corrections(before: _Text, after: _Text, *, withdrawn: bool = False, seen: bool = False) -> tuple[Correction, ...]:
    """Return what an edit corrected, in a fixed order; () for a cosmetic one.

    `withdrawn`: whether `before` is the notice that the article was withdrawn. `seen`: whether it had the text of
    `after` before; one that was left out for a while and is there again corrects nothing.

    Punctuation, case, white space, labels such as LIVE and the order of words are cosmetic. A text that is no longer
    given corrects nothing. Figures and names count wherever they stand, one alone. Pure and local: neither date nor
    address is looked at.
    """
    if seen and not before.text and not withdrawn:
        return ()
    found: list[Correction] = []
    if withdrawn and is_restored(before, after, seen=seen):
        found.append("restored")
    if not withdrawn and is_withdrawn(before, after):
        found.append("withdrawn")
    if _says_something_else(before, after):
        found.append("headline")
    old, new = _without_stamps(before.text), _without_stamps(after.text)
    if not after.text or old == new:
        return tuple(found)
    if _figures(old) != _figures(new):
        found.append("figures")
    if _exchanged_names(old, new):
        found.append("names")
    if exchanged(old, new) > MOST or _says_the_opposite(old, new):
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


def _without_stamps(text: str) -> str:
    return _STAMP.sub("", _COUNTED.sub("", text))


def _tokens(text: str) -> list[str]:
    if text.isascii():
        return _TOKEN.findall(text.lower())
    small = _western(unicodedata.normalize("NFKC", text)).casefold()
    return _TOKEN.findall(small.replace("\u0307", "").replace("ı", "i"))  # Turkish capitals do not tell i from ı


def _figures(text: str) -> Counter[str]:
    """The numbers of a text, each in one spelling: 1,500 and 1.500 are 1500, 1,5 is 1.5, ٣ is 3."""
    found = _FIGURE.findall(_western(text))
    return Counter("".join(sign if sign.isdigit() else "." for sign in _GROUP.sub("", each)) for each in found)


def _western(text: str) -> str:
    """The digits of every script as 0 to 9, and the marks between those of Arabic as comma and point."""
    if text.isascii():
        return text
    return re.sub(r"\d", lambda digit: str(unicodedata.digit(digit[0])), text).translate(_ARABIC_MARKS)


def _says_the_opposite(before: str, after: str) -> bool:
    """Whether there is a word such as `not` more or less than before, or one verb of a Turkish text says it."""
    if len(_NOT.findall(before)) != len(_NOT.findall(after)):
        return True
    if not _TURKISH.search(after):
        return False
    old, new = Counter(_tokens(before)), Counter(_tokens(after))
    went, came = set(old - new), set(new - old)
    return any(_affirmed(word) & came for word in went) or any(_affirmed(word) & went for word in came)


def _affirmed(word: str) -> set[str]:
    """What a Turkish verb may be without its negation."""
    places = ((at, at + size) for size in (1, 2, 3) for at in range(_STEM, len(word) - size - _STEM + 1))
    return {word[:start] + word[end:] for start, end in places if _TURKISH_NOT.fullmatch(word, start, end)}


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
