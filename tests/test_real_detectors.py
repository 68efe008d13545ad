"""What the real merge breaks without a conflict, found; and the fork's own past merges, which broke nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from git_fixtures import Repo
from test_real_fork import FORK, WORKFLOWS, fork, merge, pytestmark

from syncfork.rules.load import pack_files

__all__ = ["fork", "pytestmark"]

PAST = ("ec440b5", "9ecbaf9", "cdd03c1", "cb7ad3c")


def brief(finding: dict[str, Any]) -> tuple[str, str, int | None]:
    return finding["detector"], finding["path"], finding["culprits"][0]["pr"] if finding["culprits"] else None


def breakages(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [f for f in report["findings"] if f["class"] == "breakage" and f["new"]]


def test_the_four_breakages_where_the_workflows_are_nobodys_copies(fork: Repo, tmp_path: Path) -> None:
    """The shipped pack without its rules for the v* workflows: as a fork stands that has not written them."""
    pack = tmp_path / "pack"
    pack.mkdir()
    for name, content in pack_files("python-build-standalone"):
        if not Path(name).name.startswith(("v", "fixed-matrix", "python-versions")):
            (pack / Path(name).name).write_bytes(content)
    done = fork.syncfork("merge", "--pack", str(pack), "--no-checkout", "--branch", "s", "--format", "json")
    found = {brief(finding): finding for finding in breakages(done.report)}
    assert set(found) == {
        ("options", f"{WORKFLOWS}/vlinux.yml", 1058),
        ("options", f"{WORKFLOWS}/vmacos.yml", 1058),
        ("recipes", f"{WORKFLOWS}/vrelease.yml", 1094),
        ("values", f"{WORKFLOWS}/linux.yml", 1075),
    }
    for finding in found.values():
        assert finding["upstream"]["path"] in ("src/main.rs", "Justfile", "ci-matrix.py")
        assert finding["line"] > 1 and finding["upstream"]["line"] > 1
    # What was tested before is tested after the fix.
    assert "./test-distribution.py" in found["options", f"{WORKFLOWS}/vlinux.yml", 1058]["code"]
    assert "${GITHUB_EVENT_INPUTS_SHA}" in found["recipes", f"{WORKFLOWS}/vrelease.yml", 1094]["fix"]
    values = found["values", f"{WORKFLOWS}/linux.yml", 1075]
    assert "macos.yml" in values["message"] and "windows.yml" in values["message"]


def test_with_the_whole_pack_one_breakage_and_the_decisions(fork: Repo) -> None:
    report = merge(fork).report
    assert [brief(finding) for finding in breakages(report)] == [("values", f"{WORKFLOWS}/linux.yml", 1075)]
    decisions = {brief(f)[:2] for f in report["findings"] if f["class"] == "decision"}
    assert decisions == {
        ("suppressions", "src/validation.rs"),
        ("pins", "pythonbuild/downloads.py"),
        ("identities", f"{WORKFLOWS}/release.yml"),
        ("invariant", "pythonbuild/downloads.py"),
    }
    assert report["result"]["commit"]


def test_the_copies_are_found_without_any_rule(fork: Repo) -> None:
    done = fork.syncfork("merge", "--dry-run", "--format", "json")
    copies = {brief(f)[:2] for f in done.report["findings"] if f["detector"] == "copies"}
    assert copies == {("copies", f"{WORKFLOWS}/{name}.yml") for name in ("vlinux", "vmacos", "vrelease")}


@pytest.mark.parametrize("commit", PAST)
def test_the_forks_own_past_merges_broke_nothing(fork: Repo, commit: str) -> None:
    assert fork.git("merge-base", "--is-ancestor", commit, FORK) == ""
    done = fork.syncfork("check", commit, "--format", "json")
    assert breakages(done.report) == []


def test_what_the_finding_says_is_so(fork: Repo) -> None:
    """The merged workflow's call, run: argparse refuses the event that the fork's trigger gives it."""
    merge(fork)
    fork.git("checkout", "-q", "synced")
    python = shutil.which("python3")
    assert python
    for event, refused in (("workflow_dispatch", True), ("push", False)):
        script = f"import sys; sys.argv = ['ci-matrix.py', '--event', '{event}']\n"
        script += "import argparse; real = argparse.ArgumentParser.parse_args\n"
        script += "def once(self, *a, **k):\n    real(self, *a, **k)\n    raise SystemExit(0)\n"
        script += "argparse.ArgumentParser.parse_args = once\n"
        script += "import types; sys.modules['yaml'] = types.ModuleType('yaml')\n"
        script += (
            "p = types.ModuleType('packaging'); v = types.ModuleType('packaging.version'); v.Version = str\n"
        )
        script += "sys.modules['packaging'], sys.modules['packaging.version'] = p, v\n"
        script += "import runpy; runpy.run_path('ci-matrix.py', run_name='__main__')\n"
        done = fork_run(fork, python, script)
        assert (done != 0) is refused, event


def fork_run(fork: Repo, python: str, script: str) -> int:
    import subprocess

    return subprocess.run([python, "-c", script], cwd=fork.path, capture_output=True, check=False).returncode
