"""After an edit of a structured file: no value but the addressed ones became another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from syncfork.errors import CannotReadError
from syncfork.parsing.structured import read, same
from syncfork.parsing.values import Entry, Format, Value
from syncfork.text import Document, Edit, OverlappingEditsError, apply_edits


def refuse_others(
    document: Document,
    edits: Collection[Edit],
    form: Format,
    addressed: Iterable[Entry],
    grown: Iterable[Entry] = (),
) -> None:
    """Raises CannotReadError where `edits` would change a value that is not one of `addressed`, or add keys to mappings
    that are not of `grown`; or where the text could not be read afterwards."""
    if not edits:
        return
    try:
        new = apply_edits(document.text, edits)
    except OverlappingEditsError:
        return  # told by who makes the edits
    try:
        after = read(new, form)
    except CannotReadError as error:
        raise CannotReadError(f"after this the file could not be read: {error}") from error
    free = {id(entry.value) for entry in addressed}
    changed = next(
        _changed(read(document.text, form), after, free, {id(entry.value) for entry in grown}), None
    )
    if changed is not None:
        raise CannotReadError(f"this would change {'.'.join(changed) or 'the whole file'} too")


def _changed(
    before: Value, after: Value, free: Collection[int], grown: Collection[int], path: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """The paths of values that differ, apart from those with an id in `free`, which may also be gone."""
    if id(before) in free or (before.alias and after.alias):
        return
    left = [entry for entry in before.entries if id(entry.value) not in free]
    if before.kind != after.kind:
        # A collection all of whose entries are gone may be nothing now.
        if left or before.kind == "scalar" or after.entries or after.scalar is not None:
            yield path
    elif before.kind == "scalar":
        if not same(before.scalar, after.scalar):
            yield path
    elif before.kind == "seq":
        stayed = len(before.entries) == len(after.entries)
        if not stayed and len(left) != len(after.entries):
            yield path
        for old, new in zip(before.entries if stayed else left, after.entries, strict=False):
            yield from _changed(old.value, new.value, free, grown, (*path, old.key))
    else:
        yield from _changed_keys(before, after, free, grown, path)


def _changed_keys(
    before: Value, after: Value, free: Collection[int], grown: Collection[int], path: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    new = _by_key(after)
    for key, values in _by_key(before).items():
        left = [value for value in values if id(value) not in free]
        there = new.pop(key, [])
        if len(there) == len(values):
            left = values
        elif len(there) != len(left):
            yield (*path, key)
        for old, value in zip(left, there, strict=False):
            yield from _changed(old, value, free, grown, (*path, key))
    if id(before) not in grown:
        yield from ((*path, key) for key in new)


def _by_key(value: Value) -> dict[str, list[Value]]:
    found: dict[str, list[Value]] = {}
    for entry in value.entries:
        found.setdefault(entry.key, []).append(entry.value)
    return found
