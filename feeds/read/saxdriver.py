"""The SAX driver that feedparser shall use: expat of the standard library, told to hand over text in one piece.

Unbuffered, expat calls back for every line and entity. feedparser looks drivers up by module name.
"""

from __future__ import annotations

from typing import Any
from xml.sax.expatreader import ExpatParser


class BufferedExpatParser(ExpatParser):
    """The stock reader with `buffer_text`, which lets a handler take elements straight from expat.

    Such a handler has `start` and `end`, and calls the `our_long_start` and `our_long_end` that we give it for what it
    does not take.
    """

    def reset(self) -> None:
        """Prepare for the next document."""
        super().reset()
        parser, handler = self._parser, self._cont_handler  # type: ignore[attr-defined]  # private, and where they are
        parser.buffer_text = True
        parser.EndNamespaceDeclHandler = None  # feedparser does nothing at it
        if not hasattr(handler, "start"):
            return
        handler.our_long_start, handler.our_long_end = self._long_start, self.end_element_ns
        parser.StartElementHandler, parser.EndElementHandler = handler.start, handler.end
        parser.ordered_attributes = True

    def _long_start(self, name: str, attributes: Any) -> None:
        super().start_element_ns(name, dict(zip(attributes[::2], attributes[1::2], strict=True)))


def create_parser() -> BufferedExpatParser:
    """What `xml.sax.make_parser` calls."""
    return BufferedExpatParser()
