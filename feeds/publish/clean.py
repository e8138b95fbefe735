"""What may stand in a published document: characters, addresses, language tags, media types.

Everything was cleaned at its way in. It is cleaned again here, at the way out, because one forbidden character
in one title would make a whole feed unreadable.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit, urlunsplit

# XML 1.0 section 2.2 Char, without C0, C1 and the non-characters, which HTML forbids, and without U+FFFD.
_ALLOWED = "\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffc" + "".join(
    f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 17)
)
_FORBIDDEN = re.compile(f"[^{_ALLOWED}]")
_MEANT = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_BLANKS = re.compile("[ \t\n\u2028\u2029]+")

# RFC 3986 appendix A, as far as it matters: what may stand behind the authority, and behind that the fragment.
_PART = r"(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
_URI = re.compile(rf"https?://[A-Za-z0-9.-]+(?::[0-9]{{1,4}})?(?:[/?]{_PART})?(?:#{_PART})?", re.IGNORECASE)
_ACTIVE = re.compile(r"(?:javascript|vbscript|data|blob|file|filesystem|view-source|about):", re.IGNORECASE)
_ABSOLUTE = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*:(?=.){_PART}(?:#{_PART})?")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_NO_LANGUAGE = frozenset({"mis", "mul", "und", "zxx"})  # several, or none
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w.+-]*/[A-Za-z0-9][\w.+-]*", re.ASCII)


def text(raw: str) -> str:
    """Return `raw` as XML 1.0 and HTML can carry it: line ends are LF, C1 controls are what cp1252 meant by them,
    and whatever else is no character is gone. Idempotent."""
    if raw.isprintable() and "\ufffd" not in raw:  # nearly all are; it holds no control and nothing unassigned
        return raw
    unified = raw.replace("\r\n", "\n").replace("\r", "\n")
    return _FORBIDDEN.sub("", unified.translate(_MEANT))


def line(raw: str) -> str:
    """Return `raw` as one line of `text`; a no-break space stays what it is."""
    cleaned = text(raw)
    if cleaned.isprintable():  # of what divides words it holds spaces alone
        return (re.sub(" {2,}", " ", cleaned) if "  " in cleaned else cleaned).strip(" ")
    return _BLANKS.sub(" ", cleaned).strip(" ")


def address(raw: str) -> str:
    """Return an http(s) URI (RFC 3986) without credentials, or "" if `raw` cannot become one.

    A valid one comes back character for character; host names become ASCII, other characters percent-encoded.
    """
    raw = line(raw)
    return raw if _URI.fullmatch(raw) else _mended(_LONE_PERCENT.sub("%25", raw))


def _mended(raw: str) -> str:
    try:
        parts = urlsplit(raw)
        port = f":{parts.port}" if parts.port is not None else ""
        host = parts.hostname or ""
        host = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]", host):
        return ""
    path, query, fragment = (
        quote(part, safe="%/:@!$&'()*+,;=~-._?") for part in (parts.path, parts.query, parts.fragment)
    )
    return urlunsplit((parts.scheme, host + port, path, query, fragment))


def absolute_uri(raw: str) -> str:
    """Return `raw` if it is an absolute URI, as an Atom id must be, else "".

    Of any scheme that does nothing: an id leads nowhere, but some readers make a link of it.
    """
    secret = "@" in raw.partition("//")[2].partition("/")[0]
    return raw if _ABSOLUTE.fullmatch(raw) and not secret and not _ACTIVE.match(raw) else ""


def language_tag(raw: str) -> str:
    """Return a well-formed BCP 47 tag that names a language, or "" if `raw` is none."""
    tag = raw.replace("_", "-")
    return tag if _TAG.fullmatch(tag) and tag[:3].lower() not in _NO_LANGUAGE else ""


def media_type(raw: str) -> str:
    """Return `raw` without parameters if it is a media type, else ""."""
    bare = raw.partition(";")[0].strip()
    return bare if _MEDIA_TYPE.fullmatch(bare) else ""
