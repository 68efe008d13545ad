"""Putting a worktree back where git failed while it wrote a merge: a filter that fails, a disk that is full."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from syncfork.errors import GitError
from syncfork.git.door import decode, encode
from syncfork.git.objects import LINK_MODE, SUBMODULE_MODE, Entry
from syncfork.git.repository import Repository
from syncfork.globs import folders_above
from syncfork.merge.staging import differing, in_worktree


class Left(Struct, frozen=True):
    """What could not be put back: files of the fork's that are not `restored`, and new ones that are not `removed`."""

    restored: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def put_back(repository: Repository, ours: str, theirs: str) -> Left:
    """Undo what git wrote before it failed on the way from one tree to the other, where nothing between the two was a
    person's. The index is `ours`, unless git came as far as to write it: then it is `theirs`, and the worktree too."""
    git = repository.git.as_user()
    if git.call("diff-index", "--cached", "--quiet", ours).code:
        git.call("read-tree", "-m", "-u", theirs, ours)
    changes = repository.changes(ours, theirs, renames=False)
    had = {change.old_path for change in changes if change.old}
    # A name that is a folder of the fork's, or lies where it has a file, was not written: what is there is the fork's.
    folders = {folder for path in had for folder in folders_above(path)}
    new = {
        change.new_path: change.new
        for change in changes
        if change.new
        and change.new_path not in had | folders
        and not any(folder in had for folder in folders_above(change.new_path))
    }
    git.call("update-index", "-q", "--refresh")
    wrong = sorted(had & set(differing(repository, "diff-files")))
    arguments = ("--force", "--index", "--quiet", "-z", "--stdin")
    git.call("checkout-index", *arguments, stdin=encode("".join(f"{path}\0" for path in wrong)))
    _remove(repository, new)
    root = repository.work_tree or Path()
    still = set(differing(repository, "diff-files"))
    return Left(
        tuple(path for path in wrong if path in still),
        tuple(path for path in sorted(new) if os.path.lexists(root / path)),
    )


def _remove(repository: Repository, new: dict[str, Entry]) -> None:
    """Remove what is in the worktree as git would have written it, and the folders that are empty then."""
    root = repository.work_tree or Path()
    files = _contents(repository, [path for path in new if os.path.lexists(root / path)])
    for path, entry in new.items():
        place = root / path
        with contextlib.suppress(OSError):
            if entry.mode == SUBMODULE_MODE:
                # Nothing is checked out in it yet.
                place.rmdir()
            elif entry.mode == LINK_MODE and place.is_symlink():
                target = os.fsencode(place.readlink())
                if _id_of(repository, target) == entry.oid:
                    place.unlink()
            elif files.get(path) == entry.oid:
                place.unlink()
            os.removedirs(place.parent)


def _contents(repository: Repository, paths: Iterable[str]) -> dict[str, str]:
    """The ids of the regular files among `paths`; without those of which git cannot tell."""
    paths = list(paths)
    try:
        return in_worktree(repository, paths)
    except GitError:
        # One of them has a filter that fails.
        if len(paths) == 1:
            return {}
        half = len(paths) // 2
        return _contents(repository, paths[:half]) | _contents(repository, paths[half:])


def _id_of(repository: Repository, content: bytes) -> str:
    return decode(repository.git.run("hash-object", "--stdin", stdin=content)).strip()
