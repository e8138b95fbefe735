"""The SAX driver that feedparser shall use: expat of the standard library, told to hand over text in one piece.

Unbuffered, expat calls back for every line and entity. feedparser looks drivers up by module name.
"""

from __future__ import annotations

from typing import Any
from xml.sax.expatreader import ExpatParser


class BufferedExpatParser(ExpatParser):
    """The stock reader with `buffer_text`, which asks the handler first whether it takes an element as it comes."""

    def reset(self) -> None:
        """Prepare for the next document."""
        super().reset()
        parser = self._parser  # type: ignore[attr-defined]  # private, and where expat is kept
        parser.buffer_text = parser.ordered_attributes = True
        parser.EndNamespaceDeclHandler = None  # feedparser does nothing at it

    def start_element_ns(self, name: str, attributes: Any) -> None:
        """Begin an element, whose attributes are names and values in turn."""
        if not self._cont_handler.start(name, attributes):  # type: ignore[attr-defined]
            super().start_element_ns(name, dict(zip(attributes[::2], attributes[1::2], strict=True)))

    def end_element_ns(self, name: str) -> None:
        """End an element."""
        if not self._cont_handler.end(name):  # type: ignore[attr-defined]
            super().end_element_ns(name)


def create_parser() -> BufferedExpatParser:
    """What `xml.sax.make_parser` calls."""
    return BufferedExpatParser()
