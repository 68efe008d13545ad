"""The ledger: every hunk by which a merge's result departs from either side is accounted for.

It is kept apart from git's merge: the changes of both sides, rules included, are put together hunk by hunk
(pieces.py), and the result must be that, line by line. So upstream's version, with the rules' effect on it, the
fork's own changes and the named resolutions, makes the result; and so does the fork's with upstream's changes.
What is left over is unexplained.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from syncfork.git.door import decode
from syncfork.git.objects import SUBMODULE_MODE, Entry
from syncfork.git.patches import UnreadablePatchError
from syncfork.merge.booking import Book, differences, read_books
from syncfork.merge.engine import LiftedMerge
from syncfork.merge.files import MergedFile
from syncfork.merge.gather import Bases, bases_of, gathered, in_conflict
from syncfork.merge.pieces import Departure
from syncfork.merge.workspace import Workspace
from syncfork.own.base import OURS, THEIRS, Side
from syncfork.own.union import Regenerate
from syncfork.report import Ledger, Unexplained

# So many files are in memory at a time.
_FILES = 200


def keep_ledger(space: Workspace, merge: LiftedMerge, committed: str | None = None) -> Ledger:
    """Account for a merge. `committed` is the tree that people made of it, where what was in conflict is theirs;
    without one it is the merge's own, where that is left to them and not looked at.

    Paths that only one side changed, and that are as that side has them, are explained by that and not counted.
    """
    try:
        bases = bases_of(space, merge)
        ledger = _kept(space, merge, committed, bases, bases.trees[0])
        for base in bases.trees[1:]:
            # What git takes for the base where several of them clash is its own business: any of them will do.
            if ledger.unexplained:
                known = {item.path for item in _kept(space, merge, committed, bases, base).unexplained}
                left = tuple(item for item in ledger.unexplained if item.path in known)
                ledger = replace(ledger, unexplained=left)
    except UnreadablePatchError as error:
        # A check that could not run is never green.
        words = f"the differences could not be read: {error}"
        return Ledger(unexplained=(Unexplained("", 0, "theirs", words),))
    return ledger


def _kept(space: Workspace, merge: LiftedMerge, committed: str | None, bases: Bases, base: str) -> Ledger:
    changed = {path for overlay in merge.lifted.values() for path in overlay}
    tally = _Tally(*_resolutions(merge, committed is not None))
    doubtful = []
    for file in gathered(space, merge, committed, base):
        names = {file.path, *file.names.values()}
        if not file.explained and names & bases.clashing and file.result in (file.ours, file.theirs):
            continue
        if names & changed or not file.explained:
            doubtful.append(file)
    for start in range(0, len(doubtful), _FILES):
        for book in read_books(space, doubtful[start : start + _FILES]):
            tally.add(book)
    contested = tally.contested
    tally.settle(_drivers(space, [file.path for file in contested]) | _forwarded(space, contested))
    return tally.ledger({side: _rule_hunks(space, merge, side) for side in (OURS, THEIRS)})


def _resolutions(merge: LiftedMerge, by_hand: bool) -> tuple[dict[str, str], dict[str, str]]:
    """Who resolved clashes, by path, and who made a path as a whole."""
    clashes = {item.path: f"{item.rule.id} ({item.settled})" for item in merge.unported}
    whole = {
        item.placement.path: f"{item.rule.id} ({item.rule.own.name})"
        for item in merge.owned
        if isinstance(item.rule.own, Regenerate)
    }
    for item in merge.resolved:
        into = whole if None in item.answers else clashes
        into[item.file.path] = ", ".join(dict.fromkeys(answer.by for answer in item.answers.values()))
    if by_hand:
        clashes |= dict.fromkeys(in_conflict(merge), "by hand")
    return clashes, whole


def _drivers(space: Workspace, paths: Sequence[str]) -> dict[str, str]:
    """The merge drivers that the repository's attributes name for `paths`."""
    if not paths:
        return {}
    out = decode(space.git.run("check-attr", "-z", "merge", "--", *paths))
    fields = out.split("\0")
    named = dict(zip(fields[0::3], fields[2::3], strict=False))
    return {p: f"merge={name}" for p, name in named.items() if name not in ("unspecified", "unset", "set")}


def _forwarded(space: Workspace, files: Sequence[MergedFile]) -> dict[str, str]:
    """The submodules that are at the later one of both sides' commits, which has the other in its history: git looks
    into them where they are there to be looked into, and so it is done here."""
    root = space.repository.work_tree
    found = {}
    for file in files:
        if root and file.ours and file.theirs and file.result and file.result.mode == SUBMODULE_MODE:
            earlier, later = file.ours.oid, file.theirs.oid
            if file.result.oid == earlier:
                earlier, later = later, earlier
            place = root / file.path
            # Without a repository of its own there, git would answer for the fork.
            if later != file.result.oid or not (place / ".git").exists():
                continue
            if (
                not replace(space.repository.git, directory=place)
                .call("merge-base", "--is-ancestor", earlier, later)
                .code
            ):
                found[file.path] = "git, the submodule's later commit"
    return found


