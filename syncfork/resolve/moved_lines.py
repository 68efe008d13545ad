"""Lines that one side moved out of a conflict, to another file or another place of the same one, and where they stand now.

git shows such a conflict as changed lines against none: whoever takes the side that has none loses the change, whoever
takes the other one has the lines twice. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from syncfork.git.door import encode
from syncfork.resolve.base import Clash, Disputed, Side
from syncfork.resolve.diff3 import Change, changes
from syncfork.resolve.lines import lines_of

# So many lines that stand nowhere else have to be there, and this part of those that the side has no more.
FEWEST = 3
_MOSTLY = 0.6
# As much of what is told apart has to be gone from the conflict.
_GONE = 0.6
# The best place has to have so many times the lines of the next best.
_CLEARLY = 2
# Of a file that was deleted: this part of its lines is elsewhere now, and so much of it is in each place that is told.
_MOST_OF_IT, _PART_OF_IT = 0.5, 0.1
# A line that arrives in more files than these says nothing of where it came from.
_IN_FEW = 2
# A line with fewer letters and digits stands in any file.
_SHORTEST = 8
# Around a conflict its own lines may stand settled: they are its surroundings up to so many others in a row.
_OTHERS = 3
# So many lines around a change tell where it belongs.
_AROUND = 3

_SIGNS = re.compile(r"\W+")
_LETTER = re.compile(r"[^\W\d_]")
_IMPORT = re.compile(
    r"""(?:import|package|namespace|using|use|pub\s+use|require|require_relative|load|include|open|extern\s+crate)\b(?!\s*(?:=|:[^:]))
    |from\b.+\bimport\b|\#\s*include\b|@import\b|export\b.+\bfrom\b|.+\brequire\(|\}?\s*from\s*['"]
    |(?:[\w.]+\s+)?"[\w.-]+(?:/[\w.-]+)+"$""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"//|/?\*|#(?!\s*include)|--|;|%|<!--|$")
_LICENCE = re.compile(r"copyright|licen[cs]e|warrant|spdx", re.IGNORECASE)


_SIDES: tuple[Side, ...] = ("ours", "theirs")


class Sought(Struct, frozen=True, dict=True):
    """Lines (stripped, in their order) of the merge base that side `by` has no more in conflict `number` of `path`; None
    for a path that it deleted. `base` is all that stood there, `other` what the other side made of it; `there` are the
    lines that this one has outside the conflict; `kept` are lines of the file that side `by` has in it still."""

    path: str
    number: int | None
    by: Side
    lines: tuple[bytes, ...]
    base: str
    other: str
    there: frozenset[bytes] = frozenset()
    kept: frozenset[bytes] = frozenset()

    @cached_property
    def wanted(self) -> frozenset[bytes]:
        """The lines without their order."""
        return frozenset(self.lines)

    @cached_property
    def before(self) -> Sequence[bytes]:
        """All lines that stood there, stripped."""
        return _stripped(self.base)

    @cached_property
    def edits(self) -> Sequence[Change]:
        """What the other side changed."""
        return changes(lines_of(self.base), lines_of(self.other))

    @cached_property
    def near(self) -> frozenset[bytes]:
        """Those at which the other side changed something, and around."""
        ranges = ((max(0, edit.start - _AROUND), edit.end + _AROUND) for edit in self.edits)
        return self.wanted.intersection(line for start, end in ranges for line in self.before[start:end])

    def touches(self, lines: Collection[bytes]) -> bool:
        """Whether the other side changed something in the stretch from the first to the last of the lines."""
        at = [number for number, line in enumerate(self.before) if line in lines]
        first, last = min(at, default=0), max(at, default=0)
        return any(
            edit.start <= last and edit.end > first and (edit.end > edit.start or edit.start > first)
            for edit in self.edits
        )


class Spot(Struct, frozen=True):
    """Where lines of a conflict stand now: the path in the side's tree, those of the best stretch of it in their order,
    and all that are there."""

    path: str
    lines: tuple[bytes, ...]
    all: frozenset[bytes]


def sought(file: Disputed, answered: Collection[int | None] = ()) -> Iterator[Sought]:
    """What to look for, conflict by conflict but for those `answered`: nothing where a side still has most of it."""
    if file.base is None or "\0" in file.base:
        return
    own = _own_lines(file.base)
    still = {side: frozenset(own) & {*_stripped(getattr(file, side) or "")} for side in _SIDES}
    if file.ours is None or file.theirs is None:
        by: Side = "ours" if file.ours is None else "theirs"
        kept = file.theirs if by == "ours" else file.ours
        if None not in answered and len(own) >= FEWEST:
            yield Sought(file.path, None, by, own, file.base, kept or "")
        return
    number = -1
    for at, part in enumerate(file.parts):
        if isinstance(part, str):
            continue
        number += 1
        if number in answered or None in answered:
            continue
        before = {*_stripped(part.base)}
        lines = tuple(line for line in own if line in before)
        if len(lines) >= FEWEST:
            around = _around(file.parts, at, before)
            for by in _SIDES:
                if found := _gone(file, part, number, by, lines, around):
                    yield replace(found, kept=still[by] - found.wanted)


