"""The table of the hub, beside those in feeds.store.tables."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, String, Table, Text, UniqueConstraint

from feeds.store.tables import _ID, Moment, _flag, _number, _text, metadata

# Requests of ours for the hub: what a callback is to be asked (intent), who is told when a file is published
# (subscriber), which hubs elsewhere are pinged then (hub).
errands = Table(
    "errands",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("role", String(10), nullable=False),
    Column("topic", String(60), nullable=False),  # published name, as in ukraine.atom
    Column("callback", Text, nullable=False),
    _text("host"),
    _text("mode"),  # of an intent
    Column("secret", LargeBinary, nullable=False, default=b""),
    _number("lease"),  # seconds, as they will be granted
    Column("expires", Moment),  # of a subscriber
    Column("due", Moment),  # NULL: nothing is to be done
    _number("seq"),  # grows with each reason to go
    _number("tries"),
    _flag("slow"),
    _text("why"),
    Column("failing_since", Moment),
    Column("delivered", LargeBinary, nullable=False, default=b""),
    Column("lease_until", Moment),
    _text("lease_token"),
    UniqueConstraint("role", "topic", "callback"),
    Index("errands_due", "due"),
    Index("errands_host", "host"),
    sqlite_autoincrement=True,
)
