"""Two bodies that take without end, on any machine: time, and memory."""

from __future__ import annotations

HANGS = b"<rss><channel><item><title>" + b"<" * 3_000_000  # feedparser's lenient parser looks at each again and again
EATS = b"<rss version='2.0'><channel>" + b"<item><a><b/></a></item>" * 2_000_000 + b"</channel></rss>"
