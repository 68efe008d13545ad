"""Undoing a merge that waits: HEAD, index, worktree and branches as they were, and nothing of the user's lost."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from syncfork.errors import GitError
from syncfork.git.door import Git, decode, encode
from syncfork.git.repository import Repository
from syncfork.merge.staging import differing, in_worktree, staged
from syncfork.merge.undisturbed import undisturbed
from syncfork.state import State, added, clear_state, write_state
from syncfork.words import shell_words

# What keeps the merge's objects where git collects garbage while it waits; each worktree has its own.
_HELD = ("refs/worktree/syncfork/tree", "refs/worktree/syncfork/theirs")


class Undone(Struct, frozen=True):
    """What became of a merge that was aborted: it was undone `by_us`, or a person had gone on without syncfork.

    `elsewhere` says why HEAD is not on the branch it came from but on the commit that it was at, `back` how to go on
    from there; both are empty where HEAD is on its branch.
    """

    by_us: bool
    elsewhere: str = ""
    back: str = ""


def hold(repository: Repository, state: State) -> None:
    """Keep the merge's tree and upstream's commit from being collected as garbage."""
    lines = (f"update {ref} {oid}\n" for ref, oid in zip(_HELD, (state.tree, state.theirs), strict=True))
    repository.git.run("update-ref", "--no-deref", "--stdin", stdin=encode("".join(lines)))


def forget(repository: Repository) -> None:
    """Forget the merge in progress, and let go of its objects."""
    clear_state(repository.git_dir)
    repository.git.call("update-ref", "--stdin", stdin=encode("".join(f"delete {ref}\n" for ref in _HELD)))


def abort(repository: Repository, state: State) -> Undone:
    """Put everything back as it was before the merge, unless a person has gone on without syncfork.

    Then HEAD, the index or the merge in progress are no longer ours to touch, and only the record of the
    merge goes. What is staged beside the merge stays in the worktree. Safe to repeat where it was cut off.
    """
    if not still_ours(repository, state):
        forget(repository)
        return Undone(False)
    elsewhere, back = _elsewhere(repository, state)

    def steps() -> None:
        git = repository.git.as_user()
        # From here on it may be cut off: what is undone already is not taken for a person's doing then.
        write_state(repository.git_dir, replace(state, landed=False))
        # What was only touched is no change.
        git.call("update-index", "--refresh", "-q")
        _unstage(repository, git, state)
        # Like `git merge --abort`: what the merge wrote goes, unstaged changes to other files stay.
        git.run("reset", "--quiet", "--merge", "HEAD")
        if repository.git.text("config", "--type=bool", "--default=false", "core.sparseCheckout") == "true":
            # Conflicts were written beyond what is checked out here.
            git.call("sparse-checkout", "reapply")
        if git.text("symbolic-ref", "-q", "HEAD", ok=(0, 1)) == f"refs/heads/{state.branch}":
            _restore_head(git, state, detached=bool(elsewhere))
        git.call("update-ref", "-d", f"refs/heads/{state.branch}", state.ours)
        for name in ("AUTO_MERGE", "MERGE_MSG", "MERGE_MODE", "MERGE_HEAD"):
            (repository.git_dir / name).unlink(missing_ok=True)
        forget(repository)

    undisturbed(steps, "commit, stash or restore what stands in its way, then `syncfork abort` again")
    return Undone(True, elsewhere, back)


def put_back(repository: Repository, ours: str, theirs: str) -> list[str]:
    """Undo what git wrote to the worktree before it failed on the way from one tree to the other, where the index is
    still as `ours` is and nothing of that was a person's. Returns the paths that could not be put back."""
    git = repository.git.as_user()
    changes = repository.changes(ours, theirs)
    had = {change.old_path for change in changes if change.old}
    new = {change.new_path: change.new.oid for change in changes if change.new and change.new_path not in had}
    git.call("update-index", "-q", "--refresh")
    wrong = sorted(had & set(differing(repository, "diff-files")))
    arguments = ("--force", "--index", "--quiet", "-z", "--stdin")
    git.call("checkout-index", *arguments, stdin=encode("".join(f"{path}\0" for path in wrong)))
    root = repository.work_tree or Path()
    for path, oid in new.items():
        if _content(repository, path) == oid:
            (root / path).unlink()
            with contextlib.suppress(OSError):
                os.removedirs((root / path).parent)
    left = [path for path in new if os.path.lexists(root / path)]
    return sorted(left + [path for path in differing(repository, "diff-files") if path in wrong])


def _content(repository: Repository, path: str) -> str | None:
    """The id of a file as it is in the worktree; None where there is none, or git cannot tell."""
    try:
        return in_worktree(repository, [path]).get(path)
    except GitError:
        return None


def still_ours(repository: Repository, state: State) -> bool:
    """True where the repository is as the merge left it, or as a landing or an abort that was cut off did."""
    if repository.git.text("rev-parse", "--verify", "HEAD") != state.ours:
        return False
    try:
        merging = (repository.git_dir / "MERGE_HEAD").read_text("utf-8").strip()
    except FileNotFoundError:
        merging = ""
    branch = f"refs/heads/{state.branch}"
    if state.landed:
        return repository.head_ref == branch and merging == state.theirs
    return repository.head_ref in (branch, state.original) and merging in ("", state.theirs)


def _unstage(repository: Repository, git: Git, state: State) -> None:
    """Take out of the index what a person added beside the merge, an edit of before it say: its files stay as they
    are. What syncfork wrote goes with the merge."""
    own = added(repository.git_dir)
    by_person = {path for path, oid in staged(repository, state.ours).items() if own.get(path) != oid}
    merged = differing(repository, "diff-tree", "-r", "--no-renames", state.ours, state.tree)
    if beside := sorted(by_person - {*merged, *state.conflicts}):
        paths = encode("".join(f"{path}\0" for path in beside))
        arguments = ("--quiet", "--pathspec-from-file=-", "--pathspec-file-nul", "HEAD")
        git.with_environment(GIT_LITERAL_PATHSPECS="1").run("reset", *arguments, stdin=paths)


def _elsewhere(repository: Repository, state: State) -> tuple[str, str]:
    """Why HEAD cannot go back to its branch: it is not where it was, or another worktree has it; and what to do."""
    if not state.original.startswith("refs/"):
        return "", ""
    name = state.original.removeprefix("refs/heads/")
    there = repository.resolve([state.original])[state.original]
    if there is None:
        return f"{name} was deleted since", f"git checkout -b {shell_words([name])}    (to have it again)"
    if there != state.ours:
        back = f"git checkout {shell_words([name])}    (to go to it as it is now)"
        return f"{name} was moved to {there[:9]} since", back
    out = decode(repository.git.run("worktree", "list", "--porcelain", "-z"))
    for entry in out.split("\0\0"):
        fields = dict(line.partition(" ")[::2] for line in entry.split("\0"))
        if fields.get("branch") == state.original:
            return (
                f"{name} is checked out in {fields['worktree']}",
                "go there, or: git checkout ANOTHER_BRANCH",
            )
    return "", ""


def _restore_head(git: Git, state: State, *, detached: bool) -> None:
    if state.original.startswith("refs/") and not detached:
        git.run("symbolic-ref", "-m", "syncfork abort", "HEAD", state.original)
    else:
        git.run("update-ref", "--no-deref", "-m", "syncfork abort", "HEAD", state.ours)
