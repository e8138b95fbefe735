"""A query becomes a topic: the TOML of rules that let in the same kind of texts.

What a query wants in one article, a topic wants in its title or lead: either close together (a combo), or all but one
of the words in the title and the rest in the lead (points). In the body they are there in passing, as for every topic.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator

from feeds.classify.patterns import Flaw, parse_pattern
from feeds.classify.rules import Weights
from feeds.config.values import RESERVED_TOPICS
from feeds.model import Filter, Query, Term

_NEED = 10
_LONGEST_TITLE = 100  # characters


def topic_from_query(query: Query, name: str, weights: Weights, sources: Iterable[str] = ()) -> str | Flaw:
    """Return the tables of the topic `name`, or why there can be no such topic. `sources` are the configured names.

    What rules have no word for is left out, and named in a comment.
    """
    wanted = [term for term in query.terms if not term.negated]
    unwanted = [term for term in query.terms if term.negated]
    for term in query.terms:
        pattern = parse_pattern(_spelled(term))
        if isinstance(pattern, Flaw):
            return pattern
    spelled = {source.lower(): source for source in sources}
    named = [each.value for each in query.filters if _is_wanted(each, "source") and "." not in each.value]
    if not wanted and not named:
        return Flaw(what="a topic needs a word, or the name of a source, to know its texts by", remedy="add a word")
    lines = [f"# left out, as rules cannot say it: {words}" for words in _left_out(query, with_words=bool(wanted))]
    lines += [f"[topics.{name}]", f"title = {_quoted(_said(query)[:_LONGEST_TITLE])}", f"need = {_NEED}"]
    languages = sorted({each.value.partition("-")[0] for each in query.filters if _is_wanted(each, "lang")})
    if languages:
        lines.append(f"languages = {_list(languages)}")
    if unwanted:
        lines.append(f"none = {_list(map(_spelled, unwanted))}")
    if wanted:
        lines += _words(name, [_spelled(term) for term in wanted], weights)
    else:
        lines.append(f"always = {_list(spelled.get(name, name) for name in named)}")
    return "\n".join(lines) + "\n"


def name_for(query: Query) -> str:
    """Return a name for the topic of a query, of its Latin letters and digits."""
    name = "-".join(re.findall("[a-z0-9]+", _said(query)))[:40].strip("-") or "my-topic"
    return f"{name}-news" if name in RESERVED_TOPICS else name


def _said(query: Query) -> str:
    words = [term.text for term in query.terms if not term.negated]
    return " ".join(words or [each.value for each in query.filters if _is_wanted(each, "source")])


def _words(name: str, spelled: list[str], weights: Weights) -> Iterator[str]:
    enough = math.ceil(_NEED / weights.lead)  # so that the lead suffices
    yield f"[topics.{name}.words]"
    if len(spelled) == 1:
        yield f"{enough} = {_list(spelled)}"
        return
    # As much as leaves a title that lacks one of them below the need.
    points = (math.ceil(10 * _NEED / (weights.title * (len(spelled) - 1))) - 1) / 10
    yield f'"{points:g}" = {_list(spelled)}'
    yield f"[[topics.{name}.combo]]"
    yield f"points = {enough}"
    yield f"within = {weights.lead_words}"
    yield f"all = [{', '.join(_list([word]) for word in spelled)}]"


def _left_out(query: Query, *, with_words: bool) -> Iterator[str]:
    for each in query.filters:
        said = _is_wanted(each, "lang") or (_is_wanted(each, "source") and not with_words and "." not in each.value)
        if not said:
            yield f"{'-' * each.negated}{each.kind}:{each.value}"
    if query.since is not None:
        yield "since:"


def _is_wanted(each: Filter, kind: str) -> bool:
    return each.kind == kind and not each.negated


def _spelled(term: Term) -> str:
    return term.text + "*" * term.stem


def _list(words: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, words))}]"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are among its own, and DEL cannot be in a query."""
    return json.dumps(text, ensure_ascii=False)
