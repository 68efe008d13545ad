"""The lists in a structured text, and the matrices that are made of them: what documents count and recite."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import product

from msgspec import Struct

from syncfork.detect.searching import line_numbers
from syncfork.errors import CannotReadError
from syncfork.parsing.structured import format_of, read
from syncfork.parsing.values import Value
from syncfork.text import Document

# More combinations than this nobody counts.
_MOST = 5000


class Listing(Struct, frozen=True):
    """A list of words by the keys that lead to it: its values as they are written."""

    path: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def key(self) -> str:
        """The key the list stands under."""
        return next((part for part in reversed(self.path) if not part.isdigit()), "")


class Shape(Struct, frozen=True):
    """What a text lists: lists by their path, and the number of combinations of each matrix by its path."""

    lists: Mapping[tuple[str, ...], Listing]
    totals: Mapping[tuple[str, ...], int]


# Claims ask for the lists of the same few hundred files over and over, whose texts a merge holds anyhow.
@lru_cache(maxsize=1024)
def shape(document: Document) -> Shape:
    """The lists and matrices of a YAML, TOML or JSON text; none where it cannot be read."""
    try:
        form = format_of(document)
        root = (_unplaced(document.text) if form == "json" else None) or read(document.text, form)
    except CannotReadError:
        return Shape({}, {})
    lists: dict[tuple[str, ...], Listing] = {}
    totals: dict[tuple[str, ...], int] = {}
    for path, value in _walk(root, ()):
        if values := _values(document, value):
            lists.setdefault(path, Listing(path, values))
        if path and path[-1] == "matrix" and value.kind == "map":
            total = _total(document, value)
            if total:
                totals[path] = total
    return Shape(lists, totals)


def _unplaced(text: str) -> Value | None:
    """There may be hundreds of JSON files, and of most nobody asks for a place."""
    from syncfork.parsing.structured_json import read_unplaced

    return read_unplaced(text)


def line_of(document: Document, listing: Listing) -> int:
    """The line (from 1) at which one of the lists of `shape` stands. Raises CannotReadError."""
    root = read(document.text, format_of(document))
    found = (value for path, value in _walk(root, ()) if path == listing.path and _values(document, value))
    if (value := next(found, None)) is None:
        raise CannotReadError("not where it was found")
    return line_numbers(document.text)(value.start)


def _walk(value: Value, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Value]]:
    yield path, value
    if not value.alias or value.kind == "seq":
        for entry in value.entries:
            if entry.value.kind != "scalar" and len(path) < 30:
                yield from _walk(entry.value, (*path, entry.key))


def _values(document: Document, value: Value) -> tuple[str, ...]:
    """The words of a list, or the names of entries that are all mappings."""
    if not value.entries:
        return ()
    if value.kind == "seq" and all(e.value.kind == "scalar" for e in value.entries):
        return tuple(_written(document, e.value) for e in value.entries)
    if value.kind == "map" and all(e.value.kind == "map" for e in value.entries):
        return tuple(e.key for e in value.entries)
    return ()


def _written(document: Document, value: Value) -> str:
    """A scalar as it is written: 3.10 is no number of a version."""
    if value.alias or isinstance(value.scalar, str):
        return str(value.scalar)
    return document.text[value.start : value.end].strip("\"' \n")


def _total(document: Document, matrix: Value) -> int | None:
    """How many jobs a matrix makes, as GitHub counts: the product of its lists, less what is excluded, and
    those included that no combination agrees with. None where it is computed when it runs."""
    axes: dict[str, tuple[str, ...]] = {}
    given: dict[str, list[dict[str, str]]] = {"include": [], "exclude": []}
    for entry in matrix.entries:
        value = entry.value
        if entry.key in given:
            if value.kind != "seq" or any(item.value.kind != "map" for item in value.entries):
                return None
            given[entry.key] = [
                {e.key: _written(document, e.value) for e in item.value.entries if e.value.kind == "scalar"}
                for item in value.entries
            ]
        elif value.kind == "seq" and (words := _values(document, value)):
            axes[entry.key] = words
        else:
            return None
    size = 1
    for words in axes.values():
        size *= len(words)
    if size > _MOST:
        return None
    combinations = (
        [dict(zip(axes, chosen, strict=True)) for chosen in product(*axes.values())] if axes else []
    )
    kept = [c for c in combinations if not any(_agrees(c, out) for out in given["exclude"])]
    more = [item for item in given["include"] if not any(_agrees(c, _only(item, axes)) for c in kept)]
    return len(kept) + len(more)


def _only(item: Mapping[str, str], axes: Mapping[str, object]) -> dict[str, str]:
    return {key: value for key, value in item.items() if key in axes}


def _agrees(combination: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(combination.get(key) == value for key, value in wanted.items())


def tokens(text: str) -> frozenset[str]:
    """The words of a name or a phrase, in the singular."""
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)
    return frozenset(_singular(word.lower()) for word in words if len(word) > 2)


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
