"""What a person has in the worktree: a merge that would touch it is refused, before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from syncfork.errors import SyncforkError
from syncfork.git.changes import Change
from syncfork.git.door import decode
from syncfork.git.objects import SUBMODULE_MODE
from syncfork.git.repository import Repository
from syncfork.globs import folders_above
from syncfork.merge.workspace import Workspace
from syncfork.words import listed, place


def refuse_touched(space: Workspace, ours: str, tree: str) -> None:
    """Raise SyncforkError where going from commit `ours` to `tree` would touch what is not committed.

    So does anything staged: a merge needs the index for itself.
    """
    repository = space.repository
    dirty = uncommitted(repository)
    if staged := [path for path, status in dirty.items() if status[0] not in " ?"]:
        raise SyncforkError(
            f"there are staged changes: {_few(staged)}", "commit them, or put them aside with `git stash`"
        )
    changes = replace(repository, git=space.git).changes(ours, tree, renames=False)
    changed = {change.new_path for change in changes}
    touched = [
        path
        for path in dirty
        if path in changed
        or any(folder in changed for folder in folders_above(path))
        or any(name.startswith(f"{path}/") for name in changed)
    ]
    touched += [path for path in _in_the_way(repository.work_tree or Path(), changes) if path not in dirty]
    if touched:
        stash = _stash(touched, dirty)
        raise SyncforkError(
            f"uncommitted changes would be touched: {_few(touched)}",
            f"commit them, put them aside with `{stash}`, or merge with --no-checkout",
        )


def _stash(touched: Sequence[str], dirty: Mapping[str, str]) -> str:
    """The command that puts `touched` aside, which are what git calls `dirty`, folders of such, or ignored."""
    if any(path not in dirty and not any(name.startswith(f"{path}/") for name in dirty) for path in touched):
        return "git stash --all"
    return "git stash -u" if any(dirty.get(path) == "??" for path in touched) else "git stash"


def uncommitted(repository: Repository) -> dict[str, str]:
    """Paths that differ from HEAD or are untracked, with git's two letters for each."""
    out = repository.git.run("status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames")
    return {record[3:]: record[:2] for record in decode(out).split("\0") if record}


def _in_the_way(root: Path, changes: Sequence[Change]) -> Iterator[str]:
    """What lies where a new file goes. git itself overwrites a file that is ignored, such as `.env`."""
    # Compared without case: where the file system knows none, a renamed file is in nobody's way.
    leaving = {change.old_path.casefold() for change in changes if change.new is None}
    for change in changes:
        if change.new is None or change.old is not None:
            continue
        for path in (change.new_path, *folders_above(change.new_path)):
            is_new = path == change.new_path
            if path.casefold() in leaving or (is_new and change.new.mode == SUBMODULE_MODE):
                break
            if _lies_there(root / path, is_new, path, leaving):
                yield path
                break


def _lies_there(place: Path, is_new: bool, path: str, leaving: Collection[str]) -> bool:
    if place.is_dir() and not place.is_symlink():
        return is_new and not any(name.startswith(f"{path.casefold()}/") for name in leaving)
    return place.is_symlink() or place.exists()


def _few(paths: Sequence[str]) -> str:
    return listed([place(path) for path in paths], 5)
