"""A finding or conflict in one line of prose, for formats that have a single field for all of it."""

from __future__ import annotations

from collections.abc import Iterable

from syncfork.report import ConflictItem, Culprit, Finding, Unexplained
from syncfork.words import count, one_line


def of_finding(item: Finding) -> str:
    """What is wrong, who caused it, what to do."""
    # The code that goes with it has no room here.
    fix = one_line(item.fix, 500)
    return _sentences((one_line(item.message, 1000), _blame(item.culprits), fix and f"To do: {fix}"))


def of_conflict(item: ConflictItem) -> str:
    """How many conflicts, who caused them, and where their lines are where one side moved them."""
    kind = "" if item.kind == "contents" else f" ({one_line(item.told)})"
    told = f"{count(max(1, item.hunks), 'conflict')}{kind} with upstream"
    return _sentences((told, _blame(item.culprits), *(one_line(each, 500) for each in item.elsewhere)))


def of_unexplained(item: Unexplained) -> str:
    """Which departure nothing explains."""
    return f"Nothing explains this departure from {item.against}: {one_line(item.text)}"


def _blame(culprits: tuple[Culprit, ...]) -> str:
    if not culprits:
        return ""
    first = culprits[0]
    more = f" and {len(culprits) - 1} more" if len(culprits) > 1 else ""
    who = f"{one_line(first.author, 50)}, {one_line(first.date[:10])}"
    return f"Upstream: {one_line(first.commit[:9])} {one_line(first.subject, 100)} ({who}){more}"


def _sentences(parts: Iterable[str]) -> str:
    said = [part for part in parts if part]
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in said)
