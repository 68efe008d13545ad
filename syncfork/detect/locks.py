"""Manifests and the lock files (or vendored folders) that are made from them, which do not go together after a merge.

Each side's pair went together, and neither side is wrong: what one changed in a manifest, the other's lock file does not
know. Git sees two files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain
from posixpath import dirname, join, normpath, relpath
from typing import Any, Literal

from msgspec import Struct

from syncfork.detect.base import File, Found, View
from syncfork.detect.lines import short
from syncfork.detect.lock_base import Gap, Kind, Pair
from syncfork.detect.lock_kinds import BY_MANIFEST, KINDS
from syncfork.globs import folders_above
from syncfork.report import Place, Site
from syncfork.text import Document
from syncfork.words import listed

_MOST_TOLD = 4
# Of what is not of a form that is known there is nothing to be said.
_UNKNOWN = TypeError, AttributeError, KeyError, ValueError, IndexError
_Side = Literal["ours", "theirs", "merged"]


class _Candidate(Struct, frozen=True):
    """A manifest, and a `folder` in which a lock file of the kind may be that is made from it."""

    kind: Kind
    manifest: str
    folder: str

    @property
    def lock(self) -> str:
        return join(self.folder, self.kind.lock)

    @property
    def top(self) -> str:
        """The manifest beside the lock file, where a workspace's members find what is theirs."""
        return join(self.folder, self.kind.manifest)

    @property
    def within(self) -> str:
        """Where the manifest's folder is from the lock file's; empty where they are one."""
        found = relpath(dirname(self.manifest) or ".", self.folder or ".")
        return "" if found == "." else found


def find(view: View) -> Iterator[Found]:
    """Pairs of which upstream changed a half, and that do not go together in the merged tree in a way in which they did on
    both sides."""
    files = [file.path for file in view.files]
    changed = dict.fromkeys(p for f in view.files if f.changed_by_theirs for p in _manifests(f.path, files))
    candidates = [each for path in changed for each in _candidates(path)]
    if not candidates:
        return
    wanted = {path for each in candidates for path in (each.manifest, each.lock, each.top)}
    texts = _Texts(view)
    texts.fetch(wanted)
    texts.fetch(part for each in candidates for part in _parts(texts, each, "merged").values())
    told: set[str] = set()
    for each in candidates:
        # Where the merge took all of it from one side, nothing is new; most are so, and need not be read.
        if _as_on(texts, each, "theirs") or _as_on(texts, each, "ours"):
            continue
        if each.manifest not in told and _made_from(texts, each):
            told.add(each.manifest)
            yield from _found(view, texts, each)


def _manifests(path: str, changed: Sequence[str]) -> Iterator[str]:
    """The manifest that a path is, those that may name it, in its folder and above, or those that the lock file at a path
    may be made from: the one beside it, and, of those that were `changed`, the ones below."""
    name = path.rpartition("/")[2]
    if name in BY_MANIFEST:
        yield path
    for kind in KINDS:
        if name == kind.part:
            yield from (join(folder, kind.manifest) for folder in _folders(path))
        if f"/{path}".endswith(f"/{kind.lock}"):
            folder = path.removesuffix(kind.lock)
            yield join(folder, kind.manifest)
            if kind.member:
                yield from (p for p in changed if p.startswith(folder) and p.endswith(f"/{kind.manifest}"))


def _candidates(manifest: str) -> Iterator[_Candidate]:
    """The pairs that a manifest may be one of: of a workspace's member the lock file above, if it knows the member, is read
    rather than its own. What is vendored comes before what would be looked up else."""
    folders = _folders(manifest)
    for kind in BY_MANIFEST[manifest.rpartition("/")[2]]:
        for folder in folders if kind.member else folders[-1:]:
            yield _Candidate(kind, manifest, folder)


def _folders(path: str) -> list[str]:
    """The folder that a path is in, after those above it."""
    return ["", *reversed([*folders_above(path)])]


