"""What readers get of a story, in whatever format: clean, with absolute links, cut to the policy of its source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from html import escape

from feeds.model import STORIES, Also, Category, Edit, Enclosure, Entry, Hit, Image, Origin, Site, Topic
from feeds.publish import clean, excerpt, languages, notes, times, words
from feeds.publish.languages import Direction
from feeds.publish.words import Words

RELATED = 10  # co-reporting articles that are linked; all are counted
_STORY = re.compile(rf"\b{STORIES}/[0-9A-Za-z]{{1,40}}$")  # ends the tag URI
LARGEST_BODY = 250_000  # characters; a longer text is published as its excerpt, lest it push the others out


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A story, ready to be written in any format: nothing in it needs more than the format's own escaping."""

    id: str
    title: str  # one line of plain text
    url: str  # absolute
    language: str  # BCP 47, "" if unknown
    direction: Direction
    excerpt: str  # one line of plain text; "" if the policy or the source gives none
    summary: str  # HTML: the excerpt, or the source and time in its place; then who else reported it
    content: str  # HTML: the whole text under the policy `full`, else ""
    published: datetime  # UTC
    updated: datetime  # UTC
    source: Origin
    authors: tuple[str, ...]  # the source first
    categories: tuple[Category, ...]
    also: tuple[Also, ...]  # one for each other outlet
    withdrawal: str  # one line of plain text above the text, "" if it never was withdrawn
    withdrawn: datetime | None  # UTC
    correction: str  # one line of plain text below the text: when the headline changed, "" if it did not
    was: str  # that headline, with which `correction` ends
    edits: tuple[Edit, ...]
    image: Image | None
    enclosures: tuple[Enclosure, ...]
    rights: str
    minutes: int
    own_page: bool


def show(entry: Entry, *, site: Site, topics: Mapping[str, Topic]) -> Shown:
    """Return what is published of `entry`. `topics` are those that have a feed, by name.

    Raises:
        ValueError: it cannot be published: no title, an id that is no URI, or a time without zone.
    """
    title = clean.line(entry.title)
    if not title:
        raise ValueError("no title")
    if not entry.id or clean.absolute_uri(entry.id) != entry.id:
        raise ValueError("its id is no URI")
    published, updated = times.utc(entry.published), times.utc(entry.updated)
    ours = words.of(site.language)
    withdrawal = notes.withdrawal(entry, ours)
    if entry.withdrawn:
        title = notes.withdrawn_headline(entry) or title
    correction, was = notes.correction(entry, title, ours)
    source = outlet(entry.origin, site)
    language = clean.language_tag(entry.language)
    said = _excerpt(entry, title)
    direction = languages.direction(language, said or title)
    also = _also(entry, source)
    above, below = _note(withdrawal), _note(correction) + _byline(also, ours)
    if said:
        body = f"<p>{escape(said, quote=False)}</p>"
    else:  # no reader shows an entry without text; say at least who and when
        body = f"<p>{escape(source.title, quote=False)}, {ours.in_words(published)}.</p>"
    full = _full(entry)
    # An item that names no page of its own leads to the nearest thing of its publisher.
    page = clean.address(entry.url) or source.home or source.url or site.url
    return Shown(
        id=entry.id,
        title=ours.plain("withdrawn") + title if entry.withdrawn else title,
        url=site.url + entry.url if entry.own_page else page,
        language=language,
        direction=direction,
        excerpt=said,
        summary=above + (_directed(body, language, direction) if said else body) + below,
        content=above + _directed(full, language, direction) + below if full else "",
        published=published,
        updated=updated,
        source=source,
        authors=_unique((source.title, *map(clean.line, entry.authors))),
        categories=_categories(entry, site, topics),
        also=also,
        withdrawal=withdrawal,
        withdrawn=times.utc(entry.withdrawn) if entry.withdrawn else None,
        correction=correction,
        was=was,
        edits=notes.edits(entry),
        image=_image(entry.image),
        enclosures=_enclosures(entry.enclosures),
        rights=clean.line(entry.rights),
        minutes=entry.minutes,
        own_page=entry.own_page,
    )


