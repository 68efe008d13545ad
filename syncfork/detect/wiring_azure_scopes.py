"""The parts of an Azure pipeline's file in which variables hold: the file, its stages, its jobs."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from syncfork.detect.pipelines import root_of
from syncfork.detect.wiring import Facts, as_pattern, get, text_of
from syncfork.detect.wiring_azure import azure
from syncfork.structured import Value
from syncfork.text import Document

Kind = Literal["file", "stage", "job"]


class Scope(Struct, frozen=True):
    """A file, stage or job: what it has itself, without the stages and jobs in it (`inner`)."""

    kind: Kind
    name: str
    facts: Facts
    inner: tuple[Scope, ...]


@lru_cache(maxsize=512)
def scope_of(document: Document) -> Scope:
    """The scopes of a pipeline or template; an empty one where it cannot be read."""
    root = root_of(document)
    return _scope(document, root, "file", "") if root else Scope("file", "", Facts(document), ())


def _scope(document: Document, value: Value, kind: Kind, name: str) -> Scope:
    inner: list[Value] = []
    facts = Facts(document)
    azure(facts, _cut(value, inner))
    return Scope(
        kind, name, facts, tuple(_scope(document, each, *named) for each in inner if (named := _named(each)))
    )


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
