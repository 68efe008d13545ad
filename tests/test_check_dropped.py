"""`syncfork check` on merges of upstream that people committed: what they dropped where git had no conflict."""

from __future__ import annotations

from typing import Any

import pytest
from git_fixtures import Repo, numbered, rule_files

BASE = {"a.txt": numbered(40), "b.txt": numbered(40), "c.txt": b"1\n"}
OURS = {"a.txt": numbered(40, {3: "our three", 20: "our twenty"}), "b.txt": numbered(40, {5: "our five"})}
THEIRS = {"a.txt": numbered(40, {20: "their twenty", 35: "their thirty-five"}), "c.txt": b"2\n"}


@pytest.fixture
def sides(repo: Repo) -> tuple[str, str]:
    base = repo.commit(BASE)
    ours, theirs = repo.commit(OURS, base), repo.commit(THEIRS, base)
    repo.checkout("main", ours)
    repo.branch("upstream", theirs)
    repo.git("config", "remote.upstream.url", str(repo.path))
    repo.git("update-ref", "refs/remotes/upstream/main", theirs)
    return ours, theirs


def merged(changes: dict[int, str]) -> bytes:
    return numbered(40, {3: "our three", 20: "both", 35: "their thirty-five", **changes})


def dropped(repo: Repo, commit: str, base: str) -> list[dict[str, Any]]:
    ran = repo.syncfork("check", commit, "--base", base, "--format", "json")
    return [finding for finding in ran.report["findings"] if finding["detector"] == "dropped"]


def test_a_merge_as_git_makes_it_is_fine(repo: Repo, sides: tuple[str, str]) -> None:
    made = repo.commit({"a.txt": merged({}), "c.txt": b"2\n"}, *sides)
    assert dropped(repo, made, sides[0]) == []


@pytest.mark.parametrize(
    ("change", "whose", "text"),
    [({3: "line 3"}, "the fork's", "our three"), ({35: "line 35"}, "upstream's", "their thirty-five")],
)
def test_a_change_of_either_side_that_is_gone_is_a_decision(
    repo: Repo, sides: tuple[str, str], change: dict[int, str], whose: str, text: str
) -> None:
    made = repo.commit({"a.txt": merged(change), "c.txt": b"2\n"}, *sides)
    [found] = dropped(repo, made, sides[0])
    assert found["class"] == "decision" and found["path"] == "a.txt"
    assert f"dropped by hand, where no conflict was: {whose} change, `{text}`" in found["message"]
    assert repo.syncfork("check", made, "--base", sides[0]).code == 1


def test_a_file_that_is_left_out_is_told(repo: Repo, sides: tuple[str, str]) -> None:
    made = repo.commit({"a.txt": merged({}), "b.txt": BASE["b.txt"], "c.txt": b"1\n"}, *sides)
    assert {found["path"] for found in dropped(repo, made, sides[0])} == {"b.txt", "c.txt"}


def test_what_a_later_commit_brings_back_is_not_told(repo: Repo, sides: tuple[str, str]) -> None:
    made = repo.commit({"a.txt": merged({3: "line 3", 35: "line 35"}), "c.txt": b"2\n"}, *sides)
    mended = repo.commit({"a.txt": merged({3: "line 3"})}, made)
    [found] = dropped(repo, mended, sides[0])
    assert "our three" in found["message"]
    assert dropped(repo, repo.commit({"a.txt": merged({})}, mended), sides[0]) == []


def test_what_a_later_commit_takes_out_was_not_dropped_by_the_merge(
    repo: Repo, sides: tuple[str, str]
) -> None:
    made = repo.commit({"a.txt": merged({}), "c.txt": b"2\n"}, *sides)
    assert dropped(repo, repo.commit({"a.txt": merged({3: "line 3"})}, made), sides[0]) == []


def test_what_a_rule_does_is_not_dropped(repo: Repo) -> None:
    rule = "id: keep-c\nfiles: [c.txt]\nown: ours\nwhy: c is ours, and upstream's means nothing here\n"
    base = repo.commit(BASE)
    ours = repo.commit({**OURS, "c.txt": b"ours\n", **rule_files(rule)}, base)
    theirs = repo.commit(THEIRS, base)
    repo.checkout("main", ours)
    repo.git("config", "remote.upstream.url", str(repo.path))
    repo.git("update-ref", "refs/remotes/upstream/main", theirs)
    made = repo.commit({"a.txt": merged({}), "c.txt": b"ours\n"}, ours, theirs)
    assert dropped(repo, made, ours) == []


def test_what_continue_let_pass_is_accepted(repo: Repo, sides: tuple[str, str]) -> None:
    assert repo.syncfork("merge", "upstream/main").code == 1
    (repo.path / "a.txt").write_bytes(merged({3: "line 3"}))
    repo.git("add", "a.txt")
    assert repo.syncfork("continue").code == 1
    done = repo.syncfork("continue", "--accept", "a.txt", "--reason", "three is as upstream has it now")
    assert done.code == 0, done.out
    [found] = dropped(repo, repo.git("rev-parse", "HEAD"), sides[0])
    assert found["accepted"] == "the merge's message says so"
    assert repo.syncfork("check", "HEAD", "--base", sides[0]).code == 0


def test_it_can_be_accepted_for_good(repo: Repo, sides: tuple[str, str]) -> None:
    accepting = (
        '[[accept]]\ndetector = "dropped"\nfiles = ["a.txt"]\nreason = "three is as upstream has it now"\n'
    )
    made = repo.commit({"a.txt": merged({3: "line 3"}), "c.txt": b"2\n", "syncfork.toml": accepting}, *sides)
    [found] = dropped(repo, made, sides[0])
    assert found["accepted"] == "three is as upstream has it now"


def test_what_a_command_makes_is_not_dropped(repo: Repo) -> None:
    made_from = "hold:\n  - made-from: [c.txt]\n    by: make b\n"
    rule = f"id: made-b\nfiles: [b.txt]\n{made_from}why: b is made from c, whoever writes a line of it\n"
    base = repo.commit(BASE)
    ours = repo.commit({**OURS, **rule_files(rule)}, base)
    theirs = repo.commit(THEIRS, base)
    repo.checkout("main", ours)
    repo.git("config", "remote.upstream.url", str(repo.path))
    repo.git("update-ref", "refs/remotes/upstream/main", theirs)
    made = repo.commit({"a.txt": merged({}), "b.txt": b"made anew\n", "c.txt": b"2\n"}, ours, theirs)
    assert dropped(repo, made, ours) == []
    assert dropped(repo, repo.commit({"a.txt": merged({3: "line 3"}), "c.txt": b"2\n"}, ours, theirs), ours)
