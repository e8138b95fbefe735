"""What the core needs from the world. Each port has one contract suite, run over each adapter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol, TypeAlias

from feeds.model import (
    Answer,
    Answered,
    Article,
    Changes,
    Document,
    Entry,
    Facts,
    Failed,
    Form,
    Item,
    Job,
    Known,
    Match,
    Message,
    Misread,
    Poll,
    Polled,
    Query,
    Reading,
    Reply,
    Request,
    Source,
    Standing,
    Story,
    Unreadable,
)
from feeds.ports.hub import HubStore
from feeds.ports.inbox import Inbox
from feeds.ports.pushes import Pushes
from feeds.ports.shelf import Shelf as Shelf
from feeds.ports.shelf import WritableShelf as WritableShelf

Clock: TypeAlias = Callable[[], datetime]  # aware, UTC
Fetch: TypeAlias = Callable[[Request], Answer]
Send: TypeAlias = Callable[[Message], Reply | Failed]
Read: TypeAlias = Callable[[Sequence[Document], Facts], Reading | Unreadable]
Decide: TypeAlias = Callable[[Sequence[Item], Known], Changes]
Classify: TypeAlias = Callable[[Article, Source], tuple[Match, ...]]


class Dispatch(Protocol):
    """Runs the same work for many jobs."""

    def run(self, batches: Iterable[Sequence[Job]], work: Callable[[Job], Poll]) -> Iterator[Poll]:
        """Yield the polls in the order of their jobs, whatever order they end in.

        Jobs of one host run one after another, a pause apart; at most so many hosts at once. The next batch is asked
        for when there are places free, though polls of the last are still in work.
        """
        ...

    def start(self, jobs: Sequence[Job], work: Callable[[Job], object]) -> None:
        """Begin these jobs beside those that run, and return. Which ends first is anybody's guess.

        `work` deals with everything itself, as nobody waits for what it returns or raises.
        """
        ...

    def free(self) -> int:
        """How many more jobs could be begun now without making one wait."""
        ...

    def begun(self) -> frozenset[str]:
        """Names of the sources whose jobs were started and have not ended."""
        ...

    def resting(self) -> frozenset[str]:
        """Hosts that were asked so recently that a job of theirs would have to wait."""
        ...

    def wait(self, seconds: float, *, free: int | None = None) -> bool:
        """Return when so many places are free, or all of them, or after `seconds`. Whether it came to that."""
        ...

    def stop(self) -> None:
        """Let no started job begin any more that has not."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicState:
    """Where a topic stands between the store and its files."""

    name: str
    seq: int  # grows with each change of its stories
    published_seq: int
    dirty_at: datetime | None
    entries: int  # that stand in its feed
    rendered_with: str  # what the last rendering depended on beside the entries
    archived_at: str = ""  # address of the site that its archives were written for

    @property
    def dirty(self) -> bool:
        """Whether its files are behind the store."""
        return self.seq != self.published_seq


