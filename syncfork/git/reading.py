"""Objects read through git processes that stay: to start one takes longer than most reads.

A process serves one reader at a time, and sees what is stored and which refs are set after it was started: git looks
again for what it does not find.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Sequence
from io import BufferedReader, BufferedWriter
from subprocess import Popen
from typing import IO, Any, cast

from msgspec import Struct

from syncfork.errors import GitError, SyncforkError
from syncfork.git.door import Git, encode, file_of

# How git ends where it does not know an option.
_UNKNOWN_OPTION = 129

# So many wait for their next reader; more would only take memory.
_MOST_WAITING = 3

_HEAD = re.compile(rb"([0-9a-f]{40,64}) [a-z]+ (\d+)\n")


class _Process(Struct):
    """A process with its streams; what it says goes to a file, which nobody has to read lest it be full."""

    running: Popen[bytes]
    ask: BufferedWriter
    answers: BufferedReader
    said: IO[bytes]

    def message(self) -> str:
        """What it said, once it has ended."""
        self.running.wait()
        self.said.seek(0)
        return self.said.read().decode("utf-8", "replace").strip()

    def end(self) -> None:
        for stream in (self.ask, self.answers, self.said):
            with contextlib.suppress(BrokenPipeError):
                stream.close()
        self.running.wait()
        _living.pop(self.running.pid, None)


# The processes that wait, the latest last, each with what it was started with; and all that there are.
_waiting: list[tuple[object, _Process]] = []
_living: dict[int, _Process] = {}


def _forget() -> None:
    """In a forked child: these are its parent's, and would not end while somebody else could ask them."""
    for process in _living.values():
        for stream in (process.ask, process.answers):
            # Past its buffer, which another thread may have been at.
            stream.raw.close()
    _living.clear()
    _waiting.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def object_ids(git: Git, names: Iterable[str]) -> dict[str, str | None]:
    """The ids of revision expressions, None for what does not resolve. Raises GitError where git fails."""
    wanted, found = _askable(names)
    message = _read(git, "info", wanted, found)
    if not all(name in found for name in wanted):
        raise GitError(f"git cat-file failed: {message or 'it ended'}")
    return found


def contents(git: Git, names: Iterable[str]) -> dict[str, bytes | None]:
    """Contents of objects by id or any other name; None for what is missing or unreadable."""
    wanted, found = _askable(names)
    while wanted:
        _read(git, "contents", wanted, found)
        wanted = [name for name in wanted if name not in found]
        if wanted:
            # git ends at an object that it cannot read to its end; what comes after it is asked for anew.
            found[wanted.pop(0)] = None
    return found


def _askable(names: Iterable[str]) -> tuple[list[str], dict[str, Any]]:
    """Each name once; and None for those that git cannot be asked about, which name nothing."""
    once = dict.fromkeys(names)
    return [name for name in once if "\0" not in name], {name: None for name in once if "\0" in name}


def _read(git: Git, command: str, wanted: Sequence[str], found: dict[str, Any]) -> str:
    """Read into `found` what git has on `wanted`, in order; what it said where it ended before the last of them."""
    while wanted:
        key = git.directory, frozenset(git.environment.items()), git.settings, git.pinned
        kept = _taken(key)
        process = kept or _started(git)
        before, message = len(found), ""
        try:
            whole = _answers(process, command, wanted, found)
            message = "" if whole else process.message()
        except BaseException:
            process.end()
            raise
        if whole:
            _wait(key, process)
            break
        process.end()
        if process.running.returncode == _UNKNOWN_OPTION:
            raise SyncforkError("git is too old", "install git 2.38 or newer")
        # One that waited may have ended meanwhile: that says nothing of the object.
        if not kept or len(found) > before:
            return message
    return ""


def _started(git: Git) -> _Process:
    said = file_of(b"")
    running = git.start("cat-file", "--batch-command", "--buffer", "-z", stderr=said)
    ask, answers = cast(BufferedWriter, running.stdin), cast(BufferedReader, running.stdout)
    process = _living[running.pid] = _Process(running, ask, answers, said)
    return process


def _answers(process: _Process, command: str, wanted: Sequence[str], found: dict[str, Any]) -> bool:
    """Ask for everything at once; whether all of it was answered."""
    asked = b"".join(b"%s %s\0" % (command.encode("ascii"), encode(name)) for name in wanted)
    # Where it has ended, that shows in what comes back.
    with contextlib.suppress(BrokenPipeError):
        # git collects the commands, and answers none before the last one: neither waits for the other to read.
        process.ask.write(asked + b"flush\0")
        process.ask.flush()
    for name in wanted:
        line = process.answers.readline()
        head = _HEAD.fullmatch(line)
        if not line:
            return False
        if not head:
            # "NAME missing" or "NAME ambiguous", where NAME may be of several lines.
            for _ in range(name.count("\n")):
                process.answers.readline()
            found[name] = None
        elif command == "info":
            found[name] = head[1].decode("ascii")
        else:
            size = int(head[2])
            content = process.answers.read(size + 1)
            if len(content) <= size:
                return False
            found[name] = content[:-1]
    return True


def _taken(key: object) -> _Process | None:
    """A process that waits, None where there is none that was started with `key`."""
    for item in reversed(_waiting[:]):
        # Another thread may have been faster.
        with contextlib.suppress(ValueError):
            if item[0] == key:
                _waiting.remove(item)
                return item[1]
    return None


def _wait(key: object, process: _Process) -> None:
    _waiting.append((key, process))
    if len(_waiting) > _MOST_WAITING:
        _waiting.pop(0)[1].end()


def end_all() -> None:
    """End the processes that wait: for one that ends without taking its values apart."""
    while _waiting:
        _waiting.pop()[1].end()
