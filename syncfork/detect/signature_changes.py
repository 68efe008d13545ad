"""Functions that one side of a merge changed in what they take, as the other side's lines know them. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from syncfork.detect.base import File
from syncfork.detect.called import Definition
from syncfork.detect.called_forms import definitions, family
from syncfork.detect.called_heads import changed_heads, may_define
from syncfork.text import Document

Side = Literal["ours", "theirs"]
_WORD = re.compile(r"\w+")
# Shorter ones stand for much else.
_SHORTEST = 3


class Lines(Struct, frozen=True):
    """One file as the side has it whose lines call, as the other side has it, and as it is merged; with the numbers of
    the merged lines that the other side has not."""

    path: str
    base: Document | None
    side: Document | None
    other: Document | None
    merged: Document | None
    own: frozenset[int]
    conflicted: bool


class Changed(Struct, frozen=True):
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


def seen_by(file: File, side: Side) -> Lines:
    """A file as it is for the lines of a side."""
    if side == "ours":
        return Lines(
            file.path, file.base, file.ours, file.theirs, file.merged, file.fork_lines, file.conflicted
        )
    return Lines(file.path, file.base, file.theirs, file.ours, file.merged, file.new_lines, file.conflicted)


def suspects(files: Iterable[Lines]) -> set[tuple[str, str]]:
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


def change_of(name: str, group: str, files: Sequence[Lines]) -> Changed | None:
    """What became of a function; None where that cannot be told: it has several forms, or is in conflict."""
    base: dict[str, Sequence[Definition]] = {}
    side, other, merged = dict(base), dict(base), dict(base)
    for file in having(name, group, files):
        texts = ((file.base, base), (file.side, side), (file.other, other), (file.merged, merged))
        for document, known in texts:
            if found := defined_in(document, name):
                known[file.path] = found
        if file.conflicted and any(file.path in known for _, known in texts):
            return None
    if group == "c" and any(_with_defaults(file, name) for file in having(name, group, files)):
        return None
    shared = base.keys() | other.keys()
    old = _one(d for path, each in side.items() if path in shared for d in each)
    theirs = _one(d for each in other.values() for d in each)
    new = _one(d for path, each in merged.items() if path in shared for d in each)
    before = _one(d for each in base.values() for d in each)
    if not (old and theirs and new and before) or takes_the_same(old, new):
        return None
    # What the side itself has beside it has to be the same function in another place.
    beside = [d for path, each in side.items() if path not in shared for d in each]
    if not all(takes_the_same(each, old) or takes_the_same(each, new) for each in beside):
        return None
    path = next(path for path, each in other.items() if theirs in each)
    return Changed(name, group, old, new, theirs, path, not takes_the_same(old, before), bool(beside))


def _with_defaults(file: Lines, name: str) -> bool:
    """Whether a declaration in C++, which is not read, says what a parameter is that is left out."""
    form = re.compile(rf"\b{re.escape(name)}[ \t]*\([^;{{}}()]{{0,1000}}=[^;{{}}]{{0,1000}};")
    return any(
        each is not None and form.search(each.text)
        for each in (file.base, file.side, file.other, file.merged)
    )


def having(name: str, group: str, files: Iterable[Lines]) -> Iterator[Lines]:
    """The files of the family in which a name stands on some side."""
    for file in files:
        sides = (file.base, file.side, file.other, file.merged)
        if family(file.path) == group and any(name in each.text for each in sides if each):
            yield file


def defined_in(document: Document | None, name: str) -> Sequence[Definition]:
    """The functions of that name that a text defines."""
    if document is None or not may_define(document.text, name):
        return ()
    return definitions(document).get(name, ())


def _one(found: Iterable[Definition]) -> Definition | None:
    """The definition of a function, of which there may be several that take the same; else None."""
    listed = list(found)
    return listed[0] if listed and all(takes_the_same(listed[0], each) for each in listed) else None


def takes_the_same(one: Definition, other: Definition) -> bool:
    """Whether two functions can be called alike."""
    return one.signature.takes == other.signature.takes
