"""What is remembered of hubs that push, and of what they pushed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Protocol

from feeds.model import Job, Push


class Pushes(Protocol):
    """Verbs of the store. Which hub a source offers, and how far it is believed, `apply` keeps with each poll."""

    def callback(self, token: str) -> Push | None:
        """The subscription whose callback has this token, None if there is none. Reads only.

        It has `ended` where its source is polled no more.
        """
        ...

    def subscriptions_due(self, now: datetime, *, limit: int) -> tuple[Push, ...]:
        """Subscriptions that hubs are to be asked for now, noted as asked: no two callers get the same one.

        What time has brought to its end is noted as well: leases, and waiting.
        """
        ...

    def subscriptions_left(self, now: datetime, *, limit: int) -> tuple[Push, ...]:
        """Subscriptions under a lease whose sources are polled no more, noted as ended: nobody gets one twice."""
        ...

    def follow(self, token: str, change: Callable[[Push], Push | None], now: datetime) -> None:
        """Let the subscription with this token become what `change` makes of it, None for nothing, if it is still
        there. A source whose hub is trusted no more is polled in its usual rhythm again."""
        ...

    def unfollow(self, now: datetime) -> int:
        """Forget every subscription, but not what is offered, as nothing is to be pushed to us. Returns how many."""
        ...

    def take_pushed(self, now: datetime, *, limit: int, lease: timedelta, but: Collection[str] = ()) -> list[Job]:
        """Lease at most `limit` sources that something was pushed of, each job with the letter that it came in.

        Letters wait while their source is in work, here (`but`) or elsewhere. What a hub tells of a subscription is
        obeyed at once, and what came before, or is for nobody, thrown away.
        """
        ...
