"""What is asked of our hub and what it owes: WebSub (W3C Recommendation, 23 January 2018)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Literal, TypeAlias
from urllib.parse import parse_qs, urlsplit

Role: TypeAlias = Literal["intent", "subscriber", "hub"]
Mode: TypeAlias = Literal["subscribe", "unsubscribe", "denied", ""]
End: TypeAlias = Literal["done", "again", "over"]

ENDINGS = ("atom", "rss", "json")  # of what can be subscribed to
LEASE_DEFAULT, LEASE_LEAST, LEASE_MOST = timedelta(days=10), timedelta(hours=1), timedelta(days=30)
_LONGEST_CALLBACK = 2000  # characters
_LONGEST_SECRET = 200  # bytes: section 5.1 wants fewer
_MOST_FIELDS = 20
# No number at its end: resolvers take 0x7f.1, 2130706433 and many more for one address, and each would count as a host.
_NAME = re.compile(r"(?:[a-z0-9_-]+\.)*[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A well-formed request to subscribe or unsubscribe, of which nobody knows yet whether the callback wants it."""

    mode: Mode
    topic: str  # published name, as in ukraine.atom
    callback: str
    host: str  # of the callback, in one spelling, without its port
    secret: bytes = b""
    lease: timedelta = LEASE_DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One request that is due: to ask a callback what it meant, to tell it no, to deliver, or to ping another hub."""

    id: int
    role: Role
    mode: Mode = ""  # of an intent
    topic: str
    callback: str  # or the address of the hub
    host: str
    secret: bytes = b""
    lease: timedelta = LEASE_DEFAULT
    seq: int  # grows with each reason to go: what came up meanwhile is still due afterwards
    tries: int  # that failed, since the last one that did not
    slow: bool = False  # the last try was, or failed; or there was none
    delivered: bytes = b""  # digest of the body that was last delivered
    why: str = ""  # of a denial: what the callback is told; else of the last failure
    token: str  # of whoever holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How an errand ended."""

    end: End
    why: str = ""  # it did not work out, in words
    again: datetime | None = None
    delivered: bytes = b""  # digest
    slow: bool = False  # it is to take no place of those who are quick


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How the hub stands with one published name, or with one hub that is pinged about it."""

    topic: str
    hub: str = ""  # address, "" for our own subscribers
    number: int
    waiting: int  # that have not been told the newest yet
    failing: int
    why: str = ""  # of one that fails


def can_be_topic(name: str) -> bool:
    """Whether a published name is that of a feed that one may subscribe to: no archive, no list, no page."""
    stem, _, ending = name.rpartition(".")
    return bool(stem) and "/" not in stem and ending in ENDINGS


def links(topic: str, hubs: Sequence[str]) -> str:
    """The Link field that leads from a topic to its hubs and itself (section 4). Both are addresses."""
    return ", ".join([*(f'<{hub}>; rel="hub"' for hub in hubs), f'<{topic}>; rel="self"'])


def read_intent(body: bytes, *, site: str, is_topic: Callable[[str], bool]) -> Intent | str:
    """Read a form that was sent to the hub (section 5.1), or say what is wrong with it, in a sentence.

    `site` is the address that the published files are below; `is_topic` tells whether one is a feed of ours.
    """
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        return "This is not a form: send application/x-www-form-urlencoded."
    said = {name: values[0] for name, values in fields.items() if name.startswith("hub.")}
    if twice := sorted(name for name in said if len(fields[name]) > 1):
        return f"{twice[0]} stands there more than once."
    mode, topic, callback = said.get("hub.mode", ""), said.get("hub.topic", ""), said.get("hub.callback", "")
    if mode == "publish":
        return "This hub sees by itself when its topics change."
    if mode not in ("subscribe", "unsubscribe"):
        return "hub.mode must be subscribe or unsubscribe."
    name = topic.removeprefix(site)
    if not topic.startswith(site) or not is_topic(name):
        return "hub.topic must be the address of one of our feeds, as its link rel=self gives it."
    host = _host(callback)
    if not host:
        return "hub.callback must be an http or https address, without a password, on port 80, 443 or above 1023."
    secret = said.get("hub.secret", "").encode()
    if len(secret) >= _LONGEST_SECRET:
        return "hub.secret must be shorter than 200 bytes."
    lease = said.get("hub.lease_seconds", "")
    if lease and not (lease.isascii() and lease.isdigit()):
        return "hub.lease_seconds must be a whole number of seconds."
    return Intent(
        mode="subscribe" if mode == "subscribe" else "unsubscribe",
        topic=name,
        callback=callback,
        host=host,
        secret=secret,
        lease=_bounded(lease) if lease else LEASE_DEFAULT,
    )


def _bounded(seconds: str) -> timedelta:
    """The lease that is granted: ours to choose (section 5.1), so a request can neither pin us nor make us busy."""
    return min(max(timedelta(seconds=int(seconds[:9])), LEASE_LEAST), LEASE_MOST)


def _host(callback: str) -> str:
    """The host of a callback that can be one, in one spelling, else ""."""
    if len(callback) > _LONGEST_CALLBACK or not callback.isascii() or not callback.isprintable() or " " in callback:
        return ""
    try:
        parts = urlsplit(callback)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or parts.fragment:
        return ""
    return _spelled(parts.hostname or "") if port in (None, 80, 443) or port >= 1024 else ""


def _spelled(host: str) -> str:
    """The one spelling of a name or an address, "" for neither."""
    name = host.removesuffix(".")
    if _NAME.fullmatch(name):
        return name
    try:
        return "" if "%" in name else str(ip_address(name))
    except ValueError:
        return ""
