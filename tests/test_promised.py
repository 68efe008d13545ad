"""Partial clones: what they left with their remote is fetched a few times, not blob by blob, and stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from git_fixtures import Repo, environment, numbered

from syncfork.git.repository import Repository


@pytest.fixture
def partial(repo: Repo, tmp_path: Path) -> Repo:
    """A clone without blobs of a fork that conflicts with upstream, which changed many files in many commits."""
    files = {f"src/{n}.txt": numbered(20) for n in range(30)}
    base = repo.commit({**files, "story.txt": numbered(40)})
    theirs = base
    for n in range(10):
        changes = {f"src/{m}.txt": numbered(20, {m % 20: f"of {n}"}) for m in range(n, 30, 10)}
        theirs = repo.commit(
            {**changes, "story.txt": numbered(40, {9: f"theirs {n}"})}, theirs, message=f"Tell {n}"
        )
    ours = repo.commit(
        {"story.txt": numbered(40, {9: "ours"}), "src/3.txt": numbered(20, {19: "ours"})}, base
    )
    repo.branch("upstream", theirs)
    repo.checkout("main", ours)
    for name in ("allowFilter", "allowAnySHA1InWant"):
        repo.git("config", f"uploadpack.{name}", "true")
    found = Repo(tmp_path / "partial")
    repo.git("clone", "-q", "--filter=blob:none", "--no-checkout", repo.path.as_uri(), str(found.path))
    found.git("checkout", "-q", "main")
    found.git("branch", "-q", "--no-track", "upstream", "origin/upstream")
    return found


def fetches(folder: Path) -> int:
    """How many processes that git traced into `folder` were to fetch something."""
    started = (json.loads(line) for path in folder.iterdir() for line in path.read_text().splitlines())
    return sum(event["event"] == "start" and "fetch" in event["argv"] for event in started)


def test_what_was_left_with_the_remote_is_fetched_a_few_times_and_stays(
    partial: Repo, repo: Repo, tmp_path: Path
) -> None:
    (tmp_path / "traces").mkdir()
    asked = ("merge", "--dry-run", "--format=json")
    traced = environment(GIT_TRACE2_EVENT=str(tmp_path / "traces"))
    found = partial.syncfork(*asked, "upstream", env=traced).report
    assert 1 <= fetches(tmp_path / "traces") <= 3
    whole = repo.syncfork(*asked, "upstream").report
    assert found["result"] == whole["result"]
    assert found["conflicts"] == whole["conflicts"] and found["conflicts"][0]["culprits"]
    # Nothing of it was fetched into a place that is gone by now.
    repo.path.rename(tmp_path / "away")
    again = partial.syncfork(*asked, "upstream").report
    assert {**again, "finished": 0} == {**found, "finished": 0}


def test_each_remote_is_asked_for_what_it_has(partial: Repo, repo: Repo, tmp_path: Path) -> None:
    """Upstream's blobs are at upstream's remote only, whose name has a capital, and the fork's at its own."""
    upstream = Repo.create(tmp_path / "up", bare=True)
    upstream.git("fetch", "-q", repo.path.as_uri(), "upstream:refs/heads/main")
    for name in ("allowFilter", "allowAnySHA1InWant"):
        upstream.git("config", f"uploadpack.{name}", "true")
    clone = Repo(tmp_path / "two")
    repo.git("branch", "-D", "upstream")
    repo.git("gc", "-q", "--prune=now")
    partial.git("clone", "-q", "--filter=blob:none", "--no-checkout", repo.path.as_uri(), str(clone.path))
    clone.git("remote", "add", "UpStream", upstream.path.as_uri())
    clone.git("fetch", "-q", "--filter=blob:none", "UpStream")
    repository = Repository.open(clone.path)
    assert repository.promisors == ["origin", "UpStream"]
    names = [f"{side}:src/{n}.txt" for side in ("UpStream/main", "origin/main") for n in range(30)]
    (tmp_path / "lazy").mkdir()
    door = repository.git.with_environment(GIT_TRACE2_EVENT=str(tmp_path / "lazy"))
    assert all(repository.blobs(names, door).values())
    assert fetches(tmp_path / "lazy") == 0


def test_what_a_server_has_lost_keeps_nothing_else_away(partial: Repo, repo: Repo) -> None:
    lost = repo.trees[repo.git("rev-parse", "upstream")][b"src/7.txt"][1]
    repo.object_path(lost).unlink()
    there = Repository.open(partial.path).blobs([f"upstream:src/{n}.txt" for n in range(30)])
    # The two have the same text.
    missing = ["upstream:src/7.txt", "upstream:src/27.txt"]
    assert [name for name, content in there.items() if content is None] == missing


def test_where_there_is_nothing_to_merge_nothing_is_fetched(
    partial: Repo, repo: Repo, tmp_path: Path
) -> None:
    partial.git("branch", "-q", "old", "main~1")
    repo.path.rename(tmp_path / "away")
    assert partial.syncfork("merge", "--dry-run", "old").code == 0


def test_a_clone_of_an_older_git_names_its_remote_once(partial: Repo) -> None:
    partial.git("config", "--unset", "remote.origin.promisor")
    partial.git("config", "extensions.partialClone", "origin")
    assert Repository.open(partial.path).promisors == ["origin"]


def test_files_are_asked_for_by_their_places_at_once(partial: Repo, repo: Repo, tmp_path: Path) -> None:
    repository = Repository.open(partial.path)
    before = len(list((partial.git_dir / "objects/pack").glob("*.promisor")))
    names = [f"origin/upstream:src/{n}.txt" for n in range(30)]
    there = repository.blobs([*names, "origin/upstream:src", "origin/upstream:no/such", "no-such-rev:a"])
    assert all(there[name] for name in names)
    assert there["origin/upstream:no/such"] is None is there["no-such-rev:a"]
    assert len(list((partial.git_dir / "objects/pack").glob("*.promisor"))) == before + 1


def test_a_remote_that_is_gone_is_an_error_and_no_traceback(
    partial: Repo, repo: Repo, tmp_path: Path
) -> None:
    repo.path.rename(tmp_path / "away")
    before = partial.snapshot()
    done = partial.syncfork("merge", "origin/upstream")
    assert done.code == 3 and "Traceback" not in done.err, done.err
    assert "error: " in done.err
    assert partial.snapshot() == before


def test_a_whole_clone_has_nothing_to_fetch(repo: Repo) -> None:
    repo.checkout("main", repo.commit({"a": "1\n"}))
    assert not Repository.open(repo.path).promisors
