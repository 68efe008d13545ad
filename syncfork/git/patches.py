"""Patches, as git prints them and unidiff reads them: the hunks of each path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncfork.git.door import Git, decode

# Beyond this many paths the whole difference is asked for: a command line has an end.
_MOST_PATHS = 500

# What makes git print the same patch on every machine, and one that unidiff can read.
PLAIN = ("-U0", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-color", "--no-prefix")


class UnreadablePatchError(Exception):
    """unidiff could not read what git printed."""


@dataclass(frozen=True, slots=True)
class PatchHunk:
    """The lines that a hunk takes out and puts in, without line ends; `line` (from 1) is where it lands."""

    line: int
    removed: tuple[str, ...]
    added: tuple[str, ...]


def parse_patch(patch: str) -> dict[str, tuple[PatchHunk, ...]]:
    """The hunks of each path in a patch made with PLAIN. Raises UnreadablePatchError."""
    from unidiff.errors import UnidiffParseError
    from unidiff.patch import PatchSet

    try:
        files = PatchSet(patch.lstrip("\n"))
    except UnidiffParseError as error:
        raise UnreadablePatchError(str(error)) from error
    return {
        file.source_file if file.target_file == "/dev/null" else file.target_file: tuple(
            PatchHunk(
                hunk.target_start,
                tuple(line.value.rstrip("\r\n") for line in hunk if line.is_removed),
                tuple(line.value.rstrip("\r\n") for line in hunk if line.is_added),
            )
            for hunk in file
        )
        for file in files
    }


def difference(git: Git, old: str, new: str, paths: Sequence[str]) -> dict[str, tuple[PatchHunk, ...]]:
    """The hunks that lead from tree `old` to tree `new`, for `paths`.

    Raises UnreadablePatchError.
    """
    if old == new or not paths:
        return {}
    where = [f":(literal,top){path}" for path in paths] if len(paths) <= _MOST_PATHS else []
    found = parse_patch(decode(git.run("diff-tree", "-r", "-p", *PLAIN, old, new, "--", *where)))
    return {path: found[path] for path in paths if path in found}
