"""Landing a merge: the commit, the branch, the worktree. The only code that changes a user's repository.

Everything is decided before; refs and worktree change last. A merge that needs nobody lands with one git
process (`update-ref`, or `checkout -b`). One that needs a person takes several steps, which run in a process
of their own that a kill of this one does not reach.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from syncfork.errors import GitError, SyncforkError
from syncfork.git.door import Git, decode, encode
from syncfork.git.objects import Entry
from syncfork.git.repository import Repository
from syncfork.merge.mergetree import Merged
from syncfork.merge.workspace import Workspace
from syncfork.state import State, clear_state, write_state


def make_commit(space: Workspace, tree: str, parents: tuple[str, str], message: str) -> str:
    """Move `tree` into the repository and commit it there with the user's identity; returns the commit.

    Raises SyncforkError where git knows no identity.
    """
    space.keep(tree)
    return commit_tree(space.repository, tree, parents, message)


def commit_tree(repository: Repository, tree: str, parents: tuple[str, str], message: str) -> str:
    """A commit with the user's identity (and signature, where commits are signed); no ref moves."""
    git = repository.git.as_user()
    sign = git.text("config", "--type=bool", "--default=false", "commit.gpgSign") == "true"
    done = git.call(
        "-c", "i18n.commitEncoding=UTF-8", "commit-tree", *(["-S"] if sign else []),
        *(word for parent in parents for word in ("-p", parent)), "-F", "-", tree, stdin=encode(message),
    )  # fmt: skip
    if done.code:
        if "tell me who you are" in done.err or "empty ident" in done.err:
            raise SyncforkError(
                "git does not know who you are", "set it: git config user.name ..., git config user.email ..."
            )
        raise GitError(f"the merge could not be committed: {done.err.strip()}", code=done.code)
    return decode(done.out).strip()


def make_branch(repository: Repository, branch: str, commit: str) -> None:
    """Create `branch` at `commit`, in a git process that outlives us; it must not exist."""
    ref = f"refs/heads/{branch}"
    done = repository.git.call(
        "update-ref", "-m", "syncfork merge", ref, commit, "0" * len(commit), detached=True
    )
    if done.code:
        lock = repository.common_dir / f"{ref}.lock"
        raise GitError(
            f"git could not make the branch {branch}: {done.err.strip()}",
            f"if no git is at work here: rm {shlex.quote(str(lock))}" if lock.exists() else "",
            code=done.code,
        )


def check_out(repository: Repository, branch: str, commit: str) -> None:
    """Create `branch` at `commit` and switch the worktree to it, in one git process that outlives us."""
    git = repository.git.as_user()
    done = git.call("checkout", "--quiet", "--no-track", "-b", branch, commit, detached=True)
    if done.code:
        raise GitError(f"git could not switch to {branch}: {done.err.strip()}", code=done.code)


def begin(repository: Repository, state: State, merged: Merged) -> None:
    """Leave an ordinary git merge in progress: index stages, conflict markers, MERGE_HEAD, on the branch."""

    def steps() -> None:
        git = repository.git.as_user()
        write_state(repository.git_dir, state)
        # A copied or restored worktree is only clean by its contents; read-tree goes by what the index noted.
        git.call("update-index", "-q", "--refresh")
        done = git.call("read-tree", "-m", "-u", state.ours, state.tree)
        if done.code:
            # git looks before it writes: nothing was changed, so there is nothing to put back either.
            clear_state(repository.git_dir)
            raise GitError(
                f"git could not write the merge to the worktree: {done.err.strip()}", code=done.code
            )
        if merged.conflicts:
            git.run("update-index", "-z", "--index-info", stdin=_stages(merged))
        make_branch(repository, state.branch, state.ours)
        _write(repository.git_dir / "MERGE_MSG", state.message)
        _write(repository.git_dir / "MERGE_MODE", "no-ff")
        _write(repository.git_dir / "ORIG_HEAD", f"{state.ours}\n")
        _write(repository.git_dir / "AUTO_MERGE", f"{state.tree}\n")
        git.run("symbolic-ref", "-m", "syncfork merge", "HEAD", f"refs/heads/{state.branch}")
        _write(repository.git_dir / "MERGE_HEAD", f"{state.theirs}\n")
        write_state(repository.git_dir, replace(state, landed=True))

    undisturbed(steps)


