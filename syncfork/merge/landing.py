"""Landing a merge: the commit, the branch, the worktree. The only code that changes a user's repository.

Everything is decided before; refs and worktree change last. A merge that needs nobody lands with one git
process (`update-ref`, or `checkout -b`). One that needs a person takes several steps, which run in a process
of their own that a kill of this one does not reach.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from msgspec.structs import replace

from syncfork.errors import GitError, SyncforkError
from syncfork.git.door import Git, decode, encode
from syncfork.git.objects import Entry
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.merge.mergetree import Merged
from syncfork.merge.putting_back import put_back
from syncfork.merge.staging import is_sparse
from syncfork.merge.undisturbed import lock_hint, undisturbed
from syncfork.merge.undoing import forget, hold
from syncfork.merge.workspace import Workspace
from syncfork.state import State, write_state
from syncfork.words import listed, shell_words


def make_commit(space: Workspace, tree: str, parents: tuple[str, str], message: str) -> str:
    """Move `tree` into the repository and commit it there with the user's identity; returns the commit.

    Raises SyncforkError where git knows no identity.
    """
    space.keep(tree)
    return commit_tree(space.repository, tree, parents, message)


def commit_tree(repository: Repository, tree: str, parents: tuple[str, str], message: str) -> str:
    """A commit with the user's identity (and signature, where commits are signed); no ref moves."""
    git = repository.git.as_user()
    done = git.call(
        "-c", "i18n.commitEncoding=UTF-8", "commit-tree", *(["-S"] if repository.is_set("commit.gpgSign") else []),
        *(word for parent in parents for word in ("-p", parent)), "-F", "-", tree, stdin=encode(message),
    )  # fmt: skip
    if done.code:
        raise _not_committed(done.err, done.code, "")
    return decode(done.out).strip()


def _not_committed(message: str, code: int, then: str) -> SyncforkError:
    """Why git did not commit; `then` is what to do once that is mended."""
    if "tell me who you are" in message or "empty ident" in message:
        return SyncforkError(
            "git does not know who you are",
            f"set it: git config user.name ..., git config user.email ...{then and f'; then {then}'}",
        )
    hint = lock_hint(message)
    if not hint and then:
        hint = f"the merge still waits: mend that, then {then}"
    return GitError(f"the merge could not be committed: {message.strip()}", hint, code=code)


def make_branch(repository: Repository, branch: str, commit: str) -> None:
    """Create `branch` at `commit`, in a git process that outlives us; it must not exist."""
    ref = f"refs/heads/{branch}"
    done = repository.git.call(
        "update-ref", "-m", "syncfork merge", ref, commit, "0" * len(commit), detached=True
    )
    if done.code:
        lock = repository.common_dir / f"{ref}.lock"
        hint = f"if no git is at work here: rm {shlex.quote(str(lock))}" if lock.exists() else ""
        raise GitError(f"git could not make the branch {branch}: {done.err.strip()}", hint, code=done.code)


def check_out(repository: Repository, branch: str, commit: str) -> None:
    """Create `branch` at `commit` and switch the worktree to it, in one git process that outlives us."""
    git = repository.git.as_user()
    done = git.call("checkout", "--quiet", "--no-track", "-b", branch, commit, detached=True)
    if done.code:
        problem = f"git could not switch to {branch}: {done.err.strip()}"
        ref, ours = f"refs/heads/{branch}", repository.head()
        error = _not_written(repository, ours, commit, problem)
        if git.text("symbolic-ref", "-q", "HEAD", ok=(0, 1)) != ref:
            git.call("update-ref", "-d", ref, commit)
        raise error


def _not_written(repository: Repository, ours: str, theirs: str, problem: str) -> GitError:
    """What is left in the worktree where git could not write what is between the two trees; the rest is put back."""
    left = put_back(repository, ours, theirs)
    if left.restored or left.removed:
        commands = [f"git restore {shell_words(left.restored)}"] if left.restored else []
        commands += [f"rm -r {shell_words(left.removed)}"] if left.removed else []
        return GitError(
            f"{problem}\nwhat it had written was put back, but for {listed([*left.restored, *left.removed], 5)}",
            f"mend that, then: {' && '.join(commands)}",
        )
    hint = lock_hint(problem)
    if "not uptodate" in problem:
        hint = "git was told to overlook it: git update-index --no-assume-unchanged --no-skip-worktree FILE, then commit or restore it"
    return GitError(f"{problem}\nnothing was changed", hint)


def begin(repository: Repository, state: State, merged: Merged) -> None:
    """Leave an ordinary git merge in progress: index stages, conflict markers, MERGE_HEAD, on the branch."""

    def steps() -> None:
        git = repository.git.as_user()
        write_state(repository.git_dir, state)
        hold(repository, state)
        # A copied or restored worktree is only clean by its contents; read-tree goes by what the index noted.
        git.call("update-index", "-q", "--refresh")
        done = git.call("read-tree", "-m", "-u", state.ours, state.tree)
        if done.code:
            forget(repository)
            problem = f"git could not write the merge to the worktree: {done.err.strip()}"
            raise _not_written(repository, state.ours, state.tree, problem)
        if merged.conflicts:
            _write_sparse(repository, git, state, merged)
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


def _write_sparse(repository: Repository, git: Git, state: State, merged: Merged) -> None:
    """Where only a part of the files is checked out: the conflicts outside of it are written too, as git does."""
    if not is_sparse(repository):
        return
    # A name that both sides gave up has conflicts, and no file.
    there = repository.entries(state.tree, [literal(path) for path in merged.conflicts])
    paths = encode("".join(f"{path}\0" for path in there))
    git.run("update-index", "--no-skip-worktree", "-z", "--stdin", stdin=paths)
    git.call("checkout-index", "--quiet", "-z", "--stdin", stdin=paths)


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
        "-c", "i18n.commitEncoding=UTF-8", "commit", "--quiet", "--no-verify", "--cleanup=verbatim", "-F", "-",
        stdin=encode(message), detached=True,
    )  # fmt: skip
    if done.code:
        raise _not_committed(done.err, done.code, "`syncfork continue`")
    forget(repository)
    return repository.head()


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.syncfork")
    temporary.write_bytes(encode(text))
    temporary.replace(path)
