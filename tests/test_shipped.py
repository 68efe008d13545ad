"""What upstream ships in the places that syncfork reads in a fork: it is named when it comes, and decides nothing."""

from __future__ import annotations

import json
from datetime import date

import pytest
from git_fixtures import Repo, numbered
from test_answering import BOTH, FOLDER, torn

from syncfork import __version__
from syncfork.resolve.table import Row, Table, to_text

__all__ = ["torn"]

TABLE = ".syncfork/resolvers.toml"


def flat(text: str) -> str:
    return " ".join(text.split())


def test_resolutions_that_upstream_wrote_answer_nothing(torn: Repo) -> None:
    [name] = torn.git("ls-files", FOLDER).split()
    written = (torn.path / name).read_bytes()
    torn.branch("upstream", torn.commit({name: written}, torn.git("rev-parse", "upstream")))
    done = torn.syncfork("merge", "upstream")
    assert done.code == 1
    assert f"upstream wrote {name}" in flat(done.out)
    assert "<<<<<<<" in (torn.path / "story.txt").read_text()
    # What the person decides on their own is the fork's, and is remembered beside it.
    (torn.path / "story.txt").write_bytes(BOTH)
    torn.git("add", "story.txt")
    done = torn.syncfork("continue")
    assert "remembered 1 resolution" in done.out, done.out + done.err
    assert len(torn.git("ls-files", FOLDER).split()) == 2


def test_what_an_earlier_merge_brought_is_upstreams_still(torn: Repo) -> None:
    [name] = torn.git("ls-files", FOLDER).split()
    written = (torn.path / name).read_bytes()
    base = torn.git("merge-base", "main", "upstream")
    came = torn.commit({name: written}, base)
    ours = torn.commit({"story.txt": numbered(20, {9: "ours"})}, came)
    torn.branch("upstream", torn.commit({name: None, "story.txt": numbered(20, {9: "theirs"})}, came))
    torn.checkout("other", ours)
    done = torn.syncfork("merge", "upstream", "--dry-run")
    assert f"upstream wrote {name}" in flat(done.out)
    assert "1 conflict" in done.out


@pytest.mark.parametrize("shipped", [True, False])
def test_a_table_that_upstream_wrote_switches_nothing_on(repo: Repo, shipped: bool) -> None:
    row = Row("sides: theirs where both changed", "*", 50, 50, 9, True, "right each time")
    table = to_text(Table(date(2026, 1, 1), "0" * 40, __version__, 50, (row,)))
    base = repo.commit({"story.txt": numbered(20)})
    brings: dict[str | bytes, bytes] = {TABLE: table.encode()} if shipped else {}
    theirs = repo.commit({"story.txt": numbered(20, {9: "theirs"}), **brings}, base)
    repo.branch("upstream", theirs)
    repo.checkout("main", repo.commit({"story.txt": numbered(20, {9: "ours"}), TABLE: table.encode()}, base))
    done = repo.syncfork("merge", "upstream", "--dry-run")
    assert (f"upstream wrote {TABLE}" in flat(done.out)) == shipped


@pytest.mark.parametrize(
    "path", [TABLE, f"{FOLDER}/a.yml", "patches/theirs.yml", "patches/deep/theirs.yml", "syncfork.toml"]
)
def test_a_file_that_syncfork_would_read_is_a_decision_when_it_comes(repo: Repo, path: str) -> None:
    own = {"syncfork.toml": b'rules = "patches"\n', "patches/README": b"\n"}
    base = repo.commit({"story.txt": numbered(20)})
    repo.branch("upstream", repo.commit({path: b'upstream = "x"\n', "other.yml": b"a: 1\n"}, base))
    mine = {name: content for name, content in own.items() if name != path}
    repo.checkout("main", repo.commit({**mine, "mine.txt": b"1\n"}, base))
    report = json.loads(repo.syncfork("merge", "upstream", "--dry-run", "--format", "json").out)
    [found] = [item for item in report["findings"] if item["detector"] == "shipped"]
    assert (found["class"], found["path"], found["fix"]) == ("decision", path, f"git rm {path}")
    assert "upstream brings a file that syncfork reads here" in found["message"]


def test_a_file_of_the_forks_that_upstream_changes_is_one_too(repo: Repo) -> None:
    base = repo.commit({"story.txt": numbered(20), "syncfork.toml": b"[budgets]\ndays = 9\n"})
    repo.branch("upstream", repo.commit({"syncfork.toml": b"[budgets]\ndays = 8\n"}, base))
    repo.checkout("main", repo.commit({"mine.txt": b"1\n"}, base))
    report = json.loads(repo.syncfork("merge", "upstream", "--dry-run", "--format", "json").out)
    [found] = [item for item in report["findings"] if item["detector"] == "shipped"]
    assert "upstream changes a file" in found["message"] and found["fix"].startswith("git checkout ")


@pytest.mark.parametrize("removed", [True, False])
def test_what_a_person_takes_out_before_the_merge_is_made_is_decided(torn: Repo, removed: bool) -> None:
    theirs = torn.commit({f"{FOLDER}/theirs.yml": b"a: 1\n"}, torn.git("rev-parse", "upstream"))
    torn.branch("upstream", theirs)
    torn.git("rm", "-q", *torn.git("ls-files", FOLDER).split())
    torn.git("commit", "-qm", "Forget")
    assert torn.syncfork("merge", "upstream").code == 1
    (torn.path / "story.txt").write_bytes(BOTH)
    torn.git("add", "story.txt")
    if removed:
        torn.git("rm", "-qf", f"{FOLDER}/theirs.yml")
    assert torn.syncfork("continue").code == (0 if removed else 1)
