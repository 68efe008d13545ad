"""`syncfork drift`: how far behind, can we sync now, what would need us, what would break, is it getting worse?

A trial merge in memory with all that is known of it. Touches nothing but the history file, where one is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import cast

from msgspec import Struct
from msgspec.structs import asdict, replace

from syncfork import __version__
from syncfork.commands.next_steps import merge_command
from syncfork.commands.reaching import Needs
from syncfork.commands.session import Session, open_session
from syncfork.commands.trial import blocked, trial, verdict
from syncfork.commands.upstream import Wanted, fetch_upstream, rewritten
from syncfork.commands.waiting import last_report, left_open
from syncfork.config import Config, committed_config, is_own_file
from syncfork.errors import ExitCode, GitError, SyncforkError, UsageError
from syncfork.git.door import Tick, begun
from syncfork.git.patches import UnreadablePatchError
from syncfork.git.repository import Repository
from syncfork.merge.coverage import coverage
from syncfork.merge.culprits import History
from syncfork.merge.engine import LiftedMerge, expect_related
from syncfork.merge.health import health
from syncfork.merge.mergetree import merge_tree
from syncfork.merge.reach import Way, reach
from syncfork.merge.squashed import squashed
from syncfork.merge.texts import with_excerpts, with_texts
from syncfork.merge.workspace import Workspace, workspace
from syncfork.own.base import BASE, OURS, THEIRS
from syncfork.parallel import Task, results
from syncfork.report import Coverage, Drift, Reach, Report
from syncfork.trend import append_point, budgets, point_of, read_points, trend
from syncfork.words import one_line, place


class DriftOptions(Struct, frozen=True):
    """What the command line asks: `fail_on` are classes that make exit code 1 (empty: the usual ones)."""

    directory: Path
    today: date
    upstream: str | None = None
    packs: tuple[str, ...] = ()
    fetch: bool = False
    history: Path | None = None
    fail_on: tuple[str, ...] = ()


def run_drift(options: DriftOptions, tick: Tick = lambda _: None) -> Report:
    """The drift report. Its exit code is 3 where something could not be found out, else 1 or 0 as asked."""
    unknown = [name for name in options.fail_on if name not in (*FAIL_ON, "never")]
    if unknown:
        raise UsageError(
            f"no class of problems is called {unknown[0]}", f"--fail-on takes {', '.join(FAIL_ON)}, or never"
        )
    repository = Repository.open(options.directory)
    failed, told = _fetched(repository, options, tick) if options.fetch else ((), ())
    with workspace(repository) as space:
        try:
            session = open_session(repository, options.upstream, options.packs, space=space, logged=True)
        except UsageError as error:
            # In a fresh clone there is nothing from an earlier fetch to report on.
            raise SyncforkError(failed[0], error.hint) if failed else error from error
        session = replace(session, setup=replace(session.setup, warnings=(*session.setup.warnings, *told)))
        report = _examined(space, session, options, failed)
    return _with_trend(report, session, options)


def _fetched(
    repository: Repository, options: DriftOptions, tick: Tick
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fetch upstream. Where that fails the report is of what was fetched before, and says so: that is the first; the
    second what is to be known about what was fetched."""
    head = repository.resolve(["HEAD^{commit}"])["HEAD^{commit}"]
    config = committed_config(repository, head) if head else Config()
    try:
        return (), fetch_upstream(repository, Wanted.of(options.upstream, config), tick)
    except SyncforkError as error:
        failed = f"upstream could not be fetched, this is its state at the last fetch: {error.problem}"
        return (failed,), ()


def _examined(space: Workspace, session: Session, options: DriftOptions, failed: tuple[str, ...]) -> Report:
    repository, ours, theirs = session.repository, session.fork.commit, session.upstream.commit
    bases, log = expect_related(session.bases), session.log
    report = Report(
        tool_version=__version__, verb="drift", fork=session.fork, upstream=session.upstream,
        merge_base=bases[0], warnings=session.setup.warnings,
    )  # fmt: skip
    counting = begun(session.ahead)
    drift = _dated(repository, bases[0], theirs, options.today, failed)
    if bases == [theirs]:
        last = last_report(repository)
        left = left_open(last, [ours]) if last else ""
        warnings = (*report.warnings, *([f"{left}: syncfork report"] if left else []))
        return replace(report, state="up to date", ahead=counting.result(), drift=drift, warnings=warnings)
    merge, report, upstream = trial(space, session, report, options.today)
    behind = len(log.commits) if log.whole else session.behind()
    report = replace(report, ahead=counting.result(), behind=behind)
    rules = session.setup.rules
    plain = tuple(f"conflict in {place(path)}" for path in sorted(merge.plain.conflicts))
    way = Way(space, merge, session.web, log)
    if plain or blocked(report):
        # Read once, before the work is shared out.
        _ = way.moments
    needs = Needs(space, session, options.today).of
    tasks = [
        Task(partial(reach, way, _Alone(space, ours).of, plain, rules=False)),
        Task(partial(_covered, space, merge, drift, partial(is_own_file, session.setup.config))),
        Task(partial(_with_texts, space, merge, report, upstream)),
    ]
    # Without rules git's merge is another one still where resolutions or resolvers have answers.
    helped = bool(session.written.rules or (plain and session.answering.sources(theirs)))
    far = partial(reach, way, needs, blocked(report), rules=True, lapsed=bool(session.setup.lapsed))
    tasks += [Task(far, 9)] if helped else []
    found = results(tasks)
    alone, ruled = found[0], found[-1] if helped else found[0]
    drift, report = cast(Drift, found[1]), cast(Report, found[2])
    drift = replace(
        drift,
        reach=ruled,
        reach_alone=alone,
        health=health(report, rules, options.today, session.setup.lapsed),
    )
    # The merged tree goes with the workspace.
    squash = squashed(space, merge, log)
    warnings = (*report.warnings, *([squash.warning] if squash else []))
    return replace(
        report, state="drift", result=replace(report.result, tree=None), warnings=warnings, drift=drift
    )


