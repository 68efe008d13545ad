"""Options with fixed choices that are fed something else: a word, or what an expression yields in the merged
workflow. Upstream's new option and the fork's own triggers are each right; the merge puts them together.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from syncfork.detect.base import File, Found, View
from syncfork.detect.calls import Call, calls, value_of
from syncfork.detect.declarations import Option, declared, kind_of, may_choose
from syncfork.detect.declaring import forms
from syncfork.detect.workflows import Step, possible_values, steps
from syncfork.report import Place, Site
from syncfork.text import Document


class Misfed(Struct, frozen=True):
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
    known = {_key(item) for side in ("ours", "theirs") for item in _misfed(files, side, names)}
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


class _Choice(Struct, frozen=True):
    """An option with fixed choices, the text that declares it, and the names of the program."""

    option: Option
    source: Document
    programs: tuple[str, str]


def _misfed(files: Iterable[File], side: str, names: Collection[str] | None = None) -> list[Misfed]:
    """What is wrong with the options (of `names`, where given) in the texts of one side."""
    texts = {file.path: text for file in files if (text := getattr(file, side))}
    sources = [texts[file.path] for file in files if file.path in texts and _may_choose(file, side, names)]
    options = {
        (option.command, option.name): _Choice(
            option, text, (declared(text).program, PurePosixPath(text.path).name)
        )
        for text in sources
        for option in declared(text).options
        if option.choices and (names is None or option.name in names)
    }
    by_command: dict[str, list[_Choice]] = {}
    for choice in options.values():
        by_command.setdefault(choice.option.command, []).append(choice)
    choices = [choice for group in by_command.values() for choice in group]
    return [found for text in texts.values() for found in _in_text(text, choices)]


def _may_choose(file: File, side: str, names: Collection[str] | None) -> bool:
    """Without a change of upstream's to the declaration, what is wrong was wrong before."""
    text: Document | None = getattr(file, side)
    if not (text and file.changed_by_theirs and may_choose(text)):
        return False
    if names is None:
        return True
    # Reading a source whole is dear. Python writes an option out, Rust may name it by a field.
    said = names if kind_of(text) == "python" else {form for name in names for form in forms(name)}
    return any(form in text.text for form in said)


def _in_text(text: Document, choices: Sequence[_Choice]) -> Iterator[Misfed]:
    if not any(choice.option.command in text.text for choice in choices):
        return
    named = [choice for choice in choices if choice.option.name in text.text]
    context = steps(text) if named else {}
    for call in calls(text) if named else ():
        for choice in named if not call.block.documented else ():
            option = choice.option
            given = value_of(call, option.name) if option.name in call.text else None
            if not given or call.names(option.command, script=option.script, programs=choice.programs) < 0:
                continue
            wrong = _wrong(given, option.choices, context.get(call.block.line))
            if wrong and not _guarded(call, given):
                yield Misfed(option, choice.source, text.path, call.line, given, wrong)


def _wrong(given: str, choices: tuple[str, ...], step: Step | None) -> tuple[str, ...]:
    """The values that `given` may come to and that are none of the choices; empty where one cannot tell."""
    values = possible_values(given, step)
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
    _, *others = dict.fromkeys(Site(item.file, item.line) for item in items)
    values = " or ".join(f"`{value}`" for value in first.values)
    comes = f"`{option.name} {first.expression}`"
    if "$" in first.expression:
        comes += f" comes to {values} in the merged workflow"
    more = f"; so in {', '.join(site.told for site in others)}" if others else ""
    lines = first.source.text.split("\n")[option.line - 1 : option.line + 3]
    return Found(
        "breakage",
        first.file,
        first.line,
        f"{comes}, but {option.command} takes only {choices}{more}",
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
        also=tuple(others),
    )
