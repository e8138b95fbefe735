"""Bytes of a document -> raw entries, whatever the document is."""

from feeds.read.document import read
from feeds.read.opml import read_opml
from feeds.read.parser import assert_ours, old_expat, unproven

__all__ = ["assert_ours", "old_expat", "read", "read_opml", "unproven"]
