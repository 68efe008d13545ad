"""What a merge must not be bent by, nor break: odd worktrees, hostile settings and names, missing objects."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pytest
from generated import Drawn, histories
from git_fixtures import EXE, LINK, Change, Repo, environment, names, numbered, rule_files, unmarked
from hypothesis import given
from test_merge_properties import examples

from syncfork.report import Report

RULE = """
id: flag
files: ["*.sh"]
rewrite: [{insert: " --ours", after: {regex: "^make"}}]
"""


@pytest.fixture
def fork(repo: Repo) -> Repo:
    """A fork of two scripts and a story; upstream changed a script and the story's line 9, and added a folder."""
    base = repo.commit({"build.sh": "make all\n", "story.txt": numbered(20), "lone.txt": numbered(9)})
    ours = repo.commit({"build.sh": "make --ours all\n", "mine.txt": "m\n"} | rule_files(RULE), base)
    theirs = repo.commit(
        {"build.sh": "make 'all'\n", "story.txt": numbered(20, {9: "theirs"}), "new/a.txt": "n\n"}, base
    )
    repo.branch("upstream", theirs)
    repo.checkout("main", ours)
    return repo


@pytest.fixture
def torn(fork: Repo) -> Repo:
    """The same, with a conflict in the story."""
    fork.checkout(
        "main", fork.commit({"story.txt": numbered(20, {9: "ours"})}, fork.git("rev-parse", "main"))
    )
    return fork


# -- what a conflict leaves in the worktree


def worktree(repo: Repo) -> dict[bytes, object]:
    """The files on disk, without labels of conflict markers."""
    found = repo.snapshot()["worktree"]
    assert isinstance(found, dict)
    return {
        path: (unmarked(content) if isinstance(content, bytes) else content, mode)
        for path, (content, mode) in found.items()
    }


@examples(9)
@given(histories())
def test_a_merge_without_rules_lands_as_git_merge_does(history: Drawn) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one, other = Repo.create(Path(folder) / "one"), Repo.create(Path(folder) / "other")
        ours, theirs = history.build(one)
        report: Report = one.merge(ours, theirs, checkout=True)
        history.build(other)
        other.checkout("main", ours)
        other.branch("refs/remotes/upstream/main", theirs)
        other.call("merge", "--no-ff", "--no-edit", "upstream/main")
        assert worktree(one) == worktree(other)
        assert (report.exit_code == 1) == bool(other.stages() or report.ledger.unexplained)
        assert one.stages().keys() == other.stages().keys()
        if report.ledger.unexplained:
            return  # git alone would have committed this
        status = ("status", "--porcelain=v2", "--untracked-files=all")
        assert without_ids(one.git(*status)) == without_ids(other.git(*status))


def without_ids(status: str) -> list[list[str]]:
    return sorted([word for word in line.split(" ") if len(word) != 40] for line in status.splitlines())


def test_a_mode_change_in_a_conflict_is_not_lost(torn: Repo) -> None:
    theirs = torn.commit({"story.txt": (EXE, numbered(20, {9: "theirs"}))}, torn.git("rev-parse", "upstream"))
    torn.branch("upstream", theirs)
    assert torn.syncfork("merge", "upstream").code == 1
    assert (torn.path / "story.txt").stat().st_mode & 0o111


def test_every_path_of_a_folder_in_conflict_with_a_file(fork: Repo) -> None:
    main = fork.commit({"new": "ours\n"}, fork.git("rev-parse", "main"))
    fork.checkout("main", main)
    report = fork.syncfork("merge", "upstream", "--format", "json").report
    assert names(report["conflicts"]) == {"new~HEAD"}
    assert (fork.path / "new~HEAD").read_text() == "ours\n"
    assert (fork.path / "new" / "a.txt").read_text() == "n\n"
    fork.syncfork("abort")
    assert (fork.path / "new").read_text() == "ours\n"
    assert fork.git("status", "--porcelain") == ""


