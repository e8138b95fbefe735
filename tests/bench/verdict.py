"""One line for each figure."""

from __future__ import annotations


def say(what: str, figure: float, target: float, *, at_most: bool = False, unit: str = "x") -> None:
    """Print what was measured, the target, and whether it holds."""
    holds = figure <= target if at_most else figure >= target
    sign = "<=" if at_most else ">="
    print(f"{what:60} {figure:10,.1f}{unit}  target {sign} {target:,g}{unit}  {'holds' if holds else 'DOES NOT HOLD'}")
