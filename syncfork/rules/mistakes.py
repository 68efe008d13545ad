"""What is wrong in a rule file or `syncfork.toml`, each mistake with its line and key, in plain words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from pydantic import ValidationError

from syncfork.structured import Value

# pydantic's kinds of errors, in words that do not need Python to be understood.
_WORDS = {
    "missing": "this key is missing",
    "extra_forbidden": "this key is not known here",
    "tuple_type": "expected a list",
    "string_type": "expected a text",
    "model_type": "expected a mapping",
    "model_attributes_type": "expected a mapping",
    "bool_parsing": "expected true or false",
    "bool_type": "expected true or false",
    "int_parsing": "expected a whole number",
    "int_type": "expected a whole number",
    "int_from_float": "expected a whole number",
    "dict_type": "expected a mapping",
    "too_short": "expected at least one item",
    "string_too_short": "expected a text of at least {min_length} characters",
    "string_pattern_mismatch": "expected a text of the form {pattern}",
    "greater_than_equal": "expected {ge} or more",
    "literal_error": "expected {expected}",
}
_DATE = "expected a date such as 2030-12-31"
_LINE = re.compile(r"(?:, |: | \(at )line (\d+)(?:, column \d+\)|:)?")


class _Placed(Struct, frozen=True):
    """A mistake: the keys that lead to it, its offset, and what it says.

    `unions` names the unions on the way, each by the keys that lead there and the branch that was tried.
    """

    keys: tuple[str, ...]
    offset: int
    unions: tuple[tuple[tuple[str, ...], str], ...]
    kind: str
    message: str
    given: Any


def mistakes(name: str, text: str, root: Value, error: ValidationError) -> list[str]:
    """pydantic's errors about the file `name`, as `file:line: key: what was expected`."""
    placed = [_place(root, detail) for detail in error.errors(include_url=False)]
    lines = [(item.offset, _told(name, text, item)) for item in _settled(placed)]
    return [line for _, line in sorted(lines)]


def unreadable(name: str, message: str) -> str:
    """A parser's message about the whole file, with its line in the place where all others have theirs."""
    found = _LINE.search(message)
    if not found:
        return f"{name}:1: {message}"
    said = message[: found.start()] + (":" if found[0].endswith(":") else "") + message[found.end() :]
    return f"{name}:{found[1]}: {said}"


def repeated(name: str, text: str, root: Value) -> list[str]:
    """The keys that stand more than once in one mapping: a plain load would keep the last in silence."""
    return [f"{name}:{_line(text, at)}: {key}: this key is repeated" for key, at in _repeated(root, "")]


def _repeated(value: Value, prefix: str) -> Iterator[tuple[str, int]]:
    seen: set[str] = set()
    for entry in value.entries:
        path = f"{prefix}.{entry.key}" if prefix else entry.key
        if value.kind == "map" and entry.key in seen:
            yield path, entry.start
        seen.add(entry.key)
        if not entry.value.alias:
            yield from _repeated(entry.value, path)


def _place(root: Value, detail: Mapping[str, Any]) -> _Placed:
    """Follow an error's location as far as the file has it; what it has not is the name of a union's branch."""
    value, start = root, 0
    keys: list[str] = []
    unions: list[tuple[tuple[str, ...], str]] = []
    location = [str(part) for part in detail["loc"]]
    for number, part in enumerate(location):
        here = {entry.key: entry for entry in value.entries}
        rest = location[number + 1 :]
        # A step's kind is the name of one of its keys: it is skipped where the way goes on beside that key.
        tag = (
            bool(rest)
            and rest[0] in here
            and rest[0] not in {e.key for e in getattr(here.get(part), "value", value).entries}
        )
        if part in here and not tag:
            value, start = here[part].value, here[part].start
            keys.append(part)
        elif detail["type"] == "missing" and not rest:
            keys.append(part)
        else:
            unions.append((tuple(keys), part))
    return _Placed(tuple(keys), start, tuple(unions), detail["type"], _message(detail), detail["input"])


def _message(detail: Mapping[str, Any]) -> str:
    kind = detail["type"]
    if kind.startswith("date"):
        return _DATE
    words = _WORDS.get(kind)
    return words.format(**detail.get("ctx", {})) if words else detail["msg"].removeprefix("Value error, ")


def _settled(placed: Iterable[_Placed], level: int = 0) -> Iterator[_Placed]:
    """The mistakes, but of each union only those of the branch that comes closest to what was written."""
    unions: dict[tuple[str, ...], list[_Placed]] = {}
    for item in placed:
        if len(item.unions) > level:
            unions.setdefault(item.unions[level][0], []).append(item)
        else:
            yield item
    for keys, items in unions.items():
        branches: dict[str, list[_Placed]] = {}
        for item in items:
            branches.setdefault(item.unions[level][1], []).append(item)
        misfits = [group for group in branches.values() if any(item.keys == keys for item in group)]
        if len(branches) > 1 and len(misfits) == len(branches):
            yield _joined(items)
        else:
            fitting = [group for group in branches.values() if group not in misfits] or misfits
            closest = min(fitting, key=_distance)
            yield from _settled(closest, level + 1)


def _distance(group: Sequence[_Placed]) -> tuple[bool, int]:
    return any(item.kind == "missing" for item in group), len(group)


def _joined(items: Sequence[_Placed]) -> _Placed:
    said = dict.fromkeys(item.message.removeprefix("expected ") for item in items)
    return replace(items[0], message=f"expected {', or '.join(said)}")


def _told(name: str, text: str, item: _Placed) -> str:
    hidden = isinstance(item.given, dict | list) or item.kind in ("missing", "extra_forbidden", "value_error")
    shown = "" if hidden else f", not {json.dumps(item.given, default=str, ensure_ascii=False)}"
    return f"{name}:{_line(text, item.offset)}: {'.'.join(item.keys) or 'the file'}: {item.message}{shown}"


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
