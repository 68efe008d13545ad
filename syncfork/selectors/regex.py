"""`regex:` finds what a regular expression matches."""

from __future__ import annotations

import re
from typing import Annotated

from msgspec import Meta, Struct

from syncfork.selectors.base import Finder, Regex, WrittenSelector
from syncfork.text import Document, Match


class RegexSelector(WrittenSelector, frozen=True):
    """Every match of the expression, or of one group in it."""

    regex: Regex
    group: Annotated[
        int | str, Meta(description="Select this group (number or name) instead of the whole match.")
    ] = 0

    def __post_init__(self) -> None:
        pattern = re.compile(_quick(self.regex), re.MULTILINE)
        known = (
            self.group in pattern.groupindex
            if isinstance(self.group, str)
            else 0 <= self.group <= pattern.groups
        )
        if not known:
            raise ValueError(f"the expression has no group {self.group!r}")

    def finder(self) -> Finder:
        """See the base class."""
        return RegexFinder(re.compile(_quick(self.regex), re.MULTILINE), self.group)

    def label(self) -> str:
        """See the base class."""
        return f"the expression {self.regex!r}"


# A line's beginning and then a plain sign, which nothing after it makes optional.
_BEGINS = re.compile(r"\^([A-Za-z0-9#/])(?![*+?{])")


def _quick(regex: str) -> str:
    """The same expression, in a form in which `re` skips to where its first sign stands: a line's beginning alone it
    looks for at every character."""
    begins = _BEGINS.match(regex)
    if not begins or "|" in regex:
        return regex
    return f"{begins[1]}(?<=^{begins[1]}){regex[begins.end() :]}"


class RegexFinder(Struct, frozen=True):
    """The compiled form of `RegexSelector`. Groups are captured by number and by name."""

    pattern: re.Pattern[str]
    group: int | str = 0

    def __call__(self, document: Document) -> list[Match]:
        """See `Finder`. A group that did not take part in a match selects nothing."""
        return [
            Match(*found.span(self.group), groups=captured(found))
            for found in self.pattern.finditer(document.text)
            if found.start(self.group) >= 0
        ]


def captured(found: re.Match[str]) -> dict[str, str]:
    """The groups of a regular expression's match, by number (as text) and by name; unmatched ones are empty."""
    numbered = {str(number): text or "" for number, text in enumerate(found.groups(), start=1)}
    return {"0": found.group(0), **numbered, **{name: text or "" for name, text in found.groupdict().items()}}
