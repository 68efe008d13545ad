"""What git says of many past merges at once: one process for each kind of question, whatever is missing."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Sequence

from msgspec import Struct

from syncfork.errors import GitError
from syncfork.git.changes import Change, parse_raw
from syncfork.git.door import Git, decode
from syncfork.git.repository import Repository
from syncfork.merge.mergetree import merge_tree
from syncfork.merge.syncs import Sync
from syncfork.merge.workspace import workspace


class Known(Struct, frozen=True):
    """What git says of a commit."""

    tree: str
    subject: str
    author: str
    date: str
    committed: int
    parent_tree: str = ""

    @property
    def day(self) -> datetime.date:
        """The day of the commit, where its author was."""
        with contextlib.suppress(ValueError):
            return datetime.date.fromisoformat(self.date[:10])
        # Old imports have dates that are none.
        return datetime.date(1970, 1, 1)


def known_commits(repository: Repository, syncs: Sequence[Sync]) -> dict[str, Known]:
    """What git says of the syncs and of the fork's tree before them; one process. A commit that cannot be read is
    left out."""
    wanted = "".join(f"{commit}\n" for sync in syncs for commit in (sync.commit, sync.ours))
    form = "--format=%H%x00%T%x00%s%x00%an%x00%aI%x00%ct"
    done = repository.git.call("log", "--no-walk=unsorted", "-z", form, "--stdin", stdin=wanted.encode())
    if done.code and len(syncs) > 1:
        half = len(syncs) // 2
        return {**known_commits(repository, syncs[:half]), **known_commits(repository, syncs[half:])}
    fields = decode(done.out).split("\0")
    rows = {fields[at]: fields[at + 1 : at + 6] for at in range(0, len(fields) - 5, 6)}
    found: dict[str, Known] = {}
    for sync in syncs:
        if row := rows.get(sync.commit):
            before = rows.get(sync.ours, [""])[0]
            found[sync.commit] = Known(row[0], row[1], row[2], row[3], int(row[4]), before)
    return found


def joins(repository: Repository, syncs: Sequence[Sync]) -> frozenset[str]:
    """The merges that joined histories and decided nothing, as `git merge -s ours` does: their tree is the fork's as it
    was, though git would have brought something. Where all that upstream changed was in conflict, people may have decided
    so path by path: that is none. One process, and two more for each merge with the fork's tree."""
    known = known_commits(repository, syncs) if syncs else {}
    same = [sync for sync in syncs if (it := known.get(sync.commit)) and it.tree == it.parent_tree]
    if not same:
        return frozenset()
    with workspace(repository) as space:
        return frozenset(s.commit for s in same if _joined_only(space.git, s, known[s.commit].tree))


def _joined_only(git: Git, sync: Sync, tree: str) -> bool:
    try:
        merged = merge_tree(git, sync.ours, sync.theirs)
    except GitError:
        # What git cannot merge is told where it is made again.
        return False
    if not merged.conflicts and merged.tree == tree:
        return False
    asked = git.call("diff", "--no-renames", "--name-only", "-z", f"{sync.ours}...{sync.theirs}")
    return any(path not in merged.conflicts for path in decode(asked.out).split("\0")[:-1])


def merge_bases(repository: Repository, syncs: Sequence[Sync]) -> dict[str, list[str]]:
    """All merge bases of each sync; one process, where nothing is missing."""
    ranges = [f"{sync.ours}...{sync.theirs}" for sync in syncs]
    done = repository.git.call("rev-parse", *ranges)
    if done.code:
        if len(syncs) == 1:
            return {}
        half = len(syncs) // 2
        return {**merge_bases(repository, syncs[:half]), **merge_bases(repository, syncs[half:])}
    found: dict[str, list[str]] = {}
    lines = iter([*decode(done.out).split(), ""])
    line = next(lines)
    for sync in syncs:
        # Both ends, then the bases.
        next(lines)
        line = next(lines)
        found[sync.commit] = []
        while line.startswith("^"):
            found[sync.commit].append(line[1:])
            line = next(lines)
    return found


def compare(git: Git, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[Change]]:
    """What differs between pairs of trees, without renames; one process for all. A pair that cannot be read is left
    out."""
    found: dict[tuple[str, str], list[Change]] = {pair: [] for pair in pairs if pair[0] == pair[1]}
    left = [pair for pair in dict.fromkeys(pairs) if pair not in found]
    while left:
        stdin = "".join(f"{old} {new}\n" for old, new in left).encode()
        command = ("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-renames")
        done = git.call(*command, stdin=stdin)
        read = _read_pairs(decode(done.out))
        found |= dict(read[:-1] if done.code else read)
        if not done.code:
            break
        broken = read[-1][0] if read else left[0]
        left = left[left.index(broken) + 1 :]
    return found


def _read_pairs(out: str) -> list[tuple[tuple[str, str], list[Change]]]:
    """Read what `git diff-tree --stdin -z --raw --no-renames` prints: a line with both trees, then records of two
    fields. A path may hold anything but a NUL, so lines are looked for only where no path can be."""
    found: list[tuple[tuple[str, str], list[str]]] = []
    fields = out.split("\0")
    for position in range(0, len(fields), 2):
        *heads, record = fields[position].split("\n")
        for head in heads:
            old, _, new = head.partition(" ")
            found.append(((old, new), []))
        if record and position + 1 < len(fields):
            found[-1][1].extend((record, fields[position + 1]))
    return [(pair, parse_raw("\0".join(records))) for pair, records in found]
