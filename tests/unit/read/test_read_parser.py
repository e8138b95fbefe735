"""feedparser as a component: capped, from memory, by our driver; and told when it is not what we expect."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import feedparser
import feedparser.api
import pytest

from feeds.read import parser
from feeds.read.parser import LONGEST_NAME, LONGEST_TEXT, LONGEST_VALUE, assert_ours, parse
from tests.unit.read.read_samples import URL, atom, rss

BROKEN = "</nothing>"  # malformed, so that the lenient parser reads it


def test_it_is_ours() -> None:
    assert_ours()


@pytest.mark.parametrize("lenient", [False, True], ids=["strict", "lenient"])
@pytest.mark.parametrize(
    ("element", "key", "cap"),
    [
        ("author", "author", LONGEST_NAME),
        ("title", "title", LONGEST_TEXT),
        ("description", "summary", LONGEST_TEXT),
        ("link", "link", LONGEST_VALUE),
        ("guid", "id", LONGEST_VALUE),
        ("pubDate", "published", LONGEST_VALUE),
        ("x", "x", LONGEST_VALUE),
    ],
)
def test_a_field_is_cut_at_its_cap(element: str, key: str, cap: int, lenient: bool) -> None:
    def read(size: int) -> tuple[str, dict[str, int]]:
        text = "a" * (size - 1) + "z"
        result, cuts = parse((rss(f"<{element}>{text}</{element}>") + BROKEN * lenient).encode(), base=URL)
        assert bool(result.bozo) is lenient
        return result.entries[0][key], cuts

    prefix = "https://news.example/" if element == "link" else ""
    assert read(cap) == (prefix + "a" * (cap - 1) + "z", {})
    value, cuts = read(cap + 1)
    kind = {LONGEST_NAME: "name", LONGEST_TEXT: "text", LONGEST_VALUE: "value"}[cap]
    assert (value, cuts) == (prefix + "a" * cap, {f"long_{kind}": 1})


def test_names_in_atom_are_cut() -> None:
    result, cuts = parse(atom(f"<author><name>{'a' * 5000}</name></author>").encode(), base=URL)
    assert result.entries[0].author == "a" * LONGEST_NAME
    assert cuts == {"long_name": 1}


def test_a_field_of_many_pieces_is_cut_in_the_middle_of_one() -> None:
    text = "<b>bold</b> " * 30_000
    result, cuts = parse(
        atom(f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{text}</div></content>').encode(),
        base=URL,
    )
    assert len(result.entries[0].content[0].value) <= LONGEST_TEXT
    assert cuts == {"long_text": 1}
    lenient, cuts = parse((rss(f"<author>{'é&#233;' * 300}</author>") + BROKEN).encode(), base=URL)
    assert lenient.entries[0].author == "é" * LONGEST_NAME
    assert cuts == {"long_name": 1}


def test_others_in_this_process_are_not_capped() -> None:
    found = feedparser.parse(io.BytesIO(rss(f"<author>{'a' * 500}</author>").encode()))
    assert found.entries[0].author == "a" * 500


def test_others_in_this_process_still_have_its_sanitiser() -> None:
    body = rss("<description>&lt;script&gt;a()&lt;/script&gt;&lt;a href='/b'&gt;c&lt;/a&gt;</description>").encode()
    found = feedparser.parse(io.BytesIO(body), response_headers={"content-location": URL})
    assert "script" not in found.entries[0].summary
    assert "https://" in found.entries[0].summary


def test_another_driver_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "drv_libxml2.py").write_text("")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from feeds.read import assert_ours; assert_ours()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "RuntimeError: the SAX driver drv_libxml2 can be imported: it reads files" in done.stderr


def test_a_driver_that_was_picked_up_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedparser.api, "PREFERRED_XML_PARSERS", [])
    with pytest.raises(RuntimeError, match="our SAX driver"):
        assert_ours()


def test_a_feedparser_that_cannot_be_capped_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser._Strict, "our_cap", staticmethod(lambda _element, _pieces: None))
    with pytest.raises(RuntimeError, match="not built as we expect"):
        assert_ours()


def test_the_locked_release_is_one_that_was_compared_and_takes_the_short_way() -> None:
    assert parser.unproven() == ""
    assert feedparser.api.StrictFeedParser is parser._Strict
