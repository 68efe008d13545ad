"""GitHub workflows as far as values go: which event runs a step, and what an expression in it may come to.

Contexts and their values: https://docs.github.com/actions/learn-github-actions/contexts
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct, field

from syncfork.errors import CannotReadError
from syncfork.parsing.structured import format_of, read
from syncfork.parsing.values import Value
from syncfork.text import Document


class Step(Struct, frozen=True):
    """What a `run` block's expressions depend on: the workflow's events and inputs, the job's matrix, variables.

    `guards` are the conditions under which the step runs at all: its own, its job's, and those of the jobs it
    needs. `env_lines` tells where a variable is set.
    """

    events: tuple[str, ...]
    inputs: Mapping[str, tuple[str, ...]]
    matrix: Mapping[str, tuple[str, ...]]
    env: Mapping[str, str]
    guards: str = ""
    env_lines: Mapping[str, int] = field(default_factory=dict)


@lru_cache(maxsize=64)
def steps(document: Document) -> Mapping[int, Step]:
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
    jobs = _entries(top["jobs"])
    found: dict[int, Step] = {}
    for name, job in jobs.items():
        parts = _entries(job)
        matrix, guards = _matrix(parts.get("strategy")), _guards(jobs, name)
        for step in parts["steps"].entries if "steps" in parts else ():
            pieces = _entries(step.value)
            if "run" in pieces:
                set_by = [_entries(of.get("env")) for of in (top, parts, pieces)]
                env = {key: value for values in set_by for key, value in values.items()}
                known = {key: str(value.scalar) for key, value in env.items() if value.kind == "scalar"}
                lines = {key: document.line_of(value.start) for key, value in env.items()}
                own = _condition(pieces)
                line = document.line_of(pieces["run"].start)
                found[line] = Step(events, inputs, matrix, known, f"{guards} {own}".strip(), lines)
    return found


def _condition(parts: Mapping[str, Value]) -> str:
    return str(parts["if"].scalar) if "if" in parts and parts["if"].kind == "scalar" else ""


def _guards(jobs: Mapping[str, Value], name: str) -> str:
    """The conditions of a job and of all it needs: a job is skipped where one that it needs was."""
    found: list[str] = []
    seen: list[str] = []
    waiting = [name]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in jobs:
            continue
        seen.append(name)
        parts = _entries(jobs[name])
        found.append(_condition(parts))
        if needs := parts.get("needs"):
            waiting += (
                [str(needs.scalar)]
                if needs.kind == "scalar"
                else [str(entry.value.scalar) for entry in needs.entries]
            )
    return " ".join(part for part in found if part)


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
    """The keys of a matrix whose values are all written out; none where some combinations are left out."""
    matrix = _entries(_entries(strategy).get("matrix"))
    if "exclude" in matrix:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for name, value in matrix.items():
        if value.kind == "seq" and name != "include" and all(e.value.kind == "scalar" for e in value.entries):
            found[name] = tuple(str(entry.value.scalar) for entry in value.entries)
    for item in matrix["include"].entries if "include" in matrix else ():
        for name, value in _entries(item.value).items():
            if value.kind == "scalar":
                found[name] = (*found.get(name, ()), str(value.scalar))
    return found


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
        # A called workflow has the event of its caller; a condition may leave out some.
        open_ended = "workflow_call" in step.events or "github.event" in step.guards
        return None if open_ended else step.events
    for prefix, known in (
        ("matrix.", step.matrix),
        ("inputs.", step.inputs),
        ("github.event.inputs.", step.inputs),
    ):
        if expression.startswith(prefix):
            if prefix in step.guards:
                return None
            return known.get(expression.removeprefix(prefix))
    return None
