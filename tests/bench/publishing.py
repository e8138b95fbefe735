"""What publishing costs: `python -m tests.bench.publishing`.

One changed topic of 100 entries in three formats with gzip, against feedgen as its documentation shows it (built once
for Atom and once for RSS, gzip at level 6), and against the same two documents made so. Then 300 topics with their
pages. CPU time, all by turns, medians. Entries of real feeds where they are, else made ones. Nothing is read from a
store or put on a disk.
"""

from __future__ import annotations

import gzip
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from feedgen.feed import FeedGenerator

from feeds.model import Entry, Site, Topic
from feeds.publish import atom_rss, page
from feeds.publish.channel import channel
from feeds.publish.entry import show
from feeds.publish.files import gzip as our_gzip
from feeds.publish.fragments import Fragments
from feeds.publish.topic import render_topic
from tests.bench.verdict import say
from tests.real import DATA
from tests.unit.publish.publish_samples import entry
from tests.unit.publish.real_entries import real_entries

ENTRIES, TOPICS, ROUNDS = 100, 300, 15
SITE = Site(
    title="Bench", url="https://bench.example/", authority="bench.example,2026", contact="mailto:x@y", language="en"
)
UKRAINE = Topic(name="ukraine", title="Ukraine")
PAGES: list[float] = []  # seconds of CPU that each took
SENTENCE = "The minister said on Monday that talks about corridor {} would go on, officials told reporter {}. "


def entries(number: int, content: str) -> list[Entry]:
    """So many entries, no two alike."""
    found = real_entries(number, content=content) if DATA.is_dir() else []
    if len(found) < number:
        texts = ("".join(SENTENCE.format(n * m, m) for m in range(40)) for n in range(number))
        found = [
            entry(nth, content=f"<p>{text}</p>", text=text, policy=content, topics=("ukraine",))
            for nth, text in enumerate(texts)
        ]
    return found


def plain_feedgen(stories: Sequence[Entry]) -> list[bytes]:
    """What a program without us would do, for two of the three formats."""
    documents = []
    for form in ("atom", "rss"):
        feed = FeedGenerator()
        feed.id("tag:bench.example,2026:ukraine")
        feed.title("Bench: Ukraine")
        feed.subtitle("News about Ukraine.")
        feed.link(href="https://bench.example/ukraine/", rel="alternate")
        feed.language("en")
        feed.updated(max(story.updated for story in stories))
        for story in stories:
            item = feed.add_entry(order="append")
            item.id(story.id)
            item.title(story.title)
            item.link(href=story.url)
            item.published(story.published)
            item.updated(story.updated)
            item.summary(story.summary or story.title, type="html")
            if story.policy == "full" and story.content:
                item.content(story.content, type="html")
            item.author([{"name": story.origin.title or "x"}, *({"name": name} for name in story.authors)])
            item.category(term="ukraine", scheme="https://bench.example/topics", label="Ukraine")
        documents.append(feed.atom_str() if form == "atom" else feed.rss_str())
    return [gzip.compress(document, 6) for document in documents]


def ours(stories: Sequence[Entry], kept: Fragments, topic: Topic = UKRAINE) -> list[bytes]:
    """The files of a topic: three formats, and its page."""
    done = render_topic(SITE, topic, stories, limit=len(stories), all_topics=[UKRAINE], fragments=kept)
    assert len(done.entries) == len(stories) or len(done.files[f"{topic.name}.atom"]) > 800_000
    return [our_gzip(body) for body in done.files.values()]


def our_page(stories: Sequence[Entry], kept: Fragments) -> bytes:
    """The page of a topic alone, of entries that are kept."""
    good, _ = kept.of(stories, SITE, [UKRAINE])
    head = channel(SITE, UKRAINE, [each.shown for each in good])
    took = time.process_time()
    packed = our_gzip(page.topic_page(SITE, head, UKRAINE, good, [UKRAINE], page.Beside()))
    PAGES.append(time.process_time() - took)
    return packed


def as_read(story: Entry) -> Entry:
    """The same entry, of strings that nobody has looked at yet: as the store gives it."""
    summary, content, text = (str(old.encode(), "utf-8") for old in (story.summary, story.content, story.text))
    return replace(story, summary=summary, content=content, text=text)


def cpu(work: Callable[[], object]) -> float:
    """Seconds of CPU."""
    began = time.process_time()
    work()
    return time.process_time() - began


def same_documents(stories: Sequence[Entry]) -> list[bytes]:
    """The very Atom and RSS that we publish, by feedgen with our mends, whole."""
    shown = [show(story, site=SITE, topics={UKRAINE.name: UKRAINE}) for story in stories]
    head = channel(SITE, UKRAINE, shown)
    return [gzip.compress(document, 6) for document in (atom_rss.atom(head, shown), atom_rss.rss(head, shown))]


def one_changed_topic(content: str) -> None:
    """Each round another entry has changed."""
    stories, kept = entries(ENTRIES, content), Fragments()
    ours(stories, kept)
    took: dict[str, list[float]] = {"plain": [], "same": [], "ours": []}
    for round_ in range(ROUNDS):
        stories[round_] = replace(stories[round_], title=f"{stories[round_].title} ({round_})")
        stories[:] = map(as_read, stories)
        took["plain"].append(cpu(lambda: plain_feedgen(stories)))
        took["same"].append(cpu(lambda: same_documents(stories)))
        all_four = cpu(lambda: ours(stories, kept))
        our_page(stories, kept)
        took["ours"].append(all_four - PAGES[-1])
    plain, same, mine = (statistics.median(took[name]) for name in ("plain", "same", "ours"))
    figures = f"plain feedgen twice and gzip -6 {1000 * plain:.1f}, our documents so {1000 * same:.1f}"
    print(f"  {content}, ms: {figures}, ours {1000 * mine:.1f} and the page {1000 * statistics.median(PAGES):.1f}")
    say(f"one changed topic of 100, {content}, for plain feedgen", plain / mine, 5)
    say(f"one changed topic of 100, {content}, for the same documents", same / mine, 5)


def many_topics(stories: list[Entry], what: str, kept: Fragments) -> None:
    """300 topics of 100 entries each, drawn from `stories`."""

    def rebuild() -> None:
        for number in range(TOPICS):
            first = number * ENTRIES % max(1, len(stories) - ENTRIES)
            ours(stories[first : first + ENTRIES], kept, Topic(name=f"t{number}", title=f"Topic {number}"))

    say(f"300 topics rebuilt, {what}", cpu(rebuild), 5, at_most=True, unit="s")


def main() -> None:
    one_changed_topic("excerpt")
    one_changed_topic("full")
    some = entries(ENTRIES * 10, "excerpt")
    kept = Fragments()
    many_topics(some, "which share 1,000 stories", kept)
    many_topics(some, "once more, as when a word of the site changed", kept)
    alone = [replace(each, id=f"{each.id}{n}", story=n) for n in range(30) for each in some]
    many_topics(alone, "each with 100 stories of its own", Fragments())


if __name__ == "__main__":
    main()
