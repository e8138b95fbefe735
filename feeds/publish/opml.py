"""OPML 2.0: the list of our topics, and of our sources. Without dates, so that a run alone changes no byte."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from feeds.model import Origin
from feeds.publish.channel import Channel


def topics(title: str, channels: Sequence[Channel]) -> bytes:
    """Return our topic feeds as a subscription list; the Atom address of each."""
    outlines = (
        {
            "type": "rss",
            "text": channel.title,
            "title": channel.title,
            "description": channel.description,
            "xmlUrl": channel.url("atom"),
            "htmlUrl": channel.page,
            "language": channel.language,
        }
        for channel in channels
    )
    return _document(title, list(outlines))


def sources(title: str, origins: Sequence[Origin]) -> bytes:
    """Return the feeds that we read as a subscription list; files of ours have no address and are left out."""
    outlines = (
        {
            "type": "rss",
            "text": origin.title,
            "title": origin.title,
            "xmlUrl": origin.url,
            "htmlUrl": origin.home,
            "language": origin.language,
        }
        for origin in origins
        if origin.url
    )
    return _document(title, list(outlines))


def _document(title: str, outlines: Sequence[Mapping[str, str]]) -> bytes:
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    for outline in outlines:
        ET.SubElement(body, "outline", {key: value for key, value in outline.items() if value})
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"
