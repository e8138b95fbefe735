"""What the tests of fetching over HTTP share: asking, and telling the answers apart."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import TypeAlias

from feeds.fetch.http import HttpFetch
from feeds.model import Answer, Failed, Fetched, Request

FEED = b"<rss version='2.0'><channel><title>Wire</title></channel></rss>" * 20
AGENT = "topic-feeds/1.0 (+mailto:desk@example.org)"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
TLS = ssl.create_default_context()  # making one for each test would take longer than the tests

Fetcher: TypeAlias = Callable[..., HttpFetch]


def ask(fetch: HttpFetch, url: str, **known: object) -> Answer:
    return fetch(Request(source="wire", url=url, **known))  # type: ignore[arg-type]


def got(answer: Answer) -> Fetched:
    assert isinstance(answer, Fetched), answer
    return answer


def failed(answer: Answer) -> Failed:
    assert isinstance(answer, Failed), answer
    return answer
