"""The merge that a pull request is to bring, told as its branch is now: what was mended there since is told as mended."""

from __future__ import annotations

from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from syncfork import __version__
from syncfork.commands.check import CheckOptions, find_sync, run_check
from syncfork.commands.waiting import begun_here, gone_on, last_merged
from syncfork.errors import SyncforkError, UsageError
from syncfork.git.repository import Repository
from syncfork.report import Finding, Ref, Report, from_json
from syncfork.state import last_findings, recall


class Proposed(Struct, frozen=True):
    """A merge on `branch`, whose newest commit is `tip`. `base` is the branch it began on, empty where that is not known, and
    `before` the fork's commit before it."""

    report: Report
    branch: str
    tip: str
    base: str
    before: str


def proposed(repository: Repository, today: date) -> Proposed:
    """The last merge; where another was begun since and given up, that of the branch that is checked out. Raises
    SyncforkError where there is none, or it waits."""
    data = recall(repository.git_dir)
    last = _readable(data) if data is not None else None
    if last and last.result.commit and last.result.branch:
        return _of_report(repository, last, today)
    if last:
        # A merge made beside one that waits has its pull request all the same.
        stands = begun_here(repository)
        if stands and stands != "waiting":
            raise gone_on(stands)
        if stands:
            raise SyncforkError(
                "the merge is not finished yet", "resolve what is left, then `syncfork continue`"
            )
    kept = last_merged(repository)
    if kept and _is_checked_out(repository, kept):
        return _of_report(repository, kept, today)
    if not (last and last.fork and last.fork.ref == repository.branch) and (
        found := _of_branch(repository, today)
    ):
        return found
    elsewhere = kept.result.branch if kept else None
    raise SyncforkError(
        "the last run made no merge" if last else "there is no finished merge here",
        f"check out the branch of the one before, then again: git checkout {elsewhere}"
        if elsewhere
        else "run `syncfork merge` first, or check out the branch that has the merge",
    )


def _readable(data: dict[str, object]) -> Report:
    try:
        return from_json(data)
    except ValueError as error:
        raise SyncforkError(
            "the record of the last merge cannot be read: another version of syncfork wrote it", "merge again"
        ) from error


def _is_checked_out(repository: Repository, kept: Report) -> bool:
    """Whether HEAD has the merge, and is not the branch that it began on: there it has arrived."""
    if not kept.result.commit or (kept.fork and kept.fork.ref == repository.branch):
        return False
    return repository.git.call("merge-base", "--is-ancestor", kept.result.commit, "HEAD").code == 0


def _of_report(repository: Repository, report: Report, today: date) -> Proposed:
    branch, fork = report.result.branch or "", report.fork
    tip = repository.resolve([f"refs/heads/{branch}"])[f"refs/heads/{branch}"]
    if tip is None:
        raise SyncforkError(f"the branch {branch} is gone", "merge again: syncfork merge")
    now = report if tip == report.result.commit else _as_now(report, _checked(repository, branch, tip, today))
    base = fork.ref if fork and fork.ref != "HEAD" else ""
    return Proposed(now, branch, tip, base, fork.commit if fork else tip)


def _of_branch(repository: Repository, today: date) -> Proposed | None:
    """What `check` knows of the branch that is checked out; None where it brings no merge."""
    branch = repository.branch
    tip = repository.resolve([f"refs/heads/{branch}"])[f"refs/heads/{branch}"]
    checked = _checked(repository, branch, tip, today) if tip else None
    if tip is None or checked is None or checked.upstream is None:
        return None
    sync = find_sync(repository, tip, None, checked.upstream.commit)
    return Proposed(checked, branch, tip, "", sync[0]) if sync else None


def _checked(repository: Repository, branch: str, tip: str, today: date) -> Report | None:
    """The check of the branch: the last one, where it was of `tip`. None where there is nothing to check."""
    for data in last_findings(repository.git_dir):
        if data.get("verb") == "check" and data.get("tool_version") == __version__:
            try:
                kept = from_json(data)
            except ValueError:
                continue
            if kept.fork and kept.fork.commit == tip and kept.upstream:
                return replace(kept, fork=Ref(branch, tip))
    try:
        made = run_check(CheckOptions(repository.git.directory, today, tip))
    except UsageError:
        return None
    return replace(made, fork=Ref(branch, tip))


def _as_now(report: Report, checked: Report | None) -> Report:
    """The report of a merge with what `checked`, of its branch as it is now, has of its findings."""
    theirs = report.upstream.commit if report.upstream else None
    if checked is None or checked.upstream is None or checked.upstream.commit != theirs:
        told = (
            "the branch has commits since the merge that could not be checked: this is told as of the merge"
        )
        return replace(report, warnings=(*report.warnings, told))
    rules = {item.id for item in checked.rules} | checked.satisfied.keys()
    now = {finding.id: finding for finding in checked.findings}

    def told_now(finding: Finding) -> Finding:
        if finding.cls == "note" or not finding.open:
            return finding
        # A rule of a pack that was only tried is not asked again.
        if finding.id in now or (finding.rule and finding.rule not in rules):
            return now.get(finding.id, finding)
        return replace(finding, cls="note", message=f"mended since the merge: {finding.message}")

    known = {finding.id for finding in report.findings}
    later = [f for f in (*checked.breakages(), *checked.decisions()) if f.id not in known]
    return replace(report, findings=(*map(told_now, report.findings), *later))
