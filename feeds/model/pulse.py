"""What a poller tells other processes of itself: one row of the store, read by the web server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """How a poller and its sources stand."""

    at: datetime
    every: int  # seconds between two of them; 0: a single pass, which promises no other
    amiss: tuple[str, ...] = ()  # in words that anybody may read
    sources: Mapping[str, int]  # how many are fresh, late, failing, stopped, or not polled yet
    behind: int  # seconds for which the source that is due longest has been waiting
    topics: Mapping[str, int]  # entries in the feed of each
    subscribers: Mapping[str, int] = field(default_factory=dict)  # by WebSub, of each feed
    hub_waiting: int = 0  # subscribers and other hubs that have not been told the newest yet
    hub_failing: int = 0


def write_pulse(pulse: Pulse) -> str:
    """One line of JSON."""
    return json.dumps(asdict(pulse) | {"at": pulse.at.isoformat()}, separators=(",", ":"))


def read_pulse(text: str) -> Pulse | None:
    """What `write_pulse` wrote; None for anything else, as another version of the program may have written it."""
    try:
        told = json.loads(text)
        return Pulse(**told | {"at": datetime.fromisoformat(told["at"]), "amiss": tuple(told["amiss"])})
    except (ValueError, KeyError, TypeError):
        return None
