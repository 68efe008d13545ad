"""Names of one file's own, its variables, parameters and imports, which one side took out there and the other's lines use.

Upstream no longer needs an import, or renames a variable; a line that the fork has in that file goes on using it. Git merges
both. Said of a name only where the side that took it out has it nowhere in the file, nothing in the merged text makes it
anew, and the line stood within reach of what made it.
"""

from __future__ import annotations

import builtins
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import PurePosixPath

from msgspec import Struct

from syncfork.detect.base import File, Found, View, vendored
from syncfork.detect.binding_forms import bound, is_mixed, only_code
from syncfork.detect.instead import instead
from syncfork.detect.lines import beyond
from syncfork.detect.name_forms import Language, defined, language_of, members
from syncfork.detect.name_imports import brought_in
from syncfork.detect.name_meaning import makes
from syncfork.report import Place, Site
from syncfork.text import Document
from syncfork.words import also, listed

_WORD = re.compile(r"[A-Za-z_]\w*")
# By itself: no part of another name, nothing behind a dot, no label, no name of an argument.
_USED = re.compile(r"(?<![\w.$@#:>\\-])(?<!->)([A-Za-z_]\w*)(?![\w$]|[ \t]*(?::|=(?!=)))")
# All names of a module come in, whichever these are.
_ALL = re.compile(
    r"\bimport[ \t]+(?:static[ \t]+)?[\w.]+\.\*|\bimport[ \t]+\*|^[ \t]*(?:#[ \t]*include|using namespace)\b|::\*;",
    re.MULTILINE,
)
# So a file of Python's has what another one makes at its top.
_STARRED = re.compile(r"^from[ \t]+[\w.]+[ \t]+import[ \t]+\*", re.MULTILINE)
# How a name stands in code; not as in `(tries left)` and `item(s)`.
_AS_CODE = re.compile(
    r"(?<=[({\[!])[ \t]*([A-Za-z_]\w*)\b(?![ \t]+[A-Za-z])|\b([A-Za-z_]\w*)(?=\??\.\w|\((?!s\))|\[)"
)
# A line of a list of parameters, or of what something is taken apart into.
_LISTED = re.compile(r"[ \t]*\*{0,2}(\w+),?[ \t]*$")
_METHOD = re.compile(
    r"[ \t]*(?:async[ \t]+|static[ \t]+)*(?!(?:if|for|while|switch|with)\b)\w+[ \t]*\(([^()]*)\)[ \t]*\{[ \t]*$"
)
# What there is without an import by now: what is built in, what newer editions and runtimes have.
_GIVEN = frozenset(
    [
        *dir(builtins), "unicode", "basestring", "URL", "URLSearchParams", "Buffer", "process", "fetch", "Headers", "Request",
        "Response", "FormData", "Blob", "performance", "crypto", "console", "AbortController", "AbortSignal", "TextEncoder",
        "TextDecoder", "structuredClone", "queueMicrotask", "setTimeout", "setInterval", "setImmediate", "clearTimeout",
        "clearInterval", "clearImmediate", "globalThis", "window", "document", "location", "navigator", "history", "event",
        "name", "self", "TryFrom", "TryInto", "FromIterator", "Vec", "Box", "Some", "Ok", "Err", "React",
    ]
)  # fmt: skip
# Here a file has at its top what other files of its package, or that it includes, make there.
_SHARING = {
    ".c",
    ".h",
    ".cc",
    ".cpp",
    ".cxx",
    ".hpp",
    ".hh",
    ".hxx",
    ".inl",
    ".m",
    ".mm",
    ".go",
    ".java",
    ".kt",
    ".kts",
    ".scala",
    ".groovy",
    ".gradle",
    ".nf",
    ".php",
    ".rb",
    ".rake",
}
_RUBIES = {".rb", ".rake"}
# Members of a class that is in no other one are not further in.
_MEMBERS = 4
# A script has what its surroundings set.
_SURROUNDED = {".sh", ".bash"}
_MODULES = re.compile(r"^[ \t]*import[ \t]+([A-Za-z_][\w, \t]*)$", re.MULTILINE)
_PACKAGES = re.compile(
    r"^[ \t]*(?:import[ \t]+)?(?:(\w+)[ \t]+)?\"(?:[\w.~-]+/)*([A-Za-z_]\w*)(?:/v\d+)?\"[ \t]*$", re.MULTILINE
)
# The head of a function: what it makes are its parameters.
_FUNCTION = re.compile(
    r"[ \t]*(?:[\w.:<>\[\]*&]++[ \t]++)*?(?:(?:def|fn|func|function|fun|sub)\b(?![ \t]+\w+[ \t]*=)|[\w.:<>\[\]*&]++[ \t*&]++[\w.:~]++[ \t]*+\([^;=]*+$)"
)
# How a head of several lines ends, which stands further out than what it names.
_HEAD = re.compile(r"[ \t]*(?:\).*|\{?[ \t]*)$")
# So many names are looked for what took their place, and so much of a line is shown.
_TOLD, _SHOWN = 20, 80
# So many names of one file are told; longer ones nobody writes.
_MOST, _LONGEST = 100, 100


