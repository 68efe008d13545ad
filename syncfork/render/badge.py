"""The report as a badge: the JSON that shields.io's endpoint badge reads."""

from __future__ import annotations

import json

from syncfork.render.headline import blocked, to_do
from syncfork.report import Report


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
    if report.verb == "check":
        words = f"{left} to do" if left else "in order"
    if report.drift and report.drift.inconclusive:
        return f"{words}, inconclusive", "red" if blocked(report) else "lightgrey"
    if blocked(report):
        return words, "red"
    if left or (report.drift and any(budget.over for budget in report.drift.budgets)):
        return words, "yellow"
    return words, "green" if report.behind else "brightgreen"
