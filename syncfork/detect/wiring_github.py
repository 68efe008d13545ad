"""The names of GitHub's workflows and actions: jobs, steps, outputs, inputs, secrets, variables, artifacts."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import PurePosixPath

from syncfork.detect.pipelines import scalars
from syncfork.detect.wiring import (
    Call,
    Facts,
    Name,
    Reach,
    as_pattern,
    expressions,
    get,
    items,
    keyed,
    text_of,
)
from syncfork.parsing.values import Value

_SET = re.compile(r"(?<![\w-])([A-Za-z_][\w-]*)(?:=|<<)")
_SET_OUTPUT = re.compile(r"::set-output name=([\w-]+)")
_SHELL_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|env:([A-Za-z_]\w*)|([A-Za-z_]\w*))")
# Every runner sets these; `env:` only changes them.
_GIVEN = re.compile(
    r"(?:GITHUB|RUNNER|ACTIONS)_\w+|CI|PATH|HOME|SHELL|USER|PWD|TMPDIR|TEMP|TMP", re.IGNORECASE
)
_LOCAL = re.compile(r"\./([\w./-]+)")


def github(facts: Facts, root: Value) -> None:
    """Add what a workflow or an action declares and uses."""
    facts.expressions = list(_expressions(facts, root))
    if PurePosixPath(facts.document.path).stem == "action":
        _action(facts, root)
    else:
        _workflow(facts, root)


def _expressions(facts: Facts, value: Value) -> Iterator[tuple[int, str]]:
    for keys, scalar in scalars(value):
        raw = facts.document.text[scalar.start : scalar.end]
        if keys[-1:] == ("if",) and "${{" not in raw:
            yield scalar.start, raw
        for start, text in expressions(raw):
            yield scalar.start + start, text


def _named(facts: Facts, value: Value, form: str) -> Iterator[tuple[int, re.Match[str]]]:
    """Where expressions below `value` use a context; `form` follows no other name."""
    first, end = (bisect_left(facts.expressions, (offset,)) for offset in (value.start, value.end))
    for start, text in facts.expressions[first:end]:
        for found in re.finditer(rf"(?<![\w.'-]){form}", text):
            yield start + found.start(), found


def _inputs(facts: Facts, value: Value | None, kinds: tuple[str, ...]) -> None:
    for entry in keyed(value):
        for kind in kinds:
            facts.declare(kind, "", entry.key, entry.start)
        if (
            _is_true(get(entry.value, "required"))
            and not get(entry.value, "default")
            and "call input" in kinds
        ):
            facts.declare("required input", "", entry.key, entry.start)


def _is_true(value: Value | None) -> bool:
    return value is not None and value.scalar is True


def _action(facts: Facts, root: Value) -> None:
    _inputs(facts, get(root, "inputs"), ("input", "call input"))
    for entry in keyed(get(root, "outputs")):
        facts.declare("output", "", entry.key, entry.start)
    runs = get(root, "runs")
    if runs:
        _steps(facts, "", get(runs, "steps"))
        _uses_of_steps(facts, "", root)
    _uses_of_inputs(facts, root)


def _workflow(facts: Facts, root: Value) -> None:
    name = get(root, "name")
    facts.declare("workflow", "", text_of(name) or facts.document.path, name.start if name else 0)
    on = get(root, "on")
    call = get(on, "workflow_call")
    _inputs(facts, get(call, "inputs"), ("input", "call input"))
    _inputs(facts, get(get(on, "workflow_dispatch"), "inputs"), ("input",))
    secrets = keyed(get(call, "secrets"))
    for entry in secrets:
        facts.declare("secret", "", entry.key, entry.start)
        if _is_true(get(entry.value, "required")):
            facts.declare("required secret", "", entry.key, entry.start)
    for entry in keyed(get(call, "outputs")):
        facts.declare("output", "", entry.key, entry.start)
    for item in items(get(get(on, "workflow_run"), "workflows")):
        facts.use(Name("workflow", "", text_of(item)), item.start, text_of(item), "everywhere")
    alone = bool(call) and len(keyed(on)) == 1
    if secrets:
        for at, found in _named(facts, root, r"secrets\.(\w+)"):
            facts.use(Name("secret", "", found[1]), at, found[1], certain=alone)
    _uses_of_inputs(facts, root)
    jobs = keyed(get(root, "jobs"))
    called = {job.key: text_of(get(job.value, "uses")) for job in jobs}
    for job in jobs:
        facts.declare("job", "", job.key, job.start)
        _job(facts, job.key, job.value, called, get(root, "env"))
    for at, found in _named(facts, call, r"jobs\.([\w-]+)\.outputs\.([\w-]+)") if call else ():
        _use_output(facts, at, found, called)


def _uses_of_inputs(facts: Facts, root: Value) -> None:
    for at, found in _named(facts, root, r"(?:github\.event\.)?inputs\.([\w-]+)"):
        facts.use(Name("input", "", found[1]), at, found[1])


def _job(facts: Facts, job: str, value: Value, called: dict[str, str], env: Value | None) -> None:
    for item in items(get(value, "needs")):
        facts.use(Name("job", "", text_of(item)), item.start, text_of(item))
        facts.declare("needed job", job, text_of(item), item.start)
    for entry in keyed(get(value, "outputs")):
        facts.declare("job output", job, entry.key, entry.start)
    for at, found in _named(facts, value, r"needs\.([\w-]+)(?:\.outputs\.([\w-]+))?"):
        facts.use(Name("needed job", job, found[1]), at, found[1])
        if found[2]:
            _use_output(facts, at, found, called)
    _matrix(facts, job, value)
    if uses := called[job]:
        _call(facts, uses, value)
        return
    _variables(facts, job, value, env)
    steps = get(value, "steps")
    _steps(facts, job, steps)
    _uses_of_steps(facts, job, value)
    for step in items(steps):
        _artifacts(facts, step, value)


def _use_output(facts: Facts, at: int, found: re.Match[str], called: dict[str, str]) -> None:
    uses = called.get(found[1], "")
    if local := _LOCAL.fullmatch(uses):
        facts.use(Name("output", "", found[2]), at, found[2], "called", local[1])
    elif not uses:
        facts.use(Name("job output", found[1], found[2]), at, found[2])


def _call(facts: Facts, uses: str, value: Value) -> None:
    """A job that is another workflow: what it passes must be declared there, or nothing runs."""
    local = _LOCAL.fullmatch(uses)
    if not local:
        return
    facts.links.add(local[1])
    given, secrets = get(value, "with"), get(value, "secrets")
    for entry in keyed(given):
        facts.use(Name("call input", "", entry.key), entry.start, entry.key, "called", local[1])
    for entry in keyed(secrets):
        facts.use(Name("secret", "", entry.key), entry.start, entry.key, "called", local[1])
    passed = {("required input", entry.key) for entry in keyed(given)}
    passed |= {("required secret", entry.key) for entry in keyed(secrets)}
    inherits = text_of(secrets) == "inherit"
    names = frozenset(f"{kind} {name}" for kind, name in passed) | (
        {"required secret *"} if inherits else set()
    )
    facts.calls.append(Call(local[1], facts.line(value.start), names))


def _matrix(facts: Facts, job: str, value: Value) -> None:
    matrix = get(get(value, "strategy"), "matrix")
    if matrix is None:
        return
    parts = [matrix, *items(get(matrix, "include"))]
    include = get(matrix, "include")
    if any(part.kind != "map" for part in parts) or (include and include.kind == "scalar"):
        facts.unknown.add(("matrix key", f"the matrix of {job}"))
    for part in parts:
        for entry in keyed(part):
            facts.declare("matrix key", job, entry.key, entry.start)
    for at, found in _named(facts, value, r"matrix\.([\w-]+)"):
        facts.use(Name("matrix key", job, found[1]), at, found[1])


def _variables(facts: Facts, job: str, value: Value, env: Value | None) -> None:
    """Names under `env:` at any level, and those that a command sets."""
    steps = items(get(value, "steps"))
    for holder in (env, get(value, "env"), *(get(step, "env") for step in steps)):
        for entry in keyed(holder):
            facts.declare("variable", job, entry.key, entry.start)
    runs = [run for step in steps if (run := get(step, "run"))]
    for run in runs:
        for found in _SET.finditer(text_of(run)):
            facts.declare("variable", job, found[1], run.start)
    for at, found in _named(facts, value, r"env\.(\w+)"):
        facts.use(Name("variable", job, found[1]), at, found[1])
    for run in runs:
        if run.alias:
            continue
        raw = facts.document.text[run.start : run.end]
        for found in _SHELL_VARIABLE.finditer(raw):
            name = found[1] or found[2] or found[3]
            if not _GIVEN.fullmatch(name):
                facts.use(Name("variable", job, name), run.start + found.start(), name)


def _steps(facts: Facts, job: str, steps: Value | None) -> None:
    for step in items(steps):
        given = get(step, "id")
        name = text_of(given)
        run, uses = text_of(get(step, "run")), text_of(get(step, "uses"))
        if name and given:
            facts.declare("step", job, name, given.start)
            if uses or not ("GITHUB_OUTPUT" in run or "::set-output" in run):
                facts.unknown.add(("step output", f"what step {name} calls"))
            for found in (*_SET.finditer(run), *_SET_OUTPUT.finditer(run)):
                facts.declare("step output", f"{job}/{name}", found[1], given.start)
        if local := _LOCAL.fullmatch(uses):
            for definition in ("action.yml", "action.yaml"):
                called = posixpath.join(local[1], definition)
                for entry in keyed(get(step, "with")):
                    # An action that does not declare an input warns, and goes on without it.
                    name_ = Name("call input", "", entry.key)
                    facts.use(name_, entry.start, entry.key, "called", called, certain=False)
                passed = frozenset(f"required input {entry.key}" for entry in keyed(get(step, "with")))
                facts.calls.append(Call(called, facts.line(step.start), passed, certain=False))


def _uses_of_steps(facts: Facts, job: str, value: Value) -> None:
    for at, found in _named(facts, value, r"steps\.([\w-]+)(?:\.outputs\.([\w-]+))?"):
        facts.use(Name("step", job, found[1]), at, found[1])
        if found[2]:
            facts.use(Name("step output", f"{job}/{found[1]}", found[2]), at, found[2])


def _artifacts(facts: Facts, step: Value, value: Value) -> None:
    uses, given = text_of(get(step, "uses")).lower(), get(step, "with")
    name = get(given, "name")
    if uses.startswith("actions/upload-artifact"):
        at = (name or step).start
        for each in _expanded(text_of(name) or "artifact", get(get(value, "strategy"), "matrix")):
            facts.declare("artifact", "", as_pattern(each), at)
    elif uses.startswith("actions/download-artifact") and not get(given, "repository"):
        wanted = name or get(given, "pattern")
        if wanted is not None and not wanted.alias:
            reach: Reach = "everywhere" if get(given, "run-id") else "pipeline"
            text = text_of(wanted)
            facts.use(Name("artifact", "", as_pattern(text)), wanted.start, text, reach)


def _expanded(text: str, matrix: Value | None) -> list[str]:
    """A name that is one key of a written-out matrix stands for that key's values."""
    found = re.fullmatch(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}", text)
    if not found or matrix is None or matrix.kind != "map":
        return [text]
    values = [text_of(item) for item in items(get(matrix, found[1]))]
    values += [text_of(get(item, found[1])) for item in items(get(matrix, "include"))]
    return [value for value in values if value] or [text]