# -- files in the way


@pytest.mark.parametrize("checkout", ["clean", "torn"])
@pytest.mark.parametrize("name", ["new/a.txt", "new", "ignored"])
def test_a_file_in_the_way_is_never_overwritten(fork: Repo, torn: Repo, checkout: str, name: str) -> None:
    if checkout == "clean":
        fork.checkout("main", fork.git("rev-parse", "main~1"))
    if name == "ignored":
        name = "new/a.txt"
        (fork.git_dir / "info" / "exclude").write_text("new\n")
    (fork.path / name).parent.mkdir(exist_ok=True)
    (fork.path / name).write_text("precious\n")
    before = fork.snapshot()
    done = fork.syncfork("merge", "upstream")
    assert (done.code, "Traceback" in done.err) == (3, False), done.err
    after = fork.snapshot()
    assert {key for key in after if after[key] != before[key]} <= {"index file"}
    assert fork.syncfork("status").code != 1, "no merge is left in progress"
    assert fork.syncfork("merge", "upstream", "--no-checkout").code == (0 if checkout == "clean" else 1)


def test_a_folder_of_untracked_files_in_the_way_of_a_file(fork: Repo) -> None:
    theirs = fork.commit({"notes": "a file\n"}, fork.git("rev-parse", "upstream"))
    fork.branch("upstream", theirs)
    (fork.path / "notes").mkdir()
    (fork.path / "notes" / "mine.txt").write_text("precious\n")
    done = fork.syncfork("merge", "upstream")
    assert done.code == 3
    assert "notes/mine.txt" in done.err
    assert "`git stash -u`" in done.err
    assert (fork.path / "notes" / "mine.txt").read_text() == "precious\n"
    assert fork.git("symbolic-ref", "HEAD") == "refs/heads/main"


def test_the_lock_of_a_git_that_was_killed_is_named(fork: Repo) -> None:
    lock = fork.git_dir / "refs" / "heads" / "synced.lock"
    lock.touch()
    done = fork.syncfork("merge", "upstream", "--no-checkout", "--branch", "synced")
    assert done.code == 3
    assert f"rm {lock}" in done.err
    lock.unlink()
    assert fork.syncfork("merge", "upstream", "--no-checkout", "--branch", "synced").code == 0


# -- other shapes of repositories


def test_a_run_in_a_subfolder_and_in_a_linked_worktree(fork: Repo, tmp_path: Path) -> None:
    fork.git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "second", "main")
    (tmp_path / "linked" / "sub").mkdir()
    inside = Repo(tmp_path / "linked" / "sub")
    assert inside.syncfork("merge", "upstream").code == 0
    linked = Repo(tmp_path / "linked")
    assert linked.git("status", "--porcelain") == ""
    assert linked.git("show", "HEAD:build.sh") == "make --ours 'all'"
    assert fork.git("symbolic-ref", "HEAD") == "refs/heads/main"


def test_a_conflict_in_a_linked_worktree_and_its_abort(torn: Repo, tmp_path: Path) -> None:
    torn.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"), "main")
    linked = Repo(tmp_path / "linked")
    assert linked.syncfork("merge", "upstream").code == 1
    assert set(linked.stages()) == {"story.txt"}
    assert torn.syncfork("status").code != 1, "the other worktree has no part in it"
    assert linked.syncfork("abort").code == 0
    assert linked.call("symbolic-ref", "-q", "HEAD").returncode == 1, "HEAD is detached again"
    assert linked.git("rev-parse", "HEAD") == torn.git("rev-parse", "main")
    assert linked.git("status", "--porcelain") == ""


