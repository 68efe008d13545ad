"""`syncfork merge`: the lifted merge of upstream, landed on a branch."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from syncfork import __version__
from syncfork.commands.branching import before, branch_for
from syncfork.commands.next_steps import first_step, merge_command, steps_to_mend, to_resolve
from syncfork.commands.reaching import how_far
from syncfork.commands.session import Session, open_session, refuse_operation
from syncfork.commands.trial import blocked, trial, verdict
from syncfork.commands.waiting import gone_on, made_already, merged_by, standing, to_publish
from syncfork.errors import SyncforkError, UnresolvedError, UsageError
from syncfork.git.door import Asked, Tick, begun
from syncfork.git.repository import Repository
from syncfork.merge.engine import LiftedMerge, expect_related
from syncfork.merge.landing import begin, check_out, make_branch, make_commit
from syncfork.merge.message import merge_message
from syncfork.merge.squashed import squashed
from syncfork.merge.workspace import Workspace, workspace
from syncfork.merge.worktree import refuse_touched
from syncfork.report import Ref, Report, Result, to_json
from syncfork.state import State, keep_findings, lock, read_state, remember
from syncfork.words import one_line


class MergeOptions(Struct, frozen=True):
    """What the command line asks of a merge. `today` comes from the outside: nothing below reads a clock."""

    today: date
    upstream: str | None = None
    packs: tuple[str, ...] = ()
    branch: str | None = None
    checkout: bool = True
    fetch: bool = False
    as_far_as_clean: bool = False
    dry_run: bool = False
    message: str | None = None
    regenerate: bool = False


def run_merge(repository: Repository, options: MergeOptions, tick: Tick = lambda _: None) -> Report:
    """Merge upstream into the commit that `repository` has checked out, and land the result as `options` say.

    `tick` is told how far a fetch is. Returns the report; raises SyncforkError where nothing could be done, and then nothing was changed.
    """
    with lock(repository.git_dir), workspace(repository) as space:
        _refuse_unready(repository, options)
        session = open_session(
            repository, options.upstream, options.packs, fetch=tick if options.fetch else None, space=space
        )
        merge = _as_far_as_clean if options.as_far_as_clean else _merge
        return merge(space, session, options)


def _as_far_as_clean(space: Workspace, session: Session, options: MergeOptions) -> Report:
    """Merge the newest upstream commit without a conflict or a lost rule, and say what the one after it needs. What
    detectors find in that merge is told as ever."""
    reached = how_far(space, session, options.today)
    if reached.first is None:
        return _merge(space, session, options)
    needs = "; ".join(one_line(need) for need in reached.needs[:5])
    stop = f"the next step on upstream's main line needs you: {reached.first.commit[:9]} {one_line(reached.first.subject, 80)} ({needs})"
    if reached.clean is None:
        raise UnresolvedError(
            f"no commit of upstream's main line merges by itself: {stop}",
            "run `syncfork merge`, and resolve what is left",
        )
    report = _merge(space, session.at(Ref(reached.clean.commit[:9], reached.clean.commit)), options)
    return replace(report, warnings=(*report.warnings, stop))


def _refuse_unready(repository: Repository, options: MergeOptions) -> None:
    if repository.work_tree is None and options.checkout and not options.dry_run:
        raise UsageError(
            "this is a bare repository: there is no worktree to check out to", "add --no-checkout"
        )
    if options.dry_run or not options.checkout:
        return
    if state := read_state(repository.git_dir):
        stands = standing(repository, state)
        if stands != "waiting":
            raise gone_on(stands)
        raise SyncforkError(
            "a syncfork merge is in progress", "`syncfork continue` when it is resolved, or `syncfork abort`"
        )
    refuse_operation(repository)


def _merge(space: Workspace, session: Session, options: MergeOptions) -> Report:
    repository, theirs = session.repository, session.upstream.commit
    bases = expect_related(session.bases)
    counting = begun(lambda: repository.ahead_behind(session.fork.commit, theirs))
    report = Report(
        tool_version=__version__,
        verb="merge",
        fork=session.fork,
        upstream=session.upstream,
        merge_base=bases[0],
        warnings=session.setup.warnings,
    )
    if bases == [theirs]:
        return _counted(replace(report, state="up to date"), counting)
    if options.message is not None and not options.message.strip():
        raise UsageError("the message is empty", "leave --message out to get one that tells what was done")
    branch = branch_for(session, options.branch, options.today)
    merge, report, _ = trial(space, session, report, options.today, anew=options.regenerate)
    report = replace(_counted(report, counting), exit_code=int(verdict(report)))
    squash = squashed(space, merge, session.log) if report.conflicts else None
    if squash:
        report = replace(report, warnings=(*report.warnings, squash.warning))
    made = made_already(repository, session.fork.commit, theirs)
    earlier = made.result.branch if made else before(session, branch, options.today)
    if earlier and not options.dry_run:
        report = replace(report, warnings=(*report.warnings, merged_by(earlier)))
    report = _land(space, session, merge, report, branch, options)
    if squash:
        report = replace(report, next=(squash.step(waits=report.state == "in progress"), *report.next))
    keep_findings(repository.git_dir, to_json(report))
    return report


def _counted(report: Report, counting: Asked[tuple[int, int]]) -> Report:
    ahead, behind = counting.result()
    return replace(report, ahead=ahead, behind=behind)


def _land(
    space: Workspace, session: Session, merge: LiftedMerge, report: Report, branch: str, options: MergeOptions
) -> Report:
    message = options.message if options.message is not None else merge_message(report)
    if options.dry_run:
        space.keep(merge.merged.tree)
        return replace(report, state="dry run", next=_after_dry_run(session.repository, report, options))
    if options.checkout:
        refuse_touched(space, session.fork.commit, merge.merged.tree)
    if blocked(report):
        report = _wait(space, session, merge, report, branch, message, options)
    else:
        report = _commit(space, session, merge, report, branch, message, options)
    remember(session.repository.git_dir, to_json(report), waits=report.state == "in progress")
    return report


def _commit(
    space: Workspace,
    session: Session,
    merge: LiftedMerge,
    report: Report,
    branch: str,
    message: str,
    options: MergeOptions,
) -> Report:
    parents = (session.fork.commit, session.upstream.commit)
    commit = make_commit(space, merge.merged.tree, parents, message)
    if options.checkout:
        check_out(session.repository, branch, commit)
    else:
        make_branch(session.repository, branch, commit)
    result = Result(merge.merged.tree, commit, branch)
    steps = [
        *steps_to_mend(report, branch, options.packs),
        f"git diff {session.fork.commit[:9]}..{branch}",
        # What does not work is mended before it is anybody else's.
        *([] if report.breakages() else to_publish(session.repository, branch, commit)),
    ]
    return replace(report, state="merged", result=result, next=tuple(steps))


def _wait(
    space: Workspace,
    session: Session,
    merge: LiftedMerge,
    report: Report,
    branch: str,
    message: str,
    options: MergeOptions,
) -> Report:
    space.keep(merge.merged.tree)
    if not options.checkout:
        step = (
            first_step(session.repository)
            or f"{_command(options)}    (with a checkout, to resolve what is left)"
        )
        return replace(report, state="not merged", next=(step,))
    for conflict in merge.merged.conflicts.values():
        for entry in conflict.stages.values():
            space.keep(entry.oid)
    state = State(
        original=session.repository.head_ref,
        branch=branch,
        ours=session.fork.commit,
        theirs=session.upstream.commit,
        fork_ref=session.fork.ref,
        upstream_ref=session.upstream.ref,
        packs=tuple(str(Path(pack).resolve()) if "/" in pack else pack for pack in options.packs),
        conflicts=tuple(merge.merged.conflicts),
        message=message,
        tree=merge.merged.tree,
    )
    begin(session.repository, state, merge.merged)
    steps = [
        to_resolve(report.conflicts, "the files above"),
        "syncfork continue",
        "syncfork abort    (to put everything back)",
    ]
    if not report.conflicts:
        steps[0] = "see to the files above, then: git add what you change"
    return replace(
        report, state="in progress", result=Result(merge.merged.tree, None, branch), next=tuple(steps)
    )


def _after_dry_run(repository: Repository, report: Report, options: MergeOptions) -> tuple[str, ...]:
    if options.checkout:
        merge = first_step(repository) or _command(options)
    else:
        merge = f"{_command(options)} --no-checkout"
    return f"git diff HEAD {(report.result.tree or '')[:9]} -- FILE", merge


def _command(options: MergeOptions) -> str:
    """The command line that makes the merge which was just reported on."""
    more = ["--branch", options.branch] if options.branch else []
    more += ["--regenerate"] if options.regenerate else []
    more += ["--as-far-as-clean"] if options.as_far_as_clean else []
    return merge_command(options.upstream, options.packs, *more)
