"""What is wrong in a rule file or `syncfork.toml`, each mistake with its line and key, in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from syncfork.parsing.values import Value
from syncfork.rules.convert import Mistake

_LINE = re.compile(r"(?:, |: | \(at )line (\d+)(?:, column \d+\)|:)?")


def mistakes(name: str, text: str, root: Value, found: Iterable[Mistake]) -> list[str]:
    """What is wrong with the data of the file `name`, as `file:line: key: what was expected`, by line."""
    told = ((_offset(root, item.keys), item) for item in found)
    lines = (
        (at, f"{name}:{_line(text, at)}: {'.'.join(item.keys) or 'the file'}: {item.said}{item.given}")
        for at, item in told
    )
    return [line for _, line in sorted(lines)]


def unreadable(name: str, text: str, message: str) -> str:
    """A parser's message about the whole file, with its line in the place where all others have theirs."""
    found = _LINE.search(message)
    if not found:
        at_end = "at end of document" in message
        return f"{name}:{max(1, len(text.splitlines())) if at_end else 1}: {message}"
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


def _offset(root: Value, keys: Iterable[str]) -> int:
    """Where the last of `keys` begins that the file has on this way."""
    value, start = root, 0
    for key in keys:
        entry = next((entry for entry in reversed(value.entries) if entry.key == key), None)
        if entry is None:
            break
        value, start = entry.value, entry.start
    return start


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
