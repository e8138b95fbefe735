"""`feeds sources check` and `discover`: what servers and pages say, with nothing stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from feeds.cli.opening import app_of
from feeds.cli.words import count, echo_json, gap, moment
from feeds.errors import EXIT_FAILED, UserError
from feeds.fetch.why import public
from feeds.model import Article, Facts, Failed, Fetched, Gone, Reading, Request, Source

if TYPE_CHECKING:
    from datetime import datetime

    from feeds.model import Poll

_PERMANENT = (301, 308)
_ASLEEP = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one look at a source showed."""

    source: str
    says: str  # in one line
    facts: dict[str, str] = field(default_factory=dict)  # what is good to know
    findings: tuple[str, ...] = ()  # what should be mended


def saw(poll: Poll, now: datetime) -> Seen:
    """What one poll saw."""
    name, answer, reading = poll.job.source.name, poll.answer, poll.reading
    if isinstance(answer, Failed | Gone):
        words = f"http_{answer.status}: taken away for good" if isinstance(answer, Gone) else _failure(answer)
        return Seen(source=name, says=public(words), findings=(public(words),))
    if not isinstance(answer, Fetched) or reading is None:
        return Seen(source=name, says="not asked, as its host wants a pause")
    articles = [item for item in reading.items if isinstance(item, Article)]
    dates = [item.published for item in articles if item.published]
    newest = f", the newest of {moment(max(dates))}" if dates else ""
    says = f"{reading.head.format}, {count(len(reading.items), 'item')}{newest}; {answer.size / 1000:.3g} kB"
    return Seen(
        source=name,
        says=says,
        facts={key: words for key, words in _facts(answer, reading, articles, poll).items() if words},
        findings=tuple(_findings(answer, reading, articles, now)),
    )


def _failure(answer: Failed) -> str:
    return f"{answer.why}: {answer.detail}" if answer.detail else answer.why


def _facts(answer: Fetched, reading: Reading, articles: list[Article], poll: Poll) -> dict[str, str]:
    topics = Counter(match.topic for article in articles for match in article.topics)
    kept = [name for name, value in (("ETag", answer.etag), ("Last-Modified", answer.last_modified)) if value]
    asks = [
        f"{name} {gap(timedelta(seconds=seconds))}"
        for name, seconds in (("max-age", answer.hints.max_age), ("ttl", reading.head.ttl))
        if seconds
    ]
    asks += ["skipHours"] if reading.head.skip_hours else []
    asks += ["skipDays"] if reading.head.skip_days else []
    web = not poll.job.source.is_file
    return {
        "title": reading.head.title,
        "topics": ", ".join(f"{topic} {number}" for topic, number in topics.most_common()) or "none",
        "validators": (" and ".join(kept) or "none: each poll takes the whole body") if web else "",
        "asks for": ", ".join(asks),
        "hub": reading.head.hub if reading.head.topic and web else "",
        "led over": ", ".join(f"{hop.status} {public(hop.url)}" for hop in answer.hops),
        "malformed": reading.trouble,
    }


def _findings(answer: Fetched, reading: Reading, articles: list[Article], now: datetime) -> list[str]:
    found = []
    if answer.hops and all(hop.status in _PERMANENT for hop in answer.hops):
        found.append(f'it has moved for good; write url = "{answer.hops[-1].url}"')
    rejected = Counter(item.why for item in reading.items if not isinstance(item, Article))
    found += [f"{count(number, 'item')} of no use: {why}" for why, number in rejected.most_common()]
    dates = [article.published for article in articles if article.published]
    if not reading.items:
        found.append("it lists nothing")
    elif articles and not dates:
        found.append("no item has a date; each is dated when it is first seen")
    elif dates and now - max(dates) > _ASLEEP:
        found.append(f"nothing new for {gap(now - max(dates))}")
    return found


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_context
def check(context: click.Context, names: tuple[str, ...], *, as_json: bool) -> None:
    """Poll sources once, store nothing, and say what they sent; all of them if none is named.

    Asks as if for the first time, whatever is stored: also before a source is due, and hosts and sources that want a
    pause (429, Retry-After) or have stopped (410). Within one check a host that says 429 is left alone.

    Exits with 1 if there is something to mend: a source that cannot be read, that has moved for good, that sends
    another coding than gzip, items of no use.
    """
    with app_of(context) as app:
        configured = {source.name: source for source in app.settings.sources}
        if unknown := sorted(set(names) - configured.keys()):
            raise UserError(f"no source is called {' or '.join(unknown)}; `feeds sources list` names them all")
        wanted = [configured[name] for name in dict.fromkeys(names)] or [s for s in configured.values() if s.enabled]
        now = app.clock()
        seen = []
        for poll in app.look(wanted):
            seen.append(saw(poll, now))
            if not as_json:
                _print(seen[-1])
    findings = sum(len(one.findings) for one in seen)
    if as_json:
        rows = [{"source": s.source, "says": s.says, **s.facts, "findings": list(s.findings)} for s in seen]
        echo_json({"sources": rows, "findings": findings})
    else:
        click.echo(f"{count(len(seen), 'source')} asked, {count(findings, 'finding')}; nothing was stored.")
    context.exit(EXIT_FAILED if findings else 0)


def _print(seen: Seen) -> None:
    lines = [f"{seen.source}: {seen.says}", *(f"  {name:<10} {words}" for name, words in seen.facts.items())]
    failed = not seen.facts
    lines += [] if failed else [f"  to mend    {words}" for words in seen.findings]
    click.echo("\n".join(lines))


@click.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_context
def discover(context: click.Context, url: str, *, as_json: bool) -> None:
    """Name the feeds that a web page links, so that one of them can be configured.

    Exits with 1 if there is none.
    """
    address = url if "//" in url else f"https://{url}"
    if not address.lower().startswith(("http://", "https://")):
        raise UserError(f"{public(url)}: name a page of the web, as in https://news.example.org/")
    with app_of(context) as app:
        answer = app.fetch(Request(source="discover", url=address))
        if not isinstance(answer, Fetched):
            words = _failure(answer) if isinstance(answer, Failed) else "gone"
            raise UserError(f"{public(address)}: {public(words)}")
        facts = Facts(source=Source(name="discover", url=address), now=app.clock())
        reading = app.read(answer.documents, facts)
    feeds = (answer.documents[0].url,) if isinstance(reading, Reading) else reading.feeds
    if as_json:
        echo_json({"url": public(address), "is_feed": isinstance(reading, Reading), "feeds": list(feeds)})
    elif isinstance(reading, Reading):
        click.echo(f"{feeds[0]}: a feed itself ({reading.head.format}, {count(len(reading.items), 'item')})")
    else:
        click.echo("\n".join(feeds) or f"{public(address)}: links no feed", err=not feeds)
    context.exit(0 if feeds else EXIT_FAILED)
