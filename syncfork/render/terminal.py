"""The report on a terminal: one screen that says what happened, what is left, and what to type next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from syncfork.alike import (
    all_culprits,
    answered_by,
    folder_of,
    in_folders,
    left_alike,
    name_of,
    resolved_alike,
)
from syncfork.hold.base import INVARIANT, MADE_FROM
from syncfork.render import terminal_drift
from syncfork.render.headline import not_looked_for, nothing_to_merge
from syncfork.render.styled import styled
from syncfork.report import ConflictItem, Culprit, Finding, Ref, Report, RuleItem
from syncfork.words import count, harmless, listed, one_line, place, plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_MOST_NOTES = 5
_MOST_RULES = 12
_MOST_DECISIONS = 12
_MOST_CODE = 8
_MOST_MOVED = 3
_STATES = {
    "merged": ("Merged on branch {branch}, commit {commit}.", "bold green"),
    "in progress": ("The merge waits for you on branch {branch}.", "bold yellow"),
    "not merged": (
        "Not merged: something is left for a person, and no checkout to leave it in.",
        "bold yellow",
    ),
    "dry run": ("Dry run: no ref was moved.", "bold"),
    "checked": ("Every intent holds.", "bold green"),
    "as before": (
        "Nothing more is broken than before; the older debts above are still there.",
        "bold yellow",
    ),
    "to decide": ("No intent is broken; what is listed above is yours to decide.", "bold yellow"),
    "no rules": (
        "What upstream's merge brought breaks nothing that is looked for. There are no rules.",
        "bold",
    ),
    "broken": ("Something is broken.", "bold red"),
    "forgotten": (
        "You went on without syncfork: its record of the merge is gone, all else is as you left it.",
        "bold",
    ),
    "aborted, in part": ("The merge is undone, but for the files above.", "bold yellow"),
    "aborted, detached": ("The merge is undone, on no branch.", "bold yellow"),
    "aborted": ("Everything is as it was before the merge.", "bold green"),
    "up to date": ("Nothing to merge: {nothing}.", "green"),
}


def show(report: Report, console: Console) -> None:
    """Print the report to `console`. Off a terminal no line is broken: a log has no width."""
    from rich.padding import Padding

    for indent, line in _lines(report):
        if console.is_terminal:
            console.print(Padding(line, (0, 0, 0, indent)), highlight=False)
        else:
            line.pad_left(indent)
            console.print(line, soft_wrap=True, highlight=False)


def render(report: Report) -> str:
    """The same as text without colours, one line a line, for a file."""
    import io

    from rich.console import Console

    written = io.StringIO()
    show(report, Console(file=written, highlight=False, markup=False, emoji=False, force_terminal=False))
    return written.getvalue()


Line = tuple[int, "Text"]


def _lines(report: Report) -> Iterable[Line]:
    """The report's lines, each with its indentation in columns."""
    yield from _head(report)
    if report.drift:
        yield from terminal_drift.headlines(report, report.drift)
    else:
        # The scheduled report is about what waits, and its readers have two minutes: `merge` tells the rest.
        yield from _rules(report)
    yield from _resolutions(report)
    yield from _left(report)
    if report.drift:
        yield from terminal_drift.details(report, report.drift)
    yield from _end(report)


def _head(report: Report) -> Iterable[Line]:
    fork, upstream = report.fork, report.upstream
    if fork and upstream:
        line = styled((plain(upstream.ref), "bold"), f"{_short(upstream)} → ", (plain(fork.ref), "bold"))
        line.append(_short(fork), style="dim")
        if report.verb != "check":
            line.append(f"   {report.behind} behind, {report.ahead} ahead", style="dim")
        yield 0, line
    elif fork:
        yield 0, styled((plain(fork.ref), "bold"), _short(fork))
    for warning in report.warnings:
        yield 0, styled(("warning: ", "yellow"), plain(warning))
    if report.switched_off:
        yield 0, styled((not_looked_for(report), "dim"))
    if report.verb in ("merge", "drift") and report.state != "up to date":
        alone, ruled = _hunks(report.git_alone), _hunks(report.conflicts)
        helped = report.rules or report.resolutions or any(finding.rule for finding in report.findings)
        rules = ("   with syncfork: ", ruled) if helped else ("   no rule had anything to do here",)
        yield 0, styled("git alone: ", alone, *rules)


def _short(ref: Ref) -> str:
    return f" {one_line(ref.short)}" if ref.short else ""


