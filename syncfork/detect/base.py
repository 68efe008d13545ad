"""What every detector shares: the files it looks at, on all four sides of a merge, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Protocol

from msgspec import Struct

from syncfork.detect.lines import beyond
from syncfork.report import FindingClass, Place, Site
from syncfork.text import Document


class File(Struct, frozen=True, dict=True):
    """One file that either side or a rule changed, followed through renames, as it is in each of the trees:
    merge base, ours, theirs and the merged one. A side is None where it has no such text file.

    `path` is its name in the merged tree, or the last one it had. `conflicted` is true where the merged text
    is a person's to make: then `merged` is None.
    """

    path: str
    base: Document | None
    ours: Document | None
    theirs: Document | None
    merged: Document | None
    conflicted: bool = False

    @property
    def ours_alone(self) -> bool:
        """True for a file of the fork's own, which upstream has not."""
        return self.base is None and self.theirs is None

    @cached_property
    def changed_by_theirs(self) -> bool:
        """True where upstream's text is not the merge base's."""
        return _text(self.base) != _text(self.theirs)

    @cached_property
    def changed_by_ours(self) -> bool:
        """True where the fork's text is not the merge base's."""
        return _text(self.base) != _text(self.ours)

    @cached_property
    def fork_lines(self) -> frozenset[int]:
        """The numbers (from 1) of the merged lines that upstream's version of the file does not have."""
        return _lines_beyond(self.merged, self.theirs)

    @cached_property
    def new_lines(self) -> frozenset[int]:
        """The numbers (from 1) of the merged lines that the fork's version did not have before the merge."""
        return _lines_beyond(self.merged, self.ours)


# The endings of texts that people read.
DOCUMENTS = (".md", ".markdown", ".rst", ".txt", ".adoc")
# Folders that a package manager fills.
_VENDORED = frozenset(("vendor", "node_modules"))


def vendored(path: str) -> bool:
    """Whether a package manager writes the file: what it holds is nobody's of this repository."""
    return not _VENDORED.isdisjoint(path.split("/")[:-1])


def _text(document: Document | None) -> str | None:
    return document.text if document else None


def _lines_beyond(document: Document | None, other: Document | None) -> frozenset[int]:
    if document is None or document is other:
        return frozenset()
    return frozenset(beyond(document.text, other.text if other else ""))


class Trees(Protocol):
    """Whole trees, asked in batches: each call is one git process, so ask once for all there is to ask."""

    def exists(self, side: str, paths: Collection[str]) -> set[str]:
        """Those of `paths` (files or folders) that the tree has; side is base, ours, theirs or merged."""
        ...

    def inside(self, side: str, folders: Collection[str]) -> dict[str, bool]:
        """What the tree has right in one of `folders`, by its path: true for a folder, false for anything else."""
        ...

    def read(self, side: str, paths: Collection[str]) -> dict[str, Document]:
        """The text files of the tree at `paths`, as far as there are such."""
        ...

    def beside(self, side: str, paths: Collection[str]) -> dict[str, Document]:
        """The text files of the tree that are in the folder of one of `paths` and end as it does, itself too."""
        ...

    def matching(self, side: str, pathspecs: Sequence[str]) -> set[str]:
        """The files of the tree that `pathspecs` match."""
        ...

    def holding(self, side: str, words: Collection[str], pathspecs: Sequence[str]) -> set[str]:
        """Those of `words` that stand, letter by letter, in a file of the tree that `pathspecs` match.

        It looks through all these files, changed or not: ask only where the answer decides over a finding.
        """
        ...

    def lines_with(self, side: str, words: Collection[str], pathspecs: Sequence[str]) -> list[str]:
        """The lines of the tree that have one of `words`, as a whole word, in a file that `pathspecs` match. It looks
        through all these files, too."""
        ...

    def moved(self, paths: Collection[str]) -> dict[str, str]:
        """For those of `paths` that the fork moved, by its own history, where they are in its tree now."""
        ...


class View(Struct, frozen=True, dict=True):
    """A merge as detectors see it: every file that differs anywhere, and the rest of the trees on request.

    `governed` tells whether a path is under a rule of the fork, `owned` whether under one that says whose the
    file is as a whole (ours, derived, ...).
    """

    files: Sequence[File]
    trees: Trees
    governed: Callable[[str], bool]
    owned: Callable[[str], bool]

    @cached_property
    def by_path(self) -> Mapping[str, File]:
        """The files by the name they have in the merged tree."""
        return {file.path: file for file in self.files}


class Found(Struct, frozen=True):
    """What a detector found, before its culprit is looked up.

    `path` and `line` (from 1) are in the merged tree; `upstream` is the place in upstream's tree (in the merge
    base's, for what upstream took out) that caused it. The culprit is the upstream commit that added the lines
    `added` or removed the lines `removed` there; where `names` stand in added lines, the one that brought the name, not
    one that changed such a line later. `beside` are other files of upstream's that the finding is about: who touched
    them are culprits too; `by_commit` is the folder that they are in, where it is to be told by commit. `fix` says what to do, and keeps what was tested before: prose, complete without `code`, the
    lines that are to be ported.
    `new` is false where the fork had it before the merge. `key` makes two findings of one line different. `also` are the
    other places in the merged tree that it is about, of which the message names the first few.
    """

    cls: FindingClass
    path: str
    line: int
    message: str
    fix: str = ""
    upstream: Place | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    new: bool = True
    rule: str | None = None
    key: str = ""
    code: str = ""
    beside: tuple[str, ...] = ()
    by_commit: str = ""
    also: tuple[Site, ...] = ()


class Detector(Protocol):
    """A function from a view to what it finds. Never raises for a text's sake: a file that cannot be read is
    a note, or nothing where that is no news."""

    def __call__(self, view: View) -> Iterable[Found]:
        """Everything found in `view`."""
        ...
