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
    stand(repo, ours, theirs)
    return ours, theirs


def stand(repo: Repo, ours: str, theirs: str) -> None:
    """The fork is at `ours`, and knows upstream's main branch, which is at `theirs`."""
    repo.checkout("main", ours)
    repo.git("config", "remote.upstream.url", str(repo.path))
    repo.git("update-ref", "refs/remotes/upstream/main", theirs)


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
    stand(repo, ours, theirs)
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
    stand(repo, ours, theirs)
    made = repo.commit({"a.txt": merged({}), "b.txt": b"made anew\n", "c.txt": b"2\n"}, ours, theirs)
    assert dropped(repo, made, ours) == []
    assert dropped(repo, repo.commit({"a.txt": merged({3: "line 3"}), "c.txt": b"2\n"}, ours, theirs), ours)


def test_a_rule_that_asks_for_nothing_leaves_its_files_to_be_looked_at(repo: Repo) -> None:
    made_from = "hold:\n  - made-from: [src.txt]\n    by: make b\n"
    rule = f"id: made-b\nfiles: [b.txt]\n{made_from}why: b is made from src, and src is as it was\n"
    base = repo.commit({**BASE, "src.txt": "1\n"})
    ours = repo.commit({**OURS, **rule_files(rule)}, base)
    theirs = repo.commit(THEIRS, base)
    stand(repo, ours, theirs)
    made = repo.commit({"a.txt": merged({}), "b.txt": BASE["b.txt"], "c.txt": b"2\n"}, ours, theirs)
    [found] = dropped(repo, made, ours)
    assert found["path"] == "b.txt" and "our five" in found["message"]


def test_a_file_that_upstream_deleted_and_the_merge_has_is_told(repo: Repo) -> None:
    base = repo.commit({**BASE, "gone.txt": "1\n"})
    ours, theirs = repo.commit(OURS, base), repo.commit({**THEIRS, "gone.txt": None}, base)
    stand(repo, ours, theirs)
    made = repo.commit({"a.txt": merged({}), "c.txt": b"2\n"}, ours, theirs)
    [found] = dropped(repo, made, ours)
    assert found["path"] == "gone.txt" and "upstream's change, the file is back" in found["message"]


@pytest.mark.parametrize(("renamer", "whose"), [("theirs", "the fork's"), ("ours", "upstream's")])
def test_what_is_dropped_in_a_file_that_a_side_renamed_is_told(repo: Repo, renamer: str, whose: str) -> None:
    base = repo.commit({**BASE, "old.txt": numbered(40)})
    renamed = {"old.txt": None, "new.txt": numbered(40)}
    changed = {"old.txt": numbered(40, {9: "changed"})}
    ours = repo.commit({**OURS, **(renamed if renamer == "ours" else changed)}, base)
    theirs = repo.commit({**THEIRS, **(changed if renamer == "ours" else renamed)}, base)
    stand(repo, ours, theirs)
    kept = {"a.txt": merged({}), "c.txt": b"2\n", "old.txt": None}
    assert dropped(repo, repo.commit({**kept, "new.txt": changed["old.txt"]}, ours, theirs), ours) == []
    made = repo.commit({**kept, "new.txt": numbered(40)}, ours, theirs)
    [found] = dropped(repo, made, ours)
    assert found["path"] == "new.txt" and f"{whose} change, `changed`" in found["message"]


def test_each_merge_of_upstream_since_the_base_is_looked_at(repo: Repo, sides: tuple[str, str]) -> None:
    ours, theirs = sides
    first = repo.commit({"a.txt": merged({3: "line 3"}), "c.txt": b"2\n"}, ours, theirs)
    newer = repo.commit({"c.txt": b"3\n"}, theirs)
    repo.git("update-ref", "refs/remotes/upstream/main", newer)
    second = repo.commit({"c.txt": b"3\n"}, first, newer)
    [found] = dropped(repo, second, ours)
    assert "our three" in found["message"]
    # Without the first one's loss there is none.
    whole = repo.commit({"a.txt": merged({}), "c.txt": b"2\n"}, ours, theirs)
    assert dropped(repo, repo.commit({"c.txt": b"3\n"}, whole, newer), ours) == []


def test_a_line_in_the_message_without_a_reason_accepts_nothing(repo: Repo, sides: tuple[str, str]) -> None:
    files = {"a.txt": merged({3: "line 3"}), "c.txt": b"2\n"}
    [found] = dropped(repo, repo.commit(files, *sides), sides[0])
    said = f"Merge\n\nAccepted by hand:\n- a.txt:{found['line']}: {found['message']}:"
    for reason, accepted in (("", ""), (" ", ""), (" as upstream has it", "the merge's message says so")):
        [found] = dropped(repo, repo.commit(files, *sides, message=said + reason), sides[0])
        assert found["accepted"] == accepted


def test_a_lock_file_that_nothing_judges_and_is_a_sides_own_was_not_made_anew(repo: Repo) -> None:
    base = repo.commit({**BASE, "flake.lock": numbered(40)})
    mine, other = numbered(40, {3: "ours"}), numbered(40, {30: "theirs"})
    ours = repo.commit({**OURS, "flake.lock": mine}, base)
    theirs = repo.commit({**THEIRS, "flake.lock": other}, base)
    stand(repo, ours, theirs)
    kept = {"a.txt": merged({}), "c.txt": b"2\n"}
    [found] = dropped(repo, repo.commit({**kept, "flake.lock": mine}, ours, theirs), ours)
    assert found["path"] == "flake.lock" and "upstream's change, `theirs`" in found["message"]
    made_anew = repo.commit({**kept, "flake.lock": numbered(40, {3: "new", 30: "newer"})}, ours, theirs)
    assert dropped(repo, made_anew, ours) == []
