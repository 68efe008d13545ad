"""What the rules govern in the trees of a merge: paths with their entries on each side, renames followed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from syncfork.git.changes import Change
from syncfork.git.objects import Entry, Tree
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.merge.beforehand import Beforehand
from syncfork.own.base import BASE, OURS, THEIRS, Side
from syncfork.rules.model import Rule


class Sides(Struct, frozen=True, dict=True):
    """The trees of a merge, as far as rules look at them.

    `entries` holds, by side, every path that a rule names or that differs
    between the sides. `by_ours` and `by_theirs` are the changes from the (first) merge base.
    """

    entries: Mapping[Side, Tree]
    by_ours: Sequence[Change]
    by_theirs: Sequence[Change]

    @cached_property
    def renames(self) -> dict[str, str]:
        """Base paths that upstream renamed, with their new names."""
        return {change.old_path: change.new_path for change in self.by_theirs if change.renamed}

    def upstream_names(self, path: str) -> tuple[str, ...]:
        """The names that upstream has, or had at the merge base, a file of the merge under, the newest first; and its
        own, which another file of upstream's may have."""
        origin = self._origins.get(path, path)
        return tuple(dict.fromkeys((self.renames.get(origin, origin), origin, path)))

    @cached_property
    def _origins(self) -> dict[str, str]:
        """The paths that a side gave a file, with what it was called at the merge base."""
        changes = (*self.by_theirs, *self.by_ours)
        return {change.new_path: change.old_path for change in changes if change.renamed}

    def lineages(self, governed: Callable[[str], bool]) -> list[dict[Side, str]]:
        """Governed files, each with its name on every side that has it; no path of a side is left out."""
        ours = {change.old_path: change.new_path for change in self.by_ours if change.renamed}
        from_ours = {new: old for old, new in ours.items()}
        theirs = self.renames
        from_theirs = {new: old for old, new in theirs.items()}
        names = {path for tree in self.entries.values() for path in tree if governed(path)}
        origins = sorted({from_theirs.get(path, from_ours.get(path, path)) for path in names})
        known = {
            origin: {OURS: ours.get(origin, origin), THEIRS: theirs.get(origin, origin)} for origin in origins
        }
        lines: dict[str, dict[Side, str]] = {origin: {} for origin in origins}
        free = {side: set(tree) for side, tree in self.entries.items()}

        def claim(origin: str, side: Side, name: str) -> None:
            if side not in lines[origin] and name in free[side]:
                lines[origin][side] = name
                free[side].remove(name)

        for origin in origins:
            for side in self.entries:
                claim(origin, side, known[origin].get(side, origin))
        # A further merge base may have the file under a name that it was given before or after the first one.
        for origin in origins:
            for side in self.entries.keys() - {OURS, THEIRS, BASE}:
                claim(origin, side, known[origin][OURS])
                claim(origin, side, known[origin][THEIRS])
        # What now has a name that another file had, or will have, is a file of its own.
        rest = [{side: name for side in self.entries if name in free[side]} for name in sorted(names)]
        return [line for line in (*lines.values(), *rest) if line]


def load(
    repository: Repository, commits: Mapping[Side, str], rules: Iterable[Rule], beforehand: Beforehand
) -> Sides:
    """Read the trees of `commits` as far as `rules` need them: one listing of ours, else differences."""
    listed = repository.entries(commits[OURS], pathspecs_of(rules))
    by_ours, by_theirs = beforehand.changes
    ours = {**listed, **{c.new_path: c.new for c in by_ours if c.new}}
    entries: dict[Side, Tree] = {OURS: ours, BASE: _before(ours, by_ours)}
    # What upstream changed but we did not is in neither listing where no rule names it.
    entries[BASE] = {**entries[BASE], **{c.old_path: c.old for c in by_theirs if c.old}}
    left = {change.old_path for change in by_ours if change.renamed or change.new is None}
    entries[OURS] = {**{c.old_path: c.old for c in by_theirs if c.old and c.old_path not in left}, **ours}
    entries[THEIRS] = _after(entries[BASE], by_theirs)
    for side, commit in commits.items():
        if side not in entries:
            entries[side] = _before(entries[OURS], repository.changes(commit, commits[OURS]))
    return Sides(entries, by_ours, by_theirs)


def _before(new: Mapping[str, Entry], changes: Iterable[Change]) -> Tree:
    """The old tree, from the new one and the changes that led to it."""
    tree = dict(new)
    for change in changes:
        tree.pop(change.new_path, None)
    for change in changes:
        if change.old:
            tree[change.old_path] = change.old
    return tree


def _after(old: Mapping[str, Entry], changes: Iterable[Change]) -> Tree:
    tree = dict(old)
    for change in changes:
        tree.pop(change.old_path, None)
    for change in changes:
        if change.new:
            tree[change.new_path] = change.new
    return tree


def pathspecs_of(rules: Iterable[Rule]) -> tuple[str, ...]:
    """What rules look at: their files, the files that invariants compare, the sources of derived ones."""
    found: list[str] = []
    for rule in rules:
        for files in (rule.files, *(read for hold in rule.holds for read in hold.reads)):
            found += files.pathspecs
        found += [literal(source) for source in (rule.own.sources if rule.own else ())]
    return tuple(found)
