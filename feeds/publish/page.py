"""Pages for people: plain HTML and one stylesheet. Nothing in them needs a script or another host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache, partial
from importlib.resources import files
from itertools import groupby
from typing import Any, Protocol

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from feeds.model import Change, Entry, Hit, How, Misread, Site, Standing, Story, Topic
from feeds.publish import clean, languages, times, words
from feeds.publish.channel import TYPES, Channel
from feeds.publish.entry import Shown, how_many, outlet, reasons, story_folder
from feeds.publish.words import Words

HEADLINES = 6  # of each topic, on the front page
SHOWN_DAYS = 14  # older days that are named at once
LEAST_DAYS = 7  # in the picture of volume
WIDTH, HEIGHT = 10, 40  # of the picture of volume: units a day, units in all


class Told(Protocol):
    """A story in a topic."""

    @property
    def entry(self) -> Entry:
        """As it is stored."""

    @property
    def shown(self) -> Shown:
        """The story."""

    @property
    def page(self) -> Markup:
        """See `story`."""

    @property
    def why(self) -> Markup:
        """See `why`."""


_SHAPES: Mapping[How, str] = {"answers": "●", "new": "○", "silent": "▲", "refuses": "■", "gone": "✕"}
_FORMATS = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}


def assets() -> Mapping[str, bytes]:
    """The files that every page refers to, by published name."""
    folder = files("feeds.publish") / "pages"
    found = {name: (folder / name).read_bytes() for name in ("feeds.css", "favicon.ico", "favicon.svg")}
    return found | {"favicon": found["favicon.ico"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What the page of a topic tells beside its stories."""

    volume: Mapping[date, int] = field(default_factory=dict)  # stories of each day, without gaps
    days: Sequence[date] = ()  # that have a page, newest first
    standings: Sequence[Standing] = ()  # of all sources that are polled


def topic_page(
    site: Site, channel: Channel, topic: Topic, entries: Sequence[Told], tabs: Sequence[Topic], beside: Beside
) -> bytes:
    """Return the page of a topic: its stories by day, newest first. `tabs` are all topics."""
    days = _days(entries)
    volume = course(beside.volume)
    by_source = Counter(name for told in entries for name in told.entry.carriers)
    return _page(
        "topic.html.j2",
        site,
        tabs,
        depth=1,
        channel=channel,
        topic=topic,
        days=days,
        stories=len(entries),
        outlets=len(by_source),
        bars=bars(volume),
        volume=volume,
        peak=max(volume, key=lambda day: (volume[day], day), default=None),
        older=beside.days,
        standings=_standings(site, beside.standings, by_source),
    )


def day_page(
    site: Site,
    topic: Topic,
    entries: Sequence[Told],
    day: date,
    *,
    before: date | None = None,
    after: date | None = None,
    cut: bool = False,
) -> bytes:
    """Return the page of what came into a topic on a day that is over, between those of two others that have one.

    `cut`: there was more than is shown.
    """
    return _page(
        "day.html.j2",
        site,
        [topic],
        depth=1,
        topic=topic,
        day=day,
        before=before,
        after=after,
        days=_days(entries),
        stories=len(entries),
        outlets=len({name for told in entries for name in told.entry.carriers}),
        cut=cut,
    )


def search_page(
    site: Site,
    channel: Channel,
    entries: Sequence[Told],
    tabs: Sequence[Topic],
    query: str,
    *,
    cut: bool = False,
    misread: Misread | None = None,
) -> bytes:
    """Return the page that asks for a query, with what was found by the last one, or why it was not understood.

    `cut`: there may be more than is shown.
    """
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
        cut=cut,
        misread=misread,
    )


def _days(entries: Sequence[Told]) -> list[tuple[date, Markup]]:
    return [
        (day, Markup("".join([part for told in stories for part in (told.page, told.why)])))  # noqa: S704
        for day, stories in groupby(entries, key=lambda told: told.shown.published.date())
    ]


def story(site: Site, shown: Shown) -> Markup:
    """Return a story as it stands on the page of each of its topics, up to the reason why it does."""
    return Markup(_template(site, "story.html.j2").render(site=site, root="../", entry=shown))  # noqa: S704


def why(site: Site, hits: Sequence[Hit]) -> Markup:
    """Return the rest of a story, with the reason why it stands in this topic."""
    return Markup(_template(site, "why.html.j2").render(hits=hits))  # noqa: S704


def index_page(site: Site, topics: Sequence[tuple[Topic, Channel, Sequence[Shown]]], sources: int) -> bytes:
    """Return the front page: the newest headlines of each topic."""
    newest = [(topic, channel, entries[:HEADLINES]) for topic, channel, entries in topics]
    updated = max((channel.updated for _, channel, entries in topics if entries), default=None)
    tabs = [topic for topic, _, _ in topics]
    return _page("index.html.j2", site, tabs, depth=0, topics=newest, sources=sources, updated=updated)


def about_page(site: Site, tabs: Sequence[Topic], standings: Sequence[Standing]) -> bytes:
    """Return the page that says what this is, whom it reads and how they answer, and how a publisher leaves."""
    return _page("about.html.j2", site, tabs, depth=1, standings=standings)


