"""Pages of days: what came into a topic on each day (UTC) that is over, for people, beside the archive of that day.

A page is written when its day is over and once more when the next one has a page, which it then leads to. From then on
it is left alone, like the archive. No address of the site stands in it, so that it needs no other where the site moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import NamedTuple

from markupsafe import Markup

from feeds.model import Entry, Site, Topic
from feeds.publish import page
from feeds.publish.channel import clean_site, clean_topic
from feeds.publish.entry import Shown, reasons
from feeds.publish.fragments import ready

MOST = 500  # stories of a page; on the first day of a topic there may be thousands, and all are in its archive
_AT_ONCE = 30  # pages: a topic may have been published for long before there were any


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A page to be written, and where it leads."""

    day: date
    before: date | None  # that has a page
    after: date | None


class _OnPage(NamedTuple):
    entry: Entry
    shown: Shown
    page: Markup
    why: Markup


def day_name(topic: str, day: date) -> str:
    """The published name of a topic's page of one day (UTC)."""
    return f"{topic}/{day.isoformat()}.html"


def pages_of_days(
    topic: str, days: Iterable[date], *, today: date, standing: Iterable[str]
) -> tuple[list[date], list[Day]]:
    """Return the days that have a page when all that must be written is, and what that is, in the order to write it.

    `days` are those with an archive, `standing` the names on the shelf. The newest day has no page: its stories are
    those of the topic's own page. A page before one that is missing is written again, to lead there: first, so that
    after a crash it is again one before one that is missing.
    """
    there, known = set(standing), sorted(days)
    over = [day for day in known if day < min(today, known[-1])]
    missing = [day for day in over if day_name(topic, day) not in there][:_AT_ONCE]
    paged = [day for day in over if day in missing or day_name(topic, day) in there]
    around = zip(paged, [None, *paged], [*paged[1:], None], strict=False)
    return paged, [Day(day=d, before=b, after=a) for d, b, a in around if d in missing or a in missing]


def render_day(site: Site, topic: Topic, entries: Iterable[Entry], day: Day, *, all_topics: Sequence[Topic]) -> bytes:
    """Return the page of a day with the first of its `entries`, newest first. Same arguments, same bytes.

    An entry that cannot be rendered is left out; the archive names it. The page names no topic but its own, so that
    another one on the site changes nothing.
    """
    site, topic, tabs = clean_site(site), clean_topic(topic), [clean_topic(each) for each in all_topics]
    left = iter(entries)
    first = list(islice(left, MOST))
    shown, _ = ready(first, site, tabs)
    told = [
        _OnPage(first[at], each, page.story(site, each), page.why(site, reasons(first[at].because)))
        for at, each in shown.items()
    ]
    cut = next(left, None) is not None
    return page.day_page(site, topic, told, day.day, before=day.before, after=day.after, cut=cut)