def _hunks(conflicts: Sequence[ConflictItem]) -> tuple[str, str]:
    if not conflicts:
        return ("no conflict", "green")
    return (f"{count(sum(c.hunks for c in conflicts), 'conflict')} in {count(len(conflicts), 'file')}", "red")


def _rules(report: Report) -> Iterable[Line]:
    acted = report.acted()
    by_rule: dict[tuple[str, bool], list[RuleItem]] = {}
    for item in acted:
        by_rule.setdefault((item.id, item.not_in_base), []).append(item)
    if by_rule:
        yield from _title("Rules", "bold")
    # Those that ask for a look come first where there is no room for all.
    shown = (
        sorted(by_rule, key=lambda rule: not rule[1])[:_MOST_RULES] if len(by_rule) > _MOST_RULES else by_rule
    )
    width = max((len(one_line(rule)) for rule, _ in shown), default=0)
    for rule, not_in_base in shown:
        items = by_rule[rule, not_in_base]
        line = styled(
            ("! ", "yellow") if not_in_base else ("✓ ", "green"),
            (f"{one_line(rule):<{width}}  ", "bold"),
            listed(list(dict.fromkeys(place(item.path) for item in items)), 3),
        )
        did = _did(items)
        if len(did) <= 40:
            line.append(f"  {did}", style="dim")
        yield 2, line
        if len(did) > 40:
            yield 6, styled((did, "dim"))
    if len(by_rule) > _MOST_RULES:
        rest = {rule: items for rule, items in by_rule.items() if rule not in shown}
        paths = {item.path for items in rest.values() for item in items}
        told = f"and {count(len(rest), 'more rule')} in {count(len(paths), 'file')}"
        yield 2, styled(("✓ ", "green"), (f"{told}: {_whole(report)}", "dim"))
    if quiet := report.as_wanted():
        yield 2, styled(("✓ ", "green"), (f"{count(quiet, 'file')} as the rules want them already", "dim"))
    retirable = sorted({one_line(item.id) for item in report.rules if item.retirable})
    if retirable:
        yield 2, styled(("retirable, upstream has it now: ", "dim"), ", ".join(retirable))


def _resolutions(report: Report) -> Iterable[Line]:
    if report.resolutions:
        yield from _title("Resolved without you, not by a rule", "bold")
    for group in resolved_alike(report.resolutions):
        item = group[0]
        paths = list(dict.fromkeys(each.path for each in group))
        where = place(item.path) if len(paths) == 1 else in_folders(paths)
        clashes = sum(each.clashes for each in group)
        part = "" if item.whole else f", {count(clashes, 'conflict')} of several"
        yield 2, styled(("✓ ", "green"), (where, "bold"), f"  {one_line(answered_by(group))}{part}")
        yield 6, styled((one_line(item.why, 300), "dim"))
    if report.remembered:
        folder = one_line(report.remembered[0].rpartition("/")[0])
        yield 0, styled(f"remembered {count(len(report.remembered), 'resolution')} in {folder}")


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


def _left(report: Report) -> Iterable[Line]:
    breakages, decisions = report.breakages(), report.decisions()
    if report.conflicts or breakages or report.ledger.unexplained:
        yield from _title("Left for you", "bold red")
    for group in left_alike(report.conflicts):
        yield from _conflict(group[0]) if len(group) == 1 else _conflicts(group)
    for finding in breakages:
        yield from _finding(finding, "✗", "red", fix=True)
    for item in report.ledger.unexplained:
        told = f"  nothing explains why this departs from {item.against}"
        yield 2, styled(("✗ ", "red"), (place(item.path, item.line), "bold"), told)
        yield 6, styled((one_line(item.text, 100), "dim"))
    if decisions:
        yield from _title("Decide", "bold yellow")
    said = set[str]()
    for finding in decisions[:_MOST_DECISIONS]:
        yield from _finding(finding, "?", "yellow", fix=False)
        if finding.detector in (INVARIANT, MADE_FROM) and finding.fix not in said:
            yield 6, styled(("why: ", "dim"), one_line(finding.fix, 500))
            said.add(finding.fix)
    if len(decisions) > _MOST_DECISIONS:
        yield 2, styled(f"… and {len(decisions) - _MOST_DECISIONS} more: {_whole(report)}")
    yield from _asides(report)


def _whole(report: Report) -> str:
    """How to see all of it. A drift report is kept nowhere."""
    return "see --format markdown" if report.verb == "drift" else "syncfork report --format markdown"


