"""A topic's feed as a whole: what stands at the head of it, in every format."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from urllib.parse import quote, urlencode

from feeds.model import Category, Site, Topic
from feeds.publish import clean, words
from feeds.publish.entry import Shown

TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """The head of a topic's feeds."""

    id: str  # tag URI
    title: str
    description: str
    page: str  # the topic's page for people, absolute
    base: str  # address of the feeds without their ending
    author: str
    about: str  # page of the author, absolute
    icon: str
    language: str
    rights: str
    updated: datetime  # UTC
    hubs: tuple[str, ...]  # WebSub
    previous: str = ""  # address of the archive before what stands here (RFC 5005), "" if there is none
    archive: str = ""  # own address of an archive; "" for the feeds to subscribe to
    ask: str = ""  # of a search: the query, as it stands in addresses

    def url(self, ending: str) -> str:
        """The address of this feed in the format `ending`: atom, rss or json."""
        return f"{self.base}.{ending}{self.ask}"


def channel(
    site: Site,
    topic: Topic,
    shown: Sequence[Shown] = (),
    *,
    hubs: tuple[str, ...] = (),
    previous: date | None = None,
    day: date | None = None,
) -> Channel:
    """Return the head of a topic's feeds, or of its archive of `day`. It is as new as its newest entry.

    `previous` is the day of the archive before it.

    An empty topic has no newest entry, and now() would change its bytes at each look: it is as old as the date in the
    site's authority (RFC 4151), since when the site may have existed.
    """
    said = words.of(site.language)
    return Channel(
        id=f"tag:{site.authority}:topic/{topic.name}",
        title=f"{site.title}: {topic.title}",
        description=topic.description or said.plain("news_about", topic=topic.title),
        page=f"{site.url}{topic.name}/",
        base=f"{site.url}{topic.name}",
        author=site.title,
        about=f"{site.url}about/",
        icon=f"{site.url}favicon.ico",
        language=site.language,
        rights=said.plain("rights"),
        updated=max((entry.updated for entry in shown), default=_founded(site.authority)),
        hubs=hubs,
        previous=site.url + archive_name(topic.name, previous) if previous else "",
        archive=site.url + archive_name(topic.name, day) if day else "",
    )


def search_channel(site: Site, query: str, shown: Sequence[Shown]) -> Channel:
    """Return the head of the feeds of a search, likewise; its id is made from the query, as nothing of it is stored."""
    own = words.of(site.language)
    anything = channel(site, Topic(name="search", title=own.plain("search")), shown)
    ask = f"?{urlencode({'q': query})}" if query else ""
    said = clean.line(query)
    return replace(
        anything,
        id=f"tag:{site.authority}:search/{quote(query, safe='')}",
        title=f"{site.title}: {said}" if said else anything.title,
        description=own.plain("search_by", query=said) if said else own.plain("search"),
        page=f"{site.url}search{ask}",
        ask=ask,
    )


def archive_name(topic: str, day: date) -> str:
    """The published name of a topic's archive of one day (UTC)."""
    return f"{topic}/{day.isoformat()}.atom"


def clean_site(site: Site) -> Site:
    """The site with nothing in it that no document may hold."""
    return replace(
        site,
        title=clean.line(site.title),
        contact=clean.line(site.contact),
        language=clean.language_tag(site.language),
    )


def clean_topic(topic: Topic) -> Topic:
    """The topic, likewise."""
    categories = tuple(
        Category(term=clean.line(c.term), scheme=clean.line(c.scheme), label=clean.line(c.label) or clean.line(c.term))
        for c in topic.categories
    )
    title, description = clean.line(topic.title) or topic.name, clean.line(topic.description)
    return replace(topic, title=title, description=description, categories=categories)


def _founded(authority: str) -> datetime:
    found = re.search(r",(\d{4})(?:-(\d\d))?(?:-(\d\d))?$", authority)
    year, month, day = (int(part or 1) for part in found.groups()) if found else (2000, 1, 1)
    return datetime(year, month, day, tzinfo=UTC)
