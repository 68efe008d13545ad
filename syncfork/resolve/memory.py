"""Resolutions that people made, used again where the same conflict returns, and judged before they are. Pure.

What each of them is used for is written in docs/resolutions.md, with what that use was worth on real forks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Literal

from msgspec import Struct, field

from syncfork.evidence import holds
from syncfork.resolve.base import Answer, Clash, Disputed
from syncfork.resolve.lines import ended, lines_of
from syncfork.resolve.marked import line_end
from syncfork.resolve.resolution import Resolution, alike, ends_of, key_of, path_key

# Of a file with fewer lines one cannot tell whether it is another one.
_FEW = 6


class Filed(Struct, frozen=True):
    """A resolution with the file that holds it."""

    file: str
    resolution: Resolution

    @property
    def id(self) -> str:
        """The file's name without folder and ending."""
        return self.file.rpartition("/")[2].rpartition(".")[0]


class Memory(Struct, frozen=True, dict=True):
    """The resolutions that may be used, as a source of answers. `warnings` tell of those that may not; `back` are the
    paths that were to stay deleted, and that the fork has again.

    The very same two sides are answered however long ago it was decided; that a deleted path stays so, as long as the
    decision holds on `day`. Without a day nothing is too old: for suggestions.
    """

    filed: tuple[Filed, ...] = ()
    warnings: tuple[str, ...] = ()
    day: date | None = None
    back: frozenset[str] = frozenset()

    @cached_property
    def _by_key(self) -> Mapping[str, Filed]:
        return {item.resolution.key: item for item in newest_last(self.filed)}

    @cached_property
    def _by_sides(self) -> Mapping[tuple[str, str, str], Sequence[Filed]]:
        """The resolutions of clashes by path, our lines and theirs, the newest last."""
        found: dict[tuple[str, str, str], list[Filed]] = {}
        for item in newest_last(self.filed):
            r = item.resolution
            if r.ours is not None and r.theirs is not None:
                found.setdefault((r.path, alike(r.ours), alike(r.theirs)), []).append(item)
        return found

    def whole(self, file: Disputed) -> Answer | None:
        """A path that the fork deleted stays so, whatever upstream changes in it."""
        if file.kind != "modify/delete" or file.ours is not None or file.theirs is None:
            return None
        found = self._by_key.get(path_key(file.path))
        # Another file under the name was not decided on.
        if found is None or not self.recent(found) or not _same_file(file):
            return None
        return Answer(None, f"memory {found.id}", _told(found))

    def too_old(self) -> set[str]:
        """The paths that stayed deleted by a decision that is too old to follow."""
        newest = self._by_key.values()
        return {i.resolution.path for i in newest if i.resolution.kind == "path" and not self.recent(i)}

    def recent(self, item: Filed) -> bool:
        """Whether more may follow from a decision than the decision itself."""
        return self.day is None or holds(item.resolution.date, self.day)

    def clash(self, file: Disputed, number: int) -> Answer | None:
        """The same conflict is resolved the same way, over another text in the merge base, too."""
        clash = file.clashes[number]
        if found := self._by_key.get(key_of(clash)):
            text = _in_ends_of(file, clash, found.resolution)
            fits = text is not None and (found.resolution.path == file.path or _tells(clash))
            return (
                Answer(_ended_in(file, number, text or ""), f"memory {found.id}", _told(found))
                if fits
                else None
            )
        return self._of_sides(file, number)

    def _of_sides(self, file: Disputed, number: int) -> Answer | None:
        """The same two texts that met over another merge base are resolved as they were."""
        clash = file.clashes[number]
        before = self._by_sides.get((file.path, alike(clash.ours), alike(clash.theirs)), ())
        if not _says(clash.ours) or not _says(clash.theirs) or not before:
            return None
        if not all(item.resolution.answers_like(before[-1].resolution) for item in before):
            return None
        text = _in_ends_of(file, clash, before[-1].resolution)
        why = f"{_told(before[-1])}; over another text in the merge base"
        return None if text is None else Answer(_ended_in(file, number, text), f"memory {before[-1].id}", why)


def newest_last(filed: Iterable[Filed]) -> list[Filed]:
    """By date, then by file."""
    return sorted(filed, key=lambda item: (item.resolution.date, item.file))


