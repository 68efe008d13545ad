"""Files that one side deleted or moved, and that the other side's text still runs, includes or names."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from syncfork.detect.base import File, Found, View
from syncfork.detect.blocks import blocks
from syncfork.detect.path_gone import Gone, behind_links, of_other, taken_away, told_by_other
from syncfork.detect.path_imported import imported
from syncfork.detect.path_imports import stand_ins
from syncfork.detect.path_mentions import PathMention, Use, path_mentions
from syncfork.detect.path_resources import defined_resources, lost_resources, resource_mentions
from syncfork.detect.path_words import Shell
from syncfork.detect.replaced import replacement
from syncfork.detect.searching import has_any
from syncfork.report import FindingClass, Place, Site
from syncfork.words import also


class _Hit(Struct, frozen=True):
    file: File
    mention: PathMention
    target: str


_ACTIONS = ("action.yml", "action.yaml")


def find(view: View) -> Iterator[Found]:
    """See the module."""
    for side in ("theirs", "ours"):
        gone = taken_away(view, side)
        found, data = imported(view, gone, side)
        gone = {**data, **gone}
        told = [*_hits(view, gone, side), *(_Hit(*each) for each in found)] if gone else []
        hits = _existing_dropped(view, gone, told) if told else []
        lost = lost_resources(view, side)
        used = list(_uses(view, lost, side)) if lost else []
        there = defined_resources(view, {hit.target for hit in used})
        hits += [hit for hit in used if hit.target not in there]
        for target in dict.fromkeys(hit.target for hit in hits):
            mine = [hit for hit in hits if hit.target == target]
            yield _found(view, side, {**gone, **lost}[target], mine)


def _hits(view: View, gone: Mapping[str, Gone], side: str) -> Iterator[_Hit]:
    names = {posixpath.basename(path) for path in gone}
    modules = {posixpath.splitext(name)[0] for name in names if name.endswith(".py")}
    actions = {posixpath.dirname(path) for path in gone if posixpath.basename(path) in _ACTIONS}
    named = has_any(names | modules | {posixpath.basename(path) for path in actions})
    for file, merged in told_by_other(view.files, named, side):
        for mention in path_mentions(merged):
            target = _target(gone, mention)
            if not target or (side == "ours" and file.ours and mention.path in file.ours.text):
                continue
            if of_other(file, side, mention.line):
                yield _Hit(file, mention, target)


def _uses(view: View, lost: Collection[str], side: str) -> Iterator[_Hit]:
    """Where a text uses one of the resources, and did not so far."""
    named = has_any({posixpath.basename(name) for name in lost})
    for file, merged in told_by_other(view.files, named, side):
        ours = file.ours if side == "ours" else None
        before = {mention.path for mention in resource_mentions(ours)} if ours else ()
        for mention in resource_mentions(merged):
            known = mention.path not in lost or mention.path in before
            if not known and of_other(file, side, mention.line):
                yield _Hit(file, mention, mention.path)


def _target(gone: Mapping[str, Gone], mention: PathMention) -> str | None:
    for path in _candidates(mention):
        item = gone.get(path)
        if item and (not item.folder or "/" in mention.path or mention.use == "enters"):
            return path
        # An action is a folder with its definition, and a folder may still be there without it.
        if mention.use == "includes":
            for name in _ACTIONS:
                if f"{path}/{name}" in gone:
                    return f"{path}/{name}"
    return None


def _candidates(mention: PathMention) -> list[str]:
    if mention.paths:
        return [*mention.paths]
    paths = [posixpath.normpath(posixpath.join(folder, mention.path)) for folder in mention.folders]
    return [path for path in dict.fromkeys(paths) if not path.startswith("..")]


def _existing_dropped(view: View, gone: Collection[str], hits: list[_Hit]) -> list[_Hit]:
    """Without the mentions that may as well mean a file that is there."""
    searched = _searched(view) if any(map(_by_compiler, hits)) else ()

    def others(hit: _Hit) -> set[str]:
        folder, name = posixpath.split(hit.target)
        if name in _ACTIONS:
            # The folder may well be there: what makes it an action is one of these.
            return {f"{folder}/{other}" for other in (*_ACTIONS, "Dockerfile")} - {hit.target}
        found = {path for path in _candidates(hit.mention) if path not in gone}
        if hit.mention.path.endswith(".py"):
            packages = [path.removesuffix(".py") for path in _candidates(hit.mention)]
            found |= {f"{path}/{main}.py" for path in packages for main in ("__init__", "__main__")}
        if hit.mention.use in ("imports", "includes"):
            found |= stand_ins(hit.target)
        if _by_compiler(hit):
            headers = {posixpath.normpath(posixpath.join(folder, hit.mention.path)) for folder in searched}
            found |= {path for path in headers if path not in gone and not path.startswith("..")}
        return found

    asked = {path for hit in hits for path in others(hit)}
    there = view.trees.exists("merged", asked) if asked else set()
    left = [hit for hit in hits if not others(hit) & there]
    linked = behind_links(view, {hit.target for hit in left}) if left else set()
    return [hit for hit in left if hit.target not in linked]


_C = (".c", ".h", ".cc", ".hh", ".cpp", ".hpp", ".cxx", ".hxx", ".m", ".mm", ".cu", ".cuh")
_BUILDS = ("makefile", "gnumakefile", "cmakelists.txt")
_SEARCHED = re.compile(r"(?<![\w-])-I[ \t]*([\w./-]+)|(?:\b|_)include_directories\(([^()]*)\)")


def _by_compiler(hit: _Hit) -> bool:
    """Whether a compiler looks for the file in folders of its own, too."""
    return hit.mention.use == "includes" and hit.file.path.lower().endswith(_C)


def _searched(view: View) -> set[str]:
    """The folders in which the merged build files, those at the root and those that differ, let a compiler look."""
    differing = [file.merged for file in view.files if file.merged and _builds(file.path)]
    known = {document.path for document in differing}
    root = view.trees.read("merged", [name for name in ("Makefile", "CMakeLists.txt") if name not in known])
    return {
        posixpath.join(posixpath.dirname(document.path), word.removeprefix("${CMAKE_CURRENT_SOURCE_DIR}/"))
        for document in (*differing, *root.values())
        for found in _SEARCHED.finditer(document.text)
        for word in (found[1] or found[2]).split()
    }


def _builds(path: str) -> bool:
    name = posixpath.basename(path).lower()
    return name in _BUILDS or name.endswith((".mk", ".cmake"))


_CLASSES: Mapping[Use, FindingClass] = {
    "runs": "breakage",
    "reads": "breakage",
    "includes": "breakage",
    "imports": "breakage",
    "uses": "breakage",
    "enters": "breakage",
    "names": "decision",
    "documents": "note",
}
_ORDER: tuple[Use, ...] = ("runs", "includes", "imports", "uses", "enters", "reads", "names", "documents")
_VERBS: Mapping[Use, str] = {
    "runs": "runs",
    "includes": "includes",
    "imports": "imports",
    "uses": "uses",
    "enters": "works in",
    "reads": "gives a command",
    "names": "names",
    "documents": "tells of",
}


def _found(view: View, side: str, gone: Gone, hits: Sequence[_Hit]) -> Found:
    hits = sorted(hits, key=lambda hit: (_ORDER.index(hit.mention.use), hit.file.path, hit.mention.line))
    first = hits[0]
    use = first.mention.use
    who = "upstream" if side == "theirs" else "the fork"
    did = f"moved to `{gone.moved}`" if gone.moved else "deleted"
    maker = _maker(view, gone) if side == "theirs" else None
    did = f"now makes with {maker}" if maker else did
    whose = _whose(first.file, side)
    _, *others = dict.fromkeys(Site(hit.file.path, hit.mention.line) for hit in hits)
    more = also(site.told for site in others)
    message = f"{whose} {_VERBS[use]} `{gone.path}`, which {who} {did}{more}"
    place, lines = Place(gone.path, 1, "base"), gone.document.text.split("\n")
    telling = next((line for line in lines if re.search(r"\w", line)), "")
    if gone.folder:
        place = Place(gone.document.path, 1, "base")
    if side == "theirs":
        cls = _CLASSES[use]
        return Found(
            "decision" if maker and cls == "breakage" else cls,
            first.file.path,
            first.mention.line,
            message,
            f"see that it is made before this is run, as upstream does with {maker}"
            if maker
            else _fix(view, gone),
            place,
            removed=(telling,),
            key=gone.path,
            also=tuple(others),
        )
    assert first.file.merged and first.file.theirs  # the line is upstream's
    line = first.file.merged.line(first.mention.line)
    at = next(
        (n for n, text in enumerate(first.file.theirs.text.split("\n"), 1) if text.strip() == line.strip()), 0
    )
    fix = f"name `{gone.moved}` there" if gone.moved else f"take that use out, or bring `{gone.path}` back"
    place = Place(first.file.theirs.path, at)
    return Found(
        _CLASSES[use],
        first.file.path,
        first.mention.line,
        message,
        fix,
        place,
        added=(line,),
        key=gone.path,
        also=tuple(others),
    )


def _whose(file: File, side: str) -> str:
    if side == "ours":
        return "upstream's new text"
    return "the fork's file" if file.ours_alone else "the fork's text"


def _maker(view: View, gone: Gone) -> str | None:
    """What upstream makes the lost file with: a file whose commands write it, or its template."""
    name = posixpath.basename(gone.path)
    for file in view.files if not gone.folder else ():
        if file.changed_by_theirs and file.theirs and name in file.theirs.text:
            home = posixpath.dirname(file.theirs.path)
            for made in Shell.of([block for block in blocks(file.theirs) if not block.documented]).made:
                if gone.path in (posixpath.normpath(made), posixpath.normpath(posixpath.join(home, made))):
                    return f"`{file.theirs.path}`"
    # A template beside it, for a tool that no shell names.
    return f"`{gone.moved}`" if gone.moved and gone.moved.startswith(f"{gone.path}.") else None


def _fix(view: View, gone: Gone) -> str:
    if gone.moved:
        return f"name `{gone.moved}` instead, and check that it is still called the same way"
    instead = None if gone.folder else _instead(view, gone)
    if instead:
        return f"upstream calls `{instead}` where it called `{gone.path}`: do the same, with the options it takes"
    return f"port what upstream does instead, or keep `{gone.path}` as a file of the fork's own"


def _instead(view: View, gone: Gone) -> str | None:
    """The file that upstream names now in lines that named this one and changed in nothing else."""
    for written in dict.fromkeys((gone.path, posixpath.basename(gone.path))):
        found = replacement(view.files, written, path=True)
        if found and found != gone.path and view.trees.exists("theirs", [found]):
            return found
    return None
