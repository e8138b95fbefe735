"""Pages as people meet them: in a browser light and dark, wide and narrow, from either side, by keys; or without."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.desk import Desk
from tests.hostile.browser import CHROMIUM, Browser
from tests.running import eventually
from tests.showcase import pages, publish, served
from tests.system.test_system_web_servers import SBIN, answers, ask, nginx

NODE = Path(__file__).parents[1] / "clients" / "node_modules"
AXE = NODE / "axe-core" / "axe.min.js"
VALIDATE = NODE / ".bin" / "html-validate"
KINDS = ("index", "about", "topic", "day", "article", "story", "search", "ask", "misread")

needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed; see .ci/run")
needs_axe = pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed; npm ci --prefix tests/clients")

# What stands beside the rules of html-validate: our templates leave line ends where a value was left out.
RULES = {
    "extends": ["html-validate:recommended"],
    "rules": {
        "no-trailing-whitespace": "off",
        "long-title": "off",  # headlines are their publishers'
        "no-inline-style": "error",
        "require-sri": "off",  # nothing is loaded from elsewhere
    },
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A published site with everything on it."""
    return publish(tmp_path_factory.mktemp("showcase"), site="https://desk.example/wire/")


@pytest.fixture(scope="module")
def site(desk: Desk) -> Iterator[str]:
    with served(desk) as address:
        yield address


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("chromium")) as chromium:
        yield chromium


@pytest.fixture(scope="module")
def where(desk: Desk) -> dict[str, str]:
    found = pages(desk.public)
    assert tuple(found) == KINDS
    return found


VIEWS: dict[str, dict[str, Any]] = {
    "light": {"width": 1000},
    "dark": {"width": 1000, "prefers_color_scheme": "dark"},
    "narrow": {"width": 320},
    "from the right": {"width": 1000},
}
_TURN = "document.documentElement.dir = 'rtl'"
_UNFOLD = "document.querySelectorAll('details').forEach(each => each.open = true)"
_WIDE = "[...document.querySelectorAll('body *')].filter(e => e.scrollWidth > 320).map(e => e.outerHTML)"
_LINKS = "[...document.querySelectorAll('a, link, form')].map(each => (each.href ?? each.action).split('#')[0])"
_FOCUS = """
(e => [e.className, e.getBoundingClientRect().left >= 0, getComputedStyle(e).outlineStyle])(document.activeElement)
"""
_SEEN = """
['nav', '.subscribe', '.foot .whole', '.stories h3', '.dek'].map(e => document.querySelector(e).offsetHeight > 0)
"""
_AXE = """
axe.run(document, {resultTypes: ['violations', 'incomplete']}).then(found => found.violations.map(
  each => each.id + ': ' + each.nodes.slice(0, 3).map(node => node.html + ' ' + node.failureSummary).join(' | ')))
"""


def fetched(url: str) -> tuple[int, bytes]:
    """Status and body of a page."""
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


@needs_chromium
@needs_axe
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(browser: Browser, site: str, where: dict[str, str], view: str) -> None:
    browser.look(**VIEWS[view])
    found = {}
    for kind, path in where.items():
        browser.open(site + path)
        browser.evaluate(_UNFOLD)
        if view == "from the right":
            browser.evaluate(_TURN)
        browser.evaluate(AXE.read_text(encoding="utf-8"))
        found[kind] = browser.evaluate(_AXE)
    assert found == {kind: [] for kind in where}


@needs_chromium
@needs_axe
def test_axe_can_say_no(browser: Browser, site: str) -> None:
    browser.look()
    browser.open(site)
    browser.evaluate("document.querySelector('.meta').style.color = '#bbb'; document.documentElement.lang = ''")
    browser.evaluate(AXE.read_text(encoding="utf-8"))
    assert {finding.partition(":")[0] for finding in browser.evaluate(_AXE)} == {"color-contrast", "html-has-lang"}


@needs_chromium
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_nothing_scrolls_sideways_at_320_pixels(
    browser: Browser, site: str, where: dict[str, str], direction: str
) -> None:
    browser.look(width=320)
    for kind, path in where.items():
        browser.open(site + path)
        browser.evaluate(_UNFOLD)
        browser.evaluate(f"document.documentElement.dir = '{direction}'")
        assert browser.evaluate("document.documentElement.scrollWidth") == 320, (kind, browser.evaluate(_WIDE))


@needs_chromium
def test_a_keyboard_leads_past_the_masthead_and_shows_where_it_is(browser: Browser, site: str) -> None:
    browser.look()
    browser.open(site + "ukraine/")
    browser.press("Tab")
    assert browser.evaluate(_FOCUS) == ["skip", True, "solid"]
    browser.press("Enter")
    browser.press("Tab")
    assert browser.evaluate("document.querySelector('main').contains(document.activeElement)")
    assert browser.evaluate(_FOCUS)[2] == "solid"


def by_wish(browser: Browser, page: str, expression: str, **wishes: Any) -> Any:
    """What a page evaluates to for a reader who wishes so."""
    browser.look(**wishes)
    browser.open(page)
    told = browser.evaluate(expression)
    browser.look()
    return told


