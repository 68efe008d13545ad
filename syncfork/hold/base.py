"""What every invariant shares: the trees it may look at, and what it finds violated."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import ClassVar, Literal, Protocol

from msgspec import Struct, field

from syncfork.git.objects import Entry
from syncfork.globs import Globs
from syncfork.selectors.base import Written
from syncfork.text import Document

Class = Literal["breakage", "decision", "note"]

# What a report calls what an invariant finds; the second is looked for again in what a person makes of a merge.
INVARIANT, MADE_FROM = "invariant", "made-from"


class Violation(Struct, frozen=True):
    """An invariant that does not hold: where, and in a sentence what is wrong. `line` counts from 1.

    `about` holds the texts that it is about, which tell it from another one that reads alike: the same violation with
    some of them only is no new one. Where it is about several files, `path` names the globs, `line` is 0, and `files`
    are those that upstream changed. `detector` is what reports call its kind.
    """

    path: str
    line: int
    message: str
    kind: Class = "breakage"
    about: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    detector: str = INVARIANT


class Tree(Protocol):
    """A tree's files as far as rules look at them, the texts of those that have one."""

    def entries(self, files: Globs) -> Mapping[str, Entry]:
        """Everything that `files` matches, by path, whatever it holds."""
        ...

    def documents(self, files: Globs) -> list[Document]:
        """The text files that `files` matches, by path."""
        ...

    def unreadable(self, files: Globs) -> list[str]:
        """The other entries that `files` matches: binary, links, missing content."""
        ...

    def differing(self, other: Tree, files: Globs) -> list[str]:
        """The paths that `files` matches and that the `other` tree has otherwise, or alone, sorted."""
        ...

    @property
    def listed(self) -> Mapping[str, Entry]:
        """Everything that was looked for in it and is there, by path."""
        ...


class Origin(Struct, frozen=True):
    """What a tree was made from: the fork as it was before, and upstream, where a merge of it is what was done. What is at
    the `conflicts` nobody has settled yet. `left` is what git and the rules made of the two, with nobody's help; None where
    that is not known."""

    ours: Tree
    theirs: Tree | None = None
    conflicts: Collection[str] = ()
    left: Tree | None = None


class Trees(Struct, frozen=True):
    """The tree under examination; with `base` and `theirs` where a merge is what is examined. `former` maps files that
    a side renamed since the base to the names they had there. `origin` is what it was made from, where that is known."""

    subject: Tree
    base: Tree | None = None
    theirs: Tree | None = None
    former: Mapping[str, str] = field(default_factory=dict)
    origin: Origin | None = None


class Hold(Protocol):
    """A compiled invariant."""

    @property
    def settles(self) -> bool:
        """Whether it says what is to stand in a governed file, so that an intent that is lost there violates it."""
        ...

    @property
    def by_entry(self) -> bool:
        """Whether it only asks what is there, and reads none of the texts."""
        ...

    @property
    def reads(self) -> tuple[Globs, ...]:
        """Files that it looks at besides the rule's own."""
        ...

    def check(self, files: Globs, trees: Trees) -> list[Violation]:
        """Everything that is violated; empty where the invariant holds. Never raises for a text's sake."""
        ...


class WrittenHold(Written, frozen=True):
    """An invariant as written in a rule file."""

    called: ClassVar[str] = "an invariant: a mapping"

    def compile(self) -> Hold:
        """The invariant ready for use."""
        raise TypeError(f"{type(self).__name__} does not compile")


def each_document(files: Globs, tree: Tree, check: Callable[[Document], list[Violation]]) -> list[Violation]:
    """Run `check` on every governed file; no file at all is a violation, for then nothing was checked."""
    documents, unreadable = tree.documents(files), tree.unreadable(files)
    if not documents and not unreadable:
        return [Violation(str(files), 1, "no file of this name is left to check")]
    found = [Violation(path, 1, "could not be checked: not a text file") for path in unreadable]
    return found + [violation for document in documents for violation in check(document)]