def test_a_sha256_repository(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "r", algorithm="sha256")
    base = repo.commit({"d/build.sh": "make all\n", "s": numbered(9)})
    ours = repo.commit(
        {"d/build.sh": "make --ours all\n", "s": numbered(9, {3: "o"})}
        | rule_files(RULE.replace("*", "d/*")),
        base,
    )
    theirs = repo.commit({"d/build.sh": "make 'all'\n", "s": numbered(9, {3: "t"})}, base)
    report = repo.merge(ours, theirs, checkout=True)
    assert [c.path for c in report.conflicts] == ["s"]
    assert (repo.path / "d/build.sh").read_text() == "make --ours 'all'\n"
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def test_objects_that_the_repository_borrows(fork: Repo, tmp_path: Path) -> None:
    fork.git("clone", "-q", "--shared", str(fork.path), str(tmp_path / "shared"))
    shared = Repo(tmp_path / "shared")
    assert shared.syncfork("merge", "origin/upstream").code == 0
    assert shared.git("show", "HEAD:build.sh") == "make --ours 'all'"


@pytest.mark.parametrize("name", ["a:b", 'a "b\\ c', 'a:"b'])
def test_a_path_with_a_separator_of_alternates(tmp_path: Path, name: str) -> None:
    repo = Repo.create(tmp_path / name)
    base = repo.commit({"build.sh": "make all\n"})
    ours, theirs = (
        repo.commit({"build.sh": "make --ours all\n"} | rule_files(RULE), base),
        repo.commit({"b": "1\n"}, base),
    )
    assert repo.merge(ours, theirs).exit_code == 0


# -- settings of the user's


def test_a_hostile_configuration_changes_nothing(torn: Repo, tmp_path: Path) -> None:
    plain = torn.syncfork("merge", "upstream", "--dry-run", "--format", "json").report
    hook = "#!/bin/sh\necho hooked >> $(git rev-parse --git-dir)/hooked\nexit 1\n"
    (tmp_path / "hooks").mkdir()
    for name in (
        "pre-merge-commit",
        "prepare-commit-msg",
        "commit-msg",
        "post-checkout",
        "post-index-change",
        "reference-transaction",
    ):
        (tmp_path / "hooks" / name).write_text(hook)
        (tmp_path / "hooks" / name).chmod(0o755)
    (tmp_path / "attributes").write_text("* merge=union -diff\n")
    (tmp_path / "config").write_text(f"""
[diff]
  noprefix = true
  mnemonicPrefix = true
  external = /bin/false
  renames = false
  orderFile = /nowhere
  algorithm = histogram
[merge]
  conflictStyle = zdiff3
  renames = false
  ff = only
[core]
  quotePath = true
  hooksPath = {tmp_path}/hooks
  attributesFile = {tmp_path}/attributes
  pager = /bin/false
  fsmonitor = /bin/false
[color]
  ui = always
[rerere]
  enabled = true
  autoupdate = true
[log]
  showSignature = true
  decorate = full
[i18n]
  logOutputEncoding = ISO-8859-1
[status]
  short = true
  showUntrackedFiles = no
  relativePaths = true
""")
    env = environment(
        GIT_CONFIG_GLOBAL=str(tmp_path / "config"),
        GIT_INDEX_FILE="/nowhere",
        GIT_EXTERNAL_DIFF="/bin/false",
    )
    bent = torn.syncfork("merge", "upstream", "--dry-run", "--format", "json", env=env).report
    assert bent == plain
    done = torn.syncfork("merge", "upstream", "--format", "json", env=env)
    assert done.code == 1, done.err
    assert (
        "<<<<<<< main (ours)\nours\n=======\ntheirs\n>>>>>>> upstream (upstream)\n"
        in (torn.path / "story.txt").read_text()
    )
    assert not (torn.git_dir / "hooked").exists()
    assert not (torn.git_dir / "rr-cache").exists()
    (torn.path / "extra").write_text("x")
    assert torn.syncfork("abort", env=env).code == 0
    assert torn.git("status", "--porcelain") == "?? extra"


