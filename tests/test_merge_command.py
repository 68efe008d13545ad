"""`syncfork merge` as a process: what lands, what is refused, what is said."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from git_fixtures import EXE, LINK, SUBMODULE, Repo, environment, lines, names, numbered, rule_files

from syncfork.merge.message import merge_message

RULE = """
id: flag
why: Our builds take a flag of ours.
files: ["*.sh"]
rewrite: [{insert: " --ours", after: {regex: "^make"}}]
"""


@pytest.fixture
def fork(repo: Repo) -> Repo:
    """A fork whose one difference a rule explains; upstream changed the same line, and made a new script."""
    base = repo.commit({"build.sh": "make all\n", "story.txt": numbered(20)})
    ours = repo.commit({"build.sh": "make --ours all\n"} | rule_files(RULE), base, message="Flag it")
    theirs = repo.commit({"build.sh": "make 'all'\n", "new.sh": "make it\n"}, base, message="Quote it (#7)")
    repo.branch("upstream", theirs)
    repo.checkout("main", ours)
    return repo


@pytest.fixture
def torn(fork: Repo) -> Repo:
    """The same fork, where both sides also changed one line that no rule explains."""
    ours, theirs = fork.git("rev-parse", "main"), fork.git("rev-parse", "upstream")
    fork.checkout("main", fork.commit({"story.txt": numbered(20, {9: "ours"})}, ours))
    fork.branch(
        "upstream", fork.commit({"story.txt": numbered(20, {9: "theirs"})}, theirs, message="Tell it (#8)")
    )
    return fork


def refusal(repo: Repo, *arguments: str, code: int = 3) -> str:
    """Run, expect a refusal that changed nothing, and return what was said."""
    before = repo.snapshot()
    done = repo.syncfork("merge", *arguments)
    assert done.code == code, done.out + done.err
    assert "Traceback" not in done.err
    assert "\n  try: " in done.err
    after = repo.snapshot()
    assert {k: v for k, v in after.items() if k != "index file"} == {
        k: v for k, v in before.items() if k != "index file"
    }
    return done.err


def test_what_has_no_lines_names_upstreams_commits_too(repo: Repo) -> None:
    odd = 'odd "name"\n.bin'
    base = repo.commit({odd: b"\0\1", "logo.png": b"\0\1", "empty": "", "link": (LINK, "a"), "gone": "x\n",
                        "sub": (SUBMODULE, "1" * 40)})  # fmt: skip
    ours = repo.commit({odd: b"\0\2", "logo.png": b"\0\2", "empty": None, "link": (LINK, "b"), "gone": None,
                        "sub": (SUBMODULE, "2" * 40)}, base)  # fmt: skip
    theirs = repo.commit({"logo.png": b"\0\3", "other.png": b"\0"}, base, message="Draw it (#1)")
    theirs = repo.commit({odd: b"\0\3", "link": (LINK, "c")}, theirs, message="Move it (#2)")
    theirs = repo.commit({"empty": (EXE, ""), "gone": "y\n"}, theirs, message="Run it (#3)")
    theirs = repo.commit({"sub": (SUBMODULE, "3" * 40)}, theirs, message="Raise it (#4)")
    report = repo.merge(ours, theirs)
    assert {item.path: [culprit.pr for culprit in item.culprits] for item in report.conflicts} == {
        odd: [2], "logo.png": [1], "empty": [3], "link": [2], "gone": [3], "sub": [4],
    }  # fmt: skip
    assert "upstream: unknown" not in merge_message(report)


# What lands


def test_a_clean_merge_is_checked_out_on_a_branch_of_its_own(fork: Repo) -> None:
    main = fork.git("rev-parse", "main")
    done = fork.syncfork("merge", "upstream", "--format", "json")
    assert done.code == 0, done.err
    branch = fork.git("symbolic-ref", "--short", "HEAD")
    assert branch == done.report["result"]["branch"]
    assert branch.startswith("sync/")
    assert branch.endswith(fork.git("rev-parse", "upstream")[:7])
    assert fork.git("rev-list", "--parents", "-n1", "HEAD").split()[1:] == [
        main,
        fork.git("rev-parse", "upstream"),
    ]
    assert fork.git("rev-parse", "main") == main
    assert fork.git("status", "--porcelain") == ""
    assert (fork.path / "build.sh").read_text() == "make --ours 'all'\n"
    assert (fork.path / "new.sh").read_text() == "make --ours it\n"


def test_the_message_tells_each_conflict_that_git_would_have_had(fork: Repo) -> None:
    fork.syncfork("merge", "upstream")
    message = fork.git("log", "-1", "--format=%B")
    assert "build.sh\n  upstream: Quote it (#7)\n  ours: Our builds take a flag of ours.\n" in message
    assert "done: rule flag; 1 place changed" in message


def test_without_checkout_only_a_branch_is_made(fork: Repo) -> None:
    before = fork.snapshot()
    assert fork.syncfork("merge", "upstream", "--no-checkout", "--branch", "synced", "-m", "Ours").code == 0
    after = fork.snapshot()
    assert {k for k in after if after[k] != before[k]} == {"refs"}
    assert fork.read("synced", "build.sh") == b"make --ours 'all'\n"
    assert fork.git("log", "-1", "--format=%B", "synced").strip() == "Ours"


def test_an_own_message_stays_the_subject_where_work_by_hand_is_told(torn: Repo) -> None:
    torn.syncfork("merge", "upstream", "-m", "My own words")
    (torn.path / "story.txt").write_bytes(numbered(20, {9: "ours"}))
    torn.git("add", "-A")
    assert torn.syncfork("continue").code == 0
    assert torn.git("log", "-1", "--format=%s") == "My own words"
    assert "By hand" in torn.git("log", "-1", "--format=%b")


def test_what_killed_runs_left_half_written_goes(torn: Repo) -> None:
    folder = torn.path / ".git" / "syncfork"
    folder.mkdir()
    old, fresh = folder / "findings.1.tmp", folder / "findings.2.tmp"
    for path in (old, fresh):
        path.write_text("{")
    os.utime(old, (0, 0))
    assert torn.syncfork("merge", "upstream", "--dry-run").code == 1
    assert not old.exists()
    assert fresh.exists()


def test_a_dry_run_beside_a_merge_in_progress_offers_no_second_one(torn: Repo) -> None:
    first = torn.syncfork("merge", "upstream", "--dry-run", "--format", "json").report
    assert "syncfork merge upstream" in first["next"]
    assert torn.syncfork("merge", "upstream").code == 1
    again = torn.syncfork("merge", "upstream", "--dry-run", "--format", "json").report
    assert not any(step.startswith("syncfork merge") for step in again["next"])
    assert any(step.startswith("syncfork status") for step in again["next"])


def test_a_merge_without_checkout_beside_one_in_progress_offers_no_second_one(torn: Repo) -> None:
    without = ("merge", "upstream", "--no-checkout", "--format", "json")
    [step] = torn.syncfork(*without).report["next"]
    assert step.startswith("syncfork merge upstream    (with a checkout")
    assert torn.syncfork("merge", "upstream").code == 1
    [step] = torn.syncfork(*without).report["next"]
    assert step.startswith("syncfork status    (a merge that syncfork began")
    torn.syncfork("abort")
    (torn.git_dir / "rebase-merge").mkdir()
    [step] = torn.syncfork(*without).report["next"]
    assert step.startswith("syncfork status    (a rebase")


def test_a_merge_beside_one_that_waits_does_not_take_its_report_away(torn: Repo) -> None:
    assert torn.syncfork("merge", "upstream").code == 1
    early = torn.git("rev-parse", "upstream~1")
    beside = torn.syncfork("merge", early, "--no-checkout", "--format", "json")
    assert (beside.code, names(beside.report["git_alone"]["conflicts"])) == (0, {"build.sh"})
    (torn.path / "story.txt").write_bytes(numbered(20, {9: "both"}))
    torn.git("add", "story.txt")
    done = torn.syncfork("continue", "--format", "json")
    assert (done.code, names(done.report["git_alone"]["conflicts"])) == (0, {"build.sh", "story.txt"})


def test_a_dry_run_without_checkout_offers_the_merge_without_one(torn: Repo) -> None:
    report = torn.syncfork("merge", "upstream", "--no-checkout", "--dry-run", "--format", "json").report
    assert report["next"][-1] == "syncfork merge upstream --no-checkout"


def test_a_dry_run_moves_nothing_but_names_a_tree_that_is_there(torn: Repo) -> None:
    before = torn.snapshot()
    done = torn.syncfork("merge", "upstream", "--dry-run", "--format", "json")
    assert done.code == 1
    assert torn.snapshot() == before
    assert torn.read(done.report["result"]["tree"], "build.sh") == b"make --ours 'all'\n"


def test_what_is_left_is_an_ordinary_merge_in_progress(torn: Repo) -> None:
    done = torn.syncfork("merge", "upstream", "--format", "json")
    assert done.code == 1
    assert names(done.report["conflicts"]) == {"story.txt"}
    assert done.report["conflicts"][0]["culprits"][0]["pr"] == 8
    assert set(torn.stages()["story.txt"]) == {1, 2, 3}
    told = (torn.path / "story.txt").read_text()
    assert "<<<<<<< main (ours)\nours\n=======\ntheirs\n>>>>>>> upstream (upstream)\n" in told
    assert torn.git("rev-parse", "MERGE_HEAD") == torn.git("rev-parse", "upstream")
    assert "All conflicts fixed" not in torn.git("status")
    assert "You have unmerged paths." in torn.git("status")


def test_continue_says_that_a_file_which_one_side_has_not_may_go(repo: Repo) -> None:
    base = repo.commit({"a": "1\n", "b": "1\n"})
    repo.branch("upstream", repo.commit({"a": "2\n", "b": None}, base))
    repo.checkout("main", repo.commit({"a": None, "b": "2\n"}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    told = repo.syncfork("continue").err
    assert "\n  a  (not in the fork)\n  b  (not in upstream)\n" in told
    assert told.endswith("then `git add` them, or `git rm` one that is to go\n")


def test_continue_commits_what_the_person_made(torn: Repo) -> None:
    torn.syncfork("merge", "upstream")
    early = torn.syncfork("continue")
    assert early.code == 1
    assert early.err == (
        "error: not resolved yet:\n  story.txt\n"
        "  try: `syncfork resolve` (in a terminal); or edit these files, then `git add` them\n"
    )
    (torn.path / "story.txt").write_bytes(numbered(20, {9: "both"}))
    torn.git("add", "story.txt")
    assert torn.syncfork("continue").code == 0
    assert torn.git("rev-list", "--parents", "-n1", "HEAD").split()[1:] == [
        torn.git("rev-parse", "main"),
        torn.git("rev-parse", "upstream"),
    ]
    assert not (torn.git_dir / "MERGE_HEAD").exists()
    assert torn.git("status", "--porcelain") == ""


def test_continue_notices_what_the_person_broke_and_can_be_overruled(torn: Repo) -> None:
    torn.syncfork("merge", "upstream")
    (torn.path / "story.txt").write_bytes(b"<<<<<<< main (ours)\n" + numbered(20))
    (torn.path / "build.sh").write_text("make all\n")
    torn.git("add", "-A")
    done = torn.syncfork("continue", "--format", "json")
    assert done.code == 1
    assert {(f["detector"], f["path"]) for f in done.report["findings"]} == {
        ("intent", "build.sh"),
        ("marker", "story.txt"),
    }
    done = torn.syncfork(
        "continue", "--accept", "flag", "--accept", "marker-story.txt", "--reason", "all is well"
    )
    assert done.code == 0, done.err
    assert "Accepted by hand:\n- " in torn.git("log", "-1", "--format=%B")
    assert "all is well" in torn.git("log", "-1", "--format=%B")


def workflow(retries: str, name: str) -> bytes:
    return lines(f"RETRIES: {retries}", *(f"v{n}: {n}" for n in range(9)), f"name: {name}")


@pytest.mark.parametrize("edited", [False, True])
def test_a_rule_that_was_accepted_as_broken_is_not_told_as_kept(repo: Repo, edited: bool) -> None:
    rule = "id: three-tries\nfiles: [ci.yml]\nrewrite: [{replace: {literal: 'RETRIES: 5'}, with: 'RETRIES: 3'}]\n"
    base = repo.commit({"ci.yml": workflow("5", "a"), **rule_files(rule)})
    repo.branch("upstream", repo.commit({"ci.yml": workflow("5 # five", "b")}, base, message="Name it"))
    repo.checkout("main", repo.commit({"ci.yml": workflow("3", "ours")}, base))
    assert repo.syncfork("merge", "upstream").code == 1
    if edited:
        written = repo.git_dir / "MERGE_MSG"
        written.write_text(written.read_text().replace("rule three-tries", "what I call a rule"))
    (repo.path / "ci.yml").write_bytes(workflow("9 # five", "both"))
    repo.git("add", "-A")
    done = repo.syncfork("continue", "--accept", "three-tries", "--reason", "for now", "--format", "json")
    assert done.code == 0, done.err
    assert [(item["id"], item["outcome"], item["sites"]) for item in done.report["rules"]] == [
        ("three-tries", "broken", 0)
    ]
    message = repo.git("log", "-1", "--format=%B")
    assert "Accepted by hand:\n- ci.yml:1: " in message
    # What a person wrote in the message is theirs.
    assert ("  done: what I call a rule; 1 place changed\n  done: by hand\n" in message) == edited
    assert ("  upstream: Name it\n  done: by hand, against rule three-tries\n" in message) != edited
    assert "rule three-tries; 1 place changed" not in message


def test_abort_puts_everything_back(torn: Repo) -> None:
    (torn.path / "note.txt").write_text("mine\n")
    before = torn.snapshot()
    torn.syncfork("merge", "upstream")
    assert torn.syncfork("status").code == 1
    assert torn.syncfork("abort").code == 0
    after = torn.snapshot()
    assert {k: v for k, v in after.items() if k not in ("index file", "operation")} == {
        k: v for k, v in before.items() if k not in ("index file", "operation")
    }
    assert not (torn.git_dir / "MERGE_HEAD").exists()
    assert torn.syncfork("abort").code == 2


def test_abort_names_what_is_in_its_way_and_how_it_goes(torn: Repo) -> None:
    torn.syncfork("merge", "upstream")
    (torn.path / "new.sh").write_text("mine\n")
    (torn.path / "story.txt").write_text("half done\n")
    done = torn.syncfork("abort")
    assert done.code == 3 and "new.sh" in done.err
    assert (torn.path / "new.sh").read_text() == "mine\n"
    hint = done.err.partition("then: ")[2].strip()
    assert hint == "git restore new.sh && syncfork abort"
    torn.git("restore", "new.sh")
    assert torn.syncfork("abort").code == 0
    assert torn.git("status", "--porcelain") == ""
    assert torn.git("symbolic-ref", "--short", "HEAD") == "main"


def test_a_second_merge_finds_nothing_to_do(fork: Repo) -> None:
    fork.syncfork("merge", "upstream")
    done = fork.syncfork("merge", "upstream", "--format", "json")
    assert (done.code, done.report["state"]) == (0, "up to date")


@pytest.mark.parametrize("name", ["main", "refs/heads/main", "HEAD"])
def test_the_forks_own_branch_is_not_upstreams(fork: Repo, name: str) -> None:
    done = fork.syncfork("merge", name)
    assert done.code == 0
    told = f"Nothing to merge: {name} is the fork's own branch; name upstream's, such as upstream/main."
    assert done.out.endswith(f"{told}\n")
    assert f"\n{told}\n" in fork.syncfork("merge", name, "--format", "markdown").out
    # Another name for the same commit is not the fork's branch.
    fork.branch("old", fork.git("rev-parse", "main"))
    assert "upstream is in the fork already" in fork.syncfork("merge", "old").out


# What is refused


def test_staged_changes(fork: Repo) -> None:
    (fork.path / "story.txt").write_text("mine\n")
    fork.git("add", "story.txt")
    assert "staged changes: story.txt" in refusal(fork, "upstream")


@pytest.mark.parametrize("name", ["build.sh", "new.sh"], ids=["changed", "untracked"])
def test_changes_that_would_be_touched(fork: Repo, name: str) -> None:
    (fork.path / name).write_text("mine\n")
    assert f"would be touched: {name}" in refusal(fork, "upstream")


def test_changes_elsewhere_are_carried_along(fork: Repo) -> None:
    (fork.path / "story.txt").write_text("mine\n")
    assert fork.syncfork("merge", "upstream").code == 0
    assert (fork.path / "story.txt").read_text() == "mine\n"


def test_an_operation_in_progress(fork: Repo) -> None:
    (fork.git_dir / "MERGE_HEAD").write_text(fork.git("rev-parse", "upstream") + "\n")
    assert "a merge is in progress" in refusal(fork, "upstream")
    (fork.git_dir / "MERGE_HEAD").unlink()
    (fork.git_dir / "rebase-merge").mkdir()
    assert "a rebase is in progress" in refusal(fork, "upstream")


def test_status_says_what_merge_would_be_refused_with(torn: Repo) -> None:
    torn.branch("refs/remotes/upstream/main", torn.git("rev-parse", "upstream"))
    free = torn.syncfork("status", "--format", "json").report
    assert (free["next"], free["warnings"]) == (["syncfork merge"], [])
    assert torn.call("merge", "upstream").returncode == 1
    assert_told_alike(torn)
    torn.git("merge", "--abort")
    torn.checkout("alone", torn.commit({"a.txt": "a\n"}))
    assert_told_alike(torn)


def assert_told_alike(repo: Repo) -> None:
    """`status` warns of the very problem that `merge` is refused with, and has its hint for the next step."""
    told = repo.syncfork("status", "--format", "json").report
    [warning], [step] = told["warnings"], told["next"]
    assert refusal(repo) == f"error: {warning}\n  try: {step}\n"


def test_a_shallow_clone(fork: Repo, tmp_path: Path) -> None:
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", "--no-single-branch", f"file://{fork.path}", str(tmp_path / "shallow")],
        check=True, env=environment(),
    )  # fmt: skip
    assert "shallow clone" in refusal(Repo(tmp_path / "shallow"), "origin/upstream")


def test_unrelated_histories(fork: Repo) -> None:
    fork.branch("other", fork.commit({"a": "b\n"}))
    assert "no commit in common" in refusal(fork, "other")


def test_an_import_without_history_is_joined_as_the_hint_says(repo: Repo) -> None:
    taken = repo.commit({"a": numbered(9)}, repo.commit({"a": numbered(8)}))
    repo.branch("upstream", repo.commit({"a": numbered(9, {9: "theirs"})}, taken))
    imported = repo.commit({"a": numbered(9)}, repo.commit({"own": "1\n"}))
    repo.checkout("main", repo.commit({"a": numbered(9, {1: "ours"})}, imported))
    told = refusal(repo, "upstream")
    command = told[told.index("git replace") :].partition("    (")[0]
    command = command.replace("IMPORT", imported).replace("UPSTREAM", taken)
    subprocess.run(["bash", "-c", command], cwd=repo.path, check=True, env=environment())
    done = repo.syncfork("merge", "upstream")
    assert done.code == 0, done.err
    assert repo.read("HEAD", "a") == numbered(9, {1: "ours", 9: "theirs"})
    assert repo.exists("HEAD", "own")


@pytest.mark.parametrize("verb", [("learn",), ("replay",), ("resolvers", "calibrate")])
def test_nothing_can_be_learned_from_unrelated_histories(fork: Repo, verb: tuple[str, ...]) -> None:
    fork.branch("other", fork.commit({"a": "b\n"}))
    done = fork.syncfork(*verb, "--upstream", "other")
    assert done.code == 3
    assert "no commit in common" in done.err
    assert "git replace --graft" in done.err


def test_an_unknown_revision_and_no_upstream(fork: Repo) -> None:
    assert "'nowhere' is not a revision" in refusal(fork, "nowhere", code=2)
    assert "'--format' is not a revision" in refusal(fork, "--", "--format", code=2)
    said = refusal(fork, code=2)
    assert "no upstream is known" in said and "git remote add upstream URL" in said
    fork.git("remote", "add", "theirs", "https://example.org/theirs.git")
    assert "`syncfork init` finds its main branch" in refusal(fork, code=2)


def test_not_a_repository_and_no_commit_yet(tmp_path: Path, repo: Repo) -> None:
    done = repo.syncfork("merge", "upstream")
    assert done.code == 3
    assert "no commit yet" in done.err
    shutil.rmtree(repo.git_dir)
    done = repo.syncfork("merge", "upstream")
    assert done.code == 3
    assert "not a git repository" in done.err


def test_a_branch_that_exists(fork: Repo) -> None:
    assert "exists already" in refusal(fork, "upstream", "--branch", "upstream", code=2)
    assert "cannot be the name of a branch" in refusal(fork, "upstream", "--branch", "a..b", code=2)


def test_a_git_that_is_too_old(fork: Repo, tmp_path: Path) -> None:
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    real = shutil.which("git")
    fake.write_text(
        f'#!/bin/sh\nfor word; do [ "$word" = merge-tree ] && echo "usage: git merge-tree" >&2 && exit 129; done\nexec {real} "$@"\n'
    )
    fake.chmod(0o755)
    done = fork.syncfork("merge", "upstream", env=environment(PATH=f"{fake.parent}:{environment()['PATH']}"))
    assert done.code == 3
    assert "git 2.38" in done.err


def test_a_bare_repository(fork: Repo, tmp_path: Path) -> None:
    subprocess.run(
        ["git", "clone", "-q", "--bare", str(fork.path), str(tmp_path / "bare")],
        check=True,
        env=environment(),
    )
    bare = Repo(tmp_path / "bare", bare=True)
    done = bare.syncfork("merge", "upstream")
    assert done.code == 2
    assert "--no-checkout" in done.err
    assert bare.syncfork("merge", "upstream", "--no-checkout", "--branch", "synced").code == 0
    assert bare.read("synced", "build.sh") == b"make --ours 'all'\n"


def test_a_second_run_at_the_same_time_is_told(fork: Repo) -> None:
    from syncfork.state import lock

    with lock(fork.git_dir):
        assert "another syncfork run" in refusal(fork, "upstream")


# What is said


def test_the_json_holds_the_promised_keys_and_nothing_else_is_printed(fork: Repo) -> None:
    report = fork.syncfork("merge", "upstream", "--dry-run", "--format", "json").report
    promised = {
        "schema_version", "tool_version", "verb", "exit_code", "fork", "upstream", "merge_base", "ahead", "behind",
        "git_alone", "result", "conflicts", "rules", "findings", "ledger",
    }  # fmt: skip
    assert promised <= report.keys()
    assert report["fork"] == {"ref": "main", "commit": fork.git("rev-parse", "main")}
    assert report["git_alone"]["conflicts"][0].items() >= {"path": "build.sh", "hunks": 1}.items()
    assert {"id", "path", "outcome", "sites", "side", "why", "detail"} <= report["rules"][0].keys()


def test_a_refusal_is_json_too(fork: Repo) -> None:
    done = fork.syncfork("merge", "nowhere", "--format", "json")
    assert json.loads(done.out)["exit_code"] == done.code == 2


HOSTILE = "\x1b[31mred\x1b[0m [bold]b[/bold] <script>x</script> ::error::e | `c` @you #1 \u202egnol"


@pytest.mark.parametrize("form", ["terminal", "markdown", "json"])
def test_hostile_text_is_shown_and_not_obeyed(torn: Repo, form: str) -> None:
    theirs = torn.git("rev-parse", "upstream")
    bad = torn.commit(
        {"story.txt": numbered(20, {9: "theirs again"}), "\x1b[31m::error::.txt": "x\n"},
        theirs, message=HOSTILE, author="\x1b]0;title\x07 [red]Eve[/red] <eve@example.org>",
    )  # fmt: skip
    torn.branch("upstream", bad)
    done = torn.syncfork("merge", "upstream", "--format", form)
    assert done.code == 1
    assert "\x1b" not in done.out.replace("\x1b[0m", "")
    assert "\u202e" not in done.out
    assert "\x07" not in done.out
    assert not any(line.startswith("::") for line in done.out.splitlines())
    if form == "markdown":
        assert "`` \x1b" not in done.out
        assert "<script>" not in done.out.replace("`` ", "").split("``")[0]
    message = (torn.git_dir / "MERGE_MSG").read_text()
    assert "\x1b" not in message
    assert "\u202e" not in message


# abort touches nothing that is not the merge's


def test_abort_leaves_alone_what_a_person_did_since(torn: Repo) -> None:
    torn.syncfork("merge", "upstream")
    torn.git("merge", "--abort")
    torn.git("checkout", "-q", "main")
    (torn.path / "story.txt").write_text("mine\n")
    (torn.path / "mine.txt").write_text("mine\n")
    torn.git("add", "mine.txt")
    before = torn.snapshot()
    assert torn.syncfork("abort").code == 0
    assert torn.snapshot() == before
    assert torn.syncfork("status").code != 1


def test_a_merge_that_was_left_behind_is_told_as_such_and_abort_says_the_way_back(torn: Repo) -> None:
    torn.syncfork("merge", "upstream")
    made = torn.git("symbolic-ref", "--short", "HEAD")
    torn.git("merge", "--abort")
    refused = refusal(torn, "upstream")
    assert "you went on without syncfork" in refused
    assert "`syncfork abort`" in refused and "continue" not in refused
    before = torn.snapshot()
    report = torn.syncfork("abort", "--format", "json").report
    assert torn.snapshot() == before
    assert (report["state"], report["fork"]["ref"]) == ("forgotten", made)
    back, delete = (step.split("    ") for step in report["next"])
    assert made in back[1]
    for command in (back[0], delete[0]):
        torn.git(*command.split()[1:])
    assert torn.git("symbolic-ref", "--short", "HEAD") == "main"
    assert torn.syncfork("merge", "upstream", "--format", "json").report["result"]["branch"] == made


def test_what_a_checkout_took_along_of_a_merge_is_told_with_the_way_to_be_rid_of_it(torn: Repo) -> None:
    torn.syncfork("merge", "upstream")
    torn.git("checkout", "--theirs", "story.txt")
    torn.git("add", "story.txt")
    torn.git("checkout", "-q", "main")
    report = torn.syncfork("abort", "--format", "json").report
    assert report["state"] == "forgotten"
    assert "still staged: " in report["warnings"][0] and "story.txt" in report["warnings"][0]
    torn.git(*report["next"][0].split("    ")[0].split()[1:])
    assert torn.git("status", "--porcelain") == ""
    assert torn.syncfork("merge", "upstream").code == 1


def test_after_a_commit_by_hand_every_verb_offers_continue(torn: Repo) -> None:
    torn.syncfork("merge", "upstream")
    torn.git("checkout", "--ours", "story.txt")
    torn.git("commit", "-qam", "By hand")
    assert "try: `syncfork continue`" in refusal(torn, "upstream")
    report = torn.syncfork("status", "--format", "json").report
    assert [step.split("    ")[0] for step in report["next"]] == ["syncfork continue", "syncfork abort"]
    assert "is committed" in report["warnings"][0]
    assert "is committed, and not checked yet" in torn.syncfork("check").out
    assert "a merge waits here" not in torn.syncfork("check").out
    assert "is committed, and not checked yet" in torn.syncfork("pr").err
    assert torn.syncfork("continue").code == 0
    assert "continue" not in torn.syncfork("status").out


def begin_another_merge(torn: Repo) -> None:
    """Leave the merge that syncfork began, and begin one of one's own."""
    torn.syncfork("merge", "upstream")
    torn.git("merge", "--abort")
    torn.git("checkout", "-q", "main")
    torn.branch("side", torn.commit({"side.txt": "side\n"}, torn.git("rev-parse", "main")))
    torn.git("merge", "-q", "--no-ff", "--no-commit", "side")


