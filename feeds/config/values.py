"""What a single value may be: each check takes what was written and returns what is meant, or raises Wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo, available_timezones

from feeds.config.codes import COUNTRIES, LANGUAGES, MISTAKEN_COUNTRIES, MISTAKEN_LANGUAGES
from feeds.config.words import Wrong, named, nearest, quoted

RESERVED_TOPICS = frozenset(
    {"search", "sources", "topics", "hub", "health", "metrics", "events", "status", "desk", "about", "story", "article"}
    | {"websub"}
)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}  # seconds
_SIZES = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}  # bytes
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?) ?([smhdw])", re.ASCII)
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?) ?([kmg]i?b|b)", re.ASCII | re.IGNORECASE)
# RFC 5646 section 2.1: language, script, region, variants, extensions, private use.
_LANGUAGE = re.compile(
    r"[a-z]{2,3}(-[a-z]{3}){0,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?(-([a-z0-9]{5,8}|\d[a-z0-9]{3}))*"
    r"(-[a-wyz0-9](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?",
    re.ASCII | re.IGNORECASE,
)
_SOURCE = re.compile(r"[A-Za-z0-9-]{1,64}")
_TOPIC = re.compile(r"[a-z0-9-]{1,40}")


# ------------------------------------------------------------------------------------- measurements


def duration(least: str, most: str) -> Callable[[object], timedelta]:
    """The check of a duration from `least` to `most`, all written like "15m"."""
    low, high = _seconds(least), _seconds(most)

    def check(value: object) -> timedelta:
        seconds = _seconds(value)
        if seconds is None:
            raise Wrong(
                f"must be a duration, not {named(value)}",
                'write a number and one of s, m, h, d, w in quotes, such as "15m"',
            )
        if low is not None and high is not None and not low <= seconds <= high:
            raise Wrong(f"{quoted(str(value))} is out of bounds", f'write a duration from "{least}" to "{most}"')
        return timedelta(seconds=seconds)

    return check


def seconds_between(least: str, most: str) -> Callable[[object], float]:
    """As `duration`, in seconds."""
    check = duration(least, most)
    return lambda value: check(value).total_seconds()


def _seconds(value: object) -> float | None:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return float(match[1]) * _UNITS[match[2]] if match else None


def spelled(value: timedelta) -> str:
    """A duration as operators write it: "15m"."""
    seconds = value.total_seconds()
    unit = next((unit for unit in "wdhm" if seconds and seconds % _UNITS[unit] == 0), "s")
    return f"{seconds / _UNITS[unit]:g}{unit}"


def size(least: str, most: str) -> Callable[[object], int]:
    """The check of a size from `least` to `most`, all written like "20MB" (or MiB). Bytes."""
    low, high = _bytes(least), _bytes(most)

    def check(value: object) -> int:
        found = _bytes(value)
        if found is None:
            raise Wrong(f"must be a size, not {named(value)}", 'write a number and KB or MB in quotes, such as "20MB"')
        if low is not None and high is not None and not low <= found <= high:
            raise Wrong(f"{quoted(str(value))} is out of bounds", f'write a size from "{least}" to "{most}"')
        return found

    return check


def _bytes(value: object) -> int | None:
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    return int(float(match[1]) * _SIZES[match[2].lower()]) if match else None


# --------------------------------------------------------------------------------- names and titles


def line_of_text(text: str) -> str:
    """Text for people: one line, something in it, no control characters."""
    if not text.strip():
        raise Wrong("is empty", "write some words, or take the key out")
    if not text.isprintable():
        raise Wrong(f"{quoted(text)} holds a line break or an invisible character", "write one line of plain text")
    if len(text) > 200:
        raise Wrong(f"has {len(text)} characters", "write at most 200")
    return text.strip()


def source_name(text: str) -> str:
    """The name of a source: letters, digits, dashes."""
    if _SOURCE.fullmatch(text):
        return text
    better = _slug(text, longest=64) or "my-source"
    raise Wrong(f"{quoted(text)} is not a name: letters, digits and dashes, at most 64", f'write name = "{better}"')


def topic_name(text: str) -> str:
    """The name of a topic: it becomes a file name and an address, so a few are taken."""
    if text in RESERVED_TOPICS:
        raise Wrong(
            f'a topic cannot be called "{text}": this program publishes something else under that name',
            f"call it {text}-news, say",
        )
    if _TOPIC.fullmatch(text):
        return text
    better = _slug(text, longest=40).lower() or "my-topic"
    raise Wrong(
        f"{quoted(text)} is not a name of a topic: small letters a-z, digits and dashes, at most 40",
        f"write [topics.{better}]",
    )


def _slug(text: str, *, longest: int) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text, flags=re.IGNORECASE | re.ASCII).strip("-")[:longest].strip("-").lower()


# --------------------------------------------------------------------------------------------- codes


def language(text: str) -> str:
    """A BCP 47 tag in its canonical letters (RFC 5646 section 2.1.1): "uk", "pt-BR", "zh-Hant"."""
    primary, *rest = text.split("-")
    if not _LANGUAGE.fullmatch(text) or (len(primary) == 2 and primary.lower() not in LANGUAGES):
        meant = MISTAKEN_LANGUAGES.get(text.lower())
        raise Wrong(
            f"{quoted(text)} is not a language tag (BCP 47)",
            f'the language is "{meant}"' if meant else 'write a code such as "en", "uk" or "pt-BR"',
        )
    styled = [part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower() for part in rest]
    return "-".join([primary.lower(), *styled])


def country(text: str) -> str:
    """An ISO 3166-1 alpha-2 code in capitals."""
    code = text.upper()
    if code not in COUNTRIES:
        meant = MISTAKEN_COUNTRIES.get(code)
        raise Wrong(
            f"{quoted(text)} is not a country code (ISO 3166, two letters)",
            f'write "{meant}"' if meant else 'write a code such as "UA", "TR" or "GB"',
        )
    return code


def timezone(text: str) -> str:
    """An IANA time zone that this machine knows."""
    if text == "UTC":
        return text  # known even where the machine has no zones
    try:
        return ZoneInfo(text).key
    except (ValueError, LookupError, OSError):
        remedy = f'write "{_zone_like(text) or "Europe/Kyiv"}", the IANA name of the zone'
        raise Wrong(f"{quoted(text)} is not a time zone", remedy) from None


def _zone_like(text: str) -> str:
    zones = {zone.lower(): zone for zone in sorted(available_timezones())}
    cities = {zone.rpartition("/")[2]: zone for zone in zones}
    found = cities.get(text.lower().replace(" ", "_")) or nearest(text, zones)
    return zones.get(found, "")
