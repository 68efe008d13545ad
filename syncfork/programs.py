"""Programs that the fork's own rules name, run on texts one does not trust.

A rule is committed, so whoever may commit could have a program run on every machine that merges: it runs only where the
owner of a clone says so, in a setting that no commit brings along. The texts lie in a folder of their own under names of
ours, so that none is taken for a program's configuration.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from syncfork.errors import SyncforkError
from syncfork.scratch import scratch

SETTING = "syncfork.runPrograms"
_SECONDS = 900
# So many texts are handed to one process: more names than that some systems refuse.
_AT_ONCE = 400
_ENDING = re.compile(r"\.[A-Za-z0-9_+-]{1,20}$")
_allowed: list[bool] = []


class FailedError(Exception):
    """A program ended with an error, on texts of which it may be one's fault; the text is what it said."""


def allow(*, allowed: bool) -> None:
    """Say whether rules may run programs in this process."""
    _allowed[:] = [allowed]


def rewritten(
    command: Sequence[str], beside: Mapping[str, bytes], texts: Sequence[tuple[str, str]]
) -> list[str | FailedError]:
    """What a program makes of texts, each given with a path for the ending of its name: it is run with the names of files,
    and writes these anew. `beside` are files that it finds in its folder, by path. Where it fails, those texts alone are
    not made that it fails on. Raises SyncforkError where it cannot be run, or may not."""
    found: list[str | FailedError] = []
    for start in range(0, len(texts), _AT_ONCE):
        found += _halved(command, beside, texts[start : start + _AT_ONCE])
    return found


def _halved(
    command: Sequence[str], beside: Mapping[str, bytes], texts: Sequence[tuple[str, str]]
) -> list[str | FailedError]:
    try:
        return list(_run(command, beside, texts))
    except FailedError as error:
        if len(texts) == 1:
            return [error]
    middle = len(texts) // 2
    return [*_halved(command, beside, texts[:middle]), *_halved(command, beside, texts[middle:])]


def _run(command: Sequence[str], beside: Mapping[str, bytes], texts: Sequence[tuple[str, str]]) -> list[str]:
    told = " ".join(command)
    if True not in _allowed:
        raise SyncforkError(
            f"a rule runs `{told}`, and this clone does not allow that",
            f"where you trust who commits rules here: git config {SETTING} true",
        )
    with scratch() as folder:
        for path, content in beside.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        names = [f"text{number}{_ending(path)}" for number, (path, _) in enumerate(texts)]
        for name, (_, text) in zip(names, texts, strict=True):
            (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        try:
            done = subprocess.run(
                [*command, *names],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except FileNotFoundError as error:
            raise SyncforkError(
                f"a rule runs `{told}`, and there is no program `{command[0]}`", "install it, and run again"
            ) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SyncforkError(f"a rule's `{told}` could not be run: {error}") from error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
            # Where there is one text alone, this is about it.
            first = said[0].replace(names[0], texts[0][0])
            raise FailedError(f"`{told}` ended with {done.returncode}: {first[:200]}")
        made = [_read(folder / name) for name in names]
        if made == [text for _, text in texts] and 2 * len(done.stdout) > sum(map(len, made)):
            raise SyncforkError(
                f"a rule's `{told}` prints what it makes, and leaves the files as they are",
                f"give `{command[0]}` the option by which it writes files anew (-i, -w, --write)",
            )
        return made


def _ending(path: str) -> str:
    found = _ENDING.search(path)
    return found[0] if found else ""


def _read(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        raise FailedError("it took the file away")
    return path.read_bytes().decode("utf-8", "surrogateescape")
