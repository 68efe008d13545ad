"""The paths among the words of shell commands: which are run, which are read, which the commands make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Literal

from msgspec import Struct

from syncfork.detect.blocks import Block, Command, commands

Named = tuple[int, str, Literal["runs", "reads", "enters"], tuple[str, ...]]

# Folders that pipelines name by a variable: the root of the checkout.
_ROOT = re.compile(
    r"\$\{\{\s*github\.workspace\s*\}\}|\$\{?(?:GITHUB_WORKSPACE|CI_PROJECT_DIR|BUILD_SOURCESDIRECTORY)\b\}?"
    r"|\$\((?:Build\.SourcesDirectory|System\.DefaultWorkingDirectory)\)|\{\{\s*justfile_directory\(\)\s*\}\}",
    re.IGNORECASE,
)
# The folder of the script itself, as scripts find it out.
_HOME = re.compile(
    r"""\$\((?:cd[ \t]+(?:--[ \t]+)?)?["']?(?:\$\()?dirname[ \t]+(?:--[ \t]+)?["']?\$(?:0|\{0\}|\{?BASH_SOURCE(?:\[0\])?\}?)["']?\)?["']?"""
    r"""(?:[ \t]*&&[ \t]*pwd(?:[ \t]+-P)?)?\)|\$\{(?:0|BASH_SOURCE(?:\[0\])?)%/\*\}|\$PSScriptRoot\b|%~dp0"""
)
_PATH = re.compile(r"(?:\.{1,2}/)*\.?[\w@+-][\w.@+-]*(?:/[\w.@+-]+)*/?")
_ASSIGNMENT = re.compile(r"\w+=\S*")
# Words that stand before the program.
_BEFORE = frozenset(
    [
        "sudo",
        "exec",
        "time",
        "env",
        "if",
        "then",
        "else",
        "elif",
        "do",
        "while",
        "until",
        "!",
        "RUN",
        "CMD",
        "ENTRYPOINT",
        "nohup",
        "call",
        "&",
        "{",
        "xargs",
    ]
)
_INTERPRETERS = re.compile(
    r"(?:python[\d.]*|py|pypy3?|bash|sh|zsh|dash|ksh|node|ruby|perl|pwsh|powershell|Rscript|php|lua|deno|bun)(?:\.exe)?"
)
_RUNNERS = frozenset(["uv", "poetry", "pdm", "pipenv", "hatch", "pixi", "rye"])
# They make, test or take away what they name, or take a pattern or a text: a missing file is no failure.
_HARMLESS = frozenset(
    [
        "rm",
        "rmdir",
        "unlink",
        "del",
        "touch",
        "mkdir",
        "echo",
        "printf",
        "print",
        "test",
        "[",
        "[[",
        "export",
        "find",
        "grep",
        "egrep",
        "rg",
        "git",
        "local",
        "return",
        "exit",
        "case",
        "for",
        "set",
        "unset",
        "declare",
        "alias",
        "trap",
        "make",
        "just",
        "npm",
        "yarn",
        "pnpm",
        "go",
        "cargo",
        "which",
        "type",
        "command",
        "gh",
        "curl",
        "wget",
        "Remove-Item",
        "Write-Host",
        "Write-Output",
        "Test-Path",
        "New-Item",
    ]
)
_DESTINATIONS = frozenset(["cp", "mv", "ln", "install", "rsync", "Copy-Item", "Move-Item", "copy", "move"])
_OUTPUTS = frozenset(
    ["-o", "-O", "--output", "--out", "--output-file", "--outfile", "-OutFile", ">", ">>", "1>", "2>", "&>"]
)
_REDIRECT = re.compile(r"(?:\d|&)?>>?(?=[^&>])(.+)")
# The command may fail, and that is meant.
_MAY_FAIL = re.compile(r"\|\|\s*(?:true|:|echo|exit 0)")


def is_path(word: str) -> bool:
    """Whether a word has the form of a plain relative path."""
    return bool(_PATH.fullmatch(word))


def rooted(text: str) -> str:
    """The text with `.` for the variables that stand for the root of the checkout."""
    return _ROOT.sub(".", text)


def _bare(word: str) -> str:
    word = word.strip("\"'")
    return word.replace("\\", "/") if re.fullmatch(r"[\w.@+\\/-]+", word) else word


def _plain(path: str) -> str:
    return str(PurePosixPath(path))


