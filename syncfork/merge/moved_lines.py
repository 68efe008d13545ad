"""Which of a merge's conflicts are about lines that one side moved elsewhere, read from git once for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from syncfork.detect.base import vendored
from syncfork.detect.lock_kinds import remade_by
from syncfork.git.ahead import ReadAhead
from syncfork.git.changes import Change
from syncfork.git.door import Git, decode, encode
from syncfork.merge.engine import LiftedMerge
from syncfork.merge.resolving import read_disputes
from syncfork.merge.texts import conflict_lines
from syncfork.merge.workspace import Workspace
from syncfork.own.base import OURS
from syncfork.report import MovedLines, MovedTo
from syncfork.resolve.base import Disputed, Side
from syncfork.resolve.moved_lines import FEWEST, Sought, Spot, held, sought, spots

# Of a file with more conflicts nobody reads where each went, and to look for them takes long.
_MOST_CLASHES = 100
# So many places of a deleted file's lines are told.
_MOST_PLACES = 3


class _Stands(Struct, frozen=True):
    """Where lines that were looked for are in the merged tree, and whether the other side changed them."""

    sought: Sought
    to: tuple[MovedTo, ...]
    touched: bool


class _Brought(Struct, frozen=True):
    """What a side brought: by path what it has in files that it changed, the lines in question that were not there, and
    the files' names in the merge base."""

    texts: Mapping[str, bytes]
    lines: Mapping[str, frozenset[bytes]]
    names: Mapping[str, str]


def moved_lines(
    space: Workspace, merge: LiftedMerge, ahead: ReadAhead
) -> Mapping[str, tuple[MovedLines, ...]]:
    """By path, the conflicts of a merge whose lines one side moved, with where they stand in the merged tree."""
    # Of a file that a tool writes anew nobody looks for the lines.
    conflicts = {path: item for path, item in merge.merged.conflicts.items() if _looked_at(path)}
    files = read_disputes(space, conflicts, space.attributes) if conflicts else {}
    answers = {item.file.path: item.answers for item in merge.resolved}
    files = {path: file for path, file in files.items() if len(file.clashes) <= _MOST_CLASHES}
    asked = [one for path, file in files.items() for one in sought(file, answers.get(path, {}))]
    found: dict[tuple[str, int | None], list[_Stands]] = defaultdict(list)
    git = space.git
    ours, theirs = merge.sides.by_ours, merge.sides.by_theirs
    sides: tuple[tuple[Side, Sequence[Change], Sequence[Change]], ...] = (
        ("ours", ours, theirs),
        ("theirs", theirs, ours),
    )
    for by, changes, others in sides:
        if mine := [one for one in asked if one.by == by]:
            brought = _brought(mine, changes, ahead, git)
            places = [(one, _places(one, files[one.path], brought)) for one in mine]
            for stands in _standing(space, merge, places, brought, others, ahead):
                found[stands.sought.path, stands.sought.number].append(stands)
    # Where both moved the lines, neither place is the one for the other's change.
    return _told(space, merge, files, [items[0] for items in found.values() if len(items) == 1])


def _looked_at(path: str) -> bool:
    return not vendored(path) and not remade_by(path)


def _brought(asked: Sequence[Sought], changes: Iterable[Change], ahead: ReadAhead, git: Git) -> _Brought:
    wanted = frozenset[bytes]().union(*(one.wanted for one in asked))
    listed = [(c, c.new.oid) for c in changes if c.new and c.new.is_file and _looked_at(c.new_path)]
    news = ahead.blobs({oid for _, oid in listed}, git)
    there = [
        (change, text, lines)
        for change, oid in listed
        if (text := news[oid]) and len(lines := held(wanted, text)) >= FEWEST
    ]
    before = {change.new_path: change.old.oid for change, _, _ in there if change.old and change.old.is_file}
    olds = ahead.blobs({*before.values()}, git)
    return _Brought(
        {change.new_path: text for change, text, _ in there},
        {
            c.new_path: lines - held(lines, olds.get(before.get(c.new_path, "")) or b"")
            for c, _, lines in there
        },
        {change.new_path: change.old_path for change, _, _ in there},
    )


