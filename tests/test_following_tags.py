"""A fork that follows upstream's releases: `tags` in syncfork.toml, and tags that are named on the command line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from git_fixtures import Changes, Repo

from syncfork.commands.init import run_init
from syncfork.config import load_setup
from syncfork.git.door import Git
from syncfork.git.repository import Repository
from syncfork.git.tags import form_of, newest, of_remote


@pytest.mark.parametrize(
    ("form", "names", "expected"),
    [
        ("v*", "v1.9.0 v1.10.0 v1.2.0", "v1.10.0 v1.9.0 v1.2.0"),
        ("v*", "v1.9 w2.0 1.9", "v1.9"),
        ("*", "25.01 25.07.1 24.12 25.07", "25.07.1 25.07 25.01 24.12"),
        ("b*", "b999 b4567 b1000", "b4567 b1000 b999"),
        ("v4.3.*", "v4.3.9 v4.4.0 v4.3.10", "v4.3.10 v4.3.9"),
        ("v*", "v2.0.0-rc.1 v2.0.0-beta2 v1.9 v2.0.dev3 v2.0a1 v2.0-SNAPSHOT v2.0_pre", "v1.9"),
        ("v*-rc*", "v2.0.0-rc.1 v2.0.0-rc.2 v1.9", "v2.0.0-rc.2 v2.0.0-rc.1"),
        # What has no release yet.
        ("v*", "v0.1-alpha1 v0.1-alpha2", "v0.1-alpha2 v0.1-alpha1"),
        # Words that only hold such a one.
        ("*", "predator-2 developer-1 dev-3", "predator-2 developer-1"),
        ("*", "nothing", "nothing"),
        ("v[0-9]*", "vscode-9 v1 v2", "v2 v1"),
        ("v*", "v" + "9" * 5000 + " v1", "v" + "9" * 5000 + " v1"),
        ("x*", "v1", ""),
        ("*", "17.0.0 17.0.0-next.8 17.1.0-next.0", "17.0.0"),
        ("v*", "v3.0.0 v3.0.0-M5 v3.0.0-cr2 v3.0.0-ea1", "v3.0.0"),
        ("*", "1.0-beta.2 1.0-alpha.27 1.0-rc.1", "1.0-rc.1 1.0-beta.2 1.0-alpha.27"),
        ("*rc*", "2.0-rc.1 2.1-rc.1 2.1-rc.2", "2.1-rc.2 2.1-rc.1 2.0-rc.1"),
        ("*a*", "2.0-alpha.1 2.0", "2.0-alpha.1"),
    ],
)
def test_the_newest_tag_of_a_form(form: str, names: str, expected: str) -> None:
    assert newest(names.split(), form) == expected.split()


@pytest.mark.parametrize(
    ("merged", "form"),
    [
        (["v1.0", "v1.1", "v1.2"], "v[0-9]*"),
        (["24.07", "25.01"], "[0-9]*"),
        (["release-1", "release-2"], "release-[0-9]*"),
        (["stable v1.0", "v1.1 latest", "v1.2 final-1"], "v[0-9]*"),
        (["nightly-1 v1.0", "nightly-2 v1.1", "nightly-3 v1.2"], "v[0-9]*"),
        (["build-1 v1.0", "build-2 v1.1"], "v[0-9]*"),
        (["v1.0", "release-2"], ""),
        (["v1.0", ""], ""),
        (["stable", "stable"], ""),
        ([], ""),
        # What a merge's subject names need be no tag.
        (["~1", "~2"], ""),
        (["v?1", "v?2"], ""),
        (["-1", "-2"], ""),
        (["refs/tags/v1", "refs/tags/v2"], ""),
    ],
)
def test_the_form_of_the_tags_that_were_merged(merged: list[str], form: str) -> None:
    assert form_of([names.split() for names in merged]) == form


@pytest.fixture
def far(tmp_path: Path) -> Repo:
    """Upstream: v1.0 on its main branch, which went on; on a branch of releases v1.1, and v1.2-rc1 after it."""
    far = Repo.create(tmp_path / "far")
    first = far.commit({"a": "1\n", "b": "1\n"})
    release = far.commit({"b": "1.1\n"}, first, message="Release 1.1")
    far.branch("main", far.commit({"a": "2\n"}, first))
    early = far.commit({"b": "rc\n"}, release)
    far.branch("releases", early)
    far.branch("refs/tags/v1.0", first)
    far.branch("refs/tags/v1.2-rc1", early)
    far.git("tag", "-a", "-m", "1.1", "v1.1", release)
    return far


@pytest.fixture
def fork(far: Repo, tmp_path: Path) -> Repo:
    """A fork of v1.0 that follows tags, and has a later one of its own."""
    fork = Repo.create(tmp_path / "fork")
    fork.git("remote", "add", "upstream", far.path.as_uri())
    fork.git("fetch", "-q", "--no-tags", "upstream")
    fork.trees = far.trees
    adopt(fork, 'upstream = "upstream/main"\ntags = "v*"\n', far.git("rev-parse", "v1.0"))
    fork.git("tag", "v9.0-acme")
    return fork


def adopt(fork: Repo, text: str, *parents: str) -> None:
    fork.checkout(
        "main",
        fork.commit({"syncfork.toml": text, "own": "1\n"}, *parents or (fork.git("rev-parse", "main"),)),
    )


def upstream(fork: Repo, *arguments: str) -> tuple[str, str]:
    ran = fork.syncfork(*arguments, "--format", "json")
    assert ran.code in (0, 1), ran.err
    return ran.report["upstream"]["ref"], ran.report["upstream"]["commit"]


def test_the_newest_release_is_fetched_and_merged(far: Repo, fork: Repo) -> None:
    release = far.git("rev-parse", "v1.1^{commit}")
    assert "no tag of upstream's is here that matches 'v*'" in fork.syncfork("status").err
    assert "`syncfork merge --fetch --dry-run`" in fork.syncfork("merge").err
    assert upstream(fork, "merge", "--fetch", "--dry-run") == ("upstream/v1.1", release)
    # From then on it is known.
    assert upstream(fork, "status") == upstream(fork, "merge") == ("upstream/v1.1", release)
    assert fork.git("log", "-1", "--format=%s %P").split()[-1] == release
    assert fork.syncfork("status", "--format", "json").report["state"] == "up to date"
    # The clone's own tags are what they were.
    assert fork.git("tag").split() == ["v9.0-acme"]


def test_the_command_line_is_stronger(far: Repo, fork: Repo) -> None:
    main, early = far.git("rev-parse", "main"), far.git("rev-parse", "v1.2-rc1")
    assert upstream(fork, "merge", "upstream/main", "--dry-run") == ("upstream/main", main)
    refused = fork.syncfork("merge", "v1.2-rc1", "--dry-run")
    assert "with --fetch where it is a tag of upstream's" in refused.err
    for name in ("v1.2-rc1", "upstream/v1.2-rc1"):
        assert upstream(fork, "drift", name, "--fetch") == ("upstream/v1.2-rc1", early)
        # What was fetched once is known by both names.
        assert upstream(fork, "merge", name, "--dry-run") == ("upstream/v1.2-rc1", early)
    meant = fork.syncfork("merge", "v1.2", "--fetch", "--dry-run")
    assert "neither a revision this repository knows nor a tag of upstream's" in meant.err
    assert "did you mean v1.2-rc1?" in meant.err


def test_a_tag_that_git_fetched_counts_where_upstream_s_branches_have_it(far: Repo, fork: Repo) -> None:
    fork.git("tag", "v1.0.1", "upstream/main")
    assert upstream(fork, "status") == ("upstream/v1.0.1", far.git("rev-parse", "main"))
    assert upstream(fork, "merge", "upstream/v1.0.1", "--dry-run")[0] == "upstream/v1.0.1"


def test_a_new_release_is_newer_than_what_is_known(far: Repo, fork: Repo) -> None:
    assert upstream(fork, "merge", "--fetch")[0] == "upstream/v1.1"
    far.branch("refs/tags/v1.10", far.commit({"a": "10\n"}, far.git("rev-parse", "main")))
    assert upstream(fork, "drift")[0] == "upstream/v1.1"
    assert upstream(fork, "drift", "--fetch") == ("upstream/v1.10", far.git("rev-parse", "v1.10"))


def test_that_one_release_does_not_hold_the_last_is_no_rewritten_upstream(
    far: Repo, fork: Repo, tmp_path: Path
) -> None:
    history = ("--history", str(tmp_path / "history.jsonl"), "--fetch", "--format", "json")
    assert fork.syncfork("drift", *history).report["warnings"] == []
    far.git("tag", "v1.10", "main")
    report = fork.syncfork("drift", *history).report
    assert (report["upstream"]["ref"], report["warnings"]) == ("upstream/v1.10", [])


def test_a_tag_that_upstream_moved_is_told_once(far: Repo, fork: Repo) -> None:
    was = upstream(fork, "drift", "--fetch")[1]
    far.git("tag", "-f", "v1.1", "main")
    told = [fork.syncfork("drift", "--fetch", "--format", "json").report["warnings"] for _ in range(2)]
    assert told == [[f"upstream moved its tag v1.1, which stood at {was[:9]} at the last fetch"], []]


def test_a_form_that_no_tag_has(far: Repo, fork: Repo) -> None:
    adopt(fork, 'upstream = "upstream/main"\ntags = "release-*"\n')
    said = fork.syncfork("merge", "--fetch", "--dry-run")
    assert said.code == 2
    assert "no tag of upstream's matches 'release-*', the `tags` of syncfork.toml" in said.err
    assert "its newest are v1.1, v1.0: correct `tags`" in said.err
    # Inconclusive is never green.
    assert fork.syncfork("drift", "--fetch").code == 3


@pytest.mark.parametrize("form", ["refs/tags/v*", "v 1", "v1:x", "-v*", "v[0-9", "v[0-9]["])
def test_what_is_no_form(fork: Repo, form: str) -> None:
    adopt(fork, f'tags = "{form}"\n')
    said = fork.syncfork("merge", "--dry-run")
    what = "there is a [ without its ]" if "[" in form else "expected a glob for the names of tags"
    assert said.code == 3 and f"syncfork.toml:1: tags: {what}" in said.err


def test_a_remote_may_have_a_slash_in_its_name(far: Repo, fork: Repo) -> None:
    fork.git("remote", "add", "the/others", far.path.as_uri())
    fork.git("remote", "add", "the", "https://example.org/nobody.git")
    fork.git("remote", "remove", "upstream")
    adopt(fork, 'upstream = "the/others/main"\ntags = "v*"\n')
    release = far.git("rev-parse", "v1.1^{commit}")
    assert upstream(fork, "merge", "--fetch", "--dry-run") == ("the/others/v1.1", release)
    assert upstream(fork, "status") == ("the/others/v1.1", release)
    tip = far.git("rev-parse", "main")
    assert upstream(fork, "merge", "the/others/main", "--fetch", "--dry-run") == ("the/others/main", tip)


def test_names_that_are_no_tags_of_git_s_are_left_out(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Another program may speak for the other side.
    helper = tmp_path / "bin" / "git-remote-odd"
    helper.parent.mkdir()
    lines = "".join(f"{'1' * 40} refs/tags/{name}\\n" for name in ("v1:refs/heads/main", "v2*", "v3"))
    helper.write_text(
        f"#!/bin/sh\nwhile read line; do case $line in capabilities) printf 'fetch\\n\\n';; "
        f"list) printf '{lines}\\n';; esac; done\n"
    )
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{helper.parent}{os.pathsep}{os.environ['PATH']}")
    repo.git("remote", "add", "upstream", "odd::there")
    assert of_remote(Git(repo.path), "upstream") == {"v3": "1" * 40}


def releases(repo: Repo, tagged: int) -> str:
    """A fork that merged three of upstream's commits, of which the last `tagged` were released."""
    theirs = ours = repo.commit({"a": "0\n"})
    for number in range(1, 4):
        theirs = repo.commit({"a": f"{number}\n"}, theirs)
        files: Changes = {"a": f"{number}\n", "own": "1\n"}
        ours = repo.commit(files, repo.commit({"own": "1\n"}, ours), theirs)
        if number > 3 - tagged:
            repo.git("tag", *(["-a", "-m", "-"] if number == 2 else []), f"v1.{number}", theirs)
    repo.git("remote", "add", "upstream", "https://example.org/far.git")
    repo.branch("refs/remotes/upstream/main", repo.commit({"a": "9\n"}, theirs))
    return ours


