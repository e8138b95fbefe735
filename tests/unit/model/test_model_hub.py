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


def test_what_can_be_a_topic() -> None:
    names = ["a.atom", "a.rss", "a.json", "a/2026-11-20.atom", "a.opml", "a", "atom", "a.atom.gz"]
    assert [name for name in names if can_be_topic(name)] == ["a.atom", "a.rss", "a.json"]


def test_a_link_leads_to_every_hub_and_to_itself() -> None:
    assert links("t", ["h", "i"]) == '<h>; rel="hub", <i>; rel="hub", <t>; rel="self"'
