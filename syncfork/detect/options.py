"""Command-line options and sub-commands that upstream took away, and the fork's own text still uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from syncfork.detect.base import File, Found, View
from syncfork.detect.calls import Call, calls, passing, unquoted
from syncfork.detect.declarations import (
    Declared,
    Option,
    declared,
    kind_of,
    language_of,
    may_have_lost,
)
from syncfork.detect.declaring import forms
from syncfork.detect.programs import programs
from syncfork.detect.upstream_use import now_does
from syncfork.report import Place
from syncfork.text import Document
from syncfork.words import count


class Gone(Struct, frozen=True):
    """Something upstream declared in the merge base and declares no more: an option, or (`name` empty) a whole
    sub-command. `sure` is false where the new text may still take it in a way that is not read; `others` are the
    commands that have an option of the same name, `names` those of the program."""

    command: str
    name: str
    script: bool
    source: Document
    line: int
    sure: bool
    others: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    @property
    def told(self) -> str:
        """What to call it in a message."""
        command = self.command or min(self.names, key=len, default=self.source.path)
        return f"`{self.name}` of `{command}`" if self.name else f"the command `{command}`"


def find(view: View) -> Iterator[Found]:
    """Every use, in text of the fork's own, of what upstream removed; one finding for each thing and file."""
    gone = list(removed(view))
    named: dict[str, frozenset[str]] = {}
    for file in view.files if gone else ():
        if not file.merged or not file.fork_lines:
            continue
        text = file.merged.text
        here = [item for item in gone if item.name in text and (item.script or item.command in text)]
        made = _of_the_fork(file, calls(file.merged)) if here else []
        for item in here if made else ():
            path = item.source.path
            # A sub-command with a hyphen is told by its word alone.
            if path not in named and (item.script or "-" not in item.command):
                named[path] = programs(view, item.source)
            whole = replace(item, names=named.get(path, frozenset()))
            uses = [call for call in made if _uses(call, whole)]
            if uses and not _another(view, whole, uses):
                yield _found(view, file, whole, uses)


def _of_the_fork(file: File, made: Sequence[Call]) -> list[Call]:
    """The calls in blocks of which the fork wrote any line: what upstream wrote alone is upstream's to keep whole."""
    blocks = {call.block for call in made}
    ours = {block for block in blocks if not file.fork_lines.isdisjoint(block.lines)}
    return [call for call in made if call.block in ours]


def removed(view: View) -> Iterator[Gone]:
    """What upstream's texts declared in the merge base, and no merged text declares any more."""
    for file in view.files:
        if not (file.base and file.changed_by_theirs and language_of(file.base)):
            continue
        now = file.merged or file.theirs
        if now and may_have_lost(file.base, now):
            yield from _removed(view, file, file.base, now)


def _removed(view: View, file: File, base: Document, now: Document) -> Iterator[Gone]:
    before, after = declared(base), declared(now)
    kept = {_key(option) for option in after.options}
    for option in dict.fromkeys(before.options):
        if _key(option) in kept or not (option.command or option.script) or _abbreviated(option, after, now):
            continue
        others = _elsewhere(view, file, option.name)
        # Of a command that is gone as a whole the command is told.
        commands = {name for found, _, _ in others for name, _ in found.commands}
        commands |= {name for name, _ in after.commands}
        if (not option.script and option.command not in commands) or _moved(option, now, others):
            continue
        sure = _sure(file, before, after, now, option.name) and not any(new for _, new, _ in others)
        yield Gone(
            option.command, option.name, option.script, base, option.line, sure,
            frozenset(o.command for o in after.options if o.name == option.name and not o.script),
        )  # fmt: skip
    for name, line in before.commands:
        if name not in {name for name, _ in after.commands}:
            others = _elsewhere(view, file, name)
            if name not in {other for found, _, _ in others for other, _ in found.commands}:
                yield Gone(name, "", False, base, line, _sure(file, before, after, now, name))


def _key(option: Option) -> tuple[str, str]:
    return "" if option.script else option.command, option.name


def _abbreviated(option: Option, now: Declared, text: Document) -> bool:
    """Whether argparse still takes the name, as the beginning of just one other."""
    if "add_argument" not in text.text or "allow_abbrev" in text.text or not option.name.startswith("--"):
        return False
    owner = _key(option)[0]
    longer = {o.name for o in now.options if _key(o)[0] == owner and o.name.startswith(option.name)}
    return len(longer) == 1