def _with_texts(space: Workspace, merge: LiftedMerge, report: Report, upstream: History) -> Report:
    commits = merge.commits
    trees = {"merged": merge.merged.tree, "theirs": commits[THEIRS], "base": commits[BASE]}
    alone = with_texts(space, merge.plain.conflicts, report.git_alone, upstream, commits[OURS])
    # Without a rule's effect both are the same merge.
    same = report.conflicts == report.git_alone and merge.ids == (commits[OURS], commits[THEIRS])
    left, resolved = merge.merged.conflicts, merge.resolved
    ruled = alone if same else with_texts(space, left, report.conflicts, upstream, commits[OURS], resolved)
    return replace(
        report,
        git_alone=alone,
        conflicts=ruled,
        findings=with_excerpts(space.repository, space.git, report.findings, trees),
    )


def _dated(repository: Repository, base: str, theirs: str, today: date, failed: tuple[str, ...]) -> Drift:
    out = repository.git.text("log", "--no-walk=unsorted", "--format=%cI", base, theirs)
    base_date, upstream_date = out.split("\n")[:2] if base != theirs else (out, out)
    days = (today - datetime.fromisoformat(base_date).date()).days
    return Drift(today.isoformat(), base_date, max(days, 0), upstream_date, inconclusive=failed)


def _covered(space: Workspace, merge: LiftedMerge, drift: Drift, own: Callable[[str], bool]) -> Drift:
    try:
        return replace(drift, coverage=coverage(space, merge, own))
    except (UnreadablePatchError, GitError) as error:
        told = f"which of the fork's changes the rules explain could not be read: {one_line(str(error), 300)}"
        return replace(drift, coverage=Coverage(), inconclusive=(*drift.inconclusive, told))


class _Alone(Struct, frozen=True):
    """Merges one upstream commit as git alone does."""

    space: Workspace
    ours: str

    def of(self, commit: str) -> tuple[str, ...]:
        merged = merge_tree(self.space.git, self.ours, commit)
        return tuple(f"conflict in {place(path)}" for path in sorted(merged.conflicts))


def _with_trend(report: Report, session: Session, options: DriftOptions) -> Report:
    drift = report.drift
    assert drift is not None  # _examined made it
    limits = {name: most for name, most in asdict(session.setup.config.budgets).items() if most is not None}
    drift = replace(drift, budgets=budgets(limits, report))
    report = replace(report, drift=drift)
    if options.history:
        points, damaged = read_points(options.history)
        warnings = [f"{damaged} lines of {options.history} could not be read"] if damaged else []
        # One release need not hold what the last one did.
        if points and (options.upstream or not session.written.config.tags):
            warnings += _gone(session.repository, points[-1].upstream, report)
        now = point_of(report)
        report = replace(
            report, warnings=(*report.warnings, *warnings), drift=replace(drift, trend=trend(points, now))
        )
        if not drift.inconclusive:
            append_point(options.history, now)
    return replace(report, exit_code=int(_exit_code(report, options.fail_on)), next=_next(report, options))


def _gone(repository: Repository, last: str, report: Report) -> tuple[str, ...]:
    """Whether upstream's branch no longer holds the commit it was at in the last run."""
    # The fetch may have told of the same.
    if not report.upstream or any(last[:9] in told for told in report.warnings):
        return ()
    name = f"{last}^{{commit}}"
    return (
        rewritten(repository, last, report.upstream.commit, "run") if repository.resolve([name])[name] else ()
    )


FAIL_ON = ("conflict", "breakage", "decision", "unexplained", "budget", "behind")


def _exit_code(report: Report, fail_on: Sequence[str]) -> ExitCode:
    """Inconclusive is never green. Else the usual verdict and the budgets, or only what was asked for."""
    drift = report.drift
    assert drift is not None  # _examined made it
    if drift.inconclusive:
        return ExitCode.ENVIRONMENT
    over = any(budget.over for budget in drift.budgets)
    if not fail_on:
        return ExitCode.NEEDS_HUMAN if over else verdict(report)
    true = {
        "conflict": bool(report.conflicts),
        "breakage": bool(report.breakages()),
        "decision": bool(report.decisions()),
        "unexplained": bool(report.ledger.unexplained),
        "budget": over,
        "behind": report.behind > 0,
    }
    return ExitCode.NEEDS_HUMAN if any(true[name] for name in fail_on if name in true) else ExitCode.OK


def _next(report: Report, options: DriftOptions) -> tuple[str, ...]:
    if report.state == "up to date" or report.drift is None:
        return ()
    reached: Reach = report.drift.reach
    whole = merge_command(options.upstream, options.packs)
    if not blocked(report):
        return (whole,)
    resolving = f"{whole}    (and resolve what is left)"
    if reached.clean:
        return (merge_command(options.upstream, options.packs, "--as-far-as-clean"), resolving)
    return (resolving,)
