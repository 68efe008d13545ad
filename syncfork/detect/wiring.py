"""The names inside one pipeline file: what it declares, what it uses, and where a use must be declared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from msgspec import Struct, field

from syncfork.detect.searching import line_numbers
from syncfork.parsing.values import Entry, Value
from syncfork.text import Document

# Where a name must be declared: in the same file, in any file of the same pipeline, for the job that it is used in (in
# the pipeline, where it is in none), anywhere, or in the called file.
Reach = Literal["file", "pipeline", "job", "everywhere", "called"]


class Name(NamedTuple):
    """A name of a kind. `scope` is the part of the file it belongs to, such as a job; empty for all of it."""

    kind: str
    scope: str
    name: str

    @property
    def required(self) -> str:
        """What every call of the file must pass, such as an input; empty for a name of any other kind."""
        return self.kind.removeprefix("required ") if self.kind.startswith("required ") else ""


class Use(NamedTuple):
    """A name used at a line (from 1), in the letters it is `written` in; `called` is the file that must declare it."""

    name: Name
    line: int
    written: str
    reach: Reach = "file"
    called: str = ""
    certain: bool = True

    @property
    def key(self) -> str:
        """What tells a finding about it from others."""
        return f"{self.name.kind} {self.name.scope} {self.name.name} {self.called}"


class Call(Struct, frozen=True):
    """A call of another file with the names of what it passes, and whether those are all."""

    called: str
    line: int
    passed: frozenset[str]
    certain: bool = True


class Facts(Struct, dict=True):
    """What one file declares (with the line), uses, calls and belongs together with (`links`).

    `unknown` tells, for a kind of name, whence more names may come that no text here shows; `expressions` are the texts
    with where they begin, in their order.
    """

    document: Document
    declared: dict[Name, int] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    unknown: set[tuple[str, str]] = field(default_factory=set)
    expressions: Sequence[tuple[int, str]] = ()

    @cached_property
    def patterns(self) -> list[Name]:
        """The declared names that are only partly known."""
        return [name for name in self.declared if "*" in name.name]

    def declares(self, name: Name) -> bool:
        """Whether the name is declared here; of some kinds also where only a part of either name is known."""
        if name in self.declared:
            return True
        loose = name.kind in ("artifact", "stage", "job", "stage or job", "variable")
        others = self.declared if "*" in name.name else self.patterns
        return loose and any(
            other.kind == name.kind and other.scope == name.scope and may_be(other.name, name.name)
            for other in others
        )

    def written(self, name: Name) -> str:
        """A declared name in the letters of its line: names that differ in case may be one."""
        line = self._lines[self.declared[name] - 1]
        found = re.search(rf"(?<![\w.-]){re.escape(name.name)}(?![\w.-])", line, re.IGNORECASE)
        return found[0] if found else name.name

    @cached_property
    def _lines(self) -> list[str]:
        return self.document.text.split("\n")

    def line(self, offset: int) -> int:
        """The line, from 1, of a character."""
        return _lines_of(self.document.text)(offset)

    def declare(self, kind: str, scope: str, name: str, at: int) -> None:
        """Note a declaration at the character `at`; the first one counts."""
        self.declared.setdefault(Name(kind, scope, name), self.line(at))

    def use(
        self, name: Name, at: int, written: str, reach: Reach = "file", called: str = "", certain: bool = True
    ) -> None:
        """Note a use at the character `at`."""
        self.uses.append(Use(name, self.line(at), written, reach, called, certain))


@lru_cache(maxsize=8)
def _lines_of(text: str) -> Callable[[int], int]:
    """A file of thousands of jobs has facts for each of them."""
    return line_numbers(text)


def get(value: Value | None, key: str) -> Value | None:
    """The value under a key of a map, the last where it is repeated."""
    for entry in value.entries[::-1] if value and value.kind == "map" else ():
        if entry.key == key:
            return entry.value
    return None


def keyed(value: Value | None) -> tuple[Entry, ...]:
    """The entries of a map; none for anything else."""
    return value.entries if value and value.kind == "map" else ()


def items(value: Value | None) -> list[Value]:
    """The items of a list; a lone word counts as a list of one."""
    if value is None:
        return []
    if value.kind == "seq":
        return [entry.value for entry in value.entries]
    return [value] if value.kind == "scalar" and value.scalar is not None else []


def text_of(value: Value | None) -> str:
    """A scalar as text; empty for anything else."""
    return str(value.scalar) if value and value.kind == "scalar" and value.scalar is not None else ""


_LONGEST_NAME = 500
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}|\$\(.*?\)|\$\[.*?\]|\$\{?\w+\}?", re.DOTALL)


def expressions(text: str) -> Iterator[tuple[int, str]]:
    """What stands between `${{` and `}}`, with where it begins. Searched, not matched: upstream's text may be long."""
    start = text.find("${{")
    while start >= 0 and (end := text.find("}}", start)) >= 0:
        yield start + 3, text[start + 3 : end]
        start = text.find("${{", end)


def as_pattern(text: str) -> str:
    """The text with a star for every part that is only known at run time."""
    if len(text) > _LONGEST_NAME:
        return "*"
    return re.sub(r"\*+", "*", _EXPRESSION.sub("*", text))


def may_be(declared: str, used: str) -> bool:
    """Whether two texts with stars may stand for the same name."""
    if declared == used:
        return True
    if "*" not in declared and "*" not in used:
        return False
    heads = declared.partition("*")[0], used.partition("*")[0]
    if ("*" not in declared and not declared.startswith(heads[1])) or (
        "*" not in used and not used.startswith(heads[0])
    ):
        return False
    return heads[0].startswith(heads[1]) or heads[1].startswith(heads[0])
