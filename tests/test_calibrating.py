"""`syncfork resolvers calibrate`: what was right in the past answers the next merge, which says so."""

from __future__ import annotations

import json

import pytest
from git_fixtures import Repo, numbered, rule_files

TABLE = ".syncfork/resolvers.toml"
# As many merges as the most careful of the resolvers that are tried here asks for, and some.
MERGES = 14


@pytest.fixture
def fork(repo: Repo) -> Repo:
    """A fork in whose every sync both sides changed lines next to each other, and people took both changes."""
    ours = theirs = base = repo.commit({"f": numbered(80)})
    mine: dict[int, str] = {}
    other: dict[int, str] = {}
    for number in range(MERGES):
        at = 5 * number + 3
        mine[at], other[at + 1] = f"mine_{number}", f"other_{number}"
        theirs = repo.commit({"f": numbered(80, other)}, theirs)
        before = repo.commit({"f": numbered(80, mine | {n: t for n, t in other.items() if n < at})}, ours)
        ours = repo.commit({"f": numbered(80, mine | other)}, before, theirs)
    assert ours != base
    at = 5 * MERGES + 3
    repo.branch("upstream", repo.commit({"f": numbered(80, {**other, at + 1: "other_last"})}, theirs))
    repo.checkout("main", repo.commit({"f": numbered(80, {**mine, **other, at: "mine_last"})}, ours))
    return repo


def test_a_resolver_that_was_always_right_answers_and_is_named(fork: Repo) -> None:
    assert fork.syncfork("merge", "upstream", "--dry-run").code == 1
    done = fork.syncfork("resolvers", "calibrate", "--upstream", "upstream")
    assert done.code == 0, done.err
    warning = f"{TABLE} was measured on these merges"
    replay = ("replay", "--upstream", "upstream", "--format", "json")
    assert not any(warning in told for told in json.loads(fork.syncfork(*replay).out)["warnings"])
    fork.git("add", TABLE)
    fork.git("commit", "-qm", "Calibrate")
    assert any(warning in told for told in json.loads(fork.syncfork(*replay).out)["warnings"])
    assert not any(warning in told for told in json.loads(fork.syncfork(*replay, "--as-of").out)["warnings"])
    merged = fork.syncfork("merge", "upstream")
    assert merged.code == 0, merged.out
    text = fork.read("HEAD", "f").decode()
    assert "mine_last\nother_last\n" in text and "<<<<" not in text
    told = " ".join(merged.out.split())
    assert "resolver " in told and f"right in {MERGES} of {MERGES} past cases" in told
    assert f"right in {MERGES} of {MERGES}" in " ".join(fork.git("log", "-1", "--format=%B").split())


def test_drift_without_rules_tells_how_far_one_gets_with_resolvers(fork: Repo) -> None:
    fork.syncfork("resolvers", "calibrate", "--upstream", "upstream")
    fork.git("add", TABLE)
    fork.git("commit", "-qm", "Calibrate")
    found = fork.syncfork("drift", "upstream", "--format", "json").report
    assert [item["path"] for item in found["git_alone"]["conflicts"]] == ["f"] and not found["conflicts"]
    assert found["drift"]["reach_alone"]["clean"] is None
    assert found["drift"]["reach"]["clean"]["commit"] == fork.git("rev-parse", "upstream")
    assert found["drift"]["reach"]["first"] is None


def test_a_table_that_is_not_committed_decides_nothing(fork: Repo) -> None:
    fork.syncfork("resolvers", "calibrate", "--upstream", "upstream")
    assert fork.syncfork("merge", "upstream", "--dry-run").code == 1


def test_while_a_merge_waits_the_table_is_committed_after_it(fork: Repo) -> None:
    calibrate = ("resolvers", "calibrate", "--upstream", "upstream")
    assert f"next: git add {TABLE} && git commit" in fork.syncfork(*calibrate).err
    (fork.path / TABLE).unlink()
    assert fork.syncfork("merge", "upstream").code == 1
    told = " ".join(fork.syncfork(*calibrate).err.split())
    assert "finish the merge that waits, and commit it then" in told and "git add" not in told


