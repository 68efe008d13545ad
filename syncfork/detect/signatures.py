"""Calls that go by what a function took before: one side changed what it takes, the other one's lines call it as ever.

Git merges both, and what is built from it stops, if only where it runs. Said of a function only if its name stands for one
thing: all of that name take the same on each side, and all calls on a side go with what it takes there.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from syncfork.detect.base import File, Found, View, vendored
from syncfork.detect.called import Call, Definition
from syncfork.detect.called_forms import bound_names, calls, definitions, family
from syncfork.detect.called_grammars import ENDINGS
from syncfork.detect.called_heads import changed_heads, may_define
from syncfork.detect.lines import beyond
from syncfork.detect.name_imports import brought_in
from syncfork.detect.name_meaning import of_its_own
from syncfork.report import Place
from syncfork.text import Document
from syncfork.words import also

_Side = Literal["ours", "theirs"]
_WORD = re.compile(r"\w+")
# Shorter ones stand for much else.
_SHORTEST = 3
_SAME_OBJECT = frozenset(["self", "this", "super", "super()", "cls", "Self", "$this", "static"])
# So many lines of a call are shown.
_SHOWN = 12


class _Lines(Struct, frozen=True):
    """One file as the side has it whose lines call, as the other side has it, and as it is merged; with the numbers of
    the merged lines that the other side has not."""

    path: str
    base: Document | None
    side: Document | None
    other: Document | None
    merged: Document | None
    own: frozenset[int]
    conflicted: bool


class _Changed(Struct, frozen=True):
    """A function of a `family` of languages: what it takes for the lines that call it (`old`) and in the merged tree
    (`new`), where the other side has defined it, and whether both sides changed it. `copied` where the side that calls it
    has one of that name beside it, which may be what it calls."""

    name: str
    family: str
    old: Definition
    new: Definition
    theirs: Definition
    path: str
    by_both: bool
    copied: bool


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
        lines = [_seen(file, side) for file in files]
        changed = [
            one
            for group, name in sorted(_suspects(lines))
            if (one := _change(name, group, lines)) is not None
        ]
        used = [(one, uses) for one in changed if (uses := _uses(one, lines)) and _one_thing(one, lines)]
        elsewhere = _elsewhere(view, side, [one for one, _ in used], lines)
        for one, uses in used:
            if not elsewhere[one.family, one.name]:
                yield _found(one, uses, side, lines)


def _seen(file: File, side: _Side) -> _Lines:
    if side == "ours":
        return _Lines(
            file.path, file.base, file.ours, file.theirs, file.merged, file.fork_lines, file.conflicted
        )
    return _Lines(file.path, file.base, file.theirs, file.ours, file.merged, file.new_lines, file.conflicted)


def _suspects(files: Iterable[_Lines]) -> set[tuple[str, str]]:
    """The functions, by family and name, that lines of one side name, and that the other side may have changed."""
    used: dict[str, set[str]] = defaultdict(set)
    for file in files:
        if file.merged and file.own:
            texts = file.merged.text.split("\n")
            for number in file.own:
                used[family(file.path)].update(_WORD.findall(texts[number - 1]))
    found = set()
    for file in files:
        names = used[family(file.path)]
        if names and file.base and file.other and file.base.text != file.other.text:
            changed = changed_heads(file.base.text, file.other.text, names)
            old, new = (definitions(each) if changed else {} for each in (file.base, file.other))
            found |= {
                (family(file.path), name)
                for name in changed & old.keys() & new.keys()
                if len(name) >= _SHORTEST and _takes(old[name]) != _takes(new[name])
            }
    return found


def _takes(defined: Iterable[Definition]) -> list[tuple[object, ...]]:
    return [each.signature.takes for each in defined]


def _change(name: str, group: str, files: Sequence[_Lines]) -> _Changed | None:
    """What became of a function; None where that cannot be told: it has several forms, or is in conflict."""
    base: dict[str, Sequence[Definition]] = {}
    side, other, merged = dict(base), dict(base), dict(base)
    for file in _with(name, group, files):
        texts = ((file.base, base), (file.side, side), (file.other, other), (file.merged, merged))
        for document, known in texts:
            if found := _defined(document, name):
                known[file.path] = found
        if file.conflicted and any(file.path in known for _, known in texts):
            return None
    if group == "c" and any(_with_defaults(file, name) for file in _with(name, group, files)):
        return None
    shared = base.keys() | other.keys()
    old = _one(d for path, each in side.items() if path in shared for d in each)
    theirs = _one(d for each in other.values() for d in each)
    new = _one(d for path, each in merged.items() if path in shared for d in each)
    before = _one(d for each in base.values() for d in each)
    if not (old and theirs and new and before) or _same(old, new):
        return None
    # What the side itself has beside it has to be the same function in another place.
    beside = [d for path, each in side.items() if path not in shared for d in each]
    if not all(_same(each, old) or _same(each, new) for each in beside):
        return None
    path = next(path for path, each in other.items() if theirs in each)
    return _Changed(name, group, old, new, theirs, path, not _same(old, before), bool(beside))


def _with_defaults(file: _Lines, name: str) -> bool:
    """Whether a declaration in C++, which is not read, says what a parameter is that is left out."""
    form = re.compile(rf"\b{re.escape(name)}[ \t]*\([^;{{}}()]{{0,1000}}=[^;{{}}]{{0,1000}};")
    return any(
        each is not None and form.search(each.text)
        for each in (file.base, file.side, file.other, file.merged)
    )


def _with(name: str, group: str, files: Iterable[_Lines]) -> Iterator[_Lines]:
    """The files of the family in which a name stands on some side."""
    for file in files:
        sides = (file.base, file.side, file.other, file.merged)
        if family(file.path) == group and any(name in each.text for each in sides if each):
            yield file


def _defined(document: Document | None, name: str) -> Sequence[Definition]:
    if document is None or not may_define(document.text, name):
        return ()
    return definitions(document).get(name, ())


def _one(found: Iterable[Definition]) -> Definition | None:
    """The definition of a function, of which there may be several that take the same; else None."""
    listed = list(found)
    return listed[0] if listed and all(_same(listed[0], each) for each in listed) else None


def _same(one: Definition, other: Definition) -> bool:
    return one.signature.takes == other.signature.takes


def _uses(changed: _Changed, files: Iterable[_Lines]) -> list[_Use]:
    """Where lines of the side go by what a function took, the most certain ones first."""
    found = []
    for file in _with(changed.name, changed.family, files):
        texts = file.merged.text.split("\n") if file.merged else []
        if file.merged is None or not any(changed.name in texts[number - 1] for number in file.own):
            continue
        own = _defined(file.merged, changed.name)
        if own and not _defined(file.other, changed.name):
            # What calls it in this file calls this one.
            found += [
                _Use(file.path, d.line, texts[d.line - 1], "", certain=False)
                for d in own
                if d.method
                and not _same(d, changed.new)
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


def _means_own(changed: _Changed, document: Document) -> bool:
    lines = [line for line in document.text.split("\n") if changed.name in line]
    if of_its_own(changed.name, changed.path, lines, brought_in(document.text)):
        return True
    # What begins with a capital is mostly a type where it stands among parameters.
    return not changed.name[:1].isupper() and changed.name in bound_names(document)


def _may_be_meant(changed: _Changed, call: Call) -> bool:
    """In Python, a method is called on something, and a function of a module not on the object itself."""
    if not changed.path.endswith(".py") or changed.name[:1].isupper():
        return True
    return bool(call.of) if changed.new.signature.bound else call.of not in ("self", "cls", "super()")


def _certain(changed: _Changed, call: Call, document: Document) -> bool:
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


def _one_thing(changed: _Changed, files: Iterable[_Lines]) -> bool:
    """Whether all calls on each side go with what the function takes there: else the name stands for several things."""
    for file in _with(changed.name, changed.family, files):
        for document, known in ((file.side, changed.old), (file.other, changed.theirs)):
            if document and any(map(known.signature.misfit, calls(document, changed.name))):
                return False
    return True


def _elsewhere(
    view: View, side: _Side, changed: Collection[_Changed], files: Iterable[_Lines]
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
            mine = [line for line in rest if name in line and len(line) <= _LONGEST]
            found[group, name] = any(_another(one, line, ending) for line in mine)
    return found


# Longer lines are data.
_LONGEST = 1000


def _another(changed: _Changed, line: str, ending: str) -> bool:
    if may_define(line, changed.name):
        return True
    # In C, what a function returns may stand in the line before.
    if changed.family == "c" and line.startswith(changed.name) and not line.rstrip().endswith(";"):
        return True
    whole = line.count("(") == line.count(")")
    found = calls(Document(f"line{ending}", line), changed.name) if whole else ()
    return any(map(changed.theirs.signature.misfit, found))


def _found(changed: _Changed, uses: Sequence[_Use], side: _Side, files: Sequence[_Lines]) -> Found:
    first, *others = uses
    by_theirs = side == "ours"
    whose = "both sides" if changed.by_both else "upstream" if by_theirs else "the fork"
    places = also(f"{use.path}:{use.line}" for use in others)
    told = f"{whose} changed it in {changed.path}, from `{changed.old.head}` to `{changed.new.head}`"
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
    )


def _head_lines(changed: _Changed, files: Iterable[_Lines]) -> tuple[str, ...]:
    """The lines in which the other side changed what a function takes."""
    file = next(file for file in files if file.path == changed.path)
    if not file.other or not file.base:
        return ()
    head = range(changed.theirs.line, changed.theirs.last + 1)
    return tuple(line for number, line in beyond(file.other.text, file.base.text).items() if number in head)


def _adapted(changed: _Changed, files: Iterable[_Lines]) -> tuple[str, Call, str] | None:
    """Where the other side calls the function as it could not be called before: the file, the call and its lines."""
    for file in _with(changed.name, changed.family, files):
        for call in calls(file.other, changed.name) if file.other else ():
            if file.other and changed.old.signature.misfit(call):
                lines = file.other.text.split("\n")[call.line - 1 : min(call.last, call.line - 1 + _SHOWN)]
                return file.path, call, textwrap.dedent("\n".join(lines))
    return None
