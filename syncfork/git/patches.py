"""Patches, as git prints them and unidiff reads them: the hunks of each path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from syncfork.git.door import Git, decode

if TYPE_CHECKING:
    from unidiff.patch import Hunk, PatchedFile

# Beyond this many paths the whole difference is asked for: a command line has an end.
_MOST_PATHS = 500

# What makes git print the same patch on every machine, and one that unidiff can read.
PLAIN = ("-U0", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-color", "--no-prefix")


class UnreadablePatchError(Exception):
    """unidiff could not read what git printed."""


class Edit(Struct, frozen=True):
    """Lines `start` to `end` of the old text are lines `first` to `last` of the new one; from 0, ends excluded."""

    start: int
    end: int
    first: int
    last: int


class PatchHunk(Struct, frozen=True):
    """The lines that a hunk takes out and puts in, without line ends; `line` (from 1) is where it lands."""

    line: int
    removed: tuple[str, ...]
    added: tuple[str, ...]


def parse_patch(patch: str) -> dict[str, tuple[PatchHunk, ...]]:
    """The hunks of each path in a patch made with PLAIN: none for a binary or an empty file, or one whose mode alone
    differs. Raises UnreadablePatchError."""
    found: dict[str, tuple[PatchHunk, ...]] = {}
    # No line of a file begins like this: in a patch a sign stands before it.
    for part in re.split(r"^diff --git ", patch, flags=re.MULTILINE)[1:]:
        head, mark, body = part.partition("\n@@ ")
        path = _path(head) if mark else _path_twice(head)
        found[path] = (*found.get(path, ()), *(_hunks(f"@@ {body}") if mark else ()))
    return found


def _path(head: str) -> str:
    """The path of a file's patch, from the lines above its hunks."""
    named = dict(line.split(" ", 1) for line in head.split("\n") if line.startswith(("--- ", "+++ ")))
    path = named["---"] if named["+++"] == "/dev/null" else named["+++"]
    # git ends a name that has a blank in it with a tab, and quotes one with control characters as C does.
    return _as_named(path.removesuffix("\t"))


def _path_twice(head: str) -> str:
    """The path of a patch without hunks: its first line names it twice, where renames are not looked for."""
    names = head.partition("\n")[0]
    return _as_named(names[: len(names) // 2])


def _as_named(path: str) -> str:
    """A path from the name that git prints, which it may have quoted."""
    if not path.startswith('"'):
        return path
    return re.sub(r"\\([0-7]{3}|.)", _unquoted, path[1:-1])


_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def _unquoted(found: re.Match[str]) -> str:
    code = found[1]
    return decode(bytes([int(code, 8)])) if len(code) == 3 else _ESCAPES.get(code, code)


def _read(body: str) -> PatchedFile:
    """The hunks of one file, as unidiff reads them. Raises UnreadablePatchError."""
    from unidiff.errors import UnidiffParseError
    from unidiff.patch import PatchSet

    try:
        [file] = PatchSet(f"--- a\n+++ a\n{body}")
    except (UnidiffParseError, ValueError) as error:
        raise UnreadablePatchError(str(error)) from error
    return file


def _hunks(body: str) -> tuple[PatchHunk, ...]:
    return tuple(
        PatchHunk(
            hunk.target_start,
            tuple(line.value.rstrip("\r\n") for line in hunk if line.is_removed),
            tuple(line.value.rstrip("\r\n") for line in hunk if line.is_added),
        )
        for hunk in _read(body)
    )


def difference(git: Git, old: str, new: str, paths: Sequence[str]) -> dict[str, tuple[PatchHunk, ...]]:
    """The hunks that lead from tree `old` to tree `new`, for `paths`.

    Raises UnreadablePatchError.
    """
    if old == new or not paths:
        return {}
    where = [f":(literal,top){path}" for path in paths] if len(paths) <= _MOST_PATHS else []
    found = parse_patch(decode(git.run("diff-tree", "-r", "-p", *PLAIN, old, new, "--", *where)))
    return {path: found[path] for path in paths if found.get(path)}


def edits(git: Git, old: str, new: str, algorithm: str) -> dict[str, tuple[Edit, ...]]:
    """Where the texts of tree `new` differ from those of tree `old`, by path, as git's merge with that `algorithm`
    of `git diff` sees it: it moves no hunk to where it reads better, and leaves no common end out beforehand, as a
    diff without context does. Every file counts as a text. Raises UnreadablePatchError.
    """
    if old == new:
        return {}
    options = ("-U1", *PLAIN[1:], "--text", f"--diff-algorithm={algorithm}", "--no-indent-heuristic")
    patch = decode(git.run("diff-tree", "-r", "-p", *options, old, new))
    found: dict[str, tuple[Edit, ...]] = {}
    for part in re.split(r"^diff --git ", patch, flags=re.MULTILINE)[1:]:
        head, mark, body = part.partition("\n@@ ")
        if mark:
            found[_path(head)] = tuple(edit for hunk in _read(f"@@ {body}") for edit in _edits(hunk))
    return found


def _edits(hunk: Hunk) -> Iterator[Edit]:
    """The runs of changed lines in a hunk with context."""
    # A hunk without lines on one side names the line before it.
    old = hunk.source_start - 1 if hunk.source_length else hunk.source_start
    new = hunk.target_start - 1 if hunk.target_length else hunk.target_start
    start, first = old, new
    for line in hunk:
        if line.is_removed:
            old += 1
        elif line.is_added:
            new += 1
        elif line.is_context:
            if (start, first) != (old, new):
                yield Edit(start, old, first, new)
            old, new = old + 1, new + 1
            start, first = old, new
    if (start, first) != (old, new):
        yield Edit(start, old, first, new)
