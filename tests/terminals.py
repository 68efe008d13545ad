"""A program at a real pseudo-terminal: what it shows is read, what a person types is written."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from git_fixtures import environment

_PATIENCE = 90.0
_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")
# What would tell rich, or an editor, something else than the terminal does.
_UNSET = (
    "CI", "NO_COLOR", "COLUMNS", "LINES", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "VISUAL", "EDITOR",
)  # fmt: skip


def _take_over() -> None:
    """In the new process: its input is the terminal that its interrupts come from, and it hears them.

    What a shell starts in the background has them ignored, and so would all that it starts.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """`syncfork ARGUMENTS` in a terminal of so many columns; a variable in `env` that is None is not set."""

    def __init__(
        self, folder: Path, *arguments: str, columns: int = 140, env: Mapping[str, str | None] | None = None
    ) -> None:
        self.raw = ""
        self._read_to = 0
        self._master, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        pinned: dict[str, str | None] = {
            **environment(TERM="xterm-256color"),
            **dict.fromkeys(_UNSET),
            **(env or {}),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "syncfork", "-C", str(folder), *arguments],
            stdin=side, stdout=side, stderr=side, start_new_session=True, preexec_fn=_take_over,
            env={name: text for name, text in pinned.items() if text is not None},
        )  # fmt: skip
        os.close(side)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        os.close(self._master)

    @property
    def text(self) -> str:
        """All that was shown, without the terminal's own codes."""
        return _CODES.sub("", self.raw)

    def until(self, words: str) -> str:
        """Wait until this is shown, after what was waited for before; what came up to it."""
        end = time.monotonic() + _PATIENCE
        while (found := self.text.find(words, self._read_to)) < 0:
            assert self._read(end - time.monotonic()), f"no {words!r} in:\n{self.text}"
        seen = self.text[self._read_to : found + len(words)]
        self._read_to = found + len(words)
        return seen

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self._master, f"{line}\n".encode())

    def press(self, keys: bytes) -> None:
        """Press keys that are no line, as the end of input."""
        os.write(self._master, keys)

    def interrupt(self) -> None:
        """Press Ctrl-C, at most three times: Python hears of one that comes right before it begins to wait for a line
        only with the next."""
        for _ in range(3):
            time.sleep(0.3)
            self.press(b"\x03")
            end = time.monotonic() + 5
            while time.monotonic() < end and self._process.poll() is None:
                self._read(0.1)
            if self._process.poll() is not None:
                return

    def ends(self) -> tuple[int, str]:
        """Wait for the program's end: its exit code, and what came last."""
        end = time.monotonic() + _PATIENCE
        over = False
        while self._read(0.1) or not over:
            # Once more after the end: what was shown last may still be on its way.
            over = self._process.poll() is not None
            assert over or time.monotonic() < end, f"no end in:\n{self.text}"
        return self._process.wait(), self.text[self._read_to :]

    def _read(self, seconds: float) -> bool:
        """Take in what is shown next; false where nothing comes any more."""
        if seconds <= 0 or not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            got = os.read(self._master, 65536)
        except OSError:  # Linux tells so that the other end is closed.
            return False
        self.raw += got.decode("utf-8", "replace")
        return bool(got)
