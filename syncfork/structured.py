"""YAML, JSON and TOML as one tree of nodes with spans, for key paths: nothing is ever loaded and dumped again.

YAML is read as PyYAML's node graph (repeated keys stay, `on` stays a word, anchors resolve), JSON with
ast-grep's and TOML with tree-sitter's grammar.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate
from posixpath import splitext
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from syncfork.selectors.base import CannotReadError
from syncfork.text import Document

if TYPE_CHECKING:
    import yaml
    from ast_grep_py import SgNode

Format = Literal["yaml", "json", "toml"]
_ENDINGS: dict[str, Format] = {
    ".yml": "yaml",
    ".yaml": "yaml",
    ".json": "json",
    ".toml": "toml",
    ".lock": "toml",
}


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


def format_of(document: Document) -> Format:
    """The format, by the file name's ending. Raises CannotReadError."""
    found = _ENDINGS.get(splitext(document.path)[1].lower())
    if found is None:
        raise CannotReadError(f"{document.path} is not known as YAML, JSON or TOML; give `format:`")
    return found


@lru_cache(maxsize=256)
def read(text: str, form: Format) -> Value:
    """The root value of a structured text. Raises CannotReadError where it does not parse."""
    # The parsers disagree on whether a byte order mark counts as a character.
    mark = len(text) - len(text.removeprefix("\ufeff"))
    try:
        value = _READERS[form](text[mark:])
    except RecursionError as error:
        raise CannotReadError(f"not usable {form.upper()}: nested too deeply") from error
    return _shifted(value, mark) if mark else value


def documents(text: str, form: Format) -> list[Value]:
    """The roots of all documents of a text, of which only YAML has several. Raises CannotReadError."""
    try:
        return [read(text, form)]
    except SeveralDocumentsError:
        return [_YamlReader(text).value(node, 0) for node in _yaml_documents(text)]


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal in a structured file, where `true` is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _shifted(value: Value, by: int) -> Value:
    entries = tuple(Entry(e.key, e.start + by, e.end + by, _shifted(e.value, by)) for e in value.entries)
    return replace(value, start=value.start + by, end=value.end + by, entries=entries)


# YAML


def _read_yaml(text: str) -> Value:
    if _too_deep(text):
        raise CannotReadError("not usable YAML: nested too deeply")
    nodes = _yaml_documents(text)
    if len(nodes) > 1:
        line = nodes[1].start_mark.line + 1
        raise SeveralDocumentsError(f"not YAML: line {line}: but found another document")
    return _YamlReader(text).value(nodes[0], 0) if nodes else Value("map", 0, 0)


class SeveralDocumentsError(CannotReadError):
    """The text is sound YAML, but of several documents, and a key path means one."""


def _yaml_documents(text: str) -> list[yaml.Node]:
    import yaml

    try:
        return [node for node in yaml.compose_all(text, Loader=_loader()) if node is not None]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise CannotReadError(f"not YAML: {where}{getattr(error, 'problem', None) or error}") from error


@lru_cache(maxsize=1)
def _loader() -> Any:
    """libyaml's parser where it is there, without the search for a tag at each node, a third of the time."""
    import yaml

    safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    scalar, mapping = yaml.ScalarNode, yaml.MappingNode

    class Loader(safe):  # type: ignore[misc]
        # Called at each node, before and after it, for nothing: what costs least there are functions of the language.
        descend_resolver, ascend_resolver = operator.is_, bool

        def resolve(self, kind: type[yaml.Node], _value: object, implicit: Any) -> str:
            if kind is scalar:
                return _UNRESOLVED if implicit[0] else "tag:yaml.org,2002:str"
            return "tag:yaml.org,2002:map" if kind is mapping else "tag:yaml.org,2002:seq"

    return Loader


# Of a plain scalar, whose tag its text tells: asked for where the value is. No tag in a document has a blank.
_UNRESOLVED = "not resolved"

_DEEPEST = 1000
_DASHES = re.compile(rf"(?:[-?][ \t]+){{{_DEEPEST}}}")


def _too_deep(text: str) -> bool:
    """Whether libyaml, which recurses without a limit, would take the whole process down."""
    if text.count("-") + text.count("?") >= _DEEPEST and _DASHES.search(text):
        return True
    if text.count("[") + text.count("{") < _DEEPEST:
        return False
    depths = accumulate(1 if bracket in "[{" else -1 for bracket in re.findall(r"[\[\]{}]", text))
    return max(depths) > _DEEPEST


