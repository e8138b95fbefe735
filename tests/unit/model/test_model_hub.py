"""What a form says to the hub; over a connection it is tried in tests/unit/serve/test_serve_letters.py."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from feeds.model import Intent, can_be_topic, links, read_intent

SITE = "https://desk.example/wire/"  # a path of a host
FORM = {"hub.mode": "subscribe", "hub.topic": f"{SITE}ukraine.atom", "hub.callback": "https://Reader.example:8443/cb"}


def read(**more: str) -> Intent | str:
    form = FORM | {f"hub.{name}": value for name, value in more.items()}
    return read_intent(urlencode(form).encode(), site=SITE, is_topic={"ukraine.atom"}.__contains__)


def test_a_form_at_a_path_of_a_host() -> None:
    assert read(secret="ж", lease_seconds="86400") == Intent(
        mode="subscribe",
        topic="ukraine.atom",
        callback="https://Reader.example:8443/cb",
        host="reader.example",
        secret="ж".encode(),
        lease=timedelta(days=1),
    )
    assert "hub.topic" in str(read(topic="https://desk.example/ukraine.atom"))
    assert "hub.topic" in str(read(topic=f"{SITE}wire/ukraine.atom"))


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("", timedelta(days=10)),
        ("0", timedelta(hours=1)),
        ("3601", timedelta(seconds=3601)),
        ("2592000", timedelta(days=30)),
        ("2592001", timedelta(days=30)),
        ("99999999999999999999", timedelta(days=30)),
    ],
)
def test_a_lease_is_ours_to_bound(asked: str, granted: timedelta) -> None:
    found = read(lease_seconds=asked)
    assert isinstance(found, Intent)
    assert found.lease == granted


@pytest.mark.parametrize(
    ("place", "host"),
    [
        pytest.param("Reader.example.", "reader.example", id="case and the last dot"),
        pytest.param("a_b.reader-1.example:8443", "a_b.reader-1.example", id="signs of names"),
        pytest.param("intranet", "intranet", id="one label"),
        pytest.param("xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai", id="beyond ASCII"),
        pytest.param("192.0.2.7", "192.0.2.7", id="an address"),
        pytest.param("[2001:0DB8::0:7]", "2001:db8::7", id="an address with zeros"),
        pytest.param("[fe80::1%25eth0]", "", id="an address with a zone"),
        pytest.param("3221225991", "", id="an address as one number"),
        pytest.param("0xc0.0.2.7", "", id="hexadecimal"),
        pytest.param("0300.0.2.7", "", id="octal"),
        pytest.param("192.0.2.007", "", id="zeros"),
        pytest.param("192.519", "", id="two numbers"),
        pytest.param("reader.0x7f", "", id="a number at the end"),
        pytest.param("re%61der.example", "", id="escaped"),
        pytest.param("reader\\.example", "", id="a backslash"),
        pytest.param(".example", "", id="an empty label"),
        pytest.param("reader.example..", "", id="an empty label at the end"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_host_has_one_spelling_or_is_refused(place: str, host: str) -> None:
    """Else each spelling of a victim would have an allowance of its own."""
    found = read(callback=f"https://{place}/cb")
    assert found.host == host if isinstance(found, Intent) else (not host and "hub.callback" in found)


def test_what_can_be_a_topic() -> None:
    names = ["a.atom", "a.rss", "a.json", "a/2026-11-20.atom", "a.opml", "a", "atom", "a.atom.gz"]
    assert [name for name in names if can_be_topic(name)] == ["a.atom", "a.rss", "a.json"]


def test_a_link_leads_to_every_hub_and_to_itself() -> None:
    assert links("t", ["h", "i"]) == '<h>; rel="hub", <i>; rel="hub", <t>; rel="self"'
