"""What the server has done so far. Only the thread that answers writes here; any may read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from feeds.serve.respond import Response


@dataclass(slots=True)
class Counts:
    """Answers by what was asked for and status; what was sent; connections, and those that were cut."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)  # (see Response.what, status)
    sent: int = 0  # bytes of bodies
    connections: int = 0  # now
    listeners: int = 0  # of /events, now
    dropped: Counter[str] = field(default_factory=Counter)  # by reason

    def add(self, response: Response) -> None:
        """Count one answer."""
        self.answers[response.what, response.status] += 1
        self.sent += len(response.body)
