"""What our hub keeps: who wants to be told of what, and which requests of ours are due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from feeds.model import Errand, Intent, Reach, Result


class HubStore(Protocol):
    """Verbs of the store. What is to be done stands in rows before it is done, so that a kill at any moment loses
    nothing: an errand is done at least once."""

    def hub_take(self, intents: Sequence[Intent], *, letters: Collection[int], now: datetime) -> int:
        """Note what the callbacks of these intents are to be asked, and remove the letters that they came in.

        One that is asked already is asked by the newer intent alone. Those for which there is no room are dropped;
        a subscription for which there is none is denied. Returns how many were dropped or denied.
        """
        ...

    def hub_claim(
        self, now: datetime, *, limit: int, slow: int, lease: timedelta, but: Collection[str] = ()
    ) -> list[Errand]:
        """Lease errands that are due, those first that are due longest; no two callers get the same one.

        `limit` that are likely to be quick at most, and `slow` others; a few for each host, none for those in `but`.
        Leases of holders that died are taken over.
        """
        ...

    def hub_finish(self, errand: Errand, result: Result, now: datetime) -> None:
        """Write how an errand ended, and let go of it. Nothing is written if the lease was lost.

        A verified intent becomes a subscription, or ends one. Reasons to go that came up meanwhile stay due.
        """
        ...

    def hub_agree(self, open_for: Collection[str], names: Collection[str], hubs: Sequence[str], now: datetime) -> None:
        """Make what is kept agree with the configuration: the names that may be subscribed to here, and the hubs that
        are pinged of `names`.

        Subscribers of anything else are told so, hubs that are new of all that there is.
        """
        ...

    def hub_tend(self, now: datetime) -> int:
        """End the subscriptions whose lease is over. Returns how many."""
        ...

    def hub_standing(self, now: datetime) -> tuple[Reach, ...]:
        """How the hub stands, by published name: those with a subscriber or a hub that is pinged."""
        ...
