"""What happened to the published feeds: one event for each story that came or changed, in the order we saw it."""

from __future__ import annotations

import json
import secrets
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feeds.serve.page import Page

KEPT = 1000  # events that somebody who was away can catch up with


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: that a story came into a topic, or came anew."""

    number: int
    topic: str
    told: bytes  # JSON on one line


class Happenings:
    """The last events, numbered. One thread takes up what changed; any may read.

    Which entries of a feed changed is known from its revision, so that a publication costs a look at those alone, and
    nothing is done for each reader. What a feed holds when it is first seen is no event.
    """

    def __init__(self) -> None:
        self.last = 0
        self._run = secrets.token_hex(4)  # numbers of another run of the server mean nothing to this one
        self._kept: deque[Happening] = deque(maxlen=KEPT)
        self._pages: Mapping[str, Page] | None = None

    def take_up(self, pages: Mapping[str, Page]) -> bool:
        """Look at what is published now. Whether anything happened; nothing does at the first look."""
        before, self._pages = self._pages, pages
        if before is None or before is pages:
            return False
        fresh = [
            (topic, story)
            for path, page in pages.items()
            if page.what.endswith(".json") and path in before and page is not before[path]
            for topic in [page.what.removesuffix(".json")]
            for story in _news(before[path], page)
        ]
        for topic, story in sorted(fresh, key=lambda pair: (pair[1]["date_modified"], pair[0])):
            self._kept.append(Happening(self.last + 1, topic, _told(topic, story)))
            self.last += 1
        return bool(fresh)

    def name(self, number: int) -> str:
        """The id of an event, for readers."""
        return f"{self._run}-{number}"

    def number(self, name: str) -> int | None:
        """The number of an event by its id; None for one that is not known, of another run, say."""
        run, _, number = name.partition("-")
        if run != self._run or not (number.isascii() and number.isdecimal()):
            return None
        return found if (found := int(number[:12])) <= self.last else None

    def since(self, number: int, topics: Collection[str] = ()) -> Sequence[Happening] | None:
        """The events after `number`, of some topics or all; None if there were more than are kept."""
        kept = list(self._kept)
        if number < self.last and (not kept or kept[0].number > number + 1):
            return None
        return [each for each in kept if each.number > number and (not topics or each.topic in topics)]


def _news(before: Page, page: Page) -> Iterator[dict[str, Any]]:
    """The stories of a feed that are new in it, or were changed so that readers should know, which moves their date."""
    old, new = _entries(before), _entries(page)
    dates = {story["id"]: story["date_modified"] for story in _read(old[key] for key in old.keys() - new.keys())}
    for story in _read(new[key] for key in new.keys() - old.keys()):
        if dates.get(story["id"]) != story["date_modified"]:
            yield story


def _entries(page: Page) -> dict[bytes, bytes]:
    """The entries of a feed by their digests."""
    if page.revision is None or page.plain is None:
        return {}
    spans = zip(page.revision.keys, page.revision.spans, strict=True)
    return {key: page.plain[start:end] for key, (start, end) in spans}


def _read(entries: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        story = json.loads(entry)
        if "id" in story and "date_modified" in story:
            yield story


def _told(topic: str, story: Mapping[str, Any]) -> bytes:
    told = {
        "topic": topic,
        "id": story["id"],
        "title": story.get("title", ""),
        "link": story.get("url", ""),
        "source": story.get("_feeds", {}).get("source", {}).get("title", ""),
        "published": story.get("date_published", ""),
        "updated": story["date_modified"],
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
