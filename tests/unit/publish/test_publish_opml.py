"""The subscription lists."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from feeds.model import Origin
from feeds.publish import opml
from feeds.publish.channel import channel
from tests.unit.publish.publish_samples import ORIGIN, SITE, TURKEY, UKRAINE


def test_topics_by_their_atom_address() -> None:
    root = ET.fromstring(opml.topics("Foreign desk", [channel(SITE, TURKEY), channel(SITE, UKRAINE)]))
    assert (root.tag, root.get("version"), root.findtext("head/title")) == ("opml", "2.0", "Foreign desk")
    assert next(outline.attrib for outline in root.iter("outline")) == {
        "type": "rss",
        "text": "Foreign desk: Türkiye & region",
        "title": "Foreign desk: Türkiye & region",
        "description": "News about Türkiye & region.",
        "xmlUrl": SITE.url + "turkey.atom",
        "htmlUrl": SITE.url + "turkey/",
        "language": "en",
    }


def test_sources_that_have_an_address() -> None:
    root = ET.fromstring(opml.sources("Sources", [ORIGIN, Origin(name="desk", title="Files", url="")]))
    assert [outline.attrib for outline in root.iter("outline")] == [
        {
            "type": "rss",
            "text": ORIGIN.title,
            "title": ORIGIN.title,
            "xmlUrl": ORIGIN.url,
            "htmlUrl": ORIGIN.home,
            "language": "en",
        }
    ]


def test_no_topics_and_no_sources_are_lists_too() -> None:
    for document in (opml.topics("x", []), opml.sources("x", [])):
        assert ET.fromstring(document).find("body") is not None
        assert b"date" not in document
