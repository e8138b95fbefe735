"""The process that readers are forked from: why it does not start is told, and what it is not is noticed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from feeds.config import ReadSettings
from feeds.errors import SandboxError
from feeds.model import Reading, Unreadable
from feeds.sandbox.children import Children
from tests.system.test_system_children import FACTS, TABLES, document


def asked() -> Reading | Unreadable:
    """What readers that are started now say of a good document."""
    children = Children(TABLES, ReadSettings())
    try:
        return children(document(), FACTS)
    finally:
        children.close()


def nursery_after(code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every nursery execute `code` first, which imports from `folder` too."""
    start, python = folder / "start.py", folder / "python"
    start.write_text(
        f"import runpy, sys\nsys.path.insert(0, {str(folder)!r})\n{code}\n"
        "runpy.run_module('feeds.sandbox.nursery', run_name='__main__', alter_sys=True)\n"
    )
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -I "{start}" "$4"\n')  # given: -I -m feeds.sandbox.nursery FD
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))


def test_a_machine_that_cannot_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(SandboxError, match="no process to read documents in can be had"):
        asked()
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with pytest.raises(SandboxError, match="does not start"):
        asked()


def test_rules_that_cannot_be_compiled_are_told() -> None:
    children = Children({"topics": {"x": {"words": {"ten": ["a"]}}}}, ReadSettings())
    with pytest.raises(SandboxError, match=r"does not start: ConfigError: .*is no number of points"):
        children(document(), FACTS)


BROKEN_STARTS = {
    "another XML driver": ("", "drv_libxml2", "", "RuntimeError: the SAX driver drv_libxml2 can be imported"),
    "another driver in the place of ours": (
        "import feedparser.api, feeds.read.parser; feedparser.api.PREFERRED_XML_PARSERS = []", "", "",
        "RuntimeError: feedparser would not parse with our SAX driver"),
    "a feedparser built otherwise": (
        "import feeds.read.parser as p; p._Strict.our_cap = staticmethod(lambda *_: None)", "", "",
        r"RuntimeError: feedparser [0-9.]+ is not built as we expect"),
    "a package that is broken": ("", "nh3", "raise ImportError('libc is too old')", "ImportError: libc is too old"),
    "a package that is missing": (
        "sys.modules['markdown_it'] = None", "", "", "ModuleNotFoundError: import of markdown_it halted"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "module", "body", "words"), BROKEN_STARTS.values(), ids=BROKEN_STARTS)
def test_what_documents_must_not_be_read_with_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    before: str, module: str, body: str, words: str,
) -> None:  # fmt: skip
    """The operator reads why no document can be read, in words: the nursery does not serve, and says so."""
    if module:
        (tmp_path / f"{module}.py").write_text(body)
    nursery_after(before, tmp_path, monkeypatch)
    with pytest.raises(SandboxError, match=f"the process that documents are read in does not start: {words}"):
        asked()


ANOTHER_RELEASE = """
import feedparser
import feedparser.mixin as mixin
feedparser.__version__ = "6.0.99"
pop = mixin._FeedParserMixin.pop
def other(self, element, strip_whitespace=1):
    if self.elementstack and element == "title":
        self.elementstack[-1][2][:] = ["Another text"]
    return pop(self, element, strip_whitespace)
mixin._FeedParserMixin.pop = other
"""


def test_a_release_of_feedparser_that_nobody_compared_is_told_and_goes_its_own_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    nursery_after(ANOTHER_RELEASE, tmp_path, monkeypatch)
    found = asked()
    assert isinstance(found, Reading)
    assert [item.title for item in found.items] == ["Another text"], "no shortcut leads around what it does"
    (told,) = [vars(record)["why"] for record in caplog.records if record.getMessage() == "readers.doubtful"]
    assert told.startswith("feedparser 6.0.99 is none of 6.0.11, 6.0.12, 6.0.14: feeds are read without shortcuts")


def test_the_current_folder_lends_readers_no_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "drv_libxml2.py").touch()
    (tmp_path / "nh3.py").write_text("raise SystemExit('a stranger')")
    monkeypatch.chdir(tmp_path)
    assert isinstance(asked(), Reading)


SAYS = "import feeds.sandbox.reader as r, feeds.sandbox.wire as w; r.answer_bytes = lambda _: "
NO_ANSWERS = {
    "no words": (SAYS + r"b'\x91\xa1\x80'", "'utf-8' codec can't decode"),
    "of the wrong type": (SAYS + "b'\\x03'", "Expected `array`"),
    "to another question": (SAYS + "w.answer_bytes(())", "another answer than was asked for"),
}


@pytest.mark.parametrize(("code", "detail"), NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, detail: str) -> None:
    nursery_after(code, tmp_path, monkeypatch)
    found = asked()
    assert isinstance(found, Unreadable)
    assert (found.why, found.detail[: len(detail)]) == ("reply_garbled", detail)
