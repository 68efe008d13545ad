"""The report as one HTML page that needs nothing else: no network, no script, no font.

Foreign text gets in as escaped text only (`syncfork.render.markup`), and the page's own policy forbids
everything but its one style sheet, in case that is ever not enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncfork.render import html_drift
from syncfork.render.headline import Answer, conflicts, headline, not_looked_for
from syncfork.render.html_parts import (
    MARKS,
    after,
    block,
    commit,
    culprits,
    document,
    name_list,
    path,
    prose,
    section,
)
from syncfork.render.html_texts import excerpts, sides
from syncfork.render.markup import Markup, element, fragment
from syncfork.report import ConflictItem, Finding, Report, ResolutionItem, RuleItem
from syncfork.trend import hunks_of
from syncfork.words import count, one_line, plain

# The JSON report names them all.
_MOST_FILES = 50


def render(report: Report) -> str:
    """The whole page."""
    return document(_title(report), element("body", element("main", *_parts(report)), _foot(report)))


def _parts(report: Report) -> Iterable[Markup]:
    yield _head(report)
    yield _answers(headline(report))
    yield from _warnings(report)
    yield _left(report)
    yield _decide(report)
    if report.drift:
        yield html_drift.reach(report, report.drift)
        yield html_drift.trend(report, report.drift)
        yield html_drift.budgets(report.drift)
        yield html_drift.health(report.drift)
        yield html_drift.coverage(report.drift)
    yield _both(report)
    yield _acted(report.acted())
    yield _resolved(report.resolutions)
    yield _remembered(report.remembered)
    yield _asides(report)


def _title(report: Report) -> str:
    names = [one_line(ref.ref, 60) for ref in (report.fork, report.upstream) if ref]
    return " ← ".join(["syncfork: " + names[0], *names[1:]]) if names else "syncfork"


def _head(report: Report) -> Markup:
    fork, upstream = report.fork, report.upstream
    names = fragment(
        element("span", one_line(fork.ref, 80)) if fork else "syncfork",
        element("span", " ← ", class_="quiet") if fork and upstream else None,
        element("span", one_line(upstream.ref, 80)) if upstream else None,
    )
    facts = [
        ("fork", fork.commit[:9] if fork else ""),
        ("upstream", upstream.commit[:9] if upstream else ""),
        ("merge base", (report.merge_base or "")[:9]),
    ]
    line = [fragment(f"{name} ", element("code", one_line(value))) for name, value in facts if value]
    if upstream and fork and not report.drift:
        line.append(fragment(f"{report.behind} behind, {report.ahead} ahead"))
    if report.drift:
        line.append(element("time", one_line(report.drift.date[:16].replace("T", " "))))
    items = [element("li", part) for part in line]
    return element("header", element("h1", names), element("ul", items, class_="facts"))


def _answers(answers: Sequence[Answer]) -> Markup:
    cards = [
        element(
            "div",
            element("dt", answer.question),
            element(
                "dd", element("span", MARKS[answer.tone], class_="mark", aria_hidden="true"), answer.answer
            ),
            class_=f"card {answer.tone}",
        )
        for answer in answers
    ]
    return element("dl", cards, class_="answers") if cards else fragment()


def _warnings(report: Report) -> Iterable[Markup]:
    if report.drift and report.drift.inconclusive:
        items = [element("li", prose(words)) for words in report.drift.inconclusive]
        title = element("strong", "Inconclusive: not everything could be found out")
        yield element("aside", title, element("ul", items), class_="notice unknown")
    if report.warnings:
        items = [element("li", prose(words)) for words in report.warnings]
        yield element("aside", element("strong", "Warnings"), element("ul", items), class_="notice warn")
    if report.switched_off:
        yield element("p", not_looked_for(report), class_="quiet")


def _left(report: Report) -> Markup:
    items = [
        *(_conflict(item) for item in report.conflicts),
        *(_finding(item, "bad") for item in report.breakages()),
        *(
            _fold(
                "bad",
                fragment(
                    path(item.path, item.line), after(f"nothing explains this departure from {item.against}")
                ),
                block(plain(item.text)[:5000]),
            )
            for item in report.ledger.unexplained
        ),
    ]
    return section("Left for a person", *items, number=len(items))


def _decide(report: Report) -> Markup:
    items = [_finding(item, "warn") for item in report.decisions()]
    return section("Decide", *items, number=len(items))


def _fold(tone: str, summary: Markup, *body: Markup) -> Markup:
    mark = element("span", MARKS[tone], class_="mark", aria_hidden="true")
    return element(
        "details",
        element("summary", mark, element("span", summary, class_="what")),
        element("div", body, class_="body"),
        class_=f"item {tone}",
    )


def _conflict(item: ConflictItem) -> Markup:
    kinds = [count(item.hunks, "conflict")] if item.hunks else []
    kinds += [one_line(item.told)] if item.kind != "contents" else []
    summary = fragment(path(item.path), after(", ".join(kinds)))
    elsewhere = (element("p", prose(told)) for told in item.elsewhere)
    return _fold("bad", summary, *elsewhere, sides(item))


def _finding(item: Finding, tone: str) -> Markup:
    summary = fragment(path(item.path, item.line), after(prose(item.message, 400)))
    rows = [
        (
            "Upstream",
            path(item.upstream.path, item.upstream.line, item.upstream.tree) if item.upstream else None,
        ),
        ("Files", _files(item.files) if item.files else None),
        ("Caused by", culprits(item.culprits)),
        ("Here", excerpts(item.excerpts)),
        ("What to do", _fix(item)),
        ("Accepted", prose(item.accepted) if item.accepted else None),
        ("Rule", element("code", one_line(item.rule)) if item.rule else None),
        ("Found by", fragment(element("code", one_line(item.detector)), f", {item.cls}")),
        ("More", element("code", f"syncfork explain {one_line(item.id)}")),
    ]
    told = [element("div", element("dt", name), element("dd", value)) for name, value in rows if value]
    long = element("p", prose(item.message, 5000)) if len(one_line(item.message, 5000)) > 400 else None
    return _fold(tone, summary, fragment(long, element("dl", told, class_="rows")))


def _files(names: Sequence[str]) -> Markup:
    """The first of several files, and how many more there are."""
    more = f" and {len(names) - _MOST_FILES} more" if len(names) > _MOST_FILES else ""
    return fragment(name_list("", names[:_MOST_FILES]), more)


def _fix(item: Finding) -> Markup | None:
    if not item.fix.strip() and not item.code.strip():
        return None
    text = block(plain(item.code)[:5000].strip("\n")) if item.code.strip() else None
    return fragment(prose(item.fix, 1000), text)


def _both(report: Report) -> Markup:
    """Git alone against with syncfork, file by file."""
    left = {item.path: item for item in report.conflicts}
    alone = {item.path: item for item in report.git_alone}
    lead = f"git alone: {conflicts(report.git_alone)}; with syncfork: {conflicts(report.conflicts)}."
    items = [_compared(alone.get(name), left.get(name)) for name in dict.fromkeys((*alone, *left))]
    return section("Conflicts, git alone and with syncfork", element("p", lead), items, number=len(items))


def _compared(alone: ConflictItem | None, left: ConflictItem | None) -> Markup:
    item = alone or left
    if item is None:
        return fragment()
    before, now = (hunks_of([side]) if side else 0 for side in (alone, left))
    summary = fragment(path(item.path), after(f"git alone {before}, with syncfork {now}"))
    return _fold("bad" if now else "good", summary, sides(item))


def _acted(acted: Sequence[RuleItem]) -> Markup:
    items = [
        _fold(
            "warn" if item.not_in_base else "good",
            fragment(element("code", one_line(item.id)), after(path(item.path))),
            element("p", prose(item.why, 1000)),
            name_list("Kept", item.kept),
            name_list("Dropped", item.dropped),
            element("p", prose(item.detail)) if item.detail else fragment(),
        )
        for item in acted
    ]
    return section("What the rules did", *items, number=len(items))


def _resolved(items: Sequence[ResolutionItem]) -> Markup:
    told = [
        _fold(
            "good",
            fragment(path(item.path), after(item.by)),
            element("p", prose(item.why, 1000)),
            fragment() if item.whole else element("p", "The rest of this file is left for a person."),
        )
        for item in items
    ]
    return section("Resolved without a person, not by a rule", *told, number=len(told))


def _remembered(files: Sequence[str]) -> Markup:
    return section("Remembered resolutions", *(path(file) for file in files), number=len(files))


def _asides(report: Report) -> Markup:
    accepted = [item for item in report.findings if item.accepted]
    notes = [item for item in report.findings if item.cls == "note" and not item.accepted]
    groups = (("Older debts, here before", report.old_debts()), ("Notes", notes), ("Accepted", accepted))
    return fragment(
        section(title, *(_finding(item, "note") for item in items), number=len(items))
        for title, items in groups
    )


def _foot(report: Report) -> Markup:
    steps = [element("li", element("code", one_line(step))) for step in report.next]
    upstream = report.drift.reach.clean if report.drift else None
    return element(
        "footer",
        fragment(element("strong", "Next"), element("ol", steps)) if steps else None,
        element(
            "p",
            "The newest commit of upstream's that merges without a conflict, every rule kept: ",
            commit(upstream),
        )
        if upstream
        else None,
        element(
            "p", f"syncfork {one_line(report.tool_version)}, exit code {report.exit_code}", class_="quiet"
        ),
    )
