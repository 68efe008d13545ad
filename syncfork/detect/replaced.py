"""What upstream put in the place of a word: read from the lines where it changed nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from syncfork.detect.base import File
from syncfork.detect.lines import hunks

_WORD = r"[\w@+-](?:[\w./@+-]*[\w@+-])?"


def replacement(files: Iterable[File], old: str, path: bool = False) -> str | None:
    """The one word that upstream wrote wherever it took `old` out of a line and left the rest; None where
    there is no such line, or they do not agree. A `path` is not the end of a longer one."""
    found = votes(files, old, path)
    return next(iter(found)) if len(found) == 1 else None


def votes(files: Iterable[File], old: str, path: bool = False) -> Counter[str]:
    """The words that upstream wrote where it took `old` out of a line and left the rest, by how many lines."""
    found: Counter[str] = Counter()
    for file in files:
        if file.base and file.theirs and file.changed_by_theirs and old in file.base.text:
            found.update(_in_file(file.base.text, file.theirs.text, old, path))
    return found


def line_in_place(base: str, theirs: str, line: int) -> int | None:
    """The line (from 1) of `theirs` that stands where `line` of `base` stood; None where the change around it
    made more lines or fewer, so that it cannot be told."""
    for hunk in hunks(base, theirs):
        if hunk.old_start < line <= hunk.old_end:
            return None if hunk.grown else hunk.new_start + line - hunk.old_start
    return None


def _in_file(base: str, theirs: str, old: str, path: bool) -> list[str]:
    before, after = _lines(base), _lines(theirs)
    gone = [line for line in before if old in line and line not in after]
    come = [line for line in after if line not in before]
    before_it, after_it = (r"(?<!\w[/.])", r"(?![\w/-])") if path else ("", r"(?![\w-])")
    whole = re.compile(rf"(?<![\w-]){before_it}{re.escape(old)}{after_it}")
    found: list[str] = []
    for line in gone:
        parts = whole.split(line)
        if len(parts) != 2 or len(re.findall(r"\w", "".join(parts))) < 2:
            continue
        head, tail = parts
        words = {
            other[len(head) : len(other) - len(tail)]
            for other in come
            if len(other) > len(head) + len(tail) and other.startswith(head) and other.endswith(tail)
        }
        words = {word for word in words if re.fullmatch(_WORD, word)}
        if len(words) == 1:
            found += words
    return found


def _lines(text: str) -> dict[str, None]:
    return dict.fromkeys(line.strip() for line in text.split("\n") if line.strip())
