"""Which articles of a story repeat each other's words: those of one root are one voice, whatever they were before."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from feeds.identify.stories import RELATED, Stories
from feeds.identify.stories_view import Likeness, Member

_COPIED_LEAD, _COPIED_TITLE, _HEADLINE = 0.8, 0.95, 5  # likenesses of what is one text; words that a headline has


def repeats(wire: str, titles: int, other: Member, title: float, lead: float) -> bool:
    """Whether who names the agency `wire`, with so many words in its title, repeats the words of the other, or both
    those of one agency, by the likenesses of title and lead."""
    if wire and wire == other.wire:
        return True
    return lead >= _COPIED_LEAD or (title >= _COPIED_TITLE and min(titles, other.titles) >= _HEADLINE)


def roots_now(index: Stories, mine: Member, likes: Iterable[Likeness], *, among: Collection[int]) -> dict[int, int]:
    """The roots that follow from what `mine` says now, where they differ from those that are held, by article.

    `likes` is what it is like, `among` are the stories that are one from now on. Besides its own root, that of others
    may change: of those that repeated what it said before, or whose words it joins by its own.
    """
    copied = {like.member.root for like in likes if like.member.story in among and _says(mine, like)} - {mine.root}
    return _roots(index, mine, index.of_voice(mine.root), copied)


def root_of_new(index: Stories, mine: Member, likes: Iterable[Likeness], *, among: Collection[int]) -> dict[int, int]:
    """The same where `mine` has just come, and nobody can have repeated it."""
    copied = {like.member.root for like in likes if like.member.story in among and _says(mine, like)}
    return _roots(index, mine, [mine], copied) if copied else {}


def _says(mine: Member, like: Likeness) -> bool:
    return repeats(mine.wire, mine.titles, like.member, like.title, like.lead)


def _roots(index: Stories, mine: Member, voice: list[Member], copied: set[int]) -> dict[int, int]:
    parts = _parts(index, mine, voice)
    # What is no longer remembered cannot be compared: who is left of its voice stays in it.
    forgotten = all(member.article != mine.root for member in voice)
    found: dict[int, int] = {}
    for number, part in enumerate(parts):
        root = min(member.article for member in part)
        if (forgotten and not number) or any(member.article == mine.root for member in part):
            root = mine.root
        if copied and part is parts[-1]:
            root = min(copied | {root})
            part += [member for each in sorted(copied - {root}) for member in index.of_voice(each)]
        found |= {member.article: root for member in part if member.root != root}
    return found


def _parts(index: Stories, mine: Member, voice: Iterable[Member]) -> list[list[Member]]:
    """What still repeats each other of a voice, directly or by way of others; the part with `mine` comes last."""
    rest = [member for member in voice if member is not mine]
    parts: list[list[Member]] = []
    start: Member | None = mine
    while start is not None:
        part = [start]
        for one in part:  # which grows
            near = [other for other in rest if _repeat(index, one, other)]
            part += near
            rest = [other for other in rest if other not in near]
        parts.append(part)
        start = rest.pop(0) if rest else None
    return [*parts[1:], parts[0]]


def _repeat(index: Stories, one: Member, other: Member) -> bool:
    score, title, lead = index.compare(one, other)
    return score >= RELATED and repeats(one.wire, one.titles, other, title, lead)
