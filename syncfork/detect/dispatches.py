"""Workflows that the fork starts with `gh workflow run`, which upstream renamed or gave other inputs.

What GitHub refuses: https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from msgspec import Struct, field

from syncfork.detect.base import File, Found, View
from syncfork.detect.calls import Call, calls, unquoted
from syncfork.errors import CannotReadError
from syncfork.parsing.structured import format_of, read
from syncfork.report import Place
from syncfork.text import Document

_FOLDER = ".github/workflows/"


class Workflow(Struct, frozen=True):
    """A workflow as far as it can be started by hand: its name, and its inputs."""

    document: Document
    name: str
    startable: bool
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name by which it is started."""
        return PurePosixPath(self.document.path).name

    def line(self, word: str) -> int:
        """The first line (from 1) that says `word` as a key, else 1."""
        found = re.search(rf"^[ \t]*[\"']?{re.escape(word)}[\"']?[ \t]*:", self.document.text, re.MULTILINE)
        return self.document.line_of(found.start()) if found else 1


class Wrong(Struct, frozen=True):
    """What no longer fits: words for the message and the fix, and the place in upstream's text."""

    message: str
    fix: str
    upstream: Place
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def find(view: View) -> Iterator[Found]:
    """Every start, on a line of the fork's own, that was right before the merge and is not any more."""
    changed = [file for file in view.files if _changed(file)]
    if not changed:
        return
    for file in view.files:
        if not (file.merged and "workflow run" in file.merged.text and file.fork_lines):
            continue
        for call in calls(file.merged):
            started = _started(call)
            if started and not file.fork_lines.isdisjoint(range(call.line, call.last + 1)):
                for wrong in _judge(view, changed, *started):
                    yield Found(
                        "decision" if call.block.documented else "breakage",
                        file.path,
                        call.line,
                        wrong.message,
                        fix=wrong.fix,
                        upstream=wrong.upstream,
                        added=wrong.added,
                        removed=wrong.removed,
                        key=wrong.message,
                    )


def _changed(file: File) -> bool:
    """Whether upstream changed, renamed or removed a workflow."""
    base, theirs = file.base, file.theirs
    if base is None or not base.path.startswith(_FOLDER):
        return False
    return theirs is None or theirs.path != base.path or file.changed_by_theirs


def _started(call: Call) -> tuple[str, dict[str, str]] | None:
    """The workflow and the inputs that `gh workflow run` is given; None for another command or repository, or
    where they come from a file."""
    words = [unquoted(word) for word in call.words]
    if "gh" not in words or words[words.index("gh") + 1 :][:2] != ["workflow", "run"]:
        return None
    rest = iter(words[words.index("gh") + 3 :])
    name, given = "", {}
    for word in rest:
        option, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if option in ("-R", "--repo", "--json") or word.startswith("<"):
            return None
        if option in ("-f", "-F", "--field", "--raw-field"):
            key, _, text = (value if equals else unquoted(next(rest, ""))).partition("=")
            given[key] = unquoted(text)
        elif option in ("-r", "--ref"):
            value = value if equals else next(rest, "")
        elif not word.startswith("-"):
            name = name or word
    return (name, given) if name and "$" not in name else None


def _judge(view: View, changed: list[File], name: str, given: Mapping[str, str]) -> Iterator[Wrong]:
    for file in changed:
        before = _workflow(file.ours)
        if before is None or not file.base or name not in (before.file, before.name, file.base.path):
            continue
        text = file.merged or (file.theirs if file.conflicted else None)
        after = _workflow(text)
        if text is None or after is None:
            if text is None and not view.trees.exists("merged", [before.document.path]):
                yield Wrong(
                    f"this starts the workflow `{name}`, which upstream removed",
                    "see in upstream's commit what does its work now, and start that",
                    Place(file.base.path, 1),
                )
        elif name not in (after.file, after.name, after.document.path):
            now = after.file if name in (before.file, file.base.path) else after.name
            yield Wrong(
                f"this starts the workflow `{name}`, which upstream renamed to `{now}`",
                f"start `{now}`",
                Place(after.document.path, 1),
            )
        else:
            yield from _inputs(name, before, after, given)


def _inputs(name: str, before: Workflow, after: Workflow, given: Mapping[str, str]) -> Iterator[Wrong]:
    path = after.document.path
    if before.startable and not after.startable:
        line = before.line("workflow_dispatch")
        yield Wrong(
            f"this starts the workflow `{name}`, which upstream's {path} no longer lets anyone start",
            "see in upstream's commit what starts it now",
            Place(before.document.path, line),
            removed=(_line(before, line),),
        )
        return
    for key, value in given.items():
        if key not in before.inputs:
            continue
        line, options = after.line(key), after.inputs.get(key, {}).get("options")
        if key not in after.inputs:
            new = ", ".join(f"`{other}`" for other in after.inputs if other not in before.inputs)
            yield Wrong(
                f"this gives `{name}` the input `{key}`, which upstream removed",
                f"take it out here, or give what upstream has instead: {new}" if new else "take it out here",
                Place(before.document.path, before.line(key)),
                removed=(_line(before, before.line(key)),),
            )
        elif isinstance(options, list) and "$" not in value and value not in map(str, options):
            old = before.inputs[key].get("options")
            if not isinstance(old, list) or value in map(str, old):
                takes = ", ".join(map(str, options))
                text = after.document.text.split("\n")
                shown = tuple(text[line - 1 : line + 8])
                yield Wrong(
                    f"`{key}={value}` is no choice of `{name}` any more: upstream's takes only {takes}",
                    f"give `{key}` one of {takes}",
                    Place(path, line),
                    added=tuple(one for one in shown if any(str(option) in one for option in options)),
                )
    for key, wanted in after.inputs.items():
        demanded = wanted.get("required") is True and "default" not in wanted and key not in given
        if demanded and before.inputs.get(key, {}).get("required") is not True:
            yield Wrong(
                f"this starts `{name}` without the input `{key}`, which upstream now requires",
                f"give it: `-f {key}=...`",
                Place(path, after.line(key)),
                added=(_line(after, after.line(key)),),
            )


def _line(workflow: Workflow, line: int) -> str:
    return workflow.document.line(line)


def _workflow(document: Document | None) -> Workflow | None:
    if document is None:
        return None
    try:
        plain = read(document.text, format_of(document)).plain()
    except CannotReadError:
        return None
    if not isinstance(plain, dict):
        return None
    on = plain.get("on")
    startable = on == "workflow_dispatch" or (isinstance(on, dict | list) and "workflow_dispatch" in on)
    dispatch = on.get("workflow_dispatch") if isinstance(on, dict) else None
    inputs = dispatch.get("inputs") if isinstance(dispatch, dict) else None
    named = {
        str(key): value if isinstance(value, dict) else {}
        for key, value in (inputs.items() if isinstance(inputs, dict) else ())
    }
    return Workflow(document, str(plain.get("name", "")), startable, named)
