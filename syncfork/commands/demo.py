"""`syncfork demo`: a small upstream and its fork, what plain git makes of them, and the real merge."""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

from msgspec import Struct

from syncfork.commands.merge import MergeOptions, run_merge
from syncfork.commands.trial import blocked
from syncfork.demo.world import Demo, build
from syncfork.errors import ExitCode, UsageError
from syncfork.git.door import Git
from syncfork.git.repository import Repository
from syncfork.report import Report

PACK = "python-build-standalone"


class Demonstration(Struct, frozen=True):
    """What was shown. `conflicts` holds git's own lines about the conflicts that it leaves alone."""

    demo: Demo
    conflicts: tuple[str, ...]
    report: Report
    tour: tuple[str, ...]

    @property
    def exit_code(self) -> ExitCode:
        """Needs a person where the merge could not be finished; decisions that are left do not count."""
        return ExitCode.NEEDS_HUMAN if blocked(self.report) else ExitCode.OK


def run_demo(folder: Path | None, today: date) -> Demonstration:
    """Build the demo in `folder` (by default a temporary one), and merge its fork with the shipped pack."""
    if folder is not None and folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", "name a folder for the demo")
    root = folder or Path(tempfile.mkdtemp(prefix="syncfork-demo-"))
    demo = build(root)
    said = Git(demo.fork).text("merge-tree", "--write-tree", demo.fork_head, demo.upstream_head, ok=(0, 1))
    report = run_merge(Repository.open(demo.fork), MergeOptions(today, packs=(PACK,)))
    conflicts = tuple(line for line in said.splitlines() if line.startswith("CONFLICT"))
    return Demonstration(demo, conflicts, report, _tour(demo, report))


def _tour(demo: Demo, report: Report) -> tuple[str, ...]:
    fork, upstream = shlex.quote(str(demo.fork)), shlex.quote(str(demo.upstream))
    branch = shlex.quote(report.result.branch or "HEAD")
    # Run from a virtual environment that is not active, the bare name would not be found.
    found = shutil.which("syncfork")
    here = found and Path(found).parent.resolve() == Path(sys.executable).parent.resolve()
    program = "syncfork" if here else f"{shlex.quote(sys.executable)} -m syncfork"
    return (
        f"git -C {fork} log --graph --oneline {branch}",
        f"git -C {fork} diff {demo.upstream_head[:9]} {branch} -- src cpython-unix",
        f"git -C {upstream} log --oneline {demo.base[:9]}..",
        f"{program} -C {fork} rules list --pack {PACK}",
        f"{program} -C {fork} rules show release-targets --pack {PACK}",
    )
