"""Values for tests, with everything that a test does not speak of filled in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import blake2b
from typing import Any

from feeds.identify.decide import decide
from feeds.identify.stories import Stories
from feeds.model import (
    Answer,
    Article,
    Changes,
    FeedHead,
    Fetched,
    Fingerprint,
    Hit,
    Item,
    Job,
    Match,
    Poll,
    Reading,
    Source,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEEP = timedelta(days=180)


def digest(*parts: object, size: int = 8) -> bytes:
    """A stable digest of anything."""
    return blake2b(repr(parts).encode(), digest_size=size).digest()


def source(name: str, **more: Any) -> Source:
    """A source with a host of its own."""
    return Source(**{"name": name, "url": f"https://{name}.example/feed", "title": name.title()} | more)


def match(topic: str, score: float = 12.0) -> Match:
    """A topic that an article is in."""
    return Match(topic=topic, score=score, need=10.0, because=(Hit(word=topic, where="title", points=score),))


def article(source: str, guid: str, title: str = "Envoys meet in Geneva for grain talks", **more: Any) -> Article:
    """An article whose fingerprint follows from its title and text, as the real one's does."""
    text = more.get("text", "The delegations arrived on Monday and will speak about harvest exports all week long.")
    values: dict[str, Any] = {
        "source": source,
        "guid": guid,
        "url": f"https://{source}.example/{guid}",
        "title": title,
        "summary": f"<p>{text}</p>",
        "content": "",
        "text": text,
        "authors": (),
        "language": "en",
        "published": NOW - timedelta(hours=1),
        "updated": None,
        "first_seen": NOW,
        "image": None,
        "enclosures": (),
        "categories": (),
        "rights": "",
        "publisher": f"{source}.example",
        "minutes": 1,
        "own_page": False,
        "topics": (match("grain"),),
    } | more
    values.setdefault("canonical_url", values["url"])
    values.setdefault("digest", digest(guid, title, text, values["url"]))
    values.setdefault("slice", digest(values["digest"]))
    values.setdefault(
        "fingerprint",
        Fingerprint(key=b"\1" + digest(title, text, size=16), kind="A", title=digest(title), text=digest(text)),
    )
    return Article(**values)


def poll(job: Job, *items: Item, answer: Answer | None = None, known: int = 0, **more: Any) -> Poll:
    """A job done that brought these items."""
    reading = Reading(
        head=FeedHead(format="rss20", title="What the feed calls itself", link="https://home.example/"),
        items=items,
        known=known,
        slices=tuple(dict.fromkeys([item.slice for item in items if item.slice])),
        rules="r1",
        **more,
    )
    state = replace(job.state, polled=job.facts.now, next_poll=job.facts.now + timedelta(hours=1), etag='"e"')
    return Poll(job=job, answer=answer or Fetched(documents=(), body_hash=b"h"), reading=reading, state=state)


def deciding(now: datetime = NOW, keep: timedelta = KEEP, stories: Stories | None = None) -> partial[Changes]:
    """The real decision, bound to a moment."""
    return partial(decide, now=now, keep=keep, stories=stories)
