"""`key:` finds values (or whole entries) in YAML, TOML and JSON by their path.

A path is made of steps joined by dots: `on`, `jobs.build.steps`, `jobs.*.runs-on`, `steps[0]`, `steps[*]`,
`steps[name=Build].run` (items that hold this value under that key), `"key.with.dots"`. A name, and a value under a key,
are also found below the `${{ if ... }}:` keys of an Azure pipeline.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct
from msgspec.structs import replace

from syncfork.parsing.structured import format_of, read, same
from syncfork.parsing.values import Entry, Format, Value
from syncfork.selectors.base import Finder, WrittenSelector
from syncfork.selectors.conditions import is_condition, items_of, keys_of
from syncfork.text import Document, Match
from syncfork.words import listed

_STEP = re.compile(
    r"""\.?(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<any>\*)|(?P<name>[^.\[\]"*]+)
    |\[(?:(?P<index>-?\d+)|(?P<each>\*)|(?P<field>[^=\]]+)=(?P<wanted>[^\]]*))\])""",
    re.VERBOSE,
)


class Step(Struct, frozen=True):
    """One step of a key path: a name, any entry (`*`), an index, or items holding `wanted` under `field`."""

    name: str | None = None
    index: int | None = None
    field: str | None = None
    wanted: str | None = None

    def choose(self, above: Entry) -> Iterator[Entry]:
        """The entries of the value of `above` that this step leads to."""
        value = above.value
        if self.index is not None:
            if value.kind == "seq" and -len(value.entries) <= self.index < len(value.entries):
                yield value.entries[self.index]
        elif self.field is not None:
            for entry in items_of(above):
                if any(e.key == self.field and str(e.value.plain()) == self.wanted for e in keys_of(entry)):
                    yield entry
        elif self.name is None:
            yield from value.entries
        elif value.kind == "map":
            entries = value.entries if is_condition(self.name) else keys_of(above)
            yield from (entry for entry in entries if entry.key == self.name)


def parse_path(path: str) -> tuple[Step, ...]:
    """The steps of a key path. Raises ValueError that says where the path stops making sense."""
    steps: list[Step] = []
    position = 0
    while position < len(path):
        found = _STEP.match(path, position)
        if not found:
            raise ValueError(f"not a key path: {path!r}, from {path[position:]!r} on")
        name = found["name"] if found["quoted"] is None else re.sub(r"\\(.)", r"\1", found["quoted"])
        index = int(found["index"]) if found["index"] else None
        steps.append(Step(name, index, found["field"], found["wanted"]))
        position = found.end()
    if not steps:
        raise ValueError("a key path needs at least one step")
    return tuple(steps)


def spell(steps: Sequence[Step]) -> str:
    """A key path as it is written."""
    return "".join(_spelled(step) for step in steps).removeprefix(".")


def _spelled(step: Step) -> str:
    if step.index is not None:
        return f"[{step.index}]"
    if step.field is not None:
        return f"[{step.field}={step.wanted}]"
    if step.name is None:
        return ".*"
    return (
        f".{step.name}"
        if re.fullmatch(r'[^.\[\]"*]+', step.name)
        else f".{json.dumps(step.name, ensure_ascii=False)}"
    )


def _checked_path(path: str) -> str:
    parse_path(path)
    return path


KeyPath = Annotated[
    str,
    _checked_path,
    Meta(description="A path such as `on`, `jobs.*.runs-on`, `steps[name=Build].run`, `list[0]`."),
]


class Key(WrittenSelector, frozen=True):
    """Every value at a key path, or with `entry` the key and its value together."""

    key: KeyPath
    format: Annotated[
        Format | None, Meta(description="Where the file's name does not tell: yaml, toml or json.")
    ] = None
    entry: Annotated[bool, Meta(description="Select the key together with its value.")] = False
    keys: Annotated[tuple[str, ...] | None, Meta(description="Only mappings with exactly these keys.")] = None
    only_keys: Annotated[
        tuple[str, ...] | None, Meta(description="Only mappings with no other keys than these.")
    ] = None
    equals: Annotated[Any, Meta(description="Only values equal to this one.")] = UNSET

    def finder(self) -> Finder:
        """See the base class."""
        wanted = () if self.equals is UNSET else (self.equals,)
        return KeyFinder(parse_path(self.key), self.format, self.entry, self.keys, self.only_keys, wanted)

    def by_place(self) -> bool:
        """See the base class."""
        return self.keys is None and self.only_keys is None and self.equals is UNSET

    def label(self) -> str:
        """See the base class."""
        return f"the key {self.key!r}"


class KeyFinder(Struct, frozen=True):
    """The compiled form of `Key`; captures the last key as `key` and a scalar's value as `value`.

    An entry with a key of its own is named by it: then that is `name` too.
    """

    steps: tuple[Step, ...]
    form: Format | None = None
    entry: bool = False
    keys: tuple[str, ...] | None = None
    only_keys: tuple[str, ...] | None = None
    equals: tuple[Any, ...] = ()

    def __call__(self, document: Document) -> list[Match]:
        """See `Finder`."""
        return [match for match in self._places(document) if "unlike" not in match.groups]

    def left_out(self, document: Document) -> list[Match]:
        """What is at the path and not found, each with why as `unlike`; see `Finder`."""
        return [match for match in self._places(document) if "unlike" in match.groups]

    def _places(self, document: Document) -> list[Match]:
        """All that the path leads to."""
        root = self.root(document)
        found = []
        parents = enumerate(entries_at(root, self.steps[:-1]))
        for among, entry in ((n, entry) for n, above in parents for entry in _below(above, self.steps[-1])):
            value = entry.value
            groups = {"key": entry.key, **({"value": str(value.scalar)} if value.kind == "scalar" else {})}
            if unlike := self._unlike(value):
                groups["unlike"] = unlike
            where = self._where(entry)
            if where is entry and not _is_item(document.text, entry):
                groups["name"] = entry.key
            found.append(Match(where.start, where.end, groups, entry.aliased, among))
        # A value that is reached through an anchor and through its alias is still one place in the text, its own.
        places: dict[tuple[int, int], Match] = {}
        for match in found:
            if not match.aliased or (match.start, match.end) not in places:
                places[match.start, match.end] = match
        return list(places.values())

    def _where(self, entry: Entry) -> Entry | Value:
        """What is selected of an entry. An item that a condition holds has no dash of its own, and the `else` behind it
        needs the condition."""
        branch = self.steps[-1].field is not None and is_condition(entry.key)
        return entry if self.entry and not branch else entry.value

    def _unlike(self, value: Value) -> str:
        """Why this is no value that is looked for; empty where it is one."""
        held = {entry.key for entry in value.entries} if value.kind == "map" else None
        if self.keys is not None and held != set(self.keys):
            return f"{_holding(value, ())}: it has to hold exactly the keys {_named(self.keys)}"
        if self.only_keys is not None and (held is None or not held <= set(self.only_keys)):
            return f"{_holding(value, self.only_keys)}: it may only hold the keys {_named(self.only_keys)}"
        if self.equals and not same(value.plain(), self.equals[0]):
            return f"is not {self.equals[0]!r}"
        return ""

    def entries(self, document: Document, matches: Iterable[Match]) -> list[Entry]:
        """The entries that `matches` of this finder were made of."""
        spans = {(match.start, match.end) for match in matches}
        places = ((self._where(e), e) for e in entries_at(self.root(document), self.steps))
        return [entry for where, entry in places if (where.start, where.end) in spans]

    def root(self, document: Document) -> Value:
        """The document's root value. Raises CannotReadError."""
        return read(document.text, self.format_of(document))

    def format_of(self, document: Document) -> Format:
        """The format that was given, else that of the document's name. Raises CannotReadError."""
        return self.form or format_of(document)


def _holding(value: Value, known: Collection[str]) -> str:
    """What a value is, or of its keys those that are not `known`."""
    if value.kind != "map":
        return "is a list" if value.kind == "seq" else "is a single value"
    others = [entry.key for entry in value.entries if entry.key not in known]
    return f"holds {_named(list(dict.fromkeys(others)))}" if others else "holds nothing"


def _named(keys: Sequence[str]) -> str:
    return listed([repr(key) for key in keys], 5)


def _is_item(text: str, entry: Entry) -> bool:
    """True for a list's item, False for a key with its value."""
    dash = text[entry.start : entry.start + 1] == "-" and not text[entry.start + 1 : entry.start + 2].strip()
    return dash or (entry.start == entry.value.start and entry.key.isdigit())


def entries_at(root: Value, steps: tuple[Step, ...]) -> list[Entry]:
    """The entries that a path leads to, in the order of the text; a repeated key gives several."""
    level = [Entry("", root.start, root.end, root)]
    for step in steps:
        level = [entry for above in level for entry in _below(above, step)]
    return level


def _below(above: Entry, step: Step) -> Iterator[Entry]:
    aliased = above.aliased or above.value.alias
    for entry in step.choose(above):
        yield replace(entry, aliased=True) if aliased else entry