@pytest.mark.parametrize(("tagged", "form"), [(3, "v[0-9]*"), (2, "")])
def test_init_sees_that_a_fork_follows_tags(repo: Repo, tagged: int, form: str) -> None:
    repo.checkout("main", releases(repo, tagged))
    said = repo.syncfork("init")
    assert (
        "the newest tag of the form v[0-9]*: the fork's last three merges each brought one" in said.out
    ) == bool(form)
    repo.git("add", "-A")
    repo.git("commit", "-qm", "Set up")
    assert load_setup(Repository.open(repo.path), "HEAD").config.tags == form
    expected = "upstream/v1.3" if form else "upstream/main"
    assert upstream(repo, "status")[0] == expected


@pytest.mark.parametrize("named", ["", "tags/", "refs/tags/"])
def test_init_reads_tags_that_are_not_here_from_git_s_own_words(repo: Repo, named: str) -> None:
    theirs = ours = repo.commit({"a": "0\n"})
    for number in range(1, 4):
        theirs = repo.commit({"a": f"{number}\n"}, theirs)
        own = repo.commit({"own": "1\n"}, ours)
        words = f"Merge tag '{named}release-4.{number}' into acme"
        ours = repo.commit({"a": f"{number}\n", "own": "1\n"}, own, theirs, message=words)
    repo.git("remote", "add", "upstream", "https://example.org/far.git")
    repo.branch("refs/remotes/upstream/main", repo.commit({"a": "9\n"}, theirs))
    repo.checkout("main", ours)
    assert run_init(repo.path).tags == "release-[0-9]*"


