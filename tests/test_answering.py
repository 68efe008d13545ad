"""What a fork remembers is used by the next merge, which says so; what may not be used is told."""

from __future__ import annotations

import json

import pytest
from git_fixtures import Repo, numbered

FOLDER = ".syncfork/resolutions"
BOTH = numbered(20, {9: "ours and theirs"})


@pytest.fixture
def torn(repo: Repo) -> Repo:
    """A fork whose first sync was resolved by hand and thrown away; main has what was remembered of it."""
    base = repo.commit({"story.txt": numbered(20)})
    ours = repo.commit({"story.txt": numbered(20, {9: "ours"})}, base)
    repo.branch("upstream", repo.commit({"story.txt": numbered(20, {9: "theirs"})}, base))
    repo.checkout("main", ours)
    assert repo.syncfork("merge", "upstream").code == 1
    (repo.path / "story.txt").write_bytes(BOTH)
    repo.git("add", "story.txt")
    assert repo.syncfork("continue", "--reason", "both are meant").code == 0
    sync = repo.git("branch", "--show-current").strip()
    repo.git("checkout", "-q", "main")
    repo.git("checkout", sync, "--", FOLDER)
    repo.git("commit", "-qm", "Remember")
    return repo


def test_the_same_conflict_is_resolved_alone_and_the_merge_says_why(torn: Repo) -> None:
    done = torn.syncfork("merge", "upstream")
    assert done.code == 0, done.out + done.err
    assert torn.read("HEAD", "story.txt") == BOTH
    for told in (done.out, torn.git("log", "-1", "--format=%B")):
        assert "memory " in told and "both are meant" in " ".join(told.split())


def test_json_and_ledger_name_it(torn: Repo) -> None:
    done = json.loads(torn.syncfork("merge", "upstream", "--dry-run", "--format", "json").out)
    [item] = done["resolutions"]
    assert (item["path"], item["clashes"], item["whole"]) == ("story.txt", 1, True)
    assert not done["ledger"]["unexplained"]
    assert any(item["by"] in name for name in done["ledger"]["from_theirs"])


@pytest.mark.parametrize("how", ["md", "html"])
def test_every_report_names_it(torn: Repo, how: str) -> None:
    path = torn.path.parent / f"report.{how}"
    done = torn.syncfork("drift", "upstream", "--output", str(path))
    assert path.exists(), done.err
    assert "both are meant" in path.read_text()


def test_what_was_altered_by_hand_is_told_and_not_used(torn: Repo) -> None:
    [name] = torn.git("ls-files", FOLDER).split()
    file = torn.path / name
    file.write_text(file.read_text().replace("ours and theirs", "something else"))
    torn.git("commit", "-qam", "Alter")
    done = torn.syncfork("merge", "upstream")
    assert done.code == 1
    assert "altered by hand" in " ".join(done.out.split()) and "resolutions seal" in " ".join(
        done.out.split()
    )
    assert "<<<<<<<" in (torn.path / "story.txt").read_text()
