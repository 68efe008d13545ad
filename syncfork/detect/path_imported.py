"""The imports of one side's lines that led to files which the other side took away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from posixpath import basename, dirname, splitext

from syncfork.detect.base import File, View
from syncfork.detect.import_forms import beside, ending
from syncfork.detect.path_aliases import Use, borne_out, elsewhere, possible
from syncfork.detect.path_gone import Gone, of_other, taken_away, told_by_other
from syncfork.detect.path_imports import LED, FileImport, file_imports
from syncfork.detect.path_mentions import PathMention
from syncfork.detect.searching import has_any
from syncfork.text import Document

Hit = tuple[File, PathMention, str]
# An import, and the files that it may mean.
_Import = tuple[File, FileImport, tuple[str, ...]]


def imported(view: View, gone: Mapping[str, Gone], side: str) -> tuple[list[Hit], dict[str, Gone]]:
    """Where the text of the side that did not take them away imports one of the files: the file, the mention, and which one;
    and those of the files that are no texts, which are not among `gone`."""
    data = _data(view)
    asked = {path for path, item in gone.items() if not item.folder} | data
    found = _named_nowhere(view, _imports(view, asked, side)) if asked else []
    named = {path for _, _, paths in found for path in paths}
    lost = _taken(view, named & data, side)
    hits: list[Hit] = []
    for file, item, paths in found:
        if target := next(
            (path for path in paths if path in lost or (path in gone and not gone[path].folder)), None
        ):
            hits.append((file, PathMention(item.line, item.written, "imports", (), paths), target))
    return hits, lost


def importers(view: View, side: str) -> set[tuple[str, str]]:
    """Which files import what `side` took away: each with the path of that."""
    gone = taken_away(view, side)
    hits = imported(view, gone, side)[0] if gone else []
    return {(file.path, target) for file, _, target in hits}


def _imports(view: View, asked: Set[str], side: str) -> list[_Import]:
    """The imports that may mean one of the files."""
    plain: list[_Import] = []
    aliased: list[Use] = []
    endings: dict[str, list[str]] = defaultdict(list)
    for path in asked:
        endings[basename(path)].append(path)
    files = (file for file in view.files if ending(file.path) in LED and not beside(file.path))
    for file, merged in told_by_other(files, has_any(_words(asked)), side):
        before = file.ours.text if side == "ours" and file.ours else ""
        for item in file_imports(merged):
            aliases = [*possible(item, endings)] if item.alias else []
            if not (aliases or (not item.alias and not asked.isdisjoint(item.paths))):
                continue
            if (before and item.written in before) or not of_other(file, side, item.line):
                continue
            aliased += [(file, item, alias) for alias in aliases]
            plain += [] if item.alias else [(file, item, item.paths)]
    return plain + _by_alias(view, aliased, "ours" if side == "theirs" else "theirs") if aliased else plain


def _by_alias(view: View, uses: Sequence[Use], other: str) -> list[_Import]:
    """Those of the imports of which the repository tells what they mean."""
    meant = borne_out(view, {alias for _, _, alias in uses}, other, [file for file, _, _ in uses])
    left = [use for use in uses if use[2] in meant]
    unsure = {(file.path, item) for file, item, _ in elsewhere(view, left)}
    return [
        (file, item, (*item.near, *alias.paths(item)))
        for file, item, alias in left
        if (file.path, item) not in unsure
    ]


def _words(paths: Iterable[str]) -> set[str]:
    """What stands in a text that imports one of the files: its name without an ending, or its folder's."""
    found: set[str] = set()
    for path in paths:
        stem = basename(path).partition(".")[0].lstrip("_") or splitext(basename(path))[0]
        if stem in ("index", "mod", "__init__", "init", ""):
            # `.` means it, too.
            stem = basename(dirname(path)) or stem
        found.add(stem)
    return found


def _data(view: View) -> set[str]:
    """The files of which no side has a text."""
    return {f.path for f in view.files if not (f.base or f.ours or f.theirs or f.merged or f.conflicted)}


def _taken(view: View, paths: Collection[str], side: str) -> dict[str, Gone]:
    """Those of the files that are no texts which `side` took away, and the merged tree lacks."""
    other = "ours" if side == "theirs" else "theirs"
    if not paths:
        return {}
    left = view.trees.exists("base", paths) & view.trees.exists(other, paths)
    left -= view.trees.exists(side, left) | view.trees.exists("merged", left)
    return {path: Gone(path, Document(path, ""), None) for path in left}


def _named_nowhere(view: View, found: Sequence[_Import]) -> list[_Import]:
    """Without the names that a package has itself, whatever became of the file of that name."""
    homes = {path for _, item, _ in found for path in item.home}
    there = view.trees.read("merged", homes) if homes else {}
    return [
        each
        for each in found
        if not any(_may_have(there[path].text, each[1].word) for path in each[1].home if path in there)
    ]


def _may_have(text: str, word: str) -> bool:
    """Whether a package has a name, itself or by all that it takes over from elsewhere."""
    return word in text or "import *" in text or "__getattr__" in text
