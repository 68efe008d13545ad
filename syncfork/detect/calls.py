"""Calls of programs in shell text: which command is called with which words, and what variables may hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

from syncfork.detect.blocks import Block, Command, blocks, commands
from syncfork.text import Document


class Call(NamedTuple):
    """One simple command: its words, the lines (from 1) of the logical line it is part of, and its block."""

    words: tuple[str, ...]
    line: int
    last: int
    block: Block
    text: str

    def names(self, command: str, *, script: bool, programs: Collection[str] = ()) -> int:
        """The position of the word by which `command` is called, or -1: a script by its file name or another name
        of the program, a sub-command by its word. A sub-command without a hyphen must follow its program: such
        words stand in many commands that have nothing to do with it."""
        own = {name for name in (command, *programs) if name}
        for position, word in enumerate(self.words):
            plain = unquoted(word)
            if script and plain.rpartition("/")[2].removesuffix(".exe") in own:
                return position
            if (
                not script
                and command
                and plain == command
                and ("-" in command or self._first(position, programs))
            ):
                return position
        return -1

    def _first(self, position: int, programs: Collection[str]) -> bool:
        """Whether the word at `position` is the first one after one of `programs`, options left out."""
        before = [unquoted(word) for word in self.words[:position]]
        options = next(
            (n for n, word in enumerate(reversed(before)) if not word.startswith("-")), len(before)
        )
        last = len(before) - options - 1
        if last < 0:
            return False
        if "--" in before[last:] and {"cargo", "run"} <= set(before):
            return True
        return before[last].rpartition("/")[2].removesuffix(".exe") in programs


_OPERATOR = re.compile(r"[;|&()]+")


@lru_cache(maxsize=256)
def calls(document: Document) -> tuple[Call, ...]:
    """Every simple command of a text, in order."""
    return tuple(
        call for block in blocks(document) for command in commands(block) for call in _split(command, block)
    )


def _split(command: Command, block: Block) -> Iterator[Call]:
    held: list[str] = []
    for word in (*command.words, ";"):
        if not _OPERATOR.fullmatch(word):
            held.append(word)
            continue
        if held:
            yield Call(tuple(held), command.line, command.last, block, command.text)
        held = []
    # What a substitution runs is called from here too.
    for inner in _SUBSTITUTED.findall(command.text):
        words = tuple(inner[0].split() or inner[1].split())
        yield Call(words, command.line, command.last, block, command.text)


_SUBSTITUTED = re.compile(r"\$\(((?:[^()]|\([^()]*\))+)\)|`([^`]+)`")


def unquoted(word: str) -> str:
    """A word without the quotes around it."""
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'" else word


_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")


def variables(word: str) -> list[str]:
    """The shell variables that a word expands."""
    return [braced or bare for braced, bare in _VARIABLE.findall(word)]


_ASSIGNMENT = re.compile(
    r"""(?:^|(?<=[\s;&|(]))([A-Za-z_]\w*)\+?=((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"';])*)""", re.MULTILINE
)


@lru_cache(maxsize=256)
def assignments(block: Block) -> tuple[tuple[str, str, int], ...]:
    """The assignments of a block: name, the text assigned, and the line."""
    made: list[tuple[str, str, int]] = []
    line, position = block.line, 0
    for found in _ASSIGNMENT.finditer(block.text):
        line += block.text.count("\n", position, found.start(1))
        position = found.start(1)
        made.append((found[1], unquoted(found[2]), line))
    return tuple(made)


def passing(call: Call, option: str) -> int:
    """The line where `call` is given `option`, itself or through a variable of its block; 0 where it is not."""
    for word in call.words:
        plain = unquoted(word)
        if plain == option or plain.startswith(f"{option}="):
            return call.line
    expanded = {name for word in call.words for name in variables(word)}
    for name, text, line in assignments(call.block) if expanded else ():
        if name in expanded and option in re.split(r"[\s=]+", text):
            return line
    return 0


def value_of(call: Call, option: str) -> str | None:
    """The word that `call` gives to `option`; None where it gives none."""
    for position, word in enumerate(call.words):
        plain = unquoted(word)
        if plain.startswith(f"{option}="):
            return unquoted(plain.removeprefix(f"{option}="))
        if plain == option and position + 1 < len(call.words):
            return unquoted(call.words[position + 1])
    return None
