"""Feed readers that others wrote, over what we publish: each must read what was stored, and must miss a lost id."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from feeds.publish.topic import render_topic
from tests.unit.publish.publish_samples import SITE, TOPICS, UKRAINE, stories

ENTRIES = stories()
RENDERED = render_topic(SITE, UKRAINE, ENTRIES, limit=9, all_topics=TOPICS)


class Item(NamedTuple):
    """What every reader must agree on."""

    id: str
    title: str
    link: str
    published: datetime


def _item(key: str, title: str, link: str, seconds: int) -> Item:
    return Item(key, title, link, datetime.fromtimestamp(seconds, UTC))


class Unread(Exception):
    """A reader refused the document."""


_RUBY = """
require "json"
require "rss"
feed = RSS::Parser.parse(File.read(ARGV[0]), true)  # true: validate
atom = feed.respond_to?(:entries)
items = feed.items.map do |i|
  atom ? [i.id.content, i.title.content, i.link.href, i.published.content.to_i]
       : [i.guid.content, i.title, i.link, i.pubDate.to_i]
end
puts JSON.generate(items)
"""


def ruby(feed: Path) -> list[Item]:
    done = subprocess.run(["ruby", "-e", _RUBY, str(feed)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unread(done.stderr)
    return [_item(*item) for item in json.loads(done.stdout)]


def newsboat(feed: Path) -> list[Item]:
    home = feed.parent
    (home / "urls").write_text(f"file://{feed}\n")
    (home / "config").write_text("")
    command = ["newsboat", "-u", str(home / "urls"), "-C", str(home / "config"), "-c", str(home / "cache.db")]
    done = subprocess.run(
        [*command, "-x", "reload"], env=os.environ | {"HOME": str(home)}, capture_output=True, check=False
    )
    if done.returncode:
        raise Unread(done.stderr)
    with sqlite3.connect(home / "cache.db") as cache:
        rows = cache.execute("SELECT guid, title, url, pubDate FROM rss_item ORDER BY pubDate DESC").fetchall()
    cache.close()
    return [_item(*row) for row in rows]


READERS: dict[str, Callable[[Path], list[Item]]] = {"ruby": ruby, "newsboat": newsboat}


@pytest.fixture(params=READERS)
def read(request: pytest.FixtureRequest) -> Callable[[Path], list[Item]]:
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    return READERS[request.param]


def stored(form: str) -> list[Item]:
    """What stands in the store, but for what RSS cannot say in a title and what no document can hold."""
    titles = [e.title for e in ENTRIES]
    titles[5] = 'x < y && z > "q" “quoted”'
    if form == "rss":
        titles = [title.replace("<", "‹").replace(">", "›") for title in titles]
    return [Item(e.id, title, e.url, e.published) for e, title in zip(ENTRIES, titles, strict=True)]


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_a_reader_reads_what_was_stored(read: Callable[[Path], list[Item]], form: str, tmp_path: Path) -> None:
    feed = tmp_path / f"ukraine.{form}"
    feed.write_bytes(RENDERED.files[feed.name])
    assert read(feed) == stored(form)


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_a_lost_id_is_noticed(read: Callable[[Path], list[Item]], form: str, tmp_path: Path) -> None:
    feed = tmp_path / f"ukraine.{form}"
    tag = {"atom": "<id>{}</id>", "rss": '<guid isPermaLink="false">{}</guid>'}[form].format(ENTRIES[2].id)
    broken = RENDERED.files[feed.name].decode().replace(tag, "")
    assert broken != RENDERED.files[feed.name].decode()
    feed.write_text(broken)
    try:
        found = read(feed)
    except (Unread, subprocess.SubprocessError):
        return
    assert found != stored(form)
