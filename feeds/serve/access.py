"""Who may look at what is meant for the operator: this machine, and the networks that [serve] metrics names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# A web server in front of us is on this machine too, and asks for the whole world.
_FORWARDED = frozenset({b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip"})


def may_look(client: str, fields: Iterable[tuple[bytes, bytes]], networks: Sequence[str]) -> bool:
    """Whether `client`, an address or "" on a unix socket, asks for itself and from here or from one of `networks`."""
    if any(name in _FORWARDED for name, _ in fields):
        return False
    if not client:
        return True
    address = address_of(client)
    return address.is_loopback or any(address in ip_network(network) for network in networks)


def address_of(text: str) -> IPv4Address | IPv6Address:
    """An address as sockets and header fields write it; an IPv4 one that is mapped into IPv6 as such.

    Raises:
        ValueError: it is none.
    """
    address = ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
