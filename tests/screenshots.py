"""Pictures of every kind of page, to be looked at: `make screenshots`, or `python -m tests.screenshots FOLDER`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.hostile.browser import Browser
from tests.showcase import pages, publish, served

VIEWS = {
    "light": {"width": 1000},
    "dark": {"width": 1000, "prefers_color_scheme": "dark"},
    "narrow": {"width": 320},
    "print": {"width": 700, "type": "print"},
}


def main() -> None:
    """Write them into the folder that is named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work, Browser(Path(work) / "chromium") as browser:
        for language in ("en", "tr", "uk"):
            (Path(work) / language).mkdir()
            desk = publish(Path(work) / language, language=language)
            with served(desk) as site:
                for kind, where in pages(desk.public).items():
                    for view, media in VIEWS.items() if language == "en" else {"light": VIEWS["light"]}.items():
                        browser.look(**media)  # type: ignore[arg-type]
                        browser.open(site + where)
                        (folder / f"{kind}-{view}-{language}.png").write_bytes(browser.picture())
                if language == "en":
                    browser.look(width=1000)
                    browser.open(site + "ukraine/")
                    browser.evaluate("document.documentElement.dir = 'rtl'")
                    (folder / "topic-rtl.png").write_bytes(browser.picture())


if __name__ == "__main__":
    main()
