"""Objects read through git processes that stay: to start one takes longer than most reads.

A process serves one reader at a time, and sees what is stored and which refs are set after it was started: git looks
again for what it does not find.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Sequence
from subprocess import Popen
from typing import IO, Any

from msgspec import Struct

from syncfork.errors import GitError
from syncfork.git.door import Git, encode, file_of

# So many wait for their next reader; more would only take memory.
_MOST_WAITING = 3

_HEAD = re.compile(rb"([0-9a-f]{40,64}) [a-z]+ (\d+)\n")


class _Process(Struct):
    """A process with its streams; what it says goes to a file, which nobody has to read lest it be full."""

    running: Popen[bytes]
    ask: IO[bytes]
    answers: IO[bytes]
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


# The processes that wait, the latest last, each with what it was started with; by process, since a forked child must
# not share one with its parent.
_waiting: dict[int, list[tuple[object, _Process]]] = {}


def object_ids(git: Git, names: Iterable[str]) -> dict[str, str | None]:
    """The ids of revision expressions, None for what does not resolve. Raises GitError where git fails."""
    wanted = list(names)
    found: dict[str, Any] = {}
    message = _read(git, "info", wanted, found)
    if len(found) < len(wanted):
        raise GitError(f"git cat-file failed: {message or 'it ended'}")
    return found


def contents(git: Git, names: Iterable[str]) -> dict[str, bytes | None]:
    """Contents of objects by id or any other name; None for what is missing or unreadable."""
    wanted = list(dict.fromkeys(names))
    found: dict[str, Any] = {}
    while len(found) < len(wanted):
        left = wanted[len(found) :]
        _read(git, "contents", left, found)
        if len(found) < len(wanted):
            # git ends at an object that it cannot read to its end; what comes after it is asked for anew.
            found[wanted[len(found)]] = None
    return found


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
        # One that waited may have ended meanwhile: that says nothing of the object.
        if not kept or len(found) > before:
            return message
    return ""


def _started(git: Git) -> _Process:
    said = file_of(b"")
    running = git.start("cat-file", "--batch-command", "--buffer", "-z", stderr=said)
    assert running.stdin and running.stdout  # they are pipes
    return _Process(running, running.stdin, running.stdout, said)


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
    own = _waiting.get(os.getpid(), [])
    for item in reversed(own[:]):
        # Another thread may have been faster.
        with contextlib.suppress(ValueError):
            if item[0] == key:
                own.remove(item)
                return item[1]
    return None


def _wait(key: object, process: _Process) -> None:
    own = _waiting.setdefault(os.getpid(), [])
    own.append((key, process))
    if len(own) > _MOST_WAITING:
        own.pop(0)[1].end()


def end_all() -> None:
    """End the processes that wait: for one that ends without taking its values apart."""
    for _, process in _waiting.pop(os.getpid(), []):
        process.end()
