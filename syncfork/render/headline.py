"""What a reader with two minutes asks, answered once for every renderer that people read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from syncfork.render.trend import points, to_do_at
from syncfork.report import ConflictItem, Drift, Point, Reach, Report
from syncfork.trend import hunks_of
from syncfork.words import count, one_line

Tone = Literal["good", "warn", "bad", "unknown"]

# What is asked of a rule before it can be left alone, the most pressing state first.
_SICK = ("lost", "withheld", "lapsed", "review due", "retirable", "idle")


class Answer(Struct, frozen=True):
    """A question and its answer in a line. The text may hold words of the report: renderers escape it."""

    question: str
    answer: str
    tone: Tone


def headline(report: Report) -> tuple[Answer, ...]:
    """How far behind, can we sync now, what needs us, what broke silently, is it getting worse."""
    drift = report.drift
    if drift is None:
        return ()
    return (
        _behind(report, drift),
        _now(report, drift),
        Answer("What needs us?", needs(report) or "Nothing", _weight(report, drift)),
        _silently(report, drift),
        _worse(report, drift),
    )


def nothing_to_merge(report: Report) -> str:
    """Why there is nothing to merge; the text may hold words of the report."""
    fork, upstream = report.fork, report.upstream
    if fork and upstream and upstream.ref.removeprefix("refs/").removeprefix("heads/") in (fork.ref, "HEAD"):
        return f"{one_line(upstream.ref)} is the fork's own branch; name upstream's, such as upstream/main"
    return "upstream is in the fork already"


def to_do(report: Report) -> int:
    """How many things wait for a person: conflicts, breakages, decisions, hunks nothing explains."""
    hunks, unexplained = hunks_of(report.conflicts), len(report.ledger.unexplained)
    return hunks + len(report.breakages()) + len(report.decisions()) + unexplained


def needs(report: Report) -> str:
    """The same in words; empty where nothing waits."""
    breakages, decisions = len(report.breakages()), len(report.decisions())
    parts = [
        conflicts(report.conflicts) if report.conflicts else "",
        count(breakages, "breakage") if breakages else "",
        count(len(report.ledger.unexplained), "unexplained hunk") if report.ledger.unexplained else "",
        count(decisions, "decision") if decisions else "",
    ]
    return ", ".join(part for part in parts if part)


def conflicts(items: Sequence[ConflictItem]) -> str:
    """`2 conflicts in 1 file`, `no conflict`."""
    return f"{count(hunks_of(items), 'conflict')} in {count(len(items), 'file')}" if items else "no conflict"


def blocked(report: Report) -> bool:
    """True where a merge cannot be finished without a person."""
    return bool(report.conflicts or report.breakages() or report.ledger.unexplained)


def how_far(reach: Reach, behind: int) -> str:
    """How far one can go alone, without the names of the commits."""
    if reach.clean and not reach.first:
        return f"all the way: {count(reach.commits, 'commit')} merge by themselves"
    if reach.clean:
        return f"{reach.commits} of {count(behind, 'commit')} merge by themselves"
    if reach.first:
        return "nowhere: the first step on upstream's main line needs a person"
    return "not known" if behind else "nothing to merge"


def health(drift: Drift) -> tuple[str, list[tuple[str, list[str]]]]:
    """All states counted in a line, and the ids of the rules in each state that asks for something."""
    by_state: dict[str, list[str]] = {}
    for rule in drift.health:
        by_state.setdefault(rule.state, []).append(rule.id)
    counted = ", ".join(f"{len(ids)} {state}" for state, ids in by_state.items())
    return counted, [(state, by_state[state]) for state in _SICK if state in by_state]


def covered(drift: Drift) -> str:
    """How much of the fork's own changes the rules explain."""
    coverage = drift.coverage
    apart = f"; {coverage.apart} more in vendored or generated files" if coverage.apart else ""
    if not coverage.hunks:
        return f"the fork has no change of its own{apart}"
    share = 100 * coverage.explained // coverage.hunks
    told = f"rules explain {coverage.explained} of {count(coverage.hunks, 'own hunk')} ({share} %)"
    return f"{told}{apart}"