def article_page(site: Site, shown: Shown, tabs: Sequence[Topic]) -> bytes:
    """Return the page of an article that is our own; `shown` under the policy `full`."""
    names = {category.term for category in shown.categories if category.scheme == site.url + "topics"}
    mine = [topic for topic in tabs if topic.name in names]
    return _page("article.html.j2", site, tabs, depth=2, entry=shown, body=Markup(shown.content), topics=mine)  # noqa: S704


def story_page(site: Site, story: Story, shown: Shown, topics: Mapping[str, Topic]) -> bytes:
    """Return the page of a story; `shown` is its entry. `topics` are all that have a feed."""
    mine = [topics[name] for name in story.entry.topics if name in topics]
    if story.moved:
        return _page("moved.html.j2", site, mine, depth=2, entry=shown)
    return _page(
        "whole.html.j2",
        site,
        mine,
        depth=2,
        entry=shown,
        others=sorted(shown.also, key=lambda also: (also.published, also.outlet)),
        reasons=[(topics[name], reasons(hits)) for name, hits in story.because if name in topics],
        joined={clean.line(source): [clean.line(word) for word in words] for source, words in story.joined},
        changes=[_changed(change) for change in story.changes],
    )


def _changed(change: Change) -> Change:
    edit = replace(change.edit, at=times.utc(change.edit.at), was=clean.line(change.edit.was))
    language = clean.language_tag(change.language)
    return replace(change, outlet=clean.line(change.outlet), language=language, edit=edit)


def course(volume: Mapping[date, int]) -> Mapping[date, int]:
    """Return the days to make a picture of: from the first with a story, a week at least.

    None if less than two days have stories: that is no course.
    """
    busy = [nth for nth, number in enumerate(volume.values()) if number]
    if len(busy) < 2:
        return {}
    return dict(list(volume.items())[max(0, min(busy[0], len(volume) - LEAST_DAYS)) :])


def bars(volume: Mapping[date, int]) -> list[tuple[int, int]]:
    """Return (left edge, height) of the bar of each day, for a picture WIDTH a day wide and HEIGHT high."""
    most = max(volume.values(), default=0)
    heights = (-(-number * HEIGHT // most) for number in volume.values())  # one story is seen beside hundreds
    return [(nth * WIDTH, height) for nth, height in enumerate(heights)]


def _standings(site: Site, standings: Sequence[Standing], by_source: Mapping[str, int]) -> list[tuple[Standing, int]]:
    """Those of the sources that carry stories, each with their number; the busiest first."""
    clean = (replace(each, origin=outlet(each.origin, site)) for each in standings if by_source.get(each.origin.name))
    found = [(each, by_source[each.origin.name]) for each in clean]
    return sorted(found, key=lambda pair: (-pair[1], pair[0].origin.title.casefold(), pair[0].origin.name))


def _page(template: str, site: Site, tabs: Sequence[Topic], *, depth: int, **values: Any) -> bytes:
    """`depth` folders deep. All links are relative: the site may live under a path, or be read from a disk."""
    root = "../" * depth or "./"
    html = _template(site, template).render(site=site, tabs=tabs, root=root, **values)
    return html.encode()


def _template(site: Site, name: str) -> Template:
    return _environment(words.of(site.language)).get_template(name)


@lru_cache(maxsize=len(words.PLURALS))
def _environment(said: Words) -> Environment:
    environment = Environment(
        loader=PackageLoader("feeds.publish", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.globals |= {
        "FORMATS": _FORMATS,
        "TYPES": TYPES,
        "SHAPES": _SHAPES,
        "WIDTH": WIDTH,
        "HEIGHT": HEIGHT,
        "SHOWN_DAYS": SHOWN_DAYS,
        "LANGUAGE": said.language,
        "t": said.html,
        "how_many": partial(how_many, words=said),
    }
    environment.filters |= {
        "rfc3339": times.rfc3339,
        "clock": times.clock,
        "day": said.day,
        "weekday": said.weekday,
        "briefly": said.briefly,
        "in_words": said.in_words,
        "language_name": said.language_name,
        "direction": languages.direction,
        "story_folder": story_folder,
        "reasons": partial(_reasons, said),
        "bdis": partial(_bdis, said),
        "corrected": partial(_corrected, said),
        "counted": said.counted,
        "in_full": said.misread,
    }
    return environment


def _bdis(said: Words, words: Iterable[str]) -> Markup:
    """Words of any language, each in its own direction."""
    return Markup(said.plain("list_comma")).join(Markup("<bdi>{}</bdi>").format(word) for word in words)  # noqa: S704


def _corrected(said: Words, what: Iterable[str]) -> str:
    """What was corrected, in words."""
    return said.plain("list_comma").join(said.plain(f"changed_{each}") for each in what)


def _reasons(said: Words, hits: Iterable[Hit]) -> list[tuple[str, list[str]]]:
    """The words that decided, gathered by where they stand, in the order of the rules' explanation."""
    gathered: dict[str, list[str]] = {}
    for hit in hits:
        word = hit.word.replace("=", "").replace("*", "…")  # signs of the rules, which readers need not know
        gathered.setdefault(said.texts.get(f"where_{hit.where}", hit.where), []).append(word)
    return list(gathered.items())
