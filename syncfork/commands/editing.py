"""A text in the person's own editor: the one that git would start."""

from __future__ import annotations

import signal
import subprocess
import tempfile
from pathlib import Path, PurePosixPath

from syncfork.errors import SyncforkError
from syncfork.git.door import decode, encode
from syncfork.git.repository import Repository


def editor_of(repository: Repository, given: str | None) -> str:
    """The editor's command line, in git's order: GIT_EDITOR (`given`, since git processes of ours do not see it),
    core.editor, VISUAL, EDITOR. Raises SyncforkError where there is none."""
    git = repository.git.as_user()
    if given:
        git = git.with_environment(GIT_EDITOR=given)
    done = git.call("var", "GIT_EDITOR")
    if done.code or not done.out.strip():
        raise SyncforkError(
            "git knows no editor for this terminal", "name one: git config --global core.editor NAME"
        )
    return decode(done.out).strip()


def edited(editor: str, text: str, name: str, folder: Path) -> str:
    """`text` after the person edited it, in a file below `folder` that is called as `name` ends, for the editor to know
    the language. Raises SyncforkError where the editor fails."""
    with tempfile.TemporaryDirectory(prefix="edit-", dir=folder) as place:
        path = Path(place) / PurePosixPath(name).name
        path.write_bytes(encode(text))
        # As git starts it: a command line with arguments of its own is one for the shell.
        code = _wait(["sh", "-c", f'{editor} "$@"', editor, str(path)])
        if code:
            raise SyncforkError(f"the editor ended with exit code {code}", "nothing of it was taken")
        try:
            return decode(path.read_bytes())
        except OSError as error:
            raise SyncforkError(f"the edited file cannot be read: {error.strerror}") from error


def _wait(command: list[str]) -> int:
    """Run the editor to its end. An interrupt typed in it is meant for it, not for us."""
    try:
        process = subprocess.Popen(command)
    except OSError as error:
        raise SyncforkError(f"the editor could not be started: {error.strerror}") from error
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
