"""`syncfork explain FINDING`: both texts, what upstream's commit did, and the way out."""

from __future__ import annotations

import json
import re
from pathlib import Path

from msgspec import Struct

from syncfork.errors import UsageError
from syncfork.git.door import decode
from syncfork.git.patches import PLAIN
from syncfork.git.repository import Repository
from syncfork.merge.texts import with_excerpts
from syncfork.report import Finding, Report, from_json
from syncfork.state import last_findings

_MOST_DIFF = 80


class Explanation(Struct, frozen=True):
    """All there is to say about a finding. `diff` is what its culprit did to the file in question."""

    finding: Finding
    diff: tuple[str, ...]
    accept: str


class ExplainOptions(Struct, frozen=True):
    """What the command line asks: a finding's id (or the beginning of it), and a saved report to find it in."""

    directory: Path
    finding: str
    report: Path | None = None


def run_explain(options: ExplainOptions) -> Explanation:
    """Explain a finding of the last run, or of a saved report. Raises UsageError where there is no such finding."""
    repository = Repository.open(options.directory)
    report = _report(repository, options.report)
    finding = _named(report, options.finding)
    if not finding.excerpts:
        trees = {
            "merged": report.result.tree or (report.fork.commit if report.fork else None),
            "theirs": report.upstream.commit if report.upstream else None,
            "base": report.merge_base,
        }
        [finding] = with_excerpts(repository, repository.git, [finding], trees)
    accept = f'[[accept]]\nfinding = "{finding.id}"\nreason = "why you can live with this"\n'
    return Explanation(finding, _diff(repository, finding), accept)


def _report(repository: Repository, saved: Path | None) -> Report:
    try:
        data = json.loads(saved.read_text("utf-8")) if saved else last_findings(repository.git_dir)
        if data is None:
            raise UsageError(
                "there is no run here to explain",
                "run `syncfork merge --dry-run`, or name a report with --report",
            )
        return from_json(data)
    except OSError as error:
        raise UsageError(f"{saved} cannot be read: {error.strerror}") from error
    except ValueError as error:
        where = str(saved) if saved else "the last run's report"
        raise UsageError(f"{where}: {error}", "run `syncfork merge --dry-run` again") from error


def _named(report: Report, name: str) -> Finding:
    exact = [finding for finding in report.findings if finding.id == name]
    found = exact or [finding for finding in report.findings if finding.id.startswith(name)]
    if len(found) == 1:
        return found[0]
    known = "\n  ".join(
        f"{finding.id}  {finding.path}:{finding.line}" for finding in found or report.findings
    )
    what = f"{name!r} is the beginning of {len(found)} findings" if found else f"no finding {name!r}"
    raise UsageError(f"{what} in the last run", f"one of:\n  {known}" if known else "that run found nothing")


def _diff(repository: Repository, finding: Finding) -> tuple[str, ...]:
    """What the first culprit did to the file: the hunks at the line in question, else all; long ones shortened."""
    if not finding.culprits:
        return ()
    path = finding.upstream.path if finding.upstream else finding.path
    options = [option for option in PLAIN if option != "-U0"]
    done = repository.git.call(
        "show", "--format=", "-p", "-U2", *options, finding.culprits[0].commit, "--", f":(literal,top){path}"
    )
    hunks = re.split(r"^(?=@@ )", decode(done.out).rstrip("\n"), flags=re.MULTILINE)[1:]
    marked = [
        line
        for excerpt in finding.excerpts[1:]
        for number, line in enumerate(excerpt.lines, start=excerpt.first)
        if number == excerpt.marked
    ]
    asked = {line.strip() for line in marked} - {""}
    telling = [hunk for hunk in hunks if any(line[1:].strip() in asked for line in hunk.split("\n")[1:])]
    body = [line for hunk in telling or hunks for line in hunk.rstrip("\n").split("\n")]
    left = len(body) - _MOST_DIFF
    return (*body[:_MOST_DIFF], f"... {left} more lines") if left > 0 else tuple(body)
