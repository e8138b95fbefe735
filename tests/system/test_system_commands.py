"""The commands as operators and scripts use them: words, JSON, exit codes."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.errors import EXIT_BUSY, EXIT_CONFIG, EXIT_DONE, EXIT_FAILED, EXIT_USAGE
from tests.desk import Desk
from tests.origin import Origin, Reply

pytestmark = pytest.mark.usefixtures("hatched")  # those that a test starts by itself start cold

ROOT = Path(__file__).parents[2]
NEWS = """<rss version="2.0"><channel><title>The Wire</title><link>https://wire.example/</link>
<item><title>Zelensky meets Erdogan in Ankara for talks on grain</title><guid>1</guid>
<link>https://wire.example/1?utm_source=rss</link><pubDate>Fri, 20 Nov 2026 09:00:00 GMT</pubDate>
<description>The presidents of Ukraine and Turkey spoke for two hours about exports over the Black Sea.</description>
</item>
<item><title>Old news from the archive</title><guid>old</guid><link>https://wire.example/old</link>
<pubDate>Fri, 20 Nov 2020 09:00:00 GMT</pubDate><description>Long ago.</description></item>
<item><guid>empty</guid></item>
</channel></rss>"""
COPY = NEWS.replace("wire.example", "paper.example").replace("The Wire", "The Paper")


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        running.put("/wire", NEWS.encode(), etag='"1"')
        running.put("/paper", COPY.encode())
        yield running


@pytest.fixture
def desk(tmp_path: Path, origin: Origin) -> Desk:
    return Desk(tmp_path, sources={"wire": origin.url("/wire"), "paper": origin.url("/paper")})


def test_a_refresh_reports_as_the_contract_says(desk: Desk) -> None:
    report = desk.refresh()
    assert {key: type(value) for key, value in report.items()} == {
        **dict.fromkeys(("sources", "polled", "not_modified", "unchanged", "items"), int),
        **dict.fromkeys(("new", "changed", "same", "duplicate", "stale", "rejected"), int),
        "failed": list,
        "in_work": list,
        "held": list,
        "topics": dict,
        "seconds": float,
    }
    counted = [report[name] for name in ("new", "changed", "same", "duplicate", "stale", "rejected")]
    assert (report["items"], counted) == (6, [1, 0, 0, 1, 2, 2])
    assert report["topics"] == {n: {"entries": 1, "written": True} for n in ("diplomacy", "turkey", "ukraine")}
    again = desk.refresh("--all")
    assert (again["not_modified"], again["unchanged"], again["items"]) == (1, 1, 0)
    assert desk.refresh()["polled"] == 0


def test_an_edit_is_a_change_of_the_same_entry(desk: Desk, origin: Origin) -> None:
    desk.refresh()
    before = (desk.public / "ukraine.json").read_text(encoding="utf-8")
    desk.now += timedelta(hours=3)
    origin.put("/wire", NEWS.replace("grain", "wheat").encode(), etag='"2"')
    origin.put("/paper", COPY.replace("grain", "wheat").encode())
    report = desk.refresh()
    assert (report["new"], report["changed"], report["same"]) == (0, 2, 4)
    after = (desk.public / "ukraine.json").read_text(encoding="utf-8")
    (old,), (new,) = json.loads(before)["items"], json.loads(after)["items"]
    assert (old["id"], old["date_published"]) == (new["id"], new["date_published"])
    assert "wheat" in new["title"]
    assert new["date_modified"] > old["date_modified"]


@pytest.mark.parametrize(
    ("item", "outcome"),
    [
        pytest.param("https://wire.example/1", "duplicate", id="by its address without tracking"),
        pytest.param("https://paper.example/1?utm_source=rss", "new", id="by its address with tracking"),
        pytest.param("https://wire.example/old", "stale", id="an old item"),
        pytest.param("empty", "rejected", id="a rejected item, by guid"),
        pytest.param("1", "new", id="by guid or number"),
    ],
)
def test_why_tells_what_became_of_an_item(desk: Desk, item: str, outcome: str) -> None:
    desk.refresh()
    findings = json.loads(desk.run("why", "--json", item).stdout)["findings"]
    assert outcome in {finding["outcome"] for finding in findings}
    assert outcome in desk.run("why", item).stdout


def test_why_names_the_words_that_decided(desk: Desk) -> None:
    desk.refresh()
    told = desk.run("why", "https://wire.example/1").stdout
    assert "topic     ukraine" in told
    assert "zelensk* (title" in told
    story = next(line.split()[1].rstrip(",") for line in told.splitlines() if line.startswith("  story"))
    assert "Zelensky meets Erdogan" in desk.run("why", story).stdout


def test_why_knows_nothing_of_an_item_never_seen(desk: Desk) -> None:
    desk.refresh()
    done = desk.run("why", "https://nowhere.example/", check=False)
    assert (done.returncode, done.stdout) == (EXIT_FAILED, "")
    assert "never seen" in done.stderr


def test_why_takes_an_article_file(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    file = tmp_path / "articles" / "note.txt"
    file.write_text("2026-11-20 08:00:00\nA note on Ukraine\nThe war in Ukraine goes on, says our desk.\n", "utf-8")
    desk = Desk(tmp_path, sources={"notes": f"file:{tmp_path / 'articles'}"})
    desk.refresh()
    assert "A note on Ukraine" in desk.run("why", str(file)).stdout
    assert (desk.public / "article" / "a-note-on-ukraine" / "index.html").is_file()


def test_why_finds_a_file_over_a_link_and_after_it_went(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    file = tmp_path / "link" / "note.txt"
    file.write_text("2026-11-20 08:00:00\nA note on Ukraine\nThe war in Ukraine goes on, says our desk.\n", "utf-8")
    desk = Desk(tmp_path, sources={"notes": f"file:{tmp_path / 'link'}"})
    desk.refresh()
    file.unlink()
    assert "A note on Ukraine" in desk.run("why", str(file)).stdout


def test_a_folder_of_feeds_has_a_guid_space_for_each(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, text in (
        ("one", NEWS),
        ("two", NEWS.replace("Zelensky meets Erdogan", "A bridge falls").replace("wire.", "2.")),
    ):
        (tmp_path / "in" / f"{name}.xml").write_text(text.replace("two hours", name), "utf-8")
    desk = Desk(tmp_path, sources={"folder": f"file:{tmp_path / 'in'}/*.xml"})
    report = desk.refresh()
    assert (report["new"], report["changed"]) == (2 + 2, 0)  # nothing of a folder is stale


def test_a_changed_authority_warns_and_changes_no_id(desk: Desk) -> None:
    desk.refresh()
    before = desk.files()
    text = desk.config.read_text(encoding="utf-8").replace("desk.example,2026", "else.example,2027")
    other = desk.folder / "other.toml"
    other.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "feeds", "--config", str(other), "refresh"]
    done = subprocess.run(command, env=desk.environment(), capture_output=True, text=True, cwd=ROOT, check=True)
    assert "the stored one" in done.stderr or "which stands" in done.stderr
    assert desk.files() == before


@pytest.mark.parametrize(
    ("arguments", "now", "code"),
    [
        pytest.param(("db", "backup", "/nonexistent/x.db"), "", EXIT_FAILED, id="a backup into no folder"),
        pytest.param(("refresh",), "@/nonexistent", EXIT_USAGE, id="a clock file that is not there"),
        pytest.param(("why", "\udcff"), "", EXIT_FAILED, id="an item that is no text"),
    ],
)
def test_mistakes_are_told_in_words(desk: Desk, arguments: tuple[str, ...], now: str, code: int) -> None:
    environment = desk.environment() | ({"FEEDS_NOW": now} if now else {})
    command = [sys.executable, "-m", "feeds", "--config", str(desk.config), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param((), EXIT_DONE, id="one of two failed: still done"),
        pytest.param(("--strict",), EXIT_FAILED, id="strict"),
        pytest.param(("--source", "wire"), EXIT_FAILED, id="all that was polled failed"),
        pytest.param(("--source", "nobody"), EXIT_USAGE, id="no such source"),
        pytest.param(("--nonsense",), EXIT_USAGE, id="no such option"),
    ],
)
def test_exit_codes_of_refresh(desk: Desk, origin: Origin, arguments: tuple[str, ...], code: int) -> None:
    origin.say("/wire", 500)
    done = desk.run("refresh", *arguments, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    if code == EXIT_DONE:
        assert "http_500" in done.stdout


def test_every_failure_is_named_with_its_address(desk: Desk) -> None:
    desk.sources = {"gone": "http://127.0.0.1:9/feed", "secret": "http://me:hunter2@127.0.0.1:9/feed"}
    done = desk.run("refresh", "--json", check=False)
    failed = {row["source"]: row for row in json.loads(done.stdout)["failed"]}
    assert failed["gone"]["why"].startswith("connect")
    assert failed["gone"]["url"] == "http://127.0.0.1:9/feed"
    assert "hunter2" not in done.stdout + done.stderr


def test_a_wrong_configuration_is_told_at_once(desk: Desk) -> None:
    desk.more = '[poll2]\nx = 1\n[topics.energy]\nneed = "much"\n'
    done = desk.run("check", check=False)
    assert done.returncode == EXIT_CONFIG
    assert "poll2" in done.stderr
    assert "topics.energy" in done.stderr
    assert "Traceback" not in done.stderr
    assert desk.run("refresh", check=False).returncode == EXIT_CONFIG


def test_a_locked_database_is_exit_75(desk: Desk) -> None:
    desk.run("db", "upgrade")
    rival = sqlite3.connect(desk.folder / "feeds.db", isolation_level=None)
    rival.execute("begin immediate")
    started = time.monotonic()
    done = desk.run("refresh", check=False)
    waited = time.monotonic() - started
    assert (done.returncode, 9 <= waited < 18) == (EXIT_BUSY, True)
    assert "another process held the database" in done.stderr
    rival.execute("rollback")
    rival.close()
    assert desk.run("refresh").returncode == EXIT_DONE


def test_a_damaged_database_is_exit_78(desk: Desk) -> None:
    (desk.folder / "feeds.db").write_bytes(b"no database" * 1000)
    done = desk.run("refresh", check=False)
    assert done.returncode == EXIT_CONFIG
    assert "damaged" in done.stderr


def test_a_clock_that_is_no_clock(desk: Desk) -> None:
    environment = desk.environment() | {"FEEDS_NOW": "yesterday"}
    command = [sys.executable, "-m", "feeds", "--config", str(desk.config), "refresh"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == EXIT_USAGE
    assert "FEEDS_NOW" in done.stderr


def test_two_refreshes_at_once_poll_nothing_twice(tmp_path: Path, origin: Origin) -> None:
    sources = {}
    for number in range(30):
        origin.put(f"/f{number}", NEWS.replace("<guid>1<", f"<guid>n{number}<").encode())
        sources[f"f{number:02}"] = origin.url(f"/f{number}")
    desk = Desk(tmp_path, sources=sources, per_host=2)
    desk.run("db", "upgrade")
    command = [sys.executable, "-m", "feeds", "--config", str(desk.config), "refresh", "--json"]
    both = [
        subprocess.Popen(command, env=desk.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
        for _ in range(2)
    ]
    reports = [json.loads(process.communicate(timeout=60)[0]) for process in both]
    assert [process.returncode for process in both] == [EXIT_DONE, EXIT_DONE]
    assert sum(report["polled"] for report in reports) == 30
    assert len([asked for asked in origin.requests if asked.path.startswith("/f")]) == 30


def test_batches_of_items_are_classified_and_grouped(desk: Desk) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": 1,
            "title": "Zelensky meets Erdogan in Ankara",
            "summary": "<p>On <b>grain</b>.</p>",
            "source": "a.example",
        },
        {"id": "b", "title": "How to roast a turkey", "content": "Butter & patience.", "url": "https://b.example/1"},
        {"title": "", "summary": ""},
    ]
    given = "".join(json.dumps(row) + "\n" for row in rows)
    classified = [json.loads(line) for line in desk.run("topics", "classify", stdin=given).stdout.splitlines()]
    assert [row["id"] for row in classified] == [1, "b", 3]
    assert set(classified[0]["topics"]) == {"diplomacy", "turkey", "ukraine"}
    assert classified[0]["topics"]["ukraine"]["score"] >= classified[0]["topics"]["ukraine"]["need"]
    assert classified[1]["topics"] == classified[2]["topics"] == {}
    text = "The presidents of Ukraine and Turkey spoke for two hours about exports over the sea."
    stream = [
        {"id": n, "title": "Two presidents speak about exports", "summary": text, "url": url, "published": when}
        for n, url, when in (
            ("x", "https://a.example/1", "2026-11-20T08:00:00Z"),
            ("y", "https://b.example/1", "2026-11-20T09:00:00Z"),
            ("z", "https://a.example/1?utm_medium=x", "2026-11-20T10:00:00Z"),
        )
    ]
    grouped = desk.run("stories", "group", stdin="".join(json.dumps(row) + "\n" for row in stream)).stdout
    answers = [json.loads(line) for line in grouped.splitlines()]
    assert [(a["id"], a["outcome"]) for a in answers] == [("x", "new"), ("y", "duplicate"), ("z", "same")]
    assert len({a["story"] for a in answers}) == 1


@pytest.mark.parametrize("line", ["nonsense", "[1]", '{"title": 7}'])
def test_a_line_that_is_no_item_is_named(desk: Desk, line: str) -> None:
    done = desk.run("topics", "classify", stdin=f'{{"title": "x"}}\n{line}\n', check=False)
    assert done.returncode == EXIT_USAGE
    assert "line 2" in done.stderr


def test_a_renamed_source_keeps_its_items_and_a_new_topic_takes_in_the_archive(desk: Desk) -> None:
    desk.refresh()
    desk.sources = {"agency": desk.sources["wire"], "paper": desk.sources["paper"]}
    desk.more = '[topics.grain]\ntitle = "Grain"\n[topics.grain.words]\n10 = ["grain"]\n'
    report = desk.refresh("--all", "--force")
    assert report["new"] == 0
    assert report["topics"]["grain"] == {"entries": 1, "written": True}
    assert "whole" in desk.run("db", "verify").stdout


def test_the_other_commands_answer(desk: Desk) -> None:
    desk.refresh()
    assert "fresh" in desk.run("status").stdout
    assert len(json.loads(desk.run("status", "--json").stdout)["sources"]) == 2
    assert "Ukraine" in desk.run("topics", "list").stdout
    assert "in  ukraine" in desk.run("topics", "explain", "--title", "Kyiv says yes", "War in Ukraine").stdout
    assert "wire" in desk.run("sources", "list").stdout
    assert "0 articles" in desk.run("topics", "rebuild").stdout
    copy = desk.folder / "copy.db"
    assert str(copy) in desk.run("db", "backup", str(copy)).stdout
    assert desk.run("db", "backup", str(copy), check=False).returncode == EXIT_FAILED
    assert "right" in desk.run("check").stdout


def test_changed_rules_are_checked_compared_and_applied(desk: Desk) -> None:
    grain = '[topics.grain]\ntitle = "Grain"\n[topics.grain.words]\n10 = ["grain*"]\n'
    desk.more = grain.replace('"grain*"', '"grain*", "grains", "us"')
    done = desk.run("topics", "check", check=False)
    assert done.returncode == EXIT_FAILED
    assert re.search(r'config.toml:\d+: topics.grain.words.10\[1\]: "grains" is found by "grain\*" too', done.stdout)
    assert re.search(r'config.toml:\d+: topics.grain.words.10\[2\]: "us" is an everyday word', done.stdout)
    assert "no stored articles: 2 findings" in done.stdout

    desk.more = grain
    desk.refresh()
    assert "1 stored article: 0 findings" in desk.run("topics", "check", "--stems").stdout
    assert "grain: +0 -0 of 1 article" in desk.run("topics", "diff").stdout
    desk.more = grain.replace("grain*", "wheat*") + "[topics.port.words]\n10 = ['ankara']\n"
    before = desk.rows()
    said = desk.run("topics", "diff", "--since", "7d").stdout
    assert "grain: +0 -1 of 1 article\n- 2026-11-20 09:00 UTC  paper: Zelensky meets" in said
    assert "topic     grain 0 of 10: no word of it" in said
    assert "port: +1 -0 of 1 article\n+ " in said
    assert "topic     port 20 of 10: ankara (title, 20)" in said
    assert "turkey" not in desk.run("topics", "diff", "grain").stdout
    assert "of 0 articles" in desk.run("topics", "diff", "--since", "1h", "grain").stdout
    assert desk.rows() == before

    done = desk.run("topics", "rebuild", "turkey")  # port is new, and new topics need no asking
    assert "1 article came into a topic or left one" in done.stdout
    assert "port: 1 stories, written" in done.stdout
    assert "rules.changed" in done.stderr  # those of grain
    assert "0 articles came" in desk.run("topics", "rebuild", "turkey").stdout
    said = desk.run("topics", "rebuild", "grain").stdout
    assert "1 article came into a topic or left one" in said
    assert "grain: 0 stories, written" in said
    done = desk.run("topics", "rebuild", "grane", check=False)
    assert (done.returncode, "did you mean 'grain'?" in done.stderr) == (EXIT_USAGE, True)


def test_a_rebuild_counts_an_article_once_though_one_topic_is_new_and_another_has_new_words(desk: Desk) -> None:
    desk.more = "[topics.grain.words]\n10 = ['grain']\n"
    desk.refresh()
    desk.more = "[topics.grain.words]\n10 = ['wheat']\n[topics.port.words]\n10 = ['ankara']\n"
    done = desk.run("topics", "rebuild")
    assert "1 article came into a topic or left one" in done.stdout
    assert {"grain: 0 stories, written", "port: 1 stories, written"} <= set(done.stdout.splitlines())
    assert "rules.changed" not in done.stderr  # which would advise what is being done
    assert "0 articles came" in desk.run("topics", "rebuild").stdout


def test_looking_changes_nothing(desk: Desk) -> None:
    done = desk.run("status", check=False)
    assert done.returncode == EXIT_USAGE
    assert "feeds.db: there is no database yet; `feeds refresh` or `feeds run` makes it" in done.stderr
    assert not (desk.folder / "feeds.db").exists()
    desk.refresh()
    before = desk.rows()
    desk.sources = {"another": desk.sources["paper"]}
    desk.topics = '[topics.grain]\ntitle = "Grain"\n[topics.grain.words]\n10 = ["grain"]\n'
    assert "wire" in desk.run("status").stdout
    assert "grain" in desk.run("topics", "list").stdout
    assert desk.rows() == before
    with sqlite3.connect(desk.folder / "feeds.db") as connection:
        connection.execute("update alembic_version set version_num = '0000'")
    connection.close()
    done = desk.run("status", check=False)
    assert done.returncode == EXIT_CONFIG
    assert "`feeds db upgrade`" in done.stderr


def test_serve_says_where_it_listens_and_answers(desk: Desk) -> None:
    desk.more = '[serve]\nlisten = "127.0.0.1:0"\n'
    desk.refresh()
    command = [sys.executable, "-m", "feeds", "--config", str(desk.config), "serve"]
    with subprocess.Popen(command, env=desk.environment(), stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        (address,) = re.findall(r"address=(\S+)", line)
        with urllib.request.urlopen(f"{address.rstrip('/')}/ukraine.atom", timeout=10) as answer:
            assert (answer.status, answer.read()) == (200, (desk.public / "ukraine.atom").read_bytes())
        process.terminate()
    assert process.returncode == EXIT_DONE


def test_the_demo_goes_the_whole_way() -> None:
    command = [sys.executable, "-m", "feeds", "demo", "--once"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert "15 of 15 sources polled" in done.stdout
    assert done.stderr == ""


def test_a_pause_that_a_host_asked_for_is_told(desk: Desk, origin: Origin) -> None:
    origin.say("/wire", Reply(status=429, headers={"Retry-After": "7200"}))
    desk.run("refresh", check=False)
    desk.now += timedelta(hours=1)
    told = {row["name"]: row["state"] for row in json.loads(desk.run("status", "--json").stdout)["sources"]}
    assert told["wire"].startswith("failing since 2026-11-20 12:00 UTC, once: http_429")
    assert all(state.endswith("waits until 2026-11-20 14:00 UTC, as its host asked") for state in told.values())


def test_the_page_of_an_article_that_is_kept_no_more_goes(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("one", "two"):
        text = f"2024-11-20 08:00:00\nNote {name} on Ukraine\nThe war in Ukraine goes on, says {name}.\n"
        (tmp_path / "in" / f"{name}.txt").write_text(text, "utf-8")
    desk = Desk(tmp_path, sources={"notes": f"file:{tmp_path / 'in'}"})
    desk.refresh()
    (tmp_path / "in" / "one.txt").unlink()
    desk.now += timedelta(days=1)
    desk.refresh("--all")
    desk.now += timedelta(days=200)
    desk.refresh("--all")
    assert [page.parent.name for page in (desk.public / "article").glob("*/index.html")] == ["note-two-on-ukraine"]


LIST = """<opml version="2.0"><body><outline text="News">
<outline title="The Paper" xmlUrl="https://paper.example/feed" language="en"/></outline>
<outline title="Nowhere" xmlUrl="https://no where/feed"/></body></opml>"""


def test_feeds_come_from_another_reader_and_go_to_one(desk: Desk) -> None:
    file = desk.folder / "list.opml"
    file.write_text(LIST)
    command = [sys.executable, "-m", "feeds", "--config", str(desk.config)]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, "sources", *arguments], capture_output=True, text=True, cwd=ROOT)

    before = desk.config.read_text()
    shown = run("import", "--dry-run", str(file))
    assert "would be added" in shown.stderr
    assert desk.config.read_text() == before
    done = run("import", str(file))
    assert done.returncode == EXIT_DONE
    assert done.stdout == f"1 source added to {desk.folder / 'config.toml'}, 0 known already, 1 left out\n"
    assert "https://no where/feed" in done.stderr
    assert (desk.folder / "config.toml").read_text() == before + "\n" + shown.stdout
    assert "paper.example/feed" in run("export").stdout
    assert "0 sources added" in run("import", str(file)).stdout
    for name, words in (("list.opml.gone", "cannot be read"), ("config.toml", "not_a_list: line 1")):
        refused = run("import", str(desk.folder / name))
        assert (refused.returncode, words in refused.stderr) == (EXIT_USAGE, True), refused.stderr
