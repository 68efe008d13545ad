"""What a program's text declares of its command line: the model that the readers of each language share."""

from __future__ import annotations

import re

from msgspec import Struct

# What stands between double quotes, with its escapes as they are.
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


class Option(Struct, frozen=True):
    """An option with the command it belongs to: a sub-command's name, or (`script`) the program's own.

    `choices` are the values it takes, empty where any will do; `line` (from 1) is where it is declared. A command
    without a name is one that another file names.
    """

    command: str
    name: str
    line: int
    script: bool = False
    choices: tuple[str, ...] = ()


class Declared(Struct, frozen=True):
    """What one text declares: options, and sub-commands by name with their lines.

    `program` is the name the text gives itself, if it does. `unread` are the forms in it that may declare more, and
    that no reader follows: parsers with parents, computed names, arguments that are passed on.
    """

    options: tuple[Option, ...] = ()
    commands: tuple[tuple[str, int], ...] = ()
    program: str = ""
    unread: frozenset[str] = frozenset()


def kebab(name: str) -> str:
    """`out_dir` and `OutDir` as `out-dir`."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name)
    return parts.replace("_", "-").strip("-").lower()


def forms(name: str) -> tuple[str, ...]:
    """The ways a source text may say an option or a command: `out-dir`, `out_dir`, `OutDir`."""
    bare = name.lstrip("-")
    return bare, bare.replace("-", "_"), "".join(part[:1].upper() + part[1:] for part in bare.split("-"))
