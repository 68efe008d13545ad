"""Which of a commit's files nobody writes by hand: vendored ones, and those that its attributes call generated."""

from __future__ import annotations

from collections.abc import Sequence

from syncfork.detect.base import vendored
from syncfork.git.door import decode, encode
from syncfork.git.repository import Repository
from syncfork.scratch import scratch

_VENDORED, _GENERATED = "linguist-vendored", "linguist-generated"
_YES, _NO = ("set", "true"), ("unset", "false")


def nobodys(repository: Repository, commit: str, paths: Sequence[str]) -> frozenset[str]:
    """Those of `paths` that a package manager or a generator writes, by their folders and by the attributes that `commit`
    has for them, which come first. Nothing is read from the worktree."""
    said = _attributes(repository, commit, paths)

    def is_nobodys(path: str) -> bool:
        given = said.get(path, {})
        in_folder = vendored(path) and given.get(_VENDORED) not in _NO
        return in_folder or given.get(_VENDORED) in _YES or given.get(_GENERATED) in _YES

    return frozenset(filter(is_nobodys, paths))


def _attributes(repository: Repository, commit: str, paths: Sequence[str]) -> dict[str, dict[str, str]]:
    """What the commit's attributes say of the paths: git asks an index, which is made of these files alone."""
    found = repository.entries(commit, [":(top,glob)**/.gitattributes"])
    files = {path: entry for path, entry in found.items() if entry.is_file}
    if not files or not paths:
        return {}
    with scratch() as folder:
        # Bare or not, git wants to be in a worktree: in one that holds nothing.
        git = repository.git.with_environment(
            GIT_INDEX_FILE=str(folder / "index"),
            GIT_DIR=str(repository.git_dir),
            GIT_WORK_TREE=str(folder),
        )
        listed = "".join(f"{entry.mode} {entry.oid}\t{path}\0" for path, entry in files.items())
        git.run("update-index", "-z", "--index-info", stdin=encode(listed))
        asked = encode("".join(f"{path}\0" for path in paths))
        out = decode(git.run("check-attr", "-z", "--cached", "--stdin", _VENDORED, _GENERATED, stdin=asked))
    said: dict[str, dict[str, str]] = {}
    fields = out.split("\0")
    for path, name, value in zip(fields[0::3], fields[1::3], fields[2::3], strict=False):
        said.setdefault(path, {})[name] = value
    return said
