"""How the rules fare, one line for each: what they did in a trial merge, and whether they want attention."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from syncfork.merge.lapsed import why_lapsed
from syncfork.report import Report, RuleHealth
from syncfork.rules.lapsed import Lapsed
from syncfork.rules.model import Rule


def health(
    report: Report, rules: Sequence[Rule], today: date, lapsed: Sequence[Lapsed] = ()
) -> tuple[RuleHealth, ...]:
    """The state of every rule, in their order; the most urgent where several are true. Then those that have lapsed."""
    old = {item.rule.id for item in lapsed}
    told = (RuleHealth(item.rule.id, "lapsed", why_lapsed(item)) for item in lapsed)
    return (*(_health(rule, report, today) for rule in rules if rule.id not in old), *told)


def _health(rule: Rule, report: Report, today: date) -> RuleHealth:
    items = [item for item in report.rules if item.id == rule.id]
    broken = [f for f in report.findings if f.rule == rule.id and f.cls == "breakage" and not f.accepted]
    for finding in sorted(broken, key=lambda each: not each.new):
        state = "withheld" if finding.detector == "withheld-rule" else "lost"
        before = "" if finding.new else ", before the merge as well"
        return RuleHealth(rule.id, state, f"{finding.path}: {finding.message}{before}")
    # A learned one goes by upstream's day, as in a merge: it is in force, or has lapsed.
    if rule.review and rule.review < today and not rule.learned:
        return RuleHealth(rule.id, "review due", f"since {rule.review}")
    retirable = [item.path for item in items if item.retirable]
    if retirable and len(retirable) == len(items):
        return RuleHealth(rule.id, "retirable", f"upstream has it now: {', '.join(retirable[:3])}")
    if not items and (rule.steps or rule.own):
        return RuleHealth(rule.id, "idle", f"no file matches {rule.files}")
    acted = [item.path for item in items if item.outcome == "applied"]
    if acted:
        return RuleHealth(rule.id, "acted", ", ".join(acted[:3]) + (" ..." if len(acted) > 3 else ""))
    asking = [f for f in report.decisions() if f.rule == rule.id]
    if asking:
        return RuleHealth(rule.id, "asks", f"{asking[0].path}: {asking[0].message}")
    return RuleHealth(rule.id, "satisfied")
