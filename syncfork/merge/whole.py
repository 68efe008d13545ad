"""What rules that take a whole path from one side come to in a past merge, without merging again.

Most decisions that a fork repeats are of this kind, and such a rule leaves nothing to merge: what counts is one entry.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from syncfork.git.changes import Change
from syncfork.git.repository import Repository
from syncfork.merge.mergetree import Conflict, Merged
from syncfork.merge.replay import Solution
from syncfork.merge.syncs import Sync
from syncfork.own.derived import Derived
from syncfork.rules.model import Rule

_SIDES = ("ours", "theirs", "absent")
# In others a path of the conflict may be a name that git made up, or stand for several files.
_KINDS = ("contents", "modify/delete", "add/add")
_SUBMODULE = "160000"


def whole_files(
    repository: Repository,
    sync: Sync,
    merged: Merged,
    changes: Sequence[Change],
    rules: Sequence[Rule],
    committed: str,
) -> Solution | None:
    """What the rules make of `merged`, git's own merge of the sync, held against the `committed` tree, to which
    `changes` lead; None where the answer needs a real merge."""
    paths = {*merged.conflicts, *(change.new_path for change in changes)}
    owners = _owners(paths, rules)
    if owners is None or not all(_plain(merged.conflicts.get(path)) for path in owners):
        return None
    names = {
        (side, path): f"{side}:{path}" for path in owners for side in (sync.ours, sync.theirs, committed)
    }
    oids = repository.resolve(names.values())
    differs = {change.new_path for change in changes if change.new_path not in owners}
    for path, rule in owners.items():
        ours, theirs = oids[names[sync.ours, path]], oids[names[sync.theirs, path]]
        conflict = merged.conflicts.get(path)
        if conflict and (_stage(conflict, 2), _stage(conflict, 3)) != (ours, theirs):
            # A side has the file under another name.
            return None
        own = rule.own.name if rule.own else ""
        if own == "absent" and ours:
            # Whether it goes depends on what the fork made of it.
            return None
        chosen = {"ours": ours, "theirs": theirs}.get(own)
        if chosen != oids[names[committed, path]]:
            differs.add(path)
    left = frozenset(path for path in merged.conflicts if path not in owners)
    return Solution(left, frozenset(differs), {path: (rule.id,) for path, rule in owners.items()})


def _owners(paths: Collection[str], rules: Sequence[Rule]) -> dict[str, Rule] | None:
    """The rule that owns each of the governed paths, the first one of several; None where a rule does more."""
    owners: dict[str, Rule] = {}
    for rule in rules:
        if isinstance(rule.own, Derived):
            # What it does to a copy shows in no change of that.
            return None
        governed = [path for path in paths if rule.files.match(path)]
        if governed and (rule.steps or (rule.own and rule.own.name not in _SIDES)):
            return None
        for path in governed if rule.own else ():
            owners.setdefault(path, rule)
    return owners


def _plain(conflict: Conflict | None) -> bool:
    if conflict is None:
        return True
    return conflict.kind in _KINDS and all(e.mode != _SUBMODULE for e in conflict.stages.values())


def _stage(conflict: Conflict, number: int) -> str | None:
    entry = conflict.stages.get(number)
    return entry.oid if entry else None