def _telling(word: str) -> bool:
    """A word that cannot well be anything but a path."""
    return "/" in word or bool(re.search(r"[\w-]\.[A-Za-z]\w*$", word))


def _simple(command: Command) -> Iterator[list[str]]:
    """The simple commands of a line, without what stands before the program."""
    held: list[str] = []
    for word in [*command.words, ";"]:
        if not re.fullmatch(r"[;|&()]+", word):
            held.append(word)
            continue
        while held and (held[0] in _BEFORE or _ASSIGNMENT.fullmatch(held[0])):
            held = held[1:]
        if held:
            yield [held[0].lstrip("@-"), *held[1:]]
        held = []


class Shell(Struct, frozen=True):
    """The shell of one text, with what its blocks make themselves or ask for before they use it."""

    made: frozenset[str]

    @classmethod
    def of(cls, parts: Sequence[Block]) -> Shell:
        """Everything made or tested in any block: a later block may use it."""
        simple = (words for block in parts for command in commands(block) for words in _simple(command))
        return cls(frozenset(_plain(path) for words in simple for path in _made(words) if path))

    def named(self, block: Block, homes: tuple[str, ...]) -> Iterator[Named]:
        """The paths a block names; after `cd` they are relative to there, or to what nobody knows."""
        folders = homes
        text = _HOME.sub(".", rooted(block.text))
        for command in commands(Block(block.line, text, block.documented)):
            if _MAY_FAIL.search(command.text):
                continue
            for words in _simple(command):
                for word, use in _named(words):
                    if _plain(word) not in self.made:
                        yield command.line, word, use, folders
                if words[0] in ("cd", "pushd", "Set-Location"):
                    into = _bare(words[-1])
                    known = len(words) > 1 and (is_path(into) or into == ".")
                    folders = tuple(f"{folder}/{into}".lstrip("/") for folder in folders) if known else ()


def _made(words: Sequence[str]) -> Iterator[str]:
    """The paths that a command writes or tests."""
    for before, word in pairwise(words):
        if before in _OUTPUTS:
            yield _bare(word)
        if redirect := _REDIRECT.fullmatch(word):
            yield _bare(redirect[1])
    if words[0] in ("[", "[[", "test", "touch", "mkdir", "Test-Path", "New-Item", "tee"):
        yield from (_bare(word) for word in words[1:])
    if words[0] in _DESTINATIONS:
        yield _bare(words[-1])


def _named(words: Sequence[str]) -> Iterator[tuple[str, Literal["runs", "reads", "enters"]]]:
    """The paths that one simple command names, but what it makes."""
    program, arguments = _bare(words[0]), [_bare(word) for word in words[1:]]
    if program in ("COPY", "ADD"):
        if not any(word.startswith("--from") for word in arguments):
            yield from ((word, "reads") for word in arguments[:-1] if is_path(word) and _telling(word))
    elif program in ("cd", "pushd"):
        yield from ((word, "enters") for word in arguments[:1] if is_path(word))
    elif _INTERPRETERS.fullmatch(program) or program in _RUNNERS or program in ("source", "."):
        yield from _interpreted(program, arguments)
    elif program not in _HARMLESS:
        if "/" in program and is_path(program):
            yield program, "runs"
        yield from _read(arguments[:-1] if program in _DESTINATIONS else arguments)


def _interpreted(program: str, arguments: list[str]) -> Iterator[tuple[str, Literal["runs", "reads"]]]:
    """The script first, what it is given then."""
    for position, word in enumerate(arguments):
        before = arguments[position - 1] if position else ""
        if before == "-c":
            return
        if before == "-m":
            if re.fullmatch(r"\w+(?:\.\w+)+", word):
                yield word.replace(".", "/") + ".py", "runs"
            yield from _read(arguments[position + 1 :])
            return
        inner = program in _RUNNERS and (_INTERPRETERS.fullmatch(word) or word == "run")
        if not inner and is_path(word) and not word.startswith("-") and _telling(word):
            yield word, "runs"
            yield from _read(arguments[position + 1 :])
            return


def _read(arguments: list[str]) -> Iterator[tuple[str, Literal["reads"]]]:
    for position, word in enumerate(arguments):
        if (position and arguments[position - 1] in _OUTPUTS) or word.startswith((">", "<<")):
            continue
        if word.startswith("-"):
            word = word.partition("=")[2]
        if is_path(word) and _telling(word):
            yield word, "reads"
