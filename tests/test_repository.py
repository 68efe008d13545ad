"""Reading a repository's facts, where it is not in the best of health."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from git_fixtures import Repo
from msgspec.structs import replace

from syncfork.errors import GitError
from syncfork.git.patches import difference
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.merge.culprits import history, read_patches


def test_objects_after_a_damaged_one_are_read(repo: Repo) -> None:
    head = repo.commit(
        {name: f"the content of {name}, long enough\n" * 9 for name in "abcd"} | {"new\nline": "n"},
        branch="main",
    )
    damaged, missing = (
        repo.object_path(repo.git("rev-parse", f"{head}:b")),
        repo.object_path(repo.git("rev-parse", f"{head}:c")),
    )
    damaged.write_bytes(damaged.read_bytes()[:20])
    missing.unlink()
    names = [f"{head}:{name}" for name in (*"abcd", "new\nline", "not\nthere")]
    found = Repository.open(repo.path).blobs(names)
    assert [name.partition(":")[2] for name in names if found[name] is None] == ["b", "c", "not\nthere"]
    assert found[f"{head}:new\nline"] == b"n"


def test_a_long_list_of_damaged_objects_is_read_through(repo: Repo) -> None:
    head = repo.commit({f"f{n}": f"{n} is a number\n" * 20 for n in range(6)}, branch="main")
    for n in (0, 1, 4):
        place = repo.object_path(repo.git("rev-parse", f"{head}:f{n}"))
        place.write_bytes(place.read_bytes()[:20])
    found = Repository.open(repo.path).blobs(f"{head}:f{n}" for n in range(6))
    assert [content is None for content in found.values()] == [True, True, False, False, True, False]


def test_who_touched_a_path_is_told_once_however_it_is_asked(repo: Repo) -> None:
    base = repo.commit({"a/b": "1\n", "c": "1\n"})
    early = repo.commit({"a/b": "2\n"}, base, message="early")
    late = repo.commit({"a/b": None, "a": "file\n"}, early, message="a folder becomes a file")
    opened = Repository.open(repo.path)
    read = read_patches(opened, base, late, ["a/b"])
    # The pathspec of `a` lets through what the folder held, too.
    told = history(opened, base, late, ["a", "a/b"], None, read=read)
    assert [item.subject for item in told.of("a/b")] == ["a folder becomes a file", "early"]
    assert [item.subject for item in told.of("a")] == ["a folder becomes a file"]
    assert history(opened, base, late, ["c"], None, read=read).by_path == {}


def test_who_touched_a_path_does_not_depend_on_the_other_paths_asked_for(repo: Repo) -> None:
    base = repo.commit({"x": "1\n", **{f"f{n}": "1\n" for n in range(9)}})
    side = repo.commit({"x": "2\n"}, base, message="side")
    main = repo.commit({"x": "2\n"}, repo.commit({"f0": "2\n"}, base, message="other"), message="main")
    merged = repo.commit({}, main, side, message="merge")
    opened = Repository.open(repo.path)
    for paths in (["x"], ["x", "f0"], ["x", *(f"f{n}" for n in range(9))]):
        found = {item.subject for item in history(opened, base, merged, paths, None).of("x")}
        assert found == {"side", "main"}


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_files_that_paths_name(tmp_path: Path, algorithm: str) -> None:
    repo = Repo.create(tmp_path / "r", algorithm=algorithm)
    files = {"rules/a.yaml": "a\n", "rules/deep/b": "b\n", "b": "b\n"}
    head = repo.commit(files, branch="main")
    opened = Repository.open(repo.path)
    for names, expected in (
        (["rules"], ["rules/a.yaml", "rules/deep/b"]),
        (["rules/deep"], ["rules/deep/b"]),
        (["rules/other"], []),
        (["rule"], []),
        (["gone", "b"], ["b"]),
        (["./b"], []),
    ):
        assert sorted(opened.entries(head, [literal(name) for name in names])) == sorted(expected)
    assert sorted(opened.entries(head, [literal("gone"), ":(top,glob)**/b"])) == ["b", "rules/deep/b"]


def test_a_folder_that_cannot_be_read_is_no_folder_without_files(repo: Repo) -> None:
    head = repo.commit({"rules/a.yaml": "a\n", "b": "b\n"}, branch="main")
    repo.object_path(repo.git("rev-parse", f"{head}:rules").strip()).unlink()
    with pytest.raises(GitError):
        Repository.open(repo.path).entries(head, [literal("rules")])
    with pytest.raises(GitError):
        Repository.open(repo.path).entries("0" * 40, [literal("rules")])


def test_where_a_repository_has_no_commit_or_no_worktree(repo: Repo) -> None:
    opened = Repository.open(repo.path)
    assert (opened.work_tree, opened.head_ref) == (repo.path, "HEAD")
    with pytest.raises(GitError):
        opened.head()
    head = repo.commit({"a": "1\n"}, branch="main")
    opened = Repository.open(repo.path)
    assert (opened.work_tree, opened.head_ref, opened.head()) == (repo.path, "refs/heads/main", head)
    within = Repository.open(repo.git_dir)
    assert (within.work_tree, within.head_ref) == (None, "refs/heads/main")
    repo.git("config", "core.bare", "true")
    bare = Repository.open(repo.path)
    assert (bare.work_tree, bare.head_ref, bare.head()) == (None, "refs/heads/main", head)
    repo.git("update-ref", "--no-deref", "HEAD", head)
    assert Repository.open(repo.path).head_ref == "HEAD"


@pytest.mark.parametrize(
    ("set_to", "expected"), [(None, False), ("true", True), ("1", True), ("off", False), ("", False)]
)
def test_a_setting_is_read_as_git_reads_it(repo: Repo, set_to: str | None, expected: bool) -> None:
    if set_to is not None:
        repo.git("config", "commit.gpgSign", set_to)
    repo.git("config", "remote.up.url", "https://example.org/up\nstream")
    opened = Repository.open(repo.path)
    assert (opened.is_set("commit.gpgSign"), opened.is_set("core.sparseCheckout")) == (expected, False)
    assert opened.remotes == {"up": "https://example.org/up\nstream"}


@pytest.mark.parametrize(
    ("committer", "expected"),
    [
        ("Una <una@example.org> 1700000000 +0000", date(2023, 11, 14)),
        ("Una > 5 <una@example.org> 1700000000 -1200", date(2023, 11, 14)),
        ("Una <una@example.org> -5 +0000", date(1970, 1, 1)),
        ("Una <una@example.org> x", date(1970, 1, 1)),
    ],
)
def test_the_day_of_a_commit(repo: Repo, committer: str, expected: date) -> None:
    tree = repo.git("rev-parse", f"{repo.commit({'a': 'x'})}^{{tree}}").strip()
    text = (
        f"tree {tree}\nauthor A <a@example.org> 1 +0000\ncommitter {committer}\n\ncommitter B <b> 99 +0000\n"
    )
    assert Repository.open(repo.path).day(repo.write("commit", text.encode())) == expected


def test_git_is_asked_once_what_cannot_change(repo: Repo, tmp_path: Path) -> None:
    base = repo.commit({"a": "1\n"}, branch="main")
    ours, theirs = repo.commit({"a": "2\n"}, base), repo.commit({"a": "3\n"}, base)
    opened = Repository.open(repo.path)
    (tmp_path / "traces").mkdir()
    traced = opened.git.with_environment(GIT_TRACE2_EVENT=str(tmp_path / "traces"))
    # Another door to the same repository has the same facts.
    for door in (traced, traced.with_environment(GIT_AUTHOR_NAME="x")):
        asked = replace(opened, git=door)
        assert asked.merge_bases(ours, theirs) == [base]
        found = asked.changes(ours, theirs)
        assert [change.new_path for change in found] == ["a"]
        # What a caller does with its list is nobody else's.
        found.clear()
    assert len([*(tmp_path / "traces").iterdir()]) == 2


def test_what_a_name_stands_for_is_asked_each_time(repo: Repo) -> None:
    base = repo.commit({"a": "1\n"}, branch="main")
    side = repo.commit({"a": "2\n"}, base)
    opened = Repository.open(repo.path)
    assert not opened.changes("main", base)
    assert opened.merge_bases("main", side) == [base]
    repo.branch("main", side)
    assert opened.changes("main", base)
    assert opened.merge_bases("main", side) == [side]


def test_what_was_found_without_all_contents_is_asked_again(repo: Repo) -> None:
    text = "".join(f"line {n} of a file that moves\n" for n in range(40))
    base = repo.commit({"old": text}, branch="main")
    moved = repo.commit({"old": None, "new": text + "and more\n"}, base)
    place = repo.object_path(repo.git("rev-parse", f"{moved}:new"))
    place.rename(place.with_suffix(".away"))
    opened = Repository.open(repo.path)
    assert not any(change.renamed for change in opened.changes(base, moved))
    place.with_suffix(".away").rename(place)
    assert any(change.renamed for change in opened.changes(base, moved))


def test_what_git_lacks_an_object_for_is_told_with_a_way_out(repo: Repo) -> None:
    base = repo.commit({"a": "1\n", "big": "".join(f"{n} of a large file\n" for n in range(90))})
    ours = repo.commit({"big": "".join(f"{n} of a larger file\n" for n in range(90))}, base)
    repo.checkout("main", ours)
    repo.branch("upstream", repo.commit({"a": "2\n"}, base))
    repo.object_path(repo.git("rev-parse", f"{ours}:big")).unlink()
    # git would take the content from there.
    (repo.path / "big").unlink()
    with pytest.raises(GitError) as raised:
        difference(Repository.open(repo.path).git, base, ours, ["big"])
    assert "git fsck --connectivity-only" in raised.value.hint
    # The rest of the report is there, and not green.
    ran = repo.syncfork("drift", "upstream", "--format", "json")
    assert "could not be read" in ran.report["drift"]["inconclusive"][0], ran
    assert ran.code == 3
