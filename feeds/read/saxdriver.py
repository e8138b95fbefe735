"""The SAX driver that feedparser shall use: expat of the standard library, told to hand over text in one piece.

Unbuffered, expat calls back for every line and entity. feedparser looks drivers up by module name.
"""

from __future__ import annotations

from xml.sax.expatreader import ExpatParser


class BufferedExpatParser(ExpatParser):
    """The stock reader with `buffer_text`."""

    def reset(self) -> None:
        """Prepare for the next document."""
        super().reset()
        self._parser.buffer_text = True  # type: ignore[attr-defined]  # private, and where expat is kept


def create_parser() -> BufferedExpatParser:
    """What `xml.sax.make_parser` calls."""
    return BufferedExpatParser()
