"""Pages of stories through a day: written as they change, gone with their stories, the same as if written at once."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.cli.refreshing import one_pass
from tests.desk import Desk
from tests.showcase import publish


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return publish(tmp_path_factory.mktemp("stories"))


def stories(desk: Desk) -> dict[str, bytes]:
    return {name: body for name, body in desk.files().items() if name.startswith("story/")}


def one_more(desk: Desk) -> None:
    with desk.app() as app:
        one_pass(app, only=[], due=True, force=False, quiet=True)


def test_pages_written_as_stories_changed_are_those_written_anew_from_all_rows(desk: Desk) -> None:
    before, times = stories(desk), desk.times()
    assert len(before) > 60
    one_more(desk)
    assert desk.times() == times, "nothing changed, so nothing is touched"
    shutil.rmtree(desk.public / "story")
    (desk.public / "index.html").unlink()  # as when the folder was lost
    one_more(desk)
    assert stories(desk) == before
    with desk.app() as app:
        app.store.want_stories()
    times = desk.times()
    one_more(desk)
    assert stories(desk) == before
    assert desk.times() == times


def test_every_story_that_a_page_links_has_its_page(desk: Desk) -> None:
    for page in desk.public.glob("*/index.html"):
        for part in page.read_text(encoding="utf-8").split('href="../story/')[1:]:
            assert (desk.public / "story" / part.partition("/")[0] / "index.html").exists()


def test_pages_go_with_their_stories(desk: Desk, tmp_path: Path) -> None:
    shutil.copytree(desk.folder, tmp_path / "later")
    later = Desk(tmp_path / "later", now=desk.now + timedelta(days=400), sources=desk.sources)
    with later.app() as app:
        app.store.expire(later.now, keep=timedelta(days=180))
        app.republish.swept.clear()
    one_more(later)
    left = {path.name for path in (later.public / "story").iterdir()}
    with later.app() as app:
        assert left == {each.rpartition("/")[2] for each in app.store.story_ids()}
    assert len(left) < len(stories(desk)) / 2 / 2