def test_continue_leaves_another_merge_alone(torn: Repo) -> None:
    begin_another_merge(torn)
    before = torn.snapshot()
    done = torn.syncfork("continue", "--accept", "new.sh", "--accept", "story.txt", "--reason", "as it is")
    assert done.code == 3
    assert "git no longer knows of the merge that syncfork began" in done.err
    assert torn.snapshot() == before


def test_abort_says_the_way_back_to_where_no_branch_was(torn: Repo) -> None:
    torn.git("checkout", "-q", "--detach", "main")
    torn.syncfork("merge", "upstream")
    torn.git("merge", "--abort")
    report = torn.syncfork("abort", "--format", "json").report
    torn.git(*report["next"][0].split("    ")[0].split()[1:])
    assert torn.call("symbolic-ref", "-q", "HEAD").returncode == 1
    assert torn.git("rev-parse", "HEAD") == torn.git("rev-parse", "main")


def test_abort_leaves_another_merge_alone(torn: Repo) -> None:
    begin_another_merge(torn)
    before = torn.snapshot()
    torn.syncfork("abort")
    assert torn.snapshot() == before


def test_abort_after_a_commit_by_hand(torn: Repo) -> None:
    torn.syncfork("merge", "upstream")
    torn.git("checkout", "-q", "--ours", ".")
    torn.git("commit", "-qam", "By hand")
    torn.git("checkout", "-q", "main")
    (torn.path / "build.sh").write_text("mine\n")
    before = torn.snapshot()
    torn.syncfork("abort")
    assert torn.snapshot() == before


