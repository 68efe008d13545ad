"""Upstream is fetched as the user would, and whoever waits is told how far that is."""

from __future__ import annotations

from pathlib import Path

from git_fixtures import Repo

from syncfork.git.door import Git
from syncfork.git.fetching import fetch


def remotes(tmp_path: Path, files: int) -> tuple[Repo, Repo]:
    far, here = Repo.create(tmp_path / "far"), Repo.create(tmp_path / "here")
    far.branch("main", far.commit({f"f{number}": f"{number}\n" for number in range(files)}))
    here.git("remote", "add", "upstream", far.path.as_uri())
    return far, here


def test_the_share_that_is_received_is_told(tmp_path: Path) -> None:
    far, here = remotes(tmp_path, 300)
    told: list[int] = []
    assert fetch(Git(here.path), "upstream", told.append).code == 0
    assert here.git("rev-parse", "upstream/main") == far.git("rev-parse", "main")
    assert told == sorted(told) and told[-1] == 100 and len(told) > 50


def test_what_is_here_already_is_no_failure(tmp_path: Path) -> None:
    _, here = remotes(tmp_path, 1)
    told: list[int] = []
    assert [fetch(Git(here.path), "upstream", told.append).code for _ in range(2)] == [0, 0]


def test_a_failure_says_what_git_said(tmp_path: Path) -> None:
    _, here = remotes(tmp_path, 1)
    here.git("remote", "set-url", "upstream", str(tmp_path / "gone"))
    done = fetch(Git(here.path), "upstream", lambda _: None)
    assert done.code and done.err.startswith("fatal: ") and "gone" in done.err


def test_tags_and_hooks_stay_out(tmp_path: Path) -> None:
    far, here = remotes(tmp_path, 1)
    far.git("tag", "v1", "main")
    hook = here.git_dir / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    assert fetch(Git(here.path), "upstream", lambda _: None).code == 0
    assert here.git("tag").split() == []
