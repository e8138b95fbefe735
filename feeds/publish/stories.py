"""A page for each story, at an address that stays: who reports it, why it is where it is, what was corrected."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from feeds.model import Site, Story, Topic
from feeds.publish import page
from feeds.publish.channel import clean_site, clean_topic
from feeds.publish.entry import show, story_folder
from feeds.publish.topic import code


def story_name(identity: str) -> str:
    """The published name of the page of the story with this id; "" if the id is none of ours."""
    folder = story_folder(identity)
    return f"{folder}index.html" if folder else ""


def render_story(site: Site, story: Story, topics: Sequence[Topic]) -> bytes:
    """Return the page of a story, or of one that has become part of another: same arguments, same bytes.

    `topics` are those with a feed. The page names those of its story and no others, so that another topic on the site
    changes none of them.

    Raises:
        ValueError: it cannot be published; see `show`.
    """
    site, named = clean_site(site), {topic.name: clean_topic(topic) for topic in topics}
    shown = show(story.entry, site=site, topics=named)
    return page.story_page(site, story, shown, named)


def written_for(site: Site, topics: Sequence[Topic]) -> str:
    """Return a short hash of all that the pages of stories depend on beside them; when it moves, write them anew."""
    told = repr((site, tuple(topics))).encode("utf-8", "surrogatepass")
    return hashlib.sha256(told + code()).hexdigest()[:16]
