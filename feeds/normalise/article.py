"""One raw entry -> one Article, or the reason why there is none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from feeds.model import Article, Enclosure, Facts, FeedHead, Image, RawEntry, RawHtml, Rejected
from feeds.normalise.dates import repair
from feeds.normalise.text import clean_html, plain, text_of
from feeds.normalise.urls import absolute, canonical_url, publisher

WORDS_A_MINUTE = 220
LONGEST_HEADLINE = 90  # characters of a title made from the text
MOST_NAMES = 50  # authors, categories or enclosures of one entry
LONGEST_LANGUAGE = 35  # characters of a tag: RFC 5646 section 4.4.1
LONGEST_FILE = 2**63 - 1  # bytes: what a database can count

_LANGUAGE = re.compile(r"([a-z]{2,3})((?:-[a-z0-9]{1,8})*)", re.IGNORECASE)
_NO_LANGUAGE = frozenset({"und", "mul", "zxx", "mis"})  # RFC 5646 section 4.1
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")  # RFC 6838 section 4.2
_WORD = re.compile(r"\w+")
_EMAIL = re.compile(r"(?<![^\s<>()])[<(]?(?:mailto:)?[^\s<>()@]+@[^\s<>()@]+[>)]?")


def normalise(raw: RawEntry, head: FeedHead, facts: Facts) -> Article | Rejected:
    """Return the article that `raw` is. Never raises, whatever the source wrote.

    Rejected: the reader found trouble, or there is neither title nor text. A title is made from the first words of the
    text where there is none; a text that only repeats the title counts as none.
    """
    source = facts.source
    guid = plain(RawHtml(value=raw.guid, plain=True))
    url = "" if raw.own_page else absolute(raw.link, raw.base) or absolute(guid, "")
    canonical = canonical_url(url) if url else ""
    title = plain(raw.title)

    def rejected(why: str) -> Rejected:
        return Rejected(
            source=source.name, why=why, guid=guid, url=canonical, title=title, digest=raw.digest, slice=raw.slice
        )

    if raw.trouble:
        return rejected(raw.trouble)
    summary, summary_text = _body(raw.summary, raw.base or url, title)
    content, content_text = _body(raw.content, raw.base or url, title)
    text = content_text or summary_text
    title = title or _headline(text)
    if not title:
        return rejected("it has neither a title nor a text")
    claimed, updated = (repair(date, facts.now, source.timezone) for date in (raw.published, raw.updated))
    return Article(
        source=source.name,
        guid=guid,
        url=url,
        canonical_url=canonical,
        title=title,
        summary=summary,
        content=content,
        text=text,
        authors=_authors(raw.authors),
        language=_language(
            raw.language, raw.content.language, raw.summary.language, raw.title.language, head.language, source.language
        ),
        published=claimed or updated,
        updated=updated,
        first_seen=facts.now,
        image=_image(raw.image, raw.base),
        enclosures=_enclosures(raw.enclosures, raw.base),
        categories=_distinct(plain(RawHtml(value=name)) for name in raw.categories[:MOST_NAMES]),
        rights=plain(RawHtml(value=raw.rights)),
        publisher=publisher(canonical, source.name),
        minutes=max(1, round(len(text.split()) / WORDS_A_MINUTE)),
        own_page=raw.own_page,
        digest=raw.digest,
        slice=raw.slice,
    )


def clean_head(head: FeedHead) -> FeedHead:
    """Return what a feed says of itself, fit to be stored and shown: plain text, and links that lead somewhere."""
    title, rights = (plain(RawHtml(value=text)) for text in (head.title, head.rights))
    id_, language = (plain(RawHtml(value=text, plain=True)) for text in (head.id, head.language))
    page, hub, topic = (absolute(url, "") for url in (head.link, head.hub, head.topic))
    return replace(head, title=title, id=id_, link=page, language=language, rights=rights, hub=hub, topic=topic)


def _body(raw: RawHtml, base: str, title: str) -> tuple[str, str]:
    """Return sanitised HTML and its text; nothing if it shows nothing that the title does not say."""
    html = clean_html(raw, base)
    text = text_of(html)
    if "<img" not in html and _words(text) in {"", _words(title)}:
        return "", ""
    return html, text


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text)).casefold()


def _headline(text: str) -> str:
    """Return the first words of `text`, at most 90 characters with the ellipsis."""
    line = " ".join(text.split())
    if len(line) <= LONGEST_HEADLINE:
        return line
    start = line[:LONGEST_HEADLINE]
    words = start.rpartition(" ")[0] or start[:-1]  # a script without spaces is cut anywhere
    return words.rstrip(" ,;:–—-") + "…"


def _language(*tags: str) -> str:
    """Return the first of `tags` that is a language, as BCP 47 writes it (RFC 5646 section 2.1.1); "" if none is."""
    for tag in tags:
        tag = tag.strip().partition(".")[0].replace("_", "-")
        match = _LANGUAGE.fullmatch(tag) if len(tag) <= LONGEST_LANGUAGE else None
        if match and match[1].lower() not in _NO_LANGUAGE:
            return "-".join([match[1].lower(), *map(_subtag, match[2].split("-")[1:])])
    return ""


def _subtag(tag: str) -> str:
    if len(tag) == 2:
        return tag.upper()
    return tag.title() if len(tag) == 4 and tag.isalpha() else tag.lower()


def _authors(names: Iterable[str]) -> tuple[str, ...]:
    """Return names without e-mail addresses: 'a@example.org (Ann)' and 'Ann <a@example.org>' are both Ann."""
    return _distinct(map(_author, list(names)[:MOST_NAMES]))


def _author(raw: str) -> str:
    name = plain(RawHtml(value=_EMAIL.sub(" ", raw)))
    if name.startswith("(") and name.endswith(")"):
        name = name[1:-1].strip()
    return "" if absolute(name, "") else name.strip("<>,; ")


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Return `names` without empty ones and repetitions, in order; the first spelling of each, whatever its case."""
    first: dict[str, str] = {}
    for name in names:
        if name:
            first.setdefault(name.casefold(), name)
    return tuple(first.values())


def _image(image: Image | None, base: str) -> Image | None:
    url = absolute(image.url, base) if image else ""
    if not image or not url or image.width == 1 or image.height == 1:  # a pixel that counts readers
        return None
    return Image(url=url, width=max(0, image.width), height=max(0, image.height))


def _enclosures(enclosures: Iterable[Enclosure], base: str) -> tuple[Enclosure, ...]:
    kept: dict[str, Enclosure] = {}
    for one in list(enclosures)[:MOST_NAMES]:
        if url := absolute(one.url, base):
            kind = one.type.strip().lower().partition(";")[0].rstrip()
            length = one.length if 0 <= one.length <= LONGEST_FILE else 0
            kept.setdefault(url, replace(one, url=url, type=kind if _MEDIA_TYPE.fullmatch(kind) else "", length=length))
    return tuple(kept.values())
