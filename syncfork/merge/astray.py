"""Rules that upstream's or the fork's renames and deletions left without files: in this merge, or since an earlier one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from syncfork.git.repository import Repository
from syncfork.hold.relate import RelateHold
from syncfork.merge.engine import LiftedMerge
from syncfork.merge.findings import make_finding
from syncfork.merge.sides import Sides
from syncfork.own.base import OURS
from syncfork.report import Finding
from syncfork.rules.model import Rule
from syncfork.words import listed


def renamed(merge: LiftedMerge, rules: Sequence[Rule]) -> Iterable[Finding]:
    """Files that upstream renamed out of a rule's `files`: the rule follows in this merge, and in no later one. Where it
    only rewrites, those count that it found something in. What it excepts, or others do there just so, is no loss."""
    ours, renames = merge.sides.entries[OURS], sorted(merge.sides.renames.items())
    yield from _sources_renamed(merge.sides, rules)
    acted = {
        (effect.rule.id, effect.path)
        for effect in merge.effects
        if effect.problem or any(result.todo or result.done for result in effect.applied.values())
    }
    for rule in rules:
        holds = _looks_into_its_files(rule)
        left = [
            (old, new)
            for old, new in renames
            if old in ours and rule.files.match(old) and not rule.files.match(new)
            if not rule.files.excepts(new) and not _done_by_others(rule, new, rules)
            if holds or (rule.id, new) in acted
        ]
        if left:
            names = listed([f"{old} to {new}" for old, new in left], 3)
            fix = f"add {listed([new for _, new in left], 3)} to `files` of {rule.source}"
            yield make_finding(
                "decision", "renamed", rule, left[0][1], 1,
                f"upstream renamed {names}, which this rule does not name: later merges do not know of it",
                fix=fix, about=tuple(name for pair in left for name in pair),
            )  # fmt: skip


def _sources_renamed(sides: Sides, rules: Sequence[Rule]) -> Iterable[Finding]:
    """Sources that upstream renamed, of copies that the fork has."""
    for rule in rules:
        for source in rule.own.sources if rule.own else ():
            new = sides.renames.get(source)
            if new and any(rule.files.match(path) for path in sides.entries[OURS]):
                yield make_finding(
                    "decision", "renamed", rule, new, 1,
                    f"upstream renamed {source} to {new}, which this rule does not name as the source of "
                    f"{rule.files}: later merges do not know of it",
                    fix=f"name {new} instead of {source} in {rule.source}", about=(source, new),
                )  # fmt: skip


def _done_by_others(rule: Rule, path: str, rules: Sequence[Rule]) -> bool:
    """Whether rules that name `path` have every step and every invariant of `rule`, which does not name it."""
    there = [other for other in rules if other.files.match(path)]
    return all(any(step in other.steps for other in there) for step in rule.steps) and all(
        any(hold in other.holds for other in there) for hold in rule.holds
    )


def _looks_into_its_files(rule: Rule) -> bool:
    """Whether an invariant of the rule is about `files`: others name what they compare."""
    return any(not isinstance(hold, RelateHold) for hold in rule.holds)


def idle(repository: Repository, merge: LiftedMerge, rules: Sequence[Rule]) -> Iterable[Finding]:
    """Rules that rewrite, and whose `files` match nothing on any side: a decision where they did in the fork once. What
    an invariant has nothing to look at, it says itself."""
    paths = {path for tree in merge.sides.entries.values() for path in tree}
    without = [rule for rule in rules if rule.steps and not any(rule.files.match(path) for path in paths)]
    touched = _last_touched(repository, merge.commits[OURS], without)
    for rule in without:
        fix = f"correct `files` of {rule.source}, or delete the rule"
        if rule.id in touched:
            message = f"no file matches {rule.files} any more"
            since = f"{message}, since {touched[rule.id][:9]}: nothing was looked at"
            yield make_finding(
                "decision", "idle-rule", rule, rule.source, 1, since, fix=fix, known_by=message
            )  # fmt: skip
        else:
            message = f"no file on any side matches {rule.files}: nothing was looked at"
            yield make_finding("note", "idle-rule", rule, rule.source, 1, message, fix=fix)


def _last_touched(repository: Repository, commit: str, rules: Sequence[Rule]) -> dict[str, str]:
    """By rule, the newest commit in the fork's own line up to `commit` that touched any of its files; none where none
    did. That history is walked once for all `rules`, which takes a while where it is long."""
    pathspecs = sorted({pathspec for rule in rules for pathspec in rule.files.pathspecs})
    if not pathspecs:
        return {}
    shown = ("--first-parent", "-m", "-z", "--name-only", "--no-renames", "--format=%x01%H")
    logged = repository.git.text("log", *shown, commit, "--", *pathspecs)
    found: dict[str, str] = {}
    for one in logged.split("\x01")[1:]:
        name, *paths = (part.strip("\n") for part in one.split("\0"))
        for rule in rules:
            if rule.id not in found and any(rule.files.match(path) for path in paths if path):
                found[rule.id] = name
    return found
