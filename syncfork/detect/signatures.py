"""Calls that go by what a function took before: one side changed what it takes, the other one's lines call it as ever.

Git merges both, and what is built from it stops, if only where it runs. Said of a function only if its name stands for one
thing: all of that name take the same on each side, and all calls on a side go with what it takes there.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from syncfork.detect.base import Found, View, vendored
from syncfork.detect.called import Call, Definition
from syncfork.detect.called_forms import bound_names, calls, family
from syncfork.detect.called_grammars import ENDINGS
from syncfork.detect.called_heads import may_define
from syncfork.detect.lines import beyond
from syncfork.detect.name_forms import LONGEST
from syncfork.detect.name_imports import brought_in
from syncfork.detect.name_meaning import of_its_own
from syncfork.detect.signature_changes import (
    Changed,
    Lines,
    Side,
    change_of,
    defined_in,
    having,
    seen_by,
    suspects,
    takes_the_same,
)
from syncfork.report import Place, Site
from syncfork.text import Document
from syncfork.words import also, listed

_SAME_OBJECT = frozenset(["self", "this", "super", "super()", "cls", "Self", "$this", "static"])
# Nobody reads how a function is written that takes a hundred values.
_LONGEST_HEAD = 300
# So many lines of a call are shown.
_SHOWN = 12


class _Use(Struct, frozen=True):
    """A place that goes by what a function took: a call and why it is none any more, or a definition of the same."""

    path: str
    line: int
    text: str
    why: str
    certain: bool


def find(view: View) -> Iterator[Found]:
    """One finding for each function, at the first place that calls it as before."""
    files = [file for file in view.files if family(file.path) and not vendored(file.path)]
    for side in ("ours", "theirs"):
        lines = [seen_by(file, side) for file in files]
        changed = [
            one
            for group, name in sorted(suspects(lines))
            if (one := change_of(name, group, lines)) is not None
        ]
        used = [(one, uses) for one in changed if (uses := _uses(one, lines)) and _one_thing(one, lines)]
        elsewhere = _elsewhere(view, side, [one for one, _ in used], lines)
        for one, uses in used:
            if not elsewhere[one.family, one.name]:
                yield _found(one, uses, side, lines)


def _uses(changed: Changed, files: Iterable[Lines]) -> list[_Use]:
    """Where lines of the side go by what a function took, the most certain ones first."""
    found = []
    for file in having(changed.name, changed.family, files):
        texts = file.merged.text.split("\n") if file.merged else []
        if file.merged is None or not any(changed.name in texts[number - 1] for number in file.own):
            continue
        own = defined_in(file.merged, changed.name)
        if own and not defined_in(file.other, changed.name):
            # What calls it in this file calls this one.
            found += [
                _Use(file.path, d.line, texts[d.line - 1], "", certain=False)
                for d in own
                if d.method
                and not takes_the_same(d, changed.new)
                and not file.own.isdisjoint(range(d.line, d.last + 1))
            ]
            continue
        asked = [
            (call, why)
            for call in (() if changed.copied else calls(file.merged, changed.name))
            if not file.own.isdisjoint(range(call.line, call.last + 1))
            and (why := changed.new.signature.misfit(call))
            and not changed.old.signature.misfit(call)
            and _may_be_meant(changed, call)
        ]
        elsewhere = changed.theirs.private and file.path != changed.path
        if asked and not elsewhere and (own or not _means_own(changed, file.merged)):
            found += [
                _Use(file.path, call.line, texts[call.line - 1], why, _certain(changed, call, file.merged))
                for call, why in asked
            ]
    return sorted(found, key=lambda use: (not use.certain, not use.why, use.path, use.line))


def _means_own(changed: Changed, document: Document) -> bool:
    lines = [line for line in document.text.split("\n") if changed.name in line]
    if of_its_own(changed.name, changed.path, lines, brought_in(document.text)):
        return True
    # What begins with a capital is mostly a type where it stands among parameters.
    return not changed.name[:1].isupper() and changed.name in bound_names(document)


def _may_be_meant(changed: Changed, call: Call) -> bool:
    """In Python, a method is called on something, and a function of a module not on the object itself."""
    if not changed.path.endswith(".py") or changed.name[:1].isupper():
        return True
    return bool(call.of) if changed.new.signature.bound else call.of not in ("self", "cls", "super()")


def _certain(changed: Changed, call: Call, document: Document) -> bool:
    """Whether it is this function that is called, as it is: by itself, or by a name that the text has it under, on the same
    object as in its own file, or as one of its module, which the text brings in."""
    if changed.new.wrapped:
        return False
    if not call.of:
        return not _FROM_ALL.search(document.text) or document.path == changed.path
    if call.of in _SAME_OBJECT:
        return document.path == changed.path
    last = re.split(r"\W+", call.of)[-1]
    if changed.family in ("go", "java"):
        # A package goes by its folder's name, and is brought in by a path of several lines; a class of the same one by none.
        return last in _stems(changed.path)
    brings = re.compile(rf"\b(?:import|use|require|include)\b[^\n]{{0,200}}\b{re.escape(last)}\b")
    return last in _stems(changed.path) and bool(brings.search(document.text))


# All names of a module, whichever these are.
_FROM_ALL = re.compile(r"^[ \t]*from[ \t]+\S+[ \t]+import[ \t]+\*", re.MULTILINE)


def _stems(path: str) -> set[str]:
    """What a module may be called that is the file at `path`: by its name, or its folder's."""
    parts = path.rpartition(".")[0].split("/")
    return set(parts[-2:])


