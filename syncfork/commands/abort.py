"""`syncfork abort`: everything as it was before the merge."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from syncfork import __version__
from syncfork.commands.next_steps import merge_command
from syncfork.commands.waiting import expect_state, last_report
from syncfork.errors import GitError
from syncfork.git.repository import Repository
from syncfork.merge.staging import differing, staged, unmerged
from syncfork.merge.undoing import Undone, abort, written
from syncfork.merge.worktree import uncommitted
from syncfork.report import Ref, Report
from syncfork.state import State, lock
from syncfork.words import count, listed, place, shell_words


def run_abort(directory: Path) -> Report:
    """Put HEAD, index, worktree and branches back as they were before the merge."""
    repository = Repository.open(directory)
    with lock(repository.git_dir):
        state = expect_state(repository, partial(_way_back, repository))
        try:
            undone = abort(repository, state)
        except GitError as error:
            if edited := _edited_since(repository, state):
                raise GitError(error.problem, _let_go(edited), error.code) from error
            raise
        if not undone.by_us:
            return _forgotten(repository, state)
    left, own = _still_there(repository, state)
    report = _detached(state, undone) if undone.elsewhere else _back(state)
    if own:
        told = f"your own changes beside the merge stay: {listed(own, 5)}"
        report = replace(report, warnings=(*report.warnings, told))
    if not left:
        return report
    told = f"still as the merge or you left them, since they were taken out of the index: {listed(left, 5)}"
    state_now = "aborted, detached" if undone.elsewhere else "aborted, in part"
    return replace(report, state=state_now, warnings=(*report.warnings, told))


def _way_back(repository: Repository) -> str:
    """How to be rid of the last merge, where it was finished; empty where there is none."""
    last = last_report(repository)
    branch = last.result.branch if last else None
    ref = f"refs/heads/{branch}"
    if not last or not last.fork or not branch or repository.resolve([ref])[ref] is None:
        return ""
    if repository.git.call("merge-base", "--is-ancestor", ref, last.fork.ref).code == 0:
        return ""
    rid = f"git switch {shlex.quote(last.fork.ref)} && git branch -D {shlex.quote(branch)}"
    return f"the last one is finished; to be rid of it, and of what you did on its branch since: {rid}"


def _back(state: State) -> Report:
    return Report(
        tool_version=__version__,
        verb="abort",
        state="aborted",
        fork=Ref(state.fork_ref, state.ours),
        next=(merge_command(state.upstream_ref, state.packs),),
    )


def _still_there(repository: Repository, state: State) -> tuple[list[str], list[str]]:
    """What is changed in the worktree after the merge is undone: files of the merge, in which nothing was changed
    before it, and tracked files that it has nothing to do with."""
    wrote = written(repository, state)
    changed = uncommitted(repository)
    own = [place(path) for path, letters in changed.items() if path not in wrote and letters != "??"]
    return [place(path) for path in changed if path in wrote], own


def _detached(state: State, undone: Undone) -> Report:
    """Where the branch that the person was on is not what it was: nothing of it is touched."""
    return Report(
        tool_version=__version__,
        verb="abort",
        state="aborted, detached",
        fork=Ref("HEAD", state.ours),
        warnings=(f"{undone.elsewhere}: HEAD stays at {state.ours[:9]}, where the merge began",),
        next=(undone.back,),
    )


def _edited_since(repository: Repository, state: State) -> list[str]:
    """Files that the merge wrote and a person changed since, without `git add`: git does not throw those away."""
    wrote = written(repository, state) - unmerged(repository).keys()
    return [path for path in differing(repository, "diff-files", "--diff-filter=u") if path in wrote]


def _let_go(paths: Sequence[str]) -> str:
    """How to give up changes to these files. With a conflict open, git neither commits nor stashes them."""
    return f"copy what you want to keep elsewhere, then: git restore {shell_words(paths)} && syncfork abort"


def _forgotten(repository: Repository, state: State) -> Report:
    """Where the person is after the record of a merge went: perhaps still on the branch that was made for it."""
    made, head = f"refs/heads/{state.branch}", "HEAD^{commit}"
    found = repository.resolve([head, made])
    back = state.original.removeprefix("refs/heads/") if state.original.startswith("refs/") else ""
    steps = []
    if repository.head_ref == made:
        where = shlex.quote(back) if back else f"--detach {state.ours[:9]}"
        steps.append(f"git checkout {where}    (to go back: you are on {state.branch}, made for that merge)")
    if found[made] == state.ours:
        steps.append(f"git branch -d {shlex.quote(state.branch)}    (it has no commit of its own)")
    here = found[head]
    left = _still_staged(repository, state) if here else []
    if left:
        steps.insert(0, "git reset --merge    (to take away what is staged, and leave alone what is not)")
    told = f"of the merge {count(len(left), 'file is', 'files are')} still staged: {listed(left, 5)}"
    return Report(
        tool_version=__version__,
        verb="abort",
        state="forgotten",
        fork=Ref(repository.branch, here) if here else None,
        warnings=(told,) if left else (),
        next=tuple(steps),
    )


def _still_staged(repository: Repository, state: State) -> list[str]:
    """What the merge wrote and HEAD has not: a checkout took it along in the index."""
    wrote = written(repository, state)
    return [place(path) for path in staged(repository, "HEAD") if path in wrote]
