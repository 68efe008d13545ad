"""Files of upstream's that the fork took out: upstream goes on changing them, and the fork goes on without them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from syncfork.learn.base import Ledger, Past, Proposal
from syncfork.learn.naming import identifier

# Measured on the histories of four forks: where upstream changed a file that the fork had deleted, people let it stay
# deleted in 120 of 122 conflicts after one that they had decided so. The first time it was 26 of 30; but 8 of 8 where the
# fork had been without the file for this many of the last ten merges, since what was taken out a day ago comes back.
_WITHOUT = 2


def learn(past: Past) -> Iterator[Proposal]:
    """`own: absent`, one rule for what was taken out of a folder."""
    folders: dict[str, list[str]] = defaultdict(list)
    moved = {change.was for change in past.own.values() if change.was}
    for path, change in past.own.items():
        confirmed = any(passage.gone and passage.took == "ours" for passage in past.passages.get(path, ()))
        lasting = confirmed or past.without.get(path, 0) >= _WITHOUT
        if change.ours is None and path in past.upstream and path not in moved and lasting:
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
