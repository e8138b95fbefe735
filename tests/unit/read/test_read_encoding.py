"""Bytes whose encoding nobody knows, and references to characters that do not exist."""

from __future__ import annotations

import pytest

from feeds.read.encoding import charset, decode, fitting, mend_references


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("text/xml", ""),
        ("text/xml; charset=UTF-8", "UTF-8"),
        ("text/xml;Charset = 'koi8-r' ;q=1", "koi8-r"),
        ("charset=\udc80", ""),
    ],
)
def test_charset(content_type: str, name: str) -> None:
    assert charset(content_type) == name


@pytest.mark.parametrize(
    ("text", "encoding", "charset", "language"),
    [
        pytest.param("Київ", "utf-8", "ascii", "", id="a charset that does not fit"),
        pytest.param("Київ", "utf-8", "no-such", "", id="a charset that is none"),
        pytest.param("Київ", "utf-8-sig", "cp1251", "", id="a mark beats the charset"),
        pytest.param("Київ", "utf-32", "", "", id="UTF-32"),
        pytest.param("Київ", "cp1251", "", "ru-RU", id="language with a country"),
        pytest.param("Київ", "cp1251", "", "", id="one word"),
        pytest.param("naïve façade, Zoë", "cp1252", "", "", id="accents"),
        pytest.param("Ελλάδα", "cp1253", "", "el", id="Greek"),
        pytest.param("北京", "gb18030", "gb2312", "", id="a label for a subset"),
    ],
)
def test_decode(text: str, encoding: str, charset: str, language: str) -> None:
    assert decode(text.encode(encoding), charset=charset, language=language) == text


def test_a_charset_that_fits_is_believed() -> None:
    assert decode("é".encode(), charset="iso-8859-1") == "Ã©"


def test_a_few_bad_bytes_are_dropped() -> None:
    assert decode("Переговори про зерно".encode() + b"\xd0") == "Переговори про зерно"


def test_no_bytes_are_no_trouble() -> None:
    assert (decode(b""), fitting(b"")) == ("", "")
    assert decode(b"\x81\xc3") == "Ã"  # a byte that no code page knows is dropped


@pytest.mark.parametrize(
    ("body", "mended"),
    [
        pytest.param(b"&#55357;&#56832;", b"&#128512;", id="a pair"),
        pytest.param(b"&#xD83D;&#XDE00;&#xd83d;&#xde00;", b"&#128512;", id="only the usual x makes a pair"),
        pytest.param(b"a&#55357;b", b"ab", id="half a pair"),
        pytest.param(b"&#56832;&#55357;", b"", id="the wrong way round"),
        pytest.param(b"&#x110000;&#99999999999999999999;", b"", id="beyond Unicode"),
        pytest.param(b"&#1114111;&#55295;&#57344;&#10;", b"&#1114111;&#55295;&#57344;&#10;", id="characters"),
        pytest.param(b"&amp;&#;&#x;", b"&amp;&#;&#x;", id="no references"),
    ],
)
def test_mend_references(body: bytes, mended: bytes) -> None:
    assert mend_references(body) == mended
