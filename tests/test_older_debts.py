"""What an invariant forbids and the fork had before: told as such by every verb, never as if all were well."""

from __future__ import annotations

import pytest
from git_fixtures import Repo, numbered, rule_files

from syncfork.config import load_setup
from syncfork.git.repository import Repository

RULE = """\
id: gradle
why: It has to parse, and one stays.
files: [build.gradle]
hold:
- parses: auto
- require: {literal: 'one'}
"""
UNKNOWN = "the language of build.gradle is not known from its name"
GONE = "the text 'one' is here 0 times"


@pytest.fixture
def fork(repo: Repo) -> Repo:
    """A fork that breaks an intent of its own, and whose merge has a conflict elsewhere."""
    base = repo.commit({"story": numbered(9), "build.gradle": "two\n"})
    repo.branch("up", repo.commit({"story": numbered(9, {3: "theirs"})}, base))
    repo.checkout("main", repo.commit({"story": numbered(9, {3: "ours"}), **rule_files(RULE)}, base))
    return repo


def test_every_verb_tells_older_debts_as_such(fork: Repo) -> None:
    alone = fork.syncfork("check")
    assert alone.code == 1 and "Something is broken." in alone.out
    begun = fork.syncfork("merge", "up")
    assert "2 older debts, here before\n" in begun.out and UNKNOWN in begun.out and GONE in begun.out
    (fork.path / "story").write_bytes(numbered(9, {3: "both"}))
    fork.git("add", "story")
    gone_on = fork.syncfork("continue")
    assert gone_on.code == 0
    assert "2 older debts, here before\n" in gone_on.out and UNKNOWN in gone_on.out and GONE in gone_on.out
    judged = fork.syncfork("check", "--base", "main")
    assert judged.code == 0 and "2 older debts, here before\n" in judged.out
    assert "Every intent holds." not in judged.out
    assert "Nothing more is broken than before; the older debts above are still there." in judged.out
    badge = fork.syncfork("check", "--base", "main", "--format", "badge").out
    assert '"message": "2 older debts", "color": "yellow"' in badge
    shown = fork.syncfork("report", "--format", "markdown").out
    assert "<summary>Older debts, here before</summary>" in shown and UNKNOWN in shown
    assert "Older debts, here before" in fork.syncfork("report", "--format", "html").out


def test_a_rule_whose_invariant_was_broken_before_is_not_satisfied(fork: Repo) -> None:
    drifted = fork.syncfork("drift", "up", "--format", "json").report
    [health] = [item for item in drifted["drift"]["health"] if item["id"] == "gradle"]
    assert health["state"] == "lost" and health["detail"].endswith(", before the merge as well")
    assert "never ran" in fork.syncfork("rules", "show", "gradle").out
    fork.syncfork("merge", "up")
    assert "last     2 findings" in fork.syncfork("rules", "show", "gradle").out


def test_what_is_accepted_or_mended_is_no_debt(fork: Repo) -> None:
    fork.checkout(
        "main", fork.commit({"build.gradle": "one\n", **rule_files(RULE.replace("- parses: auto\n", ""))})
    )
    judged = fork.syncfork("check", "--base", "main~0")
    assert judged.code == 0 and "Every intent holds." in judged.out and "older debt" not in judged.out


def test_rules_in_the_usual_folder_that_the_configuration_does_not_name(repo: Repo) -> None:
    files = {"syncfork.toml": 'upstream = "up"\n', ".syncfork/rules/gradle.yml": RULE}
    base = repo.commit({"story": numbered(9), "build.gradle": "one\n"})
    repo.branch("up", repo.commit({"story": numbered(9, {3: "theirs"})}, base))
    repo.checkout("main", repo.commit(dict(files), base))
    told = 'syncfork.toml names no folder of `rules`, so gradle.yml in .syncfork/rules is not read: rules = ".syncfork/rules"'
    assert repo.syncfork("merge", "up", "--dry-run", "--format", "json").report["warnings"] == [told]


def test_rules_that_a_later_commit_names_are_not_told_of_an_older_one(repo: Repo) -> None:
    first = repo.commit({"syncfork.toml": 'upstream = "up"\n'})
    files = {"syncfork.toml": 'rules = ".syncfork/rules"\n', ".syncfork/rules/gradle.yml": RULE}
    repo.checkout("main", repo.commit(dict(files), first))
    assert load_setup(Repository.open(repo.path), first).warnings == ()


@pytest.mark.parametrize("named", ["gradle", "build.gradle"])
def test_an_older_debt_can_be_accepted_as_a_merge_is_finished(fork: Repo, named: str) -> None:
    fork.syncfork("merge", "up")
    (fork.path / "story").write_bytes(numbered(9, {3: "both"}))
    fork.git("add", "story")
    gone_on = fork.syncfork("continue", "--accept", named, "--reason", "it has two now")
    assert gone_on.code == 0 and "older debt" not in gone_on.out
    assert gone_on.out.count("because: it has two now") == 2
    written = fork.git("log", "-1", "--format=%B")
    assert (
        f"Accepted by hand:\n- build.gradle:1: {UNKNOWN}" in written and written.count("it has two now") == 2
    )
