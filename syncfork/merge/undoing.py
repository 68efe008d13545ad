"""Undoing a merge that waits: HEAD, index, worktree and branches as they were, and nothing of the user's lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from syncfork.errors import GitError
from syncfork.git.door import Git, decode, encode
from syncfork.git.objects import Entry
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.merge.staging import differing, is_sparse, staged
from syncfork.merge.undisturbed import lock_hint, undisturbed
from syncfork.state import State, added, clear_state, write_state
from syncfork.words import shell_words

# What keeps the merge's objects where git collects garbage while it waits; each worktree has its own.
_HELD = ("refs/worktree/syncfork/tree", "refs/worktree/syncfork/theirs")


_MERGING = ("AUTO_MERGE", "MERGE_MSG", "MERGE_MODE", "MERGE_HEAD")


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
        if not state.undone:
            _reset(repository, git, state)
            # From here on it may be cut off: what is undone is not undone again, over what a person does then.
            write_state(repository.git_dir, replace(state, landed=False, undone=True))
        if git.text("symbolic-ref", "-q", "HEAD", ok=(0, 1)) == f"refs/heads/{state.branch}":
            _restore_head(git, state, detached=bool(elsewhere))
        _delete_branch(repository, git, state)
        for name in _MERGING:
            (repository.git_dir / name).unlink(missing_ok=True)
        forget(repository)

    undisturbed(steps, "commit, stash or restore what stands in its way, then `syncfork abort` again")
    return Undone(True, elsewhere, back)


def still_ours(repository: Repository, state: State) -> bool:
    """True where the repository is as the merge left it, or as a landing or an abort that was cut off did."""
    if repository.head() != state.ours:
        return False
    try:
        merging = (repository.git_dir / "MERGE_HEAD").read_text("utf-8").strip()
    except FileNotFoundError:
        merging = ""
    branch = f"refs/heads/{state.branch}"
    if merging and (state.undone or repository.head_ref != branch):
        # syncfork's own stands on its branch only, and goes before it is undone: this merge is a person's.
        return False
    if state.landed:
        return repository.head_ref == branch and merging == state.theirs
    return repository.head_ref in (branch, state.original) and merging in ("", state.theirs)


def _reset(repository: Repository, git: Git, state: State) -> None:
    """Put index and worktree back. Where git refuses, all is as it was before; raises GitError then."""
    # What was only touched is no change.
    git.call("update-index", "--refresh", "-q")
    beside = _beside(repository, state)
    # What `git add -N` only announced has no content in the index that could be put back.
    announced = set(differing(repository, "diff-files", "--diff-filter=A"))
    if beside:
        paths = encode("".join(f"{path}\0" for path in beside))
        arguments = ("--quiet", "--pathspec-from-file=-", "--pathspec-file-nul", "HEAD")
        git.with_environment(GIT_LITERAL_PATHSPECS="1").run("reset", *arguments, stdin=paths)
    # Like `git merge --abort`: what the merge wrote goes, unstaged changes to other files stay.
    done = git.call("reset", "--quiet", "--merge", "HEAD")
    if done.code:
        if git.call("diff-index", "--cached", "--quiet", state.ours).code:
            entries = {path: entry for path, entry in beside.items() if path not in announced}
            lines = (f"{entry.mode} {entry.oid} 0\t{path}\0" for path, entry in entries.items())
            git.run("update-index", "-z", "--index-info", stdin=encode("".join(lines)))
            if announced & beside.keys():
                git.run("add", "-N", "--force", "--", *map(literal, sorted(announced & beside.keys())))
            git.call("update-index", "--refresh", "-q")
        else:
            # git put index and worktree back, and failed at HEAD, which is where it was in any case.
            write_state(repository.git_dir, replace(state, landed=False, undone=True))
        raise GitError(f"git reset failed: {done.err.strip()}", lock_hint(done.err), code=done.code)
    if is_sparse(repository):
        # Conflicts were written beyond what is checked out here.
        # As a cone, git would remove whole folders, with what it ignores in them.
        git.call("-c", "core.sparseCheckoutCone=false", "sparse-checkout", "reapply")


def _delete_branch(repository: Repository, git: Git, state: State) -> None:
    """Delete the branch that was made for the merge, where it has no commit of its own. Raises GitError."""
    ref = f"refs/heads/{state.branch}"
    done = git.call("update-ref", "-d", ref, state.ours)
    if done.code and repository.resolve([ref])[ref] == state.ours:
        raise GitError(f"git could not delete {state.branch}: {done.err.strip()}", lock_hint(done.err))


def written(repository: Repository, state: State) -> set[str]:
    """The paths that the merge wrote, or took out."""
    return {
        *differing(repository, "diff-tree", "-r", "--no-renames", state.ours, state.tree),
        *state.conflicts,
    }


def _beside(repository: Repository, state: State) -> Mapping[str, Entry]:
    """What a person added beside the merge, an edit of before it say, as the index has it: that is taken out of the
    index, and its files stay as they are. What syncfork wrote goes with the merge."""
    own = added(repository.git_dir)
    wrote = written(repository, state)
    found = staged(repository, state.ours)
    return {path: entry for path, entry in found.items() if path not in wrote and own.get(path) != entry.oid}


def _elsewhere(repository: Repository, state: State) -> tuple[str, str]:
    """Why HEAD cannot go back to its branch: it is not where it was, or another worktree has it; and what to do."""
    if not state.original.startswith("refs/") or repository.head_ref == state.original:
        return "", ""
    name = state.original.removeprefix("refs/heads/")
    there = repository.resolve([state.original])[state.original]
    if there is None:
        back = f"git checkout -b {shell_words([name])}    (to have it again, unless it was renamed)"
        return f"{name} is not there any more", back
    if there != state.ours:
        back = f"git checkout {shell_words([name])}    (to go to it as it is now)"
        return f"{name} was moved to {there[:9]} since", back
    for place in _worktrees_with(repository, state.original):
        return f"{name} is checked out in {place}", "go there, or: git checkout ANOTHER_BRANCH"
    return "", ""


def _worktrees_with(repository: Repository, ref: str) -> Iterator[str]:
    """The worktrees that have a branch checked out, or will have again when their rebase or bisect is done."""
    out = decode(repository.git.run("worktree", "list", "--porcelain", "-z"))
    for entry in out.split("\0\0"):
        fields = dict(line.partition(" ")[::2] for line in entry.split("\0"))
        if fields.get("branch") == ref:
            yield fields["worktree"]
    for folder in (repository.common_dir, *(repository.common_dir / "worktrees").glob("*")):
        for name in ("rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START"):
            try:
                written = (folder / name).read_text("utf-8", "surrogateescape").strip()
            except OSError:
                continue
            if written in (ref, ref.removeprefix("refs/heads/")):
                yield f"another worktree ({name.partition('/')[0]})"


def _restore_head(git: Git, state: State, *, detached: bool) -> None:
    if state.original.startswith("refs/") and not detached:
        git.run("symbolic-ref", "-m", "syncfork abort", "HEAD", state.original)
    else:
        git.run("update-ref", "--no-deref", "-m", "syncfork abort", "HEAD", state.ours)
