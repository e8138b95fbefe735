"""How like one article is to another of the index, by the weight of the words of titles and of leads that both have."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log

_TITLE, _LEAD = 0.6, 0.4  # what they weigh
_DOUBT = 2.0  # unseen words that two texts are taken to differ by besides: few shared words prove little
_FADING = 0.7 / (24 * 3600.0)  # what a day between two reports takes: the later one tells of something new
EQUAL_TITLE, _EQUAL_LEAD, _ENOUGH = 0.75, 0.8, 10  # where one of them will do; shared tokens that a lead needs then


@dataclass(slots=True)
class Member:
    """A trace as the index holds it."""

    article: int
    story: int
    first: int
    root: int
    dated: float  # seconds since 1970
    seen: float
    publisher: str
    marks: str
    wire: str
    titles: int  # so many of the tokens are the title's
    tokens: array[int]  # slots of the vocabulary


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like an article is to a member of the index, and what speaks against their being one story."""

    member: Member
    score: float
    title: float  # of the titles alone
    lead: float  # of the leads alone; 0 if one has none
    shared: tuple[int, ...]  # tokens of both, rarest first
    against: str  # "" if nothing does


@dataclass(frozen=True, slots=True)
class Sought:
    """An article whose likes are looked for."""

    article: int
    titles: tuple[int, ...]  # tokens, rarest first
    leads: tuple[int, ...]
    dated: datetime
    publisher: str
    marks: str


class View:
    """One article, held against members."""

    def __init__(
        self,
        titles: Sequence[int],
        leads: Sequence[int],
        *,
        slots: Mapping[int, int],
        weights: Sequence[float],
        articles: int,
    ) -> None:
        """`titles` and `leads` are tokens, `slots` what the index has for them, `weights` log(1 + articles) by slot."""
        self._weights = weights
        # Tokens that no member has weigh as one that is met for the first time.
        self._titles = {slot for token in titles if (slot := slots.get(token)) is not None}
        self._leads = {slot for token in leads if (slot := slots.get(token)) is not None}
        self._all = log(1 + articles)
        self._sizes = len(titles), len(leads)
        unknown = len(titles) - len(self._titles), len(leads) - len(self._leads)
        self._title_weight = self._weigh(self._titles) + unknown[0] * self._all
        self._lead_weight = self._weigh(self._leads) + unknown[1] * self._all

    def _weigh(self, slots: Iterable[int]) -> float:
        slots = list(slots)
        return len(slots) * self._all - sum(map(self._weights.__getitem__, slots))

    def compare(self, member: Member, apart: float) -> tuple[float, float, float, set[int]]:
        """(score, likeness of the titles, of the leads, slots of both) against one member, `apart` seconds away."""
        title, lead = member.tokens[: member.titles], member.tokens[member.titles :]
        shared = self._titles.intersection(title)
        both, other = self._weigh(shared), self._weigh(title)
        titles, best = _jaccard(both, self._title_weight, other), self._proof(both, self._title_weight, other)
        leads, shared_leads = 0.0, set[int]()
        if lead and self._sizes[1]:
            shared_leads = self._leads.intersection(lead)
            both, other = self._weigh(shared_leads), self._weigh(lead)
            leads = _jaccard(both, self._lead_weight, other)
            best = _TITLE * best + _LEAD * self._proof(both, self._lead_weight, other)
        best /= 1 + apart * _FADING
        if titles > EQUAL_TITLE:
            best = max(best, 0.9 * titles)
        if leads > _EQUAL_LEAD and len(shared_leads) >= _ENOUGH:
            best = max(best, leads)
        return best, titles, leads, shared | shared_leads

    def _proof(self, both: float, one: float, other: float) -> float:
        return both / ((one + other) / 2 + _DOUBT * self._all)

    def same(self, member: Member) -> bool:
        """Whether title and lead have the very same tokens."""
        title, lead = set(member.tokens[: member.titles]), set(member.tokens[member.titles :])
        return (len(title), len(lead)) == self._sizes and title == self._titles and lead == self._leads


def _jaccard(both: float, one: float, other: float) -> float:
    whole = one + other - both
    return both / whole if whole > 0 else 0.0