@needs_chromium
def test_a_page_is_light_or_dark_as_its_reader_wishes(browser: Browser, site: str) -> None:
    colours = "['backgroundColor', 'color'].map(e => getComputedStyle(document.body)[e].match(/\\d+/)[0] > 127)"
    told = {wish: by_wish(browser, site, colours, prefers_color_scheme=wish) for wish in ("light", "dark")}
    assert told == {"light": [True, False], "dark": [False, True]}


@needs_chromium
def test_nothing_moves_for_those_who_want_that(browser: Browser, site: str) -> None:
    time = "getComputedStyle(document.querySelector('a')).transitionDuration"
    told = {wish: by_wish(browser, site, time, prefers_reduced_motion=wish) for wish in ("reduce", "no-preference")}
    assert told["reduce"] == "0s"
    assert told["no-preference"] != "0s"


@needs_chromium
def test_on_paper_stand_the_stories_and_not_what_is_for_screens(browser: Browser, site: str) -> None:
    browser.look(type="print")
    browser.open(site + "ukraine/")
    assert browser.evaluate(_SEEN) == [False, False, False, True, True]
    browser.look()
    assert browser.evaluate(_SEEN) == [True] * 5


@pytest.mark.skipif(not VALIDATE.exists(), reason="html-validate is not installed; npm ci --prefix tests/clients")
def test_html_validate_finds_nothing(site: str, where: dict[str, str], tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps(RULES | {"root": True}), encoding="utf-8")
    files = []
    for kind, path in where.items():
        status, page = fetched(site + path)
        assert status == (400 if kind == "misread" else 200)
        (tmp_path / f"{kind}.html").write_bytes(page)
        files.append(str(tmp_path / f"{kind}.html"))
    bad = tmp_path / "bad.html"
    bad.write_text("<!DOCTYPE html><html lang='en'><head><title>x</title></head><body><p><div></p></body></html>")
    command = [str(VALIDATE), "--config", str(rules), "--formatter", "json"]
    judged = subprocess.run([*command, *files, str(bad)], capture_output=True, text=True, check=False)
    found = {
        Path(each["filePath"]).name if each["filePath"] == str(bad) else each["filePath"]: each["messages"]
        for each in json.loads(judged.stdout)
    }
    assert found.pop("bad.html"), judged.stderr
    assert not found


@pytest.mark.skipif(not shutil.which("w3m"), reason="w3m is not installed; see .ci/run")
def test_a_text_browser_reads_it(desk: Desk) -> None:
    told = in_text(desk.public / "ukraine" / "index.html")
    for words in (
        "Skip to the content",
        "Ukraine, its people and politics, and the war of Russia against it.",
        "In the 7 days to 21 November 2026: ",
        "Put this address into a feed reader [https://desk.example/wire/",
        "Friday 20 November 2026",
        "Also reported by ",
        "Why it is here",
        "Headline changed at 18:30 UTC, was: ",
        "● Northwire | World 6 stories · answers",
        "Day by day What came in on each day (UTC).",
        "About, contact, opting out",
    ):
        assert words in told, told
    day = in_text(desk.public / "ukraine" / "2026-11-20.html")
    for words in (
        "Ukraine 20 November 2026 Friday: 41 stories from 14 sources came in (UTC).",
        "Newest stories Friday 20 November 2026 UTC",
        "This page stays as the day left it.",
        "Atom file of this day",
    ):
        assert words in day, day


def in_text(file: Path) -> str:
    """What a text browser shows of a page, on one line."""
    page = file.read_bytes()
    command = ["w3m", "-dump", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8", "-cols", "80"]
    text = subprocess.run(command, input=page, capture_output=True, check=True, env={**os.environ, "HOME": "/"}).stdout
    return re.sub(r"\s+", " ", text.decode())


@needs_chromium
@pytest.mark.skipif(not shutil.which("nginx", path=SBIN), reason="nginx is not installed; see .ci/run")
def test_a_site_at_a_path_works_by_its_links_alone(
    browser: Browser, desk: Desk, where: dict[str, str], tmp_path: Path
) -> None:
    with served(desk) as ours, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        with nginx("nginx-prefix.conf", port, desk.public, int(ours.rstrip("/").rpartition(":")[2]), tmp_path):
            eventually(lambda: answers(port))
            root = f"http://127.0.0.1:{port}/wire/"
            browser.look()
            linked: set[str] = set()
            for path in where.values():
                browser.open(root + path)
                assert browser.evaluate("getComputedStyle(document.querySelector('.skip')).position") == "absolute"
                linked |= set(browser.evaluate(_LINKS))
            own = sorted(link for link in linked if link.startswith(f"http://127.0.0.1:{port}/"))
            assert not [link for link in own if not link.startswith(root)]
            assert {root, root + "about/", root + "ukraine/", root + "ukraine.atom", root + "feeds.css"} <= set(own)
            assert {root + "search", root + "search.atom?q=since%3A7d"} <= set(own)
            own.remove(root + where["misread"])  # the way past its masthead
            assert not [link for link in own if ask(port, link.removeprefix(f"http://127.0.0.1:{port}")).status != 200]
            assert "https://desk.example/wire/ukraine/" in linked, "what is canonical"
            browser.open(root + "ukraine")
            assert browser.evaluate("location.href") == root + "ukraine/"
