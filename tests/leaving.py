"""What work that is done again and again leaves behind in memory."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable


def left_behind(work: Callable[[], object], *, rounds: int) -> float:
    """Bytes of memory that each of so many rounds leaves behind, once a quarter of them has filled what is kept.

    Of two stretches the smaller: what the interpreter fills once, in either, is none of theirs.
    """
    for _ in range(rounds // 4):
        work()
    return min(_stretch(work, rounds) for _ in range(2))


def _stretch(work: Callable[[], object], rounds: int) -> float:
    tracemalloc.start()
    try:
        for _ in range(rounds):
            work()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] / rounds
    finally:
        tracemalloc.stop()
