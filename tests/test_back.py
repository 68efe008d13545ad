"""What the fork takes back, or loses sight of, is no longer decided by what was learned of it."""

from __future__ import annotations

from datetime import date

import pytest
from git_fixtures import Repo, numbered, rule_files
from test_learn import Fork, of

from syncfork.resolve.back import cautious
from syncfork.resolve.base import Answer, Clash, Disputed, resolve
from syncfork.resolve.memory import Filed, Memory
from syncfork.resolve.resolution import Joined, record

LEARNED = "learned: {by: deletions, bearing: 9}\n"
ABSENT = "id: gone\nfiles: [ci/a.yml, ci/b.yml]\nown: absent\n"
A, B, OTHER = "ci/a.yml", "ci/b.yml", "other/c.yml"
TEXT = "a\nb\nc\n"


def partly_back(repo: Repo, rule: str, back: str | None = TEXT, new: str = "") -> Repo:
    """The fork took out two files, and has one of them again; upstream changes the other."""
    base = repo.commit({A: TEXT, B: TEXT})
    repo.checkout(
        "main", repo.commit({A: back, B: None, **({new: "x\n"} if new else {}), **rule_files(rule)}, base)
    )
    repo.branch("upstream", repo.commit({B: "a\nB\nc\n"}, base))
    return repo


def test_a_learned_rule_that_the_fork_contradicts_is_not_applied(repo: Repo) -> None:
    ran = partly_back(repo, ABSENT + LEARNED).syncfork("merge", "upstream", "--dry-run", "--format", "json")
    [asked] = [f for f in ran.report["findings"] if f["detector"] == "lapsed-rule"]
    assert asked["message"] == (
        f"this learned rule is not applied to {B}: the fork has {A}, which it keeps out"
    )
    assert "`files` in .syncfork/rule-1.yml" in asked["fix"]
    assert [item["path"] for item in ran.report["conflicts"]] == [B]
    # What people took back is not taken out again.
    assert repo.read(ran.report["result"]["tree"], A) == TEXT.encode()


def test_a_rule_that_people_wrote_is_held_to(repo: Repo) -> None:
    ran = partly_back(repo, ABSENT).syncfork("merge", "upstream", "--dry-run", "--format", "json")
    assert ran.report["conflicts"] == []
    assert repo.git("ls-tree", "-r", "--name-only", ran.report["result"]["tree"], "--", "ci") == ""


@pytest.mark.parametrize("new", ["ci/own.yml", "other/a.yml"])
def test_a_file_of_the_forks_own_is_not_back(repo: Repo, new: str) -> None:
    rule = ABSENT.replace("[ci/a.yml, ci/b.yml]", "[ci]") + LEARNED
    ran = partly_back(repo, rule, None, new).syncfork("merge", "upstream", "--dry-run", "--format", "json")
    assert ran.report["conflicts"] == []
    assert not [f for f in ran.report["findings"] if f["detector"] == "lapsed-rule"]


def test_drift_says_why_such_a_rule_has_lapsed(repo: Repo) -> None:
    ran = partly_back(repo, ABSENT + LEARNED).syncfork("drift", "upstream", "--format", "json")
    [rule] = ran.report["drift"]["health"]
    assert (rule["state"], rule["detail"]) == ("lapsed", f"the fork has {A}, which it keeps out")


# -- memory and resolvers


def deleted(path: str) -> Disputed:
    return Disputed(path, "modify/delete", TEXT, None, "a\nB\nc\n")


def stays(path: str) -> Filed:
    made = record(path, None, None, Joined("1" * 40, "2" * 40), "Ann", date(2025, 1, 1))
    assert made is not None
    return Filed(f"{path}.yml", made)


class _Takes:
    """Deletes every file, and takes ours in every conflict of lines."""

    def whole(self, file: Disputed) -> Answer | None:
        return None if file.clashes else Answer(None, "test", "")

    def clash(self, file: Disputed, number: int) -> Answer | None:
        return Answer(file.clashes[number].ours, "test", "")


