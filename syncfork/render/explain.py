"""A finding explained, on a terminal and as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from syncfork.render.text import one_line, plain

if TYPE_CHECKING:
    from rich.text import Text

    from syncfork.commands.explain import Explanation
    from syncfork.report import Excerpt

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def explained(found: Explanation) -> Iterable[Text]:
    """The lines for a terminal."""
    finding = found.finding
    style = {"breakage": "bold red", "decision": "bold yellow"}.get(finding.cls, "bold")
    yield _text(
        (finding.cls, style), f"  {finding.id}  ", (f"{one_line(finding.path)}:{finding.line}", "bold")
    )
    yield _text(one_line(finding.message, 1000))
    if finding.accepted:
        yield _text(("accepted: ", "dim"), one_line(finding.accepted))
    for excerpt in found.finding.excerpts:
        yield from _excerpt(excerpt)
    for culprit in finding.culprits[:1]:
        yield _text()
        words = f"{culprit.commit[:9]}  {one_line(culprit.subject, 100)}  {one_line(culprit.author)}, {culprit.date[:10]}"
        yield _text(("upstream's commit  ", "bold"), words)
        if culprit.url:
            yield _text((plain(culprit.url), "dim"))
    for line in found.diff:
        yield _text((plain(line), _STYLES.get(line[:1], "")))
    if finding.fix:
        yield _text()
        yield _text(("what to do  ", "bold"), plain(finding.fix))
    yield _text()
    yield _text(("or live with it, in syncfork.toml:", "bold"))
    yield _text(found.accept.rstrip())


def _excerpt(excerpt: Excerpt) -> Iterable[Text]:
    yield _text()
    yield _text((f"{excerpt.title}  ", "bold"), one_line(excerpt.path))
    for number, line in enumerate(excerpt.lines, start=excerpt.first):
        mark, style = (">", "bold") if number == excerpt.marked else (" ", "")
        yield _text((f"{mark}{number:>5} ", "dim"), (plain(line), style))


def as_data(found: Explanation) -> dict[str, Any]:
    """The same as plain data."""
    data = dataclasses.asdict(found)
    finding = data.pop("finding")
    return {"finding": {"class": finding.pop("cls"), **finding}, **data}


def _text(*parts: str | tuple[str, str]) -> Text:
    from rich.text import Text

    return Text.assemble(*parts, overflow="fold")
