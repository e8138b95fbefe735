"""Which addresses may be dialled."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.fetch.addresses import Rules

PRIVATE = {
    "0.0.0.0": "this host",
    "10.1.2.3": "private",
    "100.64.0.1": "shared by carriers: neither private nor global to ipaddress",
    "100.127.255.255": "the end of it",
    "127.0.0.1": "loopback",
    "127.255.255.254": "all of loopback",
    "169.254.169.254": "metadata of clouds",
    "172.16.0.1": "private",
    "172.31.255.255": "private, its end",
    "192.0.0.192": "metadata of another cloud",
    "192.0.2.1": "documentation",
    "192.88.99.1": "6to4 relay",
    "192.168.0.1": "private",
    "198.18.0.1": "benchmarks",
    "224.0.0.1": "multicast",
    "255.255.255.255": "broadcast",
    "::": "unspecified",
    "::1": "loopback",
    "::ffff:127.0.0.1": "mapped",
    "::ffff:a9fe:a9fe": "mapped, in hex",
    "::127.0.0.1": "compatible",
    "::ffff:0:127.0.0.1": "translated",
    "64:ff9b::7f00:1": "NAT64",
    "64:ff9b:1::7f00:1": "local NAT64",
    "2002:7f00:1::": "6to4",
    "2001:0:0:0:0:0:7f00:1": "Teredo",
    "2001:db8::1": "documentation",
    "3fff::1": "documentation, newer",
    "5f00::1": "segment routing",
    "fc00::1": "unique local",
    "fd00:ec2::254": "metadata, IPv6",
    "fe80::1": "link-local",
    "fe80::1%lo": "with a scope",
    "2606:4700::1%lo": "public, with a scope",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
}
PUBLIC = {
    "1.1.1.1": "IPv4",
    "100.63.255.255": "just before shared space",
    "100.128.0.1": "just after it",
    "172.15.255.255": "just before private space",
    "172.32.0.1": "just after it",
    "193.0.0.1": "just after 192/8",
    "::ffff:1.1.1.1": "mapped",
    "64:ff9b::101:101": "NAT64",
    "2606:4700::1111": "IPv6",
    "2a00:1450::1": "IPv6",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=f"{text}: {why}") for text, why in PRIVATE.items()])
def test_what_is_not_public_is_refused(text: str) -> None:
    assert not Rules().admit(ip_address(text))


@pytest.mark.parametrize("text", [pytest.param(text, id=f"{text}: {why}") for text, why in PUBLIC.items()])
def test_what_is_public_is_admitted(text: str) -> None:
    assert Rules().admit(ip_address(text))


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_nothing_is_admitted_that_the_standard_library_calls_private_or_multicast(address: object) -> None:
    # It errs the other way too often to be used, but never calls a public address loopback.
    known = ip_address(str(address))
    if known.is_loopback or known.is_multicast or known.is_link_local or known.is_unspecified:
        assert not Rules().admit(known)


@pytest.mark.parametrize(
    ("allow", "address", "admitted"),
    [
        pytest.param("127.0.0.0/8", "127.0.0.1", True, id="a network"),
        pytest.param("127.0.0.0/8", "::ffff:127.0.0.1", True, id="and what maps into it"),
        pytest.param("127.0.0.0/8", "10.0.0.1", False, id="opens nothing else"),
        pytest.param("127.0.0.0/8", "::1", False, id="not even loopback of IPv6"),
        pytest.param("10.1.2.3", "10.1.2.3", True, id="one address"),
        pytest.param("10.1.2.3", "10.1.2.4", False, id="and not its neighbour"),
        pytest.param("[::1]", "::1", True, id="in brackets"),
        pytest.param("fe80::/10", "fe80::1%lo", False, id="a scope is never admitted"),
    ],
)
def test_the_operator_opens_what_they_name(allow: str, address: str, admitted: bool) -> None:
    assert Rules.parse([allow]).admit(ip_address(address)) is admitted


def test_a_place_is_a_host_and_its_port() -> None:
    rules = Rules.parse(["intranet.example:8080", "127.0.0.1:8081", "[::1]:8082"])
    assert rules.names("Intranet.Example", 8080)
    assert not rules.names("intranet.example", 80)
    assert rules.names("127.0.0.1", 8081)
    assert rules.names("::1", 8082)
    assert rules.networks == ()


@pytest.mark.parametrize("entry", ["", "intranet", "intranet:", ":80", "10.0.0.1/8", "host:http"])
def test_an_entry_that_is_neither_is_an_error(entry: str) -> None:
    with pytest.raises(ValueError, match="neither a network"):
        Rules.parse([entry])
