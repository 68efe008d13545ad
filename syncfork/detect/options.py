"""Command-line options and sub-commands that upstream took away, and the fork's own text still uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from syncfork.detect.base import File, Found, View
from syncfork.detect.calls import Call, calls, passing
from syncfork.detect.declarations import Declared, declared, language_of, may_have_lost
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
        text = file.merged.text if file.merged else ""
        named = [item for item in gone if item.command in text and item.name in text]
        if not file.merged or not named or not file.fork_lines:
            continue
        made = [call for call in calls(file.merged) if _is_ours(file, call)]
        for item in named:
            uses = [call for call in made if _uses(call, item)]
            if uses:
                yield _found(view, file, item, uses)


def _is_ours(file: File, call: Call) -> bool:
    """Whether the fork wrote any line of the block: what upstream wrote alone is upstream's to keep whole."""
    return not file.fork_lines.isdisjoint(call.block.lines)


def removed(view: View) -> Iterator[Gone]:
    """What upstream's texts declared in the merge base, and no merged text declares any more."""
    for file in view.files:
        if not (file.base and file.changed_by_theirs and language_of(file.base)):
            continue
        if may_have_lost(file.base, file.merged or file.theirs):
            yield from _removed(view, file, file.base)


def _removed(view: View, file: File, base: Document) -> Iterator[Gone]:
    before, now = declared(base), _now(file)
    kept = {(option.command, option.name) for option in now.options}
    for option in dict.fromkeys(before.options):
        if (option.command, option.name) in kept:
            continue
        others = _elsewhere(view, file, option.name)
        commands = {name for found in (now, *others) for name, _ in found.commands}
        moved = any((o.command, o.name) == (option.command, option.name) for d in others for o in d.options)
        # Of a command that is gone as a whole the command is told.
        if not moved and ((file.merged or file.theirs) if option.script else option.command in commands):
            yield Gone(option.command, option.name, option.script, base, option.line)
    for name, line in before.commands:
        # A short word stands in many commands that have nothing to do with it.
        if "-" in name and name not in {name for name, _ in now.commands}:
            others = _elsewhere(view, file, name)
            if name not in {other for found in others for other, _ in found.commands}:
                yield Gone(name, "", False, base, line)


def _now(file: File) -> Declared:
    text = file.merged or file.theirs
    return declared(text) if text else Declared()


def _elsewhere(view: View, file: File, name: str) -> list[Declared]:
    """What the other merged texts that mention `name` declare."""
    bare = name.lstrip("-")
    quoted = tuple(f"{quote}{word}{quote}" for quote in "\"'" for word in (name, bare))
    texts = (other.merged or other.theirs for other in view.files if other is not file)
    return [
        declared(text)
        for text in texts
        if text
        and bare in text.text
        and (language_of(text) == "shell" or any(word in text.text for word in quoted))
    ]


def _uses(call: Call, gone: Gone) -> int:
    """The line where the call uses what is gone, 0 where it does not."""
    if call.names(gone.command, script=gone.script) < 0:
        return 0
    return passing(call, gone.name) if gone.name else call.line


def _found(view: View, file: File, gone: Gone, uses: list[Call]) -> Found:
    line = gone.source.text.split("\n")[gone.line - 1]
    documented = all(call.block.documented for call in uses)
    lines = list(dict.fromkeys(_uses(call, gone) for call in uses))
    verb = "names" if documented else "passes" if gone.name else "calls"
    more = f" (and in {len(lines) - 1} more lines)" if len(lines) > 1 else ""
    advice = now_does(view, file, uses[0].block, lambda call: _uses(call, gone) > 0)
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
