"""GitHub workflows as far as values go: which event runs a step, and what an expression in it may come to.

Contexts and their values: https://docs.github.com/actions/learn-github-actions/contexts
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncfork.selectors.base import CannotReadError
from syncfork.structured import Value, format_of, read
from syncfork.text import Document


@dataclass(frozen=True)
class Step:
    """What a `run` block's expressions depend on: the workflow's events and inputs, the job's matrix, variables."""

    events: tuple[str, ...]
    inputs: Mapping[str, tuple[str, ...]]
    matrix: Mapping[str, tuple[str, ...]]
    env: Mapping[str, str]


def steps(document: Document) -> dict[int, Step]:
    """The steps of a workflow by the line where their `run` block begins; empty for any other text."""
    if not re.search(r"(?m)^(on|jobs|\"on\"|'on'):", document.text):
        return {}
    try:
        root = read(document.text, format_of(document))
    except CannotReadError:
        return {}
    top = _entries(root)
    if "jobs" not in top or "on" not in top:
        return {}
    events, inputs = _events(top["on"]), _inputs(top["on"])
    found: dict[int, Step] = {}
    for job in _entries(top["jobs"]).values():
        parts = _entries(job)
        matrix = _matrix(parts.get("strategy"))
        for step in parts["steps"].entries if "steps" in parts else ():
            pieces = _entries(step.value)
            if "run" in pieces:
                env = {**_env(top.get("env")), **_env(parts.get("env")), **_env(pieces.get("env"))}
                line = document.line_of(pieces["run"].start)
                found[line] = Step(events, inputs, matrix, env)
    return found


def _entries(value: Value | None) -> dict[str, Value]:
    return {entry.key: entry.value for entry in value.entries} if value and value.kind == "map" else {}


def _events(on: Value) -> tuple[str, ...]:
    if on.kind == "scalar":
        return (str(on.scalar),)
    names = on.entries
    return tuple(str(entry.value.scalar) if on.kind == "seq" else entry.key for entry in names)


def _inputs(on: Value) -> dict[str, tuple[str, ...]]:
    """The inputs of a run by hand that have fixed choices."""
    given = _entries(_entries(_entries(on).get("workflow_dispatch")).get("inputs"))
    found = {}
    for name, value in given.items():
        plain: Any = value.plain()
        if (
            isinstance(plain, dict)
            and plain.get("type") == "choice"
            and isinstance(plain.get("options"), list)
        ):
            found[name] = tuple(str(option) for option in plain["options"])
    return found


def _matrix(strategy: Value | None) -> dict[str, tuple[str, ...]]:
    """The keys of a matrix whose values are all written out."""
    matrix = _entries(_entries(strategy).get("matrix"))
    found: dict[str, tuple[str, ...]] = {}
    for name, value in matrix.items():
        if (
            value.kind == "seq"
            and name not in ("include", "exclude")
            and all(e.value.kind == "scalar" for e in value.entries)
        ):
            found[name] = tuple(str(entry.value.scalar) for entry in value.entries)
    for item in matrix["include"].entries if "include" in matrix else ():
        for name, value in _entries(item.value).items():
            if value.kind == "scalar":
                found[name] = (*found.get(name, ()), str(value.scalar))
    return found


def _env(value: Value | None) -> dict[str, str]:
    return {name: str(item.scalar) for name, item in _entries(value).items() if item.kind == "scalar"}


_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_SHELL = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")


def possible_values(text: str, step: Step | None, depth: int = 0) -> tuple[str, ...] | None:
    """What a word of a step may come to; None where that cannot be told."""
    if "$" not in text:
        return (text,) if text and not re.search(r"[`*?<>{}]", text) else None
    if step is None or depth > 3:
        return None
    if expression := _EXPRESSION.fullmatch(text):
        return _of_expression(expression[1], step)
    if (variable := _SHELL.fullmatch(text)) and variable[1] in step.env:
        return possible_values(step.env[variable[1]], step, depth + 1)
    return None


def _of_expression(expression: str, step: Step) -> tuple[str, ...] | None:
    if expression == "github.event_name":
        # A called workflow has the event of its caller.
        return None if "workflow_call" in step.events else step.events
    for prefix, known in (
        ("matrix.", step.matrix),
        ("inputs.", step.inputs),
        ("github.event.inputs.", step.inputs),
    ):
        if expression.startswith(prefix):
            return known.get(expression.removeprefix(prefix))
    return None
