"""`relate:` extracts a set of names here and a set there, and states how they must stand to each other."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from syncfork.errors import CannotReadError
from syncfork.globs import Glob, Globs
from syncfork.hold.base import Tree, Trees, Violation, WrittenHold
from syncfork.rewrite.keep import KeepAction
from syncfork.selectors.base import Regex, Selector, Written
from syncfork.selectors.registry import AnySelector


class Extract(Written, frozen=True):
    """A set of names: what the selector finds in the files, named as `keep` names items."""

    files: Annotated[tuple[Glob, ...], Meta(min_length=1, description="Globs, `!` for exceptions.")]
    select: Annotated[AnySelector, Meta(description="Finds the elements.")]
    named: Annotated[
        Regex | None, Meta(description="Where in the element its name is: group 1, or the whole match.")
    ] = None


class Relation(Written, frozen=True):
    """How two sets stand to each other."""

    left: Extract
    is_: Literal["equal to", "subset of", "disjoint from"]
    right: Extract
    left_out: Annotated[
        tuple[str, ...], Meta(description="Names that one side lacks on purpose: that is no news.")
    ] = ()
    status: Annotated[
        Extract | None,
        Meta(
            description="Finds the left-out names with a group `status`; where a merge changes it, a person decides."
        ),
    ] = None

    def __post_init__(self) -> None:
        if self.status and not self.left_out:
            raise ValueError("`status` is of names that are `left-out`: list them")


class Relate(WrittenHold, frozen=True):
    """The two sets must stand in the stated relation, and neither may be empty."""

    relate: Relation

    def compile(self) -> RelateHold:
        """See the base class."""
        written = self.relate
        status = _compile(written.status) if written.status else None
        left_out = frozenset(written.left_out)
        return RelateHold(_compile(written.left), written.is_, _compile(written.right), left_out, status)


class Names(Struct, frozen=True):
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

    def statuses(self, tree: Tree) -> dict[str, tuple[str, tuple[str, int]]]:
        """Each name with the text of the group `status` beside it, and its place. Raises CannotReadError."""
        found: dict[str, tuple[str, tuple[str, int]]] = {}
        for document in tree.documents(self.files):
            for match in self.selector.find(document):
                name, status = self.namer.name(document, match), match.groups.get("status", "")
                found.setdefault(name, (status, (document.path, document.line_of(match.start))))
        return found


def _compile(written: Extract) -> Names:
    import re

    selector = written.select.compile()
    named = re.compile(written.named, re.MULTILINE) if written.named else None
    return Names(Globs(written.files), selector, KeepAction(selector, (), named, comments=False))


class RelateHold(Struct, frozen=True):
    """The compiled form of `Relate`."""

    settles: ClassVar[bool] = True
    by_entry: ClassVar[bool] = False

    left: Names
    relation: Literal["equal to", "subset of", "disjoint from"]
    right: Names
    left_out: frozenset[str] = frozenset()
    status: Names | None = None

    @property
    def reads(self) -> tuple[Globs, ...]:
        """See `Hold`."""
        return (self.left.files, self.right.files, *((self.status.files,) if self.status else ()))

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
            if name not in right and name not in self.left_out
        ]
        if self.relation == "equal to":
            wrong += [
                Violation(*right[name], f"{name} is missing in {self.left.files}")
                for name in right
                if name not in left and name not in self.left_out
            ]
        return [*wrong, *self._changed_status(trees)]

    def _changed_status(self, trees: Trees) -> list[Violation]:
        """Left-out names that stand otherwise now than they did in the merge base: a decision to take again."""
        if self.status is None or trees.base is None:
            return []
        try:
            before, now = self.status.statuses(trees.base), self.status.statuses(trees.subject)
        except CannotReadError as error:
            return [Violation(str(self.status.files), 1, f"could not be compared: {error}")]
        return [
            Violation(
                *place,
                f'{name}, left out on purpose, went from "{before[name][0]}" to "{status}"',
                "decision",
            )
            for name, (status, place) in now.items()
            if name in self.left_out and name in before and before[name][0] != status
        ]
