"""`syncfork explain FINDING`: both texts, what upstream's commit did, and the way out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path

from msgspec import Struct

from syncfork.commands.reporting import kept_reports, load_report
from syncfork.commands.waiting import begun_here
from syncfork.errors import UsageError
from syncfork.git.door import decode
from syncfork.git.patches import PLAIN
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.merge.texts import with_excerpts
from syncfork.report import ConflictItem, Finding, Report
from syncfork.words import listed, place

# Of a hunk that is longer only so many lines are shown on either side of those in question.
_LONG_HUNK, _BESIDE = 30, 5
_MOST_DIFF = 80
# A line of whose words so many are in another is that one, changed.
_ALIKE = 0.7
_MOST_LISTED = 10
_MOST_FILES = 500
# What shows conflicts of a merge that does not wait for a person.
_TO_SEE = "`syncfork merge`, then `syncfork resolve`"


class Explanation(Struct, frozen=True):
    """All there is to say about a finding. `diff` is what its culprit did to the file in question, `run` which verb found
    it, and in what."""

    finding: Finding
    diff: tuple[str, ...]
    accept: str
    run: str


class ExplainOptions(Struct, frozen=True):
    """What the command line asks: a finding's id (or the beginning of it), and a saved report to find it in."""

    directory: Path
    finding: str
    report: Path | None = None


def run_explain(options: ExplainOptions) -> Explanation:
    """Explain a finding of the last run, or of a saved report. Raises UsageError where there is no such finding."""
    repository = Repository.open(options.directory)
    reports = _reports(repository, options.report)
    report, finding = _named(reports, options.finding, lambda: begun_here(repository) == "waiting")
    if not finding.excerpts:
        trees = {
            "merged": report.result.tree or (report.fork.commit if report.fork else None),
            "theirs": report.upstream.commit if report.upstream else None,
            "base": report.merge_base,
        }
        [finding] = with_excerpts(repository, repository.git, [finding], trees)
    accept = f'[[accept]]\nfinding = "{finding.id}"\nreason = "why you can live with this"\n'
    return Explanation(finding, _diff(repository, finding), accept, _run(report))


def _run(report: Report) -> str:
    into = f" into {report.fork.ref}" if report.fork else ""
    return f"{report.verb} of {report.upstream.named}{into}" if report.upstream else report.verb


def _reports(repository: Repository, saved: Path | None) -> list[Report]:
    """The saved report, or the last of each verb, newest first."""
    found = [load_report(str(saved))] if saved else kept_reports(repository)
    if not found:
        raise UsageError(
            "there is no run here to explain",
            "run `syncfork merge --dry-run`, or name a report with --report",
        )
    return found


def _named(reports: Sequence[Report], name: str, is_waiting: Callable[[], bool]) -> tuple[Report, Finding]:
    """The finding of that name, by that rule, or whose name begins so, in the newest report that has it.

    `is_waiting` tells whether a merge waits for a person, whose conflicts can be shown. Raises UsageError.
    """
    for report in reports:
        exact = [finding for finding in report.findings if finding.id == name]
        # A rule's findings are listed under its id.
        ruled = [finding for finding in report.findings if finding.rule == name]
        known = exact or ruled or [f for f in report.findings if f.id.startswith(name)]
        if len(known) == 1:
            return report, known[0]
        if known:
            what = f"{name!r} stands for {len(known)} findings of the {_run(report)}"
            raise UsageError(what, _one_of(known))
    raise _unknown(reports, name, is_waiting())


def _unknown(reports: Sequence[Report], name: str, waiting: bool) -> UsageError:
    """What to say of a name that no finding has: what shows it where it is a path in conflict, else what there is."""
    if report := _left_in(reports, name, waiting):
        shows = "`syncfork resolve` shows it" if waiting else f"to see it: {_TO_SEE}"
        return UsageError(f"{place(name)} is no finding, but a conflict in the {_run(report)}", shows)
    conflicts = _conflicts(reports, waiting)
    ways = [_elsewhere(conflicts, waiting)] if conflicts else []
    ways += [_found(reports)] if reports[0].findings or not conflicts else []
    return UsageError(f"no finding {name!r} in the last run", "; or ".join(ways))


