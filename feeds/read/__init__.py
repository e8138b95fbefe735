"""Bytes of a document -> raw entries, whatever the document is."""

from feeds.read.document import read

__all__ = ["read"]