def not_shown(drift: Drift, shown: int) -> int:
    """How many of the fork's own changes nothing explains, besides the `shown` ones: a report lists the first of many."""
    return max(
        0, drift.coverage.hunks - drift.coverage.explained - min(shown, len(drift.coverage.unexplained))
    )


def _behind(report: Report, drift: Drift) -> Answer:
    if not report.behind:
        return Answer("How far behind?", "Not at all", "unknown" if drift.inconclusive else "good")
    age = f"; the merge base is {count(drift.days, 'day')} old"
    words = f"{count(report.behind, 'commit')} behind, {report.ahead} ahead{age}"
    return Answer("How far behind?", words, "bad" if any(budget.over for budget in drift.budgets) else "warn")


def _now(report: Report, drift: Drift) -> Answer:
    question = "Can we sync now?"
    if blocked(report):
        if drift.reach.clean and drift.reach.commits < report.behind:
            return Answer(question, f"In part: {how_far(drift.reach, report.behind)}", "bad")
        if drift.reach.clean and not report.conflicts and not report.ledger.unexplained:
            # How far one can go is about the merge; what it breaks is found at upstream's newest commit only.
            mend = count(len(report.breakages()), "breakage")
            return Answer(question, f"It merges by itself, but {mend} must be mended", "bad")
        return Answer(question, "Not without a person", "bad")
    if drift.inconclusive:
        return Answer(question, "Not known: this run could not find out everything", "unknown")
    if not report.behind:
        return Answer(question, "There is nothing to merge", "good")
    if decisions := len(report.decisions()):
        return Answer(question, f"Yes, with {count(decisions, 'decision')} to take", "warn")
    return Answer(question, "Yes, nobody is needed", "good")


def _silently(report: Report, drift: Drift) -> Answer:
    question, found = "What broke silently?", len(report.breakages())
    if found:
        return Answer(question, f"{count(found, 'breakage')} that no conflict shows", "bad")
    if drift.inconclusive:
        return Answer(question, "Nothing found, but not everything was looked at", "unknown")
    if report.conflicts:
        # The detectors see a file only where it is merged.
        files = count(len(report.conflicts), "file")
        return Answer(question, f"Nothing found; {files} in conflict can be looked at once merged", "unknown")
    return Answer(question, "Nothing found", "good")


def _worse(report: Report, drift: Drift) -> Answer:
    question, runs = "Is it getting worse?", points(report)
    if len(runs) < 2:
        return Answer(question, "Not known yet: this is the first run on record", "unknown")
    last, now = runs[-2], runs[-1]
    change = (to_do_at(now) - to_do_at(last), now.behind - last.behind)
    moved = f"to do {to_do_at(last)} → {to_do_at(now)}, behind {last.behind} → {now.behind}"
    if drift.inconclusive:
        return Answer(question, f"Not known for sure: {moved}", "unknown")
    # What waits for people counts; commits behind only where that stands still.
    verdict: tuple[str, Tone] = ("No, as the last time", "good")
    if change > (0, 0):
        verdict = ("Yes", "bad")
    elif change < (0, 0):
        verdict = ("No, better", "good")
    return Answer(question, f"{verdict[0]}: {moved}{_since(runs)}", verdict[1])


def _since(runs: Sequence[Point]) -> str:
    first = runs[0]
    if len(runs) < 3:
        return ""
    return f" ({len(runs) - 1} runs ago to do {to_do_at(first)}, behind {first.behind})"


def _weight(report: Report, drift: Drift) -> Tone:
    if blocked(report):
        return "bad"
    if report.decisions():
        return "warn"
    return "unknown" if drift.inconclusive else "good"


def not_looked_for(report: Report) -> str:
    """Which detectors did not look: a report that is silent of what they find proves nothing of it."""
    return f"Switched off in syncfork.toml: {one_line(', '.join(report.switched_off))}"
