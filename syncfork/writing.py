"""Writing a report to a file: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from syncfork.errors import SyncforkError


def write_atomically(path: Path, text: str) -> None:
    """Write `text` as UTF-8 to `path`, so that a reader sees the old content or the new, never a part.

    A link is followed, an existing file's mode stays, and what is no file (a pipe, a device) is written as it
    is. Raises SyncforkError, with what to do, where that cannot be done; the old content is there then.
    """
    write_bytes(path, text.encode("utf-8", "replace"))


def write_bytes(path: Path, data: bytes) -> None:
    """The same for what is bytes already."""
    try:
        before = path.stat() if path.exists() else None
        if before and not stat.S_ISREG(before.st_mode) and not stat.S_ISDIR(before.st_mode):
            with path.open("wb") as stream:
                stream.write(data)
            return
        _replace(Path(os.path.realpath(path)), data, before)
    except FileNotFoundError:
        raise SyncforkError(f"{path}: there is no such folder", f"make {path.parent} first") from None
    except OSError as error:
        what = error.strerror or str(error)
        raise SyncforkError(f"{path} cannot be written: {what}", _advice(error)) from error


def _replace(path: Path, data: bytes, before: os.stat_result | None) -> None:
    # Beside the file, so that it is on the same disk; the name stays short where the file's is at the limit.
    beside = path.parent / f".syncfork-{secrets.token_hex(8)}.tmp"
    # The mode is what the user's umask leaves of it, as for any file that is made.
    number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if before:
            beside.chmod(stat.S_IMODE(before.st_mode))
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _advice(error: OSError) -> str:
    if isinstance(error, IsADirectoryError):
        return "name a file in it"
    if isinstance(error, NotADirectoryError):
        return "a part of the name before it is a file, not a folder"
    return "free some room or check permissions, or name another file"
