"""A topic from entries to files: pure, never broken by its content, one poisoned entry at its own cost."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import feedparser
import html5lib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.config.settings import PublishSettings
from feeds.model import Entry, Origin, Site, Standing, Topic
from feeds.publish import topic as under_test
from feeds.publish.names import AROUND_TOPICS, always_there
from feeds.publish.topic import LARGEST_FEED, Rendered, render_site, render_topic, rendered_with
from tests.unit.publish.publish_samples import SITE, START, TOPICS, TURKEY, UKRAINE, entry, hostile, stories, texts

FEW = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def render(entries: list[Entry], *, limit: int = 100) -> Rendered:
    return render_topic(SITE, UKRAINE, entries, limit=limit, all_topics=TOPICS)


def assert_well_formed(files: dict[str, bytes]) -> None:
    for name, body in files.items():
        if name.endswith((".atom", ".rss", ".opml")):
            ET.fromstring(body)
        elif name.endswith(".json"):
            json.loads(body)
        elif name.endswith(".html"):
            html5lib.HTMLParser(strict=True).parse(body.decode())


def test_the_files_of_a_topic() -> None:
    done = render(stories())
    assert tuple(done.files) == always_there("ukraine") != ()
    assert [e.story for e in done.entries] == [0, 1, 2, 3, 4, 5]
    assert done.quarantined == ()


def test_the_files_around_the_topics() -> None:
    own = entry(1, own_page=True, url="article/one/")
    done = render_site(SITE, [(UKRAINE, [entry()])], standings=[], own_pages=[("one", own)])
    assert set(done.files) == {*AROUND_TOPICS, "article/one/index.html"}
    assert done.files[".well-known/feeds"] == done.files["topics.opml"]
    assert [e.story for e in done.entries] == [1]


def test_a_poisoned_entry_is_left_out_and_named() -> None:
    poisoned = [entry(7, title="\x00"), entry(8, id=""), entry(9, published=START.replace(tzinfo=None))]
    done = render([entry(0), *poisoned, entry(1)])
    assert [e.story for e in done.entries] == [0, 1]
    assert done.quarantined == (
        (poisoned[0].id, "no title"),
        ("", "its id is no URI"),
        (poisoned[2].id, "a time without zone"),
    )
    assert done.files == render([entry(0), entry(1)]).files


def test_a_poisoned_own_article_costs_its_page_alone() -> None:
    bad = entry(1, own_page=True, url="article/bad/", title="")
    done = render_site(SITE, [(UKRAINE, [bad, entry()])], standings=[], own_pages=[("bad", bad)])
    assert "article/bad/index.html" not in done.files
    assert done.quarantined == ((bad.id, "no title"),)


def test_a_feed_is_cut_at_one_megabyte_at_its_oldest_end() -> None:
    text = "<p>" + "word " * 20_000 + "</p>"
    entries = [entry(nth, policy="full", content=text) for nth in range(15)]
    done = render(entries)
    feed = done.files["ukraine.atom"]
    assert len(feed) <= LARGEST_FEED < len(feed) + len(text)
    assert [e.story for e in done.entries] == list(range(len(done.entries)))
    for name in ("ukraine.atom", "ukraine.rss", "ukraine.json"):
        assert len(feedparser.parse(done.files[name]).entries or json.loads(done.files[name])["items"]) == len(
            done.entries
        )


@pytest.mark.parametrize(
    ("form", "content"),
    [
        pytest.param("rss", "a & b " * 20_000, id="ampersands"),
        pytest.param("json", '"\\' * 60_000, id="what JSON escapes and XML does not"),
    ],
)
def test_no_format_is_larger_than_one_megabyte(form: str, content: str) -> None:
    done = render([entry(nth, policy="full", content=content, title="&" * 1500) for nth in range(15)])
    sizes = {name: len(body) for name, body in done.files.items() if "/" not in name}
    assert max(sizes, key=lambda name: sizes[name]) == f"ukraine.{form}"
    assert LARGEST_FEED * 0.7 < max(sizes.values()) <= LARGEST_FEED
    assert 0 < len(done.entries) < 15


def test_an_entry_too_large_for_any_feed_leaves_the_others_their_room_and_is_named() -> None:
    giant = entry(0, policy="full", content="🕊" * 262_000, own_page=True, url="article/giant/")
    done = render([giant, entry(1), entry(2)])
    assert [e.story for e in done.entries] == [1, 2]
    assert done.quarantined == ((giant.id, "it is larger than a feed may be"),)


def test_a_correction_that_came_back_is_cut_off_after_what_is_older_news() -> None:
    """The older stands in its archive as it is; the correction stands nowhere else."""
    text = "<p>" + "word " * 20_000 + "</p>"
    entries = [entry(nth, policy="full", content=text) for nth in range(15)]
    back = entry(99, policy="full", content=text, published=START - timedelta(days=30), corrected=START)
    done = render([*entries, back], limit=15)
    assert len(done.files["ukraine.atom"]) <= LARGEST_FEED
    assert [e.story for e in done.entries] == [*range(len(done.entries) - 1), 99]
    assert len(done.entries) == len(render(entries).entries)


@FEW
@given(st.lists(hostile, max_size=4))
def test_no_entry_breaks_a_document_or_is_lost_unnamed(entries: list[Entry]) -> None:
    done = render(entries)
    assert_well_formed(dict(done.files))
    assert {e.id for e in entries} == {e.id for e in done.entries} | {key for key, _ in done.quarantined}
    assert done.files == render(entries).files


@FEW
@given(texts, texts, texts, hostile)
def test_no_name_of_ours_breaks_a_document(title: str, description: str, contact: str, story: Entry) -> None:
    site = replace(SITE, title=title, contact=contact, language=title)
    topic = Topic(name="ukraine", title=title, description=description)
    origin = Origin(name="n", title=title, url=description, home=contact)
    done = render_topic(site, topic, [story], limit=9, all_topics=[topic])
    around = render_site(
        site, [(topic, done.entries)], standings=[Standing(origin=origin, how="answers")], own_pages=[]
    )
    assert_well_formed({**done.files, **around.files})


def test_the_order_of_the_rows_decides_nothing() -> None:
    assert render(stories()).files == render(stories()[::-1]).files


_DIGEST = """
import hashlib
from tests.unit.publish.publish_samples import SITE, TOPICS, UKRAINE, stories
from feeds.model import Standing
from feeds.publish.topic import render_site, render_topic
standings = [Standing(origin=stories()[0].origin, how="answers")]
done = render_topic(SITE, UKRAINE, stories(), limit=9, all_topics=TOPICS)
around = render_site(SITE, [(UKRAINE, done.entries)], standings=standings, own_pages=[])
files = {**done.files, **around.files}
print(hashlib.sha256(b"".join(name.encode() + body for name, body in sorted(files.items()))).hexdigest())
"""


def test_bytes_are_equal_in_any_zone_and_process() -> None:
    """Under other locales: tests/system/test_system_determinism.py."""
    zones = (("UTC", "0"), ("America/St_Johns", "1"), ("Asia/Kathmandu", "2"))
    digests = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST],
            cwd=Path(__file__).parents[3],
            env=os.environ | {"TZ": zone, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for zone, seed in zones
    }
    assert len(digests) == 1


OPTIONS = PublishSettings(to="/srv/public")


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"site": replace(SITE, url="https://other.example/")}, id="address of the site"),
        pytest.param({"settings": replace(OPTIONS, entries=5)}, id="length of the feeds"),
        pytest.param({"settings": replace(OPTIONS, content="full")}, id="policy"),
        pytest.param({"topic": replace(UKRAINE, title="Україна")}, id="title of the topic"),
        pytest.param({"all_topics": [UKRAINE]}, id="the other topics, on the page"),
        pytest.param({"hubs": ("https://hub.example.org/",)}, id="hub"),
    ],
)
def test_what_bytes_depend_on_moves_the_hash(changed: dict[str, object]) -> None:
    assert hash_of() == hash_of()
    assert hash_of(**changed) != hash_of()


def hash_of(**changed: object) -> str:
    told: dict[str, object] = {"site": SITE, "settings": OPTIONS, "topic": UKRAINE, "all_topics": TOPICS, "hubs": ()}
    told |= changed
    site, options, topic = told.pop("site"), told.pop("settings"), told.pop("topic")
    assert isinstance(site, Site)
    assert isinstance(options, PublishSettings)
    assert isinstance(topic, Topic)
    return rendered_with(site, options, topic, **told)  # type: ignore[arg-type]


def test_the_place_of_the_folder_is_not_part_of_the_hash() -> None:
    assert hash_of(settings=replace(OPTIONS, to="/elsewhere", debounce=timedelta(0))) == hash_of()


def test_the_renderer_itself_is_part_of_the_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    before = hash_of()
    monkeypatch.setattr(under_test, "code", lambda: hashlib.sha256(b"another release").digest())
    assert hash_of() != before


def test_topics_that_have_no_feed_are_not_named() -> None:
    files = render_topic(SITE, TURKEY, [entry()], limit=9, all_topics=[TURKEY]).files
    assert b'topics" label="Ukraine' not in files["turkey.atom"]
    assert b'term="turkey"' in files["turkey.atom"]