class _Use(Struct, frozen=True):
    """A merged line (from 1) that uses a name, and the line of the merge base, with its text, that made it."""

    name: str
    line: int
    made: int
    text: str
    imported: bool

    @property
    def on_top(self) -> bool:
        """Whether it was made outside of all blocks, and not brought in."""
        return not self.imported and self.text[:1].strip() != ""


def find(view: View) -> Iterator[Found]:
    """One finding for all such names of a file."""
    for side in ("theirs", "ours"):
        found: list[tuple[File, list[_Use]]] = []
        for file in view.files:
            language = language_of(file.path)
            if language is None or vendored(file.path) or not file.merged or not file.base:
                continue
            if not (file.changed_by_ours and file.changed_by_theirs) or _ending(file) in _SURROUNDED:
                continue
            now, other = (file.theirs, file.ours) if side == "theirs" else (file.ours, file.theirs)
            own = file.fork_lines if side == "theirs" else file.new_lines
            if now and other and own and (uses := _uses(file, language, now, other, own)):
                found.append((file, uses))
        shared = _shared(view, side, found)
        for file, uses in found:
            if left := [use for use in uses if (_ending(file), use.name) not in shared or use.imported]:
                yield _found(file, side, left)


def _ending(file: File) -> str:
    return PurePosixPath(file.path).suffix.lower()


def _shared(view: View, side: str, found: Sequence[tuple[File, Sequence[_Use]]]) -> set[tuple[str, str]]:
    """Those of the names made at the top of a file or as a member of a class, by the file's ending, that another file of the
    side's makes so now, for all of them, or for a class that is built on."""
    asked: dict[str, dict[bool, set[str]]] = defaultdict(lambda: {True: set(), False: set()})
    for file, uses in found:
        for use in uses if _ending(file) in _SHARING else ():
            if use.on_top or _inherited(use.name, _ending(file), [use.text]):
                asked[_ending(file)][use.on_top].add(use.name)
    shared = set()
    for ending, names in asked.items():
        language = language_of(f"x{ending}")
        if language is None:
            continue
        wanted = sorted(names[True] | names[False])
        lines = view.trees.lines_with(side, wanted, [f"*.{each}" for each in language.endings])
        top = [language.code(line) for line in lines if line[:1].strip()]
        shared |= {(ending, name) for name in names[True] if makes(name, language, top)}
        shared |= {(ending, name) for name in names[False] if _inherited(name, ending, lines)}
    return shared


def _inherited(name: str, ending: str, lines: Sequence[str]) -> bool:
    """Whether one of the lines makes the name as a member of a class, which others that are built on it have as well."""
    having = [line for line in lines if name in line and _depth(line.expandtabs(4)) <= _MEMBERS]
    if ending in _RUBIES:
        return any(f":{name}" in line for line in having) or name in defined(
            Document("x.rb", "\n".join(having))
        )
    return name in members(Document(f"x{ending}", "\n".join(having)))


def _uses(file: File, language: Language, now: Document, other: Document, own: Collection[int]) -> list[_Use]:
    """Where lines of the side `other` use what the side `now` has nowhere in the file any more."""
    assert file.base and file.merged  # asked before
    merged, texts = language.lines(file.merged.text), file.merged.text.split("\n")
    used = _used(
        file.merged,
        language.lines(only_code(file.path, file.merged.text)),
        own,
        set(_WORD.findall(file.base.text)).difference(_WORD.findall(now.text)),
    )
    if not used:
        return []
    imports = _imported(file.base)
    known = (
        _GIVEN | _imported(file.merged) | defined(file.merged) | members(file.merged) | _parameters(merged)
    )
    if _ALL.search("\n".join(beyond(now.text, file.base.text).values())):
        known |= imports
    known |= bound(file.path, merged, used.keys() - known)
    left = [name for name in used if name not in known][:_MOST]
    anew = _makers(left, language, merged)
    names = [name for name in left if name not in anew]
    from_others = file.path.endswith((".py", ".pyx")) and _STARRED.search(now.text)
    brought = _having(imports.intersection(names), file.base.text.split("\n"))
    before = _makers(names, language, language.lines(file.base.text))
    makers = _makers(names, language, language.lines(other.text))
    found = []
    for name in names:
        numbers = used[name]
        if name in imports:
            made, near = brought[name][:1], numbers
        else:
            reach = _reached(other, frozenset(makers.get(name, ())))
            made, near = before.get(name, [])[:1], [n for n in numbers if texts[n - 1] in reach]
        found += [
            _Use(name, number, made[0], file.base.line(made[0]), name in imports) for number in near if made
        ]
    return [use for use in found if not (from_others and use.on_top)]


