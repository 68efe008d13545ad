"""JSON as the tree of `syncfork.structured`, with ast-grep's grammar."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from syncfork.selectors.base import CannotReadError
from syncfork.selectors.syntax import broken_nodes, parse
from syncfork.structured import Entry, Value

if TYPE_CHECKING:
    from ast_grep_py import SgNode


def read_json(text: str) -> Value:
    """The root value of a JSON text. Raises CannotReadError where it does not parse."""
    root = parse(text, "json")
    broken = broken_nodes(root)
    values = [child for child in root.children() if child.kind() != "comment"]
    if broken or len(values) != 1:
        line = broken[0].range().start.line + 1 if broken else 1
        raise CannotReadError(f"not JSON: line {line}")
    return _value(values[0])


def _value(node: SgNode) -> Value:
    start, end = node.range().start.index, node.range().end.index
    children = [child for child in node.children() if child.is_named() and child.kind() != "comment"]
    if node.kind() == "object":
        return Value("map", start, end, tuple(_entry(child) for child in children), flow=True)
    if node.kind() == "array":
        values = [_value(child) for child in children]
        entries = tuple(Entry(str(i), value.start, value.end, value) for i, value in enumerate(values))
        return Value("seq", start, end, entries, flow=True)
    try:
        scalar = json.loads(node.text(), strict=False)
    except ValueError as error:
        raise CannotReadError(f"not JSON: line {node.range().start.line + 1}: {error}") from error
    return Value("scalar", start, end, scalar=scalar)


def _entry(pair: SgNode) -> Entry:
    key, child = pair.field("key"), pair.field("value")
    if key is None or child is None:
        raise CannotReadError(f"not JSON: line {pair.range().start.line + 1}")
    return Entry(
        str(json.loads(key.text(), strict=False)),
        pair.range().start.index,
        pair.range().end.index,
        _value(child),
    )
