"""The report as a badge: the JSON that shields.io's endpoint badge reads."""

from __future__ import annotations

import json

from syncfork.render.headline import blocked, to_do
from syncfork.report import Report
from syncfork.words import count


def render(report: Report) -> str:
    """One JSON object with a label, a message and a colour; numbers only, no word of upstream's."""
    message, color = _said(report)
    # A check is of one commit and does not look at how far upstream is.
    label = "intents" if report.verb == "check" else "upstream"
    return json.dumps({"schemaVersion": 1, "label": label, "message": message, "color": color}) + "\n"


def _said(report: Report) -> tuple[str, str]:
    left = to_do(report)
    behind = f"{report.behind} behind" if report.behind else "up to date"
    words = f"{behind}, {left} to do" if left else behind
    debts = len(report.old_debts()) if report.verb == "check" else 0
    if report.verb == "check":
        fine = count(debts, "older debt") if debts else "in order"
        words = f"{left} to do" if left else fine
    if report.drift and report.drift.inconclusive:
        return f"{words}, inconclusive", "red" if blocked(report) else "lightgrey"
    if blocked(report):
        return words, "red"
    if left or debts or (report.drift and any(budget.over for budget in report.drift.budgets)):
        return words, "yellow"
    return words, "green" if report.behind else "brightgreen"
