"""Same store, same bytes; nothing new, no file touched; and an id is for ever."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest

from feeds.config import ServeSettings
from feeds.publish.files import Folder
from feeds.serve.app import Server
from tests.desk import Desk
from tests.hatchery import Hatchery
from tests.origin import Origin
from tests.system.publishers import rss

ROOT = Path(__file__).parents[2]
# The program itself asks for no locale, but a library may, and then all of the process has it.
UNDER_LOCALE = (
    "import locale, runpy; locale.setlocale(locale.LC_ALL, ''); runpy.run_module('feeds', run_name='__main__')"
)
PLACES = [
    ("UTC", "C", "0"),
    ("America/St_Johns", "tr_TR.UTF-8", "1"),
    ("Asia/Kathmandu", "ar_SA.UTF-8", "2"),
]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Samples behind a loopback origin, in the languages that they have, and files."""
    made = Desk(tmp_path / "first", keep="20000d")
    made.folder.mkdir()
    with Origin() as origin:
        made.take_samples(origin)
        yield made


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    """A folder with the locales of PLACES, which few machines have."""
    made = tmp_path / "locales"
    made.mkdir()
    for name in {language for _, language, _ in PLACES} - {"C"}:
        command = ["localedef", "-i", name.partition(".")[0], "-f", "UTF-8", str(made / name)]
        subprocess.run(command, check=True, capture_output=True)
    return made


@pytest.mark.skipif(
    not Path("/usr/share/i18n/locales/tr_TR").exists() or not shutil.which("localedef"),
    reason="the sources of locales are not installed; see .ci/run",
)
@pytest.mark.usefixtures("hatched")
def test_same_store_same_bytes_in_any_process_locale_and_zone(desk: Desk, tmp_path: Path, locales: Path) -> None:
    desk.refresh()
    expected = desk.files()
    assert any(re.fullmatch(r"ukraine/[0-9-]+\.atom", name) for name in expected)
    for number, (zone, language, seed) in enumerate(PLACES):
        again = Desk(tmp_path / str(number), sources=desk.sources, keep=desk.keep)
        again.folder.mkdir()
        shutil.copy(desk.folder / "feeds.db", again.folder)
        settings = {"TZ": zone, "LC_ALL": language, "LOCPATH": str(locales), "PYTHONHASHSEED": seed}
        subprocess.run(
            [sys.executable, "-c", UNDER_LOCALE, "--config", str(again.config), "refresh"],
            env=again.environment() | settings,
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        assert again.files() == expected, settings


@pytest.mark.usefixtures("hatched")
def test_a_refresh_that_brings_nothing_touches_no_file_and_every_subscriber_gets_304(desk: Desk) -> None:
    desk.refresh()
    names = [f"{topic}.{form}" for topic in ("ukraine", "turkey") for form in ("atom", "rss", "json")]
    before, bytes_before = stats(desk), desk.files()
    with Server(Folder(desk.public), ServeSettings(listen="127.0.0.1:0")) as server:
        tags = {name: get(server.address + name)[1] for name in names}
        for options in (["--all"], ["--all", "--force"]):
            desk.now = desk.now.replace(hour=desk.now.hour + 1)
            report = desk.refresh(*options)
            assert report["polled"] == len(desk.sources)
            assert {topic["written"] for topic in report["topics"].values()} == {False}
            assert stats(desk) == before, options
        assert desk.files() == bytes_before
        assert {name: get(server.address + name, tags[name])[0] for name in names} == dict.fromkeys(names, 304)


def stats(desk: Desk) -> dict[str, tuple[int, int, int]]:
    """(inode, time of content, time of status) of every published file."""
    found = {}
    for path in sorted(desk.public.rglob("*")):
        if path.is_file():
            stat = path.stat()
            found[str(path)] = (stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns)
    return found


def get(url: str, tag: str = "") -> tuple[int, str]:
    """(status, ETag)."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"If-None-Match": tag} if tag else {})) as done:
            return done.status, done.headers["ETag"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["ETag"]


@pytest.mark.usefixtures("hatched")
def test_an_id_outlives_another_address_a_restart_and_a_list_of_sources_that_is_read_anew(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.topics = '[topics.ukraine]\ntitle = "Ukraine"\n[topics.ukraine.words]\n10 = ["black sea"]\n'
    with Origin() as origin:
        for name, guids in (("wire", (1, 2)), ("second", (3,))):
            origin.put(f"/{name}", rss(*guids))
            desk.sources[name] = origin.url(f"/{name}")
        file = desk.config

        def feeds(*arguments: str) -> str:
            assert Hatchery.used is not None
            done = Hatchery.used.run("--config", str(file), *arguments, environment=desk.environment(), stdin="")
            assert done.returncode == 0, done.stderr
            return done.stdout

        def ids() -> dict[str, set[str]]:
            found: dict[str, set[str]] = {}
            for form in ("atom", "rss"):
                entries = feedparser.parse((desk.public / f"ukraine.{form}").read_bytes()).entries
                found[form] = {entry.id for entry in entries}
            return found

        feeds("refresh")
        before = ids()
        assert {len(each) for each in before.values()} == {3}

        subscriptions = tmp_path / "sources.opml"
        subscriptions.write_text(feeds("sources", "export"), encoding="utf-8")
        text = file.read_text(encoding="utf-8")
        without = re.sub(r"\[\[sources\]\]\nname = .*\nurl = .*\n", "", text)
        assert "[[sources]]" not in without
        moved = without.replace('url = "https://desk.example/"', 'url = "https://elsewhere.example/news/"')
        assert moved != without
        file.write_text(moved, encoding="utf-8")
        feeds("refresh", "--all")
        feeds("sources", "import", str(subscriptions))
        desk.now = desk.now.replace(hour=desk.now.hour + 1)
        feeds("refresh", "--all")
        assert ids() == before
        assert b"https://elsewhere.example/news/ukraine.atom" in (desk.public / "ukraine.atom").read_bytes()
        assert os.listdir(desk.public / "ukraine")
