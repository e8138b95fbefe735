"""Our callbacks, where hubs verify that we want a subscription and then push: WebSub as a pure function.

W3C Recommendation of 23 January 2018; sections are named where they are obeyed.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qs

from feeds.model import LARGEST_LETTER, Letter, Push, digest_of
from feeds.serve.page import Headers
from feeds.serve.respond import Response, say

PREFIX = "/websub/"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")
_MOST_FIELDS, _LONGEST_CHALLENGE, _LONGEST_REASON = 20, 1024, 200
_SIGNATURE = re.compile(rb"(sha256|sha384|sha512)=([0-9a-f]+)", re.IGNORECASE)  # sha1 proves nothing any more
_LONGEST_TYPE = 200

UNKNOWN = say(404, "Nothing is followed here.")
OVER = say(410, "This is followed no more.")  # section 7: it ends the subscription
TOO_LARGE = say(413, f"No more than {LARGEST_LETTER['push']} bytes are taken.")
_THANKS = say(202, "Thank you.")


def token_of(path: str) -> str:
    """What tells the callback at this path apart, "" if there can be none."""
    token = path.removeprefix(PREFIX)
    return token if path.startswith(PREFIX) and _TOKEN.fullmatch(token) else ""


def greet(push: Push | None, query: str, now: datetime) -> tuple[Response, Letter | None]:
    """Answer a GET: verification of what we asked for (section 5.3), or a refusal of the hub (section 5.2).

    The challenge comes back for nothing but a topic that we asked for at this callback, and want, or do not want any
    more. What is to be remembered is in the letter: only if there is room for that may the response be sent.
    """
    try:
        fields = parse_qs(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        return UNKNOWN, None
    said = {name.removeprefix("hub."): values[0] for name, values in fields.items() if name.startswith("hub.")}
    if push is None or said.get("topic") != push.topic:
        return UNKNOWN, None
    if said.get("mode") == "denied":
        reason = "".join(c for c in said.get("reason", "") if c.isprintable())[:_LONGEST_REASON]
        return _THANKS, _letter(push, now, mode="denied", reason=reason)
    wanted = push.asked is not None or push.lease_until is not None
    challenge, lease = said.get("challenge", ""), said.get("lease_seconds", "")
    meant = wanted if said.get("mode") == "subscribe" else said.get("mode") == "unsubscribe" and push.stage == "ended"
    if not meant or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
        return UNKNOWN, None
    body = challenge.encode()
    headers: Headers = (
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; sandbox"),
        (b"cache-control", b"no-store"),
        (b"content-length", b"%d" % len(body)),
    )
    seconds = lease if lease.isascii() and lease.isdigit() and len(lease) <= 9 else ""
    note = _letter(push, now, mode="subscribe", lease=seconds) if wanted else None
    return Response(status=200, headers=headers, body=body), note


def refuse(push: Push | None, headers: Sequence[tuple[bytes, bytes]]) -> Response | None:
    """What a POST is answered before its body is looked at, None if that is to be taken. `push` is that of a token.

    One that nobody knows may have been ours: the source has another hub now, or another address.
    """
    if push is None or push.stage == "ended":
        return OVER
    length = next((value for name, value in headers if name == b"content-length"), b"0")
    return TOO_LARGE if not length.isdigit() or int(length[:20]) > LARGEST_LETTER["push"] else None


def take(
    push: Push, headers: Sequence[tuple[bytes, bytes]], body: bytes, now: datetime
) -> tuple[Response, Letter | None]:
    """Answer a POST (section 7). One that the hub did not sign, or that came before, is thanked for as well, and
    leaves nothing behind."""
    if len(body) > LARGEST_LETTER["push"]:
        return TOO_LARGE, None
    signatures = [value for name, value in headers if name == b"x-hub-signature"]
    if not is_signed(push.secret, body, signatures) or push.has_seen(digest_of(body)):
        return _THANKS, None
    kind = next((value.decode("latin-1") for name, value in headers if name == b"content-type"), "")
    letter = Letter(kind="push", key=push.token, at=now, head={"content-type": kind[:_LONGEST_TYPE]}, body=body)
    return _THANKS, letter


def is_signed(secret: str, body: bytes, signatures: Sequence[bytes]) -> bool:
    """Whether there is one signature, and it is that of `body` (section 7.1). Compared in constant time."""
    found = _SIGNATURE.fullmatch(signatures[0]) if len(signatures) == 1 else None
    if found is None:
        return False
    ours = hmac.digest(secret.encode(), body, found[1].decode().lower()).hex()
    return hmac.compare_digest(ours.encode(), found[2].lower())


def _letter(push: Push, now: datetime, **head: str) -> Letter:
    return Letter(kind="push", key=push.token, at=now, head=head)
