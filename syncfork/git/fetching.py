"""Fetching, with GitPython, which reads from what git says how far it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any

from git import RemoteProgress
from git.cmd import Git as Program

from syncfork.git.door import Finished, Git, Tick


class _Progress(RemoteProgress):
    """Of what git does for a fetch, what takes long."""

    def __init__(self, tick: Tick) -> None:
        super().__init__()
        self._tick = tick

    def update(
        self,
        op_code: int,
        cur_count: str | float,
        max_count: str | float | None = None,
        message: str = "",  # noqa: ARG002 - GitPython's
    ) -> None:
        """See the base class."""
        if op_code & self.RECEIVING and max_count:
            self._tick(int(100 * float(cur_count) / float(max_count)))


def fetch(git: Git, remote: str, tick: Tick, *refspecs: str) -> Finished:
    """Fetch the branches of `remote`, or what `refspecs` say, as the user."""
    as_user = git.as_user()
    command = as_user.command(["fetch", "--progress", "--no-tags", remote, *refspecs])
    # Its process is ended where nothing refers to it any more.
    running: Any = Program(str(git.directory)).execute(
        command, as_process=True, env=as_user.environ(), shell=False
    )
    progress = _Progress(tick)
    tell = progress.new_message_handler()
    for line in _lines(running.stderr):
        tell(line)
    code = running.proc.wait()
    said = [*progress.error_lines, *progress.other_lines]
    return Finished(code, b"", "\n".join(line for line in said if line))


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """What git says, as it comes; a line of progress ends by going back to its beginning."""
    rest = b""
    while chunk := stream.read1(4096):  # type: ignore[attr-defined]
        *lines, rest = re.split(rb"[\r\n]+", rest + chunk)
        yield from (line.decode("utf-8", "replace") for line in lines)
    yield rest.decode("utf-8", "replace")
