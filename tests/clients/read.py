"""Subscribes with the package `reader`, or polls again, and prints what it holds: {url: [{id, ...}] or "reason"}.

Usage: python read.py DATABASE URL... All entries are marked as read at the end.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC

from reader import Reader, make_reader

Row = dict[str, object]


def seen(reader: Reader, url: str) -> list[Row] | str:
    """The entries of one feed."""
    reader.add_feed(url, exist_ok=True)
    try:
        reader.update_feed(url)
    except Exception as exc:
        return f"{exc!r} {exc.__cause__!r}"
    return [
        {
            "id": entry.id,
            "title": entry.title,
            "link": entry.link,
            "date": entry.published.astimezone(UTC).isoformat() if entry.published else None,
            "unread": not entry.read,
        }
        for entry in reader.get_entries(feed=url)
    ]


def main(database: str, *urls: str) -> None:
    """Poll all of them once."""
    reader = make_reader(database)
    print(json.dumps({url: seen(reader, url) for url in urls}))
    for entry in reader.get_entries(read=False):
        reader.mark_entry_as_read(entry)


if __name__ == "__main__":
    main(*sys.argv[1:])
