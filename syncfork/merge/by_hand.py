"""What a person made of a merge that waited for them: what they dropped, and what they changed beyond its conflicts.

Compared is the tree that the merge left them with the one that they are about to commit. Within a conflict's markers
everything is theirs to decide; which side they took is told, file by file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from syncfork.git.door import decode, encode
from syncfork.git.objects import Entry
from syncfork.git.patches import Edit
from syncfork.git.repository import Change, Repository
from syncfork.merge.booking import differences
from syncfork.merge.mergetree import split_labelled
from syncfork.merge.pieces import Departure, Owner, Piece, departures, laid_out, outcomes
from syncfork.merge.workspace import Workspace, workspace
from syncfork.render.text import count, one_line
from syncfork.resolve.lines import lines_of
from syncfork.state import State

Side = Literal["ours", "theirs"]


class Touch(Struct, frozen=True):
    """Something that a person did at a line (from 1; 0 for the file as a whole). `dropped` is the side whose change
    is gone by it; `conflict` is true where the merge asked for a decision."""

    path: str
    line: int
    text: str
    dropped: Side | None
    conflict: bool = False


def touches(repository: Repository, state: State, tree: str) -> list[Touch]:
    """All that tells the tree which a person is about to commit from the one that the merge left them."""
    changes = repository.changes(state.tree, tree, renames=False)
    changed = {change.new_path for change in changes}
    kept = [path for path in state.conflicts if path not in changed]
    paths = [*changed, *kept]
    with workspace(repository) as space:
        sides: dict[Side, dict[str, tuple[Entry, bytes | None]]] = {
            "ours": space.files(state.ours, paths),
            "theirs": space.files(state.theirs, paths),
        }
        # Of several merge bases one will do: it only tells which line of a side is worth quoting.
        bases = repository.merge_bases(state.ours, state.theirs)
        base = space.files(bases[0], paths) if bases else {}
        left = space.files(state.tree, kept)
        texts: list[_Texts] = []
        found: list[Touch] = []
        for path, (now, _) in left.items():
            entries = {side: file[0] if (file := files.get(path)) else None for side, files in sides.items()}
            found += _as_left(path, now, entries, known=path in base)
        oids = [entry.oid for change in changes for entry in (change.old, change.new) if entry]
        blobs = repository.blobs(oids) if oids else {}
        moved = _moved(changes, state.conflicts)
        for change in changes:
            had = {side: files.get(change.new_path) for side, files in sides.items()}
            entries = {side: file[0] if file else None for side, file in had.items()}
            asked = change.new_path in state.conflicts
            before, after = (_text(blobs, entry) for entry in (change.old, change.new))
            if change.new_path in moved:
                continue
            if asked and change.new is None and not any(entries.values()):
                found += _renamed_and_gone(repository, bases, state, change)
            elif before is None or after is None or change.old is None or change.new is None:
                found += _whole(change, entries, asked)
            elif asked and all(entries.values()) and change.old in entries.values():
                # No marker stands in it: git left one side's version, as where attributes say not to merge.
                found += _whole(change, entries, conflict=True)
            else:
                found += _of_mode(change, entries, base.get(change.new_path))
                began, ours, theirs = (
                    decode(file[1] or b"") if file else ""
                    for file in (base.get(change.new_path), had["ours"], had["theirs"])
                )
                texts.append(_Texts(change.new_path, before, after, began, ours, theirs))
        return [*found, *_in_texts(space, state, texts)]


def _text(blobs: Mapping[str, bytes | None], entry: Entry | None) -> str | None:
    content = blobs[entry.oid] if entry and entry.is_file else None
    return None if content is None or b"\0" in content[:8000] else decode(content)


def _moved(changes: Iterable[Change], conflicts: Collection[str]) -> set[str]:
    """Both names of each file in conflict that a person gave another name: where it belongs was what git asked."""
    gone = {c.old: c.new_path for c in changes if c.old and c.new is None and c.new_path in conflicts}
    come = {c.new: c.new_path for c in changes if c.new in gone and c.old is None}
    return {path for entry in come if entry for path in (gone[entry], come[entry])}


def _renamed_and_gone(
    repository: Repository, bases: Sequence[str], state: State, change: Change
) -> Iterator[Touch]:
    """A file that is gone, which neither side has under this name: git took it along where the other side had renamed
    its folder. It is the side's that has its content; both sides' where neither has, and it is a merge of both."""
    trees: dict[Side, str] = {"ours": state.ours, "theirs": state.theirs}
    sides: list[Side] = [
        side
        for side, tree in trees.items()
        if any(new.new == change.old for new in repository.changes(bases[0], tree, renames=False))
    ]
    for side in sides or trees:
        yield Touch(change.new_path, 0, "the file is gone", side, conflict=True)


def _of_mode(
    change: Change, sides: Mapping[Side, Entry | None], base: tuple[Entry, bytes | None] | None
) -> Iterator[Touch]:
    """Another mode than the merge left. Markers tell nothing of modes: it is a conflict where both sides changed it."""
    if change.old is None or change.new is None or change.old.mode == change.new.mode:
        return
    modes = {side: entry.mode for side, entry in sides.items() if entry}
    had = [side for side, mode in modes.items() if mode == change.old.mode]
    conflict = len(set(modes.values())) > 1 and (base is None or base[0].mode not in modes.values())
    dropped = had[0] if len(had) == 1 else None
    if dropped or not conflict:
        yield Touch(
            change.new_path, 0, f"mode {change.old.mode} becomes {change.new.mode}", dropped, conflict
        )


def _whole(change: Change, sides: Mapping[Side, Entry | None], conflict: bool) -> Iterator[Touch]:
    """A file that came, went, or is no text: whose version went by it."""
    kept = [side for side, entry in sides.items() if entry == change.new]
    had = [side for side, entry in sides.items() if entry == change.old and entry]
    dropped: Side | None = None
    if conflict and len(kept) == 1:
        dropped = "theirs" if kept == ["ours"] else "ours"
    elif not conflict and len(had) == 1:
        dropped = "ours" if had == ["ours"] else "theirs"
    if not conflict or dropped:
        words = "the file is gone" if change.new is None else "the file is new" if change.old is None else ""
        yield Touch(change.new_path, 0, words or "another version of the file", dropped, conflict)


def _as_left(path: str, now: Entry, sides: Mapping[Side, Entry | None], *, known: bool) -> Iterator[Touch]:
    """A conflict in which what the merge left was taken as it is: where markers cannot stand, as in a binary file, a
    link or one that a side deleted, git leaves one side's version. `known` is whether the merge base has the path."""
    others: list[Side] = [side for side, entry in sides.items() if entry != now]
    without: list[Side] = [side for side, entry in sides.items() if entry is None]
    if len(without) == 1:
        # Where the merge base has no such path, a side lacks it for having another name for the file.
        dropped, words = (without if known else []), "which is without the file"
    else:
        # With markers in it the file is as neither side has it.
        dropped, words = (others if len(others) == 1 else []), "another version of the file"
    for side in dropped:
        yield Touch(path, 0, words, side, conflict=True)


