"""`syncfork continue`: a merge that waited for a person is judged again, and committed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from syncfork import __version__
from syncfork.commands.confirming import (
    by_hand_findings,
    reasons,
    settled_by_rules,
    still_so,
    tool_written,
    with_broken,
    without_accepted,
    without_what_markers_do,
)
from syncfork.commands.decided import read_decided, taken_whole
from syncfork.commands.next_steps import steps_to_finish, steps_to_mend
from syncfork.commands.shipped import without_removed
from syncfork.commands.upstream import web_of
from syncfork.commands.verdict import Verdict, accepted_then, asks_still, message_of
from syncfork.commands.waiting import (
    committed_by_hand,
    expect_state,
    gone_on,
    of_the_merge,
    standing,
    to_publish,
)
from syncfork.config import held, load_added, load_setup
from syncfork.detect.registry import DETECTORS
from syncfork.errors import ExitCode, SyncforkError, UnresolvedError
from syncfork.git.door import decode
from syncfork.git.objects import Entry
from syncfork.git.pathspecs import literal
from syncfork.git.rangelog import RangeLog
from syncfork.git.repository import Repository
from syncfork.merge.by_hand import touches
from syncfork.merge.culprits import blamed
from syncfork.merge.detecting import blocks_commit, detect_in
from syncfork.merge.holds import origin_of
from syncfork.merge.landing import finish
from syncfork.merge.leftovers import left_over
from syncfork.merge.sides import pathspecs_of
from syncfork.merge.staging import differing, unmerged
from syncfork.merge.undoing import forget
from syncfork.merge.verify import aged, verify
from syncfork.merge.workspace import workspace
from syncfork.report import Finding, Ref, Report, Result, summed_up, to_json
from syncfork.rules.accepting import Acceptance, accepted
from syncfork.rules.model import Rule
from syncfork.state import State, keep_findings, lock, remember
from syncfork.words import listed, place


class ContinueOptions(Struct, frozen=True):
    """What the command line asks: `accept` names findings, rules or paths that stand as they are, and why."""

    directory: Path
    today: date
    accept: tuple[str, ...] = ()
    reason: str = ""
    remember: bool = True


def run_continue(options: ContinueOptions) -> Report:
    """Re-check rules and invariants on what the person made, and commit the merge.

    Returns a report; its exit code is 1 where something does not hold and was not accepted, and then nothing
    was committed.
    """
    repository = Repository.open(options.directory)
    git_dir = repository.git_dir
    with lock(git_dir):
        state = expect_state(repository)
        commit = _committed(repository, state)
        left_out = _expect_resolved(repository, state) if commit is None else []
        tree = _tree(repository, commit)
        verdict = _verdict(repository, state, tree, options)
        if any(map(blocks_commit, verdict.report.findings)):
            report = _not_yet(verdict.report, options)
            keep_findings(git_dir, to_json(report))
            return report
        report = _with_what_was_open(verdict, options.accept)
        if options.remember:
            report = _remembering(repository, state, tree, options, report, add=commit is None)
            tree = _tree(repository, commit)
        if commit is None:
            waiting, reason = _waiting_message(repository, state), options.reason.strip()
            commit = finish(repository, message_of(waiting, verdict, report, options.accept, reason))
        else:
            forget(repository)
        report = replace(
            report,
            findings=(*report.findings, *_lived_with(verdict, report, options)),
            warnings=(*report.warnings, *_warnings(verdict, left_out)),
        )
        report = _merged(repository, report, state, Result(tree, commit, state.branch))
        remember(git_dir, to_json(report))
        keep_findings(git_dir, to_json(report))
        return report


def _lived_with(verdict: Verdict, report: Report, options: ContinueOptions) -> list[Finding]:
    """What the person accepted, with the reason; without what the report has anyway."""
    named = {item.id: item for item in (*accepted_then(verdict.then, options.accept), *verdict.waived)}
    known = {item.id for item in report.findings}
    reason = options.reason.strip()
    return [
        replace(item, accepted=item.accepted or reason) for item in named.values() if item.id not in known
    ]


def _tree(repository: Repository, commit: str | None) -> str:
    """The tree of the merge commit, or of the index where there is none yet."""
    if commit:
        return repository.git.text("rev-parse", f"{commit}^{{tree}}")
    return repository.git.text("write-tree")


def _verdict(repository: Repository, state: State, tree: str, options: ContinueOptions) -> Verdict:
    report, acceptances, rules = _judged(repository, state, tree)
    began = of_the_merge(repository, state)
    decided = read_decided(repository.git_dir, state)
    wholes = taken_whole(repository, decided, tree)
    standing = still_so(repository, state, tree, decided, wholes)
    settled = settled_by_rules(repository, report, began, decided, standing) if began else []
    ruled = {item.path for item in settled if item.whole}
    with workspace(repository) as space:
        touched = touches(space, state, tree, tool_written(report.findings, wholes))
    by_hand = by_hand_findings(repository, state, report, began, touched, ruled, wholes, rules)
    found = accepted((*report.findings, *by_hand), acceptances, options.today)
    marked = found[len(report.findings) :][: len(by_hand)]
    left, waived = without_accepted(
        found,
        began.findings if began else (),
        options.accept,
        options.reason.strip(),
    )
    found_then = began.findings if began else ()
    marked_then = accepted(found_then, acceptances, options.today)[: len(found_then)]
    then = without_removed(repository, tree, [item for item in marked_then if item.detector != "acceptance"])
    return Verdict(
        replace(summed_up(report, state.conflicts), findings=tuple(without_what_markers_do(left))),
        waived,
        marked,
        began,
        then,
        settled,
        ruled,
        wholes,
        {touch.path for touch in touched if not touch.conflict},
        reasons(decided, standing),
    )


def _with_what_was_open(verdict: Verdict, accept: Collection[str]) -> Report:
    """The verdict's report with what the merge began with: what was a person's to decide then is not settled by
    resolving conflicts."""
    report, began = verdict.report, verdict.began
    if began is None:
        return report
    done = {finding.id for finding in accepted_then(verdict.then, accept)}
    still_open = (item for item in verdict.then if asks_still(item) and item.id not in done)
    return replace(
        report,
        git_alone=began.git_alone,
        merge_base=began.merge_base,
        rules=with_broken(began.rules, verdict.waived),
        satisfied=began.satisfied,
        findings=(*report.findings, *still_open),
    )


def _remembering(
    repository: Repository, state: State, tree: str, options: ContinueOptions, report: Report, add: bool
) -> Report:
    """The report after the resolutions were written down; with `add` they are in the index, too."""
    from syncfork.commands.remembering import remember_resolutions

    # With --accept it says why that is right, and nothing of the conflicts.
    why = "" if options.accept else options.reason
    # What does not parse may be told far from the conflict that is at fault.
    broken = [
        (finding.path, None if finding.detector == "syntax" else finding.line)
        for finding in report.breakages()
    ]
    kept = remember_resolutions(repository, state, tree, options.today, why, broken, add=add)
    return replace(report, warnings=(*report.warnings, *kept.warnings), remembered=kept.files)


def _warnings(verdict: Verdict, left_out: Sequence[str]) -> Iterator[str]:
    if any(finding.detector in DETECTORS for finding in verdict.waived):
        yield "what was accepted here is told again by `syncfork check`: accept it in syncfork.toml, too"
    if left_out:
        names = listed([place(path) for path in left_out], 5)
        yield f"changed but not added, so not in the commit: {names}"


def _merged(repository: Repository, report: Report, state: State, result: Result) -> Report:
    broken = report.breakages()
    open_ones = report.decisions() or broken
    publish = [] if broken else to_publish(repository, state.branch, result.commit or "")
    return replace(
        report,
        state="merged",
        result=result,
        next=(*steps_to_mend(report, state.branch, state.packs), *publish),
        exit_code=int(ExitCode.NEEDS_HUMAN if open_ones else ExitCode.OK),
    )


def _committed(repository: Repository, state: State) -> str | None:
    """The merge commit, where the person ran `git commit` themselves; None where there is a merge to be committed."""
    if standing(repository, state) == "in part":
        raise gone_on("in part")
    commit = committed_by_hand(repository, state)
    found = repository.resolve(["HEAD", "MERGE_HEAD"])
    # Another merge of the person's own is not judged, let alone committed, as the one that was begun here.
    if commit or (found["HEAD"], found["MERGE_HEAD"]) == (state.ours, state.theirs):
        return commit
    raise SyncforkError(
        "git no longer knows of the merge that syncfork began",
        "`syncfork abort` forgets it, and touches nothing that you did since",
    )


def _expect_resolved(repository: Repository, state: State) -> list[str]:
    """Raises UnresolvedError where a conflict is open; returns the files whose changes are not in the index."""
    if left := unmerged(repository):
        raise _unresolved(left)
    # Files that were only touched look changed until the index has looked at them again.
    repository.git.call("update-index", "-q", "--refresh")
    unstaged = differing(repository, "diff-files", "--", ".")
    touched = [path for path in unstaged if path in state.conflicts]
    if touched:
        raise UnresolvedError(f"changed after `git add`: {', '.join(touched)}", "`git add` them again")
    return unstaged


def _unresolved(left: Mapping[str, Mapping[int, Entry]]) -> UnresolvedError:
    """What to do about the paths that are `left` unmerged: one that a side has not may be meant to go."""
    lines, gone = [], False
    for path, stages in left.items():
        without = [side for stage, side in ((2, "the fork"), (3, "upstream")) if stage not in stages]
        lines.append(place(path) + (f"  (not in {' nor in '.join(without)})" if without else ""))
        gone = gone or bool(without)
    hint = "`syncfork resolve` (in a terminal); or edit these files, then `git add` them"
    hint += ", or `git rm` one that is to go" if gone else ""
    return UnresolvedError("not resolved yet:\n  " + "\n  ".join(lines), hint)


def _judged(
    repository: Repository, state: State, tree: str
) -> tuple[Report, Sequence[Acceptance], Sequence[Rule]]:
    """What is to be said of the tree, the acceptances that count for it, and the rules that the merge began with."""
    setup = load_setup(repository, state.ours, state.packs)
    setup = held(repository, setup, state.ours, state.theirs)
    added = load_added(repository, setup, (state.ours, state.theirs, state.tree), tree)
    where = pathspecs_of((*setup.rules, *added.rules))
    changes = [change for change in repository.changes(state.ours, tree) if change.renamed]
    former = {change.new_path: change.old_path for change in changes}
    entries = repository.entries(tree, [*where, *(literal(path) for path in former)])
    fork = repository.entries(state.ours, [*where, *(literal(path) for path in former.values())])
    theirs, left = (repository.entries(side, where) for side in (state.theirs, state.tree))
    origin = origin_of(fork, theirs, former, left=left)
    verdict = verify(repository, setup.rules, entries, fork, former, before=fork, origin=origin)
    before = verify(repository, setup.rules, fork, fork, {})
    # A rule that came with the resolution has not been broken before.
    written = verify(repository, added.rules, entries, fork, former, origin=origin)
    ahead, behind = repository.ahead_behind(state.ours, state.theirs)
    web = web_of(repository, state.upstream_ref)
    detected = detect_in(
        repository, (state.ours, state.theirs), tree, setup.rules, setup.config.detectors_off, web
    )
    log = RangeLog(repository, state.ours, state.theirs)
    findings = [
        *left_over(repository, (tree, state.ours, state.theirs), state.conflicts),
        *blamed(aged(verdict.findings, before.findings), log, web),
        *blamed(written.findings, log, web),
        *detected,
    ]
    report = Report(
        tool_version=__version__,
        verb="continue",
        fork=Ref(state.fork_ref, state.ours),
        upstream=Ref(state.upstream_ref, state.theirs),
        ahead=ahead,
        behind=behind,
        rules=(*verdict.rules, *written.rules),
        findings=tuple(findings),
        result=Result(tree, None, state.branch),
        warnings=added.warnings,
        switched_off=setup.config.detectors_off,
    )
    return report, (*setup.acceptances, *added.accepts), setup.rules


def _not_yet(report: Report, options: ContinueOptions) -> Report:
    steps = steps_to_finish(report, options.accept, options.reason.strip(), options.remember)
    return replace(report, state="in progress", exit_code=int(ExitCode.NEEDS_HUMAN), next=tuple(steps))


def _waiting_message(repository: Repository, state: State) -> str:
    """The message as it waits in the git directory, where the person may have edited it."""
    try:
        found = decode((repository.git_dir / "MERGE_MSG").read_bytes())
    except FileNotFoundError:
        found = ""
    return found or state.message
