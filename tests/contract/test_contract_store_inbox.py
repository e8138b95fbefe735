"""The Store port: what the web server leaves for the poller."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feeds.model import LARGEST_LETTER, Letter
from feeds.ports import Store
from feeds.store import inbox
from feeds.store.sql import SqlStore
from tests.contract.test_contract_store_hub import intent
from tests.make import NOW


def taken(store: Store, *letters: int) -> None:
    """Letters are read, and lead to nothing."""
    store.hub_take((), letters=letters, now=NOW)


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


def test_a_letter_that_was_taken_out_is_gone_and_its_number_is_never_given_again(store: Store) -> None:
    for _ in range(2):
        store.drop_in(Letter(kind="hub", at=NOW))
    last = max(each.id for each in store.inbox("hub", limit=9))
    taken(store, last)
    taken(store, last, last + 100)
    assert [each.id for each in store.inbox("hub", limit=9)] == [last - 1]
    store.drop_in(Letter(kind="hub", at=NOW))
    assert [each.id for each in store.inbox("hub", limit=9)] == [last - 1, last + 1]


def test_a_full_inbox_takes_nothing_more_of_a_kind_and_leaves_room_for_the_other(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "INBOX_ROWS", 2)
    assert [store.drop_in(Letter(kind="hub", at=NOW)) for _ in range(3)] == [True, True, False]
    assert store.drop_in(Letter(kind="push", at=NOW))
    taken(store, store.inbox("hub", limit=1)[0].id)
    assert store.drop_in(Letter(kind="hub", at=NOW))


def test_of_one_callback_of_ours_so_many_letters_wait_and_others_find_room(store: Store) -> None:
    """Whoever knows one token shall not keep the other hubs out."""
    one, other = (Letter(kind="push", key=key, at=NOW) for key in ("one", "other"))
    most = inbox.ROWS_OF_KEY["push"]
    assert [store.drop_in(one) for _ in range(most + 1)] == [True] * most + [False]
    assert store.drop_in(other)
    assert most * 4 < inbox.INBOX_ROWS


def test_the_bodies_of_one_callback_of_ours_take_a_part_of_the_room(store: Store) -> None:
    large = replace(Letter(kind="push", key="one", at=NOW), body=bytes(LARGEST_LETTER["push"]))
    most = inbox.BYTES_OF_KEY // LARGEST_LETTER["push"]
    assert [store.drop_in(large) for _ in range(most + 1)] == [True] * most + [False]
    assert store.drop_in(replace(large, key="other"))
    assert inbox.BYTES_OF_KEY * 4 < inbox.INBOX_BYTES


def test_what_there_will_be_no_room_for_is_not_accepted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is told 202 is asked: a form counts for its host until its callback has been asked."""
    most = inbox.PENDING_OF_HOST

    def form(host: str = "a.example") -> Letter:
        return Letter(kind="hub", key=host, at=NOW)

    waiting = [intent(callback=f"https://a.example/{n}") for n in range(most - 1)]
    assert store.hub_take(waiting, letters=(), now=NOW) == 0
    assert [store.drop_in(form()) for _ in range(2)] == [True, False]
    assert store.drop_in(form("b.example"))
    letters = [letter.id for letter in store.inbox("hub", limit=9)]
    assert store.hub_take([intent(callback="https://a.example/last"), intent("b")], letters=letters, now=NOW) == 0
    assert not store.drop_in(form())
    monkeypatch.setattr(inbox, "PENDING", most + 2)
    assert [store.drop_in(form(host)) for host in ("c.example", "d.example")] == [True, False]


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
