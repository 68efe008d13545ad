"""YAML, JSON and TOML as one tree of nodes with spans, for key paths: nothing is ever loaded and dumped again.

YAML is read as PyYAML's node graph (repeated keys stay, `on` stays a word, anchors resolve), JSON with
ast-grep's and TOML with tree-sitter's grammar.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from syncfork.selectors.base import CannotReadError
from syncfork.text import Document

if TYPE_CHECKING:
    import yaml
    from ast_grep_py import SgNode
    from tree_sitter import Node as TomlNode

Format = Literal["yaml", "json", "toml"]
_ENDINGS: dict[str, Format] = {
    ".yml": "yaml",
    ".yaml": "yaml",
    ".json": "json",
    ".toml": "toml",
    ".lock": "toml",
}


@dataclass(frozen=True, slots=True)
class Value:
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


@dataclass(frozen=True, slots=True)
class Entry:
    """One key with its value, or one list item (then `key` is its index as text); the span covers both."""

    key: str
    start: int
    end: int
    value: Value


def format_of(document: Document) -> Format:
    """The format, by the file name's ending. Raises CannotReadError."""
    found = _ENDINGS.get(PurePosixPath(document.path).suffix.lower())
    if found is None:
        raise CannotReadError(f"{document.path} is not known as YAML, JSON or TOML; give `format:`")
    return found


@lru_cache(maxsize=64)
def read(text: str, form: Format) -> Value:
    """The root value of a structured text. Raises CannotReadError where it does not parse."""
    return {"yaml": _read_yaml, "json": _read_json, "toml": _read_toml}[form](text)


# YAML


def _read_yaml(text: str) -> Value:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise CannotReadError(f"not YAML: {where}{getattr(error, 'problem', None) or error}") from error
    except RecursionError as error:
        raise CannotReadError("not YAML: nested too deeply") from error
    if node is None:
        return Value("map", 0, 0)
    return _yaml_value(text, node, None, frozenset())


def _yaml_value(text: str, node: yaml.Node, floor: int | None, above: frozenset[int]) -> Value:
    """`floor` is where the value must begin at the least: a node that lies before it is an alias."""
    import yaml

    start = node.start_mark.index
    if id(node) in above:
        raise CannotReadError("not usable YAML: an alias refers to a value that contains it")
    inside = above | {id(node)}
    if floor is not None and start < floor:
        at = text.index("*", floor)
        end = at + 1
        while end < len(text) and not text[end].isspace() and text[end] not in ",]}":
            end += 1
        target = _yaml_value(text, node, None, above)
        return Value(target.kind, at, end, target.entries, target.scalar, alias=True)
    if isinstance(node, yaml.ScalarNode):
        end = node.end_mark.index
        end = start + len(text[start:end].rstrip()) if node.style in ("|", ">") else end
        return Value("scalar", start, end, scalar=_yaml_scalar(node))
    assert isinstance(node, yaml.CollectionNode)  # the only kind of node that is left
    entries = tuple(_yaml_entries(text, node, inside))
    kind: Literal["map", "seq"] = "map" if isinstance(node, yaml.MappingNode) else "seq"
    flow = bool(node.flow_style)
    end = node.end_mark.index if flow or not entries else entries[-1].end
    return Value(kind, start, end, entries, flow=flow)


def _yaml_entries(text: str, node: yaml.CollectionNode, above: frozenset[int]) -> Iterator[Entry]:
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            value = _yaml_value(text, child, key.end_mark.index, above)
            name = (
                key.value
                if isinstance(key, yaml.ScalarNode)
                else text[key.start_mark.index : key.end_mark.index]
            )
            yield Entry(name, key.start_mark.index, max(value.end, key.end_mark.index + 1), value)
        return
    position = node.start_mark.index
    for index, child in enumerate(node.value):
        value = _yaml_value(text, child, position, above)
        # A block item begins at its dash, which the node graph does not record.
        start = value.start if node.flow_style else text.rindex("-", position, max(value.start, position + 1))
        yield Entry(str(index), start, value.end, value)
        position = value.end


def _yaml_scalar(node: yaml.ScalarNode) -> Any:
    """The scalar's value under YAML 1.2's core idea of booleans: `on`, `yes` and the like stay words."""
    import yaml

    if node.tag == "tag:yaml.org,2002:str":
        return node.value
    if node.tag == "tag:yaml.org,2002:bool" and node.value.lower() not in ("true", "false"):
        return node.value
    try:
        return _yaml_constructor().construct_object(node)
    except (yaml.YAMLError, ValueError):
        return node.value


@lru_cache(maxsize=1)
def _yaml_constructor() -> Any:
    import yaml

    return yaml.constructor.SafeConstructor()


# JSON


def _read_json(text: str) -> Value:
    from syncfork.selectors.syntax import parse

    root = parse(text, "json")
    broken = root.find(kind="ERROR")
    values = [child for child in root.children() if child.kind() != "comment"]
    if broken or root.kind() == "ERROR" or len(values) != 1:
        line = broken.range().start.line + 1 if broken else 1
        raise CannotReadError(f"not JSON: line {line}")
    return _json_value(values[0])


def _json_value(node: SgNode) -> Value:
    start, end = node.range().start.index, node.range().end.index
    children = [child for child in node.children() if child.is_named() and child.kind() != "comment"]
    if node.kind() == "object":
        return Value("map", start, end, tuple(_json_entry(child) for child in children), flow=True)
    if node.kind() == "array":
        values = [_json_value(child) for child in children]
        entries = tuple(Entry(str(i), value.start, value.end, value) for i, value in enumerate(values))
        return Value("seq", start, end, entries, flow=True)
    try:
        scalar = json.loads(node.text(), strict=False)
    except ValueError as error:
        raise CannotReadError(f"not JSON: line {node.range().start.line + 1}: {error}") from error
    return Value("scalar", start, end, scalar=scalar)


