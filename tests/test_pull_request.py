"""`syncfork pr`: the right repository or none, with a `gh` that only writes down how it was called."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import pytest
from git_fixtures import Repo, environment, rule_files

from syncfork.errors import ExitCode
from syncfork.forge import ForgeRepository, parse_name, repository_of

ORIGIN, UPSTREAM = "https://github.com/acme/fork", "https://github.com/up/stream"
FAKE_GH = """#!/bin/sh
for word in "$@"; do printf '%s\\0' "$word"; done > "$GH_RECORD"
[ -z "$GH_FAIL" ] || { echo "$GH_FAIL" >&2; exit 4; }
echo https://github.com/acme/fork/pull/7
"""


@pytest.fixture
def merged(repo: Repo, tmp_path: Path) -> Repo:
    """A fork whose merge of upstream is done on the branch `sync`, with an origin that can be pushed to."""
    base = repo.commit({"a.txt": "1\n"})
    upstream = repo.commit({"b.txt": "2\n"}, base, message="Add b (#3)")
    repo.checkout("main", repo.commit({"c.txt": "3\n"}, base))
    Repo.create(tmp_path / "origin.git", bare=True)
    repo.git("remote", "add", "origin", ORIGIN)
    repo.git("remote", "add", "upstream", UPSTREAM)
    repo.git("config", f"url.{tmp_path / 'origin.git'}.insteadOf", ORIGIN)
    repo.git("update-ref", "refs/remotes/upstream/main", upstream)
    assert repo.syncfork("merge", "--branch", "sync").code == 0
    return repo


@pytest.fixture
def pushed(merged: Repo) -> Repo:
    merged.git("push", "-qu", "origin", "sync")
    return merged


def with_gh(tmp_path: Path, **more: str) -> dict[str, str]:
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    (folder / "gh").write_text(FAKE_GH)
    (folder / "gh").chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return environment(PATH=path, GH_RECORD=str(tmp_path / "record"), **more)


def said_to_gh(tmp_path: Path) -> list[str]:
    return (tmp_path / "record").read_text().split("\0")[:-1]


def test_prints_the_command(pushed: Repo) -> None:
    done = pushed.syncfork("pr")
    assert done.code == 0, done.err
    words = shlex.split(done.out)
    body = Path(words.pop())
    tip = pushed.git("rev-parse", "upstream/main")[:9]
    assert words == ["gh", "pr", "create", "--repo", "acme/fork", "--base", "main", "--head", "sync",
                     "--title", f"Sync with upstream/main ({tip})", "--body-file"]  # fmt: skip
    assert body.read_text().startswith("## Sync `upstream/main` into `main`")
    assert pushed.git_dir in body.parents


def test_runs_gh(pushed: Repo, tmp_path: Path) -> None:
    done = pushed.syncfork(
        "pr", "--run", "--title", "A $(title) of mine", "--base", "next", env=with_gh(tmp_path)
    )
    assert (done.code, done.out) == (0, "https://github.com/acme/fork/pull/7\n")
    said = said_to_gh(tmp_path)
    assert said[:2] == ["pr", "create"]
    options = dict(zip(said[2::2], said[3::2], strict=True))
    assert options["--title"] == "A $(title) of mine"
    assert options["--base"] == "next"
    assert options["--repo"] == "acme/fork"


def test_json_and_markdown(pushed: Repo) -> None:
    found = pushed.syncfork("pr", "--format", "json").report
    assert found["command"][:3] == ["gh", "pr", "create"]
    assert found["verb"] == "pr"
    assert pushed.syncfork("pr", "--format", "markdown").out == Path(found["body_file"]).read_text()


def test_without_run_gh_is_not_called(pushed: Repo, tmp_path: Path) -> None:
    assert pushed.syncfork("pr", env=with_gh(tmp_path)).code == 0
    assert not (tmp_path / "record").exists()


def test_gh_is_missing(pushed: Repo, tmp_path: Path) -> None:
    only_git = tmp_path / "bin"
    only_git.mkdir()
    (only_git / "git").symlink_to(
        next(p for d in os.environ["PATH"].split(os.pathsep) if (p := Path(d) / "git").exists())
    )
    done = pushed.syncfork("pr", "--run", env=environment(PATH=str(only_git)))
    assert done.code == ExitCode.ENVIRONMENT
    assert "gh is not installed" in done.err


def test_gh_fails(pushed: Repo, tmp_path: Path) -> None:
    done = pushed.syncfork("pr", "--run", env=with_gh(tmp_path, GH_FAIL="\x1b[31mnot signed in"))
    assert done.code == ExitCode.ENVIRONMENT
    assert "gh failed: [31mnot signed in" in done.err


def test_refuses_a_branch_that_is_not_pushed(merged: Repo, tmp_path: Path) -> None:
    done = merged.syncfork("pr", "--run", env=with_gh(tmp_path))
    assert done.code == ExitCode.ENVIRONMENT
    assert "not pushed" in done.err
    assert "git push -u origin sync" in done.err
    assert not (tmp_path / "record").exists()
    assert not (tmp_path / "origin.git" / "refs" / "heads" / "sync").exists()


def test_refuses_a_branch_with_newer_commits(pushed: Repo) -> None:
    pushed.git("commit", "-q", "--allow-empty", "-m", "later")
    assert "has commits that are not in origin yet" in pushed.syncfork("pr").err


def test_a_clone_that_tracks_one_branch_only(pushed: Repo) -> None:
    pushed.git("update-ref", "-d", "refs/remotes/origin/sync")
    assert pushed.syncfork("pr").code == 0


@pytest.mark.parametrize("url", [ORIGIN, "git@github.com:Acme/Fork.git", "ssh://git@github.com/acme/fork/"])
def test_refuses_upstream_s_repository(pushed: Repo, tmp_path: Path, url: str) -> None:
    pushed.git("config", "remote.upstream.url", url)
    done = pushed.syncfork("pr", "--run", env=with_gh(tmp_path))
    assert done.code == ExitCode.ENVIRONMENT
    assert "upstream's repository" in done.err
    assert not (tmp_path / "record").exists()


@pytest.mark.parametrize("name", ["up/stream", "UP/Stream", "github.com/up/stream"])
def test_refuses_upstream_given_by_name(pushed: Repo, name: str) -> None:
    done = pushed.syncfork("pr", "--repo", name)
    assert done.code == ExitCode.ENVIRONMENT
    assert "upstream's repository" in done.err


def test_the_repository_of_the_fork_s_configuration(repo: Repo) -> None:
    files = {**rule_files(), "syncfork.toml": 'repository = "acme/other"\nupstream = "astral/main"\n'}
    base = repo.commit({"a.txt": "1\n"})
    upstream = repo.commit({"b.txt": "2\n", "syncfork.toml": 'repository = "evil/repo"\n'}, base)
    repo.checkout("main", repo.commit(files, base))
    repo.git("remote", "add", "astral", UPSTREAM)
    repo.git("remote", "add", "origin", "https://github.com/acme/other.git")
    repo.git("update-ref", "refs/remotes/astral/main", upstream)
    assert repo.syncfork("merge", "--branch", "sync").code == 1  # both added the file
    repo.git("checkout", "-q", "--theirs", "syncfork.toml")
    repo.git("add", "syncfork.toml")
    assert repo.syncfork("continue").code == 0
    repo.git("update-ref", "refs/remotes/origin/sync", "sync")
    assert "--repo acme/other " in repo.syncfork("pr").out


def test_no_merge_yet(repo: Repo) -> None:
    repo.checkout("main", repo.commit({"a": "1\n"}))
    done = repo.syncfork("pr")
    assert done.code == ExitCode.ENVIRONMENT
    assert "no finished merge" in done.err


def test_the_branch_is_gone(pushed: Repo) -> None:
    pushed.git("checkout", "-q", "main")
    pushed.git("branch", "-qD", "sync")
    assert "is gone" in pushed.syncfork("pr").err


def test_a_record_of_another_version(pushed: Repo) -> None:
    path = pushed.git_dir / "syncfork" / "last.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema_version": 99}))
    assert "cannot be read" in pushed.syncfork("pr").err
    path.write_text("{}")
    assert pushed.syncfork("pr").code == ExitCode.ENVIRONMENT


def test_an_unfinished_merge(repo: Repo) -> None:
    base = repo.commit({"a.txt": "1\n"})
    repo.branch("up", repo.commit({"a.txt": "2\n"}, base))
    repo.checkout("main", repo.commit({"a.txt": "3\n"}, base))
    assert repo.syncfork("merge", "up").code == 1
    assert "not finished yet" in repo.syncfork("pr").err
    assert repo.syncfork("abort").code == 0
    assert "syncfork merge" in repo.syncfork("pr").err


def test_a_merge_made_beside_one_that_waits(pushed: Repo) -> None:
    pushed.checkout("main", pushed.commit({"b.txt": "ours\n"}, pushed.git("rev-parse", "main")))
    assert pushed.syncfork("merge", "--branch", "waits").code == 1
    assert "not finished yet" in pushed.syncfork("pr").err
    early = pushed.git("rev-parse", "sync^2")
    later = pushed.commit({"d.txt": "4\n"}, pushed.git("merge-base", "main", early))
    assert pushed.syncfork("merge", later, "--no-checkout", "--branch", "beside").code == 0
    pushed.git("push", "-qu", "origin", "beside")
    done = pushed.syncfork("pr", "--base", "main")
    assert done.code == 0, done.err
    assert "--head beside" in done.out


def test_an_origin_that_is_no_forge(pushed: Repo, tmp_path: Path) -> None:
    pushed.git("config", "remote.origin.url", str(tmp_path / "origin.git"))
    done = pushed.syncfork("pr")
    assert done.code == ExitCode.USAGE
    assert "--repo OWNER/NAME" in done.err
    assert "--repo me/mine " in pushed.syncfork("pr", "--repo", "me/mine").out


def test_all_that_is_missing_is_told_at_once(merged: Repo, tmp_path: Path) -> None:
    merged.git("config", "remote.origin.url", str(tmp_path / "origin.git"))
    done = merged.syncfork("pr")
    assert done.code == ExitCode.USAGE
    told = " ".join(done.err.split())
    assert "which repository is the fork's?" in told and "--repo OWNER/NAME" in told
    assert "the branch sync is not pushed yet" in told and "git push -u origin sync" in told
    # What it will say can be read before anything is pushed.
    body = merged.git_dir / "syncfork" / "pull-request.md"
    assert "its text can be read already, in " in told and body.name in told
    assert body.read_text().startswith("## Sync `upstream/main` into `main`")


def test_the_body_tells_what_became_of_each_conflict_and_why(repo: Repo) -> None:
    base = repo.commit({"a.txt": "1\n"})
    repo.branch("up", repo.commit({"a.txt": "2\n"}, base, message="Two ```\n\n</details>"))
    repo.checkout("main", repo.commit({"a.txt": "3\n"}, base))
    repo.git("remote", "add", "origin", ORIGIN)
    assert repo.syncfork("merge", "up").code == 1
    (repo.path / "a.txt").write_text("4\n")
    repo.git("add", "a.txt")
    assert repo.syncfork("continue", "--reason", "we need both").code == 0
    assert repo.syncfork("pr").code != 0
    body = (repo.git_dir / "syncfork" / "pull-request.md").read_text()
    fold = body.partition(
        "<summary>What became of each conflict, and why: the merge's message</summary>\n\n"
    )[2]
    block, _, rest = fold.partition("\n````\n\n</details>\n")
    assert block.startswith("````\nMerge up (") and "\na.txt\n  upstream: Two ```\n" in block
    assert "  done: by hand: we need both" in block and rest.startswith("\nMerge this pull request with")


def test_the_body_says_how_to_merge_it(pushed: Repo) -> None:
    body = pushed.syncfork("pr", "--format", "markdown").out
    assert "with a merge commit: squashed or rebased" in body.splitlines()[-1]


OLD, NEW = "release tag:\n  gh {{tag}}\n", "release tag commit:\n  gh {{tag}} {{commit}}\n"
CALLS, MENDED = "just release $TAG\n", "just release $TAG $SHA\n"


@pytest.fixture
def broken(repo: Repo, tmp_path: Path) -> Repo:
    """A merge on the branch `sync` that breaks a call in go.sh; `torn` is upstream's next, with a conflict."""
    base = repo.commit({"Justfile": OLD, "story": "1\n"})
    upstream = repo.commit({"Justfile": NEW}, base, message="Releases need a commit (#7)")
    repo.branch("torn", repo.commit({"story": "theirs\n"}, upstream))
    repo.checkout("main", repo.commit({"go.sh": CALLS, "story": "ours\n"}, base))
    Repo.create(tmp_path / "origin.git", bare=True)
    repo.git("remote", "add", "origin", ORIGIN)
    repo.git("config", f"url.{tmp_path / 'origin.git'}.insteadOf", ORIGIN)
    repo.git("update-ref", "refs/remotes/upstream/main", upstream)
    assert repo.syncfork("merge", "upstream/main", "--branch", "sync").code == 1
    return repo


