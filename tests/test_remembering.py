"""What `syncfork continue` remembers of a conflict that a person resolved, with real git from end to end."""

from __future__ import annotations

from pathlib import Path

import pytest
from git_fixtures import Repo, numbered

from syncfork.resolve.resolution import Resolution
from syncfork.resolve.written import read_resolution

FOLDER = ".syncfork/resolutions"


@pytest.fixture
def torn(repo: Repo) -> Repo:
    """A fork that changed one line of a story and deleted a file; upstream changed both."""
    base = repo.commit({"story.txt": numbered(20), "old.txt": "old\n"})
    ours = repo.commit({"story.txt": numbered(20, {9: "ours"}), "old.txt": None}, base)
    theirs = repo.commit({"story.txt": numbered(20, {9: "theirs"}), "old.txt": "older\n"}, base)
    repo.branch("upstream", theirs)
    repo.checkout("main", ours)
    return repo


def begin(repo: Repo, upstream: str = "upstream") -> None:
    done = repo.syncfork("merge", upstream)
    assert done.code == 1, done.out + done.err


def resolve(repo: Repo, **files: bytes) -> None:
    """Resolve as a person does: `story` stands for story.txt."""
    for name, content in files.items():
        (repo.path / f"{name}.txt").write_bytes(content)
        repo.git("add", f"{name}.txt")


def remembered(repo: Repo, revision: str = "HEAD") -> dict[str, Resolution]:
    """The resolutions in a commit, by file."""
    found = {}
    for path, (_, content) in repo.files(revision).items():
        if path.startswith(f"{FOLDER}/"):
            resolution = read_resolution(path, content)
            assert isinstance(resolution, Resolution), resolution
            found[path] = resolution
    return found


def test_what_a_person_resolved_is_part_of_the_merge_commit(torn: Repo) -> None:
    fork, upstream = torn.git("rev-parse", "main"), torn.git("rev-parse", "upstream")
    begin(torn)
    resolve(torn, story=numbered(20, {9: "both"}))
    torn.git("rm", "-q", "old.txt")
    done = torn.syncfork("continue", "--reason", "The tale wants both.")
    assert done.code == 0, done.out + done.err
    assert f"remembered 2 resolutions in {FOLDER}\n" in done.out
    assert torn.git("rev-list", "--parents", "-n1", "HEAD").split()[1:] == [fork, upstream]
    assert torn.git("status", "--porcelain") == ""
    found = {item.kind: item for item in remembered(torn).values()}
    clash = found["clash"]
    assert (clash.path, clash.base, clash.ours, clash.theirs, clash.result) == (
        "story.txt", "line 9\n", "ours\n", "theirs\n", "both\n"
    )  # fmt: skip
    assert clash.merge == (fork, upstream)
    assert (clash.author, clash.reason) == ("Tess Ter", "The tale wants both.")
    assert clash.sealed
    assert (found["path"].path, found["path"].result) == ("old.txt", None)