def _json_entry(pair: SgNode) -> Entry:
    key, child = pair.field("key"), pair.field("value")
    if key is None or child is None:
        raise CannotReadError(f"not JSON: line {pair.range().start.line + 1}")
    return Entry(
        str(json.loads(key.text(), strict=False)),
        pair.range().start.index,
        pair.range().end.index,
        _json_value(child),
    )


# TOML


def _read_toml(text: str) -> Value:
    import tomllib

    import tree_sitter_toml
    from tree_sitter import Language, Parser

    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CannotReadError(f"not TOML: {error}") from error
    raw = text.encode()
    root = Parser(Language(tree_sitter_toml.language())).parse(raw).root_node
    return _TomlReader(raw, len(raw) != len(text)).document(root)


@dataclass(frozen=True)
class _TomlReader:
    """Builds values from tree-sitter's nodes, whose offsets are bytes."""

    raw: bytes
    wide: bool

    def at(self, offset: int) -> int:
        return len(self.raw[:offset].decode()) if self.wide else offset

    def document(self, root: TomlNode) -> Value:
        entries: list[tuple[tuple[str, ...], Entry]] = []
        counts: dict[tuple[str, ...], int] = {}
        for child in root.named_children:
            if child.type == "pair":
                entries.append(((), self.pair(child)))
            elif child.type in ("table", "table_array_element"):
                path = self.keys(child.named_children[0])
                if child.type == "table_array_element":
                    counts[path] = counts.get(path, -1) + 1
                entries.append((path, self.table(child, path, counts)))
        return _nest(entries, counts, self.at(root.end_byte))

    def table(self, node: TomlNode, path: tuple[str, ...], counts: dict[tuple[str, ...], int]) -> Entry:
        pairs = tuple(self.pair(child) for child in node.named_children if child.type == "pair")
        start = self.at(node.start_byte)
        end = pairs[-1].end if pairs else self.at(node.named_children[0].end_byte) + 1 + (path in counts)
        body = Value("map", pairs[0].start if pairs else end, end, pairs)
        return Entry(path[-1], start, end, body)

    def pair(self, node: TomlNode) -> Entry:
        key, value = node.named_children[0], self.value(node.named_children[1])
        entry = Entry(self.keys(key)[-1], self.at(node.start_byte), value.end, value)
        for name in reversed(self.keys(key)[:-1]):
            entry = Entry(name, entry.start, entry.end, Value("map", entry.start, entry.end, (entry,)))
        return entry

    def keys(self, node: TomlNode) -> tuple[str, ...]:
        if node.type == "dotted_key":
            return tuple(name for child in node.named_children for name in self.keys(child))
        text = self.raw[node.start_byte : node.end_byte].decode()
        return (next(iter(_toml(f"{text} = 0"))),) if text[0] in "\"'" else (text,)

    def value(self, node: TomlNode) -> Value:
        start, end = self.at(node.start_byte), self.at(node.end_byte)
        children = [child for child in node.named_children if child.type != "comment"]
        if node.type == "inline_table":
            return Value("map", start, end, tuple(self.pair(child) for child in children), flow=True)
        if node.type == "array":
            values = [self.value(child) for child in children]
            return Value(
                "seq",
                start,
                end,
                tuple(Entry(str(i), v.start, v.end, v) for i, v in enumerate(values)),
                flow=True,
            )
        text = self.raw[node.start_byte : node.end_byte].decode()
        return Value("scalar", start, end, scalar=_toml(f"v = {text}")["v"])


def _toml(text: str) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(text)


def _nest(tables: list[tuple[tuple[str, ...], Entry]], counts: dict[tuple[str, ...], int], end: int) -> Value:
    """Join `[a.b]` tables, written flat, into one tree; arrays of tables become lists."""

    def build(prefix: tuple[str, ...], own: list[tuple[tuple[str, ...], Entry]]) -> tuple[Entry, ...]:
        entries: list[Entry] = [entry for path, entry in own if path == prefix and not prefix]
        names = dict.fromkeys(path[len(prefix)] for path, _ in own if len(path) > len(prefix))
        for name in names:
            path = (*prefix, name)
            below = [(p, e) for p, e in own if p[: len(path)] == path]
            entries.append(_array(path, below) if path in counts else _table(path, below))
        return tuple(entries)

    def _table(path: tuple[str, ...], below: list[tuple[tuple[str, ...], Entry]]) -> Entry:
        heads = [entry for p, entry in below if p == path]
        pairs = tuple(pair for head in heads for pair in head.value.entries)
        children = (*pairs, *build(path, below))
        start = heads[0].start if heads else children[0].start
        last = heads[0].end if heads else max(child.end for child in children)
        body = heads[0].value if heads else Value("map", start, last)
        return Entry(path[-1], start, last, Value("map", body.start, body.end, children))

    def _array(path: tuple[str, ...], below: list[tuple[tuple[str, ...], Entry]]) -> Entry:
        items: list[list[tuple[tuple[str, ...], Entry]]] = []
        for p, entry in below:
            if p == path:
                items.append([])
            if items:
                items[-1].append((p, entry))
        found = []
        for index, group in enumerate(items):
            table = _table(path, group)
            found.append(Entry(str(index), table.start, max(entry.end for _, entry in group), table.value))
        return Entry(
            path[-1], found[0].start, found[-1].end, Value("seq", found[0].start, found[-1].end, tuple(found))
        )

    return Value("map", 0, end, build((), tables))
