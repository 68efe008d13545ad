"""What a merge that waits does not cost a person: undone, cut off, or failed while it is written, nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from git_fixtures import Repo, environment, numbered

BOTH = numbered(20, {9: "both"})


@pytest.fixture
def torn(repo: Repo) -> Repo:
    """A fork and an upstream that changed the same line of story.txt; upstream has new files, and changed clean.cfg."""
    base = repo.commit(
        {"story.txt": numbered(20), "clean.cfg": "1\n", "mine.txt": "mine\n", "deep/in/f": "1\n"}
    )
    ours = repo.commit({"story.txt": numbered(20, {9: "ours"})}, base)
    theirs = repo.commit(
        {
            "story.txt": numbered(20, {9: "theirs"}),
            "clean.cfg": "2\n",
            "a_new.txt": "n\n",
            "far/out/new": "n\n",
        },
        base,
    )
    repo.branch("upstream", theirs)
    repo.checkout("main", ours)
    return repo


def resolve(repo: Repo) -> None:
    (repo.path / "story.txt").write_bytes(BOTH)
    repo.git("add", "story.txt")


def records(repo: Repo) -> str:
    return repo.git("for-each-ref", "refs/worktree")


# abort: the branch one came from


def begun(torn: Repo) -> str:
    assert torn.syncfork("merge", "upstream").code == 1
    return torn.git("rev-parse", "main")


def expect_detached(torn: Repo, ours: str, why: str) -> None:
    done = torn.syncfork("abort")
    assert done.code == 0
    assert why in done.out and "The merge is undone, on no branch." in done.out
    assert "Everything is as it was" not in done.out
    assert torn.call("symbolic-ref", "-q", "HEAD").returncode == 1
    assert torn.git("rev-parse", "HEAD") == ours
    assert torn.git("status", "--porcelain") == ""


def test_a_branch_that_moved_meanwhile_is_left_where_it_is(torn: Repo) -> None:
    ours = begun(torn)
    colleague = torn.commit({"c2.txt": "c\n"}, ours)
    torn.branch("main", colleague)
    expect_detached(torn, ours, f"main was moved to {colleague[:9]} since")
    assert torn.git("rev-parse", "main") == colleague


def test_a_branch_that_was_deleted_meanwhile_is_not_one_without_commits(torn: Repo) -> None:
    ours = begun(torn)
    torn.git("branch", "-q", "-D", "main")
    expect_detached(torn, ours, "main is not there any more")


def test_a_branch_that_another_worktree_has_is_not_checked_out_twice(torn: Repo, tmp_path: Path) -> None:
    ours = begun(torn)
    torn.git("worktree", "add", "-q", str(tmp_path / "other"), "main")
    expect_detached(torn, ours, f"main is checked out in {tmp_path / 'other'}")


# abort: what a person staged


def test_what_was_staged_beside_the_merge_stays_in_the_worktree(torn: Repo) -> None:
    (torn.path / "mine.txt").write_text("PRECIOUS\n")
    (torn.path / "[new] *.txt").write_text("NEW\n")
    begun(torn)
    (torn.path / "deep/in/f").unlink()
    torn.git("add", "-A")
    assert torn.syncfork("abort").code == 0
    assert (torn.path / "mine.txt").read_text() == "PRECIOUS\n"
    assert (torn.path / "[new] *.txt").read_text() == "NEW\n"
    status = torn.git("status", "--porcelain", "-z").split("\0")
    assert status == [" D deep/in/f", " M mine.txt", "?? [new] *.txt", ""]
    assert torn.git("diff", "--cached", "--name-only") == ""


def test_what_syncfork_wrote_goes_with_the_merge_and_a_person_s_change_of_it_stays(torn: Repo) -> None:
    begun(torn)
    resolve(torn)
    torn.git("config", "commit.gpgSign", "true")
    torn.git("config", "gpg.program", "false")
    # The resolution is written and added, then the commit fails.
    done = torn.syncfork("continue")
    assert done.code == 3
    assert "the merge still waits: mend that, then `syncfork continue`" in done.err
    [written] = (torn.path / ".syncfork/resolutions").iterdir()
    assert torn.git("diff", "--cached", "--name-only", "--diff-filter=A", "--", ".syncfork") != ""
    assert torn.syncfork("abort").code == 0
    assert not written.exists()
    assert torn.git("status", "--porcelain") == ""
    begun(torn)
    resolve(torn)
    assert torn.syncfork("continue").code == 3
    written.write_text(written.read_text() + "# ours\n")
    torn.git("add", "-A")
    assert torn.syncfork("abort").code == 0
    assert written.read_text().endswith("# ours\n")


def test_work_in_a_submodule_is_left_alone(torn: Repo, tmp_path: Path) -> None:
    library = Repo.create(tmp_path / "lib")
    library.checkout("main", library.commit({"f": "1\n"}))
    torn.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.path), "lib")
    torn.git("commit", "-qm", "A library")
    (torn.path / "lib/f").write_text("PRECIOUS\n")
    torn.git("config", "submodule.recurse", "true")
    begun(torn)
    assert torn.syncfork("abort").code == 0
    assert (torn.path / "lib/f").read_text() == "PRECIOUS\n"


# abort: cut off


def test_an_abort_that_failed_half_way_is_told_as_such_and_can_be_repeated(torn: Repo) -> None:
    begun(torn)
    lock = torn.git_dir / "HEAD.lock"
    lock.touch()
    done = torn.syncfork("abort")
    assert done.code == 3
    assert f"if no git is at work here: rm {lock}" in done.err
    lock.unlink()
    assert "begun or undone only in part" in torn.syncfork("status").out
    assert "begun or undone only in part" in torn.syncfork("continue").err
    assert "begun or undone only in part" in torn.syncfork("resolve").err
    assert "Everything is as it was" in torn.syncfork("abort").out
    assert torn.git("symbolic-ref", "HEAD") == "refs/heads/main"
    assert torn.git("status", "--porcelain") == ""
    assert torn.git("branch", "--list", "sync/*") == ""


# While it waits


def test_garbage_collection_leaves_a_waiting_merge_whole(torn: Repo) -> None:
    begun(torn)
    # Upstream is force-pushed meanwhile, so nothing but the merge itself holds what it merges.
    theirs = torn.git("rev-parse", "upstream")
    torn.git("branch", "-q", "-f", "upstream", "main")
    resolve(torn)
    old = time.time() - 30 * 86_400
    for path in (torn.git_dir / "objects").rglob("*"):
        if path.is_file():
            os.utime(path, (old, old))
    torn.git("reflog", "expire", "--expire=now", "--all")
    torn.git("gc", "-q", "--prune=now")
    done = torn.syncfork("continue")
    assert done.code == 0, done.err
    assert torn.git("rev-parse", "HEAD^2") == theirs
    assert records(torn) == ""


@pytest.mark.parametrize("end", ["abort", "continue", "by hand"])
def test_nothing_of_the_record_is_left_in_the_end(torn: Repo, end: str) -> None:
    begun(torn)
    assert len(records(torn).split("\n")) == 2
    resolve(torn)
    if end == "by hand":
        torn.git("commit", "-qm", "By hand")
    assert torn.syncfork("continue" if end == "by hand" else end).code == 0
    assert records(torn) == ""


def test_status_names_the_branch_that_merges_it_already(torn: Repo) -> None:
    begun(torn)
    resolve(torn)
    torn.syncfork("continue")
    branch, commit = torn.git("branch", "--show-current"), torn.git("rev-parse", "HEAD")
    torn.git("config", "remote.upstream.url", ".")
    torn.git("update-ref", "refs/remotes/upstream/main", "upstream")
    on_it = torn.syncfork("status", "--format", "json").report
    assert on_it["next"] == [f"git push -u origin {branch}", "syncfork pr"]
    torn.git("checkout", "-q", "main")
    beside = torn.syncfork("status", "--format", "json").report
    assert beside["next"] == [f"git push -u origin {branch}", "syncfork pr"]
    assert beside["warnings"] == [f"{branch} merges this already; delete it to begin anew"]
    again = torn.syncfork("merge", "--format", "json", "--no-checkout").report
    assert beside["warnings"][0] in again["warnings"]
    torn.git("update-ref", f"refs/remotes/origin/{branch}", commit)
    torn.git("checkout", "-q", branch)
    torn.git("checkout", "-q", "main")
    # It is another commit's turn now.
    torn.git("commit", "-q", "--allow-empty", "-m", "More")
    assert torn.syncfork("status", "--format", "json").report["next"] == ["syncfork merge"]
    # A number in the name is not given without a word.
    moved = torn.syncfork("merge", "--format", "json").report
    assert moved["result"]["branch"].startswith(f"{branch}-")
    assert moved["warnings"] == [f"{branch} merges this already; delete it to begin anew"]


def test_status_knows_the_branch_where_a_person_went_on_after_the_merge(torn: Repo) -> None:
    begun(torn)
    resolve(torn)
    torn.syncfork("continue")
    branch = torn.git("branch", "--show-current")
    torn.git("config", "remote.upstream.url", ".")
    torn.git("update-ref", "refs/remotes/upstream/main", "upstream")
    torn.git("commit", "-q", "--allow-empty", "-m", "Remember how it was resolved")
    push = [f"git push -u origin {branch}", "syncfork pr"]
    assert torn.syncfork("status", "--format", "json").report["next"] == push
    torn.git("update-ref", f"refs/remotes/origin/{branch}", "HEAD")
    assert torn.syncfork("status", "--format", "json").report["next"] == push[1:]


# A write that fails


@pytest.mark.parametrize("conflict", [True, False])
def test_what_was_written_before_git_failed_is_put_back(torn: Repo, conflict: bool) -> None:
    if not conflict:
        torn.checkout("main", torn.git("rev-parse", "main~1"))
    (torn.git_dir / "info").mkdir(exist_ok=True)
    (torn.git_dir / "info/attributes").write_text("*.cfg filter=far\n")
    for name, command in (("clean", "cat"), ("smudge", "cat"), ("required", "true")):
        torn.git("config", f"filter.far.{name}", command)
    before = torn.snapshot()
    torn.git("config", "filter.far.smudge", "false")
    done = torn.syncfork("merge", "upstream")
    assert done.code == 3
    assert "what it had written was put back, but for clean.cfg" in done.err
    assert "mend that, then: git restore clean.cfg" in done.err
    assert torn.git("status", "--porcelain") == " D clean.cfg"
    assert not (torn.path / "far").exists()
    torn.git("config", "filter.far.smudge", "cat")
    torn.git("restore", "clean.cfg")
    assert {k: v for k, v in torn.snapshot().items() if k != "index file"} == {
        k: v for k, v in before.items() if k != "index file"
    }
    assert records(torn) == ""
    assert torn.syncfork("merge", "upstream").code == (1 if conflict else 0)


def test_a_file_that_git_was_told_to_overlook_is_named_with_the_way_out(torn: Repo) -> None:
    torn.git("update-index", "--assume-unchanged", "clean.cfg")
    (torn.path / "clean.cfg").write_text("mine\n")
    done = torn.syncfork("merge", "upstream")
    assert done.code == 3
    assert "clean.cfg" in done.err and "nothing was changed" in done.err
    assert "git update-index --no-assume-unchanged --no-skip-worktree FILE" in done.err
    assert (torn.path / "clean.cfg").read_text() == "mine\n"
    assert not (torn.path / "a_new.txt").exists()


# Other ways to have a repository


def test_in_a_sparse_checkout_conflicts_are_written_wherever_they_are(torn: Repo) -> None:
    base = torn.git("rev-parse", "main~1")
    ours = torn.commit({"docs/far.txt": "ours\n", "docs/gone.txt": "ours\n"}, base)
    theirs = torn.commit({"docs/far.txt": "theirs\n"}, base)
    torn.checkout("main", ours)
    torn.branch("upstream", theirs)
    torn.git("sparse-checkout", "set", "--cone", "deep")
    assert not (torn.path / "docs").exists()
    begun(torn)
    assert "<<<<<<<" in (torn.path / "docs/far.txt").read_text()
    torn.syncfork("abort")
    assert not (torn.path / "docs").exists()
    assert torn.git("status", "--porcelain") == ""
    begun(torn)
    (torn.path / "docs/far.txt").write_text("both\n")
    torn.git("add", "--sparse", "docs/far.txt")
    done = torn.syncfork("continue")
    assert done.code == 0, done.err
    assert "remembered 1 resolution" in done.out
    assert torn.read("HEAD", "docs/far.txt") == b"both\n"
    assert torn.read("HEAD", "docs/gone.txt") == b"ours\n"


def test_a_repository_that_the_environment_names_is_not_passed_over(torn: Repo, tmp_path: Path) -> None:
    other = Repo.create(tmp_path / "other")
    for variables, code in (
        ({"GIT_DIR": str(other.git_dir)}, 2),
        ({"GIT_WORK_TREE": str(other.path)}, 2),
        ({"GIT_DIR": str(torn.git_dir), "GIT_WORK_TREE": str(torn.path)}, 1),
    ):
        done = torn.syncfork("merge", "upstream", env=environment(**variables))
        assert done.code == code, done.err
        assert code == 1 or "it is the directory that counts" in done.err


def test_a_group_that_shares_the_repository_can_write_where_syncfork_did(torn: Repo) -> None:
    torn.git("config", "core.sharedRepository", "group")
    subprocess.run(["chmod", "-R", "g+w", str(torn.git_dir)], check=True)
    begun(torn)
    inside = [p for p in torn.git_dir.rglob("*") if p.is_dir() or p.parent.name == "syncfork"]
    assert torn.git_dir / "syncfork/lock" in inside
    assert [path for path in inside if not path.stat().st_mode & 0o020] == []


def test_the_message_is_what_the_commit_says_it_is(torn: Repo) -> None:
    torn.git("config", "i18n.commitEncoding", "ISO-8859-1")
    torn.git("checkout", "-q", "-b", "müll")
    begun(torn)
    resolve(torn)
    torn.syncfork("continue")
    raw = torn.call("cat-file", "commit", "HEAD").stdout
    assert b"\nencoding " not in raw
    assert "into müll".encode() in raw


def test_a_name_that_cannot_be_printed_is_typed_as_the_shell_takes_it(torn: Repo) -> None:
    name = "a'b\nc.txt"
    torn.branch("upstream", torn.commit({name: "1\n"}, torn.git("rev-parse", "upstream")))
    begun(torn)
    (torn.path / name).write_text("2\n")
    done = torn.syncfork("abort")
    assert done.code == 3
    command = done.err.split("then: ")[1].split(" && ")[0]
    assert command == r"git restore $'a\x27b\x0ac.txt'"
    subprocess.run(["bash", "-c", command], cwd=torn.path, check=True, env=environment())
    assert torn.syncfork("abort").code == 0


def test_a_name_that_git_made_up_is_not_committed_unseen(torn: Repo) -> None:
    base = torn.commit({"way": "1\n"})
    ours = torn.commit({"way": ("120000", "elsewhere")}, base)
    theirs = torn.commit({"way": "2\n"}, base)
    torn.checkout("main", ours)
    torn.branch("upstream", theirs)
    begun(torn)
    torn.git("add", "-A")
    done = torn.syncfork("continue", "--format", "json")
    assert done.code == 1
    [found] = [item for item in done.report["findings"] if item["detector"] == "marker"]
    assert found["path"] == "way~upstream"
    assert "git made this name up for one side of way" in found["message"]
    torn.git("mv", "way~upstream", "another")
    torn.syncfork("continue")
    assert torn.read("HEAD", "another") == b"2\n"
    assert torn.git("rev-list", "--count", "--min-parents=2", "-n1", "HEAD") == "1"


# What git or a person does in between


def test_a_checkout_that_fails_at_the_end_is_taken_back_whole(torn: Repo) -> None:
    """git writes index and worktree first, then HEAD."""
    torn.checkout("main", torn.commit({"mine.txt": "ours\n"}, torn.git("rev-parse", "main~1")))
    before = torn.snapshot()
    lock = torn.git_dir / "HEAD.lock"
    lock.touch()
    done = torn.syncfork("merge", "upstream")
    assert done.code == 3
    assert f"if no git is at work here: rm {lock}" in done.err
    lock.unlink()
    after = torn.snapshot()
    assert {k: v for k, v in after.items() if k != "index file"} == {
        k: v for k, v in before.items() if k != "index file"
    }
    assert torn.git("status", "--porcelain") == ""
    assert torn.syncfork("merge", "upstream").code == 0


def test_an_abort_that_git_refuses_leaves_the_merge_as_it_was(torn: Repo) -> None:
    begun(torn)
    resolve(torn)
    (torn.path / "mine.txt").write_text("mine too\n")
    torn.git("add", "mine.txt")
    (torn.path / "clean.cfg").write_text("edited\n")
    before = torn.git("ls-files", "--stage")
    done = torn.syncfork("abort")
    assert done.code == 3 and "git restore clean.cfg" in done.err
    lock = torn.git_dir / "index.lock"
    lock.touch()
    assert torn.syncfork("abort").code == 3
    lock.unlink()
    assert torn.git("ls-files", "--stage") == before
    torn.git("restore", "clean.cfg")
    assert "Merged on branch" in torn.syncfork("continue").out
    assert torn.read("HEAD", "mine.txt") == b"mine too\n"


def test_an_abort_that_is_repeated_takes_nothing_that_was_made_in_between(torn: Repo) -> None:
    begun(torn)
    lock = torn.git_dir / "HEAD.lock"
    lock.touch()
    assert torn.syncfork("abort").code == 3
    lock.unlink()
    (torn.path / "clean.cfg").write_text("my work\n")
    torn.git("add", "clean.cfg")
    assert torn.syncfork("abort").code == 0
    assert (torn.path / "clean.cfg").read_text() == "my work\n"
    assert torn.git("status", "--porcelain") == "M  clean.cfg"


def test_a_landing_that_was_cut_off_before_head_moved_is_undone_on_its_branch(torn: Repo) -> None:
    lock = torn.git_dir / "HEAD.lock"
    lock.touch()
    assert torn.syncfork("merge", "upstream").code == 3
    lock.unlink()
    assert "Everything is as it was before the merge." in torn.syncfork("abort").out
    assert torn.git("symbolic-ref", "HEAD") == "refs/heads/main"
    assert torn.git("status", "--porcelain") == ""


def test_a_branch_that_another_worktree_rebases_is_not_checked_out(torn: Repo, tmp_path: Path) -> None:
    ours = begun(torn)
    other = tmp_path / "other"
    torn.git("worktree", "add", "-q", str(other), "main")
    run = {"cwd": other, "env": environment(GIT_SEQUENCE_EDITOR="sed -i 1ibreak"), "check": True}
    subprocess.run(["git", "rebase", "-q", "-i", "HEAD~1"], capture_output=True, **run)  # type: ignore[call-overload]
    expect_detached(torn, ours, "main is checked out in another worktree (rebase-merge)")


def test_links_and_submodules_that_were_new_are_removed_with_the_rest(torn: Repo) -> None:
    theirs = torn.commit(
        {"a_link": ("120000", "clean.cfg"), "asub": ("160000", torn.git("rev-parse", "main"))},
        torn.git("rev-parse", "upstream"),
    )
    torn.branch("upstream", theirs)
    (torn.git_dir / "info").mkdir(exist_ok=True)
    (torn.git_dir / "info/attributes").write_text("clean.cfg filter=far\n")
    for name, command in (("clean", "cat"), ("smudge", "false"), ("required", "true")):
        torn.git("config", f"filter.far.{name}", command)
    done = torn.syncfork("merge", "upstream")
    assert done.code == 3
    assert not os.path.lexists(torn.path / "a_link") and not (torn.path / "asub").exists()
    assert not (torn.path / "a_new.txt").exists()
    assert "then: git restore clean.cfg" in done.err and "git restore a" not in done.err


def test_in_a_sparse_checkout_a_file_that_both_sides_renamed_is_left_to_a_person(torn: Repo) -> None:
    text = numbered(40)
    base = torn.commit({"docs/old": text})
    torn.checkout("main", torn.commit({"docs/old": None, "docs/one": text}, base))
    torn.branch("upstream", torn.commit({"docs/old": None, "docs/two": text}, base))
    torn.git("sparse-checkout", "set", "--cone", "deep")
    begun(torn)
    assert (torn.path / "docs/one").exists() and (torn.path / "docs/two").exists()
    assert torn.syncfork("abort").code == 0
    assert torn.git("status", "--porcelain") == ""


def test_in_a_linked_worktree_the_environment_may_name_its_file(torn: Repo, tmp_path: Path) -> None:
    other = tmp_path / "other"
    torn.git("worktree", "add", "-q", "-b", "side", str(other), "main")
    done = subprocess.run(
        [sys.executable, "-m", "syncfork", "merge", "upstream", "--dry-run"],
        cwd=other, env=environment(GIT_DIR=".git"), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "Dry run" in done.stdout


def test_a_person_s_edit_of_the_configuration_outlives_a_rule_that_was_written(torn: Repo) -> None:
    from syncfork.commands.ruling import _configure
    from syncfork.git.repository import Repository

    torn.checkout("main", torn.commit({"syncfork.toml": "# ours\n"}, torn.git("rev-parse", "main")))
    begun(torn)
    (torn.path / "syncfork.toml").write_text("# ours\n# mine\n")
    torn.git("add", "syncfork.toml")
    _configure(Repository.open(torn.path), torn.path, readable=True)
    assert torn.syncfork("abort").code == 0
    assert "# mine\n" in (torn.path / "syncfork.toml").read_text()


def test_a_folder_of_the_fork_s_where_upstream_has_a_file_is_not_taken_for_git_s(torn: Repo) -> None:
    torn.branch(
        "upstream", torn.commit({"deep/in/f": None, "deep": "a file\n"}, torn.git("rev-parse", "upstream"))
    )
    lock = torn.git_dir / "index.lock"
    lock.touch()
    done = torn.syncfork("merge", "upstream")
    lock.unlink()
    assert done.code == 3
    assert "nothing was changed" in done.err and "rm -r" not in done.err
    assert f"rm {lock}" in done.err
    assert (torn.path / "deep/in/f").read_text() == "1\n"


@pytest.mark.parametrize("cut_off", ["landing", "abort"])
def test_a_merge_that_a_person_made_after_one_that_was_cut_off_is_theirs(torn: Repo, cut_off: str) -> None:
    lock = torn.git_dir / "HEAD.lock"
    if cut_off == "abort":
        begun(torn)
    lock.touch()
    assert (
        torn.syncfork("abort" if cut_off == "abort" else "merge", *["upstream"][cut_off == "abort" :]).code
        == 3
    )
    lock.unlink()
    torn.git("reset", "-q", "--hard")
    torn.call("merge", "upstream")
    resolve(torn)
    before = torn.snapshot()
    assert "Everything is as it was" not in torn.syncfork("abort").out
    assert torn.snapshot() == before
    assert (torn.git_dir / "MERGE_HEAD").exists()


def test_ignored_files_outside_of_a_sparse_checkout_stay(torn: Repo) -> None:
    base = torn.git("rev-parse", "main~1")
    ours = torn.commit({"docs/far.txt": "ours\n", ".gitignore": "*.log\n"}, base)
    torn.checkout("main", ours)
    torn.branch("upstream", torn.commit({"docs/far.txt": "theirs\n"}, base))
    torn.git("sparse-checkout", "set", "--cone", "deep")
    (torn.path / "docs").mkdir()
    (torn.path / "docs/before.log").write_text("PRECIOUS\n")
    begun(torn)
    assert torn.syncfork("abort").code == 0
    assert (torn.path / "docs/before.log").read_text() == "PRECIOUS\n"
    assert not (torn.path / "docs/far.txt").exists()
    assert torn.git("config", "--type=bool", "core.sparseCheckoutCone") == "true"


def test_a_refused_abort_leaves_alone_what_was_only_announced(torn: Repo) -> None:
    begun(torn)
    (torn.path / "new.txt").write_text("my stuff\n")
    (torn.path / "mine.txt").write_text("staged\n")
    torn.git("add", "-N", "new.txt")
    torn.git("add", "mine.txt")
    (torn.path / "mine.txt").write_text("edited further\n")
    (torn.path / "clean.cfg").write_text("edited\n")
    before = torn.git("status", "--porcelain")
    done = torn.syncfork("abort")
    assert done.code == 3
    assert "then: git restore clean.cfg && syncfork abort" in done.err
    assert torn.git("status", "--porcelain") == before
    torn.git("restore", "clean.cfg")
    assert torn.syncfork("abort").code == 0
    assert (torn.path / "new.txt").read_text() == "my stuff\n"
    assert (torn.path / "mine.txt").read_text() == "edited further\n"


def test_work_staged_between_two_aborts_of_a_landing_that_was_cut_off_stays(torn: Repo) -> None:
    lock = torn.git_dir / "HEAD.lock"
    lock.touch()
    assert torn.syncfork("merge", "upstream").code == 3
    assert torn.syncfork("abort").code == 3
    lock.unlink()
    (torn.path / "clean.cfg").write_text("my work\n")
    torn.git("add", "clean.cfg")
    assert torn.syncfork("abort").code == 0
    assert torn.git("status", "--porcelain") == "M  clean.cfg"


def test_a_branch_that_git_cannot_delete_is_told_and_the_abort_repeated(torn: Repo) -> None:
    begun(torn)
    lock = torn.git_dir / "packed-refs.lock"
    lock.touch()
    done = torn.syncfork("abort")
    assert done.code == 3 and f"rm {lock}" in done.err
    lock.unlink()
    assert "Everything is as it was" in torn.syncfork("abort").out
    assert torn.git("branch", "--list", "sync/*") == ""


def test_what_was_taken_out_of_the_index_is_told_where_it_stays(torn: Repo) -> None:
    begun(torn)
    torn.git("restore", "--staged", "clean.cfg", "a_new.txt")
    done = torn.syncfork("abort")
    assert done.code == 0
    assert "Everything is as it was" not in done.out
    assert "The merge is undone, but for the files above." in done.out
    assert "a_new.txt" in done.out and "clean.cfg" in done.out and "far/out/new" not in done.out


def test_a_change_beside_the_merge_stays_and_is_named(torn: Repo) -> None:
    begun(torn)
    (torn.path / "mine.txt").write_text("more\n")
    (torn.path / "notes").write_text("untracked\n")
    told = torn.syncfork("abort", "--format", "json").report
    assert told["state"] == "aborted"
    assert told["warnings"] == ["your own changes beside the merge stay: mine.txt"]
    assert (torn.path / "mine.txt").read_text() == "more\n"


def test_who_wants_to_abort_a_finished_merge_learns_how_to_be_rid_of_it(repo: Repo) -> None:
    base = repo.commit({"a": "1"})
    repo.checkout("main", repo.commit({"b": "1"}, base))
    repo.branch("upstream", repo.commit({"a": "2"}, base))
    assert "start one with `syncfork merge`" in repo.syncfork("abort").err
    repo.syncfork("merge", "upstream", "--branch", "a-sync")
    done = repo.syncfork("abort")
    assert done.code == 2
    command = done.err.partition("since: ")[2].strip()
    assert command == "git switch main && git branch -D a-sync"
    repo.git("switch", "-q", "main")
    repo.git("branch", "-qD", "a-sync")
    assert "start one with `syncfork merge`" in repo.syncfork("abort").err
