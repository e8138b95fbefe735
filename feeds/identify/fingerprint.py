"""The content hash: what makes two items the same text, whatever their address, date and markup (class A, B or C)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from hashlib import blake2b
from html import unescape

from feeds.model import Article, Fingerprint, HashClass

VERSION = b"\x01"  # first byte of every key: a stored key is never recomputed, so a new rule needs a new number
ENOUGH = 60  # normalised characters of a text that can stand for an article
LEAD = 400  # normalised characters of it that count
HEADLINE = 5  # words of a title that can stand for an article inside one publisher

_ENDLESS = re.compile(r"&#[0-9]{20,};?")  # a number that Python refuses to read
_TAG = re.compile(r"<[^<>]*>")
_ADDRESS = re.compile(r"\bhttps?://\S+")

# What desks put before and after headlines; casefolded, the dots of Turkish capitals gone.
_LABEL = (
    r"(?:live(?:[ -]?blog| updates?)?|watch(?: live)?|videos?|photos?|(?:in )?pictures|breaking(?: news)?|exclusive"
    r"|updated?|opinion|analysis|podcast|as it happened|son dakika(?: haber[iı])?|canl[ıi](?: yay[ıi]n| anlat[ıi]m)?"
    r"|özel haber|срочно|эксклюзив|видео|фото|онлайн|обновлено|терміново|ексклюзив|відео|наживо|оновлено"
    r"|en (?:direct|directo|vivo)|direct|directo|vidéo|vídeo|fotos|última hora|exclusif|exclusiva|opinión|tribune"
    r"|eilmeldung|liveticker|newsblog|kommentar|diretta|ultim'ora|عاجل|مباشر|بالفيديو|فيديو|شاهد)"
)
_PREFIX = re.compile(rf"^\W*(?:[\[(]{_LABEL}[\])]\W*|{_LABEL}(?:\s*[:|–—•»]|\s+-)\s*)(?=\S)")
_SUFFIX = re.compile(rf"(?<=\S)(?:\s*[\[(]{_LABEL}[\])]|(?:\s*[|–—•]|\s-)\s*{_LABEL})\W*$")
_PARTED = re.compile(r"[\[(|–—•]|\s-")  # what stands before a label at the end

# Titles that name a series, not an event; normalised.
_GENERIC = re.compile(
    r"(?:(?:the|your|our|todays?|daily|weekly|morning|evening|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|best|top|news"
    r"|günün|les?|la|las|die|das|der) )*"
    r"(?:news|live|video|watch|photos?|pictures|gallery|briefing|headlines?|stories|newsletter|horoscopes?|weather|quiz"
    r"|crossword|sudoku|wordle|puzzles?|letters?|editorials?|opinion|podcast|cartoons?|obituary|obituaries|corrections?"
    r"|recap|roundup|digest|advertisement|untitled|agenda|lottery"
    r"|son dakika|burçlar|burç yorumlar[ıi]|hava durumu|manşetler|(?:gazete )?manşetleri|bulmaca|karikatür"
    r"|гороскоп|погода|дайджест|головне|главное|новини|новости|фото дня|курс валют"
    r"|horóscopo|el tiempo|titulares|portadas?|horoscope|météo|horoskop|wetter|presseschau)\b.{0,30}"
)

# Sentences that sites add to each text, looked for after the end of another one; casefolded.
_TAIL = 600  # characters that are searched
_ADDED = re.compile(
    r"(?:\A|[\n.!?:;|»→”\"')\]-])\s*(?:"
    r"(?:continue reading|keep reading|read (?:more|on|the (?:full|rest)|full (?:story|article))|view (?:more|full)"
    r"|seguir leyendo|sigue leyendo|leer más|más información en breve|lire la suite|en savoir plus|weiterlesen"
    r"|mehr lesen|leggi tutto|continua a leggere|leia mais|continue lendo|czytaj (?:więcej|dalej)"
    r"|devam[ıi] için t[ıi]kla|devam[ıi]n[ıi] oku|haberin devam[ıi]"
    r"|читать (?:далее|дальше|полностью)|подробнее|читати (?:далі|більше)|детальніше|اقرأ المزيد|المزيد).{0,80}"
    r"|(?:sign up (?:for|to) |get our |subscribe to |follow our .{3,60}live).{0,160}"
    # WordPress signs each item of a feed, in the language of the blog.
    r"|(?:the post|this (?:article|story|post)) .{1,400}?(?:appear|publish)ed (?:first )?(?:on|in|at) .{1,100}"
    r"|la entrada .{1,400}? primero en .{1,100}|l.article .{1,400}? en premier sur .{1,100}"
    r"|der beitrag .{1,400}? zuerst auf .{1,100}|o post .{1,400}? primeiro em .{1,100}"
    r"|l.articolo .{1,400}? proviene da .{1,100}|artykuł .{1,400}? pochodzi z serwisu .{1,100}"
    r"|(?:сообщение|запись) .{1,400}? появил(?:ись|ась) .{1,100}|запис .{1,400}? з.яви(?:вся|ться) .{1,100}"
    r"|ظهرت المقالة .{1,400}"
    r")\Z",
    re.DOTALL,
)


class _Characters(dict[int, str | None]):
    """For str.translate: letters, marks and digits stay, apostrophes and invisible characters go, the rest are spaces.

    Filled as characters are met.
    """

    def __missing__(self, code: int) -> str | None:
        category = unicodedata.category(chr(code))
        self[code] = None if category == "Cf" else chr(code) if category[0] in "LMN" else " "
        return self[code]


_ARABIC_MARKS = [0x640, *range(0x64B, 0x660), 0x670]  # tatweel and vowel signs: a matter of house style
_CHARACTERS = _Characters(dict.fromkeys([*map(ord, "'’‘ʼ`´"), *_ARABIC_MARKS]))


def fingerprint(article: Article, *, outlet: str, boilerplate: frozenset[bytes]) -> Fingerprint:
    """Return the content hash of `article`, a pure function of the three arguments.

    The text is the summary's if that has 60 normalised characters, else the content's. Class A, with a text so long:
    over title and the first 400 characters. B, with a title of five words that is not generic: over publisher, title
    and text. C, all others: over these and the UTC day.

    `outlet` is the name that titles of the source end with. A text whose hash is in `boilerplate` counts for nothing in
    `key` and `kind`; `text` is its hash all the same, so that it can be learnt, and stays learnt.
    """
    title = normalised_title(article.title, outlet)
    repeats = {title, plain(lowered(article.title))}
    summary = _normalised_text(_TAG.sub("\n", article.summary), repeats)
    content = ""
    if article.content and (len(summary) < ENOUGH or _short_hash(summary) in boilerplate):
        content = _normalised_text(article.text, repeats)
    text = summary if len(summary) >= ENOUGH else content or summary
    counted = text
    if boilerplate:
        own = (some for some in (text, content, summary) if _short_hash(some) not in boilerplate)
        counted = next(own, "")

    kind: HashClass
    if len(counted) >= ENOUGH:
        kind, parts = "A", [title, counted[:LEAD]]
    elif title.count(" ") >= HEADLINE - 1 and not _GENERIC.fullmatch(title):
        kind, parts = "B", [article.publisher, title, counted]
    else:
        kind, parts = "C", [article.publisher, title, counted, article.dated.date().isoformat()]
    key = blake2b("\x1f".join([kind, *parts]).encode(), digest_size=16).digest()
    return Fingerprint(key=VERSION + key, kind=kind, title=_short_hash(title), text=_short_hash(text))


def normalised_title(title: str, outlet: str) -> str:
    """Return the words of `title`: folded, without labels such as LIVE and without the name of its outlet.

    Empty only if the title is; one that is nothing but labels or signs stands for itself.
    """
    bare = lowered(title).strip()
    return plain(_unlabelled(bare, outlet)) or plain(bare) or title.strip().casefold()


def own_title(title: str, outlet: str) -> str:
    """Return `title` in lower case, with its signs and labels, without the name of its outlet at the end."""
    return _without_outlet(lowered(title).strip(), outlet)


def bare_title(title: str, outlet: str) -> str:
    """Return `title` in lower case, with its signs, without labels and the name of its outlet."""
    whole = lowered(title).strip()
    return _unlabelled(whole, outlet) or whole


def _unlabelled(title: str, outlet: str) -> str:
    for _ in range(2):  # "Live: watch: ...", "... | Opinion - Outlet"
        shorter = _PREFIX.sub("", _without_label_at_end(_without_outlet(title, outlet)))
        if shorter == title:
            break
        title = shorter
    return title


def _without_label_at_end(title: str) -> str:
    return _SUFFIX.sub("", title) if _PARTED.search(title) else title  # most titles have none: one look is quicker


def _without_outlet(title: str, outlet: str) -> str:
    for name in _spellings(outlet):
        if title.endswith(name):
            head = title.removesuffix(name).rstrip()
            if head.endswith(("|", "•", "·", " -", " –", " —")):
                return head[:-1].rstrip()
    return title


@lru_cache(maxsize=1024)
def _spellings(outlet: str) -> tuple[str, ...]:
    name = lowered(outlet).strip()
    return tuple(dict.fromkeys((name, name.removeprefix("the "))))


def _normalised_text(text: str, titles: Collection[str]) -> str:
    """Return the words of `text`, without what the site adds at its end; "" if they only repeat one of `titles`."""
    folded = plain(bare_text(text))
    return "" if folded in titles else folded


def bare_text(text: str) -> str:
    """Return `text` in lower case, with its signs, without what the site adds at its end."""
    bare = lowered(text).rstrip()
    while added := _ADDED.search(bare, max(0, len(bare) - _TAIL)):
        bare = bare[: added.start()].rstrip()
    return bare


def lowered(text: str) -> str:
    """Return `text` casefolded, without markup and addresses; entities that survived two unescapings are text."""
    for _ in range(2):
        if "&" in text:
            text = unescape(_ENDLESS.sub("", text))
    if "<" in text:
        text = _TAG.sub("\n", text)
    if "://" in text:
        text = _ADDRESS.sub(" ", text)
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).casefold().replace("\u0307", "")  # of the Turkish İ


def plain(text: str) -> str:
    """Return the words of `text` in lower case, one space apart: letters with their marks, and digits."""
    return " ".join(text.translate(_CHARACTERS).split())


def _short_hash(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=8).digest() if text else b""
