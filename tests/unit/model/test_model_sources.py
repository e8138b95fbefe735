"""Which host an address asks: one spelling for pauses, leases and lanes."""

from __future__ import annotations

import pytest

from feeds.model import host_of


@pytest.mark.parametrize(
    ("url", "host"),
    [
        pytest.param("https://News.Example.org:8443/feed", "news.example.org", id="case and port"),
        pytest.param("https://me:secret@news.example.org/feed", "news.example.org", id="credentials"),
        pytest.param("https://news.example.org./feed", "news.example.org", id="the root's dot"),
        pytest.param(
            "https://b\u00fccher.example/feed", "xn--bcher-kva.example", id="as it stands in an answer's address"
        ),
        pytest.param("http://[2001:DB8::1]:80/feed", "2001:db8::1", id="a literal address"),
        pytest.param("file:/srv/articles", "", id="a file"),
        pytest.param("file://srv/articles", "", id="a file with what looks like a host"),
        pytest.param("http://[2001:db8::1/feed", "", id="a bracket that is not closed"),
        pytest.param("http:///feed", "", id="no host"),
        pytest.param(
            "https://" + "b\u00fc" * 99 + ".example/", "b\u00fc" * 99 + ".example", id="a name that is too long"
        ),
        pytest.param("", "", id="nothing"),
    ],
)
def test_the_host_of_an_address(url: str, host: str) -> None:
    assert host_of(url) == host
