"""Learned rules whose evidence has run out, or that the fork itself contradicts.

A rule that keeps files out is contradicted by a fork that has one of them again: where people let one in, they do so with
others too. Measured on 24 forks, of files that the fork had kept out the conflict came out so once more in 19 of 23 cases
beside one that had come back to the same folder, and in 162 of 165 elsewhere.

What people did holds for a year, and a learned rule says on which day that year is over. After it the rule is not applied.
One that keeps files out goes on for those files that upstream changed again and again in the year before, in what the fork
has merged, while the fork did without: that can be seen in the history. What became of the fork's lines in a file that it
has cannot, without making the merges again, which `syncfork learn` does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from syncfork.evidence import HOLDS
from syncfork.git.door import decode
from syncfork.git.objects import Tree
from syncfork.git.pathspecs import not_too_many
from syncfork.git.repository import Repository
from syncfork.globs import Globs, exactly
from syncfork.rules.model import Rule

# So often upstream has to have changed a file that the fork went on doing without.
_AGAIN = 4


class Lapsed(Struct, frozen=True):
    """A learned rule that is not applied on that `day` any more, and to which `paths` that upstream changes; `back` are
    files that it keeps out and that the fork has again, where that is why."""

    rule: Rule
    paths: tuple[str, ...]
    day: date
    back: tuple[str, ...] = ()


def in_force(
    repository: Repository, rules: Sequence[Rule], ours: str, theirs: str, bases: Sequence[str] | None = None
) -> tuple[tuple[Rule, ...], tuple[Lapsed, ...]]:
    """The rules as they count where upstream's commit `theirs` is merged into `ours`, and what has lapsed of them.

    The day is that of `theirs` and not today's: the same merge comes to the same result whenever it is made again.
    `bases` are the merge bases, found where they are needed and not given. Raises GitError.
    """
    learned = [rule for rule in rules if rule.learned]
    if not learned:
        return tuple(rules), ()
    day, bases = repository.day(theirs), bases or repository.merge_bases(ours, theirs)
    back = _back(repository, learned, ours, bases)
    out = [rule for rule in learned if back.get(rule.id) or not rule.in_force(day)]
    if not out:
        return tuple(rules), ()
    history = _History(repository, out, day, ours, theirs, bases)
    left = {rule.id: None if rule.id in back else _left(rule, history) for rule in out}
    kept = [left.get(rule.id, rule) for rule in rules]
    lapsed = []
    for rule in out:
        still = left[rule.id]
        paths = tuple(
            path
            for path in history.changing
            if rule.files.match(path) and not (still and still.files.match(path))
        )
        lapsed.append(Lapsed(rule, paths, day, back.get(rule.id, ())))
    return tuple(rule for rule in kept if rule), tuple(lapsed)


def _back(
    repository: Repository, rules: Iterable[Rule], ours: str, bases: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """By rule, the files of upstream's that it keeps out, and that the fork has all the same."""
    out = [rule for rule in rules if _keeps_out(rule)]
    specs = [spec for rule in out for spec in rule.files.pathspecs]
    has = repository.entries(ours, specs) if bases else {}
    # A file of the fork's own is not back.
    upstreams = repository.entries(bases[0], specs) if has else {}
    found = {rule.id: tuple(p for p in sorted(has) if p in upstreams and rule.files.match(p)) for rule in out}
    return {rule: paths for rule, paths in found.items() if paths}


def _keeps_out(rule: Rule) -> bool:
    """Whether keeping files out is all that a rule does."""
    return rule.own is not None and rule.own.name == "absent" and not rule.steps and not rule.holds


class _History(Struct, frozen=True, dict=True):
    """What git tells of the files of lapsed rules; each asked for once, and only where it is needed."""

    repository: Repository
    rules: Sequence[Rule]
    day: date
    ours: str
    theirs: str
    bases: Sequence[str]

    @cached_property
    def changing(self) -> list[str]:
        """The paths that upstream changes now, into something that the fork has not."""
        if not self.bases:
            return []
        listed = ("-r", "-z", "--name-only", "--no-renames", self.bases[0], self.theirs)
        names = dict.fromkeys(_names(self.repository, "diff-tree", *listed, "--", *not_too_many(self._specs)))
        if not names:
            return []
        coming, *others = (
            self.repository.entries(commit, self._specs) for commit in (self.theirs, *self.bases[1:])
        )
        had = (self.there, *others)
        return [name for name in names if all(coming.get(name) != tree.get(name) for tree in had)]

    @cached_property
    def there(self) -> Tree:
        """What the fork has of them."""
        return self.repository.entries(self.ours, self._specs)

    @cached_property
    def merged(self) -> Counter[str]:
        """How often upstream changed a path in the year before, in what the fork has merged."""
        return Counter(self._logged("--no-renames", self.bases[0]))

    @cached_property
    def touched(self) -> frozenset[str]:
        """The paths that the fork's own line had, took in or took out in that year."""
        return frozenset(self._logged("--no-renames", "--first-parent", "-m", self.ours))

    @cached_property
    def _specs(self) -> list[str]:
        return [spec for rule in self.rules for spec in rule.files.pathspecs]

    def _logged(self, *options: str) -> Iterator[str]:
        since = f"--since={(self.day - HOLDS).isoformat()}T00:00:00Z"
        listed = ("-z", "--name-only", "--format=", since)
        return _names(self.repository, "log", *listed, *options, "--", *not_too_many(self._specs))


def _left(rule: Rule, history: _History) -> Rule | None:
    """What is left of a lapsed rule: of one that keeps files out, those that the fork went on doing without."""
    if not _keeps_out(rule):
        return None
    paths = [
        path
        for path in history.changing
        if rule.files.match(path)
        if history.merged[path] >= _AGAIN and path not in history.there and path not in history.touched
    ]
    return replace(rule, files=Globs(tuple(map(exactly, paths)))) if paths else None


def _names(repository: Repository, *command: str) -> Iterator[str]:
    out = decode(repository.git.run(*command))
    return (name for part in out.split("\0") if (name := part.strip("\n")))
