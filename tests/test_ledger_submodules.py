"""Submodules in the ledger: git takes the later of two commits where it can look into the submodule."""

from __future__ import annotations

from pathlib import Path

import pytest
from git_fixtures import Repo


@pytest.mark.parametrize("ours_later", [False, True])
def test_a_submodule_that_git_forwards_is_explained(repo: Repo, tmp_path: Path, ours_later: bool) -> None:
    library = Repo.create(tmp_path / "lib")
    first = library.commit({"f": "1\n"})
    second = library.commit({"f": "2\n"}, first)
    third = library.commit({"f": "3\n"}, second)
    library.checkout("main", third)
    base = repo.commit({"a.txt": "1\n", "lib": ("160000", first)})
    mine, other = (third, second) if ours_later else (second, third)
    repo.checkout("main", repo.commit({"lib": ("160000", mine)}, base))
    repo.branch("upstream", repo.commit({"lib": ("160000", other), "a.txt": "2\n"}, base))
    repo.git("clone", "-q", str(library.path), "lib")
    repo.git("-C", "lib", "checkout", "-q", mine)
    done = repo.syncfork("merge", "upstream", "--no-checkout", "--format", "json")
    assert done.code == 0, done.out
    assert done.report["ledger"]["unexplained"] == []
    assert repo.git("ls-tree", done.report["result"]["branch"], "lib").split()[2] == third
