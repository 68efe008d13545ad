"""A merge's files put together from both sides' changes, and held against what the result has of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from syncfork.git.door import decode, encode, together
from syncfork.git.objects import Entry, format_tree
from syncfork.git.patches import Edit, edits
from syncfork.merge.files import MergedFile
from syncfork.merge.pieces import Departure, Piece, combined, departures, laid_out, outcomes
from syncfork.merge.workspace import Workspace
from syncfork.resolve.lines import lines_of

# git's merge takes the first where nothing else is configured; an older or a differently configured one the other.
_ALGORITHMS = ("histogram", "myers")

# As git itself tells a binary file: by a NUL in its beginning.
_BEGINNING = 8000


@dataclass(frozen=True)
class Book:
    """A file's account: the pieces it should be made of, what departs from them, and for each clash the lines (and
    the first one's number, from 0) that the result has in its place. No pieces where it is no text."""

    file: MergedFile
    pieces: tuple[Piece, ...] = ()
    departures: tuple[Departure, ...] = ()
    outcomes: tuple[tuple[Piece, int, tuple[str, ...]], ...] = ()


def read_books(space: Workspace, files: Sequence[MergedFile]) -> list[Book]:
    """The accounts of `files`, in their order. Raises UnreadablePatchError.

    A departure is one only where none of git's algorithms for differences does without it.
    """
    found = {file.path: Book(file) for file in files}
    texts = _texts(space, [file for file in files if file.textual])
    left = [file for file in files if file.path in texts]
    for number, algorithm in enumerate(_ALGORITHMS):
        for book in _books(space, left, texts, algorithm):
            best = found[book.file.path]
            if number == 0 or len(book.departures) < len(best.departures):
                found[book.file.path] = book
        left = [file for file in left if found[file.path].departures and not file.decided]
    return [found[file.path] for file in files]


@dataclass(frozen=True)
class _Texts:
    base: list[str]
    ours: list[str]
    theirs: list[str]
    result: list[str]


def _texts(space: Workspace, files: Sequence[MergedFile]) -> dict[str, _Texts]:
    """The lines of those files that are texts. A side that has no such file counts as one that left it alone."""
    oids = {e.oid for f in files for e in (f.base, f.ours, f.theirs, f.result) if e}
    blobs = space.repository.blobs(oids, space.git) if oids else {}
    found = {}
    for file in files:
        base, result = _content(blobs, file.base), _content(blobs, file.result)
        ours, theirs = (_content(blobs, side) if side else base for side in (file.ours, file.theirs))
        contents = (base, ours, theirs, result)
        if not any(b"\0" in content[:_BEGINNING] for content in contents):
            found[file.path] = _Texts(*(lines_of(decode(content)) for content in contents))
    return found


def _content(blobs: Mapping[str, bytes | None], entry: Entry | None) -> bytes:
    return (blobs[entry.oid] or b"") if entry else b""


def _books(
    space: Workspace, files: Sequence[MergedFile], texts: Mapping[str, _Texts], algorithm: str
) -> list[Book]:
    if not files:
        return []
    sides = [[getattr(texts[f.path], side) for f in files] for side in ("base", "ours", "theirs")]
    by_ours, by_theirs = differences(space, [(sides[0], sides[1]), (sides[0], sides[2])], algorithm)
    pieces = [
        combined(base, (ours, mine), (theirs, others))
        for base, ours, theirs, mine, others in zip(*sides, by_ours, by_theirs, strict=True)
    ]
    results = [texts[file.path].result for file in files]
    [by_result] = differences(space, [(list(map(laid_out, pieces)), results)], algorithm)
    return [
        Book(file, tuple(made), tuple(departures(made, text, led)), tuple(outcomes(made, text, led)))
        for file, made, text, led in zip(files, pieces, results, by_result, strict=True)
    ]


def differences(
    space: Workspace,
    pairs: Sequence[tuple[Sequence[Sequence[str]], Sequence[Sequence[str]]]],
    algorithm: str = "histogram",
) -> list[list[tuple[Edit, ...]]]:
    """For each pair of lists of texts, by lines, the edits that lead from each text to the one at the same place. One
    process for each pair, which run at the same time. Raises UnreadablePatchError."""
    trees = [(_tree(space, old), _tree(space, new)) for old, new in pairs]
    git = space.git
    found = together(*(partial(edits, git, old, new, algorithm) for old, new in trees))
    return [
        [by_name.get(str(number), ()) for number in range(len(old))]
        for by_name, (old, _) in zip(found, pairs, strict=True)
    ]


def _tree(space: Workspace, texts: Iterable[Sequence[str]]) -> str:
    """A tree of texts under their numbers: no path, attribute or rename stands between git and what they say."""
    entries = {
        str(number).encode(): Entry("100644", space.store.write("blob", encode("".join(lines))))
        for number, lines in enumerate(texts)
    }
    return space.store.write("tree", format_tree(entries))