def test_beside_a_file_that_is_back_nothing_stays_deleted_unasked() -> None:
    memory = Memory((stays(B), stays(OTHER)))
    for back, answered in (((), {B, OTHER}), ((A,), {OTHER}), (("top.yml",), {B, OTHER})):
        sources = cautious([memory], back)
        assert {path for path in (B, OTHER) if resolve(deleted(path), sources).complete} == answered
    # A text of its own, and a conflict of lines, are answered there as well.
    kept = Disputed(B, "modify/delete", TEXT, "mine\n", None)
    torn = Disputed(B, "contents", TEXT, "a\nX\nc\n", "a\nY\nc\n", ("a\n", Clash("b\n", "X\n", "Y\n"), "c\n"))
    for file in (kept, torn):
        assert resolve(file, cautious([_Takes()], (A,))).complete


def test_memory_asks_beside_what_is_back_until_that_is_pruned(repo: Repo) -> None:
    base = repo.commit({A: TEXT, B: TEXT, "x": "1"})
    repo.checkout("main", repo.commit({A: None, B: None}, base))
    first = repo.commit({A: "a\nA\nc\n", B: "a\nA\nc\n"}, base)
    repo.branch("upstream", first)
    assert repo.syncfork("merge", "upstream").code == 1
    repo.git("rm", "-q", A, B)
    assert repo.syncfork("continue").code == 0
    sync = repo.git("branch", "--show-current").strip()
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--ff-only", sync)
    repo.branch("upstream", repo.commit({B: "a\nB\nc\n"}, first))
    assert repo.syncfork("merge", "upstream", "--dry-run").code == 0
    repo.git("checkout", "-q", first, "--", A)
    repo.git("commit", "-qm", "Take it back")
    ran = repo.syncfork("merge", "upstream", "--dry-run")
    told = (
        f"the fork has {A} again, which was left out before, so of others beside it nothing is concluded: {B}"
    )
    assert (ran.code, told in ran.out) == (1, True), ran.out
    assert repo.syncfork("resolutions", "prune").code == 0
    repo.git("commit", "-qam", "Prune")
    assert repo.syncfork("merge", "upstream", "--dry-run").code == 0


# -- learning


def taking_out(repo: Repo) -> Fork:
    fork = Fork(repo, {A: numbered(9), B: numbered(9)})
    fork.commit({A: None, B: None})
    for number in range(3):
        fork.sync({A: numbered(9, {5: f"u{number}"}), B: numbered(9, {5: f"u{number}"})}, {})
    return fork


def test_what_came_back_speaks_against_the_others_of_its_folder(repo: Repo) -> None:
    fork = taking_out(repo)
    [rule] = of(fork.learn(), "deletions")
    assert (len(rule.evidence.bearing), rule.evidence.against) == (6, ())
    back = numbered(9, {5: "u9"})
    fork.sync({A: back}, {A: back})
    assert of(fork.learn(), "deletions") == []
    fork.sync({B: numbered(9, {5: "u9"})}, {})
    [rule] = of(fork.learn(), "deletions")
    assert rule.paths == (B,)
    assert [str(one) for one in rule.evidence.against] == [f"{fork.merges[3][:12]}:{A}"]


# -- values


VALUE = "id: value\nfiles: [f]\nrewrite: [{replace: {literal: Up}, with: Acme, expect: any}]\n"


@pytest.mark.parametrize("learned", [True, False])
@pytest.mark.parametrize(("theirs", "left"), [("else", True), ("Up again", False), ("Acme", False)])
def test_a_learned_value_whose_place_upstream_took_out_is_asked_about(
    repo: Repo, learned: bool, theirs: str, left: bool
) -> None:
    base = repo.commit({"f": numbered(9, {5: "Up"})})
    rule = VALUE + (LEARNED if learned else "")
    repo.checkout("main", repo.commit({"f": numbered(9, {5: "Acme"}), **rule_files(rule)}, base))
    repo.branch("upstream", repo.commit({"f": numbered(9, {5: theirs})}, base))
    ran = repo.syncfork("merge", "upstream", "--dry-run", "--format", "json")
    assert [item["path"] for item in ran.report["conflicts"]] == (["f"] if left and learned else [])
    told = "what becomes of the fork's own then was not learned"
    assert any(told in f["message"] for f in ran.report["findings"]) == (left and learned)
