"""Android's resources: files that are used by their type and name, `R.drawable.icon` or `@drawable/icon`, not by a path."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import PurePosixPath

from syncfork.detect.base import File, View
from syncfork.detect.name_forms import language_of
from syncfork.detect.path_gone import Gone, gone_from
from syncfork.detect.path_mentions import PathMention
from syncfork.detect.remarks import MARKUP
from syncfork.text import Document

_TYPES = "anim|animator|color|drawable|font|interpolator|layout|menu|mipmap|navigation|raw|transition|xml"
_FILE = re.compile(rf"(?:.*/)?res/({_TYPES})(?:-[\w+-]+)?/(\w+)(?:\.9)?\.\w+")
# Those of another package, as Android's own, are there.
_IN_CODE = re.compile(rf"(?<![\w.])R\.({_TYPES})\.(\w+)")
# What only an editor shows may be missing.
_IN_XML = re.compile(rf"(tools:\w+\s*=\s*[\"'])?@({_TYPES})/(\w+)")
_ELEMENT = re.compile(r"<([\w-]+)\s([^<>]*)")
_ATTRIBUTE = re.compile(r"\b(name|type)\s*=\s*[\"']([^\"']*)[\"']")


def lost_resources(view: View, side: str) -> dict[str, Gone]:
    """What `side` took away from where the other side still has it, by `TYPE/NAME`: whether another file defines it is
    not asked."""
    mine, other = ("theirs", "ours") if side == "theirs" else ("ours", "theirs")
    files = [file for file in view.files if not file.conflicted and resource_of(_old_path(file))]
    images = [file.path for file in files if not (file.base or file.ours or file.theirs or file.merged)]
    had, kept = ((view.trees.exists(at, images) if images else set()) for at in ("base", other))
    gone = had & kept - (view.trees.exists(mine, images) if images else set())
    found: dict[str, Gone] = {}
    for file in files:
        path = _old_path(file)
        if item := Gone(path, Document(path, ""), None) if path in gone else gone_from(file, side):
            found.setdefault(resource_of(path), item)
    return found


def resource_of(path: str) -> str:
    """The resource that a file defines, as `TYPE/NAME`; empty where it is no such file."""
    found = _FILE.fullmatch(path)
    return f"{found[1]}/{found[2]}" if found else ""


def resource_mentions(document: Document) -> Iterator[PathMention]:
    """Every resource that a text of Java, Kotlin or XML uses, as `TYPE/NAME`."""
    suffix, language = PurePosixPath(document.path).suffix, language_of(document.path)
    if suffix == ".xml":
        for number, line in enumerate(MARKUP.cleared(document.text).split("\n"), start=1):
            for found in _IN_XML.finditer(line) if "@" in line else ():
                if not found[1]:
                    yield PathMention(number, f"{found[2]}/{found[3]}", "uses", ())
    elif suffix in (".java", ".kt") and language:
        for number, line in enumerate(language.lines(document.text), start=1):
            for found in _IN_CODE.finditer(line) if "R." in line else ():
                yield PathMention(number, f"{found[1]}/{found[2]}", "uses", ())


def defined_resources(view: View, names: Collection[str]) -> set[str]:
    """Those of the resources `TYPE/NAME` that a file of the merged tree defines: one of that name in a folder of the type,
    for whatever device, or an element in a list of values."""
    if not names:
        return set()
    split = [name.partition("/") for name in names]
    files = view.trees.matching("merged", [f":(top,glob)**/{kind}*/{stem}.*" for kind, _, stem in split])
    places = [PurePosixPath(path) for path in files]
    found = {f"{place.parent.name.partition('-')[0]}/{place.name.partition('.')[0]}" for place in places}
    stems = {stem for _, _, stem in split}
    for line in view.trees.lines_with("merged", stems, [":(top,glob)**/values*/*.xml"]):
        elements = list(_ELEMENT.finditer(line))
        for element in elements:
            given = dict(_ATTRIBUTE.findall(element[2]))
            kind = given.get("type", "") if element[1] == "item" else element[1]
            found.add(f"{kind}/{given.get('name', '')}")
        if not elements:
            # Of which element, another line says.
            bare = {name for attribute, name in _ATTRIBUTE.findall(line) if attribute == "name"}
            found |= {f"{kind}/{stem}" for kind, _, stem in split if stem in bare}
    return found & set(names)


def _old_path(file: File) -> str:
    return file.base.path if file.base else file.path
