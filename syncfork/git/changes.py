"""What differs between trees, and where histories parted: facts of commits, that git is asked for once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from syncfork.git.door import Git, decode
from syncfork.git.objects import Entry, is_id

# So many changes are remembered.
_REMEMBERED = 20_000


class Change(Struct, frozen=True):
    """One path that differs between two trees; `old_path` differs from `new_path` for a rename."""

    old_path: str
    new_path: str
    old: Entry | None
    new: Entry | None

    @property
    def renamed(self) -> bool:
        """True for a rename."""
        return self.old_path != self.new_path


class Known(Struct, frozen=True):
    """What git said of commits and trees that were named by their ids: it would say the same again."""

    _bases: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    _changes: dict[tuple[str, str, bool], list[Change]] = field(default_factory=dict)

    def merge_bases(self, git: Git, one: str, other: str) -> list[str]:
        """See `Repository.merge_bases`."""
        found = self._bases.get((one, other))
        if found is None:
            found = git.text("merge-base", "--all", one, other, ok=(0, 1)).split()
            if is_id(one) and is_id(other):
                self._bases[one, other] = found
        return [*found]

    def changes(self, git: Git, old: str, new: str, *, renames: bool) -> list[Change]:
        """See `Repository.changes`."""
        found = self._changes.get((old, new, renames))
        if found is None:
            found, lasting = differing(git, old, new, renames=renames)
            if lasting and is_id(old) and is_id(new):
                if len(found) + sum(map(len, self._changes.values())) > _REMEMBERED:
                    self._changes.clear()
                self._changes[old, new, renames] = found
        return [*found]


def differing(
    git: Git, old: str, new: str, *, renames: bool, among: Sequence[str] = ()
) -> tuple[list[Change], bool]:
    """The paths that differ, of those that the pathspecs `among` match, and whether git would say the same another time."""
    command = ("diff-tree", "-r", "-z", "--raw", "--no-abbrev")
    if not renames:
        return parse_raw(decode(git.run(*command, "--no-renames", old, new, "--", *among))), True
    done = git.call(*command, "-M", old, new, "--", *among)
    # Finding renames reads contents. Where one is missing, those of unchanged files are still found.
    out = done.out if done.code == 0 else git.run(*command, "-M100%", old, new, "--", *among)
    return parse_raw(decode(out)), done.code == 0


def files_of(changes: Iterable[Change]) -> set[str]:
    """The ids of the files that stood at the paths of `changes` before and after."""
    entries = (entry for change in changes for entry in (change.old, change.new))
    return {entry.oid for entry in entries if entry and entry.is_file}


def parse_raw(out: str) -> list[Change]:
    """Read the output of `git diff-tree -z --raw`."""
    fields = out.split("\0")
    changes: list[Change] = []
    position = 0
    while position < len(fields) and fields[position].startswith(":"):
        old_mode, new_mode, old_oid, new_oid, status = fields[position][1:].split(" ")
        old_path = fields[position + 1]
        two = status[0] in "RC"
        new_path = fields[position + 2] if two else old_path
        position += 3 if two else 2
        old = None if status[0] == "A" else Entry(old_mode, old_oid)
        new = None if status[0] == "D" else Entry(new_mode, new_oid)
        changes.append(Change(old_path, new_path, old, new))
    return changes
