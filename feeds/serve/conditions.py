"""Read the request header fields that choose between answers: preferences, entity tags and dates."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

_WEIGHT = re.compile(r"(?:\s*;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?\s*")
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_DATE = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?P<day>\d\d) {_MONTH} (?P<year>\d{{4}}) {_TIME} GMT",
        rf"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?P<day>\d\d)-{_MONTH}-(?P<year>\d\d) {_TIME} GMT",
        rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_MONTH} (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})",
    )
)


@lru_cache(maxsize=256)  # a handful of values make up nearly all requests
def prefers_gzip(accept_encoding: bytes) -> bool:
    """Whether a client that sent this Accept-Encoding would rather have gzip than bare bytes.

    RFC 9110 section 12.5.3. Weights that are not well-formed count as 0: bare bytes are always safe.
    """
    weights = _weights(accept_encoding)
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


@lru_cache(maxsize=64)
def takes_feed(a_im: bytes) -> bool:
    """Whether a client that sent this A-IM can put together a feed of which it gets the newer entries alone.

    RFC 3229 section 10.5.3; the manipulation "feed" is registered with IANA.
    """
    return _weights(a_im).get("feed", 0.0) > 0


def _weights(field: bytes) -> dict[str, float]:
    weights: dict[str, float] = {}
    for preference in field.decode("latin-1").lower().split(","):
        name, mark, weight = preference.partition(";")
        found = _WEIGHT.fullmatch(mark + weight)
        weights[name.strip()] = float(found[1] or 1) if found else 0.0
    return weights


def etags(field: str) -> list[str]:
    """The entity tags of a list, in their quotes, `W/` left out."""
    return [f'"{tag}"' for _, tag in _TAG.findall(field)]


def names_etag(field: str, etag: str, *, strongly: bool) -> bool:
    """Whether a list of entity tags, or `*`, names `etag`, which is strong.

    RFC 9110 section 8.8.3.2: compared strongly, a weak tag equals none; compared weakly, `W/` is of no account.
    """
    if field.strip() in {"*", etag}:
        return True
    return any(f'"{tag}"' == etag and not (weak and strongly) for weak, tag in _TAG.findall(field))


def http_date(field: str) -> int | None:
    """Seconds since the epoch of a date in one of the three forms of RFC 9110 section 5.6.7; None for anything else."""
    found = next((found for form in _DATE if (found := form.fullmatch(field.strip()))), None)
    if found is None:
        return None
    year = int(found["year"])
    if year < 100:
        # RFC 850 dates died out before 2000; the section would have us turn the century at now + 50 years.
        year += 1900 if year >= 70 else 2000
    try:
        moment = datetime(
            year,
            _MONTHS.index(found["month"]) + 1,
            int(found["day"]),
            int(found["hour"]),
            int(found["minute"]),
            min(int(found["second"]), 59),  # a leap second
            tzinfo=UTC,
        )
    except ValueError:
        return None
    return int(moment.timestamp())
