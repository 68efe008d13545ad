"""`watch:` asks a person whenever upstream touched a region."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from syncfork.errors import CannotReadError
from syncfork.globs import Globs
from syncfork.hold.base import Tree, Trees, Violation, WrittenHold
from syncfork.selectors.base import Selector
from syncfork.selectors.registry import AnySelector
from syncfork.text import Document
from syncfork.words import listed

# Of so many files each is told by itself, where a selector finds the place in it.
_FEW = 3


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

    @property
    def by_entry(self) -> bool:
        """See `Hold`."""
        return self.selector is None

    def check(self, files: Globs, trees: Trees) -> list[Violation]:
        """See `Hold`. What could not be looked at is a decision as well, where upstream changed the file. Files are
        followed to new names."""
        if trees.base is None or trees.theirs is None:
            return []
        before, after = self.seen(files, trees.base), self.seen(files, trees.theirs)
        if not before and not after and not (self.selector is None and trees.subject.entries(files)):
            what = self.selector.label if self.selector else "a file of this name"
            why = f"could not be checked: neither upstream nor the merge base has {what}"
            # Where upstream changed none of the files, there is nothing that it could have changed unseen.
            changed = trees.base.entries(files) != trees.theirs.entries(files)
            return [Violation(str(files), 1, why, "decision" if changed else "note")]
        nothing = Seen()
        pairs = [
            (new or old, before.get(old, nothing), after.get(new, nothing))
            for old, new in lineages(before, after, trees.former)
        ]
        touched = [pair for pair in pairs if pair[1].texts != pair[2].texts]
        # Where it stands in the merged tree; what is not there, or cannot be read for a conflict, stands in upstream's.
        here = self.seen(files, trees.subject) if touched and self.selector else {}
        found = [
            Violation(path, here.get(path, new).line, new.told(old), "decision", (*old.texts, "", *new.texts))
            for path, old, new in touched
        ]
        return _together(found, files, 1 if self.selector is None else _FEW)

    def seen(self, files: Globs, tree: Tree) -> dict[str, Seen]:
        """What is watched in each of the `files` that has any of it, or that cannot be looked into."""
        entries = {path: (entry.mode, entry.oid) for path, entry in tree.entries(files).items()}
        if self.selector is None:
            return {path: Seen(1, entry) for path, entry in entries.items()}
        documents = {document.path: document for document in tree.documents(files)}
        found = {
            path: _region(self.selector, documents[path], entry)
            if path in documents
            else Seen(1, entry, "not a text file")
            for path, entry in entries.items()
        }
        return {path: seen for path, seen in found.items() if seen.texts}


def _together(found: Sequence[Violation], files: Globs, few: int) -> list[Violation]:
    """Violations, those that say the same of more than a `few` files as one of them all."""
    told: list[Violation] = []
    for message in dict.fromkeys(violation.message for violation in found):
        alike = [violation for violation in found if violation.message == message]
        if len(alike) <= few:
            told += alike
            continue
        paths = tuple(violation.path for violation in alike)
        about = tuple("\n".join((violation.path, *violation.about)) for violation in alike)
        words = f"{message}, in {len(paths)} files: {listed(paths, 2)}"
        told.append(Violation(str(files), 0, words, "decision", about, paths))
    return told


def lineages(
    before: Collection[str], after: Collection[str], former: Mapping[str, str]
) -> list[tuple[str, str]]:
    """The files of two trees, each with its name in either (empty: not there), by name; `former` maps new names to
    those of `before`. A name that both have is one file, whatever else was renamed to it."""
    renamed = {
        former[path]: path
        for path in sorted(after)
        if path not in before and former.get(path) in before and former[path] not in after
    }
    pairs = [(path, path if path in after else renamed.get(path, "")) for path in before]
    pairs += [("", path) for path in after if path not in before and path not in renamed.values()]
    return sorted(pairs, key=lambda pair: pair[1] or pair[0])


class Seen(Struct, frozen=True):
    """The watched texts of a file and the line of the first, or why they could not be told, with the file's entry."""

    line: int = 1
    texts: tuple[str, ...] = ()
    unreadable: str = ""

    def told(self, before: Seen) -> str:
        """What a change from `before` to this is, in a sentence."""
        why = self.unreadable or before.unreadable
        watched = "upstream changed what this rule watches"
        return (
            f"upstream changed this file; what the rule watches in it could not be checked: {why}"
            if why
            else watched
        )


def _region(selector: Selector, document: Document, entry: tuple[str, str]) -> Seen:
    try:
        found = selector.find(document)
    except CannotReadError as error:
        return Seen(1, entry, str(error))
    line = document.line_of(found[0].start) if found else 1
    return Seen(line, tuple(match.text(document) for match in found))
