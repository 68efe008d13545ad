"""Blobs that a partial clone has left with its remote: fetched many at a time, where git asks for them one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from syncfork.git.door import Git, decode

# So often one remote is asked at a time: where it lacks more of them, git asks for the rest.
_MOST_FETCHES = 15


def is_partial(common_dir: Path) -> bool:
    """Whether a repository may lack objects that a remote has promised: such ones are marked where they are stored."""
    try:
        return any(path.suffix == ".promisor" for path in (common_dir / "objects" / "pack").iterdir())
    except OSError:
        return False


def bring(git: Git, remotes: Sequence[str], oids: Iterable[str]) -> None:
    """Fetch those blobs of `oids` that `git` does not see from `remotes`, each from the first one that has it, for the
    repository to keep; nothing else is fetched and no ref is moved. What cannot be had is left to who reads it: git asks
    for it once more, and says what is wrong."""
    # Not to a temporary store of `git`; and without saying what is here, since the blobs are all that is wanted.
    door = Git(git.directory, settings=("fetch.negotiationAlgorithm=noop",))
    wanted = sorted({*oids})
    # Once more, where one of several had too little of it: what the others had is here by then.
    for remote in (*remotes, *(remotes if len(remotes) > 1 else ())):
        if not (wanted := _missing(git, wanted)):
            return
        # Where a remote lacks one of them it gives none: so each half is asked for by itself.
        parts = [wanted]
        for _ in range(_MOST_FETCHES):
            if not parts:
                break
            part = parts.pop(0)
            if _refused(door, remote, part) and len(part) > 1:
                parts += [part[: len(part) // 2], part[len(part) // 2 :]]


def _refused(door: Git, remote: str, oids: Sequence[str]) -> bool:
    """Fetch blobs; whether the remote refused, for lack of one of them."""
    alone = (
        "--no-tags",
        "--no-write-fetch-head",
        "--recurse-submodules=no",
        "--refmap=",
        "--filter=blob:none",
    )
    done = door.call(
        "fetch", *alone, "--stdin", "--", remote, stdin="".join(f"{oid}\n" for oid in oids).encode()
    )
    return done.code != 0 and "not our ref" in done.err


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
