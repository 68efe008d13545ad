"""A structured file in its four versions, aligned: the same key or list item on all sides is one path.

Items of a list are known by what names them (`name`, `id`, ...), never by their index; what nothing names, or
what a name stands for twice, is only counted by its content. Where the merged text is the plain outcome of both
sides, nothing is looked at further.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from msgspec import Struct, field

from syncfork.parsing.values import Entry, Value

BASE, OURS, THEIRS, MERGED = range(4)

Path = tuple[str, ...]
Spans = tuple[Entry | None, ...]
Content = str | int | None

# What names an item in the lists of pipelines, hooks and manifests; the first that an item has counts.
_NAMES = (
    *("name", "id", "key", "repository", "repo", "parameter", "job", "deployment", "stage", "step", "group"),
    *("displayName", "task", "template", "uses"),
)
# What an item does, where nothing names it: a text of one line.
_DOES = ("script", "bash", "pwsh", "powershell", "run")
# Of these the version after the `@` is no part of the name.
_VERSIONED = frozenset(["task", "uses"])


class Leaf(Struct, frozen=True):
    """What stands at a path in base, ours, theirs and merged: a value as text, None where there is none, or,
    if `counted`, how often this content stands there."""

    path: Path
    values: tuple[Content, ...]
    counted: bool = False

    def expected(self) -> tuple[Content, ...]:
        """What a merge by key may leave here; nothing where both sides changed it, each in its own way."""
        base, ours, theirs, _ = self.values
        if isinstance(base, int) and isinstance(ours, int) and isinstance(theirs, int):
            return (*_merged(base, ours, theirs), max(0, ours + theirs - base))
        return _merged(base, ours, theirs)

    @property
    def wrong(self) -> bool:
        """True where the merged text has what a merge by key cannot have left."""
        return self.values[MERGED] not in (self.expected() or self.values[:MERGED])


def _merged(base: Content, ours: Content, theirs: Content) -> tuple[Content, ...]:
    if ours == base:
        return (theirs,)
    return (ours,) if base == theirs or ours == theirs else ()


class Aligned(Struct):
    """The paths at which the merged text is not plainly what both sides make together.

    `nodes` tells where each path stands on each side, `children` what is below it, in order. `doubles` are list
    items that each side added or moved, so that the merged text has both.
    """

    texts: Sequence[str]
    tables: bool
    nodes: dict[Path, Spans] = field(default_factory=dict)
    children: dict[Path, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    leaves: dict[Path, Leaf] = field(default_factory=dict)
    doubles: list[tuple[Path, Entry, Entry]] = field(default_factory=list)

    def stands(self, path: Path, side: int) -> bool:
        """Whether `side` has `path`."""
        found = self.nodes.get(path)
        return found is not None and found[side] is not None

    def walk(self, path: Path, spans: Spans) -> None:
        """Align what is at and below `path`."""
        self.nodes[path] = spans
        contents = [self._content(entry.value, n) if entry else None for n, entry in enumerate(spans)]
        if contents[MERGED] in _merged(*contents[:MERGED]):
            return
        values = [entry.value if entry else None for entry in spans]
        kinds = {"scalar" if value.alias else value.kind for value in values if value}
        if kinds == {"map"}:
            self._below(path, _named([_chained(self._keys(value)) for value in values]))
        elif kinds == {"seq"}:
            items = _told_apart([_items(value) for value in values])
            self.doubles += (((*path, name), *both) for name, both in _doubles(items))
            self._below(path, _named(items))
        elif kinds == {"scalar"} and any(_several(value) for value in values):
            for found in self._lines(path, spans):
                self.leaves[found.path] = found
        else:
            known = tuple(
                canonical(value, self.texts[n]) if value else None for n, value in enumerate(values)
            )
            self.leaves[path] = Leaf(path, known)

    def _content(self, value: Value, side: int) -> str:
        # The span of a TOML table does not hold the tables below it.
        return (
            canonical(value, self.texts[side]) if self.tables else self.texts[side][value.start : value.end]
        )

    def _keys(self, value: Value | None) -> list[Entry]:
        if value is None or not self.tables:
            return list(value.entries) if value else []
        # Dotted keys and tables of one prefix are one table.
        found: dict[str, Entry] = {}
        for entry in value.entries:
            first = found.get(entry.key)
            if first and first.value.kind == entry.value.kind == "map":
                both = first.value.entries + entry.value.entries
                body = Value("map", first.value.start, first.value.end, both, flow=first.value.flow)
                entry = Entry(entry.key, first.start, first.end, body)
            found[entry.key] = entry
        return list(found.values())

    def _below(self, path: Path, sides: list[list[tuple[str | None, Entry]]]) -> None:
        """Walk the children; those without a name of their own are counted by content."""
        spans: dict[str, list[Entry | None]] = {}
        counts: dict[str, list[int]] = {}
        order: list[tuple[str, ...]] = []
        for side, found in enumerate(sides):
            names = []
            for name, entry in found:
                step = name or f"[{canonical(entry.value, self.texts[side])}]"
                if name is None:
                    step = step if entry.key.isdigit() else f"{entry.key}{step}"
                    counts.setdefault(step, [0] * 4)[side] += 1
                place = spans.setdefault(step, [None] * 4)
                place[side] = place[side] or entry
                names.append(step)
            order.append(tuple(names))
        self.children[path] = tuple(order)
        for step, place in spans.items():
            if step in counts:
                self.nodes[(*path, step)] = tuple(place)
                self._count((*path, step), counts[step])
            else:
                self.walk((*path, step), tuple(place))

    def _count(self, path: Path, counts: Sequence[int]) -> None:
        self.leaves[path] = Leaf(path, tuple(counts), counted=True)

    def _lines(self, path: Path, spans: Spans) -> Iterator[Leaf]:
        """A text of several lines, such as a script, is counted line by line."""
        texts = [_text_of(entry.value) if entry else [] for entry in spans]
        steps = [tuple(f"|{line}" for line in lines) for lines in texts]
        self.children[path] = tuple(steps)
        counts = [Counter(lines) for lines in steps]
        for step in dict.fromkeys(step for lines in steps for step in lines):
            below = (*path, step)
            self.nodes[below] = tuple(entry if step in counts[n] else None for n, entry in enumerate(spans))
            yield Leaf(below, tuple(count[step] for count in counts), counted=True)


def align(texts: Sequence[str], roots: Sequence[Value], tables: bool) -> Aligned:
    """Base, ours, theirs and merged, aligned. `tables` for TOML."""
    found = Aligned(texts, tables)
    found.walk((), tuple(Entry("", root.start, root.end, root) for root in roots))
    return found


def canonical(value: Value, text: str) -> str:
    """A value as text that is equal where the values are equal; an alias is its name."""
    if value.alias:
        return text[value.start : value.end]
    if value.kind == "scalar":
        return f"{value.scalar!r}"
    if value.kind == "map":
        return "{" + ", ".join(f"{e.key}: {canonical(e.value, text)}" for e in value.entries) + "}"
    return "[" + ", ".join(canonical(entry.value, text) for entry in value.entries) + "]"


def _several(value: Value | None) -> bool:
    return value is not None and isinstance(value.scalar, str) and "\n" in value.scalar.strip()


def _text_of(value: Value) -> list[str]:
    return [line.strip() for line in str(value.scalar).split("\n") if line.strip()]


def is_template(key: str) -> bool:
    """Whether a key is an expression of a template language, such as `${{ if ... }}`, which may repeat."""
    return key.startswith(("${{", "{{", "{%"))


def _chained(entries: list[Entry]) -> list[tuple[str | None, Entry]]:
    """Entries by key; an `else` belongs to the `if` before it."""
    found: list[tuple[str | None, Entry]] = []
    condition = ""
    for entry in entries:
        compact = entry.key.replace(" ", "")
        condition = entry.key if compact.startswith("${{if") else condition
        found.append((f"{entry.key} of {condition}" if compact.startswith("${{else") else entry.key, entry))
    return found


def _items(value: Value | None) -> list[tuple[str | None, Entry]]:
    entries = value.entries if value else ()
    lone = [entry.value.entries[0] if _conditional(entry.value) else None for entry in entries]
    chained = iter(_chained([entry for entry in lone if entry]))
    return [
        (f"[{next(chained)[0]}]" if inner else _identity(entry.value), entry)
        for entry, inner in zip_longest(entries, lone)
        if entry
    ]


def _told_apart(sides: list[list[tuple[str | None, Entry]]]) -> list[list[tuple[str | None, Entry]]]:
    """Items under one and the same condition, each known by the first thing that it puts in."""
    twice = _twice(sides)

    def name_of(name: str | None, entry: Entry) -> str | None:
        inner = entry.value.entries[0].value if name in twice and _conditional(entry.value) else None
        first = _identity(inner.entries[0].value) if inner and inner.kind == "seq" and inner.entries else None
        return f"{name}{first}" if first else name

    return [[(name_of(name, entry), entry) for name, entry in found] for found in sides] if twice else sides


def _conditional(value: Value) -> bool:
    return value.kind == "map" and len(value.entries) == 1 and is_template(value.entries[0].key)


def _identity(item: Value) -> str | None:
    if item.kind != "map" or item.alias:
        return None
    named = {entry.key: entry.value for entry in item.entries if entry.value.kind == "scalar"}
    key = next((key for key in (*_NAMES, *_DOES) if key in named), None)
    if key is None or named[key].scalar is None or _several(named[key]):
        return None
    text = str(named[key].scalar)
    return f"[{key}={text.partition('@')[0] if key in _VERSIONED else text}]"


def _named(sides: list[list[tuple[str | None, Entry]]]) -> list[list[tuple[str | None, Entry]]]:
    """Names that a side has twice are no names."""
    twice = _twice(sides)
    return [[(None if name in twice else name, entry) for name, entry in found] for found in sides]


def _twice(sides: list[list[tuple[str | None, Entry]]]) -> set[str | None]:
    counts = [Counter(name for name, _ in found) for found in sides]
    return {name for count in counts for name, times in count.items() if times > 1}


def _doubles(sides: list[list[tuple[str | None, Entry]]]) -> Iterator[tuple[str, tuple[Entry, Entry]]]:
    counts = [Counter(name for name, _ in found) for found in sides]
    for name, times in counts[MERGED].items():
        if name and times == 2 and [count[name] for count in counts[:MERGED]] in ([0, 1, 1], [1, 1, 1]):
            first, second = (entry for step, entry in sides[MERGED] if step == name)
            yield name, (first, second)


def shown(path: Path) -> str:
    """A path as people write it."""
    text, before = "", ""
    for step in path:
        # A condition is the name of its item, and the one key in it.
        known = is_template(step) and before.startswith(f"[{step}")
        before = step
        if known:
            continue
        text += step if step.startswith("[") or not text else f".{step}"
    return text or "the top level"
