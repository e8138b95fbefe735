"""How much of a request we read, and how long we wait for it, before it is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

MAX_HEAD = 16 * 1024  # bytes of request line and header fields
MAX_TARGET = 8 * 1024  # bytes
MAX_FIELDS = 100
HEAD_SECONDS = 10.0  # from the first byte of a request, or from connecting, to the end of its header fields
IDLE_SECONDS = 30  # between two requests
STALL_SECONDS = 30  # for an answer to be taken, beside what it takes at the slowest pace
SLOWEST = 4096  # bytes a second

_HOST = re.compile(rb"[A-Za-z0-9._~%!$&'()*+,;=:\[\]-]*")  # RFC 3986 section 3.2.2, and a port

Fault: TypeAlias = tuple[int, str]  # status, a sentence for people

MALFORMED: Fault = (400, "This is not a well-formed request.")
TOO_LARGE: Fault = (431, "The header fields are too large.")


def find_fault(
    target: bytes, fields: Sequence[tuple[bytes, bytes]], *, version: str, reads: bool = True
) -> Fault | None:
    """What is wrong with the head of a request that is well-formed as such; None if nothing is.

    `fields` have lower-case names; `reads` for GET and HEAD. One Host and no more: RFC 9112 section 3.2. A body
    means nothing to those who read, and servers in front may see its end elsewhere: RFC 9110 section 9.3.1.
    """
    if len(target) > MAX_TARGET:
        return (414, "The address is too long.")
    if len(fields) > MAX_FIELDS:
        return (431, "There are too many header fields.")
    if len(target) + sum(len(name) + len(value) + 4 for name, value in fields) > MAX_HEAD:
        return TOO_LARGE
    if version not in {"1.0", "1.1"}:
        return (505, "HTTP/1.1 is spoken here.")
    hosts = [value for name, value in fields if name == b"host"]
    if len(hosts) > 1 or (not hosts and version == "1.1") or not all(map(_HOST.fullmatch, hosts)):
        return (400, "There must be one Host field.")
    if reads and any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0") for name, value in fields
    ):
        return (400, "A request to read has no body.")
    return None