class _Texts:
    """The files that are asked for, on each side, read once; those that no side changed are to be fetched, in one go."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._unchanged: dict[str, Document] = {}
        self._known: dict[tuple[str, Callable[[str], Any]], Any] = {}

    def fetch(self, paths: Iterable[str]) -> None:
        """Have those of the paths at hand that are not. What is not in the repository is nowhere."""
        inside = {path for path in paths if not path.startswith(("../", "/"))}
        if wanted := inside - self._view.by_path.keys() - self._unchanged.keys():
            self._unchanged |= self._view.trees.read("merged", sorted(wanted))

    def of(self, side: _Side, path: str) -> Document | None:
        file = self._view.by_path.get(path)
        return getattr(file, side) if file else self._unchanged.get(path)

    def read(self, side: _Side, path: str, how: Callable[[str], Any]) -> Any:
        """What `how` makes of a file: None where there is none, _BROKEN where it cannot be read."""
        document = self.of(side, path)
        if document is None:
            return None
        key = document.text, how
        if key not in self._known:
            try:
                self._known[key] = how(document.text.removeprefix("\ufeff"))
            except (ValueError, RecursionError):
                self._known[key] = _BROKEN
            except _UNKNOWN:
                self._known[key] = None
        return self._known[key]


_BROKEN = object()


def _found(view: View, texts: _Texts, each: _Candidate) -> Iterator[Found]:
    if view.owned(each.lock):
        return
    new = _gaps(texts, each, "merged")
    if new:
        # What was out of step before, in another version perhaps, is no news.
        known = {gap.name for gap in (*_gaps(texts, each, "ours"), *_gaps(texts, each, "theirs"))}
        new = [gap for gap in new if gap.name not in known]
    paths = (*_parts(texts, each, "merged").values(), each.manifest)
    if not new or texts.of("merged", each.manifest) is None:
        return
    named = _names(gap.name for gap in new)
    mentions = chain(_mentions(texts, paths, _names([new[0].name])), _mentions(texts, paths, named))
    path, line = next(mentions, (paths[0], 1))
    words = listed([f"`{short(gap.name)}` {gap.words}" if gap.name else gap.words for gap in new], _MOST_TOLD)
    causes = [_cause(view.by_path.get(at), named) for at in dict.fromkeys((path, *paths))]
    cause = next((cause for cause in causes if cause.place), _Cause())
    it = "it" if each.kind.parts is None else f"the modules of {each.manifest}"
    anew = f"written anew, where {each.manifest} is: {each.kind.command}"
    lost = _lost(view, paths, _names(gap.name for gap in new if gap.lost))
    put_back = f"put back into {lost[0]} what the fork had there, `{short(lost[1].strip())}`" if lost else ""
    yield Found(
        "breakage",
        path,
        line,
        f"{each.lock} does not go with {it} after the merge: {words}",
        fix=f"{put_back}; or have {each.lock} {anew}" if lost else f"have it {anew}",
        upstream=cause.place,
        added=cause.added,
        removed=cause.removed,
        key=each.lock,
        also=(Site(each.lock, 0),) if path != each.lock else (),
    )


def _mentions(texts: _Texts, paths: Iterable[str], named: re.Pattern[str]) -> Iterator[tuple[str, int]]:
    """Where the merged files name any of the names."""
    for path in paths:
        document = texts.of("merged", path)
        for number, line in enumerate(document.text.split("\n") if document else (), start=1):
            if named.search(line):
                yield path, number


def _lost(view: View, paths: Iterable[str], named: re.Pattern[str]) -> tuple[str, str] | None:
    """The first line that the fork alone had with one of the names, and that is not in the merged file."""
    for path in paths:
        file = view.by_path.get(path)
        if file and file.ours and file.merged:
            others = {*file.merged.text.split("\n"), *(file.base.text.split("\n") if file.base else ())}
            if found := _first(file.ours.text.split("\n"), others, named):
                return path, found[1]
    return None


def _parts(texts: _Texts, each: _Candidate, side: _Side) -> dict[str, str]:
    """The other manifests that count, by their folders from the one that names them; none where there is no lock file."""
    if each.kind.parts is None or not texts.of(side, each.lock):
        return {}
    manifest = texts.read(side, each.manifest, each.kind.read)
    if manifest in (None, _BROKEN):
        return {}
    folders = each.kind.parts(manifest)
    return {folder: normpath(join(dirname(each.manifest), folder, each.kind.part)) for folder in folders}


def _pair(texts: _Texts, each: _Candidate, side: _Side) -> Pair:
    read, read_lock = each.kind.read, each.kind.read_lock
    top = texts.read(side, each.top, read)
    parts = _parts(texts, each, side).items()
    return Pair(
        manifest=texts.read(side, each.manifest, read),
        lock=texts.read(side, each.lock, read_lock),
        top=None if top is _BROKEN else top,
        folder=each.within,
        parts={folder: texts.read(side, path, each.kind.read_part or read) for folder, path in parts},
    )


def _as_on(texts: _Texts, each: _Candidate, side: _Side) -> bool:
    """Whether the merged files are as on a side."""
    paths = (each.manifest, each.lock, each.top, *_parts(texts, each, side).values())
    return all(texts.of("merged", path) == texts.of(side, path) for path in paths)


def _made_from(texts: _Texts, each: _Candidate) -> bool:
    """Whether the merged lock file is made from the manifest. One that cannot be read is, where it lies beside it."""
    pair = _pair(texts, each, "merged")
    if pair.manifest is None or pair.lock is None:
        return False
    if _BROKEN in (pair.manifest, pair.lock) or each.kind.member is None:
        return not each.within
    try:
        return each.kind.member(pair)
    except _UNKNOWN:
        return False


def _gaps(texts: _Texts, each: _Candidate, side: _Side) -> list[Gap]:
    pair = _pair(texts, each, side)
    if pair.manifest is None or pair.lock is None:
        return []
    if _BROKEN in (pair.manifest, pair.lock):
        return [Gap("", "one of the two can no longer be read")]
    try:
        return list(each.kind.gaps(pair))
    except _UNKNOWN:
        return []


def _names(names: Iterable[str]) -> re.Pattern[str]:
    """Finds any of the names by itself, not within another one."""
    told = "|".join(map(re.escape, filter(None, names)))
    return re.compile(rf"(?<![\w./@-])(?:{told})(?![\w./@-])" if told else r"(?!)")


class _Cause(Struct, frozen=True):
    """What upstream did to the manifest: the place of a line, which it added or took out."""

    place: Place | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def _cause(file: File | None, named: re.Pattern[str]) -> _Cause:
    """Upstream's first line that has one of the names and is not in the merge base, or else the other way round."""
    if file is None or file.theirs is None or file.base is None:
        return _Cause()
    before, after = file.base.text.split("\n"), file.theirs.text.split("\n")
    if found := _first(after, set(before), named):
        return _Cause(Place(file.theirs.path, found[0]), added=(found[1],))
    if found := _first(before, set(after), named):
        return _Cause(Place(file.base.path, found[0]), removed=(found[1],))
    return _Cause()


def _first(lines: Iterable[str], others: Collection[str], named: re.Pattern[str]) -> tuple[int, str] | None:
    numbered = enumerate(lines, start=1)
    return next(((n, line) for n, line in numbered if line not in others and named.search(line)), None)
