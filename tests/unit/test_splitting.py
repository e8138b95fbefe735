"""`feeds stories split` as an operator uses it: which item is meant, and what is said."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feeds.cli.items import why
from feeds.cli.stories import split
from tests.contract.stores import bring
from tests.desk import Desk
from tests.make import article

TITLE = "Envoys meet in Geneva for grain talks"
TOPICS = '[topics.grain.words]\n10 = ["grain"]\n'


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Beta and gamma have the text of alpha, gamma even its address."""
    sources = {name: f"https://{name}.example/feed" for name in ("alpha", "beta", "gamma")}
    desk = Desk(tmp_path, sources=sources, topics=TOPICS)
    monkeypatch.setenv("FEEDS_NOW", desk.now.isoformat())
    with desk.app() as app:
        for name, url in (("alpha", "alpha.example/1"), ("beta", "beta.example/1"), ("gamma", "alpha.example/1")):
            bring(app.store, name, article(name, f"{name}-1", TITLE, url=f"https://{url}"))
    return desk


def run(desk: Desk, *arguments: str) -> Result:
    return CliRunner().invoke(split, arguments, obj=str(desk.config))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(
            ["https://alpha.example/1"],
            f"article 1: alpha: {TITLE}\narticle 1: gamma: {TITLE}\nhttps://alpha.example/1: names 2 articles,"
            " or copies of them; name one by its number, or its source by --source\n",
            id="an address that two have",
        ),
        pytest.param(
            ["1"],
            "1: stands alone in its story, with copies in beta, gamma, which --source parts from it;"
            " nothing was changed\n",
            id="the article that is repeated",
        ),
        pytest.param(["1", "--source", "x"], "1: no such item of x; nothing was changed\n", id="another source"),
        pytest.param(
            ["2"], "2: never seen, or longer ago than is remembered; nothing was changed\n", id="nothing known"
        ),
    ],
)
def test_what_cannot_be_split_says_why(desk: Desk, arguments: list[str], said: str) -> None:
    done = run(desk, *arguments)
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", said)


@pytest.mark.parametrize(
    ("arguments", "source", "name"),
    [
        pytest.param(["https://beta.example/1"], "beta", "beta-1", id="a copy by its address"),
        pytest.param(["gamma-1"], "gamma", "gamma-1", id="a copy by its guid"),
        pytest.param(["https://alpha.example/1", "--source", "gamma"], "gamma", "gamma-1", id="by its source"),
        pytest.param(["1", "--source", "beta"], "beta", "beta-1", id="by the number of its article and its source"),
    ],
)
def test_the_copy_that_is_meant_is_parted(desk: Desk, arguments: list[str], source: str, name: str) -> None:
    done = run(desk, *arguments)
    assert done.stdout.startswith(f"what {source} repeated of article 1 is article 2 in story 2 now; they stay apart\n")
    assert "grain: 2 stories, written" in done.stdout
    told = CliRunner().invoke(why, [name], obj=str(desk.config)).stdout
    assert f"{source}: duplicate \N{EM DASH} split by hand from article 1: the same " in told
    assert f"  apart     from article 1 of alpha, split by hand for good: {TITLE}\n" in told


def test_each_version_of_a_copy_is_told_and_becomes_one_of_its_article(desk: Desk) -> None:
    def told() -> list[str]:
        lines = CliRunner().invoke(why, ["beta-1"], obj=str(desk.config)).stdout.splitlines()
        return [line for line in lines if line.startswith("  changed")]

    url, minute = "https://beta.example/1", timedelta(minutes=1)
    with desk.app() as app:
        edited = article("beta", "beta-1", "Envoys part in Geneva over grain talks", url=url)
        bring(app.store, "beta", edited, now=desk.now + 10 * minute)
        again = article("beta", "beta-1", "Envoys part in Geneva, over grain talks", url=url)
        bring(app.store, "beta", again, now=desk.now + 20 * minute)
        bring(app.store, "alpha", article("alpha", "alpha-1", f"{TITLE} again"), now=desk.now + 15 * minute)
    versions = [
        ("12:10", f"title (corrects headline); was: {TITLE}"),
        ("12:20", "title (cosmetic); was: Envoys part in Geneva over grain talks"),
    ]
    of_alpha = f"  changed   2026-11-20 12:15 UTC: title, link (corrects headline); was: {TITLE}"
    first, last = (f"  changed   2026-11-20 {at} UTC, as a copy in beta: {words}" for at, words in versions)
    assert told() == [first, of_alpha, last]
    found = json.loads(CliRunner().invoke(why, ["beta-1", "--json"], obj=str(desk.config)).stdout)["findings"]
    assert [(v["source"], v["url"], v["differs"], v["corrections"], v["was"]) for v in found[0]["copy_revisions"]] == [
        ("beta", url, ["title"], ["headline"], TITLE),
        ("beta", url, ["title"], [], "Envoys part in Geneva over grain talks"),
    ]
    assert run(desk, url).exit_code == 0
    assert told() == [f"  changed   2026-11-20 {at} UTC: {words}" for at, words in versions]
