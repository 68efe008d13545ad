"""The names of Azure Pipelines: parameters, variables, stages, jobs, steps, artifacts, resources.

A mapping there repeats its keys (`${{ if }}`, `${{ else }}`), and templates put one file into another: all of it
is read as written, each branch as if it were taken. Names are compared without regard to case, as Azure does.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from syncfork.detect.wiring import Call, Facts, Name, as_pattern, expressions, get, items, keyed, text_of
from syncfork.parsing.values import Entry, Value

_MACRO = re.compile(r"\$\(([A-Za-z_][\w.-]*)\)")
_VARIABLE = re.compile(r"(?<![\w.'\]-])variables(?:\.([A-Za-z_]\w*)|\[\s*'([^']+)'\s*\])")
_PARAMETER = re.compile(r"(?<![\w.'\]-])parameters(?:\.([A-Za-z_]\w*)|\[\s*'([^']+)'\s*\])")
_DEPENDENCY = re.compile(
    r"(?<![\w.'])(?:(stageDependencies)\.([\w-]+)\.([\w-]+)|(dependencies)\.([\w-]+))"
    r"(?:\.outputs\[\s*'([\w.-]+)'\s*\])?"
)
_SETS = re.compile(r"##vso\[task\.setvariable\s[^\]\n]{0,200}?\bvariable=([\w.-]+)", re.IGNORECASE)
_SYSTEM = re.compile(
    r"(?:system|build|agent|release|pipeline|environment|strategy|checks|tf|resources)\.", re.IGNORECASE
)
_EXPRESSION_KEYS = frozenset(["condition"])


def azure(facts: Facts, root: Value) -> None:
    """Add what a pipeline or template declares and uses."""
    _parameters(facts, get(root, "parameters"))
    _resources(facts, get(root, "resources"))
    _walk(facts, root, "", top=True)
    _texts(facts, root)


def _name(kind: str, name: str) -> Name:
    return Name(kind, "", name.casefold())


def _parameters(facts: Facts, value: Value | None) -> None:
    """Either a list with names and types, or a map of names and defaults."""
    if value is None:
        return
    for entry in keyed(value):
        facts.declare("parameter", "", entry.key.casefold(), entry.start)
    for item in items(value) if value.kind == "seq" else ():
        name = get(item, "name")
        if name:
            facts.declare("parameter", "", text_of(name).casefold(), name.start)
            if get(item, "default") is None:
                facts.declare("required parameter", "", text_of(name).casefold(), name.start)


def _resources(facts: Facts, value: Value | None) -> None:
    for holder, key in (
        ("repositories", "repository"),
        ("pipelines", "pipeline"),
        ("containers", "container"),
    ):
        for item in _flat(get(value, holder)):
            if alias := get(item, key):
                facts.declare(f"{key} resource", "", text_of(alias).casefold(), alias.start)


def _flat(value: Value | None) -> Iterator[Value]:
    """The items of a list, those under `${{ if }}` and the like included."""
    for item in items(value):
        entries = keyed(item)
        if entries and entries[0].key.startswith("${{"):
            for entry in entries:
                yield from _flat(entry.value)
        else:
            yield item


def branches(value: Value | None) -> Iterator[Entry]:
    """The entries of a map, those under `${{ if }}` and the like included, in place of the condition."""
    for entry in keyed(value):
        if entry.key.startswith("${{") and entry.value.kind == "map":
            yield from branches(entry.value)
        else:
            yield entry


def _walk(facts: Facts, value: Value, above: str, top: bool = False) -> None:
    """Every map of the file, with the key it stands under."""
    if value.kind == "map":
        _map(facts, value, above)
    for entry in value.entries:
        if entry.value.alias or (top and entry.key in ("parameters", "resources")):
            continue
        key = entry.key if value.kind == "map" and not entry.key.startswith("${{") else above
        if value.kind == "map" and not entry.key.startswith("${{"):
            if key == "variables":
                _variables(facts, entry.value)
            elif key == "matrix":
                _matrix(facts, entry.value)
        _walk(facts, entry.value, key)


def _map(facts: Facts, value: Value, above: str) -> None:
    for kind, keys in (("stage", ("stage",)), ("job", ("job", "deployment"))):
        for key in keys:
            given = get(value, key)
            if given and text_of(given):
                for each in (kind, "stage or job"):
                    facts.declare(each, "", as_pattern(text_of(given)).casefold(), given.start)
                _depends(facts, kind, get(value, "dependsOn"))
    if get(value, "template"):
        _template(facts, value)
    if above == "steps":
        _step(facts, value)
    elif above == "outputs":
        _published(facts, value)
    if (
        (container := get(value, "container"))
        and container.kind == "scalar"
        and ":" not in text_of(container)
    ):
        _resource(facts, "container", container)


def _depends(facts: Facts, kind: str, value: Value | None) -> None:
    for item in _flat(value):
        text = text_of(item)
        if text and "${{" not in text and "$(" not in text:
            facts.use(_name(kind, text), item.start, text, "pipeline")


def _resource(facts: Facts, kind: str, value: Value) -> None:
    text = text_of(value)
    if text and "$" not in text:
        facts.use(_name(f"{kind} resource", text), value.start, text, "pipeline")


def _template(facts: Facts, value: Value) -> None:
    """A template with what it is passed: what it does not declare is an error."""
    given = get(value, "template")
    name, _, alias = text_of(given).partition("@")
    if given is None or not name:
        return
    if alias and alias.lower() != "self":
        _unknown(facts, f"the template {text_of(given)}")
        if "$" not in alias:
            facts.use(_name("repository resource", alias), given.start, alias, "pipeline")
        return
    if "$" in name:
        _unknown(facts, f"the template {name}")
        return
    folder = "" if name.startswith("/") else posixpath.dirname(facts.document.path)
    called = posixpath.normpath(posixpath.join(folder, name.lstrip("/")))
    facts.links.add(called)
    passed = list(branches(get(value, "parameters")))
    for entry in passed:
        if not entry.key.startswith("${{"):
            facts.use(_name("parameter", entry.key), entry.start, entry.key, "called", called)
    whole = not any(entry.key.startswith("${{") for entry in passed)
    names = frozenset(f"required parameter {entry.key.casefold()}" for entry in passed)
    facts.calls.append(
        Call(called, facts.line(value.start), names if whole else frozenset(["required parameter *"]))
    )


def _unknown(facts: Facts, whence: str) -> None:
    for kind in ("variable", "stage", "job", "stage or job", "step", "artifact"):
        facts.unknown.add((kind, whence))


def _variables(facts: Facts, value: Value) -> None:
    """A map of names, or a list of names, groups and templates; either may have some put in by an expression."""
    for entry in branches(value):
        if entry.key.startswith("${{"):
            _put_in(facts, entry.value)
        else:
            facts.declare("variable", "", entry.key.casefold(), entry.start)
    for item in _flat(value):
        _put_in(facts, item)
        if name := get(item, "name"):
            facts.declare("variable", "", as_pattern(text_of(name)).casefold(), name.start)
        if group := get(item, "group"):
            facts.unknown.add(("variable", f"the variable group {text_of(group)}"))


def _matrix(facts: Facts, value: Value) -> None:
    """The variables that each run of the job has, of which every branch counts."""
    _put_in(facts, value)
    for run in branches(value):
        _variables(facts, run.value)


def _put_in(facts: Facts, value: Value) -> None:
    """Variables that an expression stands for: which, no text here shows."""
    if (text := text_of(value)).startswith("$"):
        facts.unknown.add(("variable", f"`{text}`"))


def _step(facts: Facts, step: Value) -> None:
    if name := get(step, "name"):
        facts.declare("step", "", text_of(name).casefold(), name.start)
    task, given = text_of(get(step, "task")).partition("@")[0].casefold(), get(step, "inputs")
    if task == "azurekeyvault":
        _vault(facts, given)
    for publish in ("publish", "upload"):
        if place := get(step, publish):
            _artifact(facts, get(step, "artifact") or place, declares=True)
    download = get(step, "download")
    if download and text_of(download).casefold() == "current":
        _artifact(facts, get(step, "artifact"), declares=False)
    elif download and text_of(download).casefold() != "none":
        _resource(facts, "pipeline", download)
    if (
        (checkout := get(step, "checkout"))
        and text_of(checkout).casefold() not in ("self", "none")
        and "://" not in text_of(checkout)
    ):
        _resource(facts, "repository", checkout)
    if task in ("publishpipelineartifact", "publishbuildartifacts"):
        _artifact(facts, _input(given, "artifact", "artifactname"), declares=True)
    if task in ("downloadpipelineartifact", "downloadbuildartifacts"):
        source = text_of(_input(given, "source", "buildtype", "buildtype")) or "current"
        if source.casefold() == "current":
            _artifact(facts, _input(given, "artifact", "artifactname"), declares=False)


def _published(facts: Facts, value: Value) -> None:
    """An artifact as templates of whole organisations have it published: under `outputs:`."""
    if text_of(get(value, "output")).casefold() in ("pipelineartifact", "buildartifacts"):
        _artifact(facts, _input(value, "artifact", "artifactname"), declares=True)


def _input(value: Value | None, *names: str) -> Value | None:
    return next((entry.value for entry in keyed(value) if entry.key.casefold() in names), None)


def _vault(facts: Facts, given: Value | None) -> None:
    """The secrets a key vault is asked for become variables of their names."""
    asked = _input(given, "secretsfilter")
    for name in re.split(r"[,\s]+", text_of(asked)) if asked else ():
        if name == "*" or "$" in name:
            facts.unknown.add(("variable", f"the key vault {text_of(_input(given, 'keyvaultname'))}"))
        elif name:
            facts.declare("variable", "", name.casefold(), asked.start)  # type: ignore[union-attr]


def _artifact(facts: Facts, value: Value | None, declares: bool) -> None:
    if value is None or value.alias or not text_of(value):
        return
    pattern = as_pattern(text_of(value)).casefold()
    if declares:
        facts.declare("artifact", "", pattern, value.start)
    else:
        facts.use(Name("artifact", "", pattern), value.start, text_of(value), "pipeline")


def _texts(facts: Facts, value: Value, key: str = "") -> None:
    """Every text, keys among them: where variables, parameters and other jobs are named."""
    if value.alias:
        return
    if value.kind == "scalar":
        _text(facts, value.start, facts.document.text[value.start : value.end], key in _EXPRESSION_KEYS)
    for entry in value.entries:
        if value.kind == "map" and entry.key.startswith("${{"):
            _text(facts, entry.start, facts.document.text[entry.start : entry.value.start], True)
        _texts(facts, entry.value, entry.key if value.kind == "map" else key)


def _text(facts: Facts, start: int, text: str, expression: bool) -> None:
    for found in _SETS.finditer(text):
        facts.declare("variable", "", found[1].casefold(), start + found.start())
    for found in _MACRO.finditer(text):
        _use_variable(facts, start + found.start(), found[1])
    for at, inner in [(start, text)] if expression else _expressions(start, text):
        for found in _VARIABLE.finditer(inner):
            _use_variable(facts, at + found.start(), found[1] or found[2])
        for found in _PARAMETER.finditer(inner):
            name = found[1] or found[2]
            facts.use(_name("parameter", name), at + found.start(), name)
        for found in _DEPENDENCY.finditer(inner):
            _use_dependency(facts, at + found.start(), found)


def _expressions(start: int, text: str) -> Iterator[tuple[int, str]]:
    for at, inner in expressions(text):
        yield start + at, inner
    runtime = text.find("$[")
    if runtime >= 0:
        yield start + runtime, text[runtime:]


def _use_variable(facts: Facts, at: int, name: str) -> None:
    if not _SYSTEM.match(name):
        facts.use(_name("variable", name), at, name, "job")


def _use_dependency(facts: Facts, at: int, found: re.Match[str]) -> None:
    names = [found[2], found[3]] if found[1] else [found[5]]
    for name in names:
        facts.use(_name("stage or job", name), at, name, "pipeline")
    if found[6] and "." in found[6]:
        # A deployment job puts its own name, or that of its hook, before the step's.
        step, variable = found[6].split(".")[-2:]
        facts.use(_name("step", step), at, step, "pipeline")
        facts.use(_name("variable", variable), at, variable, "pipeline")
