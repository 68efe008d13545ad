"""The commands in a text: what a workflow, a script, a recipe or a document would have a shell run.

A block is the unit that shares variables: a step of a workflow, the recipe of a target, a script, the fenced
code of a document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

from syncfork.detect.pipelines import root_of, scalars
from syncfork.text import Document

# Keys under which the pipelines of GitHub, GitLab, Azure, CircleCI, Buildkite and others keep shell.
SHELL_KEYS = frozenset(
    [
        "run",
        "script",
        "bash",
        "pwsh",
        "powershell",
        "cmd",
        "sh",
        "command",
        "commands",
        "inlinescript",
        "before_script",
        "after_script",
    ]
)

# The first line of a script for a shell.
SHEBANG = re.compile(r"#!.*\b(?:ba|da|z|k)?sh\b")


class Block(NamedTuple):
    """Shell text with the line (from 1) it begins at; `documented` where it only stands in a document."""

    line: int
    text: str
    documented: bool = False

    @property
    def lines(self) -> range:
        """The numbers of its lines."""
        return range(self.line, self.line + self.text.count("\n") + 1)


class Command(NamedTuple):
    """One logical line of shell, continuations joined: its text, its words, its first line's and last line's
    number."""

    line: int
    text: str
    words: tuple[str, ...]
    last: int = 0


def blocks(document: Document) -> list[Block]:
    """The blocks of a text, by the kind of file it is; none where the kind holds no commands."""
    name = PurePosixPath(document.path).name.lower()
    suffix = PurePosixPath(name).suffix
    if suffix in (".yml", ".yaml"):
        return list(_of_yaml(document))
    if name in ("justfile", ".justfile", "makefile", "gnumakefile") or suffix in (".just", ".mk"):
        return list(_of_recipes(document))
    if suffix in (".md", ".markdown", ".rst", ".adoc"):
        return list(_of_prose(document))
    if suffix in (".sh", ".bash", ".ps1", ".bat", ".cmd") or SHEBANG.match(document.text):
        return [Block(1, document.text)]
    if name.startswith("dockerfile") or name.endswith("dockerfile") or name == "containerfile":
        return [Block(1, document.text)]
    return []


def _of_yaml(document: Document) -> Iterator[Block]:
    root = root_of(document)
    for keys, value in scalars(root) if root else ():
        if keys and keys[-1].lower() in SHELL_KEYS:
            yield Block(document.line_of(value.start), document.text[value.start : value.end])


_HEADER = re.compile(r"^(?=[^\s#])[^\n]*?:[^\n=]*$", re.MULTILINE)


def _of_recipes(document: Document) -> Iterator[Block]:
    """The indented lines below a line that begins a recipe."""
    lines = document.text.split("\n")
    start: int | None = None
    for number, line in enumerate([*lines, "end"], start=1):
        indented = line[:1] in (" ", "\t") or not line.strip()
        if not indented:
            if start is not None and start < number:
                yield Block(start, "\n".join(lines[start - 1 : number - 1]))
            start = number + 1 if _HEADER.match(line) else None


_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[^\n]*\n(.*?)^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?<!`)``?([^`\n]+)``?(?!`)")
_LITERAL = re.compile(
    r"(?:^\.\. code(?:-block)?::[^\n]*|::)[ \t]*\n(?:[ \t]*\n)+((?:[ \t]+[^\n]*\n|[ \t]*\n)+)", re.MULTILINE
)


def _of_prose(document: Document) -> Iterator[Block]:
    """Fenced and literal blocks, and the code in running text."""
    taken: list[tuple[int, int]] = []
    for form, group in ((_FENCE, 2), (_LITERAL, 1)):
        for found in form.finditer(document.text):
            taken.append(found.span())
            yield Block(document.line_of(found.start(group)), found[group], documented=True)
    for found in _CODE.finditer(document.text):
        if not any(start <= found.start() < end for start, end in taken):
            yield Block(document.line_of(found.start()), found[1], documented=True)


_SUBSTITUTION = r"\$\((?:[^()]|\([^()]*\))*\)"
_WORD = re.compile(
    rf"""(?:\$\{{\{{.*?\}}\}}|\$\{{[^}}]*\}}|{_SUBSTITUTION}|`[^`]*`|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"';|&()])+|[;|&()]+""",
    re.DOTALL,
)


# Where a line has none of these, its words are what stands between blanks.
_SPECIAL = re.compile(r"[\"'$`;|&()]")


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text) if _SPECIAL.search(text) else text.split())


@lru_cache(maxsize=1024)
def commands(block: Block) -> tuple[Command, ...]:
    """The logical lines of a block. Words keep their quotes; operators are words of their own."""
    found: list[Command] = []
    held: list[str] = []
    first = 0
    for offset, line in enumerate(block.text.split("\n")):
        if not held:
            first = block.line + offset
        stripped = line.rstrip()
        if stripped.endswith(("\\", "`", "^")) and not stripped.endswith("\\\\"):
            held.append(stripped[:-1])
            continue
        text = " ".join([*held, line]).strip()
        held = []
        if text and not text.startswith(("#", "//", "REM ")):
            found.append(Command(first, text, _words(text), block.line + offset))
    if held:
        text = " ".join(held).strip()
        found.append(Command(first, text, _words(text), first + len(held) - 1))
    return tuple(found)
