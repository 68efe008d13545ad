"""What to type next: the commands with which the report of a merge ends."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from syncfork.commands.session import operation
from syncfork.git.repository import Repository
from syncfork.report import Report
from syncfork.state import read_state


def first_step(repository: Repository) -> str:
    """The step that comes before any merge with a checkout; empty where one can begin."""
    found = operation(repository)
    if read_state(repository.git_dir):
        what = "a merge that syncfork began is not finished"
    elif found:
        what = f"{found[0]} is in progress"
    else:
        return ""
    return f"syncfork status    ({what}; it comes first)"


def merge_command(upstream: str | None, packs: Sequence[str], *more: str) -> str:
    """The command line that merges `upstream` with `packs`, as they were given to another verb."""
    named = [upstream] if upstream else []
    return shlex.join(["syncfork", "merge", *named, *_with(packs), *more])


def steps_to_mend(report: Report, branch: str, packs: Sequence[str]) -> list[str]:
    """What to type where a merge was committed on its branch, with rules of `packs`, and something is broken or left to
    decide."""
    broken, open_ones = report.breakages(), report.decisions()
    check = shlex.join(["syncfork", "check", branch, *_with(packs)])
    if broken:
        return [f"syncfork explain {broken[0].id}", f"mend it on {branch}, then: {check}"]
    return [f"syncfork explain {open_ones[0].id}    (how to decide it, or to accept it)"] if open_ones else []


def _with(packs: Sequence[str]) -> list[str]:
    return [word for pack in packs for word in ("--pack", pack)]
