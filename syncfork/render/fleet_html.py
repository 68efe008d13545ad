"""The joined reports as one HTML page: the table, and under it what is left in each fork."""

from __future__ import annotations

from collections.abc import Sequence

from syncfork.errors import ExitCode
from syncfork.fleet import Row
from syncfork.render.fleet_rows import HEAD, MARKS, address, cells, left, summary
from syncfork.render.html_parts import document, prose, section
from syncfork.render.markup import Markup, element, fragment
from syncfork.words import count, one_line

_TITLE = "Forks and their upstreams"
# Names stay whole, and the table scrolls on a phone.
_OWN = """
.fleet :is(td, th):first-child { min-width: 8rem; }
.fleet :is(td, th):nth-child(2) { text-align: left; white-space: nowrap; }
"""


def page(rows: Sequence[Row], exit_code: ExitCode) -> str:  # noqa: ARG001 - as all renderers
    """The whole page: no network, no script."""
    top = element("header", element("h1", _TITLE), element("p", summary(rows), class_="quiet"))
    body = element("body", element("main", top, _table(rows), *map(_fork, rows)))
    return document(_TITLE, body, _OWN)


def _table(rows: Sequence[Row]) -> Markup:
    head = element("thead", element("tr", [element("th", name, scope="col") for name in HEAD]))
    body = element("tbody", [_line(row) for row in rows])
    # A folded table scrolls by itself, and by the keyboard too.
    return section(
        "All forks", element("div", element("table", head, body, class_="fleet"), class_="wide", tabindex="0")
    )


def _line(row: Row) -> Markup:
    name: Markup | str = one_line(row.name, 64)
    if row.page:
        name = element("a", name, href=address(row))
    state = element("span", f"{MARKS[row.state]} {row.state}", class_=f"tag {_tone(row)}")
    numbers = [element("td", cell, class_="count") for cell in cells(row)]
    return element("tr", element("td", name), element("td", state), numbers)


def _tone(row: Row) -> str:
    if row.unknown:
        return "unknown"
    return "good" if row.state == "clear" else "bad"


def _fork(row: Row) -> Markup:
    """What is left in one fork, and why it is not known; nothing for one that is clear."""
    items = left(row)
    if not items and not row.detail:
        return fragment()
    why = element("p", prose(row.detail)) if row.detail else None
    lines = [
        element("li", f"{kind} in ", element("code", where), ": " if words else "", prose(words))
        for kind, where, words in items
    ]
    fold = None
    if lines:
        title = element("span", count(len(lines), "thing"), " left for a person", class_="what")
        fold = element(
            "details", element("summary", title), element("ul", lines, class_="plain body"), class_="item"
        )
    return section(one_line(row.name, 64), why, fold)
