"""TOML as the tree of `syncfork.parsing.structured`, with tree-sitter's grammar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from syncfork.errors import CannotReadError
from syncfork.parsing.values import Entry, Value

if TYPE_CHECKING:
    from tree_sitter import Node as TomlNode


def read_toml(text: str) -> Value:
    """The root value of a TOML text. Raises CannotReadError where it does not parse."""
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


class _TomlReader(Struct, frozen=True):
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
