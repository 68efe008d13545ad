"""Files that a command makes: run it in a checkout of the merged tree, and take what it wrote.

The command comes from the fork's own rules, never from upstream, and runs only where a person asked for it
(`--regenerate`). It works in a temporary folder; the repository and the worktree are not in its reach by path.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from syncfork.errors import SyncforkError
from syncfork.git.objects import Entry
from syncfork.git.pathspecs import literal
from syncfork.merge.engine import LiftedMerge
from syncfork.merge.mergetree import Merged
from syncfork.merge.workspace import Workspace
from syncfork.own.base import OURS
from syncfork.own.union import Regenerate
from syncfork.scratch import scratch

_SECONDS = 1800


# What running its command came to.
MADE, UNCHANGED = "made anew", "unchanged by its command"


def regenerate(space: Workspace, merge: LiftedMerge) -> tuple[LiftedMerge, Mapping[str, str]]:
    """Make every file anew whose rule says so and that upstream changed; returns the merge, and those paths with what
    came of it: MADE, or UNCHANGED where the fork's version had something of its own and upstream's stands as it was.

    Raises SyncforkError where a command fails: then nothing was changed.
    """
    changed = {path for change in merge.sides.by_theirs for path in (change.old_path, change.new_path)}
    wanted = {
        item.placement.path: item.rule.own.command
        for item in merge.owned
        if isinstance(item.rule.own, Regenerate)
        and item.placement.path in changed
        and not item.placement.decision
    }
    if not wanted or merge.merged.conflicts:
        return merge, {}
    told: dict[str, str] = {}
    overlay: dict[str, Entry | None] = {}
    with scratch() as folder:
        git = space.git.with_environment(GIT_INDEX_FILE=str(folder / "index"))
        tree = folder / "tree"
        tree.mkdir()
        git.run("read-tree", merge.merged.tree)
        git.run("checkout-index", "--all", "--quiet", f"--prefix={tree}/")
        for command in dict.fromkeys(wanted.values()):
            _run(command, tree)
        entries = space.entries(merge.merged.tree, [literal(path) for path in wanted])
        for path in wanted:
            content = _made(tree, path)
            mode = entries[path].mode if path in entries and entries[path].is_file else "100644"
            overlay[path] = None if content is None else Entry(mode, space.store.write("blob", content))
            same = overlay[path] == entries.get(path)
            told[path] = UNCHANGED if same and _differs_in_fork(merge, path) else MADE
    return replace(merge, merged=Merged(space.tree(merge.merged.tree, overlay))), told


def _differs_in_fork(merge: LiftedMerge, path: str) -> bool:
    """Whether the fork has made a version of its own: else upstream's may be right as it is."""
    trees = merge.sides.entries
    ours = trees[OURS].get(path)
    return ours is not None and ours not in [tree.get(path) for side, tree in trees.items() if side != OURS]


def _made(tree: Path, path: str) -> bytes | None:
    """What the command wrote, None where it made no such file. Links are not followed out of the tree."""
    target = tree / path
    if target.is_symlink() or not target.resolve().is_relative_to(tree.resolve()):
        raise SyncforkError(
            f"{path} is a link in the merged tree: it cannot be made anew", "merge without --regenerate"
        )
    return target.read_bytes() if target.is_file() else None


def _run(command: tuple[str, ...], folder: Path) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SyncforkError(f"`{' '.join(command)}` could not be run: {error}") from error
    if done.returncode:
        tail = done.stderr.decode("utf-8", "replace").strip().splitlines()[-5:]
        raise SyncforkError(f"`{' '.join(command)}` ended with {done.returncode}: " + " / ".join(tail))
