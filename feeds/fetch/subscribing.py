"""What we say to the hubs of sources, what their answers mean, and whether they can reach us at all. Pure.

WebSub, W3C Recommendation of 23 January 2018; sections are named where they are obeyed.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from xxhash import xxh3_128_digest

from feeds.fetch.addresses import Rules, is_name
from feeds.fetch.guard import literal
from feeds.fetch.hub import form_to
from feeds.model import LEASE, Document, Failed, Fetched, Job, Letter, Message, Push, Reply

_HERE = frozenset({"localhost", "local", "internal", "lan", "home", "corp", "intranet", "test", "invalid", "arpa"})
_WEB_PORTS = (None, 80, 443)


def question(push: Push, *, callback: str) -> Message:
    """Ask a hub for a subscription, or for more of one (section 5.1)."""
    form = {
        "hub.mode": "subscribe",
        "hub.topic": push.topic,
        "hub.callback": callback,
        "hub.secret": push.secret,
        "hub.lease_seconds": str(int(LEASE.total_seconds())),
    }
    return form_to(push.hub, form)


def farewell(push: Push, *, callback: str) -> Message:
    """Ask a hub to end a subscription (section 5.1)."""
    return form_to(push.hub, {"hub.mode": "unsubscribe", "hub.topic": push.topic, "hub.callback": callback})


def unusable(hub: str) -> str:
    """Why this address, which a feed gives, is not to be asked; "" if it may be. The guard has the last word."""
    try:
        port = urlsplit(hub).port
    except ValueError:
        return "its address is malformed"
    return "" if port in _WEB_PORTS or port >= 1024 else f"port {port} is no port of the web"


def refusal(reply: Reply | Failed) -> str:
    """Why a hub does not accept, "" if it does: any 2xx, as hubs that are older than the standard say 204."""
    if isinstance(reply, Failed):
        return reply.why
    return "" if 200 <= reply.status < 300 else f"http_{reply.status}"


def pushed(letter: Letter, job: Job) -> Fetched:
    """What a hub pushed, as if the source had been asked for it: same address, same reading."""
    document = Document(url=job.state.moved_to or job.source.url, body=letter.body, headers=dict(letter.head))
    return Fetched(documents=(document,), body_hash=xxh3_128_digest(letter.body))


def out_of_reach(site: str, allow: Collection[str]) -> str:
    """Why hubs cannot reach the address of our site, "" if they can.

    One in a network that the operator opened for fetching is within the reach of the hubs there.
    """
    parts = urlsplit(site)
    host = (parts.hostname or "").removesuffix(".")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    rules = Rules.parse(allow)
    if rules.names(host, port):
        return ""
    address = literal(host)
    if address is not None:
        return "" if rules.admit(address) else f"{host} is not a public address"
    last = host.rpartition(".")[2].lower()
    is_public = "." in host and is_name(host) and last not in _HERE
    return "" if is_public else f"{host} is not a public name"
