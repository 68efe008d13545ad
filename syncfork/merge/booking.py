"""A merge's files put together from both sides' changes, and held against what the result has of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec import Struct

from syncfork.git.door import decode, encode, together
from syncfork.git.objects import Entry, format_tree
from syncfork.git.patches import Edit, edits
from syncfork.merge.files import MergedFile
from syncfork.merge.mergetree import ALGORITHM
from syncfork.merge.pieces import Departure, Piece, combined, departures, laid_out, narrowed, outcomes
from syncfork.merge.workspace import Workspace
from syncfork.resolve.lines import lines_of

# As git itself tells a binary file: by a NUL in its beginning.
_BEGINNING = 8000


class Book(Struct, frozen=True):
    """A file's account: the pieces it should be made of, what departs from them, and for each clash the lines (and
    the first one's number, from 0) that the result has in its place. No pieces where it is no text."""

    file: MergedFile
    pieces: tuple[Piece, ...] = ()
    departures: tuple[Departure, ...] = ()
    outcomes: tuple[tuple[Piece, int, tuple[str, ...]], ...] = ()


def read_books(space: Workspace, files: Sequence[MergedFile]) -> list[Book]:
    """The accounts of `files`, in their order. Raises UnreadablePatchError."""
    texts = _texts(space, [file for file in files if file.textual])
    books = _books(space, [file for file in files if file.path in texts], texts)
    found = {book.file.path: book for book in books}
    return [found.get(file.path, Book(file)) for file in files]


class _Text(Struct, frozen=True):
    """A text's blob, and its lines."""

    oid: str
    lines: list[str]


class _Texts(Struct, frozen=True):
    base: _Text
    ours: _Text
    theirs: _Text
    result: _Text


def _texts(space: Workspace, files: Sequence[MergedFile]) -> dict[str, _Texts]:
    """The contents of those files that are texts. A side that has no such file counts as one that left it alone."""
    oids = {e.oid for f in files for e in (f.base, f.ours, f.theirs, f.result) if e}
    blobs = space.repository.blobs(oids, space.git) if oids else {}
    nothing = space.store.write("blob", b"")
    binary = {oid for oid, content in blobs.items() if content is None or b"\0" in content[:_BEGINNING]}

    def read(entry: Entry | None) -> _Text:
        return _Text(entry.oid, lines_of(decode(blobs[entry.oid] or b""))) if entry else _Text(nothing, [])

    found = {}
    for file in files:
        if not binary & {e.oid for e in (file.base, file.ours, file.theirs, file.result) if e}:
            base, result = read(file.base), read(file.result)
            ours, theirs = (read(side) if side else base for side in (file.ours, file.theirs))
            found[file.path] = _Texts(base, ours, theirs, result)
    return found


def _books(space: Workspace, files: Sequence[MergedFile], texts: Mapping[str, _Texts]) -> list[Book]:
    if not files:
        return []
    of = [texts[file.path] for file in files]
    by_ours, by_theirs = differences(
        space,
        [[(text.base.oid, text.ours.oid) for text in of], [(text.base.oid, text.theirs.oid) for text in of]],
    )
    wide = [
        combined(text.base.lines, (text.ours.lines, mine), (text.theirs.lines, others))
        for text, mine, others in zip(of, by_ours, by_theirs, strict=True)
    ]
    pieces = _narrowed(space, wide)
    layouts = [_stored(space, laid_out(made), text.result) for made, text in zip(pieces, of, strict=True)]
    [by_result] = differences(
        space, [[(layout, text.result.oid) for layout, text in zip(layouts, of, strict=True)]]
    )
    return [
        Book(
            file,
            made,
            tuple(departures(made, text.result.lines, led)),
            tuple(outcomes(made, text.result.lines, led)),
        )
        for file, made, text, led in zip(files, pieces, of, by_result, strict=True)
    ]


def _narrowed(space: Workspace, wide: Sequence[list[Piece]]) -> list[tuple[Piece, ...]]:
    clashes = [piece for pieces in wide for piece in pieces if piece.owner == "clash"]
    if not clashes:
        return [tuple(pieces) for pieces in wide]
    sides = [
        [space.store.write("blob", encode("".join(lines))) for lines in (c.lines, c.theirs)] for c in clashes
    ]
    [found] = differences(space, [[(ours, theirs) for ours, theirs in sides]])
    edits = iter(found)
    return [tuple(narrowed(pieces, edits)) for pieces in wide]


def _stored(space: Workspace, lines: list[str], like: _Text) -> str:
    """The blob of a text, which may be one that is there already."""
    return like.oid if lines == like.lines else space.store.write("blob", encode("".join(lines)))


def differences(space: Workspace, lists: Sequence[Sequence[tuple[str, str]]]) -> list[list[tuple[Edit, ...]]]:
    """The edits that lead from the first blob of each pair to the second. One process for each of the lists, which
    run at the same time. Raises UnreadablePatchError."""
    trees = [[_tree(space, [pair[n] for pair in pairs]) for n in (0, 1)] for pairs in lists]
    git = space.git
    found = together(*(partial(edits, git, old, new, ALGORITHM) for old, new in trees))
    return [
        [by_name.get(str(number), ()) for number in range(len(pairs))]
        for by_name, pairs in zip(found, lists, strict=True)
    ]


def _tree(space: Workspace, blobs: Sequence[str]) -> str:
    """A tree of blobs under their numbers: no path, attribute or rename stands between git and what they say."""
    entries = {str(number).encode(): Entry("100644", oid) for number, oid in enumerate(blobs)}
    return space.store.write("tree", format_tree(entries))
