"""Imports of packages that no manifest asks for any more: one side took a package out, the other's lines import it.

Git merges both, and what is installed for the merged tree goes without. Files that went are told by `paths`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from posixpath import basename, dirname

from msgspec import Struct

from syncfork.detect.base import File, Found, View
from syncfork.detect.import_forms import beside, code_lines, ending, optional
from syncfork.detect.import_packages import KINDS, PYTHON, Kind
from syncfork.detect.replaced import replacement
from syncfork.detect.searching import has_any
from syncfork.globs import folders_above, in_glob
from syncfork.report import Place, Site
from syncfork.text import Document
from syncfork.words import count, listed

# Whoever of Python's files names a package may have it installed.
_INSTALLING = (
    "*requirements*", "*pyproject.toml", "*setup.py", "*setup.cfg", "*Pipfile", "*environment*.yml", "*environment*.yaml",
    "*conda*.yml", "*conda*.yaml", "*meta.yaml", "*Dockerfile*", "*tox.ini", "*noxfile.py", "*install*.sh", "*.ipynb",
)  # fmt: skip

_FOLDED = re.compile(r"[^\w.-]+")


class _Lost(Struct, frozen=True):
    """A package that the manifest at `path` does not ask for in the merged tree, though `had`, the manifest of the side that
    imports it, does. `removed` where the merge base had it, and the other side took it out."""

    path: str
    name: str
    had: File
    removed: bool

    @property
    def folder(self) -> str:
        return dirname(self.path)


class _Use(Struct, frozen=True):
    """A line (from 1) that imports `what`, which the lost package brought."""

    path: str
    line: int
    text: str
    what: str
    lost: _Lost


def find(view: View) -> Iterator[Found]:
    """One finding for each package."""
    for kind in KINDS:
        manifests = [
            file
            for file in view.files
            if kind.manifests.fullmatch(basename(file.path)) and not beside(file.path)
        ]
        for side in ("theirs", "ours") if manifests else ():
            lost = _lost(kind, manifests, side)
            uses = list(_uses(view, kind, lost, side)) if lost else []
            uses = _ungoverned(view, kind, uses) if uses else []
            by_name: dict[str, list[_Use]] = defaultdict(list)
            for use in uses:
                by_name[use.lost.name].append(use)
            for name in _standing(view, kind, by_name, side) if by_name else ():
                del by_name[name]
            along = _brought_along(view, kind, by_name, side) if by_name else set()
            for name, mine in sorted(by_name.items()):
                yield _found(view, kind, mine, side, unsure=name in along)


def _lost(kind: Kind, manifests: Iterable[File], side: str) -> dict[str, list[_Lost]]:
    """By name, what `side` does not ask for, nor the merged manifest, and the other side does."""
    found: dict[str, list[_Lost]] = defaultdict(list)
    for file in manifests:
        mine, other = (file.theirs, file.ours) if side == "theirs" else (file.ours, file.theirs)
        if not file.merged or not other or other.text == file.merged.text:
            continue
        merged, had = kind.packages(file.merged), kind.packages(other)
        if merged is None or had is None:
            continue
        kept, base = kind.packages(mine) or frozenset(), kind.packages(file.base) or frozenset()
        lost = had - merged - kept
        itself = kind.itself(file.merged) if lost else set()
        for name in (name for name in lost if kind.word(name) not in itself):
            found[name].append(_Lost(file.path, name, file, name in base))
    return found


def _uses(view: View, kind: Kind, lost: Mapping[str, Sequence[_Lost]], side: str) -> Iterator[_Use]:
    """The merged lines that import one of the packages, and that `side` does not have."""
    named = has_any({kind.word(name) for name in lost})
    for file in view.files:
        if not file.merged or not kind.imports(file.path) or beside(file.path) or not named(file.merged.text):
            continue
        own = file.fork_lines if side == "theirs" else file.new_lines - file.fork_lines
        above = {"", *folders_above(file.path)}
        lines, end = code_lines(file.merged), ending(file.path)
        for number in sorted(own):
            for what in kind.imported(lines[number - 1], end):
                name = kind.bringing(what, lost.keys())
                near = [each for each in lost[name] if each.folder in above] if name else []
                if near and not optional(file.merged, lines, number):
                    text = file.merged.line(number)
                    yield _Use(file.path, number, text, what, max(near, key=lambda each: len(each.folder)))


def _ungoverned(view: View, kind: Kind, uses: Sequence[_Use]) -> list[_Use]:
    """Without those of which a manifest above has the package, or, where only the nearest counts, of which that is another."""
    if kind is PYTHON:
        # Files of requirements may be anywhere, and have any name.
        return [*uses]
    above = {use.path: [_slashed(folder) for folder in ("", *folders_above(use.path))] for use in uses}
    name = basename(uses[0].lost.path)
    asked = {f"{folder}{name}" for folders in above.values() for folder in folders}
    there = view.trees.read("merged", asked)
    known = {path: found for path, text in there.items() if (found := kind.packages(text)) is not None}

    def left(use: _Use) -> bool:
        paths = [f"{folder}{name}" for folder in above[use.path] if f"{folder}{name}" in known]
        if kind.nearest and max(paths, key=len, default="") != use.lost.path:
            return False
        return not any(kind.provided(use.what, use.text, known[path]) for path in paths)

    return [use for use in uses if left(use)]


def _standing(view: View, kind: Kind, by_name: Mapping[str, Sequence[_Use]], side: str) -> set[str]:
    """Those of the packages that `side` imports itself, which does without them in its manifest; and those that the repository
    has itself."""
    names = list(by_name)
    words = {kind.word(name) for name in names}
    folders = {use.lost.folder for uses in by_name.values() for use in uses}
    within = [
        f":(top,glob){_slashed(in_glob(folder))}**/{'' if '.' in end else '*.'}{end}"
        for folder in sorted(folders)
        for end in kind.endings
    ]
    without = [f":(top,literal,exclude){folder}" for folder in _inner(view, kind, folders, side)]
    found = {
        kind.bringing(what, names)
        for line in view.trees.lines_with(side, words, [*within, *without])
        for end in kind.endings
        for what in kind.imported(line, end)
    }
    spec, form = kind.own
    for line in view.trees.lines_with("merged", words, [f":(top,glob)**/{spec}"]) if spec else ():
        found |= {name for name in names if re.search(form.replace("NAME", re.escape(kind.word(name))), line)}
    return found | _of_python(view, names) if kind is PYTHON else found & set(names)


def _of_python(view: View, names: Collection[str]) -> set[str]:
    """Those of Python's packages that a file of the merged tree names which may install them, or that are modules of it."""
    found: set[str] = set()
    for document in view.trees.read("merged", view.trees.matching("merged", _INSTALLING)).values():
        there = PYTHON.packages(Document("requirements.txt", _FOLDED.sub("\n", document.text))) or frozenset()
        found |= there.intersection(names)
    for name in names:
        word = in_glob(PYTHON.word(name).replace(".", "/"))
        if view.trees.matching("merged", [f":(top,glob)**/{word}.py", f":(top,glob)**/{word}/*.py"]):
            found.add(name)
    return found & set(names)