def test_line_endings_of_the_users_checkout(fork: Repo) -> None:
    fork.git("config", "core.autocrlf", "true")
    fork.git("rm", "-q", "--cached", "-r", ".")
    fork.git("reset", "-q", "--hard")
    assert (fork.path / "story.txt").read_bytes().startswith(b"line 1\r\n")
    assert fork.syncfork("merge", "upstream").code == 0
    assert (fork.path / "build.sh").read_bytes() == b"make --ours 'all'\r\n"
    assert fork.git("show", "HEAD:build.sh") == "make --ours 'all'"
    assert fork.git("status", "--porcelain") == ""


# -- hostile names and texts


HOSTILE_NAME = "x\n\nSigned-off-by: the boss <b@example.org>\n::error::\x1b[31m.sh"


@pytest.mark.parametrize("form", ["terminal", "markdown", "json"])
def test_a_path_cannot_write_lines_of_its_own(fork: Repo, form: str) -> None:
    base = fork.commit({HOSTILE_NAME: "make all\nto\n"})
    ours = fork.commit({HOSTILE_NAME: "make --ours all\nto\n"} | rule_files(RULE), base)
    theirs = fork.commit({HOSTILE_NAME: "make 'all'\nto\n"}, base)
    report = fork.merge(ours, theirs)
    assert report.result.branch, report.findings
    assert HOSTILE_NAME in {c.path for c in report.git_alone}
    fork.branch("up", theirs)
    done = fork.syncfork("merge", "up", "--format", form, "--branch", "again")
    assert "Traceback" not in done.err
    text = done.out + fork.git("log", "-1", "--format=%B", report.result.branch or "main")
    assert not any(line.lstrip().startswith(("Signed-off-by:", "::")) for line in text.splitlines())
    assert "\x1b" not in text.replace("\x1b[0m", "")


@pytest.mark.parametrize("terminals", [True, False])
def test_no_line_is_a_command_of_ci(torn: Repo, terminals: bool) -> None:
    for length in (0, 20, 50, 51, 52, 53, 60, 65):
        shows_no_command(torn, length, terminals)


def shows_no_command(torn: Repo, length: int, terminals: bool) -> None:
    from rich.console import Console

    from syncfork.render import json, markdown, terminal

    subject = f"{'w' * length} ::error::broken ##[error]x ##vso[task.complete]y"
    theirs = torn.commit(
        {"story.txt": numbered(20, {9: "t2"})}, torn.git("rev-parse", "upstream"), message=subject
    )
    report = torn.merge(torn.git("rev-parse", "main"), theirs, dry_run=True)
    written = io.StringIO()
    terminal.show(report, Console(file=written, width=80, force_terminal=terminals))
    shown = written.getvalue()
    assert "w" * length in shown.replace("\n", "")
    for text in (shown, json.render(report), markdown.render(report)):
        assert terminals or not any(line.lstrip().startswith("::") for line in text.splitlines())
        assert "##[" not in text
        assert "##vso[" not in text


# -- objects that are not there


def test_a_missing_object_that_nothing_needs(fork: Repo) -> None:
    old = fork.commit({"lone.txt": "gone\n"}, fork.git("rev-parse", "main"))
    fork.object_path(fork.git("rev-parse", f"{old}:lone.txt")).unlink()
    ours = fork.commit({"lone.txt": numbered(9)}, old)
    fork.checkout("main", ours)
    done = fork.syncfork("merge", "upstream")
    assert done.code == 0, done.err
    assert (fork.path / "build.sh").read_text() == "make --ours 'all'\n"


@pytest.mark.parametrize("damage", ["missing", "garbage"])
@pytest.mark.parametrize("side", ["upstream", "main", "main~1"])
def test_an_object_that_a_governed_file_needs(fork: Repo, side: str, damage: str) -> None:
    place = fork.object_path(fork.git("rev-parse", f"{side}:build.sh"))
    if damage == "missing":
        place.unlink()
    else:
        place.write_bytes(place.read_bytes()[:12] + b"garbage")
    before = fork.snapshot() if side != "main" else None
    done = fork.syncfork("merge", "upstream", "--no-checkout", "--format", "json")
    assert done.code in (1, 3), (done.out, done.err)
    assert done.report["exit_code"] == done.code
    assert "build.sh" in done.out or fork.git("rev-parse", "main") in done.out or "object" in done.out
    assert before is None or fork.snapshot()["refs"] == before["refs"]


