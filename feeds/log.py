"""One logfmt line per event, to stderr."""

from __future__ import annotations

import logging
import sys

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def _value(value: object) -> str:
    text = str(value)
    if text and all(c.isalnum() or c in "-_./:+@," for c in text):
        return text[:2000]
    escaped = text[:2000].replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'


class Logfmt(logging.Formatter):
    """`level=info event=source.failed source=x why=dns`: one record, one line, no control characters."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record; a traceback becomes one quoted field."""
        fields: dict[str, object] = {"level": record.levelname.lower(), "event": record.getMessage()}
        fields |= {k: v for k, v in vars(record).items() if k not in _STANDARD}
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return " ".join(f"{key}={_value(value)}" for key, value in fields.items())


def set_up(level: int = logging.INFO) -> None:
    """Send the events of this program, and the warnings of others, to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Logfmt())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("feeds").setLevel(level)
