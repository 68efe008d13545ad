"""The page's parts that only the scheduled report has: reach, trend, budgets, health, coverage."""

from __future__ import annotations

from collections.abc import Sequence

from syncfork.render.chart import chart
from syncfork.render.headline import covered, how_far, not_shown
from syncfork.render.html_parts import after, block, commit, name_list, path, prose, section
from syncfork.render.markup import Markup, element, fragment
from syncfork.render.trend import points, to_do_at
from syncfork.report import Budget, Drift, OwnChange, Point, Reach, Report, RuleHealth
from syncfork.words import count, one_line, plain

_MOST_CHANGES = 50
_TONES = {
    "lost": "bad",
    "withheld": "bad",
    "lapsed": "warn",
    "review due": "warn",
    "retirable": "warn",
    "idle": "note",
}


def reach(report: Report, drift: Drift) -> Markup:
    """How far one can go alone, with the rules and without."""
    if not report.behind:
        return fragment()
    return section(
        "How far one can go alone",
        element(
            "div",
            _reach("With rules", drift.reach, report.behind),
            _reach("git alone", drift.reach_alone, report.behind),
            class_="columns",
        ),
    )


def _reach(title: str, found: Reach, behind: int) -> Markup:
    rows = [
        ("Up to", commit(found.clean) if found.clean else None),
        ("The next", commit(found.first) if found.first else None),
        ("Because", fragment(element("p", prose(need)) for need in found.needs) if found.needs else None),
    ]
    told = [element("div", element("dt", name), element("dd", value)) for name, value in rows if value]
    return element(
        "div",
        element("h3", title),
        element("p", how_far(found, behind)),
        meter(found.commits, behind, f"{found.commits} of {count(behind, 'commit')}"),
        element("dl", told, class_="rows"),
        class_="panel",
    )


def meter(value: int, most: int, told: str, css: str = "") -> Markup:
    """A bar that is full at `most`."""
    width = round(100 * min(max(0, value), most) / most, 1) if most > 0 else 0
    return element(
        "svg",
        element("rect", width=100, height=8, class_="track"),
        element("rect", width=width, height=8, class_="fill"),
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        role="img",
        aria_label=told,
        class_=f"meter {css}".strip(),
    )


def trend(report: Report, drift: Drift) -> Markup:
    """The charts, what came and went since the last run, and the numbers behind."""
    runs = points(report)
    if len(runs) < 2:
        return section(
            "Trend",
            element("p", "This is the first run on record; the next ones draw the trend.", class_="quiet"),
        )
    shown = {finding.id: finding for finding in report.findings}
    came = [
        element("li", path(shown[name].path, shown[name].line), after(prose(shown[name].message, 200)))
        if name in shown
        else element("li", element("code", one_line(name)))
        for name in drift.trend.came
    ]
    went = [element("li", element("code", one_line(name))) for name in drift.trend.went]
    return section(
        "Trend",
        element(
            "div",
            chart("Left to do", runs, [to_do_at(run) for run in runs], "todo"),
            chart("Commits behind", runs, [run.behind for run in runs], "behind"),
            class_="columns",
        ),
        _group("New since the last run", came),
        _group("Gone since the last run", went),
        _numbers(runs),
    )


def _group(title: str, items: Sequence[Markup]) -> Markup:
    if not items:
        return fragment()
    return fragment(element("h3", f"{title}: {len(items)}"), element("ul", items, class_="plain"))


def _numbers(runs: Sequence[Point]) -> Markup:
    names = ("Date", "Behind", "Days", "Conflicts", "git alone", "Breakages", "Decisions")
    head = element("tr", [element("th", name, scope="col") for name in names])
    rows = [
        element(
            "tr",
            element("td", one_line(run.date[:10])),
            [
                element("td", str(value), class_="count")
                for value in (
                    run.behind,
                    run.days,
                    run.conflicts,
                    run.conflicts_alone,
                    run.breakages,
                    run.decisions,
                )
            ],
        )
        for run in reversed(runs)
    ]
    table = element("table", element("thead", head), element("tbody", rows))
    # A wide table is moved by itself, with the keyboard too, so that the page never is.
    box = element("div", table, class_="wide", tabindex=0, role="region", aria_label="All runs in numbers")
    return element(
        "details",
        element("summary", element("span", f"The numbers of {count(len(runs), 'run')}")),
        box,
        class_="item",
    )


def budgets(drift: Drift) -> Markup:
    """The fork's own limits, and where it stands."""
    return section("Budgets", element("ul", [_budget(item) for item in drift.budgets], class_="budgets"),
                   number=len(drift.budgets))  # fmt: skip


def _budget(item: Budget) -> Markup:
    said = f"{item.value} of {item.limit}" + (", over" if item.over else "")
    return element(
        "li",
        element("span", one_line(item.name)),
        element("strong" if item.over else "span", said),
        meter(item.value, item.limit, said, "over" if item.over else ""),
    )


def health(drift: Drift) -> Markup:
    """The rules by state; those that ask for something first and one by one."""
    by_state: dict[str, list[RuleHealth]] = {}
    for rule in drift.health:
        by_state.setdefault(rule.state, []).append(rule)
    asking = [rule for state in _TONES for rule in by_state.get(state, ())]
    rows = [
        element(
            "tr",
            element("td", element("span", rule.state, class_=f"tag {_TONES[rule.state]}")),
            element("td", element("code", one_line(rule.id)), " ", prose(rule.detail)),
        )
        for rule in asking
    ]
    table = element("table", element("tbody", rows), class_="states") if rows else None
    quiet = [
        name_list(f"{len(rules)} {one_line(state)}:", [rule.id for rule in rules])
        for state, rules in by_state.items()
        if state not in _TONES
    ]
    return section("Health of the rules", table, quiet, number=len(drift.health))


def coverage(drift: Drift) -> Markup:
    """How much of the fork's own changes the rules explain, and the rest, oldest first."""
    found = drift.coverage
    if not found.hunks:
        return fragment()
    items = [_change(item) for item in found.unexplained[:_MOST_CHANGES]]
    more = not_shown(drift, _MOST_CHANGES)
    said = covered(drift)
    return section(
        "Own changes that no rule explains" if items else "Own changes",
        element("p", f"{said[0].upper()}{said[1:]}{'; the others, oldest first:' if items else '.'}"),
        meter(found.explained, found.hunks, said),
        items,
        element(
            "p", f"and {more} more; the JSON report lists {len(found.unexplained)} of all", class_="quiet"
        )
        if more > 0
        else None,
    )


def _change(item: OwnChange) -> Markup:
    size = f"+{item.added} −{item.removed}"
    when = f"  {one_line(item.commit.date[:10])}" if item.commit else ""
    return element(
        "details",
        element(
            "summary",
            element("span", path(item.path, item.line), after(f"{size}{when}"), class_="what"),
        ),
        element(
            "div",
            element("p", commit(item.commit)) if item.commit else None,
            block(plain(item.text)[:5000]),
            class_="body",
        ),
        class_="item",
    )
