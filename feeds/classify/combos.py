"""Whether different things stand near each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Spot: TypeAlias = tuple[int, int, int, str]  # number of the word in its text, list, entry of the list, word of the rule


def find_nearby(
    spots: Mapping[int, Sequence[Spot]], needs: Sequence[tuple[int, int]], within: int
) -> tuple[str, ...] | None:
    """The words of the first stretch of at most `within` words that holds all of `needs`, in the order of the text.

    `spots` are by list; `needs` are pairs (list, how many different entries of it).
    """
    in_order = sorted(spot for of, _ in needs for spot in spots.get(of, ()))
    times: dict[tuple[int, int], int] = {}  # of each entry inside the stretch
    lacking = dict(needs)
    unmet = len(lacking)
    first = 0
    for last, (place, of, entry, _) in enumerate(in_order):
        times[of, entry] = times.get((of, entry), 0) + 1
        if times[of, entry] == 1:
            lacking[of] -= 1
            unmet -= lacking[of] == 0
        while place - in_order[first][0] > within:
            _, gone, entry, _ = in_order[first]
            first += 1
            times[gone, entry] -= 1
            if times[gone, entry] == 0:
                unmet += lacking[gone] == 0
                lacking[gone] += 1
        if not unmet:
            return _one_of_each(in_order[first : last + 1], dict(needs))
    return None


def _one_of_each(stretch: Sequence[Spot], wanted: dict[int, int]) -> tuple[str, ...]:
    words: dict[tuple[int, int], str] = {}
    for _, of, entry, word in stretch:
        if (of, entry) not in words and wanted[of]:
            wanted[of] -= 1
            words[of, entry] = word
    return tuple(words.values())
