"""What to type next: the commands with which the report of a merge ends."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from syncfork.commands.session import operation
from syncfork.git.repository import Repository
from syncfork.merge.detecting import blocks_commit
from syncfork.report import ConflictItem, Report
from syncfork.state import read_state
from syncfork.words import shell_words

# So many are named in the command that accepts them.
_MOST_NAMED = 3


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


def to_resolve(conflicts: Iterable[ConflictItem], files: str) -> str:
    """The step that resolves `conflicts`; `files` says which ones to edit by hand."""
    # To add one that a side has not is to keep it.
    remove = ", or git rm FILE that is to go" if any(c.kind == "modify/delete" for c in conflicts) else ""
    return f"syncfork resolve    (in a terminal; or edit {files}, then: git add FILE...{remove})"


def steps_to_mend(report: Report, branch: str, packs: Sequence[str]) -> list[str]:
    """What to type where a merge was committed on its branch, with rules of `packs`, and something is broken or left to
    decide."""
    broken, open_ones = report.breakages(), report.decisions()
    check = shlex.join(["syncfork", "check", branch, *_with(packs)])
    if broken:
        return [f"syncfork explain {broken[0].id}", f"mend it on {branch}, then: {check}"]
    return [f"syncfork explain {open_ones[0].id}    (how to decide it, or to accept it)"] if open_ones else []


def steps_to_finish(report: Report, accept: Sequence[str], reason: str, remember: bool) -> list[str]:
    """What to type where `syncfork continue` committed nothing. What it was told to `accept`, the `reason`, and whether
    to `remember` are in the commands again: nothing of it is kept. A reason that was given without anything to accept is
    one for the conflicts."""
    again = _continue(accept, reason, remember)
    # Markers are hardly ever right as they are.
    blocking = [f for f in report.findings if blocks_commit(f) and f.detector != "marker"]
    names = list(dict.fromkeys(finding.rule or finding.id for finding in blocking))
    steps = [f"edit the files above, `git add` them, then: {again}"]
    if names:
        left = len(names) - _MOST_NAMED
        more = f"; --accept for each of the {left} others too" if left > 0 else ""
        command = _continue((*accept, *names[:_MOST_NAMED]), reason if accept else "", remember)
        steps.append(f"{command}    (where it is right as it is{more})")
    return steps


def _continue(accept: Sequence[str], reason: str, remember: bool) -> str:
    words = [word for name in dict.fromkeys(accept) for word in ("--accept", name)]
    words += ["--reason", reason or "WHY"] if reason or accept else []
    words += [] if remember else ["--no-remember"]
    return " ".join(["syncfork continue", *map(shell_words, ([word] for word in words))])


def _with(packs: Sequence[str]) -> list[str]:
    return [word for pack in packs for word in ("--pack", pack)]
