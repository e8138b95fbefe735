"""What goes wrong within a pass stays where it went wrong: a source, a topic, a holder that died."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.errors import SandboxError, ShelfError, StoreFailing
from feeds.model import (
    Answer,
    Facts,
    Failed,
    Held,
    Job,
    Outcome,
    Poll,
    Polled,
    Reading,
    Request,
    Site,
    SourceState,
    Topic,
)
from feeds.ports import Decide
from feeds.publish import atom_rss
from feeds.publish.entry import Shown
from feeds.publish.names import AROUND_TOPICS, always_there
from feeds.publish.topic import Rendered
from feeds.publish.topic import render_topic as render_topic_itself
from feeds.refresh import Refresh, unless_held
from feeds.store.leases import Holder
from feeds.store.sql import SqlStore
from feeds.wiring import App
from tests.desk import Desk
from tests.make import NOW, source
from tests.origin import Origin

NOTE = "2026-11-20 08:00:00\nNote {0} on Ukraine\nThe war in Ukraine goes on, says {0}.\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    for name in ("bad", "good", "slow"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "note.txt").write_text(NOTE.format(name), encoding="utf-8")
        desk.sources[name] = f"file:{tmp_path / name}"
    return desk


class Troubled(SqlStore):
    """A real store that fails at some polls, in the ways that stores do."""

    def __init__(self, url: str, failures: dict[str, list[Exception]]) -> None:
        super().__init__(url)
        self.failures = failures

    def apply(self, poll: Poll, decide: Decide) -> Polled:
        if poll.reading and (left := self.failures.get(poll.job.source.name)):
            raise left.pop(0)
        return super().apply(poll, decide)


def run(app: App, failures: dict[str, list[Exception]]) -> dict[str, Polled]:
    """One round as the daemon does it: how each source ended."""
    store = Troubled(app.settings.store, failures)
    refresh: Refresh = replace(app.refresh, store=store)
    told: list[Polled] = []
    assert refresh.begin(told.append) == 3
    assert app.dispatch.wait(60)
    store.close()
    return {polled.source: polled for polled in told}


def test_a_poll_that_cannot_be_stored_is_that_sources_trouble_alone(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    with desk.app() as app:
        ended = run(app, {"bad": [ValueError("unheard of")]})
        assert {name: polled.status for name, polled in ended.items()} == {
            "bad": "failed",
            "good": "changed",
            "slow": "changed",
        }
        assert ended["bad"].why == "crash_ValueError: a mistake of this program"
        assert app.store.in_work(app.clock()) == ()
        desk.now += timedelta(hours=1)
        again = {polled.source: polled.status for _, polled in app.refresh.run()}
        assert again["bad"] == "changed", "its item was not taken for known"
        assert list(app.store.verify()) == []
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == ["source.crashed"]


def test_a_mistake_with_one_source_does_not_end_a_pass(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with desk.app() as app:
        store = Troubled(app.settings.store, {"bad": [ValueError("unheard of")]})
        ended = {polled.source: polled.status for _, polled in replace(app.refresh, store=store).run()}
        store.close()
        assert ended == {"bad": "failed", "good": "changed", "slow": "changed"}
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == ["source.crashed"]


def test_readers_that_fail_leave_no_lease_and_the_source_waits_its_interval(desk: Desk) -> None:
    def read(documents: object, facts: object) -> Reading:
        raise SandboxError("no process can be forked")

    with desk.app() as app:
        broken = replace(app.refresh, read=read)
        assert broken.begin(lambda polled: None) == 3
        assert app.dispatch.wait(60)
        assert {row["lease_until"] for row in app.store.status()} == {None}, "nothing holds their hosts back"
        assert broken.begin(lambda polled: None) == 0, "no publisher is asked once a second for what cannot be read"
        desk.now += timedelta(hours=1)
        assert {polled.status for _, polled in app.refresh.run()} == {"changed"}


def test_a_pass_keeps_its_leases_for_as_long_as_it_takes(desk: Desk) -> None:
    desk.concurrency = 1
    with desk.app() as app:
        beside = SqlStore(app.settings.store)
        stolen: list[Job] = []

        def fetch(request: Request) -> Answer:
            desk.now += timedelta(minutes=8)
            claimed = beside.claim(desk.now, limit=9, lease=timedelta(minutes=10))
            stolen.extend(job for job in claimed if job.state.polled is None)  # the others are due again
            return app.fetch(request)

        ended = {polled.source: polled.status for _, polled in replace(app.refresh, fetch=fetch).run()}
        beside.close()
    assert stolen == []
    assert ended == dict.fromkeys(("bad", "good", "slow"), "changed")


def test_what_was_fetched_is_kept_until_the_store_takes_it(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with desk.app() as app:
        ended = run(app, {"slow": [StoreFailing("disk full"), StoreFailing("disk full")]})
        assert {polled.status for polled in ended.values()} == {"changed"}
    told = [record.getMessage() for record in caplog.records if record.getMessage().startswith("store.")]
    assert told == ["store.failing", "store.recovered"], "once, however often it is tried"


def test_a_topic_that_cannot_be_written_does_not_hold_up_the_others(desk: Desk) -> None:
    with desk.app() as app:
        list(app.refresh.run())
        desk.public.mkdir()
        (desk.public / "diplomacy.atom").mkdir()  # in the way of a file
        with pytest.raises(ShelfError, match=r"diplomacy\.atom"):
            list(app.republish.run())
        assert b"Note bad" in (desk.public / "ukraine.atom").read_bytes()
        assert (desk.public / "index.html").exists()
        (desk.public / "diplomacy.atom").rmdir()
        assert {done.topic for done in app.republish.run() if done.written} == {"diplomacy"}


def test_topics_left_for_later_stay_dirty(desk: Desk) -> None:
    with desk.app() as app:
        list(app.refresh.run())
        list(app.republish.run(later=["ukraine"]))
        assert not (desk.public / "ukraine.atom").exists()
        assert [state.name for state in app.store.topics() if state.dirty] == ["ukraine"]
        assert "ukraine" in {done.topic for done in app.republish.run() if done.written}


def test_what_is_stored_while_topics_are_published_is_published_with_them_or_after(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk.app() as app:
        tuple(app.refresh.run())
        settle, meanwhile = SqlStore.settle, [True]

        def and_one_more_comes(store: SqlStore, now: datetime) -> int:
            settled = settle(store, now)
            if meanwhile and meanwhile.pop():
                (desk.folder / "good" / "late.txt").write_text(NOTE.format("late"), encoding="utf-8")
                ((_, polled),) = app.refresh.run(only=["good"], due=False)
                assert polled.outcomes[Outcome.NEW] == 1
            return settled

        monkeypatch.setattr(SqlStore, "settle", and_one_more_comes)
        while any(state.dirty for state in app.store.topics()):
            tuple(app.republish.run())
        assert b"Note late on Ukraine" in (desk.public / "ukraine.atom").read_bytes()


def test_a_topic_that_ended_leaves_a_note_and_nothing_else(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with desk.app() as app:
        list(app.refresh.run())
        list(app.republish.run())
    assert any(re.fullmatch(r"ukraine/\d{4}-\d\d-\d\d\.atom", name) for name in desk.files())
    topics = desk.topics
    desk.topics = topics.replace('use = "ukraine"', 'use = "ukraine"\nended = true')
    for _ in range(2):
        with desk.app() as app:
            assert {done.topic for done in app.republish.run()} == {"diplomacy", "turkey"}
        left = {name for name in desk.files() if name.startswith("ukraine")}
        assert left == {"ukraine/ended.txt", "ukraine/ended.txt.gz"}
        assert b"ukraine" not in desk.files()["index.html"] + desk.files()["topics.opml"]
    told = [vars(record) for record in caplog.records if record.getMessage() == "topic.ended"]
    assert [(record["topic"], record["files"]) for record in told] == [("ukraine", 5)], "once"

    desk.topics = topics
    with desk.app() as app:
        (back,) = (done for done in app.republish.run() if done.topic == "ukraine")
    assert (back.entries, back.written) == (3, True)
    assert "ukraine/ended.txt" not in desk.files()


def test_files_of_a_topic_that_nobody_speaks_of_are_named(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with desk.app() as app:
        list(app.refresh.run())
        list(app.republish.run())
    assert "topic.stray" not in caplog.text
    desk.topics = desk.topics.replace('[topics.ukraine]\nuse = "ukraine"\n', "")
    with desk.app() as app:
        list(app.republish.run())
        list(app.republish.run())
    told = [vars(record) for record in caplog.records if record.getMessage() == "topic.stray"]
    assert [record["topic"] for record in told] == ["ukraine"], "once a day"
    assert "ended = true" in told[0]["why"]
    assert "ukraine.atom" in desk.files()
    said = desk.run("check").stderr
    assert "warning: " in said
    assert "topics.ukraine: its files are served on" in said


def test_an_address_from_a_file_of_its_own_is_published_nowhere(tmp_path: Path) -> None:
    desk = Desk(tmp_path, more='[[sources]]\nname = "paid"\nurl_file = "paid-url"\ntopics = ["ukraine"]\n')
    with Origin() as origin:
        address = origin.url("/feed?token=s3cret")
        entry = "<id>urn:1</id><title>Talks</title><updated>2026-11-20T08:00:00Z</updated><summary>All.</summary>"
        feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><id>{address}</id><entry>{entry}</entry></feed>'
        origin.put("/feed?token=s3cret", feed.encode(), media="application/atom+xml")
        (tmp_path / "paid-url").write_text(address + "\n")
        with desk.app() as app:
            polls = [done for _, done in app.refresh.run()]
            done = {each.topic: each.entries for each in app.republish.run()}
    assert (polls[0].status, done["ukraine"]) == ("changed", 1)
    assert [name for name, body in desk.files().items() if b"s3cret" in body] == []
    assert b"<id>tag:desk.example,2026:source/paid</id>" in desk.files()["ukraine.atom"]


def test_only_topics_that_changed_are_rendered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []

    def render_topic(site: Site, topic: Topic, *entries: Any, **how: Any) -> Rendered:
        rendered.append(topic.name)
        return render_topic_itself(site, topic, *entries, **how)

    monkeypatch.setattr("feeds.republish.render_topic", render_topic)
    with desk.app() as app:
        list(app.refresh.run())
        list(app.republish.run())
        assert rendered == ["diplomacy", "turkey", "ukraine"]
        rendered.clear()
        list(app.republish.run())
        assert rendered == []
        (desk.folder / "good" / "more.txt").write_text("2026-11-20 09:00:00\nKyiv and Ukraine\nUkraine says so.\n")
        list(app.refresh.run(due=False))
        list(app.republish.run())
        assert rendered == ["ukraine"]


def test_what_somebody_took_away_comes_back(desk: Desk) -> None:
    with desk.app() as app:
        list(app.refresh.run())
        list(app.republish.run())
        before = desk.files()
        for name in (*always_there("ukraine"), *AROUND_TOPICS):
            (desk.public / name).unlink()
            list(app.republish.run())
            assert desk.files() == before, name


def test_a_host_that_had_enough_is_the_one_that_is_held_not_the_one_that_led_there() -> None:
    busy = Failed(why="http_429", url="https://cdn.example/x", status=429, holds_host=True)

    def ask(job: Job) -> Poll:
        return Poll(job=job, answer=busy, reading=None, state=job.state, host_until=NOW)

    hold = unless_held(ask)
    jobs = [
        Job(source=one, state=SourceState(source=one.name), token="", facts=Facts(source=one, now=NOW))
        for one in (source("led"), source("led"), source("cdn"))
    ]
    assert [type(hold(job).answer) for job in jobs] == [Failed, Failed, Held]


# ---------------------------------------------------------------------------------------------- holders


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "leases"


def test_what_killed_holders_left_is_swept_and_the_living_are_let_be(folder: Path) -> None:
    living = Holder(folder)
    living.take()
    (folder / "0123456789abcdef").touch()  # as a killed one leaves it
    newcomer = Holder(folder)
    newcomer.take()
    assert {file.name for file in folder.iterdir()} == {living.token, newcomer.token}
    assert newcomer.dead([living.token, "0123456789abcdef"]) == ["0123456789abcdef"]
    living.close()
    newcomer.close()
    assert list(folder.iterdir()) == []


def test_a_holder_whose_file_was_swept_before_it_could_lock_it_makes_another(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder, real = Holder(folder), fcntl.flock
    swept: list[str] = []

    def flock(file: int, operation: int) -> None:
        if not swept:  # the moment between making the file and locking it
            swept.append(holder.token)
            os.unlink(folder / holder.token)
        real(file, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    holder.take()
    assert swept == [holder.token]
    assert Holder(folder).dead([holder.token]) == []
    holder.close()


def test_a_story_that_cannot_be_published_is_named_and_counted_and_holds_up_no_other(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = atom_rss.fragments

    def fragments(shown: Sequence[Shown], form: atom_rss.Format) -> list[bytes]:
        if any("bad" in each.title for each in shown):
            raise ValueError("no vendor is perfect")
        return real(shown, form)

    monkeypatch.setattr(atom_rss, "fragments", fragments)
    with desk.app() as app:
        list(app.refresh.run())
        done = {each.topic: each for each in app.republish.run()}
    assert (done["ukraine"].entries, done["ukraine"].quarantined, done["turkey"].quarantined) == (2, 1, 0)
    told = [record for record in caplog.records if record.getMessage() == "entry.quarantined"]
    assert [vars(record)["why"] for record in told] == ["no vendor is perfect"], "once, though it is in two documents"
