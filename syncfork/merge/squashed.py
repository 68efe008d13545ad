"""A sync that was squashed or copied: the fork has upstream's later files, but git knows of no merge.

git then merges from a base that lies behind what the fork has, and all that came with that sync is in conflict again
with what upstream made of it since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from syncfork.git.changes import Change
from syncfork.git.door import decode
from syncfork.git.objects import Entry
from syncfork.git.rangelog import Logged, RangeLog
from syncfork.merge.engine import LiftedMerge
from syncfork.merge.mergetree import merge_tree
from syncfork.merge.workspace import Workspace
from syncfork.own.base import OURS, THEIRS
from syncfork.words import count, listed, one_line, shell_words

# A squashed sync shows by this many files, and this part of all that the fork changed, that are upstream's own.
_FEWEST, _SHARE = 10, 0.4
# Where more than this part of what upstream changed until then is not in the fork, single commits were taken over.
_LACKING = 0.1
# So many files are named.
_MOST_SHOWN = 20


class Squash(Struct, frozen=True):
    """The fork has `same` of the `changed` files that it changed since the merge base as upstream's `commit` had them.

    `lacking` are files of which upstream had changed by then what the fork does not have. `before` and `after` count the
    files in conflict, now and with the histories joined at that commit (None: not tried).
    """

    commit: Logged
    tags: tuple[str, ...]
    same: int
    changed: int
    lacking: tuple[str, ...]
    before: int
    after: int | None

    def step(self, *, waits: bool) -> str:
        """What to do about it first: to join the histories, which changes no file, but where that would give something up.
        A merge that `waits` for a person is given up before that."""
        short = self.commit.commit[:9]
        if self.lacking:
            shown = shell_words(self.lacking[:_MOST_SHOWN])
            return f"git diff HEAD {short} -- {shown}    (what the fork lacks of it: see the warning)"
        first = "syncfork abort && " if waits else ""
        return f"{first}git merge -s ours {short}    (then merge again: see the warning)"

    @property
    def warning(self) -> str:
        """What was found, and what comes of joining."""
        short = self.commit.commit[:9]
        at = ", ".join([f'"{one_line(self.commit.subject)}"', *self.tags, self.commit.date[:10]])
        told = (
            f"a sync was squashed or copied, and git does not know of it: {self.same} of the {count(self.changed, 'file')} "
            f"that the fork changed since the merge base are upstream's own as of {short} ({at}). "
            f"`git merge -s ours {short}` joins the histories and changes no file"
        )
        if self.before and self.after is not None:
            told += f": of the {count(self.before, 'file')} in conflict {self.after or 'none'} would be left"
        told += f". All that `git diff --stat {short} HEAD` shows then counts as the fork's own: look at that first"
        if self.lacking:
            told += (
                f". What upstream had changed by then in {listed(self.lacking, _MOST_SHOWN)} the fork does not have: take it "
                "over before you join, or it counts as decided against"
            )
        return told


class _State(Struct, frozen=True):
    """The fork beside upstream at a commit: how many files are the `same`, and the others that upstream had changed by then,
    each as it was at the merge base and as it is there."""

    commit: Logged
    same: int
    others: Mapping[str, tuple[Entry | None, Entry | None]]

    @property
    def likeness(self) -> int:
        """The greater the liker."""
        return self.same - len(self.others)


def squashed(space: Workspace, merge: LiftedMerge, log: RangeLog) -> Squash | None:
    """The sync that was squashed, where there is one: told by upstream's files that the fork has, at the commit along
    first parents where the fork is most like upstream."""
    ours = _states(merge.sides.by_ours)
    if len(ours) < _FEWEST or not _plausible(merge.sides.by_ours, log):
        return None
    found = _likest(log.first_parents, ours)
    if found is None or found.same < max(_FEWEST, _SHARE * len(ours)):
        return None
    lacking = _lacking(space, found, ours)
    if len(lacking) > _LACKING * found.same:
        return None
    before = len(merge.plain.conflicts)
    # In a partial clone git would fetch file by file.
    after = _joined(space, merge, found.commit.commit) if before and not space.repository.promisors else None
    if after is not None and after >= before:
        return None
    return Squash(
        found.commit, _tags(space, found.commit.commit), found.same, len(ours), lacking, before, after
    )


def _states(changes: Sequence[Change]) -> dict[str, Entry | None]:
    """What stands at each path after the changes; a rename is a path that goes and one that comes."""
    gone: dict[str, Entry | None] = {change.old_path: None for change in changes}
    return gone | {change.new_path: change.new for change in changes}


def _plausible(changes: Sequence[Change], log: RangeLog) -> bool:
    """Whether enough of the fork's files were upstream's at some time, at whatever commit."""
    oids = log.blobs({change.new_path for change in changes})
    same = sum(change.new is not None and change.new.oid in oids for change in changes)
    return same >= max(_FEWEST, _SHARE * len(changes))


def _likest(commits: Sequence[Logged], ours: Mapping[str, Entry | None]) -> _State | None:
    """Of upstream's states (commits newest first) the one that the fork, which has `ours` where it changed anything, is most
    like. Of several the oldest: to join later ones would lose what they did."""
    same: set[str] = set()
    others: dict[str, tuple[Entry | None, Entry | None]] = {}
    first: dict[str, Entry | None] = {}
    best: _State | None = None
    for one in reversed(commits):
        for change in one.changes({path for _, path in one.raw}):
            path, now = change.new_path, change.new
            base = first.setdefault(path, change.old)
            same.discard(path)
            others.pop(path, None)
            if path in ours and ours[path] == now:
                same.add(path)
            elif now != base:
                others[path] = base, now
        if best is None or len(same) - len(others) > best.likeness:
            best = _State(one, len(same), dict(others))
    return best


def _lacking(space: Workspace, state: _State, ours: Mapping[str, Entry | None]) -> tuple[str, ...]:
    """The files that the fork has as at the merge base, and those of which it has changed something else: where less than
    half of the lines that upstream brought are in the fork's text, or what upstream took out is there still."""
    own = {path: (*sides, ours[path]) for path, sides in state.others.items() if path in ours}
    oids = {entry.oid for sides in own.values() for entry in sides if entry and entry.is_file}
    space.repository.bring(oids)
    blobs = space.repository.blobs(oids)

    def lines(entry: Entry | None) -> Counter[str]:
        content = blobs.get(entry.oid) if entry else None
        return Counter(line for line in map(str.strip, decode(content or b"").split("\n")) if line)

    def lacks(base: Entry | None, theirs: Entry | None, mine: Entry | None) -> bool:
        if mine is None:
            return False  # the fork does without the file
        before, after, here = lines(base), lines(theirs), lines(mine)
        came, went = after - before, before - after
        has = (came & here).total() + (went - here).total()
        return 2 * has < came.total() + went.total()

    gone = [path for path, sides in own.items() if lacks(*sides)]
    return tuple(sorted([*gone, *(path for path in state.others if path not in ours)]))


def _joined(space: Workspace, merge: LiftedMerge, base: str) -> int:
    """How many files are in conflict where `base` is the merge base."""
    tree = space.repository.git.text("rev-parse", f"{merge.commits[OURS]}^{{tree}}")
    ours = space.commit(tree, (base,), "0 +0000")
    return len(merge_tree(space.git, ours, merge.commits[THEIRS]).conflicts)


def _tags(space: Workspace, commit: str) -> tuple[str, ...]:
    asked = space.repository.git.text(
        "for-each-ref", f"--points-at={commit}", "--format=%(refname:lstrip=2)", "refs/tags"
    )
    return tuple(asked.split())
