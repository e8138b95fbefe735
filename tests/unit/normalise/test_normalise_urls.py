"""Addresses: one spelling to compare, the publisher's own to publish."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.normalise.urls import LONGEST, absolute, canonical_url, publisher

HERE = "https://example.org/news/today?page=2"


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        pytest.param("HTTPS://Example.ORG/Path", "https://example.org/Path", id="case of scheme and host, not of path"),
        pytest.param("http://example.org/a", "https://example.org/a", id="http equals https"),
        pytest.param("https://www.example.org/a", "https://example.org/a", id="www"),
        pytest.param("https://www.www.example.org/a", "https://example.org/a", id="www twice, to stay idempotent"),
        pytest.param("https://www.org/a", "https://www.org/a", id="www is the domain itself"),
        pytest.param("https://wwwexample.org/", "https://wwwexample.org", id="no www at all"),
        pytest.param("http://example.org:80/a", "https://example.org/a", id="default port of http"),
        pytest.param("https://example.org:443/a", "https://example.org/a", id="default port of https"),
        pytest.param("http://example.org:443/a", "https://example.org/a", id="either port, as schemes are equal"),
        pytest.param("https://example.org:0443/a", "https://example.org/a", id="port with a leading zero"),
        pytest.param("https://example.org:8443/a", "https://example.org:8443/a", id="other port stays"),
        pytest.param("https://example.org:/a", "https://example.org/a", id="empty port"),
        pytest.param("https://example.org./a", "https://example.org/a", id="root dot of the host"),
        pytest.param("https://user:secret@example.org/a", "https://example.org/a", id="credentials"),
        pytest.param("https://münchen.example/a", "https://xn--mnchen-3ya.example/a", id="IDNA"),
        pytest.param("https://MÜNCHEN.example/a", "https://xn--mnchen-3ya.example/a", id="IDNA, upper case"),
        pytest.param("https://пример。example/a", "https://xn--e1afmkfd.example/a", id="IDNA, ideographic full stop"),
        pytest.param("https://[2001:DB8::1]:8080/a", "https://[2001:db8::1]:8080/a", id="IPv6"),
        pytest.param("https://example.org", "https://example.org", id="no path"),
        pytest.param("https://example.org/", "https://example.org", id="root path"),
        pytest.param("https://example.org/a/", "https://example.org/a", id="trailing slash"),
        pytest.param("https://example.org/X/", "https://example.org/X", id="a slash and nothing else"),
        pytest.param("https://example.org/a/?id=1", "https://example.org/a?id=1", id="trailing slash before a query"),
        pytest.param("https://example.org/a/./b/../c", "https://example.org/a/c", id="dot segments"),
        pytest.param("https://example.org/../../a", "https://example.org/a", id="dots above the root"),
        pytest.param("https://example.org/a/..", "https://example.org", id="dots at the end"),
        pytest.param("https://example.org/a/.b/..c", "https://example.org/a/.b/..c", id="names with dots"),
        pytest.param("https://example.org/%2e%2E/a", "https://example.org/a", id="escaped dot segments"),
        pytest.param(
            "https://example.org/%7Eann/%41", "https://example.org/~ann/A", id="unreserved, needlessly escaped"
        ),
        pytest.param("https://example.org/a%2fb%c3%a9", "https://example.org/a%2Fb%C3%A9", id="escapes in capitals"),
        pytest.param("https://example.org/é b", "https://example.org/%C3%A9%20b", id="illegal characters"),
        pytest.param("https://example.org/100%", "https://example.org/100%25", id="lone percent sign"),
        pytest.param("https://example.org//a", "https://example.org//a", id="empty segment may matter"),
        pytest.param("https://example.org/a#top", "https://example.org/a", id="fragment"),
        pytest.param("https://example.org/a?b&&c&", "https://example.org/a?b&c", id="empty parameters"),
        pytest.param("https://example.org:65535", "https://example.org:65535", id="last port"),
        pytest.param(f"https://{'a' * 63}.org", f"https://{'a' * 63}.org", id="label of 63 characters"),
        pytest.param("https://example.org/a?", "https://example.org/a", id="empty query"),
        pytest.param("https://example.org/a?b=2&a=1&b=1", "https://example.org/a?b=2&a=1&b=1", id="never sorted"),
        pytest.param("https://example.org/a?q=x+y%20z&p", "https://example.org/a?q=x+y%20z&p", id="never encoded anew"),
        pytest.param("https://example.org/a?utm_source=x&id=5&UTM_Medium=y", "https://example.org/a?id=5", id="utm"),
        pytest.param("https://example.org/a?at_medium=x&ns_campaign=y", "https://example.org/a", id="at_ and ns_"),
        pytest.param("https://example.org/a?utm%5Fsource=x", "https://example.org/a", id="escaped name"),
        pytest.param("https://example.org/a?fbclid&id=1", "https://example.org/a?id=1", id="tracking without value"),
        pytest.param(
            "https://example.org/a?id=utm_source", "https://example.org/a?id=utm_source", id="value, not name"
        ),
        pytest.param("https://example.org/a\\b", "https://example.org/a/b", id="backslash is a slash"),
        pytest.param("https://example.org/a?b=\\", "https://example.org/a?b=%5C", id="backslash in a query is none"),
        pytest.param(" https://exa\tmple.org/\na ", "https://example.org/a", id="white space that browsers drop"),
    ],
)
def test_canonical_url(raw: str, canonical: str) -> None:
    assert canonical_url(raw) == canonical
    assert canonical_url(canonical) == canonical


KNOWN = (
    *("utm_x", "at_x", "ns_x", "ref", "cmp", "fbclid", "gclid", "traffic_source", "partner", "ocid", "smid", "xtor"),
    *("mod", "ito", "outputType", "OUTPUTTYPE", "msclkid", "yclid", "gbraid", "mc_cid", "mc_eid"),
)
UNKNOWN = (
    "id",
    "p",
    "page",
    "utm",
    "utmost_x",
    "at",
    "reference",
    "xref",
    "cmpid",
    "mode",
    "source",
    "partners",
    "mc_id",
)


@pytest.mark.parametrize("name", KNOWN)
def test_a_known_tracking_parameter_is_dropped(name: str) -> None:
    assert canonical_url(f"https://example.org/a?{name}=1&id=2") == "https://example.org/a?id=2"


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_parameter_is_never_dropped(name: str) -> None:
    assert canonical_url(f"https://example.org/a?{name}=1") == f"https://example.org/a?{name}=1"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("", id="empty"),
        pytest.param("news/today", id="relative"),
        pytest.param("//example.org/a", id="without scheme"),
        pytest.param("ftp://example.org/a", id="another scheme"),
        pytest.param("javascript:alert(1)", id="active"),
        pytest.param("https://", id="no host"),
        pytest.param("https:///a", id="no host but a path"),
        pytest.param("https://exa mple.org/", id="space in the host"),
        pytest.param("https://exa%20mple.org/", id="escape in the host"),
        pytest.param("https://example..org/", id="empty label"),
        pytest.param(f"https://{'a' * 64}.org/", id="label of 64 characters"),
        pytest.param("https://example.org:65536/", id="no such port"),
        pytest.param("https://example.org:x/", id="port of letters"),
        pytest.param("https://[::1/", id="open bracket"),
        pytest.param("https://[zone]/", id="no IPv6"),
        pytest.param("https://example.org/" + "a" * LONGEST, id="too long"),
    ],
)
def test_what_is_no_web_address_is_refused(raw: str) -> None:
    assert absolute(raw, "") == ""
    with pytest.raises(ValueError, match="not an http"):
        canonical_url(raw)


def test_a_refusal_quotes_no_more_than_it_must() -> None:
    with pytest.raises(ValueError, match=f"'{'a' * 100}'$"):
        canonical_url("a" * 101)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        pytest.param(
            "https://Example.COM/A?b=%7E&a=1#c", "https://Example.COM/A?b=%7E&a=1#c", id="publisher's spelling"
        ),
        pytest.param("https://example.com/?utm_source=rss", "https://example.com/?utm_source=rss", id="his parameters"),
        pytest.param("http://example.com", "http://example.com", id="his scheme, no slash added"),
        pytest.param("/a", "https://example.org/a", id="from the root"),
        pytest.param("a", "https://example.org/news/a", id="relative"),
        pytest.param("../a", "https://example.org/a", id="one up"),
        pytest.param("?page=3", "https://example.org/news/today?page=3", id="query alone"),
        pytest.param("#top", "https://example.org/news/today?page=2#top", id="fragment alone"),
        pytest.param("//example.com/a", "https://example.com/a", id="scheme of the base"),
        pytest.param("\\\\example.com\\a", "https://example.com/a", id="backslashes, as browsers read them"),
        pytest.param(
            "https://evil.example\\@example.com/", "https://evil.example/@example.com/", id="host as in browsers"
        ),
        pytest.param("java\nscript:alert(1)", "", id="scheme broken by a line feed"),
        pytest.param("\x01javascript:alert(1)", "", id="leading control"),
        pytest.param("java\x01script:alert(1)", "", id="control inside"),
        pytest.param("data:text/html,x", "", id="data"),
        pytest.param("mailto:desk@example.org", "", id="mail is no page"),
        pytest.param("", "", id="empty is no link to the base"),
        pytest.param(
            "/ü ö<>\"{}|^`[]'", "https://example.org/%C3%BC%20%C3%B6%3C%3E%22%7B%7D%7C%5E%60%5B%5D'", id="illegal"
        ),
        pytest.param("/a?q=ü&r=[]#ü", "https://example.org/a?q=%C3%BC&r=%5B%5D#%C3%BC", id="illegal everywhere"),
        pytest.param("/%zz%4", "https://example.org/%25zz%254", id="broken escapes"),
        pytest.param("/a\ud800b", "https://example.org/ab", id="lone surrogate"),
        pytest.param("https://straße.example/", "https://xn--strae-oqa.example/", id="sharp s is no ss"),
        pytest.param("https://token:x@example.com/a", "https://example.com/a", id="credentials are not published"),
        pytest.param("https://example.com:8080/a", "https://example.com:8080/a", id="port"),
    ],
)
def test_absolute(link: str, url: str) -> None:
    assert absolute(link, HERE) == url
    assert absolute(url, "") == url


@pytest.mark.parametrize("base", ["", "file:///srv/news/", "mailto:a@example.org", "https://[broken", "javascript:x"])
def test_a_base_that_is_no_web_address_helps_no_relative_link_and_harms_no_other(base: str) -> None:
    assert absolute("a.html", base) == ""
    assert absolute("https://example.org/a", base) == "https://example.org/a"


def test_the_longest_address() -> None:
    longest = "https://example.org/".ljust(LONGEST, "a")
    assert absolute(longest, "") == longest
    assert absolute(longest + "a", "") == ""
    assert absolute("https://example.org/" + "ü" * (LONGEST // 3), "") == ""


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        pytest.param("https://example.org/a", "example.org", id="domain"),
        pytest.param("https://edition.news.example.org/a", "example.org", id="subdomains"),
        pytest.param("https://news.example.co.uk", "example.co.uk", id="suffix of two labels"),
        pytest.param("https://ann.blogspot.com", "ann.blogspot.com", id="each blog of a hoster is its own publisher"),
        pytest.param("https://a.xn--p1ai", "a.xn--p1ai", id="IDNA suffix"),
        pytest.param("https://192.0.2.1:8080/a", "192.0.2.1", id="IPv4 has no domain"),
        pytest.param("https://[2001:db8::1]/a", "2001:db8::1", id="nor IPv6"),
        pytest.param("https://intranet/a", "intranet", id="a name alone"),
        pytest.param("https://co.uk", "co.uk", id="a suffix alone"),
        pytest.param("", "a-source", id="no address"),
    ],
)
def test_publisher(url: str, domain: str) -> None:
    assert publisher(url, "a-source") == domain


@given(st.text("aB9-_.~:/?#[]@!$&'()*+,;=% \"<\\é", max_size=30))
def test_an_address_that_is_fit_is_what_it_is_made_into(rest: str) -> None:
    assert absolute(f"http://{rest}", "") == absolute(f"HTTP://{rest}", "")  # only the first may take the short way
