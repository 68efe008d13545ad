"""Words that messages share: lists that are cut short, places that are named in passing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def listed(words: Sequence[str], most: int = 3) -> str:
    """The first words, and how many more there are: `a, b, c and 2 more`."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return f"{', '.join(words[:most])}{more}"


def also(places: Iterable[str]) -> str:
    """Other places of the same finding, in brackets; nothing where there are none."""
    distinct = list(dict.fromkeys(places))
    return f" (also {listed(distinct)})" if distinct else ""
