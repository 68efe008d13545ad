"""How a merge that syncfork began stands: it waits, the person committed it, or they left it behind."""

from __future__ import annotations

from typing import Any, Literal

from syncfork.errors import SyncforkError, UsageError
from syncfork.git.repository import Repository
from syncfork.merge.landing import still_ours
from syncfork.report import Report, from_json
from syncfork.state import State, read_state, recall, recall_waiting

Standing = Literal["waiting", "committed", "left"]

LEFT = "you went on without syncfork: the merge it began is no longer in progress"
COMMITTED = "you went on without syncfork: the merge it began is committed, and not checked yet"


def standing(repository: Repository, state: State) -> Standing:
    """What became of the merge that `state` tells of."""
    if still_ours(repository, state):
        return "waiting"
    return "committed" if committed_by_hand(repository, state) else "left"


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
    return SyncforkError(LEFT, "`syncfork abort` forgets it, and touches nothing that you did since")


def expect_state(repository: Repository) -> State:
    """The merge in progress. Raises UsageError where there is none."""
    state = read_state(repository.git_dir)
    if state is None:
        raise UsageError("no syncfork merge is in progress", "start one with `syncfork merge`")
    return state


def of_the_merge(repository: Repository, state: State) -> Report | None:
    """The report with which the merge began waiting, where it is still there."""
    found = _read(recall_waiting(repository.git_dir))
    return found if found and found.result.tree == state.tree else None


def last_report(repository: Repository) -> Report | None:
    """The report of the last merge, landed or waiting, where it can be read."""
    return _read(recall(repository.git_dir))


def _read(data: dict[str, Any] | None) -> Report | None:
    try:
        return from_json(data or {})
    except ValueError:
        return None