def test_continue_names_what_was_edited_but_not_added(torn: Repo) -> None:
    torn.syncfork("merge", "upstream")
    (torn.path / "story.txt").write_bytes(numbered(20, {9: "both"}))
    torn.git("add", "story.txt")
    with (torn.path / "new.sh").open("a") as file:
        file.write("more\n")
    done = torn.syncfork("continue", "--format", "json").report
    assert done["warnings"] == ["changed but not added, so not in the commit: new.sh"]


@pytest.mark.parametrize(
    ("name", "hint", "configured"),
    [
        ("trunk", "did you mean far/trunk?", "did you mean far/trunk? Then {change}"),
        ("far/trnk", "did you mean far/trunk?", "did you mean far/trunk? Then {change}"),
        (
            "v9.9",
            "fetch it first, with --fetch where it is a tag of upstream's; remotes here: far",
            "{change}, or fetch it first; remotes here: far",
        ),
        (
            "fax/trunk",
            "did you mean far/trunk?",
            "did you mean far/trunk? Then {change}, or: git remote add fax URL && git fetch fax",
        ),
        # The fork's own branch is not what was meant.
        (
            "acme/main",
            "fetch it first, with --fetch where it is a tag of upstream's; remotes here: far",
            "{change}, or: git remote add acme URL && git fetch acme",
        ),
    ],
)
def test_an_unknown_upstream_and_what_was_meant(fork: Repo, name: str, hint: str, configured: str) -> None:
    fork.git("remote", "add", "far", "https://example.org/far.git")
    fork.branch("refs/remotes/far/trunk", fork.git("rev-parse", "upstream"))
    said = refusal(fork, name, code=2)
    assert f"error: {name!r} is not a revision this repository knows\n  try: {hint}\n" in said
    fork.checkout(
        "main",
        fork.commit(
            {"syncfork.toml": f'upstream = "{name}"\nrules = ".syncfork"\n'}, fork.git("rev-parse", "main")
        ),
    )
    said = refusal(fork, code=2)
    assert f"{name!r}, which syncfork.toml names, is not a revision" in said
    told = configured.format(change="change `upstream` in syncfork.toml")
    assert f"\n  try: {told}\n" in said and f"\n  try: {told}\n" in fork.syncfork("replay").err


@pytest.mark.parametrize("broken", [True, False])
def test_what_does_not_work_is_mended_before_it_is_pushed(repo: Repo, broken: bool) -> None:
    base = repo.commit({"tools/x.py": "x\n", "a": "1\n"})
    repo.checkout("main", repo.commit({"run.sh": "#!/bin/sh\npython tools/x.py\n"}, base))
    repo.branch("up", repo.commit({"tools/x.py": None} if broken else {"a": "2\n"}, base))
    report = repo.syncfork("merge", "up", "--format", "json").report
    assert [item["detector"] for item in report["findings"]] == ["paths"] * broken
    assert any(step.startswith("git push") for step in report["next"]) is not broken
