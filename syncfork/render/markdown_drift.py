"""What the scheduled report adds, as Markdown: short, for readers with two minutes."""

from __future__ import annotations

from collections.abc import Iterable

from syncfork.render.headline import covered, headline, health, how_far, not_shown
from syncfork.render.links import web_link
from syncfork.render.spans import code, escaped, sentence, span
from syncfork.render.trend import points, spark, to_do_at
from syncfork.report import Culprit, Drift, OwnChange, Reach, Report
from syncfork.words import count, place

_MARKS = {"good": "✅", "warn": "⚠️", "bad": "❌", "unknown": "❔"}
_MOST = 10


def commit(culprit: Culprit) -> str:
    """A commit with its subject, author and date; a link where its address is one."""
    label, address = code(culprit.commit[:9]), web_link(culprit.url)
    link = f"[{label}]({address})" if address else label
    return f"{link} {code(culprit.subject, 100)} by {code(culprit.author, 50)}, {escaped(culprit.date[:10])}"


def headlines(report: Report, drift: Drift) -> Iterable[str]:
    """The questions and answers, and what could not be found out."""
    yield ""
    for answer in headline(report):
        yield f"- {_MARKS[answer.tone]} **{escaped(answer.question)}** {escaped(answer.answer)}"
    for words in drift.inconclusive:
        yield f"\n**Inconclusive:** {sentence(words)}"
    over = [
        f"{code(budget.name)} {budget.value} of {budget.limit}" for budget in drift.budgets if budget.over
    ]
    if over:
        yield f"\n**Over budget:** {', '.join(over)}"


def details(report: Report, drift: Drift) -> Iterable[str]:
    """How far one can go alone, the trend, the rules' health, coverage, budgets."""
    if report.behind:
        yield "\n### How far one can go alone\n"
        yield from _reach("with syncfork", drift.reach, report.behind)
        yield from _reach("git alone", drift.reach_alone, report.behind)
    yield from _trend(report, drift)
    yield from _health(drift)
    yield from _coverage(drift)
    if drift.budgets:
        said = (f"{code(b.name)} {b.value} of {b.limit}{' (over)' if b.over else ''}" for b in drift.budgets)
        yield f"\nBudgets: {', '.join(said)}"


def _reach(title: str, reach: Reach, behind: int) -> Iterable[str]:
    upto = f", up to {commit(reach.clean)}" if reach.clean else ""
    yield f"- {title}: {how_far(reach, behind)}{upto}"
    if reach.first:
        needs = "; ".join(sentence(need, 200) for need in reach.needs[:5])
        more = f" and {len(reach.needs) - 5} more" if len(reach.needs) > 5 else ""
        yield f"  - first to need somebody: {commit(reach.first)}{f'<br>{needs}{more}' if needs else ''}"


def _trend(report: Report, drift: Drift) -> Iterable[str]:
    runs = points(report)
    if len(runs) < 2:
        return
    yield f"\n### Trend over {count(len(runs), 'run')}\n"
    for title, values in (
        ("to do", [to_do_at(run) for run in runs]),
        ("behind", [run.behind for run in runs]),
    ):
        yield f"- {title} `{spark(values)}` {values[0]} → {values[-1]}"
    shown = {finding.id: finding for finding in report.findings}
    for title, names in (("new", drift.trend.came), ("gone", drift.trend.went)):
        for name in names[:_MOST]:
            found = shown.get(name)
            about = f" {span(place(found.path, found.line))}: {sentence(found.message, 150)}" if found else ""
            yield f"- {title}: {code(name)}{about}"
        if len(names) > _MOST:
            yield f"- {title}: {len(names) - _MOST} more"


def _health(drift: Drift) -> Iterable[str]:
    counted, asking = health(drift)
    if not counted:
        return
    yield f"\n### Rules\n\n{escaped(counted)}"
    if asking:
        yield ""
    for state, ids in asking:
        more = f" and {len(ids) - _MOST} more" if len(ids) > _MOST else ""
        yield f"- {escaped(state)}: {', '.join(code(name) for name in ids[:_MOST])}{more}"


def _coverage(drift: Drift) -> Iterable[str]:
    if not drift.coverage.hunks:
        return
    yield f"\n### Own changes\n\n{escaped(covered(drift))}"
    found = drift.coverage.unexplained
    if found:
        yield "\n<details><summary>Explained by nothing, oldest first</summary>\n"
        for item in found[: 3 * _MOST]:
            yield _change(item)
        if more := not_shown(drift, 3 * _MOST):
            yield f"- and {more} more"
        yield "\n</details>"


def _change(item: OwnChange) -> str:
    who = f"<br>{commit(item.commit)}" if item.commit else ""
    return f"- {span(place(item.path, item.line))}: +{item.added} −{item.removed}{who}"
