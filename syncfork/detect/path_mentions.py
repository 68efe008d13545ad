"""Where a text names files: what it runs, what it includes, what it only mentions.

A mention is a whole path as it is written; which file that is depends on the folders it may be read from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import PurePosixPath
from typing import Literal

from msgspec import Struct, field

from syncfork.detect.blocks import blocks
from syncfork.detect.path_words import Shell, is_path, rooted
from syncfork.detect.pipelines import root_of, scalars
from syncfork.detect.searching import line_numbers
from syncfork.parsing.values import Value
from syncfork.text import Document

Use = Literal["runs", "reads", "includes", "imports", "uses", "enters", "names", "documents"]


class PathMention(Struct, frozen=True):
    """A path as written at a line, with what the text does to it, and the folders it may be relative to. Where there are
    `paths`, these are the files that it may mean."""

    line: int
    path: str
    use: Use
    folders: tuple[str, ...]
    paths: tuple[str, ...] = ()


def path_mentions(document: Document) -> list[PathMention]:
    """Every path that a text names, as far as the kind of file lets one tell."""
    path = PurePosixPath(document.path)
    suffix = path.suffix.lower()
    home = str(path.parent) if str(path.parent) != "." else ""
    found: list[PathMention] = []
    homes = ["", home]
    if suffix in (".yml", ".yaml"):
        keys = _of_keys(document, home)
        found += keys.found
        # A step may work in any of the folders that the file names.
        homes = ["", *keys.folders]
    elif suffix in (".md", ".markdown", ".rst", ".adoc"):
        found += _of_links(document, home)
    elif suffix not in (".txt", ".lock", ".svg", ".csv"):
        found += _of_source(document, suffix, home)
    parts = blocks(document)
    commanded = {n for block in parts for n in range(block.line, block.line + block.text.count("\n") + 1)}
    found = [mention for mention in found if mention.use != "names" or mention.line not in commanded]
    shell = Shell.of(parts)
    for block in parts:
        for line, word, use, folders in shell.named(block, tuple(dict.fromkeys(homes))):
            found.append(PathMention(line, word, "documents" if block.documented else use, folders))
    return found


# Keys of pipelines

_INCLUDES = frozenset(["template", "local", "scriptpath", "filepath", "dockerfile", "dockerfilepath"])
_FOLDERS = frozenset(["working-directory", "workingdirectory", "context"])
_HASHED = re.compile(r"hashFiles\(([^()]*)\)")


class _Keys(Struct, frozen=True, dict=True):
    document: Document
    home: str
    found: list[PathMention] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)

    @cached_property
    def line_of(self) -> Callable[[int], int]:
        """See `line_numbers`."""
        return line_numbers(self.document.text)

    def scalar(self, value: Value, key: str) -> None:
        raw = self.document.text[value.start : value.end]
        first = self.line_of(value.start)
        for offset, line in enumerate(raw.split("\n")):
            for hashed in _HASHED.finditer(line):
                names = [name for name in re.findall(r"'([^']+)'", hashed[1]) if is_path(name)]
                self.found.extend(PathMention(first + offset, name, "names", ("",)) for name in names)
            word = rooted(line).strip().removeprefix("- ").strip("\"'")
            if mention := self.mention(first + offset, key, word):
                self.found.append(mention)

    def mention(self, line: int, key: str, word: str) -> PathMention | None:
        if key == "template":
            name, _, where = word.partition("@")
            if where not in ("", "self") or not is_path(name.lstrip("/")):
                return None
            return PathMention(
                line, name.lstrip("/"), "includes", ("",) if name.startswith("/") else (self.home,)
            )
        if not is_path(word) and not (key == "local" and is_path(word.lstrip("/"))):
            return None
        if key == "uses":
            local = word.startswith("./") and "@" not in word
            return PathMention(line, word, "includes", ("",)) if local else None
        if key in _FOLDERS:
            self.folders.append(word)
            return PathMention(line, word, "enters", ("",)) if "/" in word else None
        if key in _INCLUDES:
            return PathMention(line, word.lstrip("/"), "includes", ("", *self.folders))
        return PathMention(line, word, "names", ("",)) if "/" in word.strip("/") else None


def _of_keys(document: Document, home: str) -> _Keys:
    found = _Keys(document, home)
    root = root_of(document)
    for keys, value in scalars(root) if root else ():
        if isinstance(value.scalar, str):
            found.scalar(value, keys[-1].lower() if keys else "")
    return found


# Documents and source

_LINK = re.compile(
    r"\]\(([^()\s#?]+)(?:[#?][^()\s]*)?\)|^\.\. (?:include|literalinclude):: (\S+)", re.MULTILINE
)
_QUOTED = re.compile(r"""(["'`])((?:\.{1,2}/)*[\w@+-][\w.@+-]*(?:/[\w.@+-]+)+)\1""")
_INCLUDE: Sequence[tuple[frozenset[str], re.Pattern[str]]] = (
    (
        frozenset([".c", ".h", ".cc", ".cpp", ".hpp", ".m", ".mm", ".cxx"]),
        re.compile(r'^[ \t]*#[ \t]*(?:include|import)[ \t]*"([^"\n]+)"', re.MULTILINE),
    ),
    (frozenset([".rs"]), re.compile(r'\binclude(?:_str|_bytes)?!\(\s*"([^"\n]+)"')),
    (frozenset([".mk", ""]), re.compile(r"^include[ \t]+(\S+)[ \t]*$", re.MULTILINE)),
)
_IMPORT = re.compile(
    r"^(?:from[ \t]+(\w+(?:\.\w+)+)[ \t]+import\b|import[ \t]+(\w+(?:\.\w+)+))", re.MULTILINE
)


def _of_links(document: Document, home: str) -> Iterator[PathMention]:
    line_of = line_numbers(document.text)
    for found in _LINK.finditer(document.text):
        name = found[1] or found[2]
        folders = ("",) if name.startswith("/") else (home,)
        if is_path(name.lstrip("/")):
            yield PathMention(line_of(found.start()), name.lstrip("/"), "documents", folders)


def _of_source(document: Document, suffix: str, home: str) -> Iterator[PathMention]:
    line_of = line_numbers(document.text)
    for suffixes, form in _INCLUDE:
        for found in form.finditer(document.text) if suffix in suffixes else ():
            if is_path(found[1]):
                yield PathMention(line_of(found.start(1)), found[1], "includes", (home,))
    if suffix == ".py":
        for found in _IMPORT.finditer(document.text):
            name = (found[1] or found[2]).replace(".", "/") + ".py"
            yield PathMention(line_of(found.start()), name, "includes", ("", "src", home))
    for found in _QUOTED.finditer(document.text):
        yield PathMention(line_of(found.start()), found[2], "names", ("", home))
