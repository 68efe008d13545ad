"""What every form of the joined reports shows of a fork."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from syncfork.fleet import Row, counts
from syncfork.words import count, one_line, place

HEAD = ("Fork", "State", "Conflicts", "git alone", "Breakages", "Decisions", "Behind", "Base, days", "As of")
NOTHING = "–"
MARKS = {"missing": "?", "unreadable": "?", "inconclusive": "?", "needs a person": "✗", "clear": "✓"}


def cells(row: Row) -> tuple[str, ...]:
    """The numbers of a row as texts, from the conflicts on; dashes where nothing is known."""
    if row.report is None:
        return (NOTHING,) * 7
    found = counts(row.report)
    numbers = (found.conflicts, found.alone, found.breakages, found.decisions, found.behind)
    days = NOTHING if found.days is None else str(found.days)
    return (*map(str, numbers), days, one_line(found.date, 10) or NOTHING)


def summary(rows: Sequence[Row]) -> str:
    """How the fleet stands, in a line."""
    unknown = sum(row.unknown for row in rows)
    person = sum(row.state == "needs a person" for row in rows)
    clear = len(rows) - unknown - person
    parts = [f"{unknown} not known"] if unknown else []
    parts += [f"{person} {'needs' if person == 1 else 'need'} a person"] if person else []
    parts += [f"{clear} clear"] if clear else []
    return f"{count(len(rows), 'fork')}: {', '.join(parts)}"


def left(row: Row, most: int = 50) -> list[tuple[str, str, str]]:
    """What a person has to look at in one fork: kind, place, and words; at most `most` of them."""
    report = row.report
    if report is None:
        return []
    items = [
        ("conflict", place(item.path), "" if item.kind == "contents" else item.kind)
        for item in report.conflicts
    ]
    items += [("breakage", place(f.path, f.line), f.message) for f in report.breakages()]
    items += [("decision", place(f.path, f.line), f.message) for f in report.decisions()]
    items += [("unexplained", place(u.path, u.line), u.text) for u in report.ledger.unexplained]
    return items[:most]


def address(row: Row) -> str:
    """The fork's own page, beside the joined one; empty where there is none."""
    return f"./{quote(row.page)}" if row.page else ""
