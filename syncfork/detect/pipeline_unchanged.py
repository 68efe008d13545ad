"""What nobody changed of the pipelines, and the changed files are put together with."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from syncfork.detect.base import View
from syncfork.detect.pipeline_sides import Side, facts_of
from syncfork.detect.pipelines import flavour_of
from syncfork.detect.searching import has_any
from syncfork.detect.wiring import Facts
from syncfork.globs import folders_above

# Templates within templates, as far as they are read.
_DEEPEST = 6
# A file of each ending, to ask what lies beside it.
_ENDINGS = ("x.yml", "x.yaml")


def with_unchanged(view: View, side: str, known: Side) -> Side:
    """The same side with the files that its pipelines put in, or are put in by, and that no tree has changed."""
    files = {**known.files, **_callers(view, side, known)}
    asked: set[str] = set()
    for _ in range(_DEEPEST):
        wanted = {link for facts in files.values() for link in facts.links} - files.keys() - asked
        if not wanted:
            break
        asked |= wanted
        for path, document in view.trees.read(side, sorted(wanted)).items():
            if facts := facts_of(document):
                files[path] = facts
    return Side(files, known.names)


def _callers(view: View, side: str, known: Side) -> Mapping[str, Facts]:
    """The pipelines of Azure's in the folders of those known, and above these, that put one of them in."""
    left = {path for path, facts in known.files.items() if flavour_of(facts.document) == "azure"}
    folders = {folder for path in left for folder in ("", *folders_above(path))}
    places = {posixpath.join(folder, name) for folder in folders for name in _ENDINGS}
    near = view.trees.beside(side, places)
    found: dict[str, Facts] = {}
    while left:
        named_in = has_any({posixpath.basename(path) for path in left})
        named = {
            path: facts_of(document)
            for path, document in near.items()
            if path not in known.files and path not in found and named_in(document.text)
        }
        new = {path: facts for path, facts in named.items() if facts and facts.links & left}
        found |= new
        left = set(new)
    return found
