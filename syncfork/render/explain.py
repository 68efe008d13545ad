"""A finding explained, on a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from syncfork.render.difference import STYLES
from syncfork.render.styled import styled
from syncfork.words import one_line, place, plain

if TYPE_CHECKING:
    from rich.text import Text

    from syncfork.commands.explain import Explanation
    from syncfork.report import Culprit, Excerpt

_MOST_CULPRITS = 5
_MOST_PLACES = 100


def explained(found: Explanation) -> Iterable[Text]:
    """The lines for a terminal."""
    finding = found.finding
    style = {"breakage": "bold red", "decision": "bold yellow"}.get(finding.cls, "bold")
    yield styled((finding.cls, style), f"  {finding.id}  ", (place(finding.path, finding.line), "bold"))
    yield styled((f"found by syncfork {one_line(found.run)}", "dim"))
    yield styled(one_line(finding.message, 1000))
    places = [*map(place, finding.files), *(place(site.path, site.line) for site in finding.also)]
    for each in places[:_MOST_PLACES]:
        yield styled("  ", each)
    if len(places) > _MOST_PLACES:
        yield styled((f"  and {len(places) - _MOST_PLACES} more", "dim"))
    if finding.accepted:
        yield styled(("accepted: ", "dim"), one_line(finding.accepted))
    for excerpt in found.finding.excerpts:
        yield from _excerpt(excerpt)
    for culprit in finding.culprits[:1]:
        yield styled()
        yield styled(("upstream's commit  ", "bold"), _commit(culprit))
        if culprit.url:
            yield styled((plain(culprit.url), "dim"))
    for culprit in finding.culprits[1:_MOST_CULPRITS]:
        yield styled(("and  ", "bold"), _commit(culprit))
    if len(finding.culprits) > _MOST_CULPRITS:
        yield styled((f"and {len(finding.culprits) - _MOST_CULPRITS} more", "dim"))
    for line in found.diff:
        yield styled((plain(line), STYLES.get(line[:1], "")))
    if finding.fix:
        yield styled()
        yield styled(("what to do  ", "bold"), plain(finding.fix))
    for line in finding.code.strip("\n").split("\n") if finding.code.strip() else ():
        yield styled("  ", (plain(line), STYLES.get(line[:1], "")))
    yield styled()
    yield styled(("or live with it, in syncfork.toml:", "bold"))
    yield styled(found.accept.rstrip())


def _commit(culprit: Culprit) -> str:
    return f"{culprit.commit[:9]}  {one_line(culprit.subject, 100)}  {one_line(culprit.author)}, {culprit.date[:10]}"


def _excerpt(excerpt: Excerpt) -> Iterable[Text]:
    yield styled()
    yield styled((f"{excerpt.title}  ", "bold"), place(excerpt.path))
    for number, line in enumerate(excerpt.lines, start=excerpt.first):
        mark, style = (">", "bold") if number == excerpt.marked else (" ", "")
        yield styled((f"{mark}{number:>5} ", "dim"), (plain(line), style))


def as_data(found: Explanation) -> dict[str, Any]:
    """The same as plain data."""
    data = to_builtins(found)
    return {"finding": data.pop("finding"), **data}
