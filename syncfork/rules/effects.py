"""What a rule last did to this fork, from the record of the last merge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from syncfork.hold.base import INVARIANT, MADE_FROM

_WITHHELD = ("absent", "ambiguous", "refused")


class LastEffect(Struct, frozen=True):
    """A rule's effect in the last merge: in how many files it had which outcome, and where it was withheld.

    `satisfied` names the first of so many `files` that were as it wants them. `findings` counts what its invariants found. All empty: the rule had nothing to do, or never ran.
    """

    applied: tuple[str, ...] = ()
    satisfied: tuple[str, ...] = ()
    withheld: tuple[tuple[str, str], ...] = ()
    findings: int = 0
    files: int = 0

    def __str__(self) -> str:
        parts = [f"applied in {_files(len(self.applied))}"] if self.applied else []
        parts += [f"satisfied in {_files(self.files)}"] if self.files else []
        parts += [f"withheld in {path} ({outcome})" for path, outcome in self.withheld]
        parts += [f"{self.findings} finding{'s' * (self.findings != 1)}"] if self.findings else []
        return ", ".join(parts) or "never ran"


def last_effect(report: Mapping[str, Any] | None, rule: str) -> LastEffect:
    """The effect that the last merge's report (its JSON; None where there was none) tells of `rule`."""
    if report is None:
        return LastEffect()
    items = [item for item in _dicts(report.get("rules")) if item.get("id") == rule]
    found = [item for item in _dicts(report.get("findings")) if item.get("rule") == rule]

    def paths(*outcomes: str) -> tuple[str, ...]:
        return tuple(str(item.get("path")) for item in items if item.get("outcome") in outcomes)

    withheld = tuple(
        (str(item.get("path")), str(item.get("outcome")))
        for item in items
        if item.get("outcome") in _WITHHELD
    )
    about_text = [item for item in found if item.get("detector") in (INVARIANT, MADE_FROM)]
    satisfied, counts = paths("satisfied"), report.get("satisfied")
    counted = counts.get(rule) if isinstance(counts, dict) else 0
    return LastEffect(
        paths("applied"),
        satisfied,
        withheld,
        len(about_text),
        max(counted if isinstance(counted, int) else 0, len(satisfied)),
    )


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _files(number: int) -> str:
    return f"{number} file{'s' * (number != 1)}"
