"""Time syncfork against git: whole processes, in turn, as ratios within one run. See README.md here."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RUNS = int(os.environ.get("SYNCFORK_RUNS", "7"))
ENVIRONMENT = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
IDENTITY = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")


@dataclass(frozen=True)
class Sample:
    seconds: list[float]
    megabytes: float

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        low, high = min(self.seconds), max(self.seconds)
        return f"median {self.median:.3f} s (min {low:.3f}, max {high:.3f}), memory {self.megabytes:.0f} MiB"


def once(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Seconds and peak memory (MiB, the process and its waited-for children apart) of one run."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1):
        message = process.stderr.read().decode("utf-8", "replace") if process.stderr else ""
        raise SystemExit(f"{' '.join(command)} ended with {code}: {message}")
    return seconds, usage.ru_maxrss / 1024


def compare(commands: dict[str, Sequence[str]], folder: Path) -> dict[str, Sample]:
    """Run the commands in turn, RUNS times after one warm-up."""
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for number in range(RUNS + 1):
        for name, command in commands.items():
            found = once(command, folder)
            if number:
                results[name].append(found)
    return {name: Sample([s for s, _ in found], max(m for _, m in found)) for name, found in results.items()}


def show(title: str, samples: dict[str, Sample], base: str) -> None:
    print(f"\n{title}")
    for name, sample in samples.items():
        print(f"  {name:<28} {sample}")
    for name, sample in samples.items():
        if name != base:
            ratio, above = sample.median / samples[base].median, sample.median - samples[base].median
            print(f"  {name} / {base}: {ratio:.1f} times, {above:+.3f} s")


def syncfork(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "syncfork", *arguments]


def version(folder: Path) -> None:
    show(
        "--version",
        compare(
            {"python -c pass": [sys.executable, "-c", "pass"], "syncfork --version": syncfork("--version")},
            folder,
        ),
        "python -c pass",
    )


def merging(title: str, folder: Path, upstream: str, *options: str) -> None:
    """Compare merges; each run's branch gets its own name, and the landing is part of what is timed."""
    commands = {
        "git merge-tree": ["git", "merge-tree", "--write-tree", "HEAD", upstream],
        "syncfork merge --no-checkout": syncfork("merge", upstream, "--no-checkout", *options),
        "syncfork merge --dry-run": syncfork("merge", upstream, "--dry-run", *options),
    }
    show(title, compare(commands, folder), "git merge-tree")


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    done = subprocess.run(
        ["git", *IDENTITY, *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        input=stdin,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


def generated(folder: Path, files: int = 100_000, upstream: int = 1_000) -> None:
    """A repository of many files: upstream changes some, the fork those that its rule's glob names."""
    rule = """id: retries
why: Our network is slow, so every job tries three times.
files: ["**/job-12*5.yml"]
rewrite:
  - {set: retries, to: 3}
"""
    marks, paths = [], [f"area-{n % 97}/part-{n % 13}/job-{n}.yml" for n in range(files)]

    def blob(text: str) -> str:
        marks.append(f"blob\nmark :{len(marks) + 1}\ndata {len(text)}\n{text}\n")
        return f":{len(marks)}"

    def job(n: int, retries: int, steps: int) -> str:
        return f"name: job {n}\nretries: {retries}\n\nowner: team {n}\n\nsteps: {steps}\n"

    who = "bench <bench@localhost> 1700000000 +0000"
    base = [f"M 100644 {blob(job(n, 1, 1))} {path}" for n, path in enumerate(paths)]
    governed = [n for n in range(files) if str(n).startswith("12") and str(n).endswith("5")]
    ours_lines = [f"M 100644 {blob(job(n, 3, 1))} {paths[n]}" for n in governed]
    ours_lines += [f"M 100644 {blob(rule)} rules/retries.yml"]
    config = 'rules = "rules"\n'
    ours_lines += [f"M 100644 {blob(config)} syncfork.toml"]
    theirs_lines = [f"M 100644 {blob(job(n, 1, 2))} {paths[n]}" for n in range(5, files, files // upstream)]

    def commit(ref: str, mark: int, parent: str, lines: list[str]) -> str:
        return (
            f"commit refs/heads/{ref}\nmark :{mark}\ncommitter {who}\ndata 1\nx\n{parent}"
            + "\n".join(lines)
            + "\n"
        )

    first = len(marks) + 1
    stream = "".join(marks) + commit("main", first, "", base)
    stream += commit("upstream", first + 1, f"from :{first}\n", theirs_lines)
    stream += commit("fork", first + 2, f"from :{first}\n", ours_lines)
    git(folder, "init", "-q", "--bare", "-b", "fork")
    git(folder, "fast-import", "--quiet", stdin=stream.encode())
    git(folder, "config", "user.name", "bench")
    git(folder, "config", "user.email", "bench@localhost")
    merging(
        f"generated: {files:,} files, upstream changed {upstream:,}, the fork {len(governed)}",
        folder,
        "upstream",
    )


def clone_real(folder: Path) -> bool:
    """The real pair in `folder`, upstream as upstream/main; false, and said, where its places are not known."""
    fork, upstream = os.environ.get("SYNCFORK_REAL_FORK"), os.environ.get("SYNCFORK_REAL_UPSTREAM")
    if not fork or not upstream:
        print("\nthe real pair: skipped, SYNCFORK_REAL_FORK and SYNCFORK_REAL_UPSTREAM are not set")
        return False
    git(folder, "clone", "-q", "--no-hardlinks", fork, ".")
    git(folder, "fetch", "-q", upstream, "HEAD:refs/remotes/upstream/main")
    git(folder, "config", "user.name", "bench")
    git(folder, "config", "user.email", "bench@localhost")
    return True


def real(folder: Path) -> None:
    if clone_real(folder):
        merging("the real pair", folder, "upstream/main", "--pack", "python-build-standalone")


def main() -> None:
    for measure in (version, real, generated):
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder))


if __name__ == "__main__":
    main()
