"""`syncfork status`: where one stands, and what comes next."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from syncfork import __version__
from syncfork.commands.next_steps import to_resolve
from syncfork.commands.reporting import kept_reports
from syncfork.commands.session import open_session, refusal
from syncfork.commands.waiting import (
    COMMITTED,
    IN_PART,
    LEFT,
    Standing,
    last_report,
    left_in,
    left_open,
    made_already,
    merged_by,
    of_the_merge,
    standing,
    to_publish,
)
from syncfork.errors import ExitCode
from syncfork.git.repository import Repository
from syncfork.merge.detecting import blocks_commit
from syncfork.merge.staging import unmerged
from syncfork.report import ConflictItem, Ref, Report, Result
from syncfork.state import State, read_state
from syncfork.words import count


def run_status(directory: Path) -> Report:
    """Where one stands: a merge in progress with what is left of it, else how far upstream is."""
    repository = Repository.open(directory)
    report = Report(tool_version=__version__, verb="status")
    if state := read_state(repository.git_dir):
        stands = standing(repository, state)
        waiting = stands == "waiting"
        return _waiting(report, repository, state) if waiting else _gone_on(report, stands)
    session = open_session(repository, None, ())
    ahead, behind = repository.ahead_behind(session.fork.commit, session.upstream.commit)
    last = last_report(repository)
    made = made_already(repository, session.fork.commit, session.upstream.commit)
    steps: tuple[str, ...] = ("syncfork merge",) if behind else ()
    warnings = session.setup.warnings
    if error := refusal(repository, session.bases):
        steps, warnings = (error.hint,), (*warnings, error.problem)
    elif (
        made
        and made.result.branch
        and made.result.commit
        and (behind or repository.branch == made.result.branch)
    ):
        steps = tuple(to_publish(repository, made.result.branch, made.result.commit))
        if behind:
            warnings = (*warnings, merged_by(made.result.branch))
    # Where a person went on on its branch, they may have mended what was open.
    # A merge that was given up has no commit at all.
    here = {session.fork.commit, made.result.commit if made else session.fork.commit}
    if last and not error and (open_ones := left_open(last, here)):
        warnings = (*warnings, open_ones)
        steps = ("syncfork report    (what is open)", *steps)
    return replace(
        report,
        state="behind" if behind else "up to date",
        fork=session.fork,
        upstream=session.upstream,
        ahead=ahead,
        behind=behind,
        result=Result(branch=last.result.branch if last else None),
        next=steps,
        warnings=warnings,
    )


def _waiting(report: Report, repository: Repository, state: State) -> Report:
    paths = list(unmerged(repository))
    ahead, behind = repository.ahead_behind(state.ours, state.theirs)
    began = of_the_merge(repository, state)
    known = {item.path: item for item in began.conflicts} if began else {}
    left = left_in(began) if began else ""
    warnings = (
        [f"the merge began with {left} beside its conflicts: `syncfork report` tells them"] if left else []
    )
    if not paths and (stops := _stops(repository)):
        warnings.append(
            f"{count(stops, 'finding')} stopped `syncfork continue`, which lists them and how to accept them"
        )
    conflicts = tuple(known.get(path, ConflictItem(path, "contents", 0)) for path in paths)
    return replace(
        report,
        state="in progress",
        fork=Ref(state.fork_ref, state.ours),
        upstream=Ref(state.upstream_ref, state.theirs),
        ahead=ahead,
        behind=behind,
        conflicts=conflicts,
        result=Result(state.tree, None, state.branch),
        warnings=tuple(warnings),
        next=(
            *([to_resolve(conflicts, "these files")] if paths else ()),
            "syncfork continue",
            "syncfork abort    (to put everything back)",
        ),
        exit_code=int(ExitCode.NEEDS_HUMAN),
    )


def _stops(repository: Repository) -> int:
    """How many findings stopped the last `continue` of what the index still holds."""
    tree = repository.git.call("write-tree").out.decode("ascii").strip()
    refused = [
        report
        for report in kept_reports(repository)
        if (report.verb, report.state, report.result.tree) == ("continue", "in progress", tree)
    ]
    return sum(map(blocks_commit, refused[0].findings)) if refused else 0


def _gone_on(report: Report, stands: Standing) -> Report:
    """The status of a merge that the person committed themselves or left behind, or that was cut off."""
    forget = "syncfork abort    (to forget it)"
    if stands == "committed":
        check = "syncfork continue    (to check what you committed, and remember how you resolved it)"
        return replace(report, state="stale", warnings=(COMMITTED,), next=(check, forget))
    if stands == "in part":
        return replace(
            report, state="stale", warnings=(IN_PART,), next=("syncfork abort    (to put everything back)",)
        )
    return replace(report, state="stale", warnings=(LEFT,), next=(forget,))
