"""Which published files are a topic's, and what becomes of them when it ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from feeds.model import ended_name
from feeds.publish.channel import TYPES

AROUND_TOPICS = (
    "index.html", "about/index.html", "topics.opml", ".well-known/feeds", "sources.opml",
    "feeds.css", "favicon", "favicon.ico", "favicon.svg",
)  # fmt: skip
STRAY = "its files are served on, but no [topics.{0}] is configured; ended = true below [topics.{0}] takes them away"
NOTE = b"This topic has ended. Nothing will be published here any more.\n"


def always_there(topic: str) -> tuple[str, ...]:
    """The names of the feeds of a topic, and of its page."""
    return (*(f"{topic}.{form}" for form in TYPES), f"{topic}/index.html")


def left_over(topic: str, below: Iterable[str]) -> list[str]:
    """Return what goes when a topic ends: its feeds, and all that stands `below` its name but for the note."""
    return sorted({*always_there(topic), *below} - {ended_name(topic)})


def strays(names: Iterable[str], topics: Collection[str]) -> list[str]:
    """Return the topics that have an Atom feed among the published `names` and are none of `topics`."""
    found = (name.removesuffix(".atom") for name in names if name.endswith(".atom") and "/" not in name)
    return [topic for topic in found if topic not in topics]
