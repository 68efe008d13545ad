"""`literal:` finds a text as it is written."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from syncfork.selectors.base import Finder, WrittenSelector
from syncfork.text import Document, Match


class Literal(WrittenSelector, frozen=True):
    """Every occurrence of the text, not overlapping, left to right."""

    literal: Annotated[str, Meta(min_length=1, description="The exact text to find.")]

    def finder(self) -> Finder:
        """See the base class."""
        return LiteralFinder(self.literal)

    def label(self) -> str:
        """See the base class."""
        return f"the text {self.literal!r}"


class LiteralFinder(Struct, frozen=True):
    """The compiled form of `Literal`."""

    text: str

    def __call__(self, document: Document) -> list[Match]:
        """See `Finder`."""
        found: list[Match] = []
        position = document.text.find(self.text)
        while position >= 0:
            found.append(Match(position, position + len(self.text)))
            position = document.text.find(self.text, position + len(self.text))
        return found