def mend(repo: Repo, files: dict[str, str]) -> None:
    for name, text in files.items():
        (repo.path / name).write_text(text)
    repo.git("add", "-A")
    repo.git("commit", "-qm", "Mend it")
    repo.git("push", "-qu", "origin", "sync")


def test_what_was_mended_on_the_branch_is_told_as_mended(broken: Repo) -> None:
    broken.git("push", "-qu", "origin", "sync")
    before = broken.syncfork("pr", "--format", "markdown").out
    assert "- [ ] `go.sh:1`" in before and "mended" not in before
    mend(broken, {"go.sh": MENDED})
    after = broken.syncfork("pr", "--format", "markdown").out
    assert "- [ ]" not in after and "`go.sh:1`: mended since the merge: " in after
    assert after.startswith("## Sync `upstream/main` into `main`")


def test_what_broke_since_on_the_branch_is_told(broken: Repo) -> None:
    mend(broken, {"go.sh": MENDED, "other.sh": CALLS})
    body = broken.syncfork("pr", "--format", "markdown").out
    assert "`go.sh:1`: mended" in body and "- [ ] `other.sh:1`" in body


def test_a_branch_that_cannot_be_checked_is_told_as_of_the_merge(broken: Repo) -> None:
    mend(broken, {"go.sh": MENDED})
    broken.git("update-ref", "-d", "refs/remotes/upstream/main")
    body = broken.syncfork("pr", "--format", "markdown").out
    assert "- [ ] `go.sh:1`" in body and "this is told as of the merge" in body


