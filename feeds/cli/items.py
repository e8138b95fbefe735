"""`feeds status` and `feeds why`: how things stand, and what became of an item."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feeds.cli.opening import app_of
from feeds.cli.words import console, echo_json, following, moment, notes, state, told
from feeds.errors import EXIT_FAILED
from feeds.fetch.why import public

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feeds.model import Reach

# A page of ours, as the browser, `feeds why` or the folder of published files names it.
_PAGE = re.compile(r"(?:^|/)(?:article/(?P<slug>[^/?#]+)|story/(?P<story>[^/?#]+))/?(?:index\.html)?(?:[?#].*)?$")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_context
def status(context: click.Context, *, as_json: bool) -> None:
    """How every source and topic stands, in words."""
    with app_of(context) as app:
        now, store = app.clock(), app.store_as_it_is
        rows, topics, hub = store.status(), store.topics(), store.hub_standing(now)
        off = app.off
    due = [row for row in rows if not row["stopped"] and (row["next_poll"] is None or row["next_poll"] <= now)]
    late = max((now - row["next_poll"] for row in due if row["next_poll"]), default=now - now)
    if as_json:
        echo_json(
            {
                "sources": [_plain(row, now) for row in rows],
                "topics": {t.name: {"entries": t.entries, "behind": t.dirty, "since": t.dirty_at} for t in topics},
                "hub": [asdict(each) for each in hub],
                "due": len(due),
                "late_seconds": int(late.total_seconds()),
                "push": {"on": not off, "why": off},
            }
        )
        return
    _print_status(rows, topics, hub, now, len(due))
    if off and any(row["push"] for row in rows):
        click.echo(f"Nothing is pushed to us, and all is polled: {off}.")


def _plain(row: Mapping[str, Any], now: Any) -> dict[str, Any]:
    words = {"url": public(row["url"]), "why": public(row["why"])}
    return {**row, **words, "state": state(row, now), "next": following(row, now)}


def _print_status(rows: Any, topics: Any, hub: Sequence[Reach], now: Any, due: int) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table("source", "state", "next poll", "items", "new", title="Sources", title_justify="left")
    for row in rows:
        counts = row["counts"]
        words = Text(state(row, now)), Text(following(row, now))
        table.add_row(row["name"], *words, str(counts["items"]), str(counts["new"]))
    screen = console()
    screen.print(table)
    for row in rows:
        for note in notes(row):
            screen.print(Text(f"{row['name']}: {note}"))
    table = Table("topic", "stories", "files", title="Topics", title_justify="left")
    for topic in topics:
        behind = f"behind since {moment(topic.dirty_at)}" if topic.dirty else "up to date"
        table.add_row(topic.name, str(topic.entries), behind)
    screen.print(table)
    if hub:
        table = Table("feed", "who is told", title="WebSub", title_justify="left")
        for each in hub:
            table.add_row(each.topic, Text(told(each)))
        screen.print(table)
    screen.print(f"{due} of {len(rows)} sources are due.")


@click.command()
@click.argument("item", metavar="URL-OR-ID-OR-FILE")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_context
def why(context: click.Context, item: str, *, as_json: bool) -> None:
    """What became of an item: its outcome, article, story, topics, and the words that decided.

    The item is named by its address, guid, file, article number or page, or by the id or page of its story. What has
    had the name before, or has it as well, is told too.
    """
    with app_of(context) as app:
        found = app.store.why(spellings(item))
    if as_json:
        echo_json({"item": item, "findings": list(found)})
    elif found:
        for finding in found:
            _print_finding(finding)
    else:
        click.echo(f"{item}: never seen, or longer ago than is remembered", err=True)
    if not found:
        context.exit(EXIT_FAILED)


def spellings(item: str) -> list[str]:
    """All the names under which the item may be known."""
    from feeds.normalise.urls import canonical_url

    item = item.encode("utf-8", "replace").decode()  # what the shell gave need not be text
    spellings = [item]
    try:
        spellings.append(canonical_url(item))
    except ValueError:  # a file, perhaps: it may be gone, and the way to it may lead over links
        spellings += [path.as_uri() for path in (Path(item).absolute(), Path(item).resolve())]
    if page := _PAGE.search(item):
        spellings.append(page["slug"] or page["story"])
    return spellings


def _print_finding(finding: Mapping[str, Any]) -> None:
    lines = [f"{finding['source'] or '?'}: {finding['outcome'] or 'stored'} — {finding['because']}"]
    if finding["label"]:
        lines.append(f"  item      {finding['label']}")
    if "title" in finding:
        lines += [
            f"  article   {finding['article']}  {finding['title']}",
            f"  address   {finding['url'] or 'none'}",
            f"  published {moment(finding['published'])}, first seen {moment(finding['first_seen'])}",
            f"  story     {finding['id'] or 'not published'}, led by {finding['leads']}",
        ]
        lines += [
            f"  apart     from article {o['article']} of {o['source']}, split by hand for good: {o['title']}"
            for o in finding["apart"]
        ]
        if near := finding["near"]:
            lines.append(f"  joined    {_like(near)}")
        for other in finding["with"]:
            lines.append(f"  with      article {other['article']} of {other['source']}: {other['title']}")
            if near := other["near"]:
                lines.append(f"            which joined {_like(near)}")
        for related in finding["related"]:
            lines.append(f"  related   {_like(related)}")
            if related["against"]:
                lines.append(f"            kept apart: {related['against']}")
        if finding["copy_of"]:
            lines.append(f"  copies    article {finding['copy_of']}: counts as no voice of its own")
        others = [sighting for sighting in finding["sightings"] if sighting["source"] != finding["of"]]
        lines += [f"  also in   {other['source']}: {other['title']}" for other in others]
        versions = [*finding["revisions"], *finding["copy_revisions"]]
        lines += [_changed(version) for version in sorted(versions, key=lambda version: version["seen_at"])]
        if finding["withdrawn"]:
            lines.append(f"  withdrawn by its publisher, seen {moment(finding['withdrawn'])}")
        lines += _topics(finding) or ["  in no topic"]
    click.echo("\n".join(lines))


def _like(near: Mapping[str, Any]) -> str:
    return f"article {near['article']}, likeness {near['score']:.2f}: both say {', '.join(near['shared'])}"


def _topics(finding: Mapping[str, Any]) -> list[str]:
    """The topics of an article, and of its story those that another article speaks for, or more than it does."""
    lines = [topic_line(name, **match) for name, match in finding["topics"].items()]
    for name, match in finding["story_topics"].items():
        if match["article"] != finding["article"]:
            reasons = {key: match[key] for key in ("score", "need", "because")}
            through = f", through article {match['article']} of {match['source']}"
            lines.append(topic_line(name, **reasons, through=through))
    return lines


def _changed(revision: Mapping[str, Any]) -> str:
    told = ", ".join(revision["corrections"])
    weight = f"corrects {told}" if told else "cosmetic"
    differs = ", ".join(revision["differs"])
    of = f", as a copy in {revision['source']}" if "source" in revision else ""
    return f"  changed   {moment(revision['seen_at'])}{of}: {differs} ({weight}); was: {revision['was']}"


def topic_line(topic: str, *, score: float, need: float, because: Any, through: str = "") -> str:
    """One topic with its reasons: `  topic     ukraine 26.4 of 10: kyiv* (title, 20), ...`."""
    words = ", ".join(f"{word} ({where}, {points:g})" for word, where, points in because) or "no word of it"
    return f"  topic     {topic} {score:g} of {need:g}{through}: {words}"