class _Texts(Struct, frozen=True):
    path: str
    left: str
    committed: str
    base: str
    ours: str
    theirs: str


def _in_texts(space: Workspace, state: State, texts: Sequence[_Texts]) -> Iterator[Touch]:
    if not texts:
        return

    def stored(wanted: Iterable[str]) -> list[str]:
        return [space.store.write("blob", encode(text)) for text in wanted]

    left, committed = stored(text.left for text in texts), stored(text.committed for text in texts)
    sides = [stored(text.ours for text in texts), stored(text.theirs for text in texts)]
    upstreams, forks = differences(space, [list(zip(side, left, strict=True)) for side in sides])
    names = state.fork_ref, state.upstream_ref
    pieces = [
        _pieces(text, names if text.path in state.conflicts else None, upstream, fork)
        for text, upstream, fork in zip(texts, upstreams, forks, strict=True)
    ]
    layouts = stored("".join(laid_out(made)) for made in pieces)
    [edits] = differences(space, [list(zip(layouts, committed, strict=True))])
    for text, made, led in zip(texts, pieces, edits, strict=True):
        lines = lines_of(text.committed)
        for departure in departures(made, lines, led):
            yield _touch(text.path, departure)
        for piece, first, answer in outcomes(made, lines, led):
            for side in _lost(piece, answer, _counted(text.base)):
                yield Touch(text.path, first + 1, _loss(text, piece, side), side, conflict=True)


