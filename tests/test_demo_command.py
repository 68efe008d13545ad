"""`syncfork demo`: what a newcomer sees first."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from git_fixtures import environment

from syncfork.commands.demo import run_demo
from syncfork.errors import ExitCode, UsageError

TODAY = date(2026, 3, 1)


def demo(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "syncfork", "demo", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=environment(TMPDIR=str(cwd)), capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, demo("here", cwd=folder)


def test_shows_plain_git_and_the_merge(shown: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = shown
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    assert len(re.findall("^CONFLICT", done.stdout, re.MULTILINE)) == 7
    assert "7 files for a person to merge by hand" in done.stdout
    assert "with syncfork: no conflict" in done.stdout
    assert str(folder / "here" / "fork") in done.stdout


def test_every_command_to_explore_works(shown: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, done = shown
    tour = [
        line.removeprefix("try:").strip() for line in done.stdout[done.stdout.rindex("try: ") :].splitlines()
    ]
    assert len(tour) in (4, 5)
    for line in tour:
        words = shlex.split(line)
        program = [sys.executable, "-m", "syncfork"] if words[0] == "syncfork" else [words[0]]
        ran = subprocess.run(
            [*program, *words[1:]], env=environment(), capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, (line, ran.stderr)
        assert ran.stdout, line


def test_a_temporary_folder_by_default(tmp_path: Path) -> None:
    done = demo(cwd=tmp_path)
    folder = Path(re.search(r"made for this: (.*)", done.stdout)[1])  # type: ignore[index]
    assert folder.parent == tmp_path
    assert (folder / "fork" / ".git").is_dir()


def test_git_says_the_same(tmp_path: Path) -> None:
    found = run_demo(tmp_path / "d", TODAY)

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(found.demo.fork), *arguments]
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
        return done.stdout

    git("checkout", "-q", "main")
    said = git("merge", "--no-edit", "upstream/main")
    assert tuple(line for line in said.splitlines() if line.startswith("CONFLICT")) == found.conflicts


def test_refuses_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "full" / "fork").mkdir(parents=True)
    for name in ("file", "full"):
        with pytest.raises(UsageError):
            run_demo(tmp_path / name, TODAY)
    assert list((tmp_path / "full").iterdir()) == [tmp_path / "full" / "fork"]
