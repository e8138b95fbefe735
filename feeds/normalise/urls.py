"""Addresses: the spelling we compare, the spelling we publish, and the publisher behind them."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from urllib.parse import quote, urljoin, urlsplit

from publicsuffixlist import PublicSuffixList

LONGEST = 4096  # characters; what is longer is an attack or a picture

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_WEB = re.compile("https?://", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[^:\[\]]*)(?::([0-9]{0,5}))?")
_HOST = re.compile(r"(?=.{1,254}\Z)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?|\[.*\]")
_ILLEGAL = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9._~!$&'()*+,;=:@/?%-]")
_LEGAL = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/%s-]++|%%[0-9A-Fa-f]{2})"
_FIT = re.compile(  # nothing in it is to be changed
    r"https?://(?=[^/?#]{1,254}(?:[/?#]|\Z))[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*+"
    rf"(?:/{_LEGAL % ''}*+)?+(?:\?{_LEGAL % '?'}++)?+(?:#{_LEGAL % '?'}++)?+"
)
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986 section 2.3
_NUMERIC = re.compile("[0-9.]+")

# Each is documented by the service that adds it and never chooses the content.
_TRACKING = re.compile(
    r"(?:utm|at|ns)_.*|ref|cmp|traffic_source|partner|ocid|smid|xtor|mod|ito|outputtype"
    r"|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|ttclid|twclid|igshid|mc_[ce]id",
    re.IGNORECASE,
)


def canonical_url(raw: str) -> str:
    """Return `raw` in the one spelling that we store and compare; never the one we publish.

    Drops scheme differences (always https), credentials, `www.`, port 80 and 443, dot segments, the trailing slash,
    the fragment and known tracking parameters; other parameters keep their order. Idempotent. RFC 3986 section 6.2.

    Raises:
        ValueError: no http(s) scheme or no host.
    """
    url = absolute(raw, "")
    if not url:
        raise ValueError(f"not an http(s) address: {raw[:100]!r}")
    parts = urlsplit(url)
    host, port = _split(parts.netloc.lower())
    host = host.rstrip(".")
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    authority = host if port in {"", "80", "443"} else f"{host}:{port}"  # either, as the schemes compare equal
    query = "&".join(
        pair for pair in _unescape(parts.query).split("&") if pair and not _TRACKING.fullmatch(pair.partition("=")[0])
    )
    return f"https://{authority}{_without_dots(_unescape(parts.path))}{'?' + query if query else ''}"


def absolute(link: str, base: str) -> str:
    """Return `link` as an absolute http(s) URI (RFC 3986), read as browsers read it; "" if it is none.

    Illegal characters are percent-encoded, the host is in ASCII, and credentials are left out, since what we
    return gets published. All else stays as the publisher spelled it. Idempotent.
    """
    if len(link) <= LONGEST and _FIT.fullmatch(link):
        return link
    link = _UNSEEN.sub("", link).strip()
    if not link or len(link) > LONGEST:
        return ""
    path = re.match(r"[^?#]*", link)
    if path and "\\" in path[0]:  # browsers take it for a slash: so must we, or we see another host than they do
        link = path[0].replace("\\", "/") + link[path.end() :]
    try:
        parts = urlsplit(link if _WEB.match(link) else urljoin(base, link))
        if parts.scheme not in {"http", "https"}:
            return ""
        host, port = _split(parts.netloc)
        host = _ascii(host)
    except ValueError:
        return ""
    url = f"{parts.scheme}://{host}{':' + port if port else ''}{_escape(parts.path)}"
    if parts.query:
        url += f"?{_escape(parts.query)}"
    if parts.fragment:
        url += f"#{_escape(parts.fragment)}"
    return url if len(url) <= LONGEST else ""


def publisher(canonical_url: str, fallback: str) -> str:
    """Return the registrable domain behind `canonical_url`, `fallback` if there is no address.

    An address without a registrable domain (a number, an intranet name, a public suffix) answers for itself.
    """
    host = urlsplit(canonical_url).hostname
    if not host:
        return fallback
    if _NUMERIC.fullmatch(host):
        return host
    return _suffixes().privatesuffix(host) or host


@cache
def _suffixes() -> PublicSuffixList:
    """The bundled list, read at first use: it takes a tenth of a second."""
    return PublicSuffixList()


def _split(netloc: str) -> tuple[str, str]:
    """Return host and port of an authority; the port without leading zeros, "" if there is none."""
    match = _AUTHORITY.fullmatch(netloc.rpartition("@")[2])
    if match is None:
        raise ValueError("not host:port")
    host, port = match[1], match[2]
    if not port:
        return host, ""
    if int(port) > 65535:
        raise ValueError("no such port")
    return host, str(int(port))


def _ascii(host: str) -> str:
    """Return `host` in ASCII, labels of other scripts in Punycode (RFC 3492, RFC 5891 section 4.4)."""
    if not host.isascii():
        folded = unicodedata.normalize("NFKC", host.lower().replace("。", "."))
        host = ".".join(
            label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
            for label in folded.split(".")
        )
    if not _HOST.fullmatch(host):
        raise ValueError("not a host name")
    return host


def _escape(part: str) -> str:
    """Percent-encode what a URI may not hold; escapes that are there already stay."""
    return _ILLEGAL.sub(lambda match: quote(match[0], safe=""), part)


def _unescape(part: str) -> str:
    """Return the one spelling of the escapes in `part` (RFC 3986 sections 6.2.2.1 and 6.2.2.2)."""

    def one(match: re.Match[str]) -> str:
        char = chr(int(match[1], 16))
        return char if char in _UNRESERVED else match[0].upper()

    return _ESCAPE.sub(one, part) if "%" in part else part


def _without_dots(path: str) -> str:
    """Resolve `.` and `..` (RFC 3986 section 5.2.4) and drop trailing slashes."""
    if "/." in path:
        kept: list[str] = []
        for segment in path.split("/")[1:]:
            if segment == "..":
                kept[-1:] = []
            elif segment != ".":
                kept.append(segment)
        path = "/".join(["", *kept])
    return path.rstrip("/")
