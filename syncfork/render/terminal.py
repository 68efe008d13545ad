"""The report on a terminal: one screen that says what happened, what is left, and what to type next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from syncfork.render.text import count, one_line, plain
from syncfork.report import ConflictItem, Culprit, Finding, Report, RuleItem

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_MOST_NOTES = 6
_MOST_DECISIONS = 12


def show(report: Report, console: Console) -> None:
    """Print the report to `console`."""
    for line in _lines(report):
        console.print(line, soft_wrap=False, highlight=False, markup=False)


def _lines(report: Report) -> Iterable[Text | str]:
    yield from _head(report)
    if report.state == "up to date":
        yield _text(("Nothing to merge: upstream is in the fork already.", "green"))
        return
    yield from _rules(report)
    yield from _left(report)
    yield from _end(report)


def _head(report: Report) -> Iterable[Text | str]:
    fork, upstream = report.fork, report.upstream
    if fork and upstream:
        arrow = _text((plain(upstream.ref), "bold"), f" {upstream.commit[:9]} → ", (plain(fork.ref), "bold"))
        arrow.append(f" {fork.commit[:9]}   {report.behind} behind, {report.ahead} ahead", style="dim")
        yield arrow
    elif fork:
        yield _text((plain(fork.ref), "bold"), f" {fork.commit[:9]}")
    for warning in report.warnings:
        yield _text(("warning: ", "yellow"), plain(warning))
    if report.verb == "merge" and report.state != "up to date":
        alone = sum(item.hunks for item in report.git_alone)
        yield _text(
            "git alone: ", _hunks(alone, len(report.git_alone)), "   with rules: ",
            _hunks(sum(item.hunks for item in report.conflicts), len(report.conflicts)),
        )  # fmt: skip


def _hunks(hunks: int, files: int) -> tuple[str, str]:
    if not files:
        return ("no conflict", "green")
    return (f"{count(hunks, 'conflict')} in {count(files, 'file')}", "red")


def _rules(report: Report) -> Iterable[Text | str]:
    acted = [item for item in report.rules if item.outcome == "applied"]
    if acted:
        yield ""
        yield _text(("Rules", "bold"))
    by_rule: dict[str, list[RuleItem]] = {}
    for item in acted:
        by_rule.setdefault(item.id, []).append(item)
    width = max((len(rule) for rule in by_rule), default=0)
    for rule, items in by_rule.items():
        line = _text(
            ("  ✓ ", "green"), (f"{rule:<{width}}  ", "bold"), _few([plain(i.path) for i in items], 3)
        )
        line.append(f"  {_did(items)}", style="dim")
        yield line
    quiet = sum(item.outcome == "satisfied" for item in report.rules)
    if quiet:
        yield _text((f"    {count(quiet, 'file')} as the rules want them already", "dim"))
    retirable = sorted({item.id for item in report.rules if item.retirable})
    if retirable:
        yield _text(("    retirable, upstream has it now: ", "dim"), ", ".join(retirable))


def _did(items: Sequence[RuleItem]) -> str:
    kept = list(dict.fromkeys(name for item in items for name in item.kept))
    dropped = list(dict.fromkeys(name for item in items for name in item.dropped))
    details = list(dict.fromkeys(item.detail for item in items if item.detail))
    parts = []
    if kept:
        parts.append(f"kept {one_line(', '.join(kept))}")
    if dropped:
        parts.append(f"dropped {len(dropped)}: {one_line(', '.join(dropped), 600)}")
    if not dropped and not details:
        parts.append(count(sum(item.sites for item in items), "place"))
    return "; ".join([*parts, *(one_line(detail) for detail in details)])


def _left(report: Report) -> Iterable[Text | str]:
    breakages, decisions = report.breakages(), report.decisions()
    if report.conflicts or breakages or report.ledger.unexplained:
        yield ""
        yield _text(("Left for you", "bold red"))
    for conflict in report.conflicts:
        yield from _conflict(conflict)
    for finding in breakages:
        yield from _finding(finding, "✗", "red")
    for item in report.ledger.unexplained:
        place = f"{plain(item.path)}:{item.line}"
        yield _text(
            ("  ✗ ", "red"),
            place,
            f"  nothing explains this departure from {item.against}: {one_line(item.text, 100)}",
        )
    if decisions:
        yield ""
        yield _text(("Decide", "bold yellow"))
    for finding in decisions[:_MOST_DECISIONS]:
        yield from _finding(finding, "?", "yellow")
    if len(decisions) > _MOST_DECISIONS:
        yield f"  … and {len(decisions) - _MOST_DECISIONS} more (--format json has all)"
    yield from _asides(report)


def _asides(report: Report) -> Iterable[Text | str]:
    """Notes and old debts: told, but no work of today's."""
    notes = [f for f in report.findings if f.cls == "note" or not f.new]
    if notes:
        yield ""
        yield _text((count(len(notes), "note"), "bold"))
    for finding in notes[:_MOST_NOTES]:
        yield _text(f"  · {plain(finding.path)}:{finding.line}  ", (one_line(finding.message, 110), "dim"))
    if len(notes) > _MOST_NOTES:
        yield _text((f"  … and {len(notes) - _MOST_NOTES} more (--format json has all)", "dim"))


def _conflict(item: ConflictItem) -> Iterable[Text | str]:
    kind = "" if item.kind == "contents" else f", {item.kind}"
    yield _text(("  ✗ ", "red"), (plain(item.path), "bold"), f"  {count(item.hunks, 'conflict')}{kind}")
    yield from _blame(item.culprits)


def _finding(finding: Finding, sign: str, style: str) -> Iterable[Text | str]:
    place = f"{plain(finding.path)}:{finding.line}"
    rule = f"  [{finding.rule}]" if finding.rule else ""
    yield _text((f"  {sign} ", style), (place, "bold"), f"  {one_line(finding.message, 400)}", (rule, "dim"))
    yield from _blame(finding.culprits)
    if finding.fix:
        yield _text(("      fix: ", "dim"), one_line(finding.fix, 200))


def _blame(culprits: Sequence[Culprit]) -> Iterable[Text | str]:
    for culprit in culprits[:2]:
        who = f"  {one_line(culprit.author, 40)}, {culprit.date[:10]}"
        yield _text((f"      {culprit.commit[:9]} ", "cyan"), one_line(culprit.subject, 90), (who, "dim"))
    if len(culprits) > 2:
        yield _text((f"      and {count(len(culprits) - 2, 'more commit')}", "dim"))


def _end(report: Report) -> Iterable[Text | str]:
    branch = report.result.branch
    words = {
        "merged": (f"Merged on branch {branch}, commit {(report.result.commit or '')[:9]}.", "bold green"),
        "in progress": (f"The merge waits for you on branch {branch}.", "bold yellow"),
        "not merged": (
            "Not merged: something is left for a person, and there is no checkout to leave it in.",
            "bold yellow",
        ),
        "dry run": ("Dry run: nothing was changed.", "bold"),
        "checked": ("All intents hold.", "bold green"),
        "broken": ("An intent does not hold.", "bold red"),
    }.get(report.state)
    if words:
        yield ""
        yield _text(words)
    for number, step in enumerate(report.next):
        yield _text(("next: " if number == 0 else "      ", "dim"), plain(step))


def _few(names: Sequence[str], most: int) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _text(*parts: str | tuple[str, str]) -> Text:
    from rich.text import Text

    return Text.assemble(*parts, overflow="fold")
