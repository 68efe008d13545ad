"""Run the detectors over merges that people committed, to count what they say and read whether it is true.

    python benchmarks/past_merges.py REPOSITORY [--upstream REF] [--last N] [--only DETECTOR] MERGE...

Without MERGE: the newest N merges of the first-parent history of HEAD whose second parent is upstream's (an
ancestor of --upstream, or any where none is given).
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

from syncfork.git.repository import Repository
from syncfork.merge.culprits import history
from syncfork.merge.detecting import MERGED, Detected, Subject, as_findings, culprit_paths, looks
from syncfork.own.base import BASE, OURS, THEIRS
from syncfork.parallel import results


def detected(repository: Repository, merge: str) -> tuple[Subject, list[Detected]] | None:
    """What the detectors find in a committed merge of two parents; None where it has no merge base."""
    parents = repository.git.text("rev-list", "--parents", "-n1", merge).split()[1:]
    bases = repository.merge_bases(*parents) if len(parents) == 2 else []
    if not bases:
        return None
    ours, theirs = parents
    trees = {BASE: bases[0], OURS: ours, THEIRS: theirs, MERGED: merge}
    subject = Subject(trees, repository.changes(bases[0], ours), repository.changes(bases[0], theirs))
    found = results(looks(repository, repository.git, subject, ()))
    return subject, [item for items in found for item in items]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("repository", type=Path)
    parser.add_argument("merges", nargs="*")
    parser.add_argument("--upstream")
    parser.add_argument("--last", type=int, default=20)
    parser.add_argument("--only")
    options = parser.parse_args()
    repository = Repository.open(options.repository)
    merges = (
        options.merges or repository.git.text("rev-list", "--first-parent", "--min-parents=2", "HEAD").split()
    )
    counts: Counter[tuple[str, str]] = Counter()
    seen = 0
    for merge in merges:
        if seen == (len(options.merges) or options.last):
            break
        if options.upstream and not options.merges:
            second = f"{merge}^2"
            if repository.git.call("merge-base", "--is-ancestor", second, options.upstream).code:
                continue
        start = time.perf_counter()
        found = detected(repository, merge)
        if found is None:
            continue
        seen += 1
        subject, items = found
        items = [item for item in items if not options.only or item.detector == options.only]
        known = history(repository, subject.trees[BASE], subject.trees[THEIRS], culprit_paths(items), None)
        print(
            f"\n{merge[:10]}: {len(subject.by_theirs)} files by upstream, {len(subject.by_ours)} by the fork, "
            f"{time.perf_counter() - start:.2f} s"
        )
        for finding in as_findings(items, known):
            counts[finding.detector, finding.cls] += 1
            who = ", ".join(c.commit[:9] for c in finding.culprits[:2])
            print(
                f"  {finding.cls:<8} {finding.detector:<12} {finding.path}:{finding.line}  {finding.message}  [{who}]"
            )
    print()
    for (detector, cls), number in sorted(counts.items()):
        print(f"{detector:<14} {cls:<10} {number} in {seen} merges")


if __name__ == "__main__":
    main()
