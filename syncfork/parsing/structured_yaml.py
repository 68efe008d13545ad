"""YAML as the tree of `syncfork.parsing.structured`, from PyYAML's node graph."""

from __future__ import annotations

import operator
import re
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal

from syncfork.errors import CannotReadError
from syncfork.parsing.values import Entry, SeveralDocumentsError, Value

if TYPE_CHECKING:
    import yaml


def read_yaml(text: str) -> Value:
    """The root value of a YAML text. Raises CannotReadError where it does not parse, or has several documents."""
    if _too_deep(text):
        raise CannotReadError("not usable YAML: nested too deeply")
    nodes = _nodes(text)
    if len(nodes) > 1:
        line = nodes[1].start_mark.line + 1
        raise SeveralDocumentsError(f"not YAML: line {line}: but found another document")
    return _Reader(text).value(nodes[0], 0) if nodes else Value("map", 0, 0)


def read_documents(text: str) -> list[Value]:
    """The roots of all documents of a YAML text. Raises CannotReadError."""
    return [_Reader(text).value(node, 0) for node in _nodes(text)]


def _nodes(text: str) -> list[yaml.Node]:
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


class _Reader:
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
            return Value("scalar", start, end, (), _scalar(node))
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


def _scalar(node: yaml.ScalarNode) -> Any:
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
        return _constructor().construct_object(node)
    except (yaml.YAMLError, ValueError):
        return text


@lru_cache(maxsize=1)
def _implicit() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """What a plain scalar may be, by its first character: tags with the form of their text."""
    import yaml

    return yaml.SafeLoader.yaml_implicit_resolvers


@lru_cache(maxsize=1)
def _constructor() -> Any:
    import yaml

    return yaml.constructor.SafeConstructor()
