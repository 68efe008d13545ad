"""Keep the ledger of what people committed, for every past merge of upstream, and hold it against git's own merge.

    python benchmarks/ledger.py CLONE UPSTREAM [LAST]

The result of each merge is its committed tree, without rules; what is in conflict for git is the person's. For each
merge it also asks git alone: a path that git merges without a conflict, and that people committed otherwise, is
changed by hand. The ledger does not ask that, so each of these paths has to be among those it cannot explain, and
no other (but one in conflict, where somebody changed lines beyond the clash).

Prints the counts, then a JSON line for each hunk that nothing explains.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from syncfork.commands.replay import ReplayOptions, open_fork
from syncfork.errors import SyncforkError
from syncfork.git.repository import Repository
from syncfork.merge.engine import LiftedMerge, lifted_merge
from syncfork.merge.ledger import keep_ledger
from syncfork.merge.redo import merge_bases
from syncfork.merge.syncs import Sync
from syncfork.merge.workspace import workspace
from syncfork.own.base import OURS, THEIRS
from syncfork.report import Ledger

# So many merges share a workspace, which is then gone.
_BATCH = 16


def ledgers(repository: Repository, syncs: tuple[Sync, ...]) -> Iterator[dict[str, Any]]:
    """For each merge its ledger and the paths that people changed though git had no conflict, or what went wrong."""
    for start in range(0, len(syncs), _BATCH):
        batch = syncs[start : start + _BATCH]
        bases = merge_bases(repository, batch)
        with ThreadPoolExecutor(2) as pool:
            about = [bases.get(sync.commit, []) for sync in batch]
            yield from pool.map(partial(kept, repository), batch, about)


def kept(repository: Repository, sync: Sync, bases: list[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"commit": sync.commit}
    if not bases:
        return told | {"failed": "no merge base"}
    try:
        with workspace(repository) as space:
            merge = lifted_merge(space, sync.ours, sync.theirs, bases, (), {OURS: "ours", THEIRS: "theirs"})
            tree = repository.git.text("rev-parse", f"{sync.commit}^{{tree}}")
            changed = replace(repository, git=space.git).changes(merge.merged.tree, tree, renames=False)
            ledger = keep_ledger(space, merge, tree)
    except SyncforkError as error:
        return told | {"failed": error.problem}
    return told | compared(merge, ledger, {change.new_path for change in changed}) | {"bases": len(bases)}


def compared(merge: LiftedMerge, ledger: Ledger, changed: set[str]) -> dict[str, Any]:
    conflicts = merge.merged.conflicts.keys()
    by_hand, unexplained = changed - conflicts, {item.path for item in ledger.unexplained}
    return {
        "theirs": dict(ledger.from_theirs),
        "ours": dict(ledger.from_ours),
        "conflicts": len(conflicts),
        "by hand": len(by_hand),
        "false": sorted(unexplained - by_hand - conflicts),
        "missed": sorted(by_hand - unexplained),
        "in conflict": sorted(unexplained & conflicts),
        "unchanged in conflict": sorted((unexplained & conflicts) - changed),
        "unexplained": [
            {"path": item.path, "line": item.line, "against": item.against, "text": item.text}
            for item in ledger.unexplained
        ],
    }


def main() -> None:
    clone, upstream, *rest = sys.argv[1:]
    last = int(rest[0]) if rest else None
    opened = open_fork(ReplayOptions(Path(clone), upstream=upstream, last=last))
    start = time.perf_counter()
    counts: Counter[str] = Counter()
    hunks: Counter[str] = Counter()
    for merge in ledgers(opened.repository, opened.found.syncs):
        counts["merges"] += 1
        if "failed" in merge:
            counts["not kept"] += 1
            print(f"{merge['commit'][:9]}: {merge['failed']}", file=sys.stderr)
            continue
        counts["with conflicts"] += bool(merge["conflicts"])
        counts["with several merge bases"] += merge["bases"] > 1
        counts["with unexplained hunks"] += bool(merge["unexplained"])
        counts["paths changed by hand beside conflicts"] += merge["by hand"]
        counts["paths unexplained beside conflicts"] += len(
            {item["path"] for item in merge["unexplained"]} - set(merge["in conflict"])
        )
        counts["paths unexplained in conflict, beyond the clashes"] += len(merge["in conflict"])
        for kind in ("false", "missed"):
            counts[f"paths {kind}"] += len(merge[kind])
            for path in merge[kind]:
                print(f"{merge['commit'][:9]}: {kind}: {path}", file=sys.stderr)
        for side in ("theirs", "ours"):
            for name, count in merge[side].items():
                hunks[f"from {side}: {name}"] += count
        hunks["unexplained"] += len(merge["unexplained"])
        for item in merge["unexplained"]:
            print(json.dumps({"merge": merge["commit"], **item}))
    seconds = time.perf_counter() - start
    for name, count in [*counts.items(), *sorted(hunks.items())]:
        print(f"{count:>8} {name}", file=sys.stderr)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{seconds:.0f} s, peak memory {peak} MiB", file=sys.stderr)


if __name__ == "__main__":
    main()
