"""Folders for the time of a run: gone after it, also where the system asks the process to end."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

# In memory, where the system has such a folder; used where so many bytes are free.
_SHARED_MEMORY, _ROOM = Path("/dev/shm"), 2_000_000_000
# What a killed run left there goes with one that starts so many seconds later.
_LEFT = 86_400
_TRIES = 5

INTERRUPTED = "interrupted: `syncfork status` tells where the repository stands"

_folders: dict[Path, int] = {}


def clear_when_ended() -> None:
    """From now on SIGTERM, by which a CI cancels a job, and SIGHUP, with which a terminal goes, end the process at once,
    but for its folders, which go first, and a word to whom is still there.

    To raise an exception instead would not do: there are places where Python drops those, and goes on.
    """
    main = os.getpid()

    def ended(number: int, _: object) -> None:
        if os.getpid() == main:
            with contextlib.suppress(OSError):
                os.write(2, f"{INTERRUPTED}\n".encode())
        _ended(number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # Who started us with nohup wants the signal to pass.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, ended)


def _ended(number: int) -> None:
    for folder, process in list(_folders.items()):
        # A forked child has its parent's in the list.
        if process == os.getpid():
            _remove(folder)
    os._exit(128 + number)


def _remove(folder: Path) -> None:
    import shutil

    # A git process that is still at work may put something in meanwhile.
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
        # Some tools write folders that nobody may change.
        for above, names, _ in os.walk(folder):
            for name in names:
                with contextlib.suppress(OSError):
                    Path(above, name).chmod(0o700)


@contextlib.contextmanager
def scratch(*, many_files: bool = False, apart: bool = False) -> Iterator[Path]:
    """A new folder that is gone after the block; in memory, where there is room, for `many_files`; `apart` below the
    user's own folder, where nobody else can put anything above it."""
    import tempfile

    above = (_in_memory() if many_files else _own() if apart else None) or Path(tempfile.gettempdir())
    folder = above / f"syncfork-{os.getpid()}-{os.urandom(4).hex()}"
    # Known before it is there: one may be asked to end at any moment.
    _folders[folder] = os.getpid()
    try:
        folder.mkdir(mode=0o700)
        yield folder
    finally:
        _remove(folder)
        _folders.pop(folder, None)


def _own() -> Path | None:
    """The user's folder for such things, by the XDG Base Directory Specification; None where it cannot be made."""
    try:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "syncfork"
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(cache)
    except (OSError, RuntimeError):
        return None
    return cache if cache.is_absolute() and os.access(cache, os.W_OK | os.X_OK) else None


def _in_memory() -> Path | None:
    """The folder in memory, where there is one with room and no other place was asked for."""
    if any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")) or sys.platform != "linux":
        return None
    import shutil

    try:
        if min(shutil.disk_usage(_SHARED_MEMORY).free, _available()) < _ROOM:
            return None
        _sweep(_SHARED_MEMORY)
    except OSError:
        return None
    return _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK | os.X_OK) else None


def _available() -> int:
    """The memory that is free, or would be at need, in bytes; 0 where the system does not tell."""
    told = re.search(r"^MemAvailable: *(\d+) kB", Path("/proc/meminfo").read_text("ascii"), re.MULTILINE)
    return int(told[1]) * 1024 if told else 0


@cache
def _sweep(above: Path) -> None:
    """Remove what runs left that were killed; once is enough for a run with many folders."""
    for folder in above.glob("syncfork-*-*"):
        process = folder.name.split("-")[1]
        with contextlib.suppress(OSError):
            old = time.time() - folder.stat().st_mtime > _LEFT
            if old and process.isdigit() and not Path("/proc", process).exists():
                _remove(folder)
