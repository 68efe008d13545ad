"""Names in pipelines that were whole on one side, and that nothing in the merged tree declares."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct

from syncfork.detect.base import View
from syncfork.detect.pipeline_losses import newly_bare
from syncfork.detect.pipeline_sides import Key, Side, State
from syncfork.detect.wiring import Use


class Broken(Struct, frozen=True):
    """A use that nothing declares in the merged tree, in the pipelines of the roots `lost`; `before` is the side it
    comes from, where it was whole. `perhaps` tells whence the name may come all the same."""

    key: Key
    state: State
    before: str
    lost: frozenset[str]
    perhaps: frozenset[str]


def lacking(sides: Mapping[str, Side]) -> Iterator[tuple[Key, State, str, frozenset[str]]]:
    """The uses in the merged tree that lack their name and did not before: which one, by which side it was whole, and
    the pipelines that lack the name."""
    for key, state in sides["merged"].states.items():
        if found := _before(sides, key, state):
            yield key, state, *found


def broken(view: View, sides: Mapping[str, Side]) -> list[Broken]:
    """What the merge broke, as far as that can be told: no file that declares the name is in conflict, and the merge
    brought nothing from which it may come; without what only follows from the rest."""
    return list(_without_followers(list(_each(view, sides))))


def _before(sides: Mapping[str, Side], key: Key, state: State) -> tuple[str, frozenset[str]] | None:
    """The side that a broken use comes from, if it was whole there, and the pipelines that lack its name now but did
    not before, nor do at upstream's."""
    known = {side: sides[side].states.get(key) for side in ("ours", "theirs")}
    lost = state.lacking.difference(*(each.lacking for each in known.values() if each))
    if state.use.reach == "job":
        lost = newly_bare(lost, key.name, known, sides)
    if not lost:
        return None
    if key.name.required:
        return "theirs", lost
    before = next((side for side, each in known.items() if each), None)
    was = known[before] if before else None
    return (before, lost) if before and was and was.roots > was.lacking else None


def _each(view: View, sides: Mapping[str, Side]) -> Iterator[Broken]:
    conflicted = {file.path for file in view.files if file.conflicted}
    for key, state, before, lost in lacking(sides):
        perhaps = sides["merged"].unknown(state.path, state.use, lost)
        if not key.name.required:
            side = sides[before]
            was = side.states[key]
            if _undecided(side, was, lost, conflicted):
                continue
            if (
                perhaps
                - side.unknown(was.path, was.use, lost)
                - _known(sides["ours"], key.path, was.use, lost)
            ):
                continue
        yield Broken(key, state.within(lost), before, lost, frozenset(perhaps))


def _known(ours: Side, merged_name: str, use: Use, lost: Collection[str]) -> set[str]:
    """Whence the fork's own pipelines may have had a name already, which nothing new brings then."""
    paths = [path for path, name in ours.names.items() if name == merged_name]
    return {whence for path in paths for whence in ours.unknown(path, use, lost)}


def _undecided(side: Side, was: State, lost: Collection[str], conflicted: Collection[str]) -> bool:
    """Whether a file that declares the name, or that links the two, is in conflict: the merged tree lacks it."""
    declared = side.declaration(was, lost)
    paths = [declared[0]] if declared else []
    if was.use.reach in ("pipeline", "job"):
        paths = [facts.document.path for facts in side.facts(was.path, was.use, lost)]
    return any(side.names.get(path, path) in conflicted for path in paths)


def _without_followers(broken: Sequence[Broken]) -> Iterator[Broken]:
    """Without what follows from a job, stage or step that is gone itself."""
    lost = {(item.key.path, item.key.name.kind, item.key.name.name) for item in broken}
    names = {(kind, name) for _, kind, name in lost}
    for item in broken:
        path, name, _ = item.key
        scope = name.scope.rpartition("/")[2]
        if name.kind == "needed job" and (path, "job", name.name) in lost:
            continue
        if name.kind == "job output" and (path, "job", scope) in lost:
            continue
        if name.kind == "step output" and (path, "step", scope) in lost:
            continue
        if name.kind == "stage or job" and {("job", name.name), ("stage", name.name)} & names:
            continue
        yield item
