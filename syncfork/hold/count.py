"""`require:` and `forbid:` count what a selector finds in each governed file."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from syncfork.errors import CannotReadError
from syncfork.globs import Globs
from syncfork.hold.base import Trees, Violation, WrittenHold, each_document
from syncfork.rewrite.base import Expected
from syncfork.selectors.base import Selector
from syncfork.selectors.key import KeyFinder
from syncfork.selectors.registry import AnySelector
from syncfork.text import Document, Match


class Require(WrittenHold, frozen=True):
    """Each governed file holds what the selector finds, `expect` times (`some` by default)."""

    require: AnySelector
    expect: Annotated[
        Annotated[int, Meta(ge=0)] | Literal["some"], Meta(description="A number, or `some` for one or more.")
    ] = "some"

    def compile(self) -> CountHold:
        """See the base class."""
        expected = (
            Expected(1, None) if self.expect == "some" else Expected(int(self.expect), int(self.expect))
        )
        return CountHold(self.require.compile(), expected)


class Forbid(WrittenHold, frozen=True):
    """No governed file holds what the selector finds."""

    forbid: AnySelector

    def compile(self) -> CountHold:
        """See the base class."""
        return CountHold(self.forbid.compile(), Expected(0, 0))


class CountHold(Struct, frozen=True):
    """The compiled form of both."""

    settles: ClassVar[bool] = True
    by_entry: ClassVar[bool] = False

    selector: Selector
    expected: Expected
    reads: tuple[Globs, ...] = ()

    def check(self, files: Globs, trees: Trees) -> list[Violation]:
        """See `Hold`."""
        return each_document(files, trees.subject, self._check)

    def _check(self, document: Document) -> list[Violation]:
        try:
            found = self.selector.find(document)
            others = self._left_out(document) if len(found) < self.expected.least else []
        except CannotReadError as error:
            return [Violation(document.path, 1, f"could not be checked: {error}")]
        if len(found) in self.expected:
            return []
        line = document.line_of(found[0].start) if found else 1
        about = tuple(
            document.text[document.line_start(m.start) : document.line_end(m.start)].strip() for m in found
        )
        if self.expected.most == 0:
            times = "" if len(found) == 1 else f", but is {len(found)} times"
            message = f"{self.selector.label} must not be here{times}"
            return [Violation(document.path, line, message, about=about)]
        message = f"{self.selector.label} is here {len(found)} times, not {self.expected}"
        if others:
            line = document.line_of(others[0].start)
            message = f"{self.selector.label} {others[0].groups['unlike']}"
        if len(found) < self.expected.least:
            # Of what is missing one less is worse: only the very same that are left make it the same.
            about = ("\n".join((message, *about)),)
        return [Violation(document.path, line, message, about=about)]

    def _left_out(self, document: Document) -> list[Match]:
        """What stands where the selector looks, and is not as it wants it."""
        finder = self.selector.finder
        return (
            replace(self.selector, finder=finder.left_out, lines=False).find(document)
            if isinstance(finder, KeyFinder)
            else []
        )
