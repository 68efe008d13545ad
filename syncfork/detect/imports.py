"""Imports of packages that no manifest asks for any more: one side took a package out, the other's lines import it.

Git merges both, and what is installed for the merged tree goes without. Files that went are told by `paths`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from posixpath import basename, dirname

from msgspec import Struct

from syncfork.detect.base import File, Found, View, vendored
from syncfork.detect.import_forms import code_lines, ending, optional
from syncfork.detect.import_packages import KINDS, PYTHON, Kind
from syncfork.detect.replaced import replacement
from syncfork.detect.searching import has_any
from syncfork.render.text import count
from syncfork.report import Place
from syncfork.rules.files import folders_above
from syncfork.text import Document
from syncfork.words import listed

# Trees that are there to be looked at by tests.
_FIXTURES = frozenset(("fixtures", "__fixtures__", "testdata", "test-data", "__mocks__"))
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
            if kind.manifests.fullmatch(basename(file.path)) and not _beside(file.path)
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


def _beside(path: str) -> bool:
    return vendored(path) or not _FIXTURES.isdisjoint(path.split("/")[:-1])


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
        for name in had - merged - kept:
            found[name].append(_Lost(file.path, name, file, name in base))
    return found


def _uses(view: View, kind: Kind, lost: Mapping[str, Sequence[_Lost]], side: str) -> Iterator[_Use]:
    """The merged lines that import one of the packages, and that `side` does not have."""
    named = has_any({kind.word(name) for name in lost})
    for file in view.files:
        if (
            not file.merged
            or not kind.imports(file.path)
            or _beside(file.path)
            or not named(file.merged.text)
        ):
            continue
        own = file.fork_lines if side == "theirs" else file.new_lines - file.fork_lines
        above = {"", *folders_above(file.path)}
        lines, end = code_lines(file.merged), ending(file.path)
        for number in sorted(own):
            for what in kind.imported(lines[number - 1], end):
                name = kind.bringing(what, lost.keys())
                near = [each for each in lost[name] if each.folder in above] if name else []
                if near and not optional(file.merged, lines, number):
                    text = file.merged.text.split("\n")[number - 1]
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
    found: set[str] = set()
    folders = {use.lost.folder for uses in by_name.values() for use in uses}
    inner = _inner(view, kind, folders, side)
    specs = [
        f":(top,glob){_slashed(folder)}**/*.{end}"
        if "." not in end
        else f":(top,glob){_slashed(folder)}**/{end}"
        for folder in sorted(folders)
        for end in kind.endings
    ]
    for line in view.trees.lines_with(
        side, words, [*specs, *(f":(top,exclude){folder}" for folder in inner)]
    ):
        for end in kind.endings:
            found |= {kind.bringing(what, names) for what in kind.imported(line, end)}
    spec, form = kind.own
    for line in view.trees.lines_with("merged", words, [f":(top,glob)**/{spec}"]) if spec else ():
        found |= {name for name in names if re.search(form.replace("NAME", re.escape(kind.word(name))), line)}
    if kind is PYTHON:
        for document in view.trees.read("merged", view.trees.matching("merged", _INSTALLING)).values():
            there = kind.packages(Document("requirements.txt", _FOLDED.sub("\n", document.text))) or ()
            found |= {name for name in names if name in there}
    return found & set(names)


def _slashed(folder: str) -> str:
    return f"{folder}/" if folder else ""


def _inner(view: View, kind: Kind, folders: Collection[str], side: str) -> list[str]:
    """The folders below `folders` that have a manifest of their own."""
    if kind in (PYTHON,) or kind.verb != "import":
        return []
    name = kind.manifests.pattern.replace("\\", "")
    paths = view.trees.matching(side, [f":(top,glob)**/{name}"])
    return sorted({dirname(path) for path in paths} - {"", *folders})


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
    first, lost = uses[0], uses[0].lost
    manifests = dict.fromkeys(use.lost.path for use in uses)
    files = dict.fromkeys(use.path for use in uses)
    places = [f"{path}:{next(use.line for use in uses if use.path == path)}" for path in files]
    by_theirs = side == "theirs"
    who = "upstream" if by_theirs else "the fork"
    did = (
        f"{who} took `{lost.name}` out of {listed(list(manifests))}"
        if lost.removed
        else f"{listed(list(manifests))} goes without `{lost.name}`"
    )
    whose = "the fork's lines" if by_theirs else "upstream's new lines"
    using = (
        f"{count(len(files), 'file')} {kind.verb} it in {whose}: {listed(places)}"
        if len(files) > 1
        else f"{whose} {kind.verb} it"
    )
    message = f"{did}, and {using}{'' if not unsure or kind is PYTHON else '; it is there only as long as another package needs it'}"
    importing = (file for file in view.files if kind.imports(file.path))
    instead = replacement(importing, lost.name) if by_theirs and lost.removed else None
    fix = f"ask for `{lost.name}` in {lost.path} again, or do without it"
    if instead:
        fix = f"use `{instead}`, as upstream does where it had `{lost.name}`, or ask for `{lost.name}` in {lost.path} again"
    return Found(
        "decision" if unsure else "breakage",
        first.path,
        first.line,
        message,
        fix=fix,
        upstream=_cause(view, first, by_theirs),
        removed=(_line(lost)[1],) if by_theirs and lost.removed else (),
        added=() if by_theirs else (first.text,),
        names=(lost.name,),
        key=lost.name,
    )


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
    form = re.compile(rf"(?<![\w@/.-]){re.escape(lost.name).replace('-', '[-_.]')}(?![\w/-])", re.IGNORECASE)
    lines = lost.had.base.text.split("\n") if lost.had.base else []
    return next(((n, line) for n, line in enumerate(lines, start=1) if form.search(line)), (1, ""))