def _same_file(file: Disputed) -> bool:
    """Whether upstream's text is still that of the merge base, changed: a third of the lines of the shorter one are in
    the other. A few lines tell nothing."""
    base, theirs = (Counter(lines_of(alike(text or ""))) for text in (file.base, file.theirs))
    shorter = min(base.total(), theirs.total())
    return shorter < _FEW or 3 * (base & theirs).total() >= shorter


def _tells(clash: Clash) -> bool:
    """Whether a conflict has enough to it to be the same one in another file: two lines on a side that say something."""
    sides = (clash.base, clash.ours, clash.theirs)
    return any(sum(map(_says, lines_of(side))) > 1 for side in sides)


def _says(text: str) -> bool:
    """Whether a text is more than blanks and signs."""
    return any(map(str.isalnum, text))


def _ended_in(file: Disputed, number: int, text: str) -> str:
    """A result that ended its file without a line end, ended where more follows."""
    more = any(file.parts[_place(file, number) + 1 :])
    return ended(text, line_end(file)) if more else text


def _place(file: Disputed, number: int) -> int:
    """Where a clash is among the parts of its file."""
    return [n for n, part in enumerate(file.parts) if isinstance(part, Clash)][number]


def _in_ends_of(file: Disputed, clash: Clash, known: Resolution) -> str | None:
    """The result with the file's own line ends; None where it has several kinds, and not the very ones known."""
    result = known.result or ""
    if (clash.base, clash.ours, clash.theirs) == (known.base, known.ours, known.theirs):
        return result
    ends = ends_of((file.ours or "") + clash.ours + clash.theirs)
    return None if ends == "mixed" else alike(result).replace("\n", ends)


def _told(item: Filed) -> str:
    r = item.resolution
    reason = f": {r.reason}" if r.reason else ""
    merge = f"the merge of {r.merge.upstream[:9]} into {r.merge.fork[:9]}"
    return f"as {r.author} did on {r.date.isoformat()} in {merge}{reason}"


State = Literal["valid", "altered", "contradicting", "expired"]


class Judged(Struct, frozen=True):
    """A resolution with whether it may be used; `others` are the files that contradict it."""

    filed: Filed
    state: State = "valid"
    others: tuple[str, ...] = field(default=())


def judge(filed: Sequence[Filed], texts: Mapping[str, str | None]) -> list[Judged]:
    """Which of the resolutions may be used on a fork whose files are `texts`, by path (None: there is none)."""
    found = {item.file: Judged(item) for item in filed}
    for item in filed:
        if not item.resolution.sealed:
            found[item.file] = Judged(item, "altered")
        elif expired(item.resolution, texts.get(item.resolution.path)):
            found[item.file] = Judged(item, "expired")
    by_key: dict[str, list[Filed]] = {}
    for one in found.values():
        if one.state == "valid":
            by_key.setdefault(one.filed.resolution.key, []).append(one.filed)
    for items in by_key.values():
        if all(item.resolution.answers_like(items[0].resolution) for item in items):
            continue
        for item in items:
            others = tuple(other.file for other in items if other is not item)
            found[item.file] = Judged(item, "contradicting", others)
    return list(found.values())


def expired(resolution: Resolution, text: str | None) -> bool:
    """Whether what was decided on is gone from the fork, whose file of that path is `text`.

    A deleted path has expired once the fork has it again. A clash has once its path is gone, or both ours, which a
    conflict to come must have, and the result, which the decision left behind: then the fork has moved on. Blank
    lines are everywhere; where ours or the result is nothing else, the lines were taken out, and that stands until
    the merge base's lines are in the file again.
    """
    if resolution.kind == "path":
        return text is not None
    if text is None:
        return True
    base, has = alike(resolution.base or ""), alike(text)
    out = not base.strip() or not _holds(has, base)
    sides = (alike(resolution.ours or ""), alike(resolution.result or ""))
    return not any(_holds(has, side) if side.strip() else out for side in sides)


def _holds(text: str, lines: str) -> bool:
    """Whether `lines` stand in `text` as whole lines."""
    return f"\n{_ended(lines)}" in f"\n{_ended(text)}"


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
