"""JSON as the tree of `syncfork.parsing.structured`, with ast-grep's grammar."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from syncfork.errors import CannotReadError
from syncfork.parsing.grammars import broken_nodes, parse
from syncfork.parsing.values import Entry, Value

if TYPE_CHECKING:
    from ast_grep_py import SgNode


# As strict as JSON itself, but for control characters in strings; made once, since texts have thousands of values.
_decode = json.JSONDecoder(strict=False).decode


def read_json(text: str) -> Value:
    """The root value of a JSON text. Raises CannotReadError where it does not parse."""
    root = parse(text, "json")
    broken = broken_nodes(root)
    values = [child for child in root.children() if child.kind() != "comment"]
    if broken or len(values) != 1:
        line = broken[0].range().start.line + 1 if broken else 1
        raise CannotReadError(f"not JSON: line {line}")
    return _value(values[0])


def read_unplaced(text: str) -> Value | None:
    """The root value of a JSON text without its places (all 0) and with scalars as they are written, many times faster;
    None where only `read_json` tells, as for a text with comments."""
    try:
        found = json.loads(
            text,
            strict=False,
            parse_int=str,
            parse_float=str,
            parse_constant=_refuse,
            object_pairs_hook=_Pairs,
        )
        return _unplaced(found)
    except (ValueError, RecursionError):
        return None


def _refuse(word: str) -> None:
    # NaN and the like are Python's, not JSON's.
    raise ValueError(word)


class _Pairs(list[tuple[str, Any]]):
    """An object's entries, where a list is an array; of a repeated key each counts."""


def _unplaced(found: Any) -> Value:
    if isinstance(found, list):
        named = found if isinstance(found, _Pairs) else [(str(i), item) for i, item in enumerate(found)]
        entries = tuple(Entry(key, 0, 0, _unplaced(item)) for key, item in named)
        return Value("map" if isinstance(found, _Pairs) else "seq", 0, 0, entries, flow=True)
    return Value("scalar", 0, 0, scalar=found if isinstance(found, str) else json.dumps(found))


def _value(node: SgNode) -> Value:
    place, kind = node.range(), node.kind()
    start, end = place.start.index, place.end.index
    if kind == "object":
        return Value("map", start, end, tuple(_entry(child) for child in _inside(node)), flow=True)
    if kind == "array":
        values = [_value(child) for child in _inside(node)]
        entries = tuple(Entry(str(i), value.start, value.end, value) for i, value in enumerate(values))
        return Value("seq", start, end, entries, flow=True)
    try:
        scalar = _decode(node.text())
    except ValueError as error:
        raise CannotReadError(f"not JSON: line {place.start.line + 1}: {error}") from error
    return Value("scalar", start, end, scalar=scalar)


def _inside(node: SgNode) -> list[SgNode]:
    return [child for child in node.children() if child.is_named() and child.kind() != "comment"]


def _entry(pair: SgNode) -> Entry:
    key, child, place = pair.field("key"), pair.field("value"), pair.range()
    if key is None or child is None:
        raise CannotReadError(f"not JSON: line {place.start.line + 1}")
    return Entry(str(_decode(key.text())), place.start.index, place.end.index, _value(child))
