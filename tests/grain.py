"""One story as three outlets tell it, in their own words: title and text by outlet."""

from __future__ import annotations

TOLD = {
    "alpha": (
        "Turkey and Ukraine sign grain export deal in Ankara",
        "The foreign ministers of Turkey and Ukraine signed an agreement on grain exports through the Black Sea.",
    ),
    "beta": (
        "Ukraine, Turkey sign deal on exports of grain",
        "An agreement that reopens Black Sea ports was signed by the ministers of both countries on grain exports.",
    ),
    "gamma": (
        "Grain deal of Ukraine and Turkey: ministers sign in Ankara after months",
        "Ministers put their names under an agreement about grain that had been negotiated for many months.",
    ),
}