def test_init_sees_no_tags_in_pull_requests_of_the_fork_s_own(repo: Repo) -> None:
    ours = releases(repo, 3)
    for number in range(4):
        own = repo.commit({f"own{number}": "1\n"}, ours)
        repo.git("tag", f"acme-{number}", own)
        ours = repo.commit({f"own{number}": "1\n"}, ours, own)
    repo.checkout("main", ours)
    assert run_init(repo.path).tags == "v[0-9]*"


def test_replay_and_check_know_releases_beside_the_main_branch(far: Repo, fork: Repo) -> None:
    # Upstream merges its main branch into that of its releases.
    release = far.commit(
        {"a": "2\n", "b": "1.2\n"},
        far.git("rev-parse", "releases"),
        far.git("rev-parse", "main"),
        message="Merge main",
    )
    far.branch("refs/tags/v1.2", release)
    far.branch("releases", far.commit({"b": "1.3\n"}, release))
    before = fork.git("rev-parse", "HEAD")
    assert upstream(fork, "merge", "--fetch")[0] == "upstream/v1.2"
    replayed = fork.syncfork("replay", "--format", "json").report
    assert [merge["theirs"] for merge in replayed["merges"]] == [release]
    assert upstream(fork, "check", "--base", before) == (release[:9], release)
    # A later one, of which the fork has nothing yet, is not taken for it.
    far.branch("refs/tags/v1.9", far.commit({"a": "9\n"}, release))
    fork.git("checkout", "-qb", "later")
    assert upstream(fork, "drift", "--fetch")[0] == "upstream/v1.9"
    assert upstream(fork, "check", "--base", before) == (release[:9], release)


