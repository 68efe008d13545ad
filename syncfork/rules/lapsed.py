"""Learned rules whose evidence has run out, file by file.

What people did holds for a year, and a learned rule says on which day that year is over. One that keeps files out is
borne out again by each change of upstream's to a file that the fork has merged since, and goes on doing without: that can be
seen in the history. What became of the fork's lines in a file that it has cannot, without making the merges again, which
`syncfork learn` does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from syncfork.evidence import HOLDS
from syncfork.git.door import decode
from syncfork.git.repository import Repository
from syncfork.rules.files import Globs, exactly
from syncfork.rules.model import Rule

# With more pathspecs than this git is asked about everything instead: it tries each for each path.
_MOST = 500
# So often upstream has to have changed a file that the fork goes on doing without: as many merges as the resolver takes.
_AGAIN = 4


class Lapsed(Struct, frozen=True):
    """A learned rule, and those of the `paths` upstream changes for which it is not applied any more on that `day`."""

    rule: Rule
    paths: tuple[str, ...]
    day: date


def in_force(
    repository: Repository, rules: Sequence[Rule], ours: str, theirs: str, bases: Sequence[str] | None = None
) -> tuple[tuple[Rule, ...], tuple[Lapsed, ...]]:
    """The rules as they count where upstream's commit `theirs` is merged into `ours`, and what has lapsed of them.

    The day is that of `theirs` and not today's: the same merge comes to the same result whenever it is made again.
    `bases` are the merge bases, found where they are needed and not given. Raises GitError.
    """
    if not any(rule.learned and rule.review for rule in rules):
        return tuple(rules), ()
    day = repository.day(theirs)
    if all(rule.in_force(day) for rule in rules):
        return tuple(rules), ()
    found = _paths(repository, [rule for rule in rules if not rule.in_force(day)], day, ours, theirs, bases)
    kept = (_without(rule, found.get(rule.id, ())) for rule in rules)
    lapsed = (Lapsed(rule, found[rule.id], day) for rule in rules if rule.id in found)
    return tuple(rule for rule in kept if rule), tuple(lapsed)


def _paths(
    repository: Repository,
    rules: Sequence[Rule],
    day: date,
    ours: str,
    theirs: str,
    bases: Sequence[str] | None,
) -> dict[str, tuple[str, ...]]:
    """By rule, the paths that upstream changes now, and for which nothing bears it out in the year before `day`."""
    bases = bases or repository.merge_bases(ours, theirs)
    if not bases:
        return {}
    specs = sorted({spec for rule in rules for spec in rule.files.pathspecs})
    listed = ("-r", "-z", "--name-only", "--no-renames")
    changing = dict.fromkeys(_names(repository, "diff-tree", *listed, bases[0], theirs, "--", *_asked(specs)))
    found: dict[str, tuple[str, ...]] = {}
    without: Callable[[str], bool] | None = None
    for rule in rules:
        paths = [path for path in changing if rule.files.match(path)]
        if paths and rule.own is not None and rule.own.name == "absent":
            without = without or _done_without(repository, ours, bases[0], day, specs)
            paths = [path for path in paths if not without(path)]
        if paths:
            found[rule.id] = tuple(paths)
    return found


def _done_without(
    repository: Repository, ours: str, base: str, day: date, specs: Sequence[str]
) -> Callable[[str], bool]:
    """Whether upstream changed a path again and again in the year before, in what the fork has merged, and the fork has it
    not."""
    since = f"--since={(day - HOLDS).isoformat()}T00:00:00Z"
    listed = ("-z", "--name-only", "--no-renames", "--format=")
    merged = Counter(_names(repository, "log", *listed, since, base, "--", *_asked(specs)))
    there = repository.entries(ours, specs)
    return lambda path: merged[path] >= _AGAIN and path not in there


def _asked(specs: Sequence[str]) -> Sequence[str]:
    return specs if len(specs) <= _MOST else ()


def _names(repository: Repository, *command: str) -> Iterator[str]:
    out = decode(repository.git.run(*command))
    return (name for part in out.split("\0") if (name := part.strip("\n")))


def _without(rule: Rule, paths: Sequence[str]) -> Rule | None:
    """`rule` without those paths; None where it names no other."""
    if not paths:
        return rule
    if all(pattern.strip("/") in paths for pattern in rule.files.patterns):
        return None
    return replace(rule, files=Globs((*rule.files.patterns, *(f"!{exactly(path)}" for path in paths))))
