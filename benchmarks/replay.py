"""Time `syncfork replay` against a plain loop of `git merge-tree` over the same merges, in the same run.

    python benchmarks/replay.py CLONE UPSTREAM [LAST]

Also the peak of memory for a tenth of the merges and for all of them: it should not grow with their number.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

# Runs the command line, and tells the peak of its own memory (in KiB) on stderr.
_MEASURED = (
    "import resource, sys; from syncfork.__main__ import main\n"
    "try: main()\n"
    "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)\n"
)


def replay(clone: Path, upstream: str, *options: str) -> tuple[dict[str, Any], float, int]:
    start = time.perf_counter()
    command = [sys.executable, "-c", _MEASURED, "-C", str(clone), "replay", "--upstream", upstream]
    done = subprocess.run([*command, "--format", "json", *options], capture_output=True, check=True)
    return json.loads(done.stdout), time.perf_counter() - start, int(done.stderr.split()[-1])


def plain(clone: Path, merges: list[dict[str, Any]]) -> float:
    """One `git merge-tree` after the other, with new objects out of the way."""
    with tempfile.TemporaryDirectory() as folder:
        objects = subprocess.run(
            ["git", "rev-parse", "--path-format=absolute", "--git-path", "objects"],
            cwd=clone, capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
        env = {**os.environ, "GIT_OBJECT_DIRECTORY": folder, "GIT_ALTERNATE_OBJECT_DIRECTORIES": objects}
        start = time.perf_counter()
        for merge in merges:
            command = ["git", "merge-tree", "--write-tree", "-z", merge["ours"], merge["theirs"]]
            subprocess.run(command, cwd=clone, env=env, capture_output=True, check=False)
        return time.perf_counter() - start


def main() -> None:
    clone, upstream, *rest = sys.argv[1:]
    last = ["--last", rest[0]] if rest else []
    found, seconds, peak = replay(Path(clone), upstream, *last)
    merges = [merge for merge in found["merges"] if merge["state"] != "octopus"]
    alone = plain(Path(clone), merges)
    _, _, small = replay(Path(clone), upstream, "--last", str(max(1, len(merges) // 10)))
    print(f"{len(merges)} merges, {found['totals']}")
    print(f"git merge-tree {alone:.1f} s, syncfork replay {seconds:.1f} s: {seconds / alone:.2f} times")
    allowed = 1.5 * alone + 2
    print(f"allowed {allowed:.1f} s: {'kept' if seconds <= allowed else 'MISSED'}")
    print(f"peak memory {peak // 1024} MiB, for a tenth of the merges {small // 1024} MiB")


if __name__ == "__main__":
    main()
