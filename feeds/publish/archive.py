"""Archives of a topic (RFC 5005 section 4): one Atom document for each day (UTC) on which stories came into it.

That of a day that is over is written once and then left alone, whatever becomes of its stories, of the program and of
our own names: who has fetched it need never fetch it again. It is written anew only where it is missing, or where the
site got another address and it is another document there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from feeds.model import Entry, Site, Topic
from feeds.publish import atom_rss
from feeds.publish.channel import archive_name, channel, clean_site, clean_topic
from feeds.publish.entry import Shown
from feeds.publish.fragments import Fragments

_AT_ONCE = 200  # entries: on the first day of a topic there may be thousands
_NAME = re.compile(r"[^/]+/(\d{4}-\d\d-\d\d)\.(atom|html)")  # an archive, or the page beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """One archive, ready to be put on a shelf."""

    name: str  # on the shelf
    body: bytes
    stories: tuple[int, ...]  # numbers of those that stand in it
    quarantined: tuple[tuple[str, str], ...]  # (id, reason) of entries that had to be left out


def days_to_write(topic: str, days: Iterable[date], *, today: date, standing: Iterable[str], moved: bool) -> list[date]:
    """Return which of `days` need their archive written: today, what is ahead, and what is missing.

    `standing` are the names on the shelf; `moved`: they were written for another address of the site. A day is ahead
    when the clock was, and what comes before it may still grow.
    """
    there = set(standing)
    return [day for day in sorted(days) if moved or day >= today or archive_name(topic, day) not in there]


def outdated(days: Iterable[date], standing: Iterable[str]) -> list[str]:
    """Return the names of archives and pages of a topic of whose days no story is kept any more."""
    kept = {day.isoformat() for day in days}
    return [name for name in standing if (found := _NAME.fullmatch(name)) and found[1] not in kept]


def archived(standing: Iterable[str]) -> list[date]:
    """Return the days of the archives among these names."""
    names = map(_NAME.fullmatch, standing)
    return [date.fromisoformat(found[1]) for found in names if found and found[2] == "atom"]


def before(day: date, days: Iterable[date]) -> date | None:
    """The last of `days` before `day`."""
    return max((other for other in days if other < day), default=None)


def render_archive(
    site: Site,
    topic: Topic,
    entries: Iterable[Entry],
    *,
    day: date,
    previous: date | None,
    all_topics: Sequence[Topic],
    fragments: Fragments | None = None,
) -> Archive:
    """Return the archive of `day`, with `entries` in their order. Same arguments, same bytes.

    `previous` is the day of the archive before it. An entry that cannot be rendered is left out and named.
    """
    site, topic, tabs = clean_site(site), clean_topic(topic), [clean_topic(each) for each in all_topics]
    kept, left = fragments or Fragments(), iter(entries)
    shown: list[Shown] = []
    written: list[bytes] = []
    stories: list[int] = []
    quarantined: list[tuple[str, str]] = []
    while some := list(islice(left, _AT_ONCE)):
        good, bad = kept.atoms(some, site, tabs)
        for entry, story, atom in good:
            shown.append(replace(story, summary="", content=""))
            written.append(atom)
            stories.append(entry.story)
        quarantined += bad
    head = channel(site, topic, shown, previous=previous, day=day)
    return Archive(
        name=archive_name(topic.name, day),
        body=atom_rss.join(head, "atom", written),
        stories=tuple(stories),
        quarantined=tuple(quarantined),
    )
