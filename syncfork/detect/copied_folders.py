"""Folders of the fork's that are copies of one of upstream's: once many files map alike, the same name below the one is
proof enough for the rest, and what upstream adds, renames and deletes there is asked of the copy, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from syncfork.copied import roots_of, within
from syncfork.detect.base import File, View, vendored
from syncfork.globs import folders_above, in_glob
from syncfork.text import telling_lines

# So many copies are proof of a folder; fewer where so many names say the same, which are most of what the copy holds.
_MANY, _FEW = 4, 2
_NAMES, _MOST = 20, 0.8
# At least this part of the copy's files has a file of that name in the source, and of those that upstream changed at least
# this part shares this part of its lines with it.
_HALF, _SHARE = 0.5, 0.4
# A shorter file says nothing for or against.
_TELLING = 5

_Pair = tuple[File, File]


class Followed(Struct, frozen=True):
    """A folder `copy` of the fork's with the one of upstream's that it follows. `pairs` are the copies in it with their
    sources that upstream changed; `new`, `deleted` and `renamed` (old name to new) are below `source`, where they ask
    something of the copy: upstream's new files that it lacks, and old ones that it has still. `names` are all that both
    folders had before the merge."""

    copy: str
    source: str
    pairs: tuple[_Pair, ...]
    new: tuple[str, ...]
    deleted: tuple[str, ...]
    renamed: Mapping[str, str]
    names: frozenset[str]

    def has(self, path: str) -> bool:
        """Whether a file of the fork's is here, and follows the one of its name."""
        return path.startswith(f"{self.copy}/") and path[len(self.copy) + 1 :] in self.names


def followed(view: View, copies: Sequence[_Pair]) -> list[Followed]:
    """The folders that `copies`, told by their text, show to follow another; those with the most copies first."""
    counted = Counter(
        roots for copy, source in copies if source.base and (roots := roots_of(copy.path, source.base.path))
    )
    own = {file.path: file for file in view.files if file.ours_alone and not view.owned(file.path)}
    found: list[Followed] = []
    for (copy, source), proven in counted.most_common():
        if proven >= _FEW:
            # Of what two say, the one with more copies says it.
            others = {path: file for path, file in own.items() if not any(other.has(path) for other in found)}
            found += _followed(view, others, (copy, source), proven)
    return found


def _followed(view: View, own: Mapping[str, File], roots: tuple[str, str], proven: int) -> Iterator[Followed]:
    """The folder of these roots with what is to be told of it, if it is one that follows the other."""
    copy, source = roots
    ours, base = _names(view, "ours", copy), _names(view, "base", source)
    shared = ours & base
    enough = proven >= _MANY or (len(shared) >= _NAMES and len(shared) >= _MOST * len(ours))
    if not enough or len(shared) < _HALF * len(ours):
        return
    pairs = list(_pairs(view, own, roots))
    alike = [is_alike for pair in pairs if (is_alike := _alike(*pair)) is not None]
    if sum(alike) < _HALF * len(alike):
        return
    theirs, merged = _names(view, "theirs", source), _names(view, "merged", copy)
    renamed = dict(_renamed(view, source))
    held = {old: new for old, new in renamed.items() if old in merged and new not in merged}
    came = theirs - base - merged - set(renamed.values())
    went = ((base - theirs) & merged) - renamed.keys()
    free = [name for name in sorted(came) if not view.owned(f"{copy}/{name}") and not vendored(name)]
    yield Followed(
        copy,
        source,
        tuple(pairs),
        tuple(_kept(free, base, shared)),
        tuple(name for name in sorted(went) if not view.owned(f"{copy}/{name}")),
        {old: new for old, new in sorted(held.items()) if not view.owned(f"{copy}/{old}")},
        frozenset(shared),
    )


def _names(view: View, side: str, folder: str) -> set[str]:
    return {
        path[len(folder) + 1 :] for path in view.trees.matching(side, [f":(top,glob){in_glob(folder)}/**"])
    }


def _pairs(view: View, own: Mapping[str, File], roots: tuple[str, str]) -> Iterator[_Pair]:
    """The fork's files below the one folder, with those of the same names below the other that upstream changed."""
    copy, source = roots
    for file in view.files:
        if file.base and file.theirs and file.changed_by_theirs and file.base.path.startswith(f"{source}/"):
            mine = own.get(copy + file.base.path[len(source) :])
            if mine and mine.ours and mine.merged:
                yield mine, file


def _alike(copy: File, source: File) -> bool | None:
    """Whether a file is a copy by its text; None where that is too short to tell."""
    assert copy.ours
    assert source.base
    mine, there = (Counter(telling_lines(text.text)) for text in (copy.ours, source.base))
    return None if mine.total() < _TELLING else (mine & there).total() >= _SHARE * mine.total()


def _renamed(view: View, source: str) -> Iterator[tuple[str, str]]:
    """What upstream gave another name, old and new, within the folder."""
    for file in view.files:
        if file.base and file.theirs and file.base.path != file.theirs.path:
            old, new = file.base.path, file.theirs.path
            if within(old, source) and within(new, source):
                yield old[len(source) + 1 :], new[len(source) + 1 :]


def _kept(names: Iterable[str], base: Iterable[str], shared: Iterable[str]) -> Iterator[str]:
    """Those of the new `names` of which the copy has most of what was next to them before: where a part was never taken
    over, neither is what upstream adds to it."""
    here, kept = (Counter(above for name in side for above in _above(name)) for side in (base, shared))
    for name in names:
        near = next((above for above in _above(name) if here[above]), "")
        if 2 * kept[near] >= here[near]:
            yield name


def _above(name: str) -> Iterator[str]:
    """The folders of a name, the nearest first, with the top one."""
    yield from folders_above(name)
    yield ""