@pytest.fixture
def given_up(broken: Repo) -> Repo:
    """The same, mended and pushed, after a second merge was begun and aborted, and a dry run."""
    mend(broken, {"go.sh": MENDED})
    broken.git("checkout", "-q", "main")
    assert broken.syncfork("merge", "torn", "--branch", "next").code == 1
    assert broken.syncfork("abort").code == 0
    assert broken.syncfork("merge", "torn", "--branch", "next", "--dry-run").code == 1
    return broken


def test_the_merge_of_the_branch_after_another_was_given_up(given_up: Repo) -> None:
    refused = given_up.syncfork("pr").err
    assert "the last run made no merge" in refused and "git checkout sync" in refused
    given_up.git("checkout", "-q", "sync")
    done = given_up.syncfork("pr")
    assert done.code == 0, done.err
    assert "--base main --head sync" in done.out
    body = Path(shlex.split(done.out)[-1]).read_text()
    assert body.startswith("## Sync `upstream/main` into `main`") and "- [ ]" not in body


def test_a_merge_of_which_no_report_is_kept_is_told_as_check_sees_it(given_up: Repo) -> None:
    (given_up.git_dir / "syncfork" / "merged.json").unlink()
    assert "run `syncfork merge` first" in given_up.syncfork("pr").err
    given_up.git("checkout", "-q", "sync")
    assert "--base BRANCH" in given_up.syncfork("pr").err
    done = given_up.syncfork("pr", "--base", "main")
    assert done.code == 0, done.err
    assert "--base main --head sync" in done.out
    body = Path(shlex.split(done.out)[-1]).read_text()
    assert body.startswith("## Check of `sync`") and "- [ ]" not in body
    # The merge is found though nothing at all is kept.
    (given_up.git_dir / "syncfork" / "last.json").unlink()
    assert given_up.syncfork("pr", "--base", "main").code == 0


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/a/b", "a/b"),
        ("https://user@github.com/a/b.git", "a/b"),
        ("git@github.com:a/b.git", "a/b"),
        ("ssh://git@ghe.example.com:2222/a/b", "ghe.example.com/a/b"),
        ("https://gitlab.com/group/sub/b", None),
        ("/tmp/a/b", None),
        ("../a/b", None),
        ("", None),
    ],
)
def test_repository_of_an_address(url: str, name: str | None) -> None:
    found = repository_of(url)
    assert (str(found) if found else None) == name


@pytest.mark.parametrize("name", ["", "a", "a/", "/b", "-a/b", "a/b/c/d"])
def test_names_that_are_none(name: str) -> None:
    assert parse_name(name) is None


def test_host_of_a_name() -> None:
    assert parse_name("GitHub.com/a/b") == ForgeRepository("github.com", "a", "b")
