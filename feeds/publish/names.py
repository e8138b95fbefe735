"""Which published files are always there: a topic's, and those around the topics."""

from __future__ import annotations

from feeds.publish.channel import TYPES

AROUND_TOPICS = (
    "index.html", "about/index.html", "topics.opml", ".well-known/feeds", "sources.opml",
    "feeds.css", "favicon", "favicon.ico", "favicon.svg",
)  # fmt: skip


def always_there(topic: str) -> tuple[str, ...]:
    """The names of the feeds of a topic, and of its page."""
    return (*(f"{topic}.{form}" for form in TYPES), f"{topic}/index.html")
