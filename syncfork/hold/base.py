"""What every invariant shares: the trees it may look at, and what it finds violated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Literal, Protocol

from msgspec import Struct, field

from syncfork.git.objects import Entry
from syncfork.rules.files import Globs
from syncfork.selectors.base import Written
from syncfork.text import Document

Class = Literal["breakage", "decision", "note"]


class Violation(Struct, frozen=True):
    """An invariant that does not hold: where, and in a sentence what is wrong. `line` counts from 1.

    `about` holds the texts that it is about, which tell it from another one that reads alike: the same violation with
    some of them only is no new one.
    """

    path: str
    line: int
    message: str
    kind: Class = "breakage"
    about: tuple[str, ...] = ()


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


class Trees(Struct, frozen=True):
    """The tree under examination; with `base` and `theirs` where a merge is what is examined. `former` maps files that
    a side renamed since the base to the names they had there."""

    subject: Tree
    base: Tree | None = None
    theirs: Tree | None = None
    former: Mapping[str, str] = field(default_factory=dict)


class Hold(Protocol):
    """A compiled invariant."""

    @property
    def settles(self) -> bool:
        """Whether it says what is to stand in a governed file, so that an intent that is lost there violates it."""
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
