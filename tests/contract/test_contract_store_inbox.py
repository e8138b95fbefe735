"""The Store port: what the web server leaves for the poller."""

from __future__ import annotations

import pytest

from feeds.model import LARGEST_LETTER, Letter
from feeds.ports import Store
from feeds.store import inbox
from feeds.store.sql import SqlStore
from tests.make import NOW


def test_letters_come_out_as_they_went_in_and_in_their_order(store: Store) -> None:
    first = Letter(kind="push", key="a token", at=NOW, head={"x-hub-signature": "sha256=ab"}, body=b"\x00\xff<feed>")
    second = Letter(kind="push", at=NOW)
    assert store.drop_in(first)
    assert store.drop_in(second)
    found = store.inbox("push", limit=9)
    assert [(each.key, each.at, each.head, each.body) for each in found] == [
        (each.key, each.at, each.head, each.body) for each in (first, second)
    ]
    assert found[0].id < found[1].id
    assert store.inbox("push", limit=1) == found[:1]
    assert store.inbox("push", limit=9) == found, "to look takes nothing out"


def test_each_kind_is_looked_at_by_itself(store: Store) -> None:
    store.drop_in(Letter(kind="hub", at=NOW, body=b"hub.mode=subscribe"))
    store.drop_in(Letter(kind="push", at=NOW, body=b"<feed/>"))
    assert [each.body for each in store.inbox("hub", limit=9)] == [b"hub.mode=subscribe"]
    assert [each.body for each in store.inbox("push", limit=9)] == [b"<feed/>"]


def test_a_discarded_letter_is_gone_and_its_number_is_never_given_again(store: Store) -> None:
    for _ in range(2):
        store.drop_in(Letter(kind="hub", at=NOW))
    last = max(each.id for each in store.inbox("hub", limit=9))
    store.discard([last])
    store.discard([last, last + 100])
    assert [each.id for each in store.inbox("hub", limit=9)] == [last - 1]
    store.drop_in(Letter(kind="hub", at=NOW))
    assert [each.id for each in store.inbox("hub", limit=9)] == [last - 1, last + 1]


def test_a_full_inbox_takes_nothing_more_of_a_kind_and_leaves_room_for_the_other(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "INBOX_ROWS", 2)
    assert [store.drop_in(Letter(kind="hub", at=NOW)) for _ in range(3)] == [True, True, False]
    assert store.drop_in(Letter(kind="push", at=NOW))
    store.discard([store.inbox("hub", limit=1)[0].id])
    assert store.drop_in(Letter(kind="hub", at=NOW))


def test_bodies_take_so_much_room_and_no_more(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "INBOX_BYTES", 10)
    assert store.drop_in(Letter(kind="push", at=NOW, body=b"123456"))
    assert not store.drop_in(Letter(kind="push", at=NOW, body=b"12345"))
    assert not store.drop_in(Letter(kind="hub", at=NOW, body=b"12345"))
    assert store.drop_in(Letter(kind="push", at=NOW, body=b"1234"))


def test_the_largest_letters_of_both_kinds_find_room() -> None:
    assert inbox.INBOX_ROWS * LARGEST_LETTER["hub"] + 16 * LARGEST_LETTER["push"] <= inbox.INBOX_BYTES


def test_who_may_only_look_at_the_database_may_leave_letters(store: Store, url: str) -> None:
    """The web server neither makes nor migrates a database; it does write here."""
    server = SqlStore(url, as_it_is=True)
    assert server.drop_in(Letter(kind="hub", at=NOW, body=b"x"))
    server.close()
    assert [each.body for each in store.inbox("hub", limit=9)] == [b"x"]
