"""Azure's template expressions as keys (`${{ if ... }}:`, `${{ else }}:`, `${{ each ... }}:`): what stands below one
stands in its place, so a key path that names what it means goes through them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from syncfork.parsing.values import Entry

_CONDITION = re.compile(r"\$\{\{\s*(?:if|elseif|else|each|insert)\b.*\}\}\Z", re.DOTALL)


def is_condition(key: str) -> bool:
    """Whether a key stands for what is below it."""
    return key.startswith("${{") and _CONDITION.match(key) is not None


def put_in(above: Entry) -> bool:
    """Whether a list's item is none itself, but puts several in its place."""
    return above.value.kind == "map" and any(
        is_condition(entry.key) and entry.value.kind == "seq" for entry in above.value.entries
    )


def keys_of(above: Entry) -> Iterator[Entry]:
    """The entries of a mapping, those below conditions in the place of these; of a list's item that puts several in
    its place, those of them all."""
    for entry in above.value.entries if above.value.kind == "map" else ():
        if not is_condition(entry.key):
            yield entry
        for below in below_condition(entry):
            yield from _aliased(entry, keys_of(below))


def items_of(above: Entry) -> Iterator[Entry]:
    """The entries of a list (or mapping), those that conditions put in in the place of these; so is each branch of an
    item that is made of conditions alone."""
    for item in above.value.entries:
        yield from _branches(item)


def _branches(item: Entry) -> Iterator[Entry]:
    entries = item.value.entries if item.value.kind == "map" else ()
    if not put_in(item) and not (entries and all(is_condition(entry.key) for entry in entries)):
        yield item
        return
    for entry in entries:
        for below in below_condition(entry):
            yield from _aliased(entry, _branches(below))


def below_condition(entry: Entry) -> Iterator[Entry]:
    """The items that a condition puts in, or itself where it holds keys; nothing below any other key."""
    if is_condition(entry.key):
        yield from entry.value.entries if entry.value.kind == "seq" else (entry,)


def _aliased(above: Entry, entries: Iterator[Entry]) -> Iterator[Entry]:
    aliased = above.aliased or above.value.alias
    return (replace(entry, aliased=True) for entry in entries) if aliased else entries
