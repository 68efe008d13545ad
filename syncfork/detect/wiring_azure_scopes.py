"""The parts of an Azure pipeline's file in which variables hold: the file, its stages, its jobs."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from syncfork.detect.pipelines import root_of
from syncfork.detect.wiring import Facts, as_pattern, get, text_of
from syncfork.detect.wiring_azure import azure, branches
from syncfork.parsing.values import Entry, Value
from syncfork.text import Document

Kind = Literal["file", "stage", "job"]
# Each stands in one before it only.
LEVELS: tuple[Kind, ...] = ("file", "stage", "job")


class Pool(Struct, frozen=True):
    """The agents that a file, stage or job names, and the line; `written` tells all of it, or has an expression."""

    written: str
    path: str
    line: int


class Scope(Struct, frozen=True):
    """A file, stage or job: what it has itself, without the stages and jobs in it (`inner`)."""

    kind: Kind
    name: str
    facts: Facts
    pool: Pool | None
    inner: tuple[Scope, ...]


@lru_cache(maxsize=512)
def scope_of(document: Document) -> Scope:
    """The scopes of a pipeline or template; an empty one where it cannot be read."""
    root = root_of(document)
    return _scope(document, root, "file", "") if root else Scope("file", "", Facts(document), None, ())


def _scope(document: Document, value: Value, kind: Kind, name: str) -> Scope:
    inner: list[Value] = []
    facts, rest = Facts(document), _cut(value, inner)
    azure(facts, rest)
    within = tuple(_scope(document, each, *named) for each in inner if (named := _named(each)))
    return Scope(kind, name, facts, _pool(facts, rest), within)


def _pool(facts: Facts, value: Value) -> Pool | None:
    pools = [entry.value for entry in branches(value) if entry.key == "pool"]
    if not pools:
        return None
    given = list(branches(pools[0])) or [Entry("name", pools[0].start, pools[0].end, pools[0])]
    known = len(pools) == 1 and len(given) == len({entry.key for entry in given})
    # Of branches, which one is taken is not known.
    written = (
        ", ".join(f"{entry.key}: {entry.value.plain()}" for entry in given) if known else "${{ if }}: ..."
    )
    return Pool(written, facts.document.path, facts.line(pools[0].start))


def _named(value: Value) -> tuple[Kind, str] | None:
    """Whether a map is a stage or a job, and its name."""
    for key, kind in _KINDS.items():
        if given := get(value, key):
            return kind, as_pattern(text_of(given))
    return None


_KINDS: dict[str, Kind] = {"stage": "stage", "job": "job", "deployment": "job"}


def _cut(value: Value, inner: list[Value]) -> Value:
    """The value without the stages and jobs that it lists, which go into `inner`.

    What a template is passed is left: where it stands in the end, only the template tells.
    """
    kept = []
    for entry in value.entries:
        listed = value.kind == "seq" and not entry.value.alias and _named(entry.value)
        if listed:
            inner.append(entry.value)
        elif entry.value.alias or (value.kind == "map" and entry.key == "parameters"):
            kept.append(entry)
        else:
            kept.append(replace(entry, value=_cut(entry.value, inner)))
    return replace(value, entries=tuple(kept))
