"""How a YAML file is laid out, and values written so: how far a mapping or a list stands behind its key."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from syncfork.parsing.values import Entry, Value
from syncfork.text import Document

_LINE_ENDS = {0x85: "\\N", 0x2028: "\\L", 0x2029: "\\P"}


class Layout(Struct, frozen=True):
    """By how many columns what a key holds stands behind the key: a mapping, and the dashes of a list."""

    mapping: int = 2
    list: int = 0

    def lines(self, value: Any) -> Iterator[str]:
        """A value in block style."""
        if isinstance(value, dict) and value:
            for key, held in value.items():
                yield from self._pair(yaml_line(key), held)
        elif isinstance(value, list) and value:
            for item in value:
                first, *others = self.lines(item)
                yield f"- {first}"
                yield from (f"  {line}" for line in others)
        else:
            yield yaml_line(value)

    def behind(self, value: Any) -> int:
        """How far a value stands behind the key that holds it."""
        return self.list if isinstance(value, list) else self.mapping

    def _pair(self, key: str, held: Any) -> Iterator[str]:
        if isinstance(held, dict | list) and held:
            yield f"{key}:"
            yield from (" " * self.behind(held) + line for line in self.lines(held))
        else:
            # A key without a value reads better than `key: null`, and it is how workflow files write it.
            yield f"{key}:" if held is None else f"{key}: {yaml_line(held)}"


def layout_of(document: Document, root: Value, old: Entry | None = None) -> Layout:
    """The layout of the entry `old`, as far as that shows it; else that of most of the file."""
    own = _most(document, [old]) if old and not old.aliased else {}
    return Layout(**(_most(document, root.entries if root.kind == "map" else _listed(root)) | own))


def _most(document: Document, entries: Iterable[Entry]) -> dict[str, int]:
    """The commonest distance of each kind, if there is one."""
    counts: dict[str, Counter[int]] = {}
    for kind, distance in _distances(document, entries):
        counts.setdefault(kind, Counter())[distance] += 1
    return {kind: count.most_common(1)[0][0] for kind, count in counts.items()}


def _distances(document: Document, entries: Iterable[Entry]) -> Iterator[tuple[str, int]]:
    """How far each block collection stands behind its key; `entries` are those of mappings."""
    for entry in entries:
        held = entry.value
        if held.alias or held.flow or not held.entries:
            continue
        first = held.entries[0].start
        if "\n" in document.text[entry.start : first]:
            distance = _column(document, first) - _column(document, entry.start)
            # Behind a key with a `?` of its own nothing is said of others.
            if distance >= (held.kind == "map"):
                yield "mapping" if held.kind == "map" else "list", distance
        yield from _distances(document, held.entries if held.kind == "map" else _listed(held))


def _listed(held: Value) -> list[Entry]:
    """The entries of the mappings in a list, and in the lists in it."""
    found: list[Entry] = []
    for item in held.entries:
        if not item.value.alias:
            found += item.value.entries if item.value.kind == "map" else _listed(item.value)
    return found


def _column(document: Document, offset: int) -> int:
    start = document.line_start(offset)
    return offset - start - (document.text[start : start + 1] == "\ufeff")


def yaml_line(value: Any) -> str:
    """A value on one line."""
    import yaml

    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**6)
    line = text.removesuffix("...\n").rstrip("\n")
    # What YAML would fold over several lines is written in JSON, a part of YAML but for the line ends it has besides.
    return json.dumps(value, ensure_ascii=False, default=str).translate(_LINE_ENDS) if "\n" in line else line
