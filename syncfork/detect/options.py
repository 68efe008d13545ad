"""Command-line options and sub-commands that upstream took away, and the fork's own text still uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from syncfork.detect.base import File, Found, View
from syncfork.detect.calls import Call, calls, passing
from syncfork.detect.declarations import Declared, Option, declared
from syncfork.detect.upstream_use import now_does
from syncfork.report import Place
from syncfork.text import Document


@dataclass(frozen=True)
class Gone:
    """Something upstream declared in the merge base and declares no more: an option, or (`name` empty) a whole
    sub-command."""

    command: str
    name: str
    script: bool
    source: Document
    line: int

    @property
    def told(self) -> str:
        """What to call it in a message."""
        return f"`{self.name}` of `{self.command}`" if self.name else f"the command `{self.command}`"


def find(view: View) -> Iterator[Found]:
    """Every use, in text of the fork's own, of what upstream removed; one finding for each thing and file."""
    gone = list(removed(view))
    if not gone:
        return
    for file in view.files:
        if not file.merged or not file.fork_lines:
            continue
        made = [call for call in calls(file.merged) if _is_ours(file, call)]
        for item in gone:
            lines = list(dict.fromkeys(line for call in made if (line := _uses(call, item))))
            if lines:
                yield _found(view, file, item, lines, documented=_documented(made, item))


def _is_ours(file: File, call: Call) -> bool:
    """Whether the fork wrote any line of the block: what upstream wrote alone is upstream's to keep whole."""
    last = call.block.line + call.block.text.count("\n")
    return any(number in file.fork_lines for number in range(call.block.line, last + 1))


def removed(view: View) -> Iterator[Gone]:
    """What upstream's texts declared in the merge base, and no merged text declares any more."""
    before = [(file.base, declared(file.base)) for file in view.files if file.base and file.changed_by_theirs]
    if not any(found.options or found.commands for _, found in before):
        return
    after = _all(declared(text) for file in view.files if (text := file.merged or file.theirs))
    known = {(option.command, option.name) for option in after.options}
    commands = {name for name, _ in after.commands}
    programs = {option.command for option in after.options} | commands
    for source, found in before:
        for option in dict.fromkeys(found.options):
            if (option.command, option.name) not in known and option.command in programs:
                yield Gone(option.command, option.name, option.script, source, option.line)
        for name, line in found.commands:
            # A short word stands in many commands that have nothing to do with it.
            if name not in programs and "-" in name:
                yield Gone(name, "", False, source, line)


def _all(found: Iterable[Declared]) -> Declared:
    options: list[Option] = []
    commands: list[tuple[str, int]] = []
    for item in found:
        options += item.options
        commands += item.commands
    return Declared(tuple(options), tuple(commands))


def _uses(call: Call, gone: Gone) -> int:
    """The line where the call uses what is gone, 0 where it does not."""
    if call.names(gone.command, script=gone.script) < 0:
        return 0
    return passing(call, gone.name) if gone.name else call.line


def _documented(made: Iterable[Call], gone: Gone) -> bool:
    return all(call.block.documented for call in made if _uses(call, gone))


def _found(view: View, file: File, gone: Gone, lines: list[int], *, documented: bool) -> Found:
    line = gone.source.text.split("\n")[gone.line - 1]
    verb = "names" if documented else "passes" if gone.name else "calls"
    more = f" (and in {len(lines) - 1} more lines)" if len(lines) > 1 else ""
    advice = now_does(view, file.path, gone.command, gone.name, script=gone.script)
    thing = gone.name or gone.command
    return Found(
        "decision" if documented else "breakage",
        file.path,
        lines[0],
        f"this {verb} {gone.told}{more}, which upstream removed",
        fix=f"take `{thing}` out here and keep what it did: {advice}"
        if advice
        else f"take `{thing}` out here; see in upstream's commit what does its work now, and do that here",
        upstream=Place(gone.source.path, gone.line),
        removed=(line,),
        key=f"{gone.command} {gone.name}",
    )
