"""Copies: a file of the fork's own that began as one of upstream's, and that people keep in step with it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from syncfork.copied import roots_of
from syncfork.globs import exactly
from syncfork.learn.base import Ledger, Past, Proposal
from syncfork.own.derived_folder import BELOW
from syncfork.rules.naming import identifier
from syncfork.text import telling_lines

# A copy shares this part of its telling lines with the source, and at least so many.
_SHARE = 0.6
_LEAST_LINES = 12
# So many copies in one folder are one rule for it.
_FOLDER = 3
# So many merges changed both.
_LEAST = 2


def possible_sources(copies: Iterable[str], paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """By path of `copies`, those of `paths` whose copy it could be: the same kind of file, in the same folder or of the
    same name, and with a name that the copy's holds."""
    near: dict[tuple[str, PurePosixPath | str], list[PurePosixPath]] = defaultdict(list)
    for path in map(PurePosixPath, paths):
        near[path.suffix, path.parent].append(path)
        near[path.suffix, path.name].append(path)

    def of(copy: PurePosixPath) -> tuple[str, ...]:
        candidates = dict.fromkeys((*near[copy.suffix, copy.parent], *near[copy.suffix, copy.name]))
        return tuple(str(source) for source in candidates if source.stem in copy.stem)

    return {copy: of(PurePosixPath(copy)) for copy in copies}


def in_step(made: Iterable[Collection[str]]) -> frozenset[str]:
    """Of the paths that each merge changed in the fork those that may be learned to be copies: the texts of the others are
    not asked for, which a fork may have added by the thousand."""
    often = Counter(path for paths in made for path in paths)
    return frozenset(path for path, times in often.items() if times >= _LEAST)


class _Copy(NamedTuple):
    """A copy, its source, and the numbers of the merges that changed both."""

    path: str
    source: str
    merges: frozenset[int]


def learn(past: Past) -> Iterator[Proposal]:
    """`own: {derived: SOURCE}` for copies that the last merges which changed the source brought in step; one rule for a
    folder in which many follow those of the same names in another."""
    folders: dict[tuple[str, str], list[_Copy]] = defaultdict(list)
    alone: list[_Copy] = []
    for found in _copies(past):
        roots = roots_of(found.path, found.source)
        (folders[roots] if roots else alone).append(found)
    for roots, copies in folders.items():
        if len(copies) >= _FOLDER and _mostly_of(past, *roots):
            yield _of_folder(past, roots, copies)
        else:
            alone += copies
    for found in alone:
        rule = {
            "id": identifier("copy", found.path, found.source),
            "why": f"This file is a copy of {found.source}, and each merge that changed that brought it in step.",
            "files": [exactly(found.path)],
            "own": {"derived": found.source},
        }
        ledger = Ledger(past.merges, [(number, found.path) for number in sorted(found.merges)])
        yield Proposal("copies", rule, (found.path,), ledger.evidence())


def _mostly_of(past: Past, copy: str, source: str) -> bool:
    """Whether most of what the fork has in a folder of its own is called as what upstream has in the other."""
    own = [
        path for path, change in past.own.items() if change.ours is not None and path.startswith(f"{copy}/")
    ]
    own = [path for path in own if path not in past.upstream]
    return 2 * sum(source + path[len(copy) :] in past.upstream for path in own) >= len(own)


def _of_folder(past: Past, roots: tuple[str, str], copies: Sequence[_Copy]) -> Proposal:
    copy, source = roots
    rule = {
        "id": identifier("copy", copy, source),
        "why": f"This folder is a copy of {source}, and merges that changed files there brought theirs in step.",
        "files": [f"{exactly(copy)}{BELOW}"],
        "own": {"derived": f"{source}{BELOW}"},
    }
    bearing = sorted((number, found.path) for found in copies for number in found.merges)
    return Proposal(
        "copies", rule, tuple(found.path for found in copies), Ledger(past.merges, bearing).evidence()
    )


def _copies(past: Past) -> Iterator[_Copy]:
    added = {
        path: change.ours
        for path, change in past.own.items()
        if change.base is None and change.ours is not None and path not in past.upstream
    }
    moved, touched = _when(past, "moved"), _when(past, "touched")
    asked = [path for path in added if len(touched[path]) >= _LEAST]
    near = possible_sources(asked, past.sources)
    counted = cache(lambda source: Counter(telling_lines(past.sources[source])))
    for path in asked:
        source = _source(
            Counter(telling_lines(added[path])), {source: counted(source) for source in near[path]}
        )
        if source is None or len(moved[source]) < _LEAST or moved[source] - touched[path]:
            continue
        yield _Copy(path, source, frozenset(moved[source]))


def _when(past: Past, what: Literal["moved", "touched"]) -> Mapping[str, set[int]]:
    """By path the numbers of the merges that have it under `what`."""
    found: dict[str, set[int]] = defaultdict(set)
    for number, merge in enumerate(past.merges):
        for path in getattr(merge, what):
            found[path].add(number)
    return found


def _source(lines: Counter[str], sources: Mapping[str, Counter[str]]) -> str | None:
    """The one of upstream's files that shares most of the lines, if that is enough to call what has them a copy."""
    shared = {source: (lines & known).total() for source, known in sources.items()}
    best = max(shared, key=lambda source: shared[source], default=None)
    if best is None or shared[best] < _LEAST_LINES or shared[best] < _SHARE * lines.total():
        return None
    return best
