"""`feeds topics check`, `diff` and `rebuild`: changed rules, looked at before and applied to the archive."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from feeds.cli.items import topic_line
from feeds.cli.opening import app_of, settings_of
from feeds.cli.words import count, moment
from feeds.errors import EXIT_FAILED, Unknown, UserError

if TYPE_CHECKING:
    from feeds.classify.counting import Counting
    from feeds.model import Article, Match
    from feeds.wiring import App


class _Duration(click.ParamType):  # type: ignore[type-arg]
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> timedelta:
        from feeds.config.values import duration
        from feeds.config.words import Wrong

        try:
            return value if isinstance(value, timedelta) else duration("0s", "36500d")(value)
        except Wrong as exc:
            self.fail(f"{exc}; {exc.remedy}", param, context)


@click.command()
@click.option("--stems", is_flag=True, help="Also list what each short stem found in the archive, most frequent first.")
@click.pass_context
def check(context: click.Context, *, stems: bool) -> None:
    """Look for words that find more than was meant: everyday words, loose stems, words counted twice.

    And for rules that never work: topics whose need nothing can reach, a home of no country, empty lists.
    Counts the words in the stored articles too, where there are any. Exit code 1 if there is something to say.
    """
    from feeds.classify.idle import idle
    from feeds.classify.lint import failed_examples, lint, words_of
    from feeds.wiring import App

    with App(settings_of(context)) as app:
        file, line = app.settings.file, app.settings.line
        words = words_of(app.settings.rules, file=file, line=line)
        named = {topic for source in app.settings.sources for topic in source.topics}
        findings = [*lint(words), *failed_examples(app.rules, app.matcher, file=file, line=line)]
        findings += idle(app.settings.rules, app.rules, named=named, file=file, line=line)
        counting = _count(app, words)
    findings += counting.findings()
    for finding in sorted(findings, key=lambda f: (f.file, f.line)):
        click.echo(str(finding))
    for word, caught in counting.stems() if stems else ():
        found = ", ".join(f"{text} {times}" for text, times in caught)
        click.echo(f'{word.file}:{word.line}: {word.key}: "{word.pattern.spelled}" finds {found}')
    seen = count(counting.articles, "stored article") if counting.articles else "no stored articles"
    topics = count(len(app.rules.topics), "topic")
    click.echo(f"{topics}, {count(len(words), 'word')}, {seen}: {count(len(findings), 'finding')}")
    if findings:
        context.exit(EXIT_FAILED)


def _count(app: App, words: Any) -> Counting:
    from feeds.classify.counting import Counting
    from feeds.classify.parts import split_lead

    counting = Counting(words)
    try:
        store = app.store_as_it_is
    except UserError:
        return counting  # nothing is stored yet
    for article, _ in store.archive():
        counting.add(article.title, split_lead(article.text, app.rules.weights.lead_words)[0])
    return counting


@click.command()
@click.option("--since", type=_Duration(), default="7d", show_default=True, help="Only articles of this last time.")
@click.argument("topics", nargs=-1, metavar="[TOPIC ...]")
@click.pass_context
def diff(context: click.Context, since: timedelta, topics: tuple[str, ...]) -> None:
    """What `rebuild` would add (+) and remove (-): the stored articles, by the rules as they are in config.toml now.

    Changes nothing.
    """
    with app_of(context) as app:
        wanted = _known(topics, app.topics)
        changes: dict[str, list[tuple[str, Article, Match]]] = {topic: [] for topic in wanted}
        looked_at = 0
        for article, stored in app.store_as_it_is.archive(since=app.clock() - since):
            looked_at += 1
            before = {match.topic for match in article.topics}
            for match in app.matcher.judge(article, app.as_configured(stored)):
                passes = match.score >= match.need
                if match.topic in wanted and passes != (match.topic in before):
                    changes[match.topic].append(("+" if passes else "-", article, match))
    for topic, found in sorted(changes.items()):
        added = sum(sign == "+" for sign, _, _ in found)
        click.echo(f"{topic}: +{added} -{len(found) - added} of {count(looked_at, 'article')}")
        for sign, article, match in sorted(found, key=lambda change: (change[0], -change[2].score)):
            because = [(hit.word, hit.where, hit.points) for hit in match.because]
            click.echo(f"{sign} {moment(article.dated)}  {article.source}: {article.title}")
            click.echo(topic_line(topic, score=match.score, need=match.need, because=because))


@click.command()
@click.argument("topics", nargs=-1, metavar="[TOPIC ...]")
@click.pass_context
def rebuild(context: click.Context, topics: tuple[str, ...]) -> None:
    """Decide the topics of every stored article anew, or only these and new topics, and publish what changed."""
    with app_of(context) as app:
        moved = app.agree(rebuild=_known(topics, app.topics) if topics else None)
        published = list(app.republish.run())
    click.echo(f"{count(moved, 'article')} came into a topic or left one")
    for topic in published:
        click.echo(f"{topic.topic}: {topic.entries} stories, {'written' if topic.written else 'up to date'}")


def _known(named: Collection[str], topics: Collection[str]) -> Collection[str]:
    """The topics named, or all."""
    from feeds.classify.checker import nearest

    for name in named:
        if name not in topics:
            raise Unknown(f"there is no topic {name!r}; {nearest(name, topics)}")
    return named or topics
