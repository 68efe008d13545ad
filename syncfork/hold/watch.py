"""`watch:` asks a person whenever upstream touched a region."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from syncfork.hold.base import Tree, Trees, Violation, WrittenHold
from syncfork.rules.files import Globs
from syncfork.selectors.base import CannotReadError, Selector
from syncfork.selectors.registry import AnySelector
from syncfork.text import Document


class Watch(WrittenHold, frozen=True):
    """Upstream's change to what the selector finds (or to the `file`) is a decision for a person."""

    watch: Annotated[AnySelector | Literal["file"], Meta(description="The region, or `file` for all of it.")]

    def compile(self) -> WatchHold:
        """See the base class."""
        return WatchHold(None if isinstance(self.watch, str) else self.watch.compile())


class WatchHold(Struct, frozen=True):
    """The compiled form of `Watch`; says nothing where no merge is examined."""

    settles: ClassVar[bool] = False

    selector: Selector | None
    reads: tuple[Globs, ...] = ()

    def check(self, files: Globs, trees: Trees) -> list[Violation]:
        """See `Hold`."""
        if trees.base is None or trees.theirs is None:
            return []
        before, after = self._regions(files, trees.base), self._regions(files, trees.theirs)
        return [
            Violation(
                path,
                after[path][0] if path in after else 1,
                "upstream changed what this rule watches",
                "decision",
                (*before.get(path, (0, []))[1], "", *after.get(path, (0, []))[1]),
            )
            for path in sorted(before.keys() | after.keys())
            if before.get(path, (0, []))[1] != after.get(path, (0, []))[1]
        ]

    def _regions(self, files: Globs, tree: Tree) -> dict[str, tuple[int, list[str]]]:
        return {document.path: self._region(document) for document in tree.documents(files)}

    def _region(self, document: Document) -> tuple[int, list[str]]:
        if self.selector is None:
            return 1, [document.text]
        try:
            found = self.selector.find(document)
        except CannotReadError as error:
            return 1, [f"unreadable: {error}"]
        return document.line_of(found[0].start) if found else 1, [match.text(document) for match in found]
