"""Nothing active is published: generated hostile snippets in every field, through the whole program, judged outside it.

5,000 snippets in all fields of items, 500 of them in all fields of feeds, 1,000 of them before a real browser; and a
tenth of what others collected; with FEEDS_DEEP=1, 50,000 everywhere, and all of it.
"""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from feeds.publish.topic import render_topic
from tests.hostile import documents, grammar, judge
from tests.hostile.browser import CHROMIUM, Browser, Visit, frames
from tests.hostile.publication import Publication, Snippets, publish
from tests.origin import Origin
from tests.real import DATA, DEEP, a_tenth, needs_data
from tests.unit.publish.publish_samples import SITE, TOPICS, UKRAINE, entry

A_BATCH = 1000  # snippets
SNIPPETS = 50_000 if DEEP else 5_000
HEADS = A_BATCH if DEEP else A_BATCH // 10  # of each batch
ARTICLES = 60  # files of each batch, of each of which a page is made
MANY = 20  # article pages in the frames of one
UNCLEAN = 300 if DEEP else 100  # snippets that the browser is shown as they are
OPENED = 10 if DEEP else 1  # of so many story pages one, for each takes a frame: their entries are all in topics' pages

BATCHES = [
    pytest.param(first, id=f"{first}-{first + A_BATCH - 1} of {SNIPPETS}") for first in range(0, SNIPPETS, A_BATCH)
]
SHOWN = BATCHES if DEEP else BATCHES[:1]  # to the browser
pytestmark = pytest.mark.timeout(1200)
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed; see .ci/run")


@dataclass
class Batches:
    """What was published so far; each batch once, whichever test asks first. Packed, for a deep run has many."""

    folder: Path
    done: dict[int, Publication] = field(default_factory=dict)

    def __call__(self, first: int) -> Publication:
        if first not in self.done:
            folder = self.folder / str(first)
            folder.mkdir()
            publication = publish(folder, range(first, first + A_BATCH), heads=HEADS, articles=ARTICLES)
            shutil.rmtree(folder)
            pages = sorted(name for name in publication.files if name.startswith("story/"))
            left_out = set(pages) - set(a_tenth(pages))
            files = {name: body for name, body in publication.files.items() if name not in left_out}
            packed = {name: zlib.compress(body, 1) for name, body in files.items()}
            self.done[first] = replace(publication, files=packed)
        done = self.done[first]
        return replace(done, files={name: zlib.decompress(body) for name, body in done.files.items()})


@pytest.fixture(scope="module")
def batches(tmp_path_factory: pytest.TempPathFactory) -> Batches:
    return Batches(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("chromium")) as chromium:
        yield chromium


def findings(publication: Publication) -> dict[str, int]:
    return judge.together(found for name, body in publication.files.items() for found in documents.judged(name, body))


def check_journey(publication: Publication) -> None:
    """Everything that went in came out: else nothing was tested."""
    assert publication.failed == {}
    assert sum(publication.outcomes.values()) == publication.items
    assert publication.outcomes["new"] <= publication.entries <= publication.items  # a story may be in two topics
    done = dict(publication.outcomes)
    assert done["new"] >= 0.96 * publication.items, done  # a few have one address by chance


@pytest.mark.parametrize("first", BATCHES)
def test_nothing_active_and_nothing_ill_formed_is_published(batches: Batches, first: int) -> None:
    publication = batches(first)
    check_journey(publication)
    assert {name.rpartition(".")[2] for name in publication.files} >= {"atom", "rss", "json", "html", "opml"}
    assert findings(publication) == {}


@needs_data
@pytest.mark.parametrize("name", ["blns.txt", "wild_junk.jsonl"])
def test_nothing_active_comes_of_strings_that_others_collected(name: str, tmp_path: Path) -> None:
    strings = a_tenth(collected(name))
    publication = publish(
        tmp_path, range(len(strings)), heads=len(strings) // 10, articles=30, snippets=strings.__getitem__
    )
    assert publication.failed == {}
    assert publication.items >= publication.entries >= publication.outcomes["new"] >= 0.8 * publication.items
    assert findings(publication) == {}


def collected(name: str) -> list[str]:
    lines = (DATA / "hostile" / name).read_text(encoding="utf-8").splitlines()
    if name.endswith(".txt"):
        return [line for line in lines if line and not line.startswith("#")]
    rows = [json.loads(line) for line in lines]
    return [row[key] for row in rows for key in ("title", "url", "summary") if row[key]]


# --------------------------------------------------------------------------------------------------------- browser


