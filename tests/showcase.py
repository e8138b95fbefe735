"""The bundled wire as a published site with everything on it that a page can tell, for browsers and eyes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from feeds.cli.refreshing import one_pass
from feeds.config import ServeSettings
from feeds.publish.files import Folder
from feeds.serve.app import Server
from tests.desk import SAMPLES, Desk
from tests.origin import Origin

# Of the search: a page with stories of many languages, some of them in no topic; one that asks; one that did not
# understand.
QUERIES = {"search": "search?q=since%3A7d", "ask": "search", "misread": "search?q=mines+topic%3Aukrane"}
_NOON, _EVENING = datetime(2026, 11, 20, 12, tzinfo=UTC), datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
_MORNING = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)  # of the next day, so that the one before is over
_NEWS = "Ukraine and Türkiye open the first of four anchorages"
_PAPER = f"""<rss version="2.0"><channel><title>Morning Paper</title><link>https://morning.example/</link><item>
<title>{_NEWS}</title><link>https://morning.example/1</link><pubDate>Sat, 21 Nov 2026 06:10:00 GMT</pubDate>
<description>The first ship lay there on Saturday before dawn, a minister in Ankara said.</description>
</item></channel></rss>"""


def publish(folder: Path, *, language: str = "en", site: str = "https://desk.example/") -> Desk:
    """Take the samples through a day, and one story into the next: copies, corrections, a source that fails and one
    that has closed."""
    desk = Desk(folder, now=_NOON, language=language, site=site, more='[serve]\nlisten = "127.0.0.1:0"\n')
    with Origin() as origin:
        desk.take_samples(origin)
        for name, status in (("nowhere", 503), ("closed", 403), ("ended", 410)):
            origin.say(f"/{name}", status)
            desk.sources[name] = origin.url(f"/{name}")
        for now in (_NOON, _EVENING, _MORNING):
            desk.now = now
            if now == _EVENING:
                for file in (SAMPLES / "later").iterdir():
                    origin.put(f"/{file.name}", file.read_bytes())
            if now == _MORNING:
                origin.put("/morning", _PAPER.encode())
                desk.sources["morning"] = origin.url("/morning")
            with desk.app() as app:
                one_pass(app, only=["morning"] if now == _MORNING else None, due=False, force=False, quiet=True)
    return desk


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The address of a web server over what was published, and over the archive for queries."""
    with desk.app() as app:
        settings = ServeSettings(listen="127.0.0.1:0")
        with Server(Folder(desk.public), settings, clock=app.clock, search=lambda: app.search) as server:
            yield server.address


def pages(public: Path) -> dict[str, str]:
    """A page of each kind: what to call it, and where it is. Of many the longest, which has most to tell."""
    found = {"index": "", "about": "about/", "topic": "ukraine/", "day": "ukraine/2026-11-20.html"}
    for kind in ("article", "story"):
        longest = max(public.glob(f"{kind}/*/index.html"), key=lambda page: (page.stat().st_size, page), default=None)
        if longest is not None:
            found[kind] = f"{kind}/{longest.parent.name}/"
    return found | QUERIES
