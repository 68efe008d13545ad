"""Run the detectors over past merges, to count what they say and read whether it is true.

    python benchmarks/past_merges.py REPOSITORY [--upstream REF] [--last N] [--only DETECTOR] [--by-git] MERGE...

Without MERGE: the newest N merges of the first-parent history of HEAD whose second parent is upstream's (an
ancestor of --upstream, or any where none is given). With --by-git it is not what people committed that is looked at, but
what git alone makes of the two sides, without what is in conflict; each finding then tells where people had something
else in place of its line: in the merge that they committed, by now, or never.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

from msgspec import Struct

from syncfork.detect.registry import DETECTORS
from syncfork.errors import GitError
from syncfork.git.door import Git
from syncfork.git.repository import Repository
from syncfork.merge.culprits import history
from syncfork.merge.detecting import MERGED, Detected, Subject, as_findings, culprit_paths, looks
from syncfork.merge.mergetree import merge_tree
from syncfork.merge.workspace import workspace
from syncfork.own.base import BASE, OURS, THEIRS
from syncfork.parallel import results


class Seen(Struct, frozen=True):
    """A merge with what was found in it, and the line that each finding is about."""

    subject: Subject
    found: list[Detected]
    lines: dict[tuple[str, int], str]


def detected(repository: Repository, merge: str, by_git: bool, only: str | None) -> Seen | None:
    """What the detectors find in a merge of two parents; None where it has no merge base."""
    parents = repository.git.text("rev-list", "--parents", "-n1", merge).split()[1:]
    bases = repository.merge_bases(*parents) if len(parents) == 2 else []
    if not bases:
        return None
    ours, theirs = parents
    by_ours, by_theirs = repository.changes(bases[0], ours), repository.changes(bases[0], theirs)
    off = [name for name in DETECTORS if only and name != only]
    with workspace(repository) as space:
        made = merge_tree(space.git, ours, theirs) if by_git else None
        tree = made.tree if made else merge
        trees = {BASE: bases[0], OURS: ours, THEIRS: theirs, MERGED: tree}
        subject = Subject(trees, by_ours, by_theirs, made.conflicts.keys() if made else ())
        listed = results(looks(repository, space.git, subject, (), off))
        found = [item for items in listed for item in items]
        places = {(item.found.path, item.found.line) for item in found}
        texts = {path: lines_of(space.git, tree, path) for path, _ in places}
    lines = {(path, line): texts[path][line - 1] for path, line in places if 0 < line <= len(texts[path])}
    return Seen(subject, found, lines)


def lines_of(git: Git, commit: str, path: str) -> list[str]:
    """The lines of a file in a commit or tree; none where it is not there."""
    done = git.call("cat-file", "blob", f"{commit}:{path}")
    return [] if done.code else done.out.decode(errors="replace").split("\n")


def mended(repository: Repository, merge: str, path: str, line: str | None) -> str:
    """Where people had something else in place of a line."""
    if line is None:
        return "?"
    for commit, words in ((merge, "mended in the merge"), ("HEAD", "mended later")):
        if line not in lines_of(repository.git, commit, path):
            return words
    return "never mended"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("repository", type=Path)
    parser.add_argument("merges", nargs="*")
    parser.add_argument("--upstream")
    parser.add_argument("--last", type=int, default=20)
    parser.add_argument("--only")
    parser.add_argument("--by-git", action="store_true")
    options = parser.parse_args()
    repository = Repository.open(options.repository)
    merges = (
        options.merges or repository.git.text("rev-list", "--first-parent", "--min-parents=2", "HEAD").split()
    )
    counts: Counter[tuple[str, str, str]] = Counter()
    number = 0
    for merge in merges:
        if number == (len(options.merges) or options.last):
            break
        if options.upstream and not options.merges:
            second = f"{merge}^2"
            if repository.git.call("merge-base", "--is-ancestor", second, options.upstream).code:
                continue
        start = time.perf_counter()
        try:
            seen = detected(repository, merge, options.by_git, options.only)
        except GitError as error:
            print(f"\n{merge[:10]}: {error.problem}")
            continue
        if seen is None:
            continue
        number += 1
        subject = seen.subject
        known = history(
            repository, subject.trees[BASE], subject.trees[THEIRS], culprit_paths(seen.found), None
        )
        print(
            f"\n{merge[:10]}: {len(subject.by_theirs)} files by upstream, {len(subject.by_ours)} by the fork, "
            f"{time.perf_counter() - start:.2f} s"
        )
        for finding in as_findings(seen.found, known):
            who = ", ".join(c.commit[:9] for c in finding.culprits[:2])
            line = seen.lines.get((finding.path, finding.line))
            then = mended(repository, merge, finding.path, line) if options.by_git else ""
            counts[finding.detector, finding.cls, then] += 1
            place = f"{finding.path}:{finding.line}"
            print(f"  {finding.cls:<8} {finding.detector:<12} {place}  {finding.message}  [{who}] {then}")
    print()
    for (detector, cls, then), count in sorted(counts.items()):
        print(f"{detector:<14} {cls:<10} {count} in {number} merges {then}")


if __name__ == "__main__":
    main()
