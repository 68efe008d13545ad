"""Findings as commands to a CI system's log, which shows them at the file and line: GitHub's and Azure's.

Here the report means to command, so what is foreign in it is escaped as each system documents it, after it
was made harmless as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from msgspec import Struct

from syncfork.render import remarks
from syncfork.report import Finding, Report
from syncfork.words import one_line, place, plain

# GitHub keeps 10 of a kind a step and 50 a job; more make a log unreadable anyhow.
_MOST = 50

Level = Literal["error", "warning", "notice"]


class _Remark(Struct, frozen=True):
    """One annotation. `line` is 0 where it is not known, `path` empty where there is none."""

    level: Level
    path: str
    line: int
    title: str
    message: str


def github(report: Report) -> str:
    """GitHub's workflow commands, one a line."""
    return _written(report, _github)


def azure(report: Report) -> str:
    """Azure Pipelines' logging commands, one a line; a notice, which Azure does not know, is plain text."""
    return _written(report, _azure)


def _written(report: Report, line: Callable[[_Remark], str]) -> str:
    found = list(_remarks(report))
    shown = [line(remark) for remark in found[:_MOST]]
    if len(found) > _MOST:
        words = f"and {len(found) - _MOST} more: see the report"
        shown.append(line(_Remark("warning", "", 0, "syncfork", words)))
    return "".join(f"{text}\n" for text in shown)


def _remarks(report: Report) -> Iterable[_Remark]:
    """Errors first, so that the limit takes what matters least."""
    drift = report.drift
    for words in drift.inconclusive if drift else ():
        yield _Remark("error", "", 0, "syncfork: inconclusive", one_line(words, 1000))
    for conflict in report.conflicts:
        yield _Remark(
            "error", conflict.path, conflict.line, "syncfork: conflict", remarks.of_conflict(conflict)
        )
    for finding in report.breakages():
        yield _Remark("error", finding.path, finding.line, _title(finding), remarks.of_finding(finding))
    for item in report.ledger.unexplained:
        words = remarks.of_unexplained(item)
        yield _Remark("error", item.path, item.line, "syncfork: unexplained", words)
    for finding in report.decisions():
        yield _Remark("warning", finding.path, finding.line, _title(finding), remarks.of_finding(finding))
    for budget in drift.budgets if drift else ():
        if budget.over:
            words = f"{one_line(budget.name)}: {budget.value}, the limit is {budget.limit}"
            yield _Remark("warning", "", 0, "syncfork: over budget", words)
    for words in report.warnings:
        yield _Remark("warning", "", 0, "syncfork", one_line(words, 1000))
    for finding in report.findings:
        if finding.cls == "note" and finding.open:
            yield _Remark("notice", finding.path, finding.line, _title(finding), remarks.of_finding(finding))


def _title(finding: Finding) -> str:
    return f"syncfork: {finding.cls} ({one_line(finding.rule or finding.detector, 80)})"


def _file(path: str) -> str:
    """The path as it is, so that the system finds the file; one that a log must not hold as it names it elsewhere."""
    return path if plain(path) == path and "\n" not in path else place(path)


def _github(remark: _Remark) -> str:
    properties = {
        "file": _file(remark.path),
        "line": str(remark.line) if remark.path and remark.line > 0 else "",
        "title": remark.title,
    }
    given = ",".join(f"{name}={_github_property(value)}" for name, value in properties.items() if value)
    return f"::{remark.level} {given}::{_github_data(remark.message)}"


def _github_data(text: str) -> str:
    return one_line(text, 4000).replace("%", "%25")


def _github_property(text: str) -> str:
    return text[:4000].replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def _azure(remark: _Remark) -> str:
    words = f"{remark.title}: {remark.message}"
    if remark.level == "notice":
        where = f"{place(remark.path, remark.line)}: " if remark.path else ""
        return one_line(f"{where}{words}", 4000)
    properties = {
        "type": remark.level,
        "sourcepath": _file(remark.path),
        "linenumber": str(remark.line) if remark.path and remark.line > 0 else "",
    }
    given = "".join(f"{name}={_azure_property(value)};" for name, value in properties.items() if value)
    return f"##vso[task.logissue {given}]{_azure_data(words)}"


def _azure_data(text: str) -> str:
    # The agent's own escape for the percent sign; %25 is left as it is there.
    return one_line(text, 4000).replace("%", "%AZP25")


def _azure_property(text: str) -> str:
    return text[:4000].replace("%", "%AZP25").replace(";", "%3B").replace("]", "%5D")