def test_a_missing_object_beside_a_rename(fork: Repo) -> None:
    main, upstream = fork.git("rev-parse", "main"), fork.git("rev-parse", "upstream")
    ours = fork.commit({"lone.txt": None, "moved.txt": numbered(9, {2: "moved"})}, main)
    fork.checkout("main", ours)
    fork.branch("upstream", fork.commit({"big.bin": b"\0big"}, upstream))
    fork.object_path(fork.git("rev-parse", "upstream:big.bin")).unlink()
    done = fork.syncfork("merge", "upstream", "--no-checkout", "--format", "json")
    assert done.code in (0, 3)
    if done.code == 0:
        assert fork.git("show", f"{done.report['result']['branch']}:build.sh") == "make --ours 'all'"


def test_a_link_to_the_outside_stays_a_link(fork: Repo, tmp_path: Path) -> None:
    (tmp_path / "outside.sh").write_text("make outside\n")
    theirs = fork.commit({"link.sh": (LINK, str(tmp_path / "outside.sh"))}, fork.git("rev-parse", "upstream"))
    fork.branch("upstream", theirs)
    assert fork.syncfork("merge", "upstream").code == 1
    assert (tmp_path / "outside.sh").read_text() == "make outside\n"


# -- after the merge


def test_the_next_sync_starts_where_the_last_one_ended(fork: Repo) -> None:
    assert fork.syncfork("merge", "upstream").code == 0
    theirs = fork.commit({"build.sh": 'make "all"\n'}, fork.git("rev-parse", "upstream"))
    fork.branch("upstream", theirs)
    done = fork.syncfork("merge", "upstream", "--format", "json")
    assert (done.code, done.report["behind"]) == (0, 1)
    assert (fork.path / "build.sh").read_text() == 'make --ours "all"\n'


def test_two_runs_at_the_same_time(torn: Repo) -> None:
    import subprocess
    import sys

    command = [sys.executable, "-m", "syncfork", "-C", str(torn.path), "merge", "upstream"]
    runs = [subprocess.Popen(command, env=environment(), stdout=-3, stderr=subprocess.PIPE) for _ in range(3)]
    ends = sorted((run.wait(), (run.stderr.read() if run.stderr else b"").decode()) for run in runs)
    assert [code for code, _ in ends] == [1, 3, 3], ends
    assert all(
        "another syncfork run" in said or "is in progress" in said for code, said in ends if code == 3
    ), ends
    assert set(torn.stages()) == {"story.txt"}


@pytest.mark.parametrize("files", [20, 200])
def test_few_objects_are_kept_loose_and_many_as_one_pack(repo: Repo, files: int) -> None:
    def version(old: str, new: str) -> dict[str | bytes, Change]:
        return {f"d{n}/f": numbered(9, {2: old, 5: str(n), 8: new}) for n in range(files)}

    base = repo.commit(version("a", "a"))
    ours, theirs = repo.commit(version("b", "a"), base), repo.commit(version("a", "b"), base)
    repo.checkout("main", ours)
    repo.branch("up", theirs)
    before = set((repo.git_dir / "objects/pack").glob("*"))
    assert repo.syncfork("merge", "up", "--no-checkout", "--branch", "synced").code == 0
    assert repo.read("synced", f"d{files - 1}/f") == numbered(9, {2: "b", 5: str(files - 1), 8: "b"})
    assert not repo.git("fsck", "--strict")
    made = {path.suffix for path in set((repo.git_dir / "objects/pack").glob("*")) - before}
    assert made == (set() if files == 20 else {".pack", ".idx"})
