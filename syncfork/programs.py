"""Programs that the fork's own rules name, run on texts one does not trust.

A rule is committed, so whoever may commit could have a program run on every machine that merges: it runs only where the
owner of a clone says so, in a setting that no commit brings along. The texts lie in a folder of their own under names of
ours, so that none is taken for a program's configuration; nor is what others put into a folder that all may write.
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
# So much of what a program said is told.
_SAID = 300
# Where the texts lie, below what they are read with.
_FOLDER = "syncfork-texts"
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
    and writes these anew. `beside` are files that it finds above them, by path. Where it fails, those texts alone are
    not made that it fails on. Raises SyncforkError where it cannot be run, may not, or fails whatever it is given."""
    found: list[str | FailedError] = []
    for start in range(0, len(texts), _AT_ONCE):
        found += _halved(command, beside, texts[start : start + _AT_ONCE])
    return found


def _halved(
    command: Sequence[str],
    beside: Mapping[str, bytes],
    texts: Sequence[tuple[str, str]],
    *,
    works: bool = False,
) -> list[str | FailedError]:
    try:
        return list(_run(command, beside, texts))
    except FailedError as error:
        if not works:
            _expect_working(command, beside, texts[0][0])
        if len(texts) == 1:
            return [error]
    middle = len(texts) // 2
    halves = (texts[:middle], texts[middle:])
    return [made for half in halves for made in _halved(command, beside, half, works=True)]


def _expect_working(command: Sequence[str], beside: Mapping[str, bytes], path: str) -> None:
    """Raise SyncforkError where a program fails on an empty file as well: then it is no text's fault."""
    try:
        _run(command, beside, [(path, "")])
    except FailedError as error:
        raise SyncforkError(
            f"a rule runs a program that fails on an empty file, too: {error}", "correct the rule"
        ) from error


def _run(command: Sequence[str], beside: Mapping[str, bytes], texts: Sequence[tuple[str, str]]) -> list[str]:
    told = " ".join(command)
    if True not in _allowed:
        raise SyncforkError(
            f"a rule runs `{told}`, and this clone does not allow that",
            f"where you trust who commits rules here: git config {SETTING} true",
        )
    with scratch(apart=True) as folder:
        for path, content in beside.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        (folder / _FOLDER).mkdir()
        names = [f"{_FOLDER}/text{number}{_ending(path)}" for number, (path, _) in enumerate(texts)]
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
            # Names of ours tell nobody anything.
            words = " / ".join(line.strip() for line in said[:3]).replace(str(folder / names[0]), names[0])
            raise FailedError(
                f"`{told}` ended with {done.returncode}: {words.replace(names[0], 'the file')[:_SAID]}"
            )
        made = [_read(folder / name) for name in names]
        if made == [text for _, text in texts] and _prints(done.stdout.decode("utf-8", "replace"), made):
            raise SyncforkError(
                f"a rule's `{told}` prints what it makes, and leaves the files as they are",
                f"give `{command[0]}` the option by which it writes files anew (-i, -w, --write)",
            )
        return made


def _prints(out: str, texts: Sequence[str]) -> bool:
    """Whether most that the texts say, word by word, is in what a program printed."""
    words = {word for text in texts for word in _WORD.findall(text)}
    return bool(words) and 2 * len(words.intersection(_WORD.findall(out))) > len(words)


_WORD = re.compile(r"\w{3,}")


def _ending(path: str) -> str:
    found = _ENDING.search(path)
    return found[0] if found else ""


def _read(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        raise FailedError("it took the file away")
    return path.read_bytes().decode("utf-8", "surrogateescape")
