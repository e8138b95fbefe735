"""Stories to files, by name: what a topic consists of, and what the site around the topics does."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

from feeds.config.settings import PublishSettings
from feeds.model import Category, Entry, Origin, Site, Topic
from feeds.publish import atom_rss, clean, opml, page
from feeds.publish.channel import Channel, channel
from feeds.publish.entry import Shown, outlet, show
from feeds.publish.jsonfeed import json_feed
from feeds.publish.select import ordered, recency, select

LARGEST_FEED = 1_000_000  # bytes of Atom, before gzip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Files ready to be put on a shelf, and what stands in them."""

    files: Mapping[str, bytes]  # by name on the shelf
    entries: tuple[Entry, ...]  # published, newest first
    quarantined: tuple[tuple[str, str], ...]  # (id, reason) of entries that had to be left out


def render_topic(
    site: Site,
    topic: Topic,
    entries: Sequence[Entry],
    *,
    limit: int,
    all_topics: Sequence[Topic],
    hub: str = "",
    previous: date | None = None,
) -> Rendered:
    """Return the feeds and the page of a topic. Same arguments, same bytes.

    `entries` reach back as far as `select` says; `all_topics` are those with a feed; `hub` is the address of a WebSub
    hub, `previous` the day of the topic's newest archive. An entry that cannot be rendered is left out and named. What
    would make the Atom feed larger than 1 MB is cut off, in all formats: it stands in an archive.
    """
    site, topic, tabs = clean_site(site), clean_topic(topic), [clean_topic(each) for each in all_topics]
    shown, quarantined = show_all(entries, site, tabs)
    chosen = select(list(shown), limit=limit)

    def head(some: Sequence[Shown]) -> Channel:
        return channel(site, topic, some, hub=hub, previous=previous)

    def atom(some: Sequence[Entry]) -> bytes:
        stories = [shown[entry] for entry in some]
        return atom_rss.atom(head(stories), stories)

    feed = atom(chosen)
    if len(feed) > LARGEST_FEED:
        ranked = sorted(chosen, key=recency, reverse=True)
        counts = range(1, len(chosen) + 1)
        fit = bisect_right(counts, LARGEST_FEED, key=lambda count: len(atom(ranked[:count])))
        chosen = tuple(ordered(ranked[:fit]))
        feed = atom(chosen)

    stories = [shown[entry] for entry in chosen]
    return Rendered(
        files={
            f"{topic.name}.atom": feed,
            f"{topic.name}.rss": atom_rss.rss(head(stories), stories),
            f"{topic.name}.json": json_feed(head(stories), stories),
            f"{topic.name}/index.html": page.topic_page(site, head(stories), topic, stories, tabs),
        },
        entries=chosen,
        quarantined=quarantined,
    )


def render_site(
    site: Site,
    topics: Sequence[tuple[Topic, Sequence[Entry]]],
    *,
    origins: Sequence[Origin],
    own_pages: Sequence[tuple[str, Entry]],
) -> Rendered:
    """Return what stands around the topics: front page, about page, subscription lists, stylesheet, own articles.

    `topics` in their order on the page, each with its published entries, newest first (the first few suffice).
    `entries` of the result are those of `own_pages`.
    """
    site = clean_site(site)
    tabs = [clean_topic(topic) for topic, _ in topics]
    fronts = []
    for topic, (_, entries) in zip(tabs, topics, strict=True):
        newest = list(show_all(entries[: page.HEADLINES], site, tabs)[0].values())
        fronts.append((topic, channel(site, topic, newest), newest))
    sources = [outlet(origin, site) for origin in origins]
    articles: dict[str, bytes] = {}
    rendered: list[Entry] = []
    quarantined: list[tuple[str, str]] = []
    for slug, entry in own_pages:
        good, bad = show_all([replace(entry, policy="full")], site, tabs)
        quarantined += bad
        for shown in good.values():
            articles[f"article/{slug}/index.html"] = page.article_page(site, shown, tabs)
            rendered.append(entry)
    subscriptions = opml.topics(site.title, [head for _, head, _ in fronts])
    return Rendered(
        files={
            **page.assets(),
            "index.html": page.index_page(site, fronts, len(sources)),
            "about/index.html": page.about_page(site, tabs, sources),
            "topics.opml": subscriptions,
            ".well-known/feeds": subscriptions,
            "sources.opml": opml.sources(f"{site.title}: sources", sources),
            **articles,
        },
        entries=tuple(rendered),
        quarantined=tuple(quarantined),
    )


def rendered_with(
    site: Site, settings: PublishSettings, topic: Topic, *, all_topics: Sequence[Topic], hub: str = ""
) -> str:
    """Return a short hash of all that a topic's bytes depend on beside its entries; when it moves, render again."""
    told = repr((site, settings.entries, settings.content, topic, tuple(all_topics), hub))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass") + _code()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _code() -> bytes:
    """The renderer itself: our modules, templates and styles, and the vendors that write for us."""
    digest = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in ("feedgen", "jinja2", "lxml")).encode())
    for name, body in sorted(_files(files("feeds.publish"))):
        digest.update(f"{name} {len(body)} ".encode() + body)
    return digest.digest()


def _files(folder: Traversable) -> Iterator[tuple[str, bytes]]:
    for child in folder.iterdir():
        if child.is_file():
            yield child.name, child.read_bytes()
        elif child.name == "pages":
            yield from _files(child)


def show_all(
    entries: Sequence[Entry], site: Site, topics: Sequence[Topic]
) -> tuple[dict[Entry, Shown], tuple[tuple[str, str], ...]]:
    """Make each entry ready alone: one that cannot be rendered costs the others nothing."""
    by_name = {topic.name: topic for topic in topics}
    good: dict[Entry, Shown] = {}
    bad: list[tuple[str, str]] = []
    for entry in entries:
        try:
            shown = show(entry, site=site, topics=by_name)
            atom_rss.check(shown)
        except (ValueError, TypeError) as exc:
            bad.append((entry.id, str(exc)))
        else:
            good[entry] = shown
    return good, tuple(bad)


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