def reasons(because: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Return why a story is in a topic, clean."""
    return tuple(Hit(word=clean.line(h.word), where=clean.line(h.where), points=h.points) for h in because)


def _excerpt(entry: Entry, title: str) -> str:
    if entry.policy == "headline":
        return ""
    said = excerpt.of(entry.summary, entry.text)
    return "" if _letters(said) == _letters(title) else said


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _full(entry: Entry) -> str:
    if entry.policy != "full":
        return ""
    whole = clean.text(entry.content or entry.summary)
    return whole if entry.own_page or len(whole) <= LARGEST_BODY else ""


def _directed(html: str, language: str, direction: Direction) -> str:
    """Atom and RSS have no word for direction, so the text says it itself."""
    if direction == "ltr":
        return html
    lang = f' lang="{language}"' if language else ""
    return f'<div dir="rtl"{lang}>{html}</div>'


def story_folder(identity: str) -> str:
    """Where the page of a story stands, relative to the site: `story/01M7V41F00YJ/`; "" if the id is none of ours."""
    found = _STORY.search(identity)
    return f"{found[0]}/" if found else ""


@lru_cache(maxsize=1000)  # sources, of each of which there are many entries
def outlet(origin: Origin, site: Site) -> Origin:
    """Return a source as readers may see it: named, identified, without credentials in its address."""
    name = clean.line(origin.name)
    url = clean.address(origin.url)
    return Origin(
        name=name,
        title=clean.line(origin.title) or name or site.title,
        url=url,
        format=origin.format,
        home=clean.address(origin.home),
        id=clean.absolute_uri(origin.id) or url or f"tag:{site.authority}:source/{name}",
        rights=clean.line(origin.rights),
        language=clean.language_tag(origin.language),
    )


def _also(entry: Entry, source: Origin) -> tuple[Also, ...]:
    found: dict[str, Also] = {}
    for also in entry.also:
        name, url = clean.line(also.outlet), clean.address(also.url)
        if name and url and name != source.title:
            title = clean.line(also.title) or name
            at = times.utc(also.published)
            there = Also(
                source=clean.line(also.source),
                outlet=name,
                url=url,
                title=title,
                published=at,
                independent=also.independent,
            )
            found.setdefault(name, there)
    return tuple(found.values())


def _note(line: str) -> str:
    return f"<p><em>{escape(line, quote=False)}</em></p>" if line else ""


def _byline(also: tuple[Also, ...], words: Words) -> str:
    if not also:
        return ""
    names = (f'<a href="{escape(a.url)}">{escape(a.outlet, quote=False)}</a>' for a in also[:RELATED])
    listed = words.plain("list_comma").join(names)
    return f"<p>{words.plain('also', outlets=listed, count=how_many(also, words))}</p>"


def how_many(also: tuple[Also, ...], words: Words) -> str:
    """How many outlets these are, and how many of them report independently where that is fewer."""
    own = sum(each.independent for each in also)
    if own == len(also):
        return f"{own}"
    return words.plain("also_some" if own else "also_none", all=len(also), own=own)


def _categories(entry: Entry, site: Site, topics: Mapping[str, Topic]) -> tuple[Category, ...]:
    found: dict[tuple[str, str], Category] = {}
    for topic in (topics[name] for name in entry.topics if name in topics):
        own = Category(term=topic.name, scheme=site.url + "topics", label=topic.title)
        for category in (own, *topic.categories):
            found.setdefault((category.scheme, category.term), category)
    return tuple(found.values())


def _image(image: Image | None) -> Image | None:
    url = clean.address(image.url) if image else ""
    return replace(image, url=url) if image and url else None


def _enclosures(enclosures: tuple[Enclosure, ...]) -> tuple[Enclosure, ...]:
    cleaned = (
        Enclosure(url=clean.address(e.url), type=clean.media_type(e.type), length=max(0, e.length)) for e in enclosures
    )
    return tuple({e.url: e for e in cleaned if e.url}.values())


def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))
