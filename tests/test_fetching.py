"""Upstream is fetched as the user would, and whoever waits is told how far that is."""

from __future__ import annotations

from pathlib import Path

import pytest
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


def forced(tmp_path: Path, merged: bool) -> tuple[Repo, Repo]:
    """A fork that was at upstream's newest commit, or one before it; upstream then wrote that commit anew."""
    far, here = remotes(tmp_path, 3)
    base = far.git("rev-parse", "main")
    far.branch("main", far.commit({"f1": "new\n"}, base))
    here.git("fetch", "-q", "upstream")
    here.trees = far.trees
    tip = here.git("rev-parse", "upstream/main" if merged else "upstream/main~")
    here.checkout("main", here.commit({"own": "1\n"}, tip))
    far.branch("main", far.commit({"f2": "2 anew\n"}, base))
    return far, here


@pytest.mark.parametrize("verb", ["drift", "merge"])
@pytest.mark.parametrize("merged", [True, False])
def test_an_upstream_that_was_rewritten_is_told(tmp_path: Path, verb: str, merged: bool) -> None:
    far, here = forced(tmp_path, merged)
    before = here.git("rev-parse", "upstream/main")[:9]
    [told] = here.syncfork(verb, "--fetch", "--format", "json").report["warnings"]
    where = f"upstream was rewritten: {before}, where it stood at the last fetch, is not in it any more"
    assert told.partition("; ")[0] == where
    assert (
        ("what the fork had merged of it (1 commit)" in told)
        == ("git merge -s ours COMMIT" in told)
        == merged
    )
    # It is told once; and what upstream adds is not rewritten.
    far.branch("main", far.commit({"f0": "more\n"}, far.git("rev-parse", "main")))
    again = here.syncfork("drift", "--fetch", "--format", "json").report
    assert (again["behind"] > 0, again["warnings"]) == (True, [])


def test_a_rewritten_upstream_is_told_once_where_fetch_and_history_see_it(tmp_path: Path) -> None:
    far, here = forced(tmp_path, merged=True)
    history = ("--history", str(tmp_path / "history.jsonl"), "--format", "json")
    far.branch("kept", far.git("rev-parse", "main"))
    far.branch("main", here.git("rev-parse", "upstream/main"))
    assert here.syncfork("drift", "--fetch", *history).report["warnings"] == []
    far.branch("main", far.git("rev-parse", "kept"))
    [told] = here.syncfork("drift", "--fetch", *history).report["warnings"]
    assert "where it stood at the last fetch" in told
