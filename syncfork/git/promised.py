"""Blobs that a partial clone has left with its remote: fetched many at a time, where git asks for them one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from syncfork.git.door import Git, decode


def is_partial(common_dir: Path) -> bool:
    """Whether a repository may lack objects that a remote has promised: such ones are marked where they are stored."""
    try:
        return any(path.suffix == ".promisor" for path in (common_dir / "objects" / "pack").iterdir())
    except OSError:
        return False


def bring(git: Git, remotes: Sequence[str], oids: Iterable[str]) -> None:
    """Fetch those blobs of `oids` that `git` does not see from `remotes`, the first one that has them, for the repository
    to keep; nothing else is fetched and no ref is moved. What cannot be had is left to who reads it: git asks for it
    once more, and says what is wrong."""
    # Not to a temporary store of `git`; and without saying what is here, since the blobs are all that is wanted.
    door = Git(git.directory, settings=("fetch.negotiationAlgorithm=noop",))
    alone = (
        "--no-tags",
        "--no-write-fetch-head",
        "--recurse-submodules=no",
        "--refmap=",
        "--filter=blob:none",
    )
    wanted = sorted({*oids})
    for remote in remotes:
        if not (wanted := _missing(git, wanted)):
            return
        door.call("fetch", *alone, "--stdin", remote, stdin="".join(f"{oid}\n" for oid in wanted).encode())


def _missing(git: Git, oids: Sequence[str]) -> list[str]:
    """Those of the objects that are not here; git is asked without its fetching them."""
    lenient = ("--ignore-missing", "--missing=allow-any")
    stdin = "".join(f"{oid}\n" for oid in oids).encode()
    done = git.call(
        "rev-list", "--objects", "--no-object-names", "--no-walk", *lenient, "--stdin", stdin=stdin
    )
    # Where git cannot tell, they are not fetched beforehand.
    here = {*decode(done.out).split()} if done.code == 0 else {*oids}
    return [oid for oid in oids if oid not in here]
