"""What each resolver has earned on a fork, and the TOML file that keeps it in the fork."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from syncfork import __version__
from syncfork.evidence import holds
from syncfork.rules.load import parse_toml

# How its file begins.
HEAD = (
    "# What syncfork's resolvers got right in this fork's past merges, and where they may answer since.\n"
    "# Made by `syncfork resolvers calibrate`; `on = false` keeps one silent until it is measured again.\n"
)


# Rows of the first form did not tell what is about paths as a whole.
FORM = 2


class Row(Struct, frozen=True):
    """A class of proposals (a resolver and a sort), in a `scope`: a path, or files as `scopes_of` has them.

    `right` of `cases` were what people committed. `wrong` tells the latest cases that were not, or beside which people
    changed something else in the file, each as `MERGE PATH`; `run` counts the merges since. `last` is the day of the last
    merge with any case, as far as that was told. `path` is true for a class about paths as a whole.
    """

    by: Annotated[str, Meta(min_length=1)]
    scope: Annotated[str, Meta(min_length=1)]
    cases: Annotated[int, Meta(ge=0)]
    right: Annotated[int, Meta(ge=0)]
    run: Annotated[int, Meta(ge=0)]
    on: bool
    why: str
    path: bool = False
    last: date | None = None
    wrong: tuple[str, ...] = ()


class Table(Struct, frozen=True):
    """Every class that was counted: when, at which commit of the fork, with which syncfork, in how many merges. `form` is
    that of the table: what its rows mean."""

    measured: date
    head: str
    syncfork: str
    merges: Annotated[int, Meta(ge=0)]
    rows: tuple[Row, ...] = ()
    form: int = 1

    def holds(self, row: Row, day: date) -> bool:
        """Whether a row's cases tell anything on `day` still: what a fork wants of a path changes, how changes of lines go
        together hardly does."""
        return not row.path or holds(row.last or self.measured, day)

    @property
    def outdated(self) -> bool:
        """True where another version of syncfork counted: its resolvers may have answered otherwise."""
        return self.syncfork != __version__ or self.form != FORM


def from_text(name: str, content: bytes) -> Table:
    """The table in the file `name`. Raises RuleError that lists all mistakes with file, line and key."""
    table: Table = parse_toml(name, content, Table)
    return table


def to_text(table: Table) -> str:
    """The text of the table's file; `from_text` reads it back."""
    return HEAD + "\n".join(_lines(table)) + "\n"


def _lines(table: Table) -> Iterator[str]:
    yield f"measured = {table.measured.isoformat()}"
    yield f"head = {_quoted(table.head)}"
    yield f"syncfork = {_quoted(table.syncfork)}"
    yield f"merges = {table.merges}"
    yield f"form = {table.form}"
    for row in table.rows:
        yield ""
        yield "[[rows]]"
        yield f"by = {_quoted(row.by)}"
        yield f"scope = {_quoted(row.scope)}"
        yield from (f"{name} = {getattr(row, name)}" for name in ("cases", "right", "run"))
        yield from ["path = true"] if row.path else []
        yield f"on = {str(row.on).lower()}"
        yield f"why = {_quoted(row.why)}"
        yield from [f"last = {row.last.isoformat()}"] if row.last else []
        if row.wrong:
            yield "wrong = ["
            yield from (f"    {_quoted(place)}," for place in row.wrong)
            yield "]"


def _quoted(text: str) -> str:
    """A TOML string. JSON's is one, but for DEL; what is not UTF-8 becomes a mark."""
    shown = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(shown, ensure_ascii=False).replace("\x7f", "\\u007f")