def _asides(report: Report) -> Iterable[Line]:
    """Notes and old debts: told, but no work of today's."""
    accepted = [finding for finding in report.findings if finding.accepted]
    if accepted:
        yield from _title(f"{len(accepted)} accepted", "bold")
    for finding in accepted:
        told = f"= {place(finding.path, finding.line)}  {one_line(finding.message, 90)}  "
        yield 2, styled(told, (f"because: {one_line(finding.accepted, 120)}", "dim"))
    debts = report.old_debts()
    if debts:
        yield from _title(f"{count(len(debts), 'older debt')}, here before", "bold")
        yield from _briefly(debts, report)
    notes = [f for f in report.findings if f.cls == "note" and not f.accepted]
    if notes:
        yield from _title(count(len(notes), "note"), "bold")
        yield from _briefly(notes, report)


def _briefly(findings: Sequence[Finding], report: Report) -> Iterable[Line]:
    for finding in findings[:_MOST_NOTES]:
        rule = f"  [{one_line(finding.rule)}]" if finding.rule else ""
        told = f"· {place(finding.path, finding.line)}  "
        yield 2, styled(told, (f"{one_line(finding.message, 110)}{rule}", "dim"))
    if len(findings) > _MOST_NOTES:
        yield 2, styled((f"… and {len(findings) - _MOST_NOTES} more: {_whole(report)}", "dim"))


def _conflict(item: ConflictItem) -> Iterable[Line]:
    kind = "" if item.kind == "contents" else f", {one_line(item.told)}"
    hunks = f"  {count(item.hunks, 'conflict')}{kind}" if item.hunks else f"  {one_line(item.told)}"
    yield 2, styled(("✗ ", "red"), (place(item.path), "bold"), hunks)
    yield from _blame(item.culprits)
    for told in item.elsewhere[:_MOST_MOVED]:
        yield 6, styled((one_line(told, 500), "yellow"))
    if len(item.moved) > _MOST_MOVED:
        yield 6, styled((f"and so with {count(len(item.moved) - _MOST_MOVED, 'more conflict')}", "yellow"))


def _conflicts(group: Sequence[ConflictItem]) -> Iterable[Line]:
    """Conflicts of one kind in one folder."""
    kind = f"  {count(len(group), 'file')}, {one_line(group[0].kind)}"
    yield 2, styled(("✗ ", "red"), (place(folder_of(group[0].path)), "bold"), kind)
    yield 6, styled((listed([place(name_of(item.path)) for item in group], 3), "dim"))
    yield from _blame(all_culprits(group))


def _finding(finding: Finding, sign: str, style: str, *, fix: bool) -> Iterable[Line]:
    where = place(finding.path, finding.line)
    rule = f", rule {finding.rule}" if finding.rule else ""
    known = f"  [{one_line(finding.id + rule)}]"
    yield (
        2,
        styled((f"{sign} ", style), (where, "bold"), f"  {one_line(finding.message, 400)}", (known, "dim")),
    )
    yield from _blame(finding.culprits)
    if fix and finding.fix:
        yield 6, styled(("fix: ", "dim"), one_line(finding.fix, 500))
        yield from _code(finding.code)


def _code(code: str) -> Iterable[Line]:
    """The first lines of what is to be ported, as they are."""
    lines = [line.rstrip() for line in code.split("\n") if line.strip()]
    for line in lines[:_MOST_CODE]:
        yield 8, styled((harmless(line)[:200], "dim"))
    if len(lines) > _MOST_CODE:
        yield 8, styled((f"… and {count(len(lines) - _MOST_CODE, 'more line')}", "dim"))


def _blame(culprits: Sequence[Culprit]) -> Iterable[Line]:
    for culprit in culprits[:1]:
        who = f"  {one_line(culprit.author, 40)}, {one_line(culprit.date[:10])}"
        more = f"  and {len(culprits) - 1} more" if len(culprits) > 1 else ""
        yield (
            6,
            styled(
                (f"{one_line(culprit.commit[:9])} ", "cyan"),
                one_line(culprit.subject, 90),
                (who + more, "dim"),
            ),
        )


def _end(report: Report) -> Iterable[Line]:
    words, style = _STATES.get(report.state, ("", ""))
    if words:
        result = report.result
        names = {"branch": one_line(result.branch or "?"), "commit": one_line((result.commit or "")[:9])}
        yield 0, styled("")
        yield 0, styled((words.format(**names, nothing=nothing_to_merge(report)), style))
    for number, step in enumerate(report.next):
        yield 0, styled(("next: " if number == 0 else "      ", "dim"), plain(step))


def _title(words: str, style: str) -> Iterable[Line]:
    yield 0, styled("")
    yield 0, styled((words, style))