def _one_thing(changed: Changed, files: Iterable[Lines]) -> bool:
    """Whether all calls on each side go with what the function takes there: else the name stands for several things."""
    for file in having(changed.name, changed.family, files):
        for document, known in ((file.side, changed.old), (file.other, changed.theirs)):
            if document and any(map(known.signature.misfit, calls(document, changed.name))):
                return False
    return True


def _elsewhere(
    view: View, side: Side, changed: Collection[Changed], files: Iterable[Lines]
) -> Mapping[tuple[str, str], bool]:
    """Of each function whether files that nobody changed define one of that name, or call one that takes something
    else than the other side's."""
    found = {}
    for group in {one.family for one in changed}:
        ending, *endings = ENDINGS[group]
        asked = {one.name: one for one in changed if one.family == group}
        specs = [f"*{each}" for each in (ending, *endings)]
        lines = view.trees.lines_with("theirs" if side == "ours" else "ours", sorted(asked), specs)
        known = Counter(
            line
            for file in files
            if file.other and family(file.path) == group
            for line in file.other.text.split("\n")
        )
        rest = (Counter(lines) - known).keys()
        for name, one in asked.items():
            mine = [line for line in rest if name in line and len(line) <= LONGEST]
            found[group, name] = any(_another(one, line, ending) for line in mine)
    return found


def _another(changed: Changed, line: str, ending: str) -> bool:
    if may_define(line, changed.name):
        return True
    # In C, what a function returns may stand in the line before.
    if changed.family == "c" and line.startswith(changed.name) and not line.rstrip().endswith(";"):
        return True
    whole = line.count("(") == line.count(")")
    found = calls(Document(f"line{ending}", line), changed.name) if whole else ()
    return any(map(changed.theirs.signature.misfit, found))


def _found(changed: Changed, uses: Sequence[_Use], side: Side, files: Sequence[Lines]) -> Found:
    first, by_theirs = uses[0], side == "ours"
    whose = "both sides" if changed.by_both else "upstream" if by_theirs else "the fork"
    _, *sites = dict.fromkeys(Site(use.path, use.line) for use in uses)
    places = also(site.told for site in sites)
    told = f"{whose} changed it in {changed.path}, {_change(changed.old, changed.new)}"
    adapted = _adapted(changed, files)
    where = f"{adapted[0]}:{adapted[1].line}" if adapted else ""
    if first.why:
        message = f"`{changed.name}` {first.why} in this call{places}: {told}"
        fix = (
            f"call it as {'upstream' if by_theirs else 'the fork'} now does in {where}"
            if where
            else "call it as it is now"
        )
    else:
        message = f"`{changed.name}` is defined here as it was{places}: {told}"
        fix = "if it stands for the same, let it take the same: it is called as it is now"
    # Who changed what it takes, or else who brought the line that calls it.
    cause = Place(changed.path, changed.theirs.line) if by_theirs else Place(first.path, first.line)
    return Found(
        "breakage" if first.certain else "decision",
        first.path,
        first.line,
        message,
        fix=fix,
        upstream=cause,
        added=_head_lines(changed, files) if by_theirs else (first.text,),
        names=(changed.name,),
        key=changed.name,
        code=adapted[2] if adapted and first.why else "",
        also=tuple(sites),
    )


def _change(old: Definition, new: Definition) -> str:
    """How a function changed: as it is written or, where nobody would read that, by what it takes."""
    if max(len(old.head), len(new.head)) <= _LONGEST_HEAD:
        return f"from `{old.head}` to `{new.head}`"
    before, after = (dict.fromkeys(p.name for p in each.signature.parameters) for each in (old, new))
    gone, come = (
        [f"`{name}`" for name in one if name not in other]
        for one, other in ((before, after), (after, before))
    )
    told = [f"takes {listed(come)} now"] if come else []
    told += [f"takes no more {listed(gone)}"] if gone else []
    return f"where it {' and '.join(told)}" if told else "in what a call may leave out"


def _head_lines(changed: Changed, files: Iterable[Lines]) -> tuple[str, ...]:
    """The lines in which the other side changed what a function takes."""
    file = next(file for file in files if file.path == changed.path)
    if not file.other or not file.base:
        return ()
    head = range(changed.theirs.line, changed.theirs.last + 1)
    return tuple(line for number, line in beyond(file.other.text, file.base.text).items() if number in head)


def _adapted(changed: Changed, files: Iterable[Lines]) -> tuple[str, Call, str] | None:
    """Where the other side calls the function as it could not be called before: the file, the call and its lines."""
    for file in having(changed.name, changed.family, files):
        for call in calls(file.other, changed.name) if file.other else ():
            if file.other and changed.old.signature.misfit(call):
                lines = file.other.text.split("\n")[call.line - 1 : min(call.last, call.line - 1 + _SHOWN)]
                return file.path, call, textwrap.dedent("\n".join(lines))
    return None
