"""The words of the archive, and the stories that have those of a query. SQLite's FTS5 (sqlite.org/fts5.html).

The index keeps the folded text itself: a row can then be taken out whatever folding would make of the article today.
Its rows are written in the transactions that write the articles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    column,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    table,
    update,
)
from sqlalchemy import text as sql

from feeds.fold import fold, html_text
from feeds.model import Filter, Query, Term
from feeds.store.database import batches
from feeds.store.tables import OF_ARTICLE, articles, memberships, revisions, sightings, sources, stories

# Columns are kept apart so that no phrase reaches from a title into a text.
search = table("search", column("rowid"), column("title"), column("text"))


def words_of(row: Mapping[str, Any]) -> dict[str, str]:
    """What the index holds of an article, given as its columns: all that readers may be shown of it, folded."""
    text = f"{html_text(row['summary'])} \n {row['text']}" if row["content"] else row["text"]
    return {"title": fold(row["title"]), "text": fold(text)}


def take_in(connection: Connection, article: int, row: Mapping[str, Any]) -> None:
    """Let a new article be found."""
    connection.execute(insert(search), {"rowid": article, **words_of(row)})


def take_up(connection: Connection, article: int, row: Mapping[str, Any]) -> None:
    """Let an article be found by what it says now, and no more by what it said."""
    connection.execute(update(search).where(search.c.rowid == article).values(words_of(row)))


def forget(connection: Connection, numbers: Iterable[int]) -> None:
    """Let these articles be found no more."""
    for some in batches(numbers):
        connection.execute(delete(search).where(search.c.rowid.in_(some)))


def find(connection: Connection, query: Query, *, limit: int) -> list[int]:
    """Numbers of the stories of which one article satisfies the query, newest first."""
    return list(connection.execute(question(query, limit=limit)).scalars())


def edition(connection: Connection) -> tuple[int, int]:
    """See ports.Store.edition."""
    came, edited = (select(func.coalesce(func.max(table.c.id), 0)) for table in (articles, revisions))
    newest = came.scalar_subquery(), edited.where(OF_ARTICLE).scalar_subquery()
    last, edit = connection.execute(select(*newest)).one()
    return last, edit


def question(query: Query, *, limit: int) -> Select[Any]:
    """What `find` asks. No part of it may be asked again for each row: an archive has a hundred thousand of them."""
    found: Select[Any] = select(stories.c.id).join(articles, articles.c.story_id == stories.c.id)
    wanted = [term for term in query.terms if not term.negated]
    if wanted:
        found = found.join(search, search.c.rowid == articles.c.id).where(_match(expression(query.terms)))
    elif query.terms:
        having = select(search.c.rowid).where(_match(" OR ".join(map(_any, query.terms))))
        found = found.where(articles.c.id.not_in(having))
    found = found.where(*_beside(query.filters))
    if query.since is not None:
        found = found.where(stories.c.published >= query.since)
    newest = found.distinct().order_by(stories.c.published.desc(), stories.c.id.desc()).limit(limit)
    return newest.add_columns(stories.c.published)


def expression(terms: Sequence[Term]) -> str:
    """The terms, not all of them negated, in the language of FTS5.

    Of the words nothing but letters and digits comes in, in quotes: nothing that anybody types can be an operator, or
    end a string.
    """
    wanted = " AND ".join(_any(term) for term in terms if not term.negated)
    unwanted = " OR ".join(_any(term) for term in terms if term.negated)
    return f"({wanted}) NOT ({unwanted})" if unwanted else wanted


def _any(term: Term) -> str:
    star = "*" if term.stem else ""
    return "(" + " OR ".join(f'"{spelling}"{star}' for spelling in term.spellings) + ")"


def _match(fts: str) -> ColumnElement[bool]:
    return sql("search MATCH :fts").bindparams(fts=fts)  # type: ignore[return-value]


def _beside(filters: Sequence[Filter]) -> list[ColumnElement[bool]]:
    """The conditions that filters make: of each kind one of those wanted, and none of those not wanted."""
    wanted: dict[str, list[ColumnElement[bool]]] = {}
    conditions = []
    for each in filters:
        condition = _CONDITIONS[each.kind](each.value)
        if each.negated:
            conditions.append(not_(condition))
        else:
            wanted.setdefault(each.kind, []).append(condition)
    return [*conditions, *(or_(*some) for some in wanted.values())]


def _in_topic(name: str) -> ColumnElement[bool]:
    """The topic shows the story, for whichever of its articles."""
    of = articles.alias()
    members = select(of.c.story_id).join(memberships, memberships.c.article_id == of.c.id)
    return stories.c.id.in_(members.where(memberships.c.topic == name))  # made once, not looked for at each story


def _of_source(value: str) -> ColumnElement[bool]:
    """The source brought the article too, or its publisher has the domain."""
    if "." in value:
        return or_(articles.c.publisher == value, articles.c.publisher.endswith("." + value, autoescape=True))
    carried = select(sightings.c.article_id).join(sources, sources.c.id == sightings.c.source_id)
    return articles.c.id.in_(carried.where(func.lower(sources.c.name) == value))


def _in_language(tag: str) -> ColumnElement[bool]:
    """The language, or one below it: pt is also pt-BR."""
    spoken = func.lower(articles.c.language)
    return or_(spoken == tag, spoken.startswith(tag + "-", autoescape=True))


_CONDITIONS = {"topic": _in_topic, "source": _of_source, "lang": _in_language}
