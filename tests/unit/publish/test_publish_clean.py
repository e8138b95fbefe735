"""What may stand in a document."""

from __future__ import annotations

import pytest
from hypothesis import given

from feeds.publish import clean
from tests.unit.publish.publish_samples import texts, urls


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("AT&T < 1", "AT&T < 1", id="markup is the format's business"),
        pytest.param("a\x00b\x0bc\x7f", "abc", id="C0 and DEL go"),
        pytest.param("\x93quoted\x94 \x85", "“quoted” …", id="C1 is what cp1252 meant"),
        pytest.param("\x81", "", id="C1 without a meaning goes"),
        pytest.param("\ud83d-\udc00", "-", id="lone surrogates go"),
        pytest.param("\ufffd\ufffe\uffff\ufdd0\U0001ffff", "", id="replacement and non-characters go"),
        pytest.param("a\r\nb\rc", "a\nb\nc", id="one kind of line end"),
        pytest.param("🕊️ İ ﷺ \U000f0000", "🕊️ İ ﷺ \U000f0000", id="all planes stay"),
    ],
)
def test_text(raw: str, expected: str) -> None:
    assert clean.text(raw) == expected


def test_a_line_is_one_line_and_keeps_its_no_break_spaces() -> None:
    assert clean.line(" 10\u00a0000\n\t people \x00") == "10\u00a0000 people"
    assert clean.line("one\u2028two\u2029 three") == "one two three"


@given(texts)
def test_clean_text_is_already_clean(raw: str) -> None:
    assert clean.text(clean.text(raw)) == clean.text(raw)
    assert clean.line(clean.line(raw)) == clean.line(raw)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("https://e.org/a?b=1&c=%20#d", "https://e.org/a?b=1&c=%20#d", id="valid: not a character moves"),
        pytest.param("HTTPS://E.org/?", "HTTPS://E.org/?", id="nor is it made canonical"),
        pytest.param("https://e.org/є ї", "https://e.org/%D1%94%20%D1%97", id="an IRI becomes a URI"),
        pytest.param("https://münchen.de:8443/x", "https://xn--mnchen-3ya.de:8443/x", id="host names are ASCII"),
        pytest.param('https://e.org/"><script>', "https://e.org/%22%3E%3Cscript%3E", id="no way out of an attribute"),
        pytest.param("https://user:secret@e.org/feed", "https://e.org/feed", id="credentials are not published"),
        pytest.param("https://e.org/@user/1", "https://e.org/@user/1", id="an at sign in the path is none"),
        pytest.param("http://[2001:db8::1]:80/", "http://[2001:db8::1]:80/", id="IPv6"),
        pytest.param("https://e.org/100%?a[]=1#b#c", "https://e.org/100%25?a%5B%5D=1#b%23c", id="out of place"),
        pytest.param("javascript:alert(1)", "", id="another scheme"),
        pytest.param("https:///nowhere", "", id="no host"),
        pytest.param("http://[oops", "", id="a bracket left open"),
        pytest.param("https://e.org:99999/", "", id="no such port"),
        pytest.param("/relative", "", id="relative"),
    ],
)
def test_address(raw: str, expected: str) -> None:
    assert clean.address(raw) == expected


@given(urls)
def test_a_mended_address_needs_no_mending(raw: str) -> None:
    assert clean.address(clean.address(raw)) == clean.address(raw)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("tag:e.org,2026:story/1", "tag:e.org,2026:story/1", id="tag"),
        pytest.param("urn:uuid:1", "urn:uuid:1", id="urn"),
        pytest.param("tag:desk@e.org,2026:1", "tag:desk@e.org,2026:1", id="a tag by e-mail address"),
        pytest.param("just words", "", id="no scheme"),
        pytest.param("https://u:p@e.org/", "", id="credentials"),
        pytest.param("urn:a b", "", id="a blank"),
        pytest.param("javascript:alert(1)", "", id="a script: some reader makes a link of an id"),
        pytest.param("VBScript:x", "", id="whatever its case"),
        pytest.param("data:text/html,x", "", id="a document"),
        pytest.param("database:x", "database:x", id="begins like one"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_absolute_uri(raw: str, expected: str) -> None:
    assert clean.absolute_uri(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("en", "en", id="language"),
        pytest.param("zh-Hant-TW", "zh-Hant-TW", id="script and region"),
        pytest.param("en_US", "en-US", id="a locale's spelling"),
        pytest.param("mul", "", id="several languages are none"),
        pytest.param("und", "", id="undetermined is none"),
        pytest.param("English", "", id="a name"),
        pytest.param('en"><b>', "", id="no way out of an attribute"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_language_tag(raw: str, expected: str) -> None:
    assert clean.language_tag(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("audio/mpeg", "audio/mpeg", id="plain"),
        pytest.param("text/html; charset=utf-8", "text/html", id="parameters go"),
        pytest.param("image/svg+xml", "image/svg+xml", id="suffix"),
        pytest.param("mp3", "", id="an ending"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_media_type(raw: str, expected: str) -> None:
    assert clean.media_type(raw) == expected