def _inner(view: View, kind: Kind, folders: Collection[str], side: str) -> list[str]:
    """The folders below `folders` that have a manifest of their own, where that is what counts."""
    if kind.everywhere:
        return []
    name = kind.manifests.pattern.replace("\\", "")
    paths = view.trees.matching(side, [f":(top,glob)**/{name}"])
    return sorted({dirname(path) for path in paths} - {"", *folders})


def _slashed(folder: str) -> str:
    return f"{folder}/" if folder else ""


def _brought_along(view: View, kind: Kind, names: Collection[str], side: str) -> set[str]:
    """Those of the packages that may be installed for another one's sake, as far as lock files tell."""
    if not kind.locks:
        return set()
    specs = [f":(top,glob)**/{lock}" for lock in kind.locks]
    lines = view.trees.lines_with(side, names, specs)
    forms = {name: re.compile(kind.locked.replace("NAME", re.escape(name))) for name in names}
    found = {name for name, form in forms.items() if any(map(form.search, lines))}
    # Without a lock file nobody can tell what Python's packages bring along.
    return found if found or kind is not PYTHON or view.trees.matching(side, specs) else set(names)


def _found(view: View, kind: Kind, uses: Sequence[_Use], side: str, *, unsure: bool) -> Found:
    first, lost, by_theirs = uses[0], uses[0].lost, side == "theirs"
    importing = (file for file in view.files if kind.imports(file.path))
    instead = replacement(importing, lost.name) if by_theirs and lost.removed else None
    again = f"ask for `{lost.name}` in {lost.path} again"
    return Found(
        "decision" if unsure else "breakage",
        first.path,
        first.line,
        f"{_told(kind, uses, by_theirs)}{'; another package may bring it along' if unsure else ''}",
        fix=f"use `{instead}`, as upstream does where it had `{lost.name}`, or {again}"
        if instead
        else f"{again}, or do without it",
        upstream=_cause(view, first, by_theirs),
        removed=(_line(lost)[1],) if by_theirs and lost.removed else (),
        added=() if by_theirs else (first.text,),
        names=(lost.name,),
        key=lost.name,
        also=tuple(Site(use.path, use.line) for use in uses if use is not first),
    )


def _told(kind: Kind, uses: Sequence[_Use], by_theirs: bool) -> str:
    lost = uses[0].lost
    manifests = listed([*dict.fromkeys(use.lost.path for use in uses)])
    who, whose = ("upstream", "the fork's lines") if by_theirs else ("the fork", "upstream's new lines")
    did = (
        f"{who} took `{lost.name}` out of {manifests}"
        if lost.removed
        else f"{manifests} goes without `{lost.name}`"
    )
    first = {use.path: use for use in reversed(uses)}
    places = [f"{path}:{first[path].line}" for path in dict.fromkeys(use.path for use in uses)]
    if len(places) == 1:
        return f"{did}, and {whose} {kind.verb} it"
    return f"{did}, and {count(len(places), 'file')} {kind.verb} it in {whose}: {listed(places)}"


def _cause(view: View, use: _Use, by_theirs: bool) -> Place | None:
    lost = use.lost
    if by_theirs:
        return Place(lost.had.base.path, _line(lost)[0], "base") if lost.removed and lost.had.base else None
    theirs = view.by_path[use.path].theirs
    at = (
        next((n for n, line in enumerate(theirs.text.split("\n"), 1) if line.strip() == use.text.strip()), 0)
        if theirs
        else 0
    )
    return Place(theirs.path, at) if theirs else None


def _line(lost: _Lost) -> tuple[int, str]:
    """Where the manifest of the merge base asks for the package."""
    name = "[-_.]".join(map(re.escape, lost.name.split("-")))
    form = re.compile(rf"(?<![\w@/.-]){name}(?![\w/-])", re.IGNORECASE)
    lines = lost.had.base.text.split("\n") if lost.had.base else []
    return next(((n, line) for n, line in enumerate(lines, start=1) if form.search(line)), (1, ""))
