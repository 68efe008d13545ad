"""Folders beside each other that a fork emptied: one matter, and one rule for them."""

from __future__ import annotations

from collections.abc import Collection
from posixpath import basename, dirname

from msgspec import Struct

from syncfork.globs import all_but, folders_above

# So many emptied folders beside each other are one matter, where there are as many for each that the fork keeps there.
SIBLINGS = 3


class Siblings(Struct, frozen=True):
    """The folder `path`, of which the fork emptied all folders but those `kept` (their names); `files` tells whether
    something is right in it, beside its folders."""

    path: str
    emptied: frozenset[str]
    kept: tuple[str, ...]
    files: bool

    def holds(self, path: str) -> bool:
        """Whether a path is below a folder in this one that the fork does not keep."""
        child = self.child(path)
        return child is not None and basename(child) not in self.kept

    def child(self, path: str) -> str | None:
        """The folder right in this one that holds the path."""
        return next((folder for folder in folders_above(path) if dirname(folder) == self.path), None)

    @property
    def patterns(self) -> list[str]:
        """What a rule says for all that is not kept."""
        return all_but(self.path, self.kept, files=not self.files)


def siblings(folder: str, emptied: Collection[str], kept: Collection[str], *, files: bool) -> Siblings | None:
    """The paths `emptied` and `kept` right in `folder` as one matter; None where they are none. Those at the top are not
    alike."""
    if not folder or len(emptied) < SIBLINGS * max(1, len(kept)):
        return None
    return Siblings(folder, frozenset(emptied), tuple(sorted(map(basename, kept))), files)