def _gone(
    file: Disputed, clash: Clash, number: int, by: Side, lines: Sequence[bytes], around: Collection[bytes]
) -> Sought | None:
    """The lines that side `by` has no more in or around a clash, where these are most of them."""
    mine, other = (clash.ours, clash.theirs) if by == "ours" else (clash.theirs, clash.ours)
    still = {*_stripped(mine), *around}
    gone = tuple(line for line in lines if line not in still)
    if len(gone) < FEWEST or len(gone) < _GONE * len(lines):
        return None
    whole = (file.theirs if by == "ours" else file.ours) or ""
    beside = Counter(_stripped(whole))
    beside.subtract(_stripped(other))
    there = frozenset(line for line in gone if beside[line] > 0)
    return Sought(file.path, number, by, gone, clash.base, other, there)


def _around(parts: Sequence[str | Clash], at: int, own: Collection[bytes]) -> set[bytes]:
    """Lines of a clash that stand settled beside it: both sides have them, and git left them out of it."""
    before, after = (
        _stripped(part) if isinstance(part, str) else [] for part in (parts[at - 1], parts[at + 1])
    )
    found: set[bytes] = set()
    for lines in (before[::-1], after):
        others = 0
        for line in lines:
            others = 0 if line in own else others + 1
            if others > _OTHERS:
                break
            found.add(line)
    return found


def _own_lines(text: str) -> tuple[bytes, ...]:
    """The lines that tell a text from others, each of which it has once: no imports, and no licence at its head."""
    lines = _stripped(text)
    times = Counter(lines)
    head = next((n for n, line in enumerate(lines) if not _COMMENT.match(_text(line))), len(lines))
    start = head if any(_LICENCE.search(_text(line)) for line in lines[:head]) else 0
    return tuple(line for line in lines[start:] if times[line] == 1 and _tells(_text(line)))


def _tells(line: str) -> bool:
    said = _SIGNS.sub("", line)
    return len(said) >= _SHORTEST and bool(_LETTER.search(said)) and not _IMPORT.match(line)


def _stripped(text: str) -> list[bytes]:
    return _lines(encode(text))


def _lines(content: bytes) -> list[bytes]:
    return [line.strip() for line in content.split(b"\n")]


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")


def held(wanted: frozenset[bytes], text: bytes) -> frozenset[bytes]:
    """The lines of `wanted` that a text has; none where it is no text."""
    return wanted.intersection(_lines(text)) if b"\0" not in text else frozenset()


def spots(asked: Sought, texts: Mapping[str, bytes], arrivals: Mapping[str, frozenset[bytes]]) -> list[Spot]:
    """Where the lines that are asked for stand now, the best place first; none where that is not clear. `arrivals` are by
    path the lines that the side brought there, `texts` what it has there."""
    here = {path: asked.wanted & lines for path, lines in arrivals.items() if path in texts}
    times = Counter(line for lines in here.values() for line in lines)
    here = {path: frozenset(n for n in lines if times[n] <= _IN_FEW) for path, lines in here.items()}
    if asked.number is None:
        return _of_file(asked, {path: lines for path, lines in here.items() if lines}, texts)
    found = [_block(path, texts[path], asked, lines) for path, lines in here.items() if len(lines) >= FEWEST]
    found.sort(key=lambda spot: -len(spot.lines))
    enough = max(FEWEST, _MOSTLY * len(asked.lines))
    best, next_best = (len(spot.lines) for spot in [*found, _NOWHERE, _NOWHERE][:2])
    clear = best >= enough and best >= _CLEARLY * next_best
    return found[:1] if clear and not _copied(asked, found[0], texts[found[0].path]) else []


def _copied(asked: Sought, spot: Spot, text: bytes) -> bool:
    """Whether a place is in a copy of the whole file, as it was before its side changed these lines."""
    there = len(held(asked.kept, text))
    return spot.path != asked.path and there > len(spot.lines) and 2 * there > len(asked.kept)


_NOWHERE = Spot("", (), frozenset())


def _of_file(asked: Sought, here: Mapping[str, frozenset[bytes]], texts: Mapping[str, bytes]) -> list[Spot]:
    """Where most of a deleted file is: first what was near to what the other side changed."""
    there = {
        path: lines
        for path, lines in here.items()
        if len(lines) >= max(FEWEST, _PART_OF_IT * len(asked.lines))
    }
    if len(frozenset().union(*there.values())) < _MOST_OF_IT * len(asked.lines):
        return []
    order = sorted(there, key=lambda path: (-len(there[path] & asked.near), -len(there[path])))
    return [
        replace(_block(path, texts[path], asked, (there[path] & asked.near) or there[path]), all=there[path])
        for path in order
    ]


def _block(path: str, text: bytes, asked: Sought, lines: frozenset[bytes]) -> Spot:
    """The stretch of a text, about as long as the conflict was, that holds the most of the lines."""
    places = [(n, line) for n, line in enumerate(_lines(text)) if line in lines]
    longest = 2 * len(asked.before) + 10
    end, best = 0, range(0)
    for start, (first, _) in enumerate(places):
        while end < len(places) and places[end][0] < first + longest:
            end += 1
        best = range(start, end) if end - start > len(best) else best
    inside = tuple(dict.fromkeys(places[at][1] for at in best))
    return Spot(path, inside, frozenset(inside))
