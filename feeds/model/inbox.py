"""What came in from outside by the web server, and waits for the poller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

LetterKind: TypeAlias = Literal["hub", "push"]  # a form sent to our hub; what a hub sent to one of our callbacks

LARGEST_LETTER: Mapping[LetterKind, int] = {"hub": 16 * 1024, "push": 2 * 2**20}  # bytes of a body


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One request, as it came: nothing of its body has been looked into."""

    id: int = 0  # of its row, in the order in which they came; 0 before it has one
    kind: LetterKind
    key: str = ""  # hub: host of the callback; push: what tells our callbacks apart
    at: datetime
    head: Mapping[str, str] = field(default_factory=dict)  # the header fields that are kept, lower-case
    body: bytes = b""