def test_one_wrong_result_in_the_last_merge_switches_it_off(fork: Repo) -> None:
    at = 5 * MERGES + 3
    mine = fork.read("main", "f").decode()
    theirs = fork.git("rev-parse", "upstream")
    odd = fork.commit({"f": mine}, fork.git("rev-parse", "main"), theirs)
    fork.branch("upstream", fork.commit({"f": numbered(80, {at + 6: "other_newest"})}, theirs))
    fork.checkout("main", odd)
    done = json.loads(
        fork.syncfork("resolvers", "calibrate", "--upstream", "upstream", "--dry-run", "--format", "json").out
    )
    rows = [row for row in done["table"]["rows"] if row["by"].startswith(("neighbours", "words"))]
    assert rows and not any(row["on"] for row in rows)
    assert any(row["wrong"] == [f"{odd} f"] for row in rows)
    assert not (fork.path / TABLE).exists()
    shown = fork.syncfork("resolvers", "calibrate", "--upstream", "upstream", "--dry-run").out
    assert f"people changed more: {odd[:9]} f\n" in shown


def test_joins_are_no_evidence_for_our_side(repo: Repo) -> None:
    """Each sync was squashed, with our line kept in `f`, and then joined by `git merge -s ours`."""
    theirs = ours = repo.commit({"f": "1\n", "g": "1\n"})
    for number in range(2, 8):
        theirs = repo.commit({"f": f"theirs {number}\n", "g": f"{number}\n"}, theirs)
        ours = repo.commit({"f": f"the fork's {number * 7919}\n", "g": f"{number}\n"}, ours)
        ours = repo.commit({}, ours, theirs)
    repo.branch("upstream", theirs)
    repo.checkout("main", ours)
    asked = ("resolvers", "calibrate", "--upstream", "upstream", "--dry-run", "--format", "json")
    table = json.loads(repo.syncfork(*asked).out)["table"]
    assert table["rows"] == []
    learned = json.loads(repo.syncfork("learn", "--upstream", "upstream", "--format", "json").out)
    assert (learned["merges"], learned["conflicted"], learned["proposals"]) == (0, 0, [])


def test_what_a_rule_settles_by_now_is_evidence_all_the_same(repo: Repo) -> None:
    names = [f"gone/{n}.txt" for n in range(6)]
    theirs = repo.commit({**dict.fromkeys(names, "text\n"), "f": "1\n"})
    ours = repo.commit(dict.fromkeys(names, None), theirs)
    for name in names:
        theirs = repo.commit({name: "more\n"}, theirs)
        ours = repo.commit({}, ours, theirs)
    repo.branch("upstream", theirs)
    rule = 'id: gone\nwhy: None of ours.\nfiles: ["gone/*"]\nown: absent\n'
    for more in ({}, rule_files(rule)):
        repo.checkout("main", repo.commit(more, ours))
        asked = ("resolvers", "calibrate", "--upstream", "upstream", "--dry-run", "--format", "json")
        rows = json.loads(repo.syncfork(*asked).out)["table"]["rows"]
        (row,) = [row for row in rows if row["by"] == "deletions: a file that ours deleted stays deleted"]
        assert (row["cases"], row["right"], row["on"]) == (6, 6, True)


def test_show_tells_the_stored_table_with_its_date(fork: Repo) -> None:
    missing = fork.syncfork("resolvers", "show")
    assert missing.code == 2 and "resolvers calibrate" in missing.err
    fork.syncfork("resolvers", "calibrate", "--upstream", "upstream")
    shown = fork.syncfork("resolvers", "show")
    assert shown.code == 0 and shown.out.startswith("measured 2") and f"in {MERGES} merges" in shown.out


def test_a_table_of_fewer_merges_than_the_one_before_says_so(fork: Repo) -> None:
    calibrate = ("resolvers", "calibrate", "--upstream", "upstream")
    assert "compare them" not in fork.syncfork(*calibrate).err
    fewer = " ".join(fork.syncfork(*calibrate, "--last", "2").err.split())
    assert f"was measured in 2 merges, the one it replaces in {MERGES}: compare them" in fewer
    assert "compare them" not in fork.syncfork(*calibrate).err
    (fork.path / TABLE).write_text("merges = many")
    assert fork.syncfork(*calibrate).code == 0


def test_a_table_of_another_version_is_told_and_not_used(fork: Repo) -> None:
    fork.syncfork("resolvers", "calibrate", "--upstream", "upstream")
    path = fork.path / TABLE
    path.write_text(path.read_text().replace('syncfork = "', 'syncfork = "0.0.'))
    fork.git("add", TABLE)
    fork.git("commit", "-qm", "Calibrate")
    done = fork.syncfork("merge", "upstream", "--dry-run")
    assert done.code == 1 and "measure again: syncfork resolvers calibrate" in " ".join(done.out.split())
