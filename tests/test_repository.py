"""Reading a repository's facts, where it is not in the best of health."""

from __future__ import annotations

from git_fixtures import Repo

from syncfork.git.repository import Repository


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