@needs_chromium
@pytest.mark.parametrize("first", SHOWN)
def test_nothing_published_runs_in_a_browser(batches: Batches, browser: Browser, first: int) -> None:
    files = batches(first).files
    pages = sorted(name for name in files if name.endswith(".html"))
    stories = [name for name in pages if name.startswith("story/")]
    articles = [name for name in pages if name.startswith("article/")] + stories[::OPENED]
    with Origin() as origin:
        for name, body in files.items():
            origin.put(f"/{name}", body, media="text/html" if name.endswith(".html") else "text/css")
        visits = {name: browser.visit(origin.url(f"/{name}")) for name in pages if name not in {*articles, *stories}}
        for at in range(0, len(articles), MANY):
            origin.put("/frames", frames([f"/{name}" for name in articles[at : at + MANY]]), media="text/html")
            visits[f"articles {at}"] = browser.visit(origin.url("/frames"))
            assert visits[f"articles {at}"].active == ["iframe src"] * len(articles[at : at + MANY])
            visits[f"articles {at}"].active.clear()
        for name in files:
            if name.endswith((".atom", ".rss")) and "/" not in name:  # archives hold the same entries
                visits[name] = read_in(browser, origin, read_as_html(name, files[name]))
        called = [asked.path for asked in origin.requests if asked.path.startswith("/pwned")]
    assert {name: visit for name, visit in visits.items() if visit.fired or visit.active} == {}
    assert called == []


def read_as_html(name: str, body: bytes) -> list[str]:
    """What a reader may put into its own page: the HTML of a feed, and of RSS its plain texts as well."""
    return documents.html_values(name, body) if name.endswith(".atom") else documents.untyped_values(body)


def read_in(browser: Browser, origin: Origin, values: Sequence[str]) -> Visit:
    """Open a reader's page: the values stand in its source, and are put into it by script, twice over."""
    page = "<!DOCTYPE html><meta charset=utf-8><title>reader</title>" + "".join(f"<div>{v}</div>" for v in values)
    origin.put("/reader", page.encode(errors="replace"), media="text/html")
    mutate = """for (const value of VALUES) {
      const once = document.createElement('div'), twice = document.createElement('div');
      document.body.append(once, twice);
      once.innerHTML = value;
      twice.innerHTML = once.innerHTML;
    }"""
    return browser.visit(origin.url("/reader"), script=mutate.replace("VALUES", json.dumps(values)))


# -------------------------------------------------------------------------------------------------------- controls


def unsanitised(numbers: Sequence[int], snippets: Snippets) -> dict[str, bytes]:
    """Files of a topic as they would be if nobody had cleaned its articles on their way in."""
    entries = [entry(number, content=snippets(number), policy="full") for number in numbers]
    return dict(render_topic(SITE, UKRAINE, entries, limit=10_000, all_topics=TOPICS).files)


def test_the_judge_condemns_what_was_not_sanitised() -> None:
    files = unsanitised(range(300), grammar.snippet)
    values = documents.html_values("ukraine.atom", files["ukraine.atom"])
    condemned = [value for value in values if judge.html(value)]
    assert len(condemned) > 200  # the others are text: escaped, or words and addresses
    assert {name for name, body in files.items() if any(found for _, found in documents.judged(name, body))} >= {
        "ukraine.atom",
        "ukraine.rss",
        "ukraine.json",
    }


@needs_chromium
def test_the_browser_hears_what_was_not_sanitised(browser: Browser) -> None:
    """Many snippets truly run: the generator has teeth, and the browser ears."""
    fired: set[str] = set()
    with Origin() as origin:
        for first in range(0, UNCLEAN, MANY):
            numbers = range(first, first + MANY)
            for number in numbers:
                origin.put(
                    f"/{number}", grammar.snippet(number).encode(errors="replace"), media="text/html; charset=utf-8"
                )
            origin.put("/frames", frames([f"/{number}" for number in numbers]), media="text/html")
            fired |= {what for what in browser.visit(origin.url("/frames")).fired if what.isdigit()}
        fired |= {asked.path.removeprefix("/pwned/") for asked in origin.requests if asked.path.startswith("/pwned/")}
    assert len(fired & set(map(str, range(UNCLEAN)))) > UNCLEAN / 5


@needs_chromium
@pytest.mark.parametrize(
    "control",
    [
        pytest.param("<script>pwn(7)</script>", id="a script"),
        pytest.param("<img src=x onerror=alert(7)>", id="a picture that is not there"),
        pytest.param("<a href='java&Tab;script:pwn(7)'>x</a>", id="a link, once it is pressed"),
        pytest.param("<p onmouseover=pwn(7)>x</p>", id="a paragraph, once it is pointed at"),
        pytest.param("<iframe srcdoc='<script>pwn(7)</script>'></iframe>", id="a frame"),
        pytest.param("<svg><script>pwn(7)</script></svg>", id="a script in a picture"),
    ],
)
def test_the_browser_hears_each_way_to_run(browser: Browser, control: str) -> None:
    with Origin() as origin:
        assert "7" in read_in(browser, origin, [control]).fired


@needs_chromium
@pytest.mark.parametrize(
    "control",
    [
        pytest.param("<meta http-equiv=refresh content='0;url=/pwned/7'>", id="a redirection"),
        pytest.param("<script>fetch('/pwned/7')</script>", id="a request by script"),
        pytest.param("<link rel=stylesheet href=/pwned/7>", id="a style sheet"),
        pytest.param("<p style='background:url(/pwned/7)'>x</p>", id="a style"),
    ],
)
def test_the_origin_hears_each_request(browser: Browser, control: str) -> None:
    with Origin() as origin:
        read_in(browser, origin, [control])
        assert origin.asked("/pwned/7")
