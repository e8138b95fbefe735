"""Stories to files, by name: what a topic consists of, and what the site around the topics does."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

from feeds.config.settings import PublishSettings
from feeds.model import Entry, Site, Standing, Topic
from feeds.publish import atom_rss, opml, page, words
from feeds.publish.channel import Channel, channel, clean_site, clean_topic
from feeds.publish.entry import outlet, show
from feeds.publish.fragments import Fragments, InTopic
from feeds.publish.jsonfeed import json_feed
from feeds.publish.page import Beside
from feeds.publish.select import ordered, recency, select

LARGEST_FEED = 1_000_000  # bytes in any format, before gzip
_MICROSECONDS = len(".000000")  # by which the head may grow when another entry is the newest


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
    hubs: tuple[str, ...] = (),
    previous: date | None = None,
    fragments: Fragments | None = None,
    beside: Beside | None = None,
) -> Rendered:
    """Return the feeds and the page of a topic. Same arguments, same bytes, whatever `fragments` are kept.

    `entries` reach back as far as `select` says; `beside` is what the page tells beside them. `all_topics` are those
    with a feed; `hubs` are the addresses of WebSub hubs, `previous` the day of the topic's newest archive. An entry
    that cannot be rendered is left out and named. What would make a feed larger than 1 MB in any format is cut off in
    all of them: it stands in an archive.
    """
    site, topic, tabs = clean_site(site), clean_topic(topic), [clean_topic(each) for each in all_topics]
    good, quarantined = (fragments or Fragments()).of(entries, site, tabs)
    written = {id(each.entry): each for each in good}
    chosen = select([each.entry for each in good], limit=limit)

    def feeds_of(some: Sequence[Entry]) -> tuple[Channel, list[InTopic], dict[str, bytes]]:
        found = [written[id(entry)] for entry in some]
        head = channel(site, topic, [each.shown for each in found], hubs=hubs, previous=previous)
        feeds = {
            "atom": atom_rss.join(head, "atom", [each.atom for each in found]),
            "rss": atom_rss.join(head, "rss", [each.rss for each in found]),
            "json": json_feed(head, [each.json for each in found]),
        }
        return head, found, feeds

    head, found, feeds = feeds_of(chosen)
    if max(map(len, feeds.values())) > LARGEST_FEED:
        fit, too_large = _what_fits(sorted(found, key=lambda each: recency(each.entry), reverse=True), feeds)
        quarantined += tuple((each.entry.id, "it is larger than a feed may be") for each in too_large)
        chosen = tuple(ordered([each.entry for each in fit]))
        head, found, feeds = feeds_of(chosen)
    return Rendered(
        files={
            **{f"{topic.name}.{form}": feed for form, feed in feeds.items()},
            f"{topic.name}/index.html": page.topic_page(site, head, topic, found, tabs, beside or Beside()),
        },
        entries=chosen,
        quarantined=quarantined,
    )


def _what_fits(ranked: Sequence[InTopic], feeds: Mapping[str, bytes]) -> tuple[list[InTopic], list[InTopic]]:
    """Return the first of `ranked`, of which `feeds` consist, that have room together; and those among them that have
    none even alone: one of these would leave none for any other."""
    left = {
        form: LARGEST_FEED - len(feed) + sum(len(getattr(each, form)) for each in ranked) - _MICROSECONDS
        for form, feed in feeds.items()
    }
    whole = dict(left)
    fit: list[InTopic] = []
    too_large: list[InTopic] = []
    for each in ranked:
        sizes = {form: len(getattr(each, form)) for form in feeds}
        if any(sizes[form] > whole[form] for form in feeds):
            too_large.append(each)
            continue
        left = {form: left[form] - sizes[form] for form in feeds}
        if min(left.values()) < 0:
            break
        fit.append(each)
    return fit, too_large


def render_site(
    site: Site,
    topics: Sequence[tuple[Topic, Sequence[Entry]]],
    *,
    standings: Sequence[Standing],
    own_pages: Sequence[tuple[str, Entry]],
    fragments: Fragments | None = None,
) -> Rendered:
    """Return what stands around the topics: front page, about page, subscription lists, stylesheet, own articles.

    `topics` in their order on the page, each with its published entries, newest first (the first few suffice).
    `entries` of the result are those of `own_pages`.
    """
    site = clean_site(site)
    tabs = [clean_topic(topic) for topic, _ in topics]
    kept = fragments or Fragments()
    fronts = []
    for topic, (_, entries) in zip(tabs, topics, strict=True):
        newest = [each.shown for each in kept.of(entries[: page.HEADLINES], site, tabs)[0]]
        fronts.append((topic, channel(site, topic, newest), newest))
    sources = [replace(each, origin=outlet(each.origin, site)) for each in standings]
    articles: dict[str, bytes] = {}
    rendered: list[Entry] = []
    quarantined: list[tuple[str, str]] = []
    for slug, entry in own_pages:
        try:
            shown = show(replace(entry, policy="full"), site=site, topics={topic.name: topic for topic in tabs})
        except (ValueError, TypeError) as exc:
            quarantined.append((entry.id, str(exc)))
        else:
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
            "sources.opml": opml.sources(
                words.of(site.language).plain("sources_of", site=site.title), [each.origin for each in sources]
            ),
            **articles,
        },
        entries=tuple(rendered),
        quarantined=tuple(quarantined),
    )


def rendered_with(
    site: Site, settings: PublishSettings, topic: Topic, *, all_topics: Sequence[Topic], hubs: tuple[str, ...] = ()
) -> str:
    """Return a short hash of all that a topic's bytes depend on beside its entries; when it moves, render again."""
    told = repr((site, settings.entries, settings.content, topic, tuple(all_topics), hubs))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass") + code()).hexdigest()[:16]


@lru_cache(maxsize=1)
def code() -> bytes:
    """The renderer itself: our modules, templates and styles, and the vendors that write for us."""
    digest = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in ("feedgen", "jinja2", "lxml")).encode())
    for name, body in sorted(_files(files("feeds.publish"))):
        digest.update(f"{name} {len(body)} ".encode() + body)
    return digest.digest()


def _files(folder: Traversable) -> Iterator[tuple[str, bytes]]:
    for child in folder.iterdir():
        if child.is_file():
            yield child.name, child.read_bytes()
        elif child.name in ("pages", "words"):
            yield from _files(child)