_Other = tuple[Declared, bool, str]


def _elsewhere(view: View, file: File, name: str) -> list[_Other]:
    """What the other merged texts of the same language that mention `name` declare, whether they newly declare it,
    and their paths."""
    said = forms(name)
    kind = kind_of(file.base) if file.base else ""
    found: list[_Other] = []
    for other in view.files:
        text = other.merged or other.theirs
        if other is file or text is None or kind_of(text) != kind:
            continue
        if language_of(text) and any(form in text.text for form in said):
            old = declared(other.base) if other.base else Declared()
            known = {option.name for option in old.options}
            new = any(option.name == name and name not in known for option in declared(text).options)
            found.append((declared(text), new, text.path))
    return found


def _moved(option: Option, now: Document, others: list[_Other]) -> bool:
    """Whether another file declares the option now: for the same command, or in a module that this one names."""
    for found, new, path in others:
        for other in found.options:
            if other.name != option.name:
                continue
            if option.script and other.script and other.command == option.command:
                return True
            if not option.script and other.command in (option.command, ""):
                return True
            stem = PurePosixPath(path).stem
            if new and re.search(rf"\b{re.escape(stem)}\b", now.text):
                return True
    return False


def _sure(file: File, before: Declared, after: Declared, now: Document, name: str) -> bool:
    """Whether the new text surely has no other way to the name: it is read as a whole, and says it less often."""
    if not language_of(now) or after.unread - before.unread:
        return False
    said = _said(now, name)
    if said and said >= _said(file.base, name):
        return False
    owners = {(o.command, o.name) for o in before.options}
    return not any(o.name == name and (o.command, o.name) not in owners for o in after.options)


def _said(document: Document | None, name: str) -> int:
    """How often a text says a name as a literal."""
    if document is None or len(name.lstrip("-")) < 2:
        return 0
    names = {name, name.lstrip("-")} if kind_of(document) == "rust" else {name}
    return sum(document.text.count(f"{quote}{one}{quote}") for one in names for quote in "\"'")


def _uses(call: Call, gone: Gone) -> int:
    """The line where the call uses what is gone, 0 where it does not."""
    if call.names(gone.command, script=gone.script, programs=gone.names) < 0:
        return 0
    if gone.script and gone.others.intersection(map(unquoted, call.words)):
        return 0
    return passing(call, gone.name) if gone.name else call.line


def _another(view: View, gone: Gone, uses: list[Call]) -> bool:
    """Whether all the calls are of other scripts that have the same file name."""
    if not gone.script:
        return False
    name = PurePosixPath(gone.source.path).name
    words = [unquoted(word).removeprefix("./") for call in uses for word in call.words]
    called = {word for word in words if word.rpartition("/")[2] == name and "$" not in word}
    others = {word for word in called if "/" in word and word != gone.source.path}
    return bool(called) and called == others and view.trees.exists("merged", others) == others


def _found(view: View, file: File, gone: Gone, uses: list[Call]) -> Found:
    line = gone.source.line(gone.line)
    documented = all(call.block.documented for call in uses)
    lines = list(dict.fromkeys(_uses(call, gone) for call in uses))
    verb = "names" if documented else "passes" if gone.name else "calls"
    more = f" (and in {count(len(lines) - 1, 'more line')})" if len(lines) > 1 else ""
    advice, code = now_does(
        view, file, uses[0].block, lambda call: _uses(call, gone) > 0, gone.name or gone.command
    ) or ("", "")
    thing = gone.name or gone.command
    what = "which upstream removed" if gone.sure else "which upstream removed, or takes in another way now"
    fix = (
        f"take `{thing}` out here and keep what it did, {advice}"
        if advice
        else f"take `{thing}` out here; see in upstream's commit what does its work now, and do that here"
    )
    unsure = f"see in upstream's commit whether `{thing}` is still taken; if not, {fix}"
    return Found(
        "decision" if documented or not gone.sure else "breakage",
        file.path,
        lines[0],
        f"this {verb} {gone.told}{more}, {what}",
        fix=fix if gone.sure else unsure,
        code=code,
        upstream=Place(gone.source.path, gone.line),
        removed=(line,),
        key=f"{gone.command} {gone.name}",
    )
