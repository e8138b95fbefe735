"""How often one address may ask for something that costs us."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address

from feeds.serve.access import address_of

AT_ONCE = 60  # queries, as when a reader that follows many searches wakes up ...
PAUSE = 2.0  # ... and then one in so many seconds
_MOST = 4096  # addresses that are remembered


class Allowance:
    """A bucket for each address, full at first. What has not asked for long is forgotten: its bucket is full again."""

    def __init__(self, *, at_once: int = AT_ONCE, pause: float = PAUSE, most: int = _MOST) -> None:
        self._at_once, self._pause, self._most = at_once, pause, most
        self._empty_until: OrderedDict[str, float] = OrderedDict()  # when the bucket will be full, by the clock given

    def wait(self, address: str, now: float) -> float:
        """Seconds until `address` may ask again; 0 if it may now, and then it has."""
        full_at = max(self._empty_until.pop(address, now), now)
        late = full_at + self._pause - now - self._at_once * self._pause
        self._empty_until[address] = full_at if late > 0 else full_at + self._pause
        if len(self._empty_until) > self._most:
            self._empty_until.popitem(last=False)
        return max(late, 0.0)


def asker(peer: str, fields: Iterable[tuple[bytes, bytes]]) -> str:
    """Who asks: the address at the other end; of a web server on this machine, whom it names in X-Forwarded-For.

    Of several names there the last is the one that our own web server wrote. An IPv6 network of one subscriber (/64)
    is one address. `peer` is "" on a unix socket.
    """
    if not peer or address_of(peer).is_loopback:
        named = [value for name, value in fields if name == b"x-forwarded-for"]
        last = named[-1].decode("latin-1").rpartition(",")[2].strip() if named else ""
        with suppress(ValueError):
            return _network(address_of(last))
    return _network(address_of(peer)) if peer else ""


def _network(address: IPv4Address | IPv6Address) -> str:
    return str(IPv6Address(int(address) >> 64 << 64) if isinstance(address, IPv6Address) else address)