def _stages(merged: Merged) -> bytes:
    """The index entries of the unmerged paths: stage 0 goes, the stages that git found come."""
    records: list[bytes] = []
    for path, conflict in merged.conflicts.items():
        null = "0" * len(next(iter(conflict.stages.values())).oid)
        records.append(encode(f"0 {null}\t{path}\0"))
        records += [encode(_stage(stage, entry, path)) for stage, entry in sorted(conflict.stages.items())]
    return b"".join(records)


def _stage(stage: int, entry: Entry, path: str) -> str:
    return f"{entry.mode} {entry.oid} {stage}\t{path}\0"


def finish(repository: Repository, message: str) -> str:
    """Commit the merge in progress as the index has it; returns the commit. git itself ends the merge."""
    git = repository.git.as_user()
    done = git.call(
        "commit", "--quiet", "--no-verify", "--cleanup=verbatim", "-F", "-", stdin=encode(message), detached=True
    )  # fmt: skip
    if done.code:
        raise GitError(f"the merge could not be committed: {done.err.strip()}", code=done.code)
    clear_state(repository.git_dir)
    return repository.git.text("rev-parse", "--verify", "HEAD")


def abort(repository: Repository, state: State) -> bool:
    """Put everything back as it was before the merge; false where a person has gone on without syncfork.

    Then HEAD, the index or the merge in progress are no longer ours to touch, and only the record of the
    merge goes. Safe to repeat where it was cut off.
    """
    if not still_ours(repository, state):
        clear_state(repository.git_dir)
        return False

    def steps() -> None:
        git = repository.git.as_user()
        # What was only touched is no change.
        git.call("update-index", "--refresh", "-q")
        # Like `git merge --abort`: what the merge wrote goes, unstaged changes to other files stay.
        git.run("reset", "--quiet", "--merge", "HEAD")
        if git.text("symbolic-ref", "-q", "HEAD", ok=(0, 1)) == f"refs/heads/{state.branch}":
            _restore_head(git, state)
        git.call("update-ref", "-d", f"refs/heads/{state.branch}", state.ours)
        for name in ("AUTO_MERGE", "MERGE_MSG", "MERGE_MODE", "MERGE_HEAD"):
            (repository.git_dir / name).unlink(missing_ok=True)
        clear_state(repository.git_dir)

    undisturbed(steps, "commit, stash or restore what stands in its way, then `syncfork abort` again")
    return True


def still_ours(repository: Repository, state: State) -> bool:
    """True where the repository is as the merge left it, or as a landing that was cut off did."""
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


def _restore_head(git: Git, state: State) -> None:
    if state.original.startswith("refs/"):
        git.run("symbolic-ref", "-m", "syncfork abort", "HEAD", state.original)
    else:
        git.run("update-ref", "--no-deref", "-m", "syncfork abort", "HEAD", state.ours)


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.syncfork")
    temporary.write_bytes(encode(text))
    temporary.replace(path)


_WAY_OUT = "`syncfork status` tells where you stand; `syncfork abort` puts everything back"


def undisturbed(steps: Callable[[], None], way_out: str = _WAY_OUT) -> None:
    """Run `steps` so that a kill of this process (or of its group) does not stop them half-way.

    They run in a forked child in a session of its own; a failure there is raised here, with a `way_out`. Where
    processes do not fork they run in this one.
    """
    if not hasattr(os, "fork"):
        steps()
        return
    reader, writer = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _child(steps, reader, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        message = pipe.read()
    _, status = os.waitpid(child, 0)
    if message or status:
        text = message.decode("utf-8", "replace") or f"the landing process ended with status {status}"
        raise GitError(text, way_out)


def _child(steps: Callable[[], None], reader: int, writer: int) -> None:
    """The forked side: never returns, never runs the parent's clean-up."""
    code = 1
    try:
        os.setsid()
        os.close(reader)
        steps()
        code = 0
    except BaseException as error:
        os.write(writer, str(error).encode("utf-8", "replace")[:60000] or b"unknown error")
    finally:
        os._exit(code)
