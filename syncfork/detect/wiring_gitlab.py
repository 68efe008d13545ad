"""The names of GitLab's pipelines: jobs, hidden jobs and stages."""

from __future__ import annotations

from syncfork.detect.wiring import Facts, Name, get, items, keyed, text_of
from syncfork.parsing.values import Value

# Keys at the root that are no jobs.
_GLOBAL = frozenset(
    [
        "after_script",
        "before_script",
        "cache",
        "default",
        "image",
        "include",
        "services",
        "spec",
        "stages",
        "variables",
        "workflow",
    ]
)
_STAGES = (".pre", "build", "test", "deploy", ".post")


def gitlab(facts: Facts, root: Value) -> None:
    """Add what a pipeline file declares and uses."""
    _includes(facts, get(root, "include"))
    stages = get(root, "stages")
    for name in _STAGES if stages is None else (".pre", ".post"):
        facts.declare("stage", "", name, 0)
    for item in items(stages):
        facts.declare("stage", "", text_of(item), item.start)
    for job in keyed(root):
        if job.key in _GLOBAL:
            continue
        facts.declare("job", "", job.key, job.start)
        _job(facts, job.value)


def _includes(facts: Facts, value: Value | None) -> None:
    for item in items(value) if value and value.kind != "map" else [value] if value else []:
        local = text_of(get(item, "local")) or text_of(item)
        if local and "://" not in local and "*" not in local and "$" not in local:
            facts.links.add(local.lstrip("/"))
        else:
            for kind in ("job", "stage"):
                facts.unknown.add((kind, f"the include `{facts.document.text[item.start : item.end]}`"))


def _job(facts: Facts, job: Value) -> None:
    for key in ("needs", "dependencies", "extends"):
        for item in items(get(job, key)):
            named = item if item.kind == "scalar" else get(item, "job")
            if named is None or get(item, "project") or get(item, "pipeline") or get(item, "optional"):
                continue
            name = text_of(named)
            if "$" not in name:
                facts.use(Name("job", "", name), named.start, name, "pipeline")
    stage = get(job, "stage")
    if stage and "$" not in text_of(stage):
        facts.use(Name("stage", "", text_of(stage)), stage.start, text_of(stage), "pipeline")
