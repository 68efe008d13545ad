"""Steps that change a user's repository, run so that a kill does not stop them half-way."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable

from syncfork.errors import GitError

_WAY_OUT = "`syncfork status` tells where you stand; `syncfork abort` puts everything back"
_LOCK = re.compile(r"'([^'\n]+\.lock)'")


def lock_hint(message: str) -> str:
    """What to do where git says that a lock of its own is there; empty where it says no such thing."""
    found = _LOCK.search(message)
    return f"if no git is at work here: rm {shlex.quote(found[1])}" if found else ""


def undisturbed(steps: Callable[[], None], way_out: str = _WAY_OUT) -> None:
    """Run `steps` so that a kill of this process (or of its group) does not stop them half-way.

    They run in a forked child in a session of its own; a failure there is raised here, with its own hint or `way_out`.
    Where processes do not fork they run in this one.
    """
    if not hasattr(os, "fork"):
        try:
            steps()
        except GitError as error:
            raise GitError(error.problem, error.hint or lock_hint(error.problem) or way_out) from error
        return
    reader, writer = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _child(steps, reader, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        message = pipe.read()
    _, status = os.waitpid(child, 0)
    if message or status:
        text, _, hint = message.decode("utf-8", "replace").partition("\0")
        text = text or f"the landing process ended with status {status}"
        raise GitError(text, hint or lock_hint(text) or way_out)


def _child(steps: Callable[[], None], reader: int, writer: int) -> None:
    """The forked side: never returns, never runs the parent's clean-up."""
    code = 1
    try:
        os.setsid()
        os.close(reader)
        steps()
        code = 0
    except BaseException as error:
        text = str(error).replace("\0", " ") or "unknown error"
        told = f"{text[:30_000]}\0{getattr(error, 'hint', '')[:9_000]}"
        os.write(writer, told.encode("utf-8", "replace")[:60_000])
    finally:
        os._exit(code)
