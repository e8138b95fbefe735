"""Why a fetch did not work out: the closed set of reasons, and how one is carried to the edge of the fetch.

Beside these stand `http_<status>` for a status that brings no feed, and `other_<Exception>` for what nobody foresaw.
The names are log fields and metric labels.
"""

from __future__ import annotations

import re
from enum import StrEnum

_USERINFO = re.compile(r"(?<=//)[^/?#\s]*@")  # RFC 3986 section 3.2.1: ends at the last @ of the authority


class Why(StrEnum):
    """What went wrong, as a label; the detail beside it is for people."""

    DNS = "dns"  # the name leads nowhere
    CONNECT = "connect"  # nobody answers at the address
    TLS = "tls"  # no trustworthy encrypted connection
    DEADLINE = "deadline"  # the time of the whole exchange is used up
    BLOCKED = "blocked"  # an address or port that we do not dial
    PROTOCOL = "protocol"  # not HTTP/1.1
    TOO_LARGE = "too_large"
    ENCODING = "encoding"  # a content coding that we refuse, or a broken one
    TRUNCATED = "truncated"  # the body ended before its end
    REDIRECT_LOOP = "redirect_loop"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    BAD_REDIRECT = "bad_redirect"
    BAD_URL = "bad_url"
    MISSING_FILE = "missing_file"
    UNREADABLE_FILE = "unreadable_file"


class Trouble(Exception):
    """Ends a fetch inside this stage; at its edge it becomes a `Failed`."""

    def __init__(self, why: Why, detail: str) -> None:
        super().__init__(detail)
        self.why, self.detail = why, detail


def public(text: str) -> str:
    """`text` with the name and password taken out of every URL in it."""
    return _USERINFO.sub("", text)


def megabytes(size: int) -> str:
    """A size in bytes, for people."""
    return f"{size / 1e6:.3g} MB"