def test_many_tags_of_the_fork_s_own_hide_none_of_upstream_s(far: Repo, fork: Repo) -> None:
    for number in range(60):
        fork.git("tag", f"v10.{number}")
    fork.git("fetch", "-q", "--tags", "upstream")
    # Upstream's branch of releases has this one.
    assert upstream(fork, "status") == ("upstream/v1.1", far.git("rev-parse", "v1.1^{commit}"))


def test_upstream_s_tag_is_meant_where_the_clone_has_one_of_that_name(far: Repo, fork: Repo) -> None:
    fork.git("tag", "v1.1")
    release = far.git("rev-parse", "v1.1^{commit}")
    assert upstream(fork, "merge", "v1.1", "--fetch", "--dry-run") == ("upstream/v1.1", release)
    assert upstream(fork, "merge", "v1.1", "--dry-run") == ("upstream/v1.1", release)
    far.git("tag", "-f", "v1.1", "main")
    report = fork.syncfork("merge", "v1.1", "--fetch", "--dry-run", "--format", "json").report
    assert report["upstream"]["commit"] == far.git("rev-parse", "main")
    assert report["warnings"] == [
        f"upstream moved its tag v1.1, which stood at {release[:9]} at the last fetch"
    ]


@pytest.mark.parametrize("name", ["main", "upstream/main", "HEAD~0"])
def test_what_is_no_tag_is_fetched_as_ever(far: Repo, fork: Repo, name: str) -> None:
    main = fork.git("rev-parse", "main")
    expected = far.git("rev-parse", "main") if name == "upstream/main" else main
    assert upstream(fork, "drift", name, "--fetch")[1] == expected


def test_a_release_that_upstream_withdrew_is_forgotten(far: Repo, fork: Repo) -> None:
    far.git("tag", "v2.0", "main")
    assert upstream(fork, "merge", "--fetch", "--dry-run")[0] == "upstream/v2.0"
    far.git("tag", "-d", "v2.0")
    # What stands in the way of the old one's name
    far.git("tag", "v2.0/final", "main")
    report = fork.syncfork("merge", "--fetch", "--dry-run", "--format", "json").report
    assert (report["upstream"]["ref"], report["warnings"]) == (
        "upstream/v2.0/final",
        ["upstream withdrew its tag v2.0"],
    )


def test_a_tag_of_digits_is_no_commit(far: Repo, fork: Repo) -> None:
    far.git("tag", "20251014", "main")
    assert upstream(fork, "merge", "20251014", "--fetch", "--dry-run")[0] == "upstream/20251014"


def test_a_tag_of_a_tree_is_no_release(far: Repo, fork: Repo) -> None:
    far.git("tag", "-a", "-m", "a tree", "v3.0", "main^{tree}")
    assert upstream(fork, "merge", "--fetch", "--dry-run")[0] == "upstream/v1.1"
    assert upstream(fork, "status")[0] == "upstream/v1.1"


def test_a_tag_that_was_made_anew_at_the_same_commit_has_not_moved(far: Repo, fork: Repo) -> None:
    upstream(fork, "drift", "--fetch")
    far.git("tag", "-f", "-a", "-m", "signed", "v1.1", "v1.1^{commit}")
    assert fork.syncfork("drift", "--fetch", "--format", "json").report["warnings"] == []
