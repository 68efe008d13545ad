"""Every resolver by its name: a new one is its module, and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from syncfork.resolve.resolver import Resolver


def resolvers() -> Mapping[str, Resolver]:
    """The resolvers by name. Imported at the first need."""
    from syncfork.resolve import (
        additions,
        contained,
        deletions,
        moved,
        neighbours,
        numbers,
        pins,
        sides,
        spacing,
        substituted,
        words,
    )

    return {
        "neighbours": neighbours.RESOLVER,
        "words": words.RESOLVER,
        "spacing": spacing.RESOLVER,
        "additions": additions.RESOLVER,
        "pins": pins.RESOLVER,
        "numbers": numbers.RESOLVER,
        "moved": moved.RESOLVER,
        "deletions": deletions.RESOLVER,
        "substituted": substituted.RESOLVER,
        "contained": contained.RESOLVER,
        "sides": sides.RESOLVER,
    }
