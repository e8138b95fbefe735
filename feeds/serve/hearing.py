"""What the web server knows of the poller: what it last said, and whether it has fallen silent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from feeds.errors import FeedsError
from feeds.model import Pulse
from feeds.ports import Clock

_SILENT = timedelta(minutes=1)  # at least, and six beats


class Hearing:
    """`listen` belongs to one thread; any may read the rest."""

    def __init__(self, ask: Callable[[], Pulse | None], clock: Clock) -> None:
        """`ask` looks up what the poller last said, None if it never did. It may raise FeedsError."""
        self.pulse: Pulse | None = None
        self._ask, self._clock, self._deaf = ask, clock, False

    def listen(self) -> None:
        """Look up what it says now."""
        try:
            self.pulse, self._deaf = self._ask(), False
        except FeedsError:
            self.pulse, self._deaf = None, True

    def reasons(self) -> list[str]:
        """What is amiss, in words that anybody may read."""
        if self._deaf:
            return ["the database cannot be read; what was published is served"]
        if self.pulse is None:
            return []
        silence = self._clock() - self.pulse.at
        if self.pulse.every and silence > max(_SILENT, timedelta(seconds=6 * self.pulse.every)):
            return [f"nothing was heard of the poller for {int(silence.total_seconds()) // 60} min"]
        return list(self.pulse.amiss)