def _used(
    merged: Document, lines: Sequence[str], own: Collection[int], gone: Collection[str]
) -> dict[str, list[int]]:
    """The lines (from 1) among `own` that use one of the names that are gone."""
    found: dict[str, list[int]] = defaultdict(list)
    mixed = is_mixed(merged.path, merged.text)
    for number in sorted(own):
        line = lines[number - 1]
        sure = {name for pair in _AS_CODE.findall(line) for name in pair} if mixed else set()
        for name in dict.fromkeys(_USED.findall(line)):
            if name in gone and len(name) <= _LONGEST and (not mixed or name in sure):
                found[name].append(number)
    return found


def _parameters(lines: Sequence[str]) -> frozenset[str]:
    """What stands in a line of its own, as parameters do, or between the brackets of a method."""
    alone = {found[1] for line in lines if (found := _LISTED.match(line))}
    taken = {name for line in lines if (found := _METHOD.match(line)) for name in _WORD.findall(found[1])}
    return frozenset(alone | taken)


def _imported(document: Document) -> frozenset[str]:
    """The names that a text brings in, modules and packages as a whole among them."""
    names = {name for _, names in brought_in(document.text) for name in names}
    if document.path.endswith((".py", ".pyx")):
        names |= {name for found in _MODULES.finditer(document.text) for name in _WORD.findall(found[1])}
    if document.path.endswith(".go"):
        names |= {found[1] or found[2] for found in _PACKAGES.finditer(document.text)}
    return frozenset(names)


def _having(names: Collection[str], lines: Sequence[str]) -> dict[str, list[int]]:
    """The lines (from 1) that have each of the names."""
    found: dict[str, list[int]] = defaultdict(list)
    asked = frozenset(names)
    for number, line in enumerate(lines, start=1):
        for name in asked.intersection(_WORD.findall(line)):
            found[name].append(number)
    return found


def _makers(names: Collection[str], language: Language, lines: Sequence[str]) -> dict[str, list[int]]:
    """The lines (from 1) that make something by each of the names."""
    having = _having(names, lines)
    found = {
        name: [n for n in numbers if makes(name, language, [lines[n - 1]])]
        for name, numbers in having.items()
    }
    return {name: numbers for name, numbers in found.items() if numbers}


def _reached(document: Document, makers: Collection[int]) -> set[str]:
    """The lines in the blocks that begin with one of the lines `makers` (from 1): up to the first that is further out. What
    is a parameter reaches no further than the function."""
    found: set[str] = set()
    lines = document.text.split("\n") if makers else []
    depth: int | None = None
    for number, text in enumerate(lines, start=1):
        if number in makers:
            begun = _depth(text) + bool(_FUNCTION.match(text))
            depth = begun if depth is None else min(depth, begun)
        elif depth is not None and not _HEAD.match(text):
            depth = None if _depth(text) < depth else depth
        if depth is not None:
            found.add(text)
    return found


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _found(file: File, side: str, uses: Sequence[_Use]) -> Found:
    names = list(dict.fromkeys(use.name for use in uses))
    first = uses[0]
    _, *others = dict.fromkeys(Site(file.path, use.line) for use in uses)
    whose = "upstream" if side == "theirs" else "the fork"
    verb, it = ("is", "it") if len(names) == 1 else ("are", "them")
    what = "the import" if all(use.imported for use in uses) else f"what made {it}"
    lines = listed(list(dict.fromkeys(f"`{use.text.strip()[:_SHOWN]}`" for use in uses)), 2)
    assert file.base and file.merged  # they were read
    now = file.theirs if side == "theirs" else file.ours
    known = [instead(name, [(file.base, now)]) for name in names[:_TOLD]] if now else []
    news = listed([f"`{name}`" for name in known if name])
    its = "its" if len(names) == 1 else "their"
    return Found(
        "breakage",
        file.path,
        first.line,
        f"{listed([f'`{name}`' for name in names])} {verb} used here{also(site.told for site in others)}, and nothing in the file "
        f"makes {it} any more: {whose} took {what} out ({lines})"
        + (f"; in {its} place it has {news}" if news else ""),
        f"use {news}, if that is the same; else bring {what} back"
        if news
        else f"bring {what} back, or do without {it}",
        Place(file.base.path, first.made, "base") if side == "theirs" else Place(file.path, first.line),
        removed=(first.text,) if side == "theirs" else (),
        added=() if side == "theirs" else (file.merged.line(first.line),),
        names=tuple(names),
        key=" ".join(sorted(names)),
        also=tuple(others),
    )
