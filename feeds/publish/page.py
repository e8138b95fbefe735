"""Pages for people: plain HTML and one stylesheet. Nothing in them needs a script or another host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from typing import Any, Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from feeds.model import Hit, Misread, Origin, Site, Topic
from feeds.publish import clean, languages, times
from feeds.publish.channel import RIGHTS, TYPES, Channel
from feeds.publish.entry import Shown

HEADLINES = 6  # of each topic, on the front page


class Told(Protocol):
    """A story in a topic."""

    @property
    def shown(self) -> Shown:
        """The story."""

    @property
    def page(self) -> Markup:
        """See `story`."""

    @property
    def why(self) -> Markup:
        """See `why`."""


_WHERE = {
    "title": "in the headline",
    "lead": "in the opening",
    "body": "in the text",
    "category": "as a category",
    "source": "by its source",
    "country": "by the source’s country",
    "always": "by the settings of this topic",
}
_FORMATS = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}


def assets() -> Mapping[str, bytes]:
    """The files that every page refers to, by published name."""
    folder = files("feeds.publish") / "pages"
    found = {name: (folder / name).read_bytes() for name in ("feeds.css", "favicon.ico", "favicon.svg")}
    return found | {"favicon": found["favicon.ico"]}


def topic_page(site: Site, channel: Channel, topic: Topic, entries: Sequence[Told], tabs: Sequence[Topic]) -> bytes:
    """Return the page of a topic: its stories by day, newest first. `tabs` are all topics."""
    days = _days(entries)
    outlets = len({told.shown.source.name for told in entries})
    return _page(
        "topic.html.j2",
        site,
        tabs,
        depth=1,
        channel=channel,
        topic=topic,
        days=days,
        stories=len(entries),
        outlets=outlets,
    )


def search_page(
    site: Site,
    channel: Channel,
    entries: Sequence[Told],
    tabs: Sequence[Topic],
    query: str,
    misread: Misread | None = None,
) -> bytes:
    """Return the page that asks for a query, with what was found by the last one, or why it was not understood."""
    # Stories are written for pages that lie one folder deep; text holds no quotation mark that is not escaped.
    days = [(day, Markup(str(html).replace('href="../', 'href="./'))) for day, html in _days(entries)]  # noqa: S704
    asked = clean.line(query)
    return _page(
        "search.html.j2",
        site,
        tabs,
        depth=0,
        channel=channel,
        days=days,
        stories=len(entries),
        query=asked,
        misread=misread,
    )


def _days(entries: Sequence[Told]) -> list[tuple[date, Markup]]:
    return [
        (day, Markup("".join([part for told in stories for part in (told.page, told.why)])))  # noqa: S704
        for day, stories in groupby(entries, key=lambda told: told.shown.published.date())
    ]


def story(site: Site, shown: Shown) -> Markup:
    """Return a story as it stands on the page of each of its topics, up to the reason why it does."""
    return Markup(_environment().get_template("story.html.j2").render(site=site, root="../", entry=shown))  # noqa: S704


def why(hits: Sequence[Hit]) -> Markup:
    """Return the rest of a story, with the reason why it stands in this topic."""
    return Markup(_environment().get_template("why.html.j2").render(hits=hits))  # noqa: S704


def index_page(site: Site, topics: Sequence[tuple[Topic, Channel, Sequence[Shown]]], sources: int) -> bytes:
    """Return the front page: the newest headlines of each topic."""
    newest = [(topic, channel, entries[:HEADLINES]) for topic, channel, entries in topics]
    updated = max((channel.updated for _, channel, entries in topics if entries), default=None)
    tabs = [topic for topic, _, _ in topics]
    return _page("index.html.j2", site, tabs, depth=0, topics=newest, sources=sources, updated=updated)


def about_page(site: Site, tabs: Sequence[Topic], origins: Sequence[Origin]) -> bytes:
    """Return the page that says what this is, whom it reads, and how a publisher leaves."""
    return _page("about.html.j2", site, tabs, depth=1, origins=origins)


def article_page(site: Site, shown: Shown, tabs: Sequence[Topic]) -> bytes:
    """Return the page of an article that is our own; `shown` under the policy `full`."""
    names = {category.term for category in shown.categories if category.scheme == site.url + "topics"}
    mine = [topic for topic in tabs if topic.name in names]
    return _page("article.html.j2", site, tabs, depth=2, entry=shown, body=Markup(shown.content), topics=mine)  # noqa: S704


def _page(template: str, site: Site, tabs: Sequence[Topic], *, depth: int, **values: Any) -> bytes:
    """`depth` folders deep. All links are relative: the site may live under a path, or be read from a disk."""
    root = "../" * depth or "./"
    html = _environment().get_template(template).render(site=site, tabs=tabs, root=root, **values)
    return html.encode()


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("feeds.publish", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.globals |= {"FORMATS": _FORMATS, "TYPES": TYPES, "RIGHTS": RIGHTS}
    environment.filters |= {
        "rfc3339": times.rfc3339,
        "clock": times.clock,
        "day": times.day,
        "weekday": times.weekday,
        "briefly": times.briefly,
        "in_words": times.in_words,
        "language_name": languages.name,
        "direction": languages.direction,
        "reasons": _reasons,
        "counted": _counted,
    }
    return environment


def _reasons(hits: Iterable[Hit]) -> list[tuple[str, list[str]]]:
    """The words that decided, gathered by where they stand, in the order of the rules' explanation."""
    gathered: dict[str, list[str]] = {}
    for hit in hits:
        gathered.setdefault(_WHERE.get(hit.where, hit.where), []).append(hit.word)
    return list(gathered.items())


def _counted(number: int, noun: str, plural: str = "") -> str:
    """As in 1 story, 12 stories."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