class Store(Inbox, HubStore, Pushes, Protocol):
    """Our verbs over one database. Each writing verb is one transaction, all or nothing.

    Raises, from every verb: StoreBusy, StoreFailing, StoreUnusable.
    """

    def sync(
        self, sources: Sequence[Source], topics: Sequence[str], *, authority: str, now: datetime
    ) -> tuple[str, ...]:
        """Make the tables of sources and topics agree with the configuration. Returns warnings for the operator.

        A new name with a known URL is a rename; a new URL under a known name drops validators.
        """
        ...

    def claim(
        self,
        now: datetime,
        *,
        limit: int,
        lease: timedelta,
        after: str = "",
        only: Collection[str] | None = None,
        due: bool = True,
        force: bool = False,
    ) -> list[Job]:
        """Lease at most `limit` sources, sorted by name; no two callers get the same one.

        `after` leaves out names up to this one, `only` restricts to these names. `due=False` ignores the due
        time; `force` also ignores pauses of hosts, Retry-After and a stop. Leases of holders that died are taken
        over; hosts with a live lease elsewhere are left alone.
        """
        ...

    def claim_next(
        self,
        now: datetime,
        *,
        limit: int,
        lease: timedelta,
        each_host: int,
        only: Collection[str] | None = None,
        but: Collection[str] = (),
        resting: Collection[str] = (),
    ) -> list[Job]:
        """Lease at most `limit` sources that are due, those first that are due longest; no two callers get the same.

        Of one host at most `each_host`, and none of a host of which a source is leased already, here or elsewhere, or
        that is `resting`. `only` restricts to these names; those in `but` and their hosts are left alone, as they
        are in work here whatever the clock says of leases.
        """
        ...

    def held(self, host: str, now: datetime) -> datetime | None:
        """Until when a host wants no request, by its answer to anybody; None if it may be asked."""
        ...

    def mend_schedule(self, now: datetime, *, spread: timedelta | None) -> int:
        """Let nothing wait for a time that is not to come nor, with `spread`, all come at once that was slept through.

        A source last polled in what is now the future waits its own gap again, counted from now. Sources overdue for
        longer than `spread` become due within that time, in the order in which they were. Returns how many were moved.
        """
        ...

    def in_work(self, now: datetime, *, only: Collection[str] | None = None, due: bool = True) -> tuple[str, ...]:
        """Names of sources that a claim with `only` and `due` leaves to another process.

        It holds a live lease on them, or on another source of their host.
        """
        ...

    def apply(self, poll: Poll, decide: Decide) -> Polled:
        """Write what one poll brought. Status `late` if the lease was lost: nothing is written then.

        Known keys are read, `decide` is asked and all is written inside one transaction. Slice digests become
        known here and nowhere else.
        """
        ...

    def renew(self, now: datetime, *, lease: timedelta) -> None:
        """Keep the leases of this holder, those that nobody has taken over, until `now` + `lease` at least."""
        ...

    def release(self, *, but: Collection[str] = ()) -> None:
        """Give back every source that this holder still leases, but for these names."""
        ...

    def settle(self, now: datetime) -> int:
        """Choose heads and assign `updated` for stories that wait for it; from stored rows alone, in the
        order (published, source name, guid). Returns how many."""
        ...

    def topics(self) -> tuple[TopicState, ...]:
        """Every configured topic, by name."""
        ...

    def entries(self, topic: str, *, limit: int, window: timedelta) -> tuple[Entry, ...]:
        """The published stories of a topic, newest first: `limit` of them at most, but never fewer than all whose
        place lies within `window` before that of the newest. Behind them those that were corrected within `window`,
        the `limit` last corrected ones at most."""
        ...

    def days(self, topic: str) -> tuple[date, ...]:
        """The days (UTC) on which stories that are still kept were first published in a topic, in order."""
        ...

    def volume(self, topic: str, *, days: int) -> Mapping[date, int]:
        """How many stories of a topic bear each date (UTC) of the last `days`, up to that of the newest; in order.
        Empty if there is none."""
        ...

    def stories_due(self, *, limit: int) -> tuple[Story, ...]:
        """Published stories that have changed since their page was last put, the newest `limit` of them. A story that
        has become part of another comes with the entry of that."""
        ...

    def stories_put(self, put: Mapping[str, int]) -> None:
        """Note that pages stand: id of the story -> what was `due`. One that has changed meanwhile stays due."""
        ...

    def want_stories(self, only: Collection[str] | None = None) -> None:
        """Have every published story due, or `only` those of these ids."""
        ...

    def story_ids(self) -> frozenset[str]:
        """The ids of all published stories, also of those that have become part of others."""
        ...

    def day_entries(
        self, topic: str, day: date, *, unfiled: bool, known: Mapping[int, Entry] | None = None
    ) -> Iterator[Entry]:
        """The published stories of a topic that were first published there on `day`, newest first.

        `unfiled`: also those of which it was not yet noted when. Read in steps, but for those that were just read as
        `entries` of this topic: `known`, by the number of their story.
        """
        ...

    def file(self, topic: str, stories: Collection[int], day: date) -> None:
        """Note that these stories were first published in a topic on `day`, but for those that were before."""
        ...

    def search(self, query: Query, *, limit: int, seconds: float | None = None) -> tuple[Entry, ...]:
        """The newest `limit` of the stories of which one article satisfies `query`, newest first. A story that was
        never published is led by the article that it began with, and is in no topic.

        Raises:
            StoreSlow: it took longer than `seconds`, and was given up.
        """
        ...

    def edition(self) -> tuple[int, int]:
        """Equal as long as no article has come, and none has been edited."""
        ...

    def own_pages(self) -> tuple[tuple[str, Entry], ...]:
        """(slug, entry) of each article whose page is ours, by slug."""
        ...

    def standings(self, only: Collection[str] | None = None) -> tuple[Standing, ...]:
        """Every polled source, or `only` those of these names, as readers may see it, and how it stands; by name."""
        ...

    def mark_published(
        self,
        topic: str,
        *,
        seq: int,
        seen: int,
        entries: int,
        rendered_with: str,
        archived_at: str = "",
        filed: Collection[int] = (),
        day: date = date.min,
    ) -> bool:
        """Compare-and-set after the files stand: False if someone else published meanwhile.

        A change saved since `seq` was read leaves the topic dirty. `filed` and `day`: see `file`. Who is to be told
        of a publication is due from then on: see HubStore.
        """
        ...

    def tally(self, now: datetime) -> tuple[Mapping[str, int], timedelta]:
        """How many configured sources are fresh, late, failing, stopped or new (not polled yet), and for how long the
        one that is due longest has been."""
        ...

    def note(self, name: str) -> str:
        """What was noted under `name`, "" if nothing was."""
        ...

    def set_note(self, name: str, value: str) -> None:
        """Note one small fact across runs."""
        ...

    def reclassify(self, classify: Classify, *, rules: str, now: datetime, only: Collection[str] | None = None) -> int:
        """Decide the topics of every stored article anew, or of `only` these topics. Returns how many moved."""
        ...

    def archive(self, *, since: datetime | None = None) -> Iterator[tuple[Article, Source]]:
        """Every stored article with the topics that it was given, and its source as last configured.

        In the order in which they were stored; dated at `since` or later. Read in steps: what is stored meanwhile
        may or may not come.
        """
        ...

    def article(self, number: int) -> tuple[Article, Source] | None:
        """One article as `archive` has it, by its number; None if there is none or it was withdrawn."""
        ...

    def expire(self, now: datetime, *, keep: timedelta) -> int:
        """Remove articles older than `keep`; their keys stay for 180 days past last sight. Returns how many."""
        ...

    def why(self, names: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
        """What became of the items that go by any of `names`, or did before other items took the name: guid,
        canonical URL, file, article number or slug, story id or what ends it. Plain data, one for each finding.

        `revisions` are the former versions of the article, `copy_revisions` those of its copies; each in order.
        `topics` are those of the article; `story_topics` are those in which the entry of its story stands, each with
        the `article` and the `source` that speak for it most. `near` is what the article joined another for, also
        in each of `with`, the others of its story: together they say for what all of them are one.
        """
        ...

    def split(self, article: int, now: datetime) -> tuple[int, int] | None:
        """Part an article from its story for good; if it leads, the others leave.

        Articles that were a story of their own before the two became one are that story again.

        Returns (its story, that of the others); None if it is alone in its story. Topics that show either are dirty.
        """
        ...

    def split_copy(
        self, article: int, source: str, classify: Classify, *, rules: str, now: datetime
    ) -> tuple[int, int, int] | None:
        """Part what another source repeats of an article from it, for good: an article in a story of its own.

        Returns (its article, its story, that of the other); None if that source has no copy of the article.
        """
        ...

    def status(self) -> tuple[Mapping[str, Any], ...]:
        """One row of plain data for each configured source, by name. Leases of holders that died are not shown."""
        ...

    def verify(self) -> Iterable[str]:
        """Every broken promise found in the database, in words; nothing if it is whole."""
        ...

    def backup(self, file: str) -> None:
        """Write a whole copy to the new file `file`, while others go on working.

        Raises:
            StoreError: the file exists, or the database cannot do it.
        """
        ...

    def close(self) -> None:
        """Let go of the database and of all leases."""
        ...


class Search(Protocol):
    """Looks queries up in the archive, from any thread.

    Raises, from every verb: StoreError, and UserError where there is no store yet.
    """

    def state(self) -> object:
        """Equal as long as the same stories are stored and published: then the same query finds the same."""
        ...

    def answer(self, text: str, form: Form) -> Answered | Misread:
        """What the query `text` finds, as a feed or as a page. Without words, the page that asks for them.

        A page says itself why a query cannot be understood; there is no such feed.

        Raises:
            StoreSlow: it took longer than it may.
        """
        ...
