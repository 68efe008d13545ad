"""`relate:` extracts a set of names here and a set there, and states how they must stand to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from syncfork.hold.base import Tree, Trees, Violation, WrittenHold
from syncfork.rewrite.keep import KeepAction
from syncfork.rules.files import Globs
from syncfork.selectors.base import CannotReadError, Regex, Selector, Written
from syncfork.selectors.registry import AnySelector


class Extract(Written):
    """A set of names: what the selector finds in the files, named as `keep` names items."""

    files: tuple[str, ...] = Field(min_length=1, description="Globs, `!` for exceptions.")
    select: AnySelector = Field(description="Finds the elements.")
    named: Regex | None = Field(
        None, description="Where in the element its name is: group 1, or the whole match."
    )


class Relation(Written):
    """How two sets stand to each other."""

    left: Extract
    is_: Literal["equal to", "subset of", "disjoint from"]
    right: Extract


class Relate(WrittenHold):
    """The two sets must stand in the stated relation, and neither may be empty."""

    relate: Relation

    def compile(self) -> RelateHold:
        """See the base class."""
        return RelateHold(_compile(self.relate.left), self.relate.is_, _compile(self.relate.right))


@dataclass(frozen=True)
class Names:
    """A compiled `Extract`."""

    files: Globs
    selector: Selector
    namer: KeepAction

    def extract(self, tree: Tree) -> dict[str, tuple[str, int]]:
        """Each name with the path and line where it first stands. Raises CannotReadError."""
        found: dict[str, tuple[str, int]] = {}
        for document in tree.documents(self.files):
            for match in self.selector.find(document):
                name = self.namer.name(document, match)
                found.setdefault(name, (document.path, document.line_of(match.start)))
        return found


def _compile(written: Extract) -> Names:
    import re

    selector = written.select.compile()
    named = re.compile(written.named, re.MULTILINE) if written.named else None
    return Names(Globs(written.files), selector, KeepAction(selector, (), named, comments=False))


@dataclass(frozen=True)
class RelateHold:
    """The compiled form of `Relate`."""

    left: Names
    relation: Literal["equal to", "subset of", "disjoint from"]
    right: Names

    @property
    def reads(self) -> tuple[Globs, ...]:
        """See `Hold`."""
        return (self.left.files, self.right.files)

    def check(self, files: Globs, trees: Trees) -> list[Violation]:
        """See `Hold`."""
        try:
            left, right = self.left.extract(trees.subject), self.right.extract(trees.subject)
        except CannotReadError as error:
            return [Violation(str(files), 1, f"could not be compared: {error}")]
        for names, where in ((left, self.left.files), (right, self.right.files)):
            if not names:
                return [Violation(str(where), 1, "could not be compared: no element was found here")]
        if self.relation == "disjoint from":
            return [
                Violation(*left[name], f"{name} also stands in {self.right.files}")
                for name in left
                if name in right
            ]
        wrong = [
            Violation(*left[name], f"{name} is missing in {self.right.files}")
            for name in left
            if name not in right
        ]
        if self.relation == "equal to":
            wrong += [
                Violation(*right[name], f"{name} is missing in {self.left.files}")
                for name in right
                if name not in left
            ]
        return wrong
