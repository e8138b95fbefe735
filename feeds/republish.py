"""One topic, one pass: settle, select, render, put, and only then call it published."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from hashlib import blake2b

from feeds.config import Settings
from feeds.errors import ShelfError
from feeds.model import STORIES, Entry, Site, Story, Topic, ended_name
from feeds.ports import Clock, Store, TopicState, WritableShelf
from feeds.publish.archive import archived, before, days_to_write, outdated, render_archive
from feeds.publish.channel import archive_name
from feeds.publish.days import day_name, pages_of_days, render_day
from feeds.publish.fragments import Fragments
from feeds.publish.names import AROUND_TOPICS, NOTE, STRAY, always_there, left_over, strays
from feeds.publish.page import Beside
from feeds.publish.select import WINDOW
from feeds.publish.stories import render_story, story_name, written_for
from feeds.publish.topic import Rendered, render_site, render_topic, rendered_with

log = logging.getLogger(__name__)
_WAIT = 10.0  # seconds for another process that publishes
_DAYS = 28  # of the picture of volume
_STORIES, _TIMES = 100, 20  # pages of stories at once, and how often in one run: others shall come to it as well
_ON_INDEX = 8  # newest stories of each topic that the index names


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """How the publication of one topic ended."""

    topic: str
    entries: int
    written: bool  # False: its files were up to date, to the byte
    quarantined: int = 0  # entries that had to be left out; the log names them


@dataclass(frozen=True, slots=True, kw_only=True)
class Republish:
    """A pass over topics, with all that it needs from the world."""

    store: Store
    shelf: WritableShelf
    clock: Clock
    settings: Settings
    topics: Mapping[str, Topic]
    ended: Collection[str] = ()  # names of topics that are no more
    fragments: Fragments = field(default_factory=Fragments)  # from one run to the next
    swept: set[date] = field(default_factory=set)  # the day on which the shelf was last swept

    def run(self, *, later: Collection[str] = (), seconds: float = _WAIT) -> Iterator[Published]:
        """Settle what waits, publish each topic that is behind the store, then the pages over them all.

        Topics named in `later` are left for another time. One that cannot be written does not hold up the others.

        Raises:
            ShelfBusy: another process was publishing for all these seconds.
            ShelfError: something could not be written; all that could be is.
        """
        failed: list[ShelfError] = []
        with self.shelf.alone(seconds=seconds):
            yield from self._run(later, failed)
        if failed:
            raise failed[0]

    def _run(self, later: Collection[str], failed: list[ShelfError]) -> Iterator[Published]:
        # Ids are minted under the authority that was stored first, whatever the configuration says now.
        site = replace(self.settings.site, authority=self.store.note("authority"))
        if (today := self.clock().date()) not in self.swept:
            self.shelf.sweep(but=[STORIES])  # it looks at every file there is, and there is one for each topic and day
            self.swept.clear()
            self.swept.add(today)
            self._tell_of_strays()
        self.store.settle(self.clock())
        states = self.store.topics()
        # What is stored meanwhile is in these states or in none: what they count must be settled, or it would be taken
        # for published and left out.
        self.store.settle(self.clock())
        try:
            self._publish_stories(site, today)  # first, as topics link to them
        except ShelfError as exc:
            failed.append(exc)
        for state in states:
            topic = self.topics.get(state.name)
            if topic is None:
                continue  # another process works by another configuration
            key = rendered_with(
                site, self.settings.publish, topic, all_topics=self._all_topics, hubs=self.settings.hubs
            )
            behind = state.dirty or state.rendered_with != key or self._lacks(*always_there(state.name))
            if behind and state.name not in later:
                try:
                    yield self._publish(site, topic, state, key)
                except ShelfError as exc:
                    failed.append(exc)
            else:
                yield Published(topic=state.name, entries=state.entries, written=False)
        for step in (partial(self._publish_site, site), self._end_topics):
            try:
                step()
            except ShelfError as exc:
                failed.append(exc)

    def _publish(self, site: Site, topic: Topic, state: TopicState, key: str) -> Published:
        """Archives first: nothing that is published leads to one that is not there."""
        limit, today = self.settings.publish.entries, self.clock().date()
        moved = state.archived_at not in ("", site.url)
        standing = list(self.shelf.names_below(topic.name))
        entries = self.store.entries(topic.name, limit=limit, window=WINDOW)
        days, filed, written, bad = self._publish_archives(site, topic, today, standing, entries, moved=moved)
        pages, new_pages = self._publish_days(site, topic, today, days, standing)
        newest = max(days, default=None)
        beside = Beside(
            volume=self.store.volume(topic.name, days=_DAYS),
            days=pages[::-1],
            standings=self.store.standings(only={name for entry in entries for name in entry.carriers}),
        )
        rendered = render_topic(
            site,
            topic,
            entries,
            limit=limit,
            all_topics=self._all_topics,
            hubs=self.settings.hubs,
            previous=newest,
            fragments=self.fragments,
            beside=beside,
        )
        written |= new_pages | self._put(rendered)
        bad |= rendered.quarantined
        self._tell(bad.items())
        self.store.mark_published(
            topic.name,
            seq=state.seq,
            seen=state.published_seq,
            entries=len(rendered.entries),
            rendered_with=key,
            archived_at=site.url,
            filed=filed,
            day=today,
        )
        for name in (*outdated(days, standing), ended_name(topic.name)):
            if name in standing:
                self.shelf.remove(name)
        return Published(topic=topic.name, entries=len(rendered.entries), written=written, quarantined=len(bad))

    def _publish_archives(
        self,
        site: Site,
        topic: Topic,
        today: date,
        standing: Sequence[str],
        newest: Iterable[Entry],
        *,
        moved: bool,
    ) -> tuple[set[date], tuple[int, ...], bool, dict[str, str]]:
        """`newest` have been read for the feed: of today's archive these are nearly all.

        Returns the days that have an archive, the stories that stand in today's, whether one was written, and what
        had to be left out."""
        name, written = topic.name, False
        filed: tuple[int, ...] = ()
        bad: dict[str, str] = {}
        self._note_the_last(name, today, standing)
        days, known = set(self.store.days(name)), {entry.story: entry for entry in newest}
        for day in days_to_write(name, days | {today}, today=today, standing=standing, moved=moved):
            entries = self.store.day_entries(name, day, unfiled=day == today, known=known)
            archive = render_archive(
                site,
                topic,
                entries,
                day=day,
                previous=before(day, days),
                all_topics=self._all_topics,
                fragments=self.fragments,
            )
            bad |= archive.quarantined
            if day == today:
                filed = archive.stories
            if archive.stories or day in days:
                written |= self.shelf.put(archive.name, archive.body)
                days.add(day)
        return days, filed, written, bad

    def _publish_days(
        self, site: Site, topic: Topic, today: date, days: Iterable[date], standing: Iterable[str]
    ) -> tuple[list[date], bool]:
        """Returns the days that have a page, and whether one was written."""
        paged, due = pages_of_days(topic.name, days, today=today, standing=standing)
        written = False
        for each in due:
            entries = self.store.day_entries(topic.name, each.day, unfiled=False)
            body = render_day(site, topic, entries, each, all_topics=self._all_topics)
            written |= self.shelf.put(day_name(topic.name, each.day), body)
        return paged, written

    def _note_the_last(self, topic: str, today: date, standing: Iterable[str]) -> None:
        """Before a new day begins: a run that was killed may have put the last archive and not have noted it."""
        last = before(today, archived(standing))
        if last is None or today in self.store.days(topic):
            return
        body = self.shelf.get(archive_name(topic, last)) or b""
        entries = self.store.day_entries(topic, last, unfiled=True)
        self.store.file(topic, [entry.story for entry in entries if entry.id.encode() in body], last)

    def _publish_stories(self, site: Site, today: date) -> None:
        """Write the pages of those stories that have changed; once a day look after all that stand."""
        key = written_for(site, self._all_topics)
        if self.store.note("stories") != key:
            self.store.want_stories()
            self.store.set_note("stories", key)
        if self.store.note("stories swept") != str(today) or self._lacks("index.html"):
            self._sweep_stories()
            self.store.set_note("stories swept", str(today))
        for _ in range(_TIMES):
            if not (due := self.store.stories_due(limit=_STORIES)):
                return
            for story in due:
                self._publish_story(site, story)
            self.store.stories_put({story.id: story.due for story in due})

    def _publish_story(self, site: Site, story: Story) -> None:
        try:
            body = render_story(site, story, self._all_topics)
        except (ValueError, TypeError) as exc:
            self._tell([(story.id, str(exc))])
        else:
            if name := story_name(story.id):
                self.shelf.put(name, body)
                self.shelf.sweep(name.removesuffix("/index.html"))

    def _sweep_stories(self) -> None:
        """Take away pages of stories that are kept no more, and have those written that are missing."""
        self.shelf.sweep(STORIES)
        standing = set(self.shelf.names_below(STORIES))
        kept = {story_name(each): each for each in self.store.story_ids()}
        self.store.want_stories(only=[kept[name] for name in kept.keys() - standing])
        for name in standing - kept.keys():
            self.shelf.remove(name)

    def _publish_site(self, site: Site) -> None:
        standings, own = self.store.standings(), self.store.own_pages()
        states = [(state.name, state.seq, state.rendered_with) for state in self.store.topics()]
        facts = repr((site, states, standings, own)).encode("utf-8", "surrogatepass")
        key = blake2b(facts, digest_size=16).hexdigest()
        if self.store.note("site") == key and not self._lacks(*AROUND_TOPICS):
            return
        newest = [
            (topic, self.store.entries(topic.name, limit=_ON_INDEX, window=WINDOW * 0)) for topic in self._all_topics
        ]
        rendered = render_site(site, newest, standings=standings, own_pages=own, fragments=self.fragments)
        self._tell(rendered.quarantined)
        self._put(rendered)
        for name in self.shelf.names_below("article"):
            if name not in rendered.files:
                self.shelf.remove(name)  # its article is no longer kept
        self.store.set_note("site", key)

    def _end_topics(self) -> None:
        """The note comes first: from then on nobody is told that there never was anything."""
        for topic in self.ended:
            self.shelf.put(ended_name(topic), NOTE)
            gone = [n for n in left_over(topic, self.shelf.names_below(topic)) if self.shelf.modified(n) is not None]
            for name in gone:
                self.shelf.remove(name)
            if gone:
                log.warning("topic.ended", extra={"topic": topic, "files": len(gone)})

    def _tell_of_strays(self) -> None:
        for topic in strays(self.shelf.names(but=[STORIES]), {*self.topics, *self.ended}):
            log.warning("topic.stray", extra={"topic": topic, "why": STRAY.format(topic)})

    def _lacks(self, *names: str) -> bool:
        return any(self.shelf.modified(name) is None for name in names)

    def _put(self, rendered: Rendered) -> bool:
        """Put every file in the order given; True if one of them was written."""
        return sum(self.shelf.put(name, rendered.files[name]) for name in rendered.files) > 0

    def _tell(self, quarantined: Iterable[tuple[str, str]]) -> None:
        for story, why in quarantined:
            log.warning("entry.quarantined", extra={"id": story, "why": why})

    @property
    def _all_topics(self) -> tuple[Topic, ...]:
        return tuple(self.topics[name] for name in sorted(self.topics))
