"""Which of the fork's own files began as a copy of one of upstream's, told by the lines that the two share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import PurePosixPath
from posixpath import basename, dirname

from syncfork.detect.base import File, View, vendored
from syncfork.globs import in_glob
from syncfork.text import Document, telling_lines

# A copy shares at least this part of its lines with the source, and at least so many telling ones. Files of one name in
# different folders are often of one form, and no copies: there it is more. One that is the source word for word may be
# short.
_SHARE, _SHARE_ELSEWHERE = 0.4, 0.6
_LEAST, _LEAST_SAME = 12, 5
# So much of a file that upstream moved has to be in it still.
_SAME = 0.7
# More files of one name than this are each made after the same form.
_MANY_NAMED = 20
# Less of the source than this is an excerpt: what upstream does elsewhere in the source is not about it.
_EXCERPT = 0.1

# A copy with its source, and the lines that the source lacks.
_Beyond = tuple[File, File, frozenset[str]]


def copies(view: View) -> Iterator[tuple[File, File]]:
    """Each file of the fork's own that is a copy, with its source among the files that upstream changed."""
    own = [
        (file, file.ours)
        for file in view.files
        if file.ours_alone and file.ours and file.merged and not view.owned(file.path)
        # Nobody ports anything there.
        if not vendored(file.path)
    ]
    sources: dict[str, list[File]] = {}
    for file in view.files if own else ():
        if file.base and file.theirs and file.changed_by_theirs and _went_on(file.base, file.theirs):
            sources.setdefault(PurePosixPath(file.path).suffix, []).append(file)
    lines = frozenset[str]().union(*(_counted(text) for _, text in own))
    held = {suffix: _held(files, lines) for suffix, files in sources.items()}
    for file, text in own:
        suffix = PurePosixPath(file.path).suffix
        if suffix in sources and (source := _source_of(file.path, text, sources[suffix], held[suffix])):
            yield file, source


def _went_on(base: Document, theirs: Document) -> bool:
    """Whether upstream's file is what the merge base's became: where many are alike, git takes a file that went and one
    that came elsewhere for one that moved."""
    if base.path == theirs.path:
        return True
    was, now = _counted(base), _counted(theirs)
    return (was & now).total() >= _SAME * max(was.total(), now.total())


def of_a_form(pairs: Iterable[tuple[File, File]], view: View) -> set[str]:
    """The copies, of `pairs` with their sources, in another folder than these, whose name so many files have that what is
    alike in them is their form."""
    elsewhere = {
        copy.path: basename(path)
        for copy, source in pairs
        if dirname(path := source.path) != dirname(copy.path)
    }
    specs = [f":(top,glob)**/{in_glob(name)}" for name in sorted(set(elsewhere.values()))]
    named = Counter(map(basename, view.trees.matching("base", specs))) if specs else Counter[str]()
    return {path for path, name in elsewhere.items() if named[name] > _MANY_NAMED}


def _held(sources: Sequence[File], lines: frozenset[str]) -> Mapping[str, Sequence[tuple[int, int]]]:
    """Those of `lines` that any of the sources has: each with the numbers of these, and how often it is there."""
    found: dict[str, list[tuple[int, int]]] = {}
    for number, source in enumerate(sources):
        counted = _counted(source.base)
        for line in lines.intersection(counted):
            found.setdefault(line, []).append((number, counted[line]))
    return found


def _alike(one: str, other: str) -> bool:
    """Whether one file could be a copy of the other, by folder or name."""
    folder, _, name = one.rpartition("/")
    near, _, like = other.rpartition("/")
    return folder == near or name == like or like.partition(".")[0] in name


def _source_of(
    path: str, copy: Document, sources: Sequence[File], held: Mapping[str, Sequence[tuple[int, int]]]
) -> File | None:
    """The file that `copy` shares most of its lines with, if that is enough to call it a copy."""
    lines = _counted(copy)
    # Too little for any of them: most files end here.
    if sum(times for line, times in lines.items() if line in held) < _SHARE * lines.total():
        return None
    shared: dict[int, int] = {}
    for line, times in lines.items():
        for number, there in held.get(line, ()):
            shared[number] = shared.get(number, 0) + min(times, there)
    near = (number for number in sorted(shared) if _alike(path, sources[number].path))
    found = max(near, key=lambda number: shared[number], default=None)
    if found is None:
        return None
    best, count = sources[found], shared[found]
    beside = PurePosixPath(copy.path).parent == PurePosixPath(best.path).parent
    least = _LEAST_SAME if lines == _counted(best.base) else _LEAST
    like = count >= least and count / lines.total() >= (_SHARE if beside else _SHARE_ELSEWHERE)
    return best if like and count >= _EXCERPT * _counted(best.base).total() else None


def with_nearer(pairs: Sequence[tuple[File, File]], view: View) -> set[str]:
    """The copies, of `pairs` with their sources, that are rather ones of a file beside them that upstream has not
    changed. Each folder is read once, and only where a copy has a line that its source lacks: a nearer file has one."""
    folders: dict[tuple[str, str], list[_Beyond]] = {}
    for copy, source in pairs:
        if lines := _counted(copy.ours).keys() - _counted(source.base).keys():
            folder, _, name = copy.path.rpartition("/")
            kind = (folder, name[name.rfind(".") :] if "." in name else "")
            folders.setdefault(kind, []).append((copy, source, frozenset(lines)))
    changed = {file.base.path for file in view.files if file.base and file.changed_by_theirs}
    found: set[str] = set()
    for beyond in folders.values():
        read = view.trees.beside("base", [beyond[0][0].path])
        found.update(_nearer(beyond, {path: text for path, text in read.items() if path not in changed}))
    return found


def _nearer(copies: Sequence[_Beyond], others: Mapping[str, Document]) -> Iterator[str]:
    """Those of the copies that share more lines with one of the others than with their source."""
    having = _having(frozenset().union(*(lines for _, _, lines in copies)), others)

    # Counted once, and only where a copy asks for it.
    @cache
    def counted(path: str) -> Counter[str]:
        return Counter(telling_lines(others[path].text))

    for copy, source, lines in copies:
        mine = _counted(copy.ours)
        least = (mine & _counted(source.base)).total()
        near = {path for line in lines for path in having.get(line, ())} - {copy.path}
        if any((mine & counted(path)).total() > least for path in near):
            yield copy.path


def _having(lines: frozenset[str], documents: Mapping[str, Document]) -> dict[str, list[str]]:
    """Those of `lines` that stand in any of the documents, each with the paths of these."""
    found: dict[str, list[str]] = {}
    for path, document in documents.items():
        for line in lines.intersection(map(str.strip, document.text.split("\n"))):
            found.setdefault(line, []).append(path)
    return found


@lru_cache(maxsize=256)
def _counted(document: Document | None) -> Counter[str]:
    return Counter(telling_lines(document.text) if document else ())