def _places(one: Sought, file: Disputed, brought: _Brought) -> list[Spot]:
    text = file.ours if one.by == "ours" else file.theirs
    if text is None:
        return spots(one, brought.texts, brought.lines)
    # The file itself had the lines, too: what counts is that they are no more where they were. The merge may have it
    # under another name than the side.
    own = encode(text)
    names = sorted((path for path, there in brought.texts.items() if there == own), key=one.path.__ne__)
    texts = {path: there for path, there in brought.texts.items() if path not in (one.path, *names[:1])}
    lines = {path: brought.lines[path] for path in texts}
    return spots(one, {**texts, one.path: own}, {**lines, one.path: held(one.wanted, own)})


def _standing(
    space: Workspace,
    merge: LiftedMerge,
    found: Sequence[tuple[Sought, list[Spot]]],
    brought: _Brought,
    others: Sequence[Change],
    ahead: ReadAhead,
) -> Iterator[_Stands]:
    """Where in the merged tree the lines are; not what is not there, or what the other side moved to the same place."""
    paths = {spot.path for _, places in found for spot in places}
    if not paths:
        return
    origins = {path: brought.names.get(path, path) for path in paths}
    other = {change.old_path: change for change in others if change.new and change.new.is_file}
    theirs = {path: other[origin] for path, origin in origins.items() if origin in other}
    homes = {
        path: theirs[path].new_path if path in theirs and theirs[path].renamed else path for path in paths
    }
    merged = space.files(merge.merged.tree, {*paths, *homes.values()})
    entries = {path: change.new for path, change in theirs.items() if change.new}
    texts = ahead.blobs({entry.oid for entry in entries.values()}, space.git)
    for one, places in found:
        now, lines = [], set[bytes]()
        for spot in places:
            has = texts[entries[spot.path].oid] if spot.path in entries else None
            both = one.there if spot.path == one.path else held(spot.all, has or b"")
            home = spot.path if spot.path in merged else homes[spot.path]
            line = _line(spot, home, merged, merge) if 2 * len(both & spot.all) < len(spot.all) else 0
            if line:
                now.append(MovedTo(home, line, len(spot.all)))
                lines |= {*spot.all} if one.number is None else {*spot.lines}
        if now:
            touched = bool(one.near & lines) if one.number is None else one.touches(lines)
            yield _Stands(one, tuple(now[:_MOST_PLACES]), touched)


def _line(
    spot: Spot, home: str, merged: Mapping[str, tuple[object, bytes | None]], merge: LiftedMerge
) -> int:
    """The line (from 1) of the merged file at which the lines begin, outside its conflicts; 0 where they are not there."""
    _, content = merged.get(home, (None, None))
    places: dict[bytes, int] = {}
    marked = {
        line
        for hunk in merge.hunks.get(home, ())
        for line in range(hunk.line, hunk.line + 3 + hunk.ours.count("\n") + hunk.theirs.count("\n"))
    }
    for number, line in enumerate((content or b"").split(b"\n"), start=1):
        if number not in marked:
            places.setdefault(line.strip(), number)
    return next((places[line] for line in spot.lines if line in places), 0)


def _told(
    space: Workspace,
    merge: LiftedMerge,
    files: Mapping[str, Disputed],
    found: Sequence[_Stands],
) -> Mapping[str, tuple[MovedLines, ...]]:
    """What was found as the report has it, with the lines of the fork's own files."""
    names = {each.sought.path: f"{merge.commits[OURS]}:{each.sought.path}" for each in found}
    own = space.repository.blobs(names.values())
    lines: dict[str, list[int]] = {}
    for path, name in names.items():
        content = own[name]
        text = (files[path].ours or "") if content is None else decode(content)
        lines[path] = conflict_lines(files[path].parts, text)
    told: dict[str, list[MovedLines]] = defaultdict(list)
    for each in sorted(found, key=lambda each: each.sought.number or 0):
        path, number = each.sought.path, each.sought.number
        line = 0 if number is None else lines[path][number]
        told[path].append(MovedLines(each.sought.by, number, line, each.to, each.touched))
    return {path: tuple(items) for path, items in told.items()}
