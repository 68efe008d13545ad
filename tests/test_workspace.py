"""Trees that a workspace makes are those that git makes of the same files."""

from __future__ import annotations

import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from git_fixtures import EXE, FILE, Repo
from hypothesis import given, settings
from hypothesis import strategies as st

from syncfork.errors import GitError
from syncfork.git import door
from syncfork.git.door import begun
from syncfork.git.objects import Entry, ObjectStore
from syncfork.git.repository import Repository
from syncfork.merge.workspace import workspace

# Names that git sorts differently as a file and as a directory are among them.
NAMES = ("a", "a-b", "a.c", "ab", "a/x", "a/b/c", "a/b-c", "z/a", "z/a/b")
Files = dict[str, int]


def without_clashes(files: Files) -> Files:
    """No path is below another one."""
    return {path: n for path, n in files.items() if not any(other.startswith(f"{path}/") for other in files)}


FILES = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 3), max_size=len(NAMES)).map(without_clashes)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
@settings(max_examples=40)
@given(before=FILES, after=FILES)
def test_what_is_laid_over_a_tree(algorithm: str, before: Files, after: Files) -> None:
    with TemporaryDirectory() as folder:
        repo = Repo.create(Path(folder) / "r", algorithm=algorithm)
        commit, wanted = repo.commit(contents(before)), repo.commit(contents(after))
        overlay = {
            path: Entry(mode(after[path]), repo.write("blob", b"%d\n" % after[path]))
            if path in after
            else None
            for path in before.keys() | after.keys()
            if before.get(path) != after.get(path)
        }
        with workspace(Repository.open(repo.path)) as space:
            assert space.tree(commit, overlay) == repo.git("rev-parse", f"{wanted}^{{tree}}").strip()


def contents(files: Files) -> dict[str | bytes, str | bytes | tuple[str, str | bytes] | None]:
    return {path: (mode(n), b"%d\n" % n) for path, n in files.items()}


def mode(number: int) -> str:
    return EXE if number == 3 else FILE


def test_files_of_a_tree(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "r")
    # A file that reads as a directory's row.
    row = b"100644 b\0" + bytes(20)
    commit = repo.commit({"a": row, "d/x": b"x\n", "d/e/y": (EXE, b"y\n"), "z": b"z\n"})
    with workspace(Repository.open(repo.path)) as space:
        found = space.files(commit, ["a/b", "d", "d/e/y", "d/none", "none/x", "z", "d/x"])
        assert {path: content for path, (_, content) in found.items()} == {
            "d/x": b"x\n", "d/e/y": b"y\n", "z": b"z\n",
        }  # fmt: skip
        assert found["d/e/y"][0].mode == EXE
        repo.object_path(repo.git("rev-parse", f"{commit}:d").strip()).unlink()
        with pytest.raises(GitError):
            space.files(commit, ["d/x", "z"])


def test_what_is_still_running_ends_with_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = Repository.open(Repo.create(tmp_path / "r").path)
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    start = time.monotonic()
    with workspace(repository) as space:
        monkeypatch.setenv("PATH", str(slow.parent), prepend=os.pathsep)
        asked = begun(lambda: space.door.call("merge-tree"))
        while not any(git is space.door for git in door._running.values()):
            time.sleep(0.01)
    assert asked.result().code and time.monotonic() - start < 30


def test_a_pack_that_is_there_already_is_not_written_into(tmp_path: Path) -> None:
    """Forked processes hand over what was made before the fork, each of them: who reads it must not see it shrink."""
    made = [ObjectStore(tmp_path) for _ in range(2)]
    for store in made:
        store.write("blob", b"text\n")
    made[0].pack()
    opened = [path.open("rb") for path in (tmp_path / "pack").iterdir()]
    read = [file.read() for file in opened]
    made[1].pack()
    for file, before in zip(opened, read, strict=True):
        file.seek(0)
        # It is another file that has the name now, or it was left alone: this one is as it was.
        assert file.read() == before and os.fstat(file.fileno()).st_nlink == 0
        file.close()
    assert sorted(path.suffix for path in (tmp_path / "pack").iterdir()) == [".idx", ".pack"]
