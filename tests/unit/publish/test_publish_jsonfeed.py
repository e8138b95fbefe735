"""JSON Feed 1.1."""

from __future__ import annotations

import json
from datetime import date

from feeds.model import Enclosure, Hit
from feeds.publish.channel import channel
from feeds.publish.jsonfeed import because, json_feed, reasons
from feeds.publish.jsonfeed import item as item_of
from tests.unit.publish.publish_samples import ORIGIN, SITE, UKRAINE, shown


def test_the_feed() -> None:
    feed = json.loads(json_feed(channel(SITE, UKRAINE, hubs=("https://hub.example.org/",)), []))
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Foreign desk: Ukraine",
        "home_page_url": SITE.url + "ukraine/",
        "feed_url": SITE.url + "ukraine.json",
        "description": "Ukraine, its people and politics.",
        "favicon": SITE.url + "favicon.ico",
        "authors": [{"name": "Foreign desk", "url": SITE.url + "about/"}],
        "language": "en",
        "hubs": [{"type": "WebSub", "url": "https://hub.example.org/"}],
        "items": [],
    }


def test_an_item() -> None:
    story = shown(enclosures=(Enclosure(url="https://a.example.com/1.mp3", type="audio/mpeg", length=7),))
    hits = (Hit(word="ukrain*", where="title", points=20.0), Hit(word="kyiv*", where="lead", points=9.0))
    (item,) = json.loads(json_feed(channel(SITE, UKRAINE), [because(item_of(story), reasons(hits))]))["items"]
    assert item == {
        "id": story.id,
        "url": story.url,
        "title": "Headline 0",
        "content_html": story.summary,
        "summary": "First sentence of 0. A second one & its end.",
        "image": "https://a.example.com/p.jpg",
        "date_published": "2026-11-22T06:00:00Z",
        "date_modified": "2026-11-22T06:03:00Z",
        "authors": [{"name": ORIGIN.title}, {"name": "Ada Byline"}],
        "tags": ["Türkiye & region", "Ukraine", "war"],
        "language": "en",
        "attachments": [{"url": "https://a.example.com/1.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 7}],
        "_feeds": {
            "source": {"name": "agency-a", "title": ORIGIN.title, "url": ORIGIN.url, "home": ORIGIN.home},
            "rights": "© Agency A 2026",
            "also": [
                {
                    "outlet": "Agency B",
                    "title": "The same <b>",
                    "url": "https://b.example.net/0",
                    "published": "2026-11-22T06:00:00Z",
                },
                {
                    "outlet": "Ajans C",
                    "title": "Aynısı",
                    "url": "https://c.example.net/0",
                    "published": "2026-11-22T06:00:00Z",
                },
            ],
            "why": [
                {"word": "ukrain*", "where": "title", "points": 20.0},
                {"word": "kyiv*", "where": "lead", "points": 9.0},
            ],
        },
    }


def test_a_key_without_a_value_is_left_out() -> None:
    story = shown(summary="", text="", image=None, rights="", also=(), language="", topics=())
    (item,) = json.loads(json_feed(channel(SITE, UKRAINE), [item_of(story)]))["items"]
    keys = "id url title content_html date_published date_modified authors language _feeds"
    assert set(item) == set(keys.split())
    assert set(item["_feeds"]) == {"source"}


def test_the_whole_text_takes_the_place_of_the_excerpt() -> None:
    story = shown(policy="full", content="<h2>All</h2>")
    (item,) = json.loads(json_feed(channel(SITE, UKRAINE), [item_of(story)]))["items"]
    assert item["content_html"] == story.content
    assert item["summary"] == story.excerpt


def test_the_feed_leads_to_the_newest_archive() -> None:
    feed = json.loads(json_feed(channel(SITE, UKRAINE, previous=date(2026, 11, 22)), []))
    assert feed["_feeds"] == {"prev_archive": SITE.url + "ukraine/2026-11-22.atom"}
    assert "_feeds" not in json.loads(json_feed(channel(SITE, UKRAINE), []))
