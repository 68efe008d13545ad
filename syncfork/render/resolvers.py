"""What `syncfork resolvers` says: which of them may answer on this fork, where, and what they got wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from syncfork.render.styled import styled
from syncfork.resolve.table import Row, Table
from syncfork.words import count, one_line, place, plain

if TYPE_CHECKING:
    from rich.text import Text

_WIDEST = 60
# So many of those that are off are told: the ones that are nearest to being on.
_MOST_OFF = 8


def shown(table: Table) -> Iterable[Text]:
    """The lines for a terminal: what is on and where, then what is off and why, each with its latest case that was not so."""
    merges = count(table.merges, "merge")
    yield styled(f"measured {table.measured.isoformat()} at {one_line(table.head[:12])}, in {merges}")
    if table.outdated:
        yield styled(
            ("warning: ", "yellow"),
            f"measured with syncfork {one_line(table.syncfork)}: nothing is on until it is measured again",
        )
    on = [row for row in table.rows if row.on]
    off = [row for row in table.rows if not row.on]
    yield styled()
    nothing = ": none, so no conflict is answered by it; `syncfork resolve` orders its suggestions by it"
    yield styled(("on", "bold"), ("" if on else nothing, "dim"))
    yield from _listed(on, "green")
    if off:
        yield styled()
        yield styled(("off", "bold"))
        nearest = sorted(off, key=_nearness, reverse=True)[:_MOST_OFF]
        yield from _listed(nearest, "dim")
        if len(off) > len(nearest):
            yield styled(
                (f"… and {len(off) - len(nearest)} more, less often right: see --format json", "dim")
            )


def _nearness(row: Row) -> float:
    """How often it was right, as if it had been wrong once more and right once more: two of two tell little."""
    return (row.right + 1) / (row.cases + 2)


def _listed(rows: Sequence[Row], style: str) -> Iterator[Text]:
    width = min(_WIDEST, max((len(one_line(row.by, _WIDEST)) for row in rows), default=0))
    scopes = min(_WIDEST, max((len(one_line(row.scope, _WIDEST)) for row in rows), default=0))
    for row in rows:
        by, scope = one_line(row.by, _WIDEST), one_line(row.scope, _WIDEST)
        right = f"{row.right} of {row.cases}"
        yield styled(
            f"  {by:<{width}}  ",
            (f"{scope:<{scopes}}", style),
            f"  {right:>12} right  ",
            (one_line(row.why) + (f", last on {row.last}" if row.on else ""), "dim"),
        )
        for case in row.wrong[:1]:
            commit, _, path = case.partition(" ")
            # Where each was right, it was not enough.
            but = (
                "but people changed more in the file"
                if row.right == row.cases
                else "not so, or people changed more"
            )
            yield styled((f"      {but}: {one_line(commit[:9])} {place(path)}", "dim"))


def afterwards(file: str | None, *, waits: bool = False) -> Iterator[Text]:
    """Where a table that was just measured is, and what to do with it; where a merge `waits`, after that."""
    if file and waits:
        after = "finish the merge that waits, and commit it then: it answers in the next one"
        yield styled(("next: ", "dim"), plain(f"{file} is written; {after}"))
    elif file:
        yield styled(("next: ", "dim"), plain(f"git add {file} && git commit -m 'Calibrate resolvers'"))
