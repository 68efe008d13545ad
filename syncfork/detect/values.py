"""Options with fixed choices that are fed something else: a word, or what an expression yields in the merged
workflow. Upstream's new option and the fork's own triggers are each right; the merge puts them together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from syncfork.detect.base import File, Found, View
from syncfork.detect.calls import Call, calls, value_of
from syncfork.detect.declarations import Option, declared, may_choose
from syncfork.detect.workflows import Step, possible_values, steps
from syncfork.report import Place
from syncfork.text import Document


@dataclass(frozen=True)
class Misfed:
    """A call that gives an option a value it does not take; `expression` is what stands in the call."""

    option: Option
    source: Document
    file: str
    line: int
    expression: str
    values: tuple[str, ...]


def find(view: View) -> Iterator[Found]:
    """Every option that is fed a wrong value in the merged tree, and was not in the fork or in upstream."""
    merged = _misfed(view.files, "merged")
    if not merged:
        return
    places = {item.file for item in merged} | {item.source.path for item in merged}
    files = [file for file in view.files if file.path in places]
    names = {item.option.name for item in merged}
    known = {
        _key(item)
        for side in ("ours", "theirs")
        # Where no text of a side has the option, nothing can be wrong with it there.
        if any(name in text.text for file in files if (text := getattr(file, side)) for name in names)
        for item in _misfed(files, side)
    }
    groups: dict[tuple[str, str, str, tuple[str, ...]], list[Misfed]] = {}
    for item in merged:
        if _key(item) not in known:
            groups.setdefault(
                (item.option.command, item.option.name, item.expression, item.values), []
            ).append(item)
    for items in groups.values():
        yield _found(items)


def _key(item: Misfed) -> tuple[str, str, str, tuple[str, ...]]:
    return item.file, item.option.command, item.option.name, item.values


def _misfed(files: Iterable[File], side: str) -> list[Misfed]:
    texts = {file.path: text for file in files if (text := getattr(file, side))}
    options = {
        (option.command, option.name): (option, text)
        for file in files
        if file.path in texts and _changed(file) and may_choose(texts[file.path])
        for text in (texts[file.path],)
        for option in declared(text).options
        if option.choices
    }
    if not options:
        return []
    by_command: dict[str, list[tuple[Option, Document]]] = {}
    for option, text in options.values():
        by_command.setdefault(option.command, []).append((option, text))
    return [found for text in texts.values() for found in _in_text(text, by_command)]


def _changed(file: File) -> bool:
    """Without a change of upstream's to the declaration, what is wrong was wrong before."""
    return file.changed_by_theirs


def _in_text(text: Document, options: Mapping[str, list[tuple[Option, Document]]]) -> Iterator[Misfed]:
    if not any(command in text.text for command in options):
        return
    context = steps(text)
    for call in calls(text):
        if call.block.documented:
            continue
        for command, listed in options.items():
            for option, source in listed:
                names = (declared(source).program, PurePosixPath(source.path).name)
                if call.names(command, script=option.script, programs=names) < 0:
                    continue
                given = value_of(call, option.name)
                wrong = _wrong(given, option.choices, context.get(call.block.line))
                wrong = () if wrong and given and _guarded(call, given) else wrong
                if given and wrong:
                    yield Misfed(option, source, text.path, call.line, given, wrong)


def _wrong(given: str | None, choices: tuple[str, ...], step: Step | None) -> tuple[str, ...]:
    """The values that `given` may come to and that are none of the choices; empty where one cannot tell."""
    values = possible_values(given, step) if given else None
    return tuple(value for value in values or () if value not in choices)


def _guarded(call: Call, given: str) -> bool:
    """Whether the block looks at the same expression in a condition: then not every value comes this far."""
    parts = re.findall(r"[A-Za-z_][\w.-]*", given) if "$" in given else []
    conditions = re.findall(r"^.*(?:\bif\b|\bcase\b|\btest\b|\[).*$", call.block.text, re.MULTILINE)

    def looked_at(part: str, line: str) -> bool:
        named = len(re.findall(rf"(?<![\w.-]){re.escape(part)}(?![\w.-])", line))
        return named > (call.words[0] in line)

    return any(looked_at(part, line) for part in parts for line in conditions)


def _found(items: list[Misfed]) -> Found:
    first = items[0]
    option, choices = first.option, ", ".join(first.option.choices)
    others = ", ".join(f"{item.file}:{item.line}" for item in items[1:])
    values = " or ".join(f"`{value}`" for value in first.values)
    comes = f"`{option.name} {first.expression}`"
    if "$" in first.expression:
        comes += f" comes to {values} in the merged workflow"
    also = f"; so in {others}" if others else ""
    lines = first.source.text.split("\n")[option.line - 1 : option.line + 3]
    return Found(
        "breakage",
        first.file,
        first.line,
        f"{comes}, but {option.command} takes only {choices}{also}",
        fix=f"give `{option.name}` one of {choices} where it would be {values}, say "
        f"`${{{{ github.event_name == '{first.values[0]}' && '{option.choices[-1]}' || github.event_name }}}}`; "
        f"leaving `{option.name}` out changes what is built"
        if "event_name" in first.expression
        else f"give `{option.name}` one of {choices}",
        upstream=Place(first.source.path, option.line),
        added=tuple(
            line for line in lines if option.name in line or "choices" in line or option.choices[0] in line
        ),
        key=f"{option.command} {option.name} {first.expression}",
    )
