"""How a merge that syncfork began stands: it waits, was cut off half-way, the person committed it, or they left it
behind."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Literal

from msgspec.structs import replace

from syncfork.errors import SyncforkError, UsageError
from syncfork.git.repository import Repository
from syncfork.merge.undoing import still_ours
from syncfork.report import Report, from_json
from syncfork.state import State, read_state, recall, recall_merged, recall_waiting
from syncfork.words import count

Standing = Literal["waiting", "in part", "committed", "left"]

LEFT = "you went on without syncfork: the merge it began is no longer in progress"
IN_PART = "a merge was begun or undone only in part"
COMMITTED = "you went on without syncfork: the merge it began is committed, and not checked yet"


def standing(repository: Repository, state: State) -> Standing:
    """What became of the merge that `state` tells of."""
    if still_ours(repository, state):
        return "waiting" if state.landed else "in part"
    return "committed" if committed_by_hand(repository, state) else "left"


def begun_here(repository: Repository) -> Standing | None:
    """How the merge that was begun here stands; None where none was, or it was ended by syncfork."""
    state = read_state(repository.git_dir)
    return standing(repository, state) if state else None


def committed_by_hand(repository: Repository, state: State) -> str | None:
    """The merge commit, where the person made it themselves and has it checked out; else None."""
    if (repository.git_dir / "MERGE_HEAD").exists():
        return None
    head, *parents = repository.git.text("rev-list", "--parents", "-n1", "HEAD").split()
    return head if parents == [state.ours, state.theirs] else None


def gone_on(stands: Standing) -> SyncforkError:
    """The refusal of a verb that needs the merge to wait, or none to be there, with the way out."""
    if stands == "committed":
        return SyncforkError(
            COMMITTED,
            "`syncfork continue` checks it and remembers how you resolved it; `syncfork abort` forgets it",
        )
    if stands == "in part":
        return SyncforkError(IN_PART, "`syncfork abort` puts everything back")
    return SyncforkError(LEFT, "`syncfork abort` forgets it, and touches nothing that you did since")


def expect_state(repository: Repository, instead: Callable[[], str] = lambda: "") -> State:
    """The merge in progress. Raises UsageError where there is none, with what to do `instead`, if that is anything."""
    state = read_state(repository.git_dir)
    if state is None:
        raise UsageError("no syncfork merge is in progress", instead() or "start one with `syncfork merge`")
    return state


def of_the_merge(repository: Repository, state: State) -> Report | None:
    """The report with which the merge began waiting, where it is still there."""
    found = _read(recall_waiting(repository.git_dir))
    return found if found and found.result.tree == state.tree else None


def last_report(repository: Repository) -> Report | None:
    """The report of the last merge, landed or waiting, where it can be read."""
    return _read(recall(repository.git_dir))


def last_merged(repository: Repository) -> Report | None:
    """The report of the last merge that was made, whatever was begun since, where it can be read."""
    return _read(recall_merged(repository.git_dir))


def left_open(last: Report, commits: Collection[str | None]) -> str:
    """What a merge left open, the last one, if it is one of `commits`; empty where nothing is."""
    left = left_in(last) if last.result.commit in commits else ""
    return f"this merge was committed with {left} open" if left else ""


def left_in(report: Report) -> str:
    """How many breakages and decisions a report has, in words; empty for none."""
    counted = ((report.breakages(), "breakage"), (report.decisions(), "decision"))
    return " and ".join(count(len(found), word) for found, word in counted if found)


def made_already(repository: Repository, ours: str, theirs: str) -> Report | None:
    """The report of the last merge, where it is on its branch and is of these two commits, or is `ours` itself. Its
    result's commit is the branch's newest: a person may have gone on there."""
    last = last_report(repository)
    if not (last and last.fork and last.upstream and last.result.commit and last.result.branch):
        return None
    ref, commit = f"refs/heads/{last.result.branch}", last.result.commit
    tip = repository.resolve([ref])[ref]
    if tip is None or last.upstream.commit != theirs or ours not in (last.fork.commit, commit, tip):
        return None
    if tip != commit and repository.git.call("merge-base", "--is-ancestor", commit, tip).code:
        return None
    return replace(last, result=replace(last.result, commit=tip))


def merged_by(branch: str) -> str:
    """A word about a branch on which the merge that is asked for was made before."""
    return f"{branch} merges this already; delete it to begin anew"


def to_publish(repository: Repository, branch: str, commit: str) -> list[str]:
    """What to type for a merge that is committed on `branch` and goes to the fork."""
    pushed = f"refs/remotes/origin/{branch}"
    push = [] if repository.resolve([pushed])[pushed] == commit else [f"git push -u origin {branch}"]
    return [*push, "syncfork pr"]


def _read(data: dict[str, Any] | None) -> Report | None:
    try:
        return from_json(data or {})
    except ValueError:
        return None
