"""Which hub a feed names, wherever it says so."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.model import Document, RawFeed
from feeds.read import read
from feeds.read.hubs import offer
from tests.unit.read.read_samples import URL, facts

HUB, TOPIC = "https://hub.example/", "https://news.example/atom"


def of_header(link: str, *links: tuple[str, str]) -> tuple[str, str]:
    return offer(Document(url=URL, body=b"", headers={"link": link}), links)


@pytest.mark.parametrize(
    ("link", "found"),
    [
        pytest.param(f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self"', (HUB, TOPIC), id="both in one header"),
        pytest.param(f"<{HUB}>;rel=hub,<{TOPIC}>;rel=self", (HUB, TOPIC), id="without quotes and blanks"),
        pytest.param(f'<{HUB}>; title="a, b; c"; REL="Hub"', (HUB, ""), id="other fields, other case"),
        pytest.param(f'<{TOPIC}>; rel="self alternate"', ("", TOPIC), id="several relations"),
        pytest.param('</hub>; rel="hub"', ("https://news.example/hub", ""), id="relative"),
        pytest.param(f'<http://plain.example/>; rel="hub", <{HUB}>; rel="hub"', (HUB, ""), id="the secret hub first"),
        pytest.param(f'<{HUB}>; rel="hubs"', ("", ""), id="another relation"),
        pytest.param(f"{HUB}; rel=hub", ("", ""), id="no address"),
        pytest.param('<http://[broken>; rel="hub"', ("", ""), id="an address that is none"),
        pytest.param("<" * 10_000 + ";" * 10_000, ("", ""), id="nonsense"),
    ],
)
def test_a_header_of_links(link: str, found: tuple[str, str]) -> None:
    assert of_header(link) == found


def test_a_header_has_precedence_over_the_document() -> None:
    links = ("hub", "https://old.example/"), ("self", TOPIC), ("alternate", "https://news.example/")
    assert of_header(f'<{HUB}>; rel="hub"', *links) == (HUB, TOPIC)
    assert of_header("", *links) == ("https://old.example/", TOPIC)


@given(st.text(alphabet='<>;,="\\ relhubsf:/.x\n', max_size=200))
def test_no_header_is_too_strange(link: str) -> None:
    hub, topic = of_header(link)
    assert isinstance(hub, str)
    assert isinstance(topic, str)


ATOM = "http://www.w3.org/2005/Atom"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            f'<feed xmlns="{ATOM}"><link rel="hub" href="{HUB}"/><link rel="self" href="{TOPIC}"/>'
            '<entry><id>1</id><link rel="hub" href="https://entry.example/"/></entry></feed>',
            id="Atom",
        ),
        pytest.param(
            f'<rss version="2.0" xmlns:a="{ATOM}"><channel><link>https://news.example/</link><a:link rel="hub" '
            f'href="{HUB}"/><a:link rel="self" href="{TOPIC}"/><item><title>t</title></item></channel></rss>',
            id="RSS",
        ),
        pytest.param(
            json.dumps(
                {
                    "version": "https://jsonfeed.org/version/1.1",
                    "feed_url": TOPIC,
                    "hubs": [{"type": "rssCloud", "url": "https://cloud.example/"}, {"type": "WebSub", "url": HUB}],
                    "items": [{"id": "1"}],
                }
            ),
            id="JSON Feed",
        ),
    ],
)
def test_a_document_names_its_hub_and_itself(body: str) -> None:
    found = read(Document(url=URL, body=body.encode()), facts())
    assert isinstance(found, RawFeed)
    assert (found.head.hub, found.head.topic) == (HUB, TOPIC)
    again = read(Document(url=URL, body=body.encode()), facts(*found.slices))
    assert isinstance(again, RawFeed)
    assert again.known == 1
    assert (again.head.hub, again.head.topic) == (HUB, TOPIC)
