"""A batch of hostile snippets, taken through the whole program to published files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from tests.desk import Desk
from tests.hostile import grammar, weave
from tests.origin import Origin

Snippets: TypeAlias = Callable[[int], str]

SUFFIXES = ("html", "md", "txt")
A_TOPIC = 100  # items: a feed is cut at 1 MB, and here nothing may be cut off

# Of so many feeds with hostile heads, one has an item: each is a source that is polled, stored and rendered by itself,
# and a thousand with items take minutes. All heads stand on the page and in the list of sources; beside an item (as its
# source, its author, its rights) stands one of ten. What that leaves: a head that is harmless on the page and active
# only beside an item. Both are made from the same cleaned values, and the same snippets stand in all fields of items.
ITEMLESS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What came of a batch."""

    files: Mapping[str, bytes]
    items: int  # that went in
    outcomes: Mapping[str, int]
    failed: Mapping[str, str]  # why, by source
    entries: int  # that came out, in the topics of these sources


def publish(
    folder: Path, numbers: Sequence[int], *, heads: int, articles: int, snippets: Snippets = grammar.snippet
) -> Publication:
    """Poll, store and publish items made of the snippets of these numbers.

    Every snippet stands in every field of an item of a feed whose whole text is published; in its categories as well,
    which are published nowhere: that they stay out is what they show. `heads` of them stand in
    title, address, id and rights of a feed as well, of whose items excerpts are published, and `articles` in files.
    """
    desk = Desk(folder, entries=10_000, keep="36500d")
    items = weave.weave(numbers, cache(snippets), desk.now)
    tables: list[str] = []
    topics: dict[str, list[str]] = {}

    def add(name: str, url: str, topic: str, **more: str) -> None:
        extra = "".join(f'{key} = "{value}"\n' for key, value in more.items())
        tables.append(f'[[sources]]\nname = "{name}"\nurl = "{url}"\n{extra}')
        topics.setdefault(topic, []).append(name)

    with Origin() as origin:
        forms = list(weave.FORMS.items())
        for at in range(0, len(items), A_TOPIC):
            form, write = forms[(numbers[0] + at) // A_TOPIC % len(forms)]
            name = f"{form}-{at}"
            origin.put(f"/{name}", write(name, items[at : at + A_TOPIC]))
            add(name, origin.url(f"/{name}"), f"t{at}", content="full")
        for at, item in enumerate(items[:heads]):
            name = f"title-{at}"
            origin.put(f"/{name}", weave.title_feed(item, form=at, with_item=at % ITEMLESS == 0))
            add(name, origin.url(f"/{name}"), f"s{at // 1000}", content="excerpt")
        for at, item in enumerate(items[:articles]):
            suffix = SUFFIXES[at % len(SUFFIXES)]
            file = folder / "articles" / f"{at:04}.{suffix}"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(weave.article_file(item, suffix))
            os.utime(file, times=((item.when - 2 * weave.APART).timestamp(),) * 2)  # its date, as it names none
        for suffix in SUFFIXES[:articles]:
            add(f"own-{suffix}", f"file:{folder}/articles/*.{suffix}", "own", kind="own", content="full")
        tables += [f'[topics.{name}]\ntitle = "{name}"\nalways = {members}\n' for name, members in topics.items()]
        desk.more = "".join(tables)
        with desk.app() as app:
            polls = [done for _, done in app.refresh.run()]
            entries = sum(done.entries for done in app.republish.run() if done.topic in topics)
    return Publication(
        files={name: body for name, body in desk.files().items() if not name.endswith(".gz")},
        items=len(items) + len(items[:heads:ITEMLESS]) + articles,
        outcomes=sum((Counter({k.value: n for k, n in done.outcomes.items()}) for done in polls), Counter()),
        failed={done.source: done.why for done in polls if done.why},
        entries=entries,
    )
