"""Which addresses are public, and which the operator opened. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

# IANA's special-purpose registries, spelt out: ipaddress.is_private and is_global leave out shared address space, do
# not look into mapped addresses, and changed their meaning between patch releases (CVE-2024-4032).
_DENIED4 = (
    IPv4Network("0.0.0.0/8"),  # this network
    IPv4Network("10.0.0.0/8"),  # private, RFC 1918
    IPv4Network("100.64.0.0/10"),  # shared by carriers, RFC 6598
    IPv4Network("127.0.0.0/8"),  # loopback
    IPv4Network("169.254.0.0/16"),  # link-local: the metadata services of clouds
    IPv4Network("172.16.0.0/12"),  # private
    IPv4Network("192.0.0.0/24"),  # protocol assignments
    IPv4Network("192.0.2.0/24"),  # documentation
    IPv4Network("192.31.196.0/24"),  # AS112
    IPv4Network("192.52.193.0/24"),  # AMT
    IPv4Network("192.88.99.0/24"),  # 6to4 relays, deprecated
    IPv4Network("192.168.0.0/16"),  # private
    IPv4Network("192.175.48.0/24"),  # AS112
    IPv4Network("198.18.0.0/15"),  # benchmarks
    IPv4Network("198.51.100.0/24"),  # documentation
    IPv4Network("203.0.113.0/24"),  # documentation
    IPv4Network("224.0.0.0/4"),  # multicast
    IPv4Network("240.0.0.0/4"),  # reserved, broadcast
)
_GLOBAL6 = IPv6Network("2000::/3")  # outside it nothing is public
_DENIED6 = (
    IPv6Network("2001::/23"),  # protocol assignments, Teredo among them
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("2002::/16"),  # 6to4: carries any IPv4 address
    IPv6Network("2620:4f:8000::/48"),  # AS112
    IPv6Network("3fff::/20"),  # documentation
)
_NAT64 = IPv6Network("64:ff9b::/96")  # carries an IPv4 address in its last 32 bits, RFC 6052
_LABEL = r"[a-z0-9_\u0080-\U0010ffff-]+"  # what is beyond ASCII is encoded on the wire
_LABELS = re.compile(rf"{_LABEL}(\.{_LABEL})*", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)


def is_name(host: str) -> bool:
    """Whether `host`, without its final dot, can be a name in the DNS and nothing else.

    Percent signs, of which anybody may make other characters, are in none. What ends in a number is an address to
    browsers and their like, or nothing (WHATWG URL, "ends in a number").
    """
    return bool(_LABELS.fullmatch(host)) and not _NUMBER.fullmatch(host.rpartition(".")[2])


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator opened beyond the public internet."""

    networks: tuple[Network, ...] = ()
    places: frozenset[tuple[str, int]] = frozenset()  # (host in lower case, port)

    @classmethod
    def parse(cls, allow: Iterable[str]) -> Rules:
        """Read `[fetch] allow`: networks in CIDR notation, addresses, host:port.

        Raises:
            ValueError: an entry is none of these.
        """
        networks: list[Network] = []
        places: list[tuple[str, int]] = []
        for entry in allow:
            host, _, port = entry.rpartition(":")
            try:
                networks.append(ip_network(entry.strip("[]")))
            except ValueError:
                if not (host and port.isascii() and port.isdigit()):
                    raise ValueError(f"{entry!r} is neither a network, nor an address, nor host:port") from None
                places.append((host.strip("[]").lower(), int(port)))
        return cls(tuple(networks), frozenset(places))

    def names(self, host: str, port: int) -> bool:
        """Whether the operator named this very place."""
        return (host.lower(), port) in self.places

    def admit(self, address: Address) -> bool:
        """Whether `address` is public or in a network that the operator opened."""
        if isinstance(address, IPv6Address):
            if address.scope_id:
                return False
            address = _embedded(address) or address
        if any(address in network for network in self.networks):
            return True
        if isinstance(address, IPv4Address):
            return not any(address in network for network in _DENIED4)
        return address in _GLOBAL6 and not any(address in network for network in _DENIED6)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped
