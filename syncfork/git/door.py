"""Every git process of syncfork starts here: bytes in and out, no shell, a pinned configuration.

Paths and other text that git hands out are decoded as UTF-8 with surrogate escapes, so that a name which is
not UTF-8 survives the way through Python and back.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from syncfork.errors import GitError, SyncforkError

Result = TypeVar("Result")

# What git says where the repository lacks an object that it needs.
_IS_LACKING = re.compile(r"unable to read|invalid object|missing blob|bad object|could not read object")
_LACKING = (
    "the repository lacks an object: `git fsck --connectivity-only` names all such; fetch them again from a clone that has "
    "them, or clone anew"
)
# Is told how many percent of a fetch are received.
Tick = Callable[[int], None]

# What a user's environment may tell git. Everything else that starts with GIT_ (an index file or a git
# directory left by a hook that called us, an external diff, ...) would bend the result and is removed.
_ENVIRONMENT_KEPT = (
    "GIT_ASKPASS",
    "GIT_AUTHOR_",
    "GIT_CEILING_DIRECTORIES",
    "GIT_COMMITTER_",
    "GIT_CONFIG_",
    "GIT_EXEC_PATH",
    "GIT_HTTP_",
    "GIT_PROXY_",
    "GIT_PYTHON_",
    "GIT_SSH",
    "GIT_SSL_",
    "GIT_TERMINAL_PROMPT",
    "GIT_TRACE",
)

# Settings by which a user's configuration would change what plumbing prints or what a merge does. safe.directory
# lives in the same files, so they cannot simply be switched off. hooksPath: no hook runs on our way;
# rerere: replays stale resolutions without a word; attributesFile: merge drivers of one person's machine.
_PINNED = (
    "color.ui=false",
    "core.attributesFile=/dev/null",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "diff.algorithm=default",
    "diff.ignoreSubmodules=none",
    "diff.mnemonicPrefix=false",
    "diff.noprefix=false",
    "diff.orderFile=/dev/null",
    "diff.renames=true",
    "diff.renameLimit=7000",
    "gc.auto=0",
    "i18n.commitEncoding=UTF-8",
    "i18n.logOutputEncoding=UTF-8",
    "log.mailmap=false",
    "log.showSignature=false",
    "maintenance.auto=false",
    "merge.conflictStyle=merge",
    "merge.directoryRenames=conflict",
    "merge.renameLimit=7000",
    "merge.renames=true",
    "merge.renormalize=false",
    "rerere.autoUpdate=false",
    "rerere.enabled=false",
    "submodule.recurse=false",
)


# What even a command that acts as the user leaves out: hooks and rerere would touch files behind our back, and to go
# into submodules throws away what is not committed there (git merge leaves them alone, too).
_PINNED_AS_USER = (
    "advice.detachedHead=false",
    "core.hooksPath=/dev/null",
    "rerere.enabled=false",
    "submodule.recurse=false",
)


# What the environment of a pinned command says beside that.
_DEFAULTS = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_EDITOR": "true"}

if sys.platform == "win32":
    # There a program is looked for in the directory one is in first: in the fork, where upstream may have put one.
    os.environ.setdefault("NoDefaultCurrentDirectoryInExePath", "1")


class Finished(Struct, frozen=True):
    """A git process that ended: its exit code, standard output (bytes) and standard error (text)."""

    code: int
    out: bytes
    err: str


class Git(Struct, frozen=True):
    """Runs git in `directory`.

    `environment` is added to the scrubbed one, `settings` (NAME=VALUE) to the pinned ones. `pinned` is switched off
    only for the few commands that act as the user (fetch with their credentials, checkout with their filters and
    line endings).
    """

    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    pinned: bool = True
    settings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Remove from this process what must not reach git, whoever starts it."""
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            if not name.startswith(_ENVIRONMENT_KEPT):
                del os.environ[name]

    def with_environment(self, **variables: str) -> Git:
        """Return a door like this one whose processes see `variables` too."""
        return replace(self, environment={**self.environment, **variables})

    def as_user(self) -> Git:
        """Return a door whose processes follow the user's own configuration."""
        return replace(self, pinned=False)

    def call(
        self,
        *arguments: str,
        stdin: bytes | None = None,
        detached: bool = False,
        timeout: float | None = None,
    ) -> Finished:
        """Run `git ARGUMENTS` to its end, whatever its exit code.

        `stdin` is what it reads (nothing by default). `detached` puts it in a session of its own, so that a
        signal to our process group leaves it alone: for the one command that changes the user's worktree.
        """
        with contextlib.ExitStack() as stack:
            source = stack.enter_context(file_of(stdin)) if stdin is not None else None
            process = stack.enter_context(
                self.start(*arguments, stdin=source or subprocess.DEVNULL, start_new_session=detached)
            )
            _running[process] = self
            try:
                out, err = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                return Finished(process.wait(), b"", f"no answer within {timeout} seconds")
            except BaseException:
                # What changes the user's worktree is not stopped half-way, but waited for.
                if not detached:
                    process.kill()
                raise
            finally:
                del _running[process]
        return Finished(process.returncode, out, err.decode("utf-8", "replace"))

    def start(
        self,
        *arguments: str,
        stdin: int | IO[bytes] = subprocess.PIPE,
        stderr: int | IO[bytes] = subprocess.PIPE,
        start_new_session: bool = False,
    ) -> subprocess.Popen[bytes]:
        """Start `git ARGUMENTS`, with pipes; who calls it ends it."""
        try:
            return subprocess.Popen(
                self.command(arguments),
                cwd=self.directory,
                env=self.environ(),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=start_new_session,
                # None of ours is inherited anyhow, and to look for others takes its time.
                close_fds=False,
            )
        except OSError as error:
            raise SyncforkError(f"git could not be started: {error}", "install git 2.38 or newer") from error

    def run(self, *arguments: str, stdin: bytes | None = None, ok: Collection[int] = (0,)) -> bytes:
        """Run `git ARGUMENTS` and return its standard output; any exit code not in `ok` raises GitError."""
        done = self.call(*arguments, stdin=stdin)
        if done.code not in ok:
            message = done.err.strip() or f"exit code {done.code}"
            hint = _LACKING if _IS_LACKING.search(message) else ""
            raise GitError(f"git {arguments[0]} failed: {message}", hint, done.code)
        return done.out

    def text(self, *arguments: str, stdin: bytes | None = None, ok: Collection[int] = (0,)) -> str:
        """Like `run`, decoded and without the newline at the end."""
        return decode(self.run(*arguments, stdin=stdin, ok=ok)).removesuffix("\n")

    def end_begun(self) -> None:
        """End what other threads still have running in this door's environment."""
        for process, git in list(_running.items()):
            if git.environment == self.environment:
                process.kill()
                process.wait()

    def command(self, arguments: Sequence[str]) -> list[str]:
        """The command line of `git ARGUMENTS`."""
        pinned = _PINNED if self.pinned else _PINNED_AS_USER
        settings = [word for setting in (*pinned, *self.settings) for word in ("-c", setting)]
        return ["git", "--no-pager", *settings, *arguments]

    def environ(self) -> dict[str, str]:
        """The environment that its processes get; git's messages are in English there."""
        known = {**os.environ, "LANGUAGE": "C", "LC_ALL": "C"}
        return {**known, **(_DEFAULTS if self.pinned else {}), **self.environment}


# What runs at the moment.
_running: dict[subprocess.Popen[bytes], Git] = {}


class Asked(Generic[Result]):
    """What a call comes to that was begun beside other work."""

    def __init__(self, call: Callable[[], Result]) -> None:
        self._call = call
        # A process that was forked meanwhile does not have the thread, and would wait for nothing.
        self._error: BaseException | None = RuntimeError("asked for in a process that did not begin it")
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._call()
            self._error = None
        except BaseException as error:
            self._error = error

    def wait(self) -> None:
        """Wait until the call has ended, one way or the other."""
        self._thread.join()

    def result(self) -> Result:
        """Wait for it; what the call raised is raised here."""
        self.wait()
        if self._error is not None:
            raise self._error
        return self._result


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls that wait for git at the same time; their results in order. The first failure is raised."""
    first, *others = calls
    asked = [begun(call) for call in others]
    try:
        found = [first()]
    finally:
        for one in asked:
            one.wait()
    return [*found, *(one.result() for one in asked)]


def begun(call: Callable[[], Result]) -> Asked[Result]:
    """Begin a call that waits for git, beside other work; nobody waits for it who does not ask for its result.

    A forked process must not ask for what had not ended when it was forked: it does not have the thread that runs it.
    """
    return Asked(call)


def decode(raw: bytes) -> str:
    """Bytes from git to text; what is not UTF-8 becomes surrogate escapes and survives `encode`."""
    return raw.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Turn text from `decode` back into git's bytes."""
    return text.encode("utf-8", "surrogateescape")


def file_of(content: bytes) -> IO[bytes]:
    """A file to read `content` from, that has no name and, where the system has such, is on no disk."""
    # Who asked for it closes it.
    if hasattr(os, "memfd_create"):
        file: IO[bytes] = os.fdopen(os.memfd_create("stdin"), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115
    file.write(content)
    file.seek(0)
    return file
