"""A structured file as a tree of values with their spans."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from syncfork.errors import CannotReadError

Format = Literal["yaml", "json", "toml"]


class Value(Struct, frozen=True):
    """A value in a structured file: its span in characters, its kind, and what it holds.

    `flow` is true for `{...}` and `[...]`; `alias` for a YAML alias, whose span is that of `*name` itself.
    `scalar` is the Python value of a scalar.
    """

    kind: Literal["map", "seq", "scalar"]
    start: int
    end: int
    entries: tuple[Entry, ...] = ()
    scalar: Any = None
    flow: bool = False
    alias: bool = False

    def plain(self) -> Any:
        """The value as plain Python data; of a repeated key the last one counts."""
        if self.kind == "map":
            return {entry.key: entry.value.plain() for entry in self.entries}
        return [entry.value.plain() for entry in self.entries] if self.kind == "seq" else self.scalar


class Entry(Struct, frozen=True):
    """One key with its value, or one list item (then `key` is its index as text); the span covers both.

    `aliased` is true of one that was reached through an alias: its span is in the anchor's value.
    """

    key: str
    start: int
    end: int
    value: Value
    aliased: bool = False


class SeveralDocumentsError(CannotReadError):
    """The text is sound YAML, but of several documents, and a key path means one."""