def _one_of(findings: Sequence[Finding]) -> str:
    """The findings to choose from, each on a line, as many as can be looked through."""
    lines = list(dict.fromkeys(f"{f.id}  {place(f.path, f.line)}" for f in findings))
    more = [f"and {len(lines) - _MOST_LISTED} more"] if len(lines) > _MOST_LISTED else []
    return "\n  ".join(["one of:", *lines[:_MOST_LISTED], *more])


def _found(reports: Sequence[Report]) -> str:
    """What the newest run found; where that is nothing, the newest that found something, by its name."""
    newest, *older = reports
    if newest.findings:
        return _one_of(newest.findings)
    nothing = f"that run ({_run(newest)}) found nothing"
    before = next((report for report in older if report.findings), None)
    return f"{nothing}; of the {_run(before)} before it, {_one_of(before.findings)}" if before else nothing


def _left_in(reports: Sequence[Report], path: str, waiting: bool) -> Report | None:
    """The newest run that left `path` in conflict; a merge that was gone on with since, and waits no more, has none."""
    asked = reports if waiting else takewhile(lambda report: report.verb != "continue", reports)
    return next((report for report in asked if any(item.path == path for item in report.conflicts)), None)


def _conflicts(reports: Sequence[Report], waiting: bool) -> tuple[ConflictItem, ...]:
    """The conflicts that the last run had; where their merge still waits, a check since then hides none of them."""
    asked = reports if waiting else reports[:1]
    return next((report.conflicts for report in asked if report.conflicts), ())


def _elsewhere(conflicts: Sequence[ConflictItem], waiting: bool) -> str:
    """Where there were conflicts, and what shows them: people ask for them by path, and they are no findings."""
    where = listed([place(item.path) for item in conflicts], 5)
    shows = "`syncfork resolve` shows them" if waiting else _TO_SEE
    return f"it had conflicts, which are no findings, in {where}: {shows}"


def _diff(repository: Repository, finding: Finding) -> tuple[str, ...]:
    """What the first culprit did to the file: the hunks at the line in question, else all; long ones shortened."""
    if not finding.culprits:
        return ()
    # Of several files the commit did something to any of them.
    paths = [finding.upstream.path if finding.upstream else finding.path, *finding.files[:_MOST_FILES]]
    options = [option for option in PLAIN if option != "-U0"]
    done = repository.git.call(
        "show", "--format=", "-p", "-U2", *options, finding.culprits[0].commit, "--", *map(literal, paths)
    )
    hunks = re.split(r"^(?=@@ )", decode(done.out).rstrip("\n"), flags=re.MULTILINE)[1:]
    marked = [
        line
        for excerpt in finding.excerpts[1:]
        for number, line in enumerate(excerpt.lines, start=excerpt.first)
        if number == excerpt.marked
    ]
    asked = [line.strip() for line in marked if line.strip()]
    bodies = [hunk.rstrip("\n").split("\n") for hunk in hunks]
    telling: list[Sequence[str]] = []
    # A later commit may have changed a word of the line.
    for meant in (lambda line: line in asked, lambda line: any(_alike(line, other) for other in asked)):
        telling = telling or [shown for lines in bodies if (shown := _around(lines, meant))]
    body = [line for lines in telling or bodies for line in lines]
    left = len(body) - _MOST_DIFF
    return (*body[:_MOST_DIFF], f"... {left} more lines") if left > 0 else tuple(body)


def _alike(line: str, other: str) -> bool:
    words, others = (Counter(re.findall(r"\w+", text)) for text in (line, other))
    return (words & others).total() >= _ALIKE * max(words.total(), others.total(), 1)


def _around(hunk: Sequence[str], meant: Callable[[str], bool]) -> Sequence[str]:
    """A hunk with lines that are meant, empty where there are none; if it is long, as that of a new file is, its head and
    what is near them."""
    there = [number for number, line in enumerate(hunk) if number and meant(line[1:].strip())]
    if not there or len(hunk) <= _LONG_HUNK:
        return hunk if there else ()
    near = {at for number in there for at in range(number - _BESIDE, number + _BESIDE + 1)}
    told = [hunk[0]]
    for number in range(1, len(hunk)):
        if number in near:
            told.append(hunk[number])
        elif told[-1] != "...":
            told.append("...")
    return told
