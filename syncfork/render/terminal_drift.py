"""What the scheduled report adds, on a terminal: short, for readers with two minutes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from syncfork.render.headline import covered, headline, health, how_far, not_shown
from syncfork.render.styled import styled
from syncfork.render.trend import points, spark, to_do_at
from syncfork.report import Culprit, Drift, Reach, Report
from syncfork.words import count, one_line, place

if TYPE_CHECKING:
    from rich.text import Text

_STYLES = {"good": ("✓", "green"), "warn": ("?", "yellow"), "bad": ("✗", "red"), "unknown": ("…", "magenta")}
_MOST = 5

Line = tuple[int, "Text"]


def headlines(report: Report, drift: Drift) -> Iterable[Line]:
    """The questions and answers, and what could not be found out."""
    answers = headline(report)
    width = max(len(answer.question) for answer in answers)
    yield 0, styled("")
    for answer in answers:
        sign, style = _STYLES[answer.tone]
        question = f"{answer.question:<{width}}  "
        yield 0, styled((f"{sign} ", style), (question, "bold"), one_line(answer.answer))
    for words in drift.inconclusive:
        yield 0, styled(("inconclusive: ", "magenta"), one_line(words))
    for budget in drift.budgets:
        if budget.over:
            yield (
                0,
                styled(("over budget: ", "red"), f"{one_line(budget.name)} {budget.value} of {budget.limit}"),
            )


def details(report: Report, drift: Drift) -> Iterable[Line]:
    """How far one can go alone, the trend, the rules' health, coverage, budgets."""
    if report.behind:
        yield from _title("How far one can go alone")
        yield from _reach("with syncfork", drift.reach, report.behind)
        yield from _reach("git alone    ", drift.reach_alone, report.behind)
    yield from _trend(report, drift)
    yield from _health(drift)
    yield from _coverage(drift)
    kept = [budget for budget in drift.budgets if not budget.over]
    if kept:
        said = ", ".join(f"{one_line(budget.name)} {budget.value} of {budget.limit}" for budget in kept)
        yield from _title("Budgets kept")
        yield 2, styled(said)


def _reach(title: str, reach: Reach, behind: int) -> Iterable[Line]:
    yield 2, styled((f"{title}  ", "bold"), how_far(reach, behind))
    if reach.clean:
        yield 6, styled(("up to ", "dim"), *_commit(reach.clean))
    if reach.first:
        yield 6, styled(("then  ", "dim"), *_commit(reach.first))
    for need in reach.needs[:_MOST]:
        yield 12, styled((one_line(need, 200), "dim"))
    if len(reach.needs) > _MOST:
        yield 12, styled((f"… and {len(reach.needs) - _MOST} more", "dim"))


def _trend(report: Report, drift: Drift) -> Iterable[Line]:
    runs = points(report)
    if len(runs) < 2:
        return
    yield from _title(f"Trend over {count(len(runs), 'run')}")
    for title, values in (
        ("to do ", [to_do_at(run) for run in runs]),
        ("behind", [run.behind for run in runs]),
    ):
        yield 2, styled(f"{title}  ", (spark(values), "cyan"), f"  {values[0]} → {values[-1]}")
    shown = {finding.id: finding for finding in report.findings}
    for sign, style, names in (("+", "red", drift.trend.came), ("-", "green", drift.trend.went)):
        for name in names[:_MOST]:
            found = shown.get(name)
            about = f"  {place(found.path, found.line)}  {one_line(found.message, 100)}" if found else ""
            yield 2, styled((f"{sign} ", style), one_line(name), (about, "dim"))
        if len(names) > _MOST:
            yield 2, styled((f"{sign} ", style), f"{len(names) - _MOST} more")


def _health(drift: Drift) -> Iterable[Line]:
    counted, asking = health(drift)
    if not counted:
        return
    yield from _title("Rules")
    yield 2, styled(one_line(counted))
    for state, ids in asking:
        more = f" and {len(ids) - _MOST} more" if len(ids) > _MOST else ""
        yield 2, styled((f"{one_line(state)}: ", "yellow"), one_line(", ".join(ids[:_MOST])), more)


def _coverage(drift: Drift) -> Iterable[Line]:
    if not drift.coverage.hunks:
        return
    yield from _title("Own changes")
    yield 2, styled(covered(drift))
    found = drift.coverage.unexplained
    for item in found[:_MOST]:
        who = (
            (f"  {one_line(item.commit.date[:10])}  {one_line(item.commit.subject, 70)}")
            if item.commit
            else ""
        )
        yield (
            2,
            styled("· ", f"{place(item.path, item.line)}  +{item.added} -{item.removed}", (who, "dim")),
        )
    if more := not_shown(drift, _MOST):
        yield 2, styled((f"… and {more} more that nothing explains, oldest first", "dim"))


def _commit(culprit: Culprit) -> tuple[tuple[str, str], str, tuple[str, str]]:
    who = f"  {one_line(culprit.author, 40)}, {one_line(culprit.date[:10])}"
    return (f"{one_line(culprit.commit[:9])} ", "cyan"), one_line(culprit.subject, 90), (who, "dim")


def _title(words: str) -> Iterable[Line]:
    yield 0, styled("")
    yield 0, styled((words, "bold"))
