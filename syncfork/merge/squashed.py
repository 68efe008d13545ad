"""A sync that was squashed or copied: the fork has upstream's later files, but git knows of no merge.

git then merges from a base that lies behind what the fork has, and all that came with that sync is in conflict again
with what upstream made of it since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from syncfork.git.changes import Change
from syncfork.git.objects import Entry
from syncfork.git.rangelog import Logged, RangeLog
from syncfork.merge.engine import LiftedMerge
from syncfork.merge.mergetree import merge_tree
from syncfork.merge.workspace import Workspace
from syncfork.own.base import OURS, THEIRS
from syncfork.render.text import count, one_line
from syncfork.words import listed

# A squashed sync shows by this many files, and this part of all that the fork changed, that are upstream's own.
_FEWEST, _SHARE = 10, 0.4
# Where more than this part of what upstream changed until then is not in the fork, single commits were taken over.
_LACKING = 0.1


class Squash(Struct, frozen=True):
    """The fork has `same` of the `changed` files that it changed since the merge base as upstream's `commit` had them.

    `lacking` are files that upstream had changed by then, and that the fork has as they were before. `before` and
    `after` count the files in conflict, now and with the histories joined at that commit (None: not tried).
    """

    commit: Logged
    tags: tuple[str, ...]
    same: int
    changed: int
    lacking: tuple[str, ...]
    before: int
    after: int | None

    @property
    def command(self) -> str:
        """What joins the histories, and changes no file."""
        return f"git merge -s ours {self.commit.commit[:9]}"

    @property
    def warning(self) -> str:
        """What was found, and what comes of joining."""
        at = ", ".join([f'"{one_line(self.commit.subject)}"', *self.tags, self.commit.date[:10]])
        told = (
            f"a sync was squashed or copied, and git does not know of it: {self.same} of the {count(self.changed, 'file')} "
            f"that the fork changed since the merge base are upstream's own as of {self.commit.commit[:9]} ({at}). "
            f"`{self.command}` joins the histories and changes no file"
        )
        if self.before and self.after is not None:
            told += f": of the {count(self.before, 'file')} in conflict {self.after or 'none'} would be left"
        if self.lacking:
            told += (
                f". But the fork has {listed(self.lacking)} as before upstream changed it by then: take these changes over "
                "first, or they count as decided against"
            )
        return told


def squashed(space: Workspace, merge: LiftedMerge, log: RangeLog) -> Squash | None:
    """The sync that was squashed, where there is one: told by upstream's files that the fork has, at the commit along
    first parents where the fork is most like upstream."""
    ours = _states(merge.sides.by_ours)
    if len(ours) < _FEWEST or not _plausible(merge.sides.by_ours, log):
        return None
    found = _likest(log.first_parents, ours)
    if found is None:
        return None
    one, same, lacking = found
    if same < max(_FEWEST, _SHARE * len(ours)) or len(lacking) > _LACKING * same:
        return None
    before = len(merge.plain.conflicts)
    # In a partial clone git would fetch file by file.
    after = _joined(space, merge, one.commit) if before and not space.repository.promisors else None
    if after is not None and after >= before:
        return None
    return Squash(one, _tags(space, one.commit), same, len(ours), lacking, before, after)


def _states(changes: Sequence[Change]) -> dict[str, Entry | None]:
    """What stands at each path after the changes; a rename is a path that goes and one that comes."""
    gone: dict[str, Entry | None] = {change.old_path: None for change in changes}
    return gone | {change.new_path: change.new for change in changes}


def _plausible(changes: Sequence[Change], log: RangeLog) -> bool:
    """Whether enough of the fork's files were upstream's at some time, at whatever commit."""
    oids = log.blobs({change.new_path for change in changes})
    same = sum(change.new is not None and change.new.oid in oids for change in changes)
    return same >= max(_FEWEST, _SHARE * len(changes))


def _likest(
    commits: Sequence[Logged], ours: Mapping[str, Entry | None]
) -> tuple[Logged, int, tuple[str, ...]] | None:
    """Of commits (newest first) the one whose files are most of the fork's; how many files that changed are the same
    there, and which ones the fork has as they were. Of several the oldest: to join later ones would lose what they did."""
    same: set[str] = set()
    lacking: dict[str, Entry | None] = {}
    best: tuple[Logged, int, tuple[str, ...]] | None = None
    for one in reversed(commits):
        for change in one.changes({path for _, path in one.raw}):
            path = change.new_path
            if path in ours:
                (same.add if ours[path] == change.new else same.discard)(path)
            elif lacking.setdefault(path, change.old) == change.new:
                # It is as at the merge base again.
                del lacking[path]
        if best is None or len(same) - len(lacking) > best[1] - len(best[2]):
            best = one, len(same), tuple(lacking)
    return best


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
