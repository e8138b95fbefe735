"""How a source answers us, as its readers are told: from what its row says alone, whatever time it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from feeds.model.published import Origin

How: TypeAlias = Literal["answers", "new", "silent", "refuses", "gone"]

SILENT_AFTER = timedelta(hours=6)  # of failures without a break: a shorter one is no news to readers


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A polled source and how it stands."""

    origin: Origin
    how: How
    since: datetime | None = None  # of what is silent or refuses


def stands(
    *, stopped: bool, failing_since: datetime | None, polled: datetime | None, changed: datetime | None, why: str
) -> tuple[How, datetime | None]:
    """Return how a source stands, and since when.

    `changed` is None until its first document came; `why` is of the last failure. It is silent when all its polls of
    six hours have failed; the last poll tells how long that is, not the clock. So what is said of it changes with a
    poll alone, and twice in a failure, however often it is asked meanwhile.
    """
    if stopped:
        return "gone", None
    if failing_since is not None and polled is not None and polled - failing_since >= SILENT_AFTER:
        return ("refuses" if why.startswith(("http_401", "http_403")) else "silent"), failing_since
    return ("answers" if changed is not None else "new"), None
