"""The helper that the other tests stand on."""

from __future__ import annotations

from pathlib import Path

import pytest
from git_fixtures import EXE, LINK, SUBMODULE, Repo


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_git_finds_nothing_wrong(tmp_path: Path, algorithm: str) -> None:
    repo = Repo.create(tmp_path / "r", algorithm=algorithm)
    sub = "1" * (40 if algorithm == "sha1" else 64)
    base = repo.commit({"a": b"1\n", "d/x": (EXE, "x"), "d.c": b"", "l": (LINK, "a"), "s": (SUBMODULE, sub)})
    odd = repo.commit({"a": None, b'\xff "\n': b"\0"}, base)
    repo.checkout("main", repo.commit({}, odd, base))
    assert repo.git("fsck", "--strict") == ""
    assert repo.git("status", "--porcelain") == ""
    assert set(repo.files("HEAD")) == {"d/x", "d.c", "l", "s", '\udcff "\n'}
