"""What our hub says to callbacks and to other hubs, and what it makes of their answers. Pure.

WebSub, W3C Recommendation of 23 January 2018; sections are named where they are obeyed.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

from xxhash import xxh32_intdigest

from feeds.fetch.why import Why
from feeds.model import Errand, Failed, Message, Reply, Result, links

_FIRST, _LONGEST = timedelta(seconds=30), timedelta(hours=6)  # gaps between two tries; each is four times the last
_TRIES = {"intent": 3, "subscriber": 9, "hub": 6}  # then we give up: for a subscriber that is after a day
_SLOW = 2.0  # seconds: who takes longer shares its places with others of the kind
_FORM = ("Content-Type", "application/x-www-form-urlencoded")


# -------------------------------------------------------------------------------------------- asking


def question(errand: Errand, *, site: str, challenge: str) -> Message:
    """Ask the callback of an intent whether it meant it (section 5.3), or tell it no (section 5.2).

    What stands in its own query stays.
    """
    asked = {"hub.mode": errand.mode, "hub.topic": site + errand.topic}
    if errand.mode == "denied":
        asked["hub.reason"] = errand.why
    else:
        asked["hub.challenge"] = challenge
    if errand.mode == "subscribe":
        asked["hub.lease_seconds"] = str(int(errand.lease.total_seconds()))
    return Message(method="GET", url=f"{errand.callback}{'&' if '?' in errand.callback else '?'}{urlencode(asked)}")


def delivery(errand: Errand, body: bytes, *, media_type: str, site: str, hubs: Sequence[str]) -> Message:
    """Tell a subscriber (section 7): the whole file as it is published, with its type, signed if there is a secret.

    Section 7 allows a hub to leave out entries that were delivered. The whole is the same bytes for everybody, and
    who missed something has it the next time.
    """
    headers = [("Content-Type", media_type), ("Link", links(site + errand.topic, hubs))]
    if errand.secret:  # section 7.1
        headers.append(("X-Hub-Signature", f"sha256={hmac.digest(errand.secret, body, 'sha256').hex()}"))
    return Message(method="POST", url=errand.callback, headers=tuple(headers), body=body)


def ping(errand: Errand, *, site: str) -> Message:
    """Tell a hub elsewhere that a topic changed. How is between publisher and hub (section 6).

    They all understand hub.url, as PubSubHubbub 0.4 has it; some hub.topic.
    """
    form = {"hub.mode": "publish", "hub.url": site + errand.topic, "hub.topic": site + errand.topic}
    return form_to(errand.callback, form)


def form_to(url: str, fields: Mapping[str, str]) -> Message:
    """A form, as WebSub has hubs be asked (section 5.1)."""
    return Message(method="POST", url=url, headers=(_FORM,), body=urlencode(fields).encode())


# ------------------------------------------------------------------------------------------- answers


def judge(
    errand: Errand, reply: Reply | Failed, now: datetime, *, challenge: str = "", digest: bytes = b"", took: float = 0.0
) -> Result:
    """What an answer that took so many seconds means: 2xx alone is success, and a redirect is none (section 7)."""
    if isinstance(reply, Failed):
        return _again(errand, reply.why, now, is_final=reply.why in (Why.BLOCKED, Why.BAD_URL))
    well = 200 <= reply.status < 300
    if errand.mode == "denied":
        return Result(end="over")  # it was told
    if errand.role == "intent":
        if well and reply.body == challenge.encode():
            return Result(end="done")
        why = "wrong challenge" if well else f"http_{reply.status}"
        return _again(errand, why, now, is_final=reply.status < 500 and reply.status != 429)
    if well:
        return Result(end="done", delivered=digest, slow=took > _SLOW)
    is_final = reply.status == 410 and errand.role == "subscriber"  # section 7: the subscription has been deleted
    return _again(errand, f"http_{reply.status}", now, is_final=is_final, seconds=reply.retry_after)


def _again(errand: Errand, why: str, now: datetime, *, is_final: bool, seconds: int = 0) -> Result:
    """Another try after a gap that grows, until there have been enough (section 7: limits of our own)."""
    if is_final or errand.mode == "denied" or errand.tries + 1 >= _TRIES[errand.role]:
        return Result(end="over", why=why)
    share = xxh32_intdigest(f"{errand.id} {errand.seq} {errand.tries}".encode()) / 2**32
    gap = min(_FIRST * 4**errand.tries, _LONGEST) * (0.8 + 0.4 * share)
    return Result(end="again", why=why, again=now + min(max(gap, timedelta(seconds=seconds)), _LONGEST * 1.2))
