"""What a merge that waits for a person leaves in the git directory, and the lock that keeps runs apart."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, ValidationError, convert, to_builtins

from syncfork.errors import SyncforkError

_FOLDER = "syncfork"
# The decisions that `syncfork resolve` keeps for a merge, and the report with which it began waiting.
DECIDED, _BEGAN = "resolve.json", "began.json"
# The report of the last merge that was made, whatever was begun since.
_MERGED = "merged.json"
# What syncfork itself added to the index since, by path: the ids of the blobs.
_ADDED = "added.json"
# A file that was being written so many seconds ago is no longer.
_LEFT = 60


class State(Struct, frozen=True):
    """A merge in progress: where it started, what it merges, and what is still to be judged at the end.

    `landed` is set once index, worktree and HEAD are all in place, `undone` once index and worktree are put back.
    """

    original: str
    branch: str
    ours: str
    theirs: str
    fork_ref: str
    upstream_ref: str
    packs: tuple[str, ...]
    conflicts: tuple[str, ...]
    message: str
    tree: str
    landed: bool = False
    undone: bool = False


def folder(git_dir: Path) -> Path:
    """Where syncfork keeps its files inside a git directory."""
    return git_dir / _FOLDER


def write_state(git_dir: Path, state: State) -> None:
    """Record a merge in progress, atomically."""
    _write(folder(git_dir) / "state.json", to_builtins(state))


def read_state(git_dir: Path) -> State | None:
    """The merge in progress, None where there is none. Raises SyncforkError where it cannot be read."""
    path = folder(git_dir) / "state.json"
    try:
        return convert(json.loads(path.read_text("utf-8")), State)
    except FileNotFoundError:
        return None
    except (ValueError, ValidationError) as error:
        raise SyncforkError(
            f"{path} is damaged: {error}", "undo with `git merge --abort`, then delete it"
        ) from error


def clear_state(git_dir: Path) -> None:
    """Forget the merge in progress, and what was told and decided of it."""
    for name in ("state.json", DECIDED, _BEGAN, _ADDED):
        (folder(git_dir) / name).unlink(missing_ok=True)


def note_added(git_dir: Path, blobs: Mapping[str, str]) -> None:
    """Take down that syncfork itself added these to the index, so that `abort` takes them out again."""
    _write(folder(git_dir) / _ADDED, {**added(git_dir), **blobs})


def added(git_dir: Path) -> dict[str, Any]:
    """The ids of the blobs that syncfork added to the index since the merge began, by path."""
    return _read(folder(git_dir) / _ADDED) or {}


def remember(git_dir: Path, data: dict[str, Any], waits: bool = False) -> None:
    """Keep the last report, for `rules list` and `pr`; as that of the merge in progress, where it `waits`; and as that of
    the last merge, where one was made."""
    _write(folder(git_dir) / "last.json", data)
    if data.get("result", {}).get("commit"):
        _write(folder(git_dir) / _MERGED, data)
    if waits:
        _write(folder(git_dir) / _BEGAN, data)


def recall(git_dir: Path) -> dict[str, Any] | None:
    """The last report's JSON, None where there is none or it cannot be read."""
    return _read(folder(git_dir) / "last.json")


def recall_merged(git_dir: Path) -> dict[str, Any] | None:
    """The JSON of the report of the last merge that was made; None where there is none or it cannot be read."""
    return _read(folder(git_dir) / _MERGED)


def recall_waiting(git_dir: Path) -> dict[str, Any] | None:
    """The JSON of the report with which the merge in progress began waiting; None where it cannot be read."""
    return _read(folder(git_dir) / _BEGAN)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def keep_findings(git_dir: Path, data: dict[str, Any]) -> None:
    """Keep a report for `explain`, a dry run's or a check's too, beside the last ones of other verbs; where nothing
    can be written, there is none."""
    others = [kept for kept in last_findings(git_dir) if kept.get("verb") != data["verb"]]
    with contextlib.suppress(OSError):
        _write(folder(git_dir) / "findings.json", {"reports": [data, *others]})


def last_findings(git_dir: Path) -> list[dict[str, Any]]:
    """The reports that `keep_findings` kept, newest first, one of each verb; none where they cannot be read."""
    kept = (_read(folder(git_dir) / "findings.json") or {}).get("reports", ())
    return [report for report in kept if isinstance(report, dict)] if isinstance(kept, list) else []


@contextlib.contextmanager
def lock(git_dir: Path) -> Iterator[None]:
    """Hold the repository for this run; the operating system lets go of it when the process ends.

    Raises SyncforkError where another run holds it.
    """
    path = folder(git_dir) / "lock"
    _made(path.parent)
    with path.open("a+") as file:
        _share(path)
        if not _try_lock(file.fileno()):
            file.seek(0)
            owner = file.read().strip() or "unknown"
            raise SyncforkError(
                f"another syncfork run (process {owner}) is at work in this repository",
                "wait until it is done",
            )
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _made(path: Path) -> None:
    """Make syncfork's folder, for whoever the git directory is for: a group may share it."""
    if not path.exists():
        path.mkdir(exist_ok=True)
        shutil.copymode(path.parent, path)


def _share(path: Path) -> None:
    """Let those use a file who use the git directory."""
    with contextlib.suppress(OSError):
        path.chmod(path.parent.parent.stat().st_mode & 0o666)


def _write(path: Path, data: dict[str, Any]) -> None:
    _made(path.parent)
    for left in path.parent.glob(f"{path.stem}.*.tmp"):
        # By a run that was killed.
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _LEFT:
                left.unlink()
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(json.dumps(data, indent=1, ensure_ascii=True), "utf-8")
    _share(temporary)
    temporary.replace(path)
