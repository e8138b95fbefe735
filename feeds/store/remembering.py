"""Writing the keys of one reading: what every item of it is known by, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, tuple_

from feeds.model import Changes, Key, KeyKind, Outcome, Verdict, item_keys
from feeds.store.conservation import missing_slices
from feeds.store.database import batches
from feeds.store.rows import key16
from feeds.store.tables import keys


def write_keys(
    connection: Connection, source_id: int, changes: Changes, listed: Sequence[bytes], *, now: datetime
) -> None:
    """Write the keys of `changes`. `listed`: slices of all items of the document."""
    labels = {
        name: f"{v.item.title} {v.item.url}".strip()
        for v in changes.verdicts
        if v.outcome in (Outcome.STALE, Outcome.REJECTED)
        for name in item_keys(v.item)
    }
    rows = [_key_row(key, source_id, labels) for key in changes.keys]
    replaced: dict[bytes, Mapping[str, Any]] = {}
    for some in batches(rows):
        names = [(row["kind"], row["key"]) for row in some]
        mine = keys.c.source_id == source_id, tuple_(keys.c.kind, keys.c.key).in_(names)
        replaced |= {row["slice"]: dict(row) for row in connection.execute(select(keys).where(*mine)).mappings()}
        connection.execute(delete(keys).where(*mine))
        connection.execute(insert(keys), some)
    judged = {verdict.item.slice: verdict for verdict in changes.verdicts}
    # An outcome stands for each item that is not looked at again, also where another item took all its names.
    rows = []
    for taken in sorted(missing_slices(connection, source_id, frozenset(listed) & (judged.keys() | replaced.keys()))):
        name = {"kind": "item", "key": key16(f"slice {taken.hex()}"), "left_at": None}
        if taken in judged:
            rows.append(_key_row(_standing(judged[taken], now), source_id, {}) | name)
        else:
            rows.append({**replaced[taken], **name})
    if rows:
        connection.execute(insert(keys), rows)


def _key_row(key: Key, source_id: int, labels: Mapping[tuple[KeyKind, str], str]) -> dict[str, Any]:
    return {
        "kind": key.kind, "key": key16(key.key), "source_id": source_id, "article_id": key.article,
        "class": key.hash_kind, "publisher": key.publisher, "claimed": key.claimed, "first_seen": key.first_seen,
        "left_at": key.left, "outcome": key.outcome.value, "why": key.why, "slice": key.slice,
        "label": labels.get((key.kind, key.key), "")[:500],
    }  # fmt: skip


def _standing(verdict: Verdict, now: datetime) -> Key:
    """How an item stands that no name is left of."""
    outcome = verdict.outcome
    if outcome is Outcome.SAME:
        outcome = Outcome.STALE if verdict.article is None else Outcome.DUPLICATE
    return Key(
        kind="item",
        key="",
        source=verdict.item.source,
        article=verdict.article,
        outcome=outcome,
        why=verdict.because,
        slice=verdict.item.slice,
        first_seen=now,
    )
