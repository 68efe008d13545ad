"""`syncfork rules apply`: what a merge would do to the fork's files, in the worktree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from git_fixtures import LINK, Repo, rule_files

MINE = "id: mine\nfiles: ['*.txt', 'd/*']\nrewrite: [{replace: {literal: theirs}, with: mine, expect: any}]\n"
ONE = "id: one\nfiles: ['d/*']\nrewrite: [{replace: {literal: x}, with: y}]\n"


@pytest.fixture
def fork(repo: Repo) -> Repo:
    files = {
        "a.txt": "theirs\n",
        "b.txt": b"theirs\r\n\xff\r\n",
        "c.md": "theirs\n",
        "d/e": "theirs x\n",
        "d/f": "n\n",
    }
    repo.checkout("main", repo.commit({**files, "l.txt": (LINK, b"c.md"), **rule_files(MINE, ONE)}))
    return repo


def contents(repo: Repo) -> dict[str, bytes]:
    return {name: (repo.path / name).read_bytes() for name in ("a.txt", "b.txt", "c.md", "d/e", "d/f")}


def test_all_files_that_rules_govern(fork: Repo) -> None:
    """To the byte, and what cannot be done is told; a link is left alone, and where it leads, too."""
    done = fork.syncfork("rules", "apply", "--format", "json")
    report = json.loads(done.out)
    assert (done.code, report["exit_code"], report["files"]) == (1, 1, 5)
    assert [(w["path"], w["rules"]) for w in report["written"]] == [
        ("a.txt", ["mine"]), ("b.txt", ["mine"]), ("d/e", ["mine", "one"]),
    ]  # fmt: skip
    left = {(item["path"], item["rule"]) for item in report["left"]}
    assert left == {("d/f", "one"), ("l.txt", "")}
    assert contents(fork) == {
        "a.txt": b"mine\n", "b.txt": b"mine\r\n\xff\r\n", "c.md": b"theirs\n", "d/e": b"mine y\n", "d/f": b"n\n",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "written"),
    [
        (["a.txt"], {"a.txt"}),
        (["d"], {"d/e"}),
        (["--rule", "one"], {"d/e"}),
        (["--rule", "mine", "a.txt", "d/e"], {"a.txt", "d/e"}),
        (["c.md"], set()),
        ([".", "--dry-run"], set()),
    ],
)
def test_only_what_is_named(fork: Repo, words: list[str], written: set[str]) -> None:
    before = contents(fork)
    done = fork.syncfork("rules", "apply", *words)
    assert "Traceback" not in done.err
    assert {name for name, content in contents(fork).items() if content != before[name]} == written


def test_paths_are_of_the_folder_one_is_in(fork: Repo) -> None:
    done = fork.syncfork("-C", str(fork.path / "d"), "rules", "apply", "e", "../a.txt")
    assert done.code == 0, done.err
    assert "2 files written, of 2 files that the rules govern" in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--rule", "nope"], "there is no rule 'nope' here"),
        (["nothing.txt"], "nothing.txt does not exist"),
        (["../elsewhere"], "is not in this repository"),
    ],
)
def test_what_is_not_there_is_told(fork: Repo, words: list[str], said: str) -> None:
    done = fork.syncfork("rules", "apply", *words)
    assert done.code == 2
    assert said in done.err


def test_a_file_in_conflict_is_left_alone_and_the_mode_stays(fork: Repo) -> None:
    (fork.path / "a.txt").chmod(0o755)
    side = fork.commit({"d/e": "other x\n"}, fork.git("rev-parse", "HEAD"))
    fork.checkout("main", fork.commit({"d/e": "own x\n"}, fork.git("rev-parse", "HEAD")))
    fork.call("merge", side)
    torn = (fork.path / "d" / "e").read_bytes()
    assert b"<<<<<<<" in torn
    done = fork.syncfork("rules", "apply")
    assert (done.code, "d/e  in conflict: resolve it first" in done.out) == (1, True), done.out
    assert (fork.path / "d" / "e").read_bytes() == torn
    assert (fork.path / "a.txt").read_bytes() == b"mine\n"


def test_nothing_is_written_outside(fork: Repo, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "e").write_text("theirs x\n")
    (fork.path / "d").rename(tmp_path / "d")
    (fork.path / "d").symlink_to(tmp_path / "out")
    assert fork.syncfork("rules", "apply").code == 1
    assert (tmp_path / "out" / "e").read_text() == "theirs x\n"


def test_a_bare_repository_has_no_files(tmp_path: Path) -> None:
    done = Repo.create(tmp_path / "bare", bare=True).syncfork("rules", "apply")
    assert (done.code, "bare repository" in done.err) == (2, True)
