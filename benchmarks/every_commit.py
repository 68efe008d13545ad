"""Merge every upstream commit since the merge base in turn, with the pack: what would have been left each time?

Needs SYNCFORK_REAL_FORK and SYNCFORK_REAL_UPSTREAM. Prints a line for each commit at which something is left
for a person, then the totals. Nothing lands.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

from syncfork.config import load_setup
from syncfork.git.repository import Repository
from syncfork.merge.engine import lifted_merge
from syncfork.merge.workspace import workspace
from syncfork.own.base import OURS, THEIRS


def main() -> None:
    fork, upstream = os.environ["SYNCFORK_REAL_FORK"], os.environ["SYNCFORK_REAL_UPSTREAM"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "-q", "--bare", fork, folder], check=True)
        subprocess.run(["git", "-C", folder, "fetch", "-q", upstream, "HEAD:refs/heads/upstream"], check=True)
        measure(Repository.open(Path(folder)))


def measure(repository: Repository) -> None:
    ours = repository.git.text("rev-parse", "HEAD")
    commits = repository.git.text("rev-list", "--reverse", "HEAD..upstream").split()
    rules = load_setup(repository, ours, ["python-build-standalone"]).rules
    alone = conflicts = withheld = unported = 0
    start = time.perf_counter()
    for commit in commits:
        bases = repository.merge_bases(ours, commit)
        with workspace(repository) as space:
            merge = lifted_merge(space, ours, commit, bases, rules, {OURS: "ours", THEIRS: "theirs"})
        problems = [f"{e.rule.id} in {e.path}: {e.problem.detail}" for e in merge.effects if e.problem]
        left = [f"conflict in {path}" for path in merge.merged.conflicts]
        lost = [f"{item.rule.id} not in {item.path}: {item.detail}" for item in merge.unheld]
        if problems or left or lost:
            print(commit[:9], "; ".join([*left, *problems, *lost]))
        alone += bool(merge.plain.conflicts)
        conflicts += bool(left)
        withheld += bool(problems or lost)
        unported += bool(merge.unported)
    seconds = time.perf_counter() - start
    print(
        f"{len(commits)} upstream commits in {seconds:.1f} s: git alone stops at {alone}, with the pack at {conflicts};"
    )
    print(f"a rule is withheld at {withheld}; a derived copy has something to port by hand at {unported}")


if __name__ == "__main__":
    main()