def _rule_hunks(space: Workspace, merge: LiftedMerge, side: Side) -> int:
    """How many hunks the rules' effect on a side is."""
    count = 0
    before = merge.sides.entries[side]
    texts: list[tuple[str, str]] = []
    for path, entry in merge.lifted.get(side, {}).items():
        old = before.get(path)
        if path in merge.merged.conflicts or entry == old:
            continue
        if entry and old and entry.is_file and old.is_file and entry.oid != old.oid:
            texts.append((old.oid, entry.oid))
        else:
            count += 1
    if texts:
        [found] = differences(space, [texts])
        count += sum(map(len, found))
    return count


class _Tally(Struct):
    """What was found so far. `clashes` and `whole` name those who resolved a path; `contested` are files in which a
    clash came out somehow, and nobody is known for it."""

    clashes: Mapping[str, str]
    whole: Mapping[str, str]
    theirs: Counter[str] = field(default_factory=Counter)
    ours: Counter[str] = field(default_factory=Counter)
    unexplained: list[Unexplained] = field(default_factory=list)
    open: list[Book] = field(default_factory=list)

    @property
    def contested(self) -> list[MergedFile]:
        return [book.file for book in self.open]

    def add(self, book: Book) -> None:
        """Enter a file."""
        file = book.file
        names = {file.path, *file.names.values()}
        name = next((self.whole[path] for path in names if path in self.whole), None)
        by = name or next((self.clashes[path] for path in names if path in self.clashes), None)
        if name and (book.departures or book.outcomes or not book.pieces):
            self._resolved(name, None, ())
            return
        if not book.pieces:
            self._as_a_whole(file, by)
        else:
            self._pieces(book, by)

    def _pieces(self, book: Book, by: str | None) -> None:
        file = book.file
        dropped = Counter(owner for departure in book.departures for owner in departure.drops)
        made = Counter(piece.owner for piece in book.pieces)
        if count := made["ours"] - dropped["ours"]:
            self.theirs["fork"] += max(0, count)
        if count := made["theirs"] - dropped["theirs"]:
            self.ours["upstream"] += max(0, count)
        for departure in book.departures:
            self.unexplained.append(_unexplained(file.path, departure))
        if book.file.mode not in (None, (file.result or Entry("", "")).mode):
            words = f"its mode is {file.result.mode if file.result else 'none'}, not {file.mode}"
            self.unexplained.append(Unexplained(file.path, 0, _side(file), words))
        if book.outcomes and not by:
            self.open.append(book)
            return
        for piece, _, lines in book.outcomes:
            self._resolved(by or "", (piece.lines, piece.theirs), lines)

    def _as_a_whole(self, file: MergedFile, by: str | None) -> None:
        if file.explained:
            return
        if by:
            self._resolved(by, None, ())
        elif (
            not file.decided
            and file.ours
            and file.theirs
            and _kind(file.ours) == _kind(file.theirs) != "other"
        ):
            self.open.append(Book(file))
        else:
            self.unexplained.append(Unexplained(file.path, 0, _side(file), _told(file)))

    def _resolved(
        self, by: str, sides: tuple[tuple[str, ...], tuple[str, ...]] | None, lines: tuple[str, ...]
    ) -> None:
        if sides is None or lines != sides[0]:
            self.ours[f"resolution: {by}"] += 1
        if sides is None or lines != sides[1]:
            self.theirs[f"resolution: {by}"] += 1

    def settle(self, drivers: Mapping[str, str]) -> None:
        """Say who resolved what was open: a merge driver that the repository asks for, or nobody."""
        for book in self.open:
            path = book.file.path
            if by := drivers.get(path):
                for piece, _, lines in book.outcomes:
                    self._resolved(by, (piece.lines, piece.theirs), lines)
                if not book.outcomes:
                    self._resolved(by, None, ())
                continue
            for _, first, lines in book.outcomes:
                text = "\n".join(f"+{line.rstrip()}" for line in lines)[:500]
                words = text or "nothing of what either side made of it is left"
                self.unexplained.append(Unexplained(path, first + 1, "ours", words))
            if not book.outcomes:
                self.unexplained.append(Unexplained(path, 0, "ours", _told(book.file)))

    def ledger(self, rules: Mapping[Side, int]) -> Ledger:
        """The ledger, with so many hunks by rules on each side."""
        theirs, ours = ({"rule": rules[side]} if rules[side] else {} for side in (THEIRS, OURS))
        return Ledger({**theirs, **+self.theirs}, {**ours, **+self.ours}, tuple(self.unexplained))


def _kind(entry: Entry) -> Literal["file", "submodule", "other"]:
    return "file" if entry.is_file else "submodule" if entry.mode == SUBMODULE_MODE else "other"


def _unexplained(path: str, departure: Departure) -> Unexplained:
    against: Literal["ours", "theirs"] = "theirs" if departure.owners == {"theirs"} else "ours"
    return Unexplained(path, departure.first + 1, against, departure.text)


def _side(file: MergedFile) -> Literal["ours", "theirs"]:
    return "theirs" if file.result == file.ours else "ours"


def _told(file: MergedFile) -> str:
    """What is the matter with a path, in words."""
    if file.result is None:
        return "this file is gone"
    if file.decided and file.wanted is None:
        return "this file is there, and neither side accounts for it"
    if file.wanted and file.wanted.oid == file.result.oid:
        return f"its mode is {file.result.mode}, not {file.wanted.mode}"
    return "its content is not what both sides' changes make"