# What may stand between one block item and the dash of the next.
_TO_DASH = re.compile(r"(?:\s++|#[^\n]*+|[&!]\S*+)*+(?=-)")


class _YamlReader:
    """Builds values from a node graph. `known` are those made already, by node: an alias costs nothing. `around`
    are the collections that the reader is in."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.known: dict[int, Value] = {}
        self.around: set[int] = set()

    def value(self, node: yaml.Node, floor: int) -> Value:
        """`floor` is where the value must begin at the least: a node that lies before it is an alias."""
        known = id(node)
        if known in self.around:
            raise CannotReadError("not usable YAML: an alias refers to a value that contains it")
        if node.start_mark.index < floor:
            return self._alias(node, floor)
        found = self.known[known] = self._new(node)
        return found

    def _alias(self, node: yaml.Node, floor: int) -> Value:
        # The anchor may stand on a key, which is no value of its own.
        target = self.known.get(id(node)) or self._new(node)
        at = self.text.index("*", floor)
        end = at + 1
        while end < len(self.text) and not self.text[end].isspace() and self.text[end] not in ",]}":
            end += 1
        return Value(target.kind, at, end, target.entries, target.scalar, alias=True)

    def _new(self, node: Any) -> Value:
        # Its kind of node is told by its `id`: an import here would take as long as the rest.
        start, end = node.start_mark.index, node.end_mark.index
        if node.id == "scalar":
            end = start + len(self.text[start:end].rstrip()) if node.style in ("|", ">") else end
            return Value("scalar", start, end, (), _yaml_scalar(node))
        self.around.add(id(node))
        kind: Literal["map", "seq"] = "map" if node.id == "mapping" else "seq"
        entries = self._keyed(node) if kind == "map" else self._listed(node)
        self.around.discard(id(node))
        flow = bool(node.flow_style)
        return Value(kind, start, end if flow or not entries else entries[-1].end, tuple(entries), flow=flow)

    def _keyed(self, node: yaml.MappingNode) -> list[Entry]:
        found: list[Entry] = []
        for key, child in node.value:
            begin, end = key.start_mark.index, key.end_mark.index
            value = self.value(child, end)
            name = key.value if key.id == "scalar" else self.text[begin:end]
            found.append(Entry(name, begin, max(value.end, end + 1), value))
        return found

    def _listed(self, node: yaml.SequenceNode) -> list[Entry]:
        found: list[Entry] = []
        position = node.start_mark.index
        for index, child in enumerate(node.value):
            value = self.value(child, position)
            # A block item begins at its dash, which the node graph does not record.
            dash = None if node.flow_style else _TO_DASH.match(self.text, position)
            found.append(Entry(str(index), dash.end() if dash else value.start, value.end, value))
            position = value.end
        return found


def _yaml_scalar(node: yaml.ScalarNode) -> Any:
    """The scalar's value under YAML 1.2's core idea of booleans: `on`, `yes` and the like stay words."""
    tag: str | None = node.tag
    text = node.value
    if tag == _UNRESOLVED:
        # Most plain words begin with a letter that no other type begins with.
        forms = _implicit().get(text[:1])
        tag = next((tag for tag, form in forms if form.match(text)), None) if forms else None
    if tag in (None, "tag:yaml.org,2002:str") or (
        tag == "tag:yaml.org,2002:bool" and text.lower() not in ("true", "false")
    ):
        return text
    import yaml

    node.tag = tag
    try:
        return _yaml_constructor().construct_object(node)
    except (yaml.YAMLError, ValueError):
        return text


@lru_cache(maxsize=1)
def _implicit() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """What a plain scalar may be, by its first character: tags with the form of their text."""
    import yaml

    return yaml.SafeLoader.yaml_implicit_resolvers


@lru_cache(maxsize=1)
def _yaml_constructor() -> Any:
    import yaml

    return yaml.constructor.SafeConstructor()


# JSON


def _read_json(text: str) -> Value:
    from syncfork.selectors.syntax import broken_nodes, parse

    root = parse(text, "json")
    broken = broken_nodes(root)
    values = [child for child in root.children() if child.kind() != "comment"]
    if broken or len(values) != 1:
        line = broken[0].range().start.line + 1 if broken else 1
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
    from syncfork.structured_toml import read_toml

    return read_toml(text)


_READERS: dict[Format, Callable[[str], Value]] = {"yaml": _read_yaml, "json": _read_json, "toml": _read_toml}
