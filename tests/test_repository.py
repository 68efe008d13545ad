"""Reading a repository's facts, where it is not in the best of health."""

from __future__ import annotations

from git_fixtures import Repo

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
