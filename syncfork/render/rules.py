"""What `syncfork rules` says: on a terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from syncfork import __version__
from syncfork.render.styled import styled
from syncfork.report import SCHEMA_VERSION
from syncfork.words import count, one_line, place, plain

if TYPE_CHECKING:
    from rich.text import Text

    from syncfork.commands.applying import Made
    from syncfork.commands.rules import Linted, Listing, RuleLine, Shown, Tested

_MOST_PATHS = 20


def listing(found: Listing) -> Iterable[Text]:
    """One line a rule, and no other: the output is a table to search in."""
    ids = max((len(line.id) for line in found.rules), default=0)
    kinds = max((len("+".join(line.family)) for line in found.rules), default=0)
    files = min(40, max((len(one_line(", ".join(line.files), 40)) for line in found.rules), default=0))
    for line in found.rules:
        governed = one_line(", ".join(line.files), 40)
        yield styled(
            (f"{line.id:<{ids}}", "bold"), f"  {'+'.join(line.family):<{kinds}}  {governed:<{files}}  ",
            (one_line(str(line.last)), _style(line)),
        )  # fmt: skip


def notes(found: Listing) -> Iterable[Text]:
    """What is worth a line next to the list itself."""
    yield from warned(found.warnings)
    if not found.rules:
        yield styled("no rules: write one, or try a pack with --pack NAME (`syncfork init` starts a fork)")


def warned(warnings: Iterable[str]) -> Iterable[Text]:
    """A line for each warning."""
    for warning in warnings:
        yield styled(("warning: ", "yellow"), plain(warning))


def _style(line: RuleLine) -> str:
    if line.last.withheld or line.last.findings:
        return "red"
    return "green" if line.last.applied else "dim"


def shown(found: Shown) -> Iterable[Text]:
    """A rule in full."""
    line = found.line
    yield styled((line.id, "bold"), (f"  {'+'.join(line.family)}  {plain(line.source)}", "dim"))
    yield styled(f"  {plain(line.why)}")
    yield from _fact("files", [plain(", ".join(line.files))])
    yield from _fact("does", [one_line(step, 1000) for step in found.steps])
    for name, value in (("owner", found.owner), ("link", found.link), ("review", found.review)):
        if value:
            yield from _fact(name, [one_line(str(value))])
    yield from _fact("cases", [one_line(name) for name in found.cases] or ["none"])
    if found.governs is not None:
        paths = [place(path) for path in found.governs[:_MOST_PATHS]]
        more = len(found.governs) - len(paths)
        paths += [f"and {more} more"] if more else []
        yield from _fact("governs", paths or ["no file of HEAD"])
    yield from _fact("last", [one_line(str(line.last))])


def _fact(name: str, lines: list[str]) -> Iterable[Text]:
    for number, line in enumerate(lines):
        yield styled((f"  {name if number == 0 else '':<8} ", "dim"), line)


def tested(found: Tested) -> Iterable[Text]:
    """The failing cases, each with a difference, and a closing line."""
    for result in found.failed:
        yield styled(
            ("FAILED ", "bold red"),
            (result.rule, "bold"),
            f"  {plain(result.source)}  ",
            one_line(result.name),
        )
        for line in plain(result.failure).splitlines():
            yield styled((f"    {line}", _difference_style(line)))
    for rule in found.without:
        yield styled(("no cases ", "yellow"), (rule.id, "bold"), f"  {plain(rule.source)}")
    passed = len(found.results) - len(found.failed)
    style = "bold red" if found.failed else "bold green" if passed else "bold yellow"
    yield styled((f"{passed} passed, {len(found.failed)} failed", style), _bare(found))
    if learned := sum(rule.learned for rule in found.bare):
        was, them = ("was", "it") if learned == 1 else ("were", "them")
        where = f"past merges bear {them} out (`learned.cases`), and `syncfork replay` makes those again"
        yield styled((f"{learned} of those without cases {was} learned: {where}", "dim"))


def _bare(found: Tested) -> str:
    """How many of the rules have no cases; empty where all have some."""
    if not found.bare:
        return ""
    have = "has" if len(found.bare) == 1 else "have"
    return f"; {len(found.bare)} of {count(len(found.rules), 'rule')} {have} no cases"


def _difference_style(line: str) -> str:
    return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")


def linted(found: Linted) -> Iterable[Text]:
    """Each remark with its file and rule, and what to do; a closing line."""
    for remark in found.remarks:
        head = f"{plain(remark.source)}: "
        yield styled((head, "dim"), (remark.rule, "bold"), f": {one_line(remark.problem, 500)}")
        yield styled(("    do: ", "dim"), remark.advice)
    against = " and ".join(plain(name) for name in found.held_against)
    where = f", held against {against}" if against else ", held against no tree: not in a repository"
    number = len(found.remarks)
    what = count(number, "problem") if number else "no problem"
    yield styled((f"{what} in {count(found.rules, 'rule')}{where}", "bold red" if number else "bold green"))


def made(found: Made) -> Iterable[Text]:
    """Each file that was written, or would be, with its rules; what could not be applied; a closing line."""
    for path, ids in found.written:
        yield styled(("  ✓ ", "green"), place(path), (f"  {', '.join(ids)}", "dim"))
    for left in found.left:
        who = f"{left.rule}: " if left.rule else ""
        yield styled(("  ✗ ", "red"), place(left.path), f"  {who}{one_line(left.problem, 500)}")
    files, done = count(found.files, "file"), count(len(found.written), "file")
    verb = "would be written" if found.dry_run else "written"
    what = f"{done} {verb}, of {files} that the rules govern"
    if found.left:
        yield styled((f"{what}; {count(len(found.left), 'place')} left for you", "bold red"))
    else:
        yield styled((what, "bold green"))


def made_data(found: Made) -> dict[str, Any]:
    """What rules did in the worktree as plain data."""
    return {
        "files": found.files,
        "dry_run": found.dry_run,
        "written": [{"path": path, "rules": list(ids)} for path, ids in found.written],
        "left": [{"path": left.path, "rule": left.rule, "problem": left.problem} for left in found.left],
    }


def as_json(verb: str, exit_code: int, **values: Any) -> str:
    """One JSON object, ASCII only, with the keys that every output has in front."""
    head = {
        "schema_version": SCHEMA_VERSION,
        "tool_version": __version__,
        "verb": verb,
        "exit_code": exit_code,
    }
    return json.dumps({**head, **to_builtins(values)}, indent=2, ensure_ascii=True, default=str)


def line_data(line: RuleLine) -> dict[str, Any]:
    """A rule of a list as plain data."""
    last = line.last
    return {
        "id": line.id,
        "family": list(line.family),
        "files": list(line.files),
        "why": line.why,
        "source": line.source,
        "last": {
            "told": str(last),
            "applied": list(last.applied),
            "satisfied": list(last.satisfied),
            "satisfied_files": last.files,
            "withheld": [{"path": path, "outcome": outcome} for path, outcome in last.withheld],
            "findings": last.findings,
        },
    }


def shown_data(found: Shown) -> dict[str, Any]:
    """A rule in full as plain data."""
    return {
        **line_data(found.line),
        "steps": list(found.steps),
        "cases": list(found.cases),
        "governs": None if found.governs is None else list(found.governs),
        "owner": found.owner,
        "link": found.link,
        "review": found.review and found.review.isoformat(),
        "warnings": list(found.warnings),
    }


def tested_data(found: Tested) -> dict[str, Any]:
    """A test run as plain data."""
    return {
        "passed": len(found.results) - len(found.failed),
        "failed": [
            {"rule": r.rule, "source": r.source, "name": r.name, "failure": r.failure} for r in found.failed
        ],
        "without_cases": [rule.id for rule in found.without],
        "rules": len(found.rules),
        "rules_without_cases": len(found.bare),
    }


def linted_data(found: Linted) -> dict[str, Any]:
    """Remarks as plain data."""
    return {
        "rules": found.rules,
        "held_against": list(found.held_against),
        "remarks": [
            {"source": r.source, "rule": r.rule, "problem": r.problem, "advice": r.advice}
            for r in found.remarks
        ],
    }
