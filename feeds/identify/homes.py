"""Whose an address is: a source that is at home there has the last word on what it says."""

from __future__ import annotations

from collections.abc import Mapping

from feeds.identify.corrections import differences
from feeds.identify.likeness import share_almost_nothing
from feeds.model import Article, Stored, host_of

# Sites where each page is another's: a feed of one has no say in the pages of the others.
_OF_MANY = frozenset((
    "acast.com", "anchor.fm", "apple.com", "archive.org", "beehiiv.com", "blogger.com", "bsky.app", "buzzsprout.com",
    "dailymotion.com", "dev.to", "facebook.com", "feedburner.com", "feedspot.com", "fetchrss.com", "flickr.com",
    "flipboard.com", "ghost.io", "github.com", "gitlab.com", "google.com", "hackernoon.com", "instagram.com",
    "libsyn.com", "linkedin.com", "livejournal.com", "mastodon.social", "medium.com", "megaphone.fm", "msn.com",
    "odysee.com", "pinterest.com", "podbean.com", "politepol.com", "quora.com", "reddit.com", "rss.app", "rumble.com",
    "simplecast.com", "soundcloud.com", "spotify.com", "spreaker.com", "squarespace.com", "stackexchange.com",
    "stackoverflow.com", "substack.com", "t.co", "t.me", "telegram.org", "threads.net", "tiktok.com", "transistor.fm",
    "tumblr.com", "twitch.tv", "twitter.com", "typepad.com", "vimeo.com", "vk.com", "weebly.com", "wikipedia.org",
    "wixsite.com", "wordpress.com", "x.com", "yahoo.com", "ycombinator.com", "youtube.com",
))  # fmt: skip


def has_last_word(item: Article, stored: Stored, homes: Mapping[str, str]) -> bool:
    """Whether `stored` is what another source said of the page of `item`, whose own source says it otherwise.

    `homes`: hosts of sources, as `Known.homes`. What is wholly different is another article.
    """
    mine, other, page = homes.get(item.source, ""), homes.get(stored.source, ""), host_of(item.canonical_url)
    return (
        bool(other)
        and stored.canonical_url == item.canonical_url
        and _is_at_home(page, item.publisher)
        and _is_at_home(mine, item.publisher)
        and not _is_at_home(other, item.publisher)
        and not {"title", "text"}.isdisjoint(differences(stored, item))
        and not share_almost_nothing(stored, item)
    )


def _is_at_home(host: str, publisher: str) -> bool:
    return publisher not in _OF_MANY and (host == publisher or host.endswith(f".{publisher}"))
