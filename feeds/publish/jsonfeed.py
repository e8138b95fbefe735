"""JSON Feed 1.1 (https://jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from feeds.model import Hit
from feeds.publish.channel import Channel
from feeds.publish.entry import Shown
from feeds.publish.languages import UNDETERMINED
from feeds.publish.times import rfc3339


def json_feed(channel: Channel, items: Sequence[bytes]) -> bytes:
    """Return the JSON Feed of a channel. Keys stand in the order of the specification; same arguments, same bytes.

    `items` are made by `item`.
    """
    head = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.page,
        "feed_url": channel.url("json"),
        "description": channel.description,
        "favicon": channel.icon,
        "authors": [{"name": channel.author, "url": channel.about}],
        "language": channel.language,
        "hubs": [{"type": "WebSub", "url": hub} for hub in channel.hubs],
        "_feeds": {"prev_archive": channel.previous} if channel.previous else {},
    }
    return _written(_filled(head))[:-1] + b',"items":[' + b",".join(items) + b"]}\n"


def item(shown: Shown) -> bytes:
    """Return an item, without the reasons why it is in a topic: see `because`."""
    written = {
        "id": shown.id,
        "url": shown.url,
        "title": shown.title,
        "content_html": shown.content or shown.summary,
        "summary": shown.excerpt,
        "image": shown.image.url if shown.image else "",
        "date_published": rfc3339(shown.published),
        "date_modified": rfc3339(shown.updated),
        "authors": [{"name": name} for name in shown.authors],
        "tags": list({category.label.casefold(): category.label for category in shown.categories}.values()),
        "language": shown.language or UNDETERMINED,
        "attachments": [
            _filled({"url": f.url, "mime_type": f.type or "application/octet-stream", "size_in_bytes": f.length})
            for f in shown.enclosures
        ],
        "_feeds": _own(shown),
    }
    return _written(_filled(written))


def because(item: bytes, reasons: bytes) -> bytes:
    """Return an item with the `reasons` why it is in a topic, as the last thing that stands in it."""
    return item[:-2] + b',"why":' + reasons + b"}}" if reasons else item


def reasons(hits: Sequence[Hit]) -> bytes:
    """Return why an item is in a topic, for `because`."""
    why = [{"word": hit.word, "where": hit.where, "points": hit.points} for hit in hits]
    return _written(why) if why else b""


def _own(shown: Shown) -> dict[str, Any]:
    """What JSON Feed has no word for: where the story came from, and who else has it."""
    source = shown.source
    return {"source": _filled({"name": source.name, "title": source.title, "url": source.url, "home": source.home})} | (
        _filled(
            {
                "rights": shown.rights,
                "also": [
                    _filled(
                        {
                            "outlet": a.outlet,
                            "title": a.title,
                            "url": a.url,
                            "published": rfc3339(a.published),
                            "copy": not a.independent,
                        }
                    )
                    for a in shown.also
                ],
                "corrections": [{"at": rfc3339(e.at), "what": list(e.what), "was": e.was} for e in shown.edits],
                "withdrawn": rfc3339(shown.withdrawn) if shown.withdrawn else "",
            }
        )
    )


def _filled(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in value.items() if part}


def _written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
