"""Texts, colours and other values of Android's that one side took out and the other side's lines use.

The build refuses `R.string.title` where no file of values has a `title`. Said of a resource only if no file of the merged
tree defines it any more, for whatever language or device.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from syncfork.detect.base import File, Found, View
from syncfork.detect.keyresources import elements, is_of_values
from syncfork.detect.name_forms import language_of
from syncfork.detect.path_gone import of_other, told_by_other
from syncfork.detect.path_resources import defined_resources
from syncfork.detect.remarks import MARKUP
from syncfork.detect.searching import has_any
from syncfork.report import Place, Site
from syncfork.text import Document
from syncfork.words import also, listed

# Those of Android's own and of its libraries, which are named by the whole package, are there.
_IN_CODE = re.compile(r"(?<![\w.])((?:\w++\.)*?)R\.([a-z]\w*)\.(\w+)")
_LIBRARIES = ("android.", "androidx.", "com.google.android.")
_IMPORTED = re.compile(r"^import[ \t]+([\w.]*\.)R[ \t]*;?[ \t]*$", re.MULTILINE)
# What only an editor shows may be missing; `@android:string/ok` is Android's own.
_IN_XML = re.compile(r"(tools:\w+\s*=\s*[\"'])?@\+?([a-z][\w-]*)/([\w.]+)")
_ENDINGS = frozenset([".java", ".kt", ".kts", ".xml"])
# Elements that are called otherwise where they are used.
_USED_AS = {"string-array": "array", "integer-array": "array"}
# Gradle makes some: `resValue("string", "title", ..)`.
_MADE = ["*.gradle", "*.gradle.kts"]


class _Lost(Struct, frozen=True):
    """A resource that a side took out of a file of values: its `TYPE/NAME` as it is defined, where the merge base has it, and
    that line."""

    defined: str
    path: str
    line: int
    text: str


class _Use(Struct, frozen=True):
    """A merged line that uses a resource, `TYPE/NAME`."""

    name: str
    file: File
    line: int


def find(view: View) -> Iterator[Found]:
    """One finding for all resources of one file that another one uses first."""
    for side in ("theirs", "ours"):
        lost = _lost(view.files, side)
        uses = list(_uses(view, lost, side)) if lost else []
        there = _standing(view, {use.name: lost[use.name] for use in uses})
        together: dict[tuple[str, str], list[_Use]] = defaultdict(list)
        first: dict[str, str] = {}
        for use in uses:
            if use.name not in there:
                path = first.setdefault(use.name, use.file.path)
                together[path, lost[use.name].path].append(use)
        for group in together.values():
            yield _found(side, lost, group)


def _lost(files: Sequence[File], side: str) -> dict[str, _Lost]:
    """What a side took out of files of values and the other one still has there, by `TYPE/NAME`."""
    found: dict[str, _Lost] = {}
    # The file of no language in particular is the one to name.
    for file in sorted(files, key=lambda file: (PurePosixPath(file.path).parent.name != "values", file.path)):
        now, other = (file.theirs, file.ours) if side == "theirs" else (file.ours, file.theirs)
        if not is_of_values(file.path) or file.conflicted or file.base is None or other is None:
            continue
        kept, had = set(_names(now)), _names(other)
        for name, (defined, line) in _names(file.base).items():
            if name not in kept and name in had:
                found.setdefault(name, _Lost(defined, file.base.path, line, file.base.line(line)))
    return found


def _names(document: Document | None) -> Mapping[str, tuple[str, int]]:
    """The resources that a file of values has, by the `TYPE/NAME` that code uses: each as it is defined, and its line."""
    return {
        f"{_USED_AS.get(kind, kind)}/{name.replace('.', '_')}": (f"{kind}/{name}", line)
        for (kind, name, _), line in elements(document)
    }


def _standing(view: View, lost: Mapping[str, _Lost]) -> set[str]:
    """Those of the resources that the merged tree defines in another file, or makes."""
    defined = defined_resources(view, {item.defined for item in lost.values()})
    stems = {item.defined.partition("/")[2] for item in lost.values()}
    made = "\n".join(view.trees.lines_with("merged", sorted(stems), _MADE)) if stems else ""
    return {
        name
        for name, item in lost.items()
        if item.defined in defined
        or re.search(rf"[\"']{re.escape(item.defined.partition('/')[2])}[\"']", made)
    }


def _uses(view: View, lost: Mapping[str, _Lost], side: str) -> Iterator[_Use]:
    """The lines of the other side that use one of the resources, in files that did not do without it before."""
    stems = {each.partition("/")[2] for name, item in lost.items() for each in (name, item.defined)}
    named = has_any(stems)
    for file, merged in told_by_other(view.files, named, side):
        if PurePosixPath(file.path).suffix not in _ENDINGS:
            continue
        for number, name in _mentions(merged, lost):
            if of_other(file, side, number):
                yield _Use(name, file, number)


def _mentions(document: Document, names: Collection[str]) -> Iterator[tuple[int, str]]:
    """Every line (from 1) of a text of Java, Kotlin or XML that uses one of the resources."""
    language = language_of(document.path)
    lines = language.lines(document.text) if language else MARKUP.cleared(document.text).split("\n")
    if language and any(found[1].startswith(_LIBRARIES) for found in _IMPORTED.finditer(document.text)):
        return
    for number, line in enumerate(lines, start=1):
        if language:
            found = [(m[2], m[3]) for m in _IN_CODE.finditer(line) if not m[1].startswith(_LIBRARIES)]
        else:
            found = [(m[2], m[3].replace(".", "_")) for m in _IN_XML.finditer(line) if not m[1]]
        for kind, stem in found:
            if f"{kind}/{stem}" in names:
                yield number, f"{kind}/{stem}"


def _found(side: str, lost: Mapping[str, _Lost], uses: Sequence[_Use]) -> Found:
    names = list(dict.fromkeys(use.name for use in uses))
    first, item = uses[0], lost[uses[0].name]
    _, *others = dict.fromkeys(Site(use.file.path, use.line) for use in uses)
    whose = "upstream" if side == "theirs" else "the fork"
    verb, it = ("is", "it") if len(names) == 1 else ("are", "them")
    told = listed([f"`R.{name.replace('/', '.')}`" for name in names])
    merged = first.file.merged
    assert merged is not None  # it was read there
    return Found(
        "breakage",
        first.file.path,
        first.line,
        f"{told} {verb} used here{also(site.told for site in others)}, and no file of values has {it} any more: "
        f"{whose} took {it} out of {item.path}",
        f"use another, or have {it} in a file of values of the fork's own",
        Place(item.path, item.line, "base") if side == "theirs" else Place(first.file.path, first.line),
        removed=(item.text,) if side == "theirs" else (),
        added=() if side == "theirs" else (merged.line(first.line),),
        key=" ".join(sorted(names)),
        also=tuple(others),
    )
