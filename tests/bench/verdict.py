"""One line for each figure, or for what is missing to measure it."""

from __future__ import annotations

from pathlib import Path

from tests.real import DATA


def is_missing(data: Path) -> bool:
    """Whether real inputs, a file or a folder, are not here, which is said."""
    if not data.exists():
        print(f"../shared/data/{data.relative_to(DATA)}".removesuffix("/.") + " is not here: nothing is measured")
    return not data.exists()


def say(what: str, figure: float, target: float, *, at_most: bool = False, unit: str = "x") -> None:
    """Print what was measured, the target, and whether it holds."""
    holds = figure <= target if at_most else figure >= target
    sign = "<=" if at_most else ">="
    print(f"{what:60} {figure:10,.1f}{unit}  target {sign} {target:,g}{unit}  {'holds' if holds else 'DOES NOT HOLD'}")
