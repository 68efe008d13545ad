"""What every selector shares: the written form's common options and the compiled form's contract."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Protocol

from msgspec import Meta, Struct
from msgspec.structs import replace

from syncfork.text import Document, Match

if TYPE_CHECKING:
    from syncfork.selectors.registry import AnySelector


class Written(Struct, frozen=True, rename=lambda name: name.rstrip("_").replace("_", "-")):
    """Base of everything a rule file can say. `called` is what messages call such a value."""

    called: ClassVar[str] = "a mapping"


def _checked_regex(pattern: str) -> str:
    try:
        re.compile(pattern, re.MULTILINE)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return pattern


Regex = Annotated[
    str,
    _checked_regex,
    Meta(description="A Python regular expression; ^ and $ match at every line."),
]


class Finder(Protocol):
    """The part of a compiled selector that differs by kind."""

    def __call__(self, document: Document) -> list[Match]:
        """Every match in the document, in order. Raises CannotReadError."""
        ...


class Selector(Struct, frozen=True):
    """A compiled selector: a finder, narrowed by what is common to all kinds.

    `by_place` tells that it finds a place whatever stands there.
    """

    finder: Finder
    label: str
    within: Selector | None = None
    mentions: re.Pattern[str] | None = None
    lacks: re.Pattern[str] | None = None
    innermost: bool = False
    lines: bool = False
    by_place: bool = False

    def find(self, document: Document) -> list[Match]:
        """All matches in `document`, in order. Raises CannotReadError where the text cannot be read."""
        found = self.finder(document)
        if self.within is not None:
            scopes = self.within.find(document)
            found = [kept for match in found if (kept := _within(match, scopes))]
        if self.mentions is not None:
            found = [match for match in found if self.mentions.search(match.text(document))]
        if self.lacks is not None:
            found = [match for match in found if not self.lacks.search(match.text(document))]
        if self.innermost:
            found = [
                m
                for m in found
                if not any(n.inside(m) and (n.start, n.end) != (m.start, m.end) for n in found)
            ]
        if self.lines:
            found = [self._widened(document, match) for match in found]
        return found

    def _widened(self, document: Document, match: Match) -> Match:
        last = max(match.start, match.end - 1)
        return replace(match, start=document.line_start(match.start), end=document.line_end(last))


def _within(match: Match, scopes: Sequence[Match]) -> Match | None:
    """`match` where it lies in one of `scopes`; where an alias leads to all of those, one leads to it too."""
    around = [scope for scope in scopes if match.inside(scope)]
    if not around:
        return None
    return replace(match, aliased=True) if all(scope.aliased for scope in around) else match


class WrittenSelector(Written, kw_only=True, frozen=True):
    """Options that every selector takes, whatever its kind."""

    called: ClassVar[str] = "a selector: a mapping"

    within: Annotated[
        AnySelector | None, Meta(description="Only matches inside a match of this selector.")
    ] = None
    mentions: Annotated[Regex | None, Meta(description="Only matches whose text this expression finds.")] = (
        None
    )
    lacks: Annotated[
        Regex | None, Meta(description="Only matches whose text this expression does not find.")
    ] = None
    innermost: Annotated[bool, Meta(description="Of nested matches keep those that hold no other match.")] = (
        False
    )
    lines: Annotated[bool, Meta(description="Widen each match to whole lines.")] = False

    def finder(self) -> Finder:
        """The compiled search of this kind."""
        raise TypeError(f"{type(self).__name__} has no finder")

    def label(self) -> str:
        """A short name of the selector for messages."""
        raise TypeError(f"{type(self).__name__} has no label")

    def by_place(self) -> bool:
        """Whether the search goes by place alone, whatever stands there."""
        return False

    def compile(self) -> Selector:
        """The selector ready for use."""
        return Selector(
            finder=self.finder(),
            label=self.label(),
            within=self.within.compile() if self.within else None,
            mentions=re.compile(self.mentions, re.MULTILINE) if self.mentions else None,
            lacks=re.compile(self.lacks, re.MULTILINE) if self.lacks else None,
            innermost=self.innermost,
            lines=self.lines,
            by_place=self.by_place() and not self.mentions and not self.lacks,
        )
