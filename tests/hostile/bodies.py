"""Two bodies that take more than any test allows: time, and memory."""

from __future__ import annotations

# feedparser's lenient parser takes 2 s for a megabyte of these on a fast machine: five times the longest limit.
HANGS = b"<rss><channel><item><title>" + b"<" * 15_000_000
EATS = b"<rss version='2.0'><channel>" + b"<item><a><b/></a></item>" * 2_000_000 + b"</channel></rss>"