def _pieces(
    text: _Texts, names: tuple[str, str] | None, upstream: Sequence[Edit], fork: Sequence[Edit]
) -> list[Piece]:
    """The text that the merge left, by who changed what: what departs from ours is upstream's, what departs from
    theirs the fork's. What departs from both is a rule's, which is verified by itself, or a resolution's."""
    lines = lines_of(text.left)
    marked = _clashes(text.left, names) if names else []
    sides: list[tuple[Owner, Sequence[str], Sequence[Edit], Sequence[Edit]]] = [
        ("theirs", lines_of(text.ours), upstream, fork),
        ("ours", lines_of(text.theirs), fork, upstream),
    ]
    known = [(start, end, piece) for start, end, piece in marked]
    for owner, old, edits, others in sides:
        taken = [(start, end) for start, end, _ in marked] + [(edit.first, edit.last) for edit in others]
        known += [
            (e.first, e.last, Piece(owner, tuple(lines[e.first : e.last]), tuple(old[e.start : e.end])))
            for e in edits
            if not any(first <= e.last and e.first <= last for first, last in taken)
        ]
    pieces: list[Piece] = []
    at = 0
    for start, end, piece in [*sorted(known, key=lambda item: item[:2]), (len(lines), len(lines), None)]:
        if start > at:
            between = tuple(lines[at:start])
            pieces.append(Piece("same", between, between))
        pieces += [piece] if piece else []
        at = end
    return pieces


def _clashes(text: str, names: tuple[str, str]) -> list[tuple[int, int, Piece]]:
    """The places between markers, by lines from 0."""
    found = []
    at = 0
    for part in split_labelled(text, *names):
        if isinstance(part, str):
            at += len(lines_of(part))
            continue
        ours, theirs = tuple(lines_of(part.ours)), tuple(lines_of(part.theirs))
        # Three lines are markers.
        end = at + len(ours) + len(theirs) + 3
        found.append((at, end, Piece("clash", ours, (), theirs)))
        at = end
    return found


def _touch(path: str, departure: Departure) -> Touch:
    dropped: Side | None = next((side for side in ("theirs", "ours") if side in departure.drops), None)
    gone = departure.removed if dropped and departure.removed else departure.added or departure.removed
    return Touch(path, departure.first + 1, _first(gone), dropped)


def _loss(text: _Texts, clash: Piece, side: Side) -> str:
    """What is lost with a side of a clash: what it changed from the merge base, as far as that can be told.

    A side between markers has lines that only the other one changed, and these are not lost with it.
    """
    gone, taken = (clash.lines, clash.theirs) if side == "ours" else (clash.theirs, clash.lines)
    whole = text.ours if side == "ours" else text.theirs
    base, had = _counted(text.base), _counted(whole)
    # A side that a rule rewrote has lines that its file has not.
    added = [line for line in gone if line.strip() and base[line] < max(had[line], 1)]
    if added:
        return _first(added)
    removed = [line for line in taken if line.strip() and base[line] and line not in gone]
    if removed or not gone:
        return f"which is without {_first(removed or taken)}"
    return _first(gone)


# Each conflict of a file asks for the same three texts.
@lru_cache(maxsize=4)
def _counted(text: str) -> Counter[str]:
    return Counter(lines_of(text))


def _first(lines: Sequence[str]) -> str:
    """The first line that says something, and how many more there are."""
    telling = [line.strip() for line in lines if line.strip()]
    more = f" and {count(len(telling) - 1, 'line')} more" if len(telling) > 1 else ""
    return f"`{one_line(telling[0], 80)}`{more}" if telling else "blank lines"


def _lost(piece: Piece, answer: Sequence[str], base: Counter[str]) -> Iterator[Side]:
    """Whose side of a conflict is not in the answer, where the other's is."""
    keeps_ours = _keeps(piece.lines, piece.theirs, answer, base)
    keeps_theirs = _keeps(piece.theirs, piece.lines, answer, base)
    if keeps_ours and not keeps_theirs:
        yield "theirs"
    elif keeps_theirs and not keeps_ours:
        yield "ours"


def _keeps(side: Sequence[str], other: Sequence[str], answer: Sequence[str], base: Counter[str]) -> bool:
    """Whether the answer is one side, has of its own lines or words, or is without the lines that it took out."""
    told, others = (Counter(line for line in lines if line.strip()) for lines in (side, other))
    cut = {line for line in others - told if base[line]}
    return (
        tuple(answer) == side
        or bool((told - others) & Counter(answer))
        or (bool(cut) and cut.isdisjoint(answer))
        or _in_words(side, other, answer)
    )


def _in_words(side: Sequence[str], other: Sequence[str], answer: Sequence[str]) -> bool:
    """Whether the answer has every word that one side has and the other has not: it may join both in one line."""
    own = _words(side) - _words(other)
    there, had = _words(answer), _words(side)
    return bool(own) and all(there[word] >= had[word] for word in own)


def _words(lines: Iterable[str]) -> Counter[str]:
    return Counter(word for line in lines for word in re.findall(r"\w+", line))
