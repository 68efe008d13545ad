"""The command-line options that a source text declares: clap, argparse, click, typer, and shells' own loops.

Only what is written out is read; an option whose name is computed is not seen, and so never missed.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from syncfork.text import Document


@dataclass(frozen=True)
class Option:
    """An option with the command it belongs to: a sub-command's name, or (`script`) the file's own.

    `choices` are the values it takes, empty where any will do; `line` (from 1) is where it is declared.
    """

    command: str
    name: str
    line: int
    script: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Declared:
    """What one text declares: options, and sub-commands by name with their lines."""

    options: tuple[Option, ...] = ()
    commands: tuple[tuple[str, int], ...] = ()


_MARKS = {
    "rust": re.compile(r"\bArg::(?:new|with_name)\("),
    "python": re.compile(r"\.add_argument\(|\.add_parser\(|\bclick\b|\btyper\b"),
    "shell": re.compile(r"\bgetopts\b|^[ \t]*\(?[ \t]*-{1,2}[A-Za-z][\w-]*[=*|)]", re.MULTILINE),
}


@lru_cache(maxsize=1024)
def language_of(document: Document) -> str:
    """The language that `document` declares options in, empty where it declares none: a quick look."""
    suffix = PurePosixPath(document.path).suffix
    name = {".rs": "rust", ".py": "python", ".pyi": "python", ".sh": "shell", ".bash": "shell"}.get(
        suffix, ""
    )
    if not name and (shebang := re.match(r"#!.*\b(python|(?:ba|da|z)?sh)", document.text)):
        name = "python" if shebang[1] == "python" else "shell"
    return name if name and _MARKS[name].search(document.text) else ""


@lru_cache(maxsize=256)
def declared(document: Document) -> Declared:
    """Everything that `document` declares."""
    readers = {"rust": _clap, "python": _python, "shell": _shell}
    language = language_of(document)
    return readers[language](document) if language else Declared()


_NAMES = re.compile(
    r"""["'](-{1,2}[A-Za-z][\w/-]*)["']|\b(?:long|new|with_name|add_parser|command)\(\s*["']([\w.-]+)["']"""
)


def may_have_lost(before: Document, after: Document | None) -> bool:
    """Whether `after` may declare less than `before`: by the words alone, which spares most files the reading."""
    if after is None or language_of(before) == "shell":
        return True
    if set(_NAMES.findall(before.text)) - set(_NAMES.findall(after.text)):
        return True
    # A function that a decorator makes a command gives it its name.
    defined = re.compile(r"^[ \t]*(?:async )?def (\w+)", re.MULTILINE)
    return ".command(" in before.text and bool(
        set(defined.findall(before.text)) - set(defined.findall(after.text))
    )


def may_choose(document: Document) -> bool:
    """Whether the text may declare an option with fixed choices; reading it whole is dear."""
    chosen = re.search(r"choices|Choice\(|value_parser|possible_values", document.text)
    return bool(chosen and language_of(document))


# clap's builder, https://docs.rs/clap

_CLAP = re.compile(
    r'\b(?:Command|App|SubCommand)::(?:new|with_name)\(\s*"(?P<command>[\w.-]+)"'
    r'|\bArg::(?:new|with_name)\(\s*"(?P<arg>[\w.-]+)"'
    r'|\.long\(\s*"(?P<long>[\w.-]+)"'
    r"|\.(?:value_parser|possible_values)\(\s*(?:\[|&\[|PossibleValuesParser::new\(\s*&?\[)(?P<values>[^\]]*)\]"
)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def _clap(document: Document) -> Declared:
    options: list[Option] = []
    commands: list[tuple[str, int]] = []
    for found in _CLAP.finditer(document.text):
        line = document.line_of(found.start())
        if found["command"]:
            commands.append((found["command"], line))
        elif found["long"] and commands:
            options.append(Option(commands[-1][0], f"--{found['long']}", line))
        elif found["values"] and options:
            last = options[-1]
            choices = tuple(_STRING.findall(found["values"]))
            options[-1] = Option(last.command, last.name, last.line, last.script, choices)
    # The first one is the program itself.
    return Declared(tuple(options), tuple(commands[1:]))


# argparse, click and typer


def _python(document: Document) -> Declared:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(document.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Declared()
    reader = _Python(PurePosixPath(document.path).name)
    kinds = (ast.Assign, ast.Call, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        reader.take(node)
    return Declared(tuple(reader.options), tuple(reader.commands))


_Node = ast.Assign | ast.Call | ast.FunctionDef | ast.AsyncFunctionDef


class _Python:
    """Follows parsers by the name they are assigned to, in the order of the text."""

    def __init__(self, script: str) -> None:
        self.script = script
        self.options: list[Option] = []
        self.commands: list[tuple[str, int]] = []
        self.parsers: dict[str, str] = {}

    def take(self, node: _Node) -> None:
        """One statement or call, as they come in the text."""
        if isinstance(node, ast.Assign):
            self._assigned(node)
        elif isinstance(node, ast.Call):
            self._called(node)
        else:
            self._defined(node)

    def _assigned(self, node: ast.Assign) -> None:
        target, value = node.targets[0], node.value
        if not isinstance(target, ast.Name) or not isinstance(value, ast.Call):
            return
        if name := _called(value, "add_parser"):
            self.parsers[target.id] = name
        elif isinstance(value.func, ast.Attribute) and _name(value.func.value) in self.parsers:
            # A group of options belongs to the parser that it was made from.
            self.parsers[target.id] = self.parsers[_name(value.func.value)]

    def _called(self, node: ast.Call) -> None:
        if name := _called(node, "add_parser"):
            self.commands.append((name, node.lineno))
        if isinstance(node.func, ast.Attribute) and node.func.attr == "add_argument":
            owner = node.func.value
            command = self.parsers.get(owner.id, "") if isinstance(owner, ast.Name) else ""
            self._add(command, node, _choices(node))

    def _defined(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        command = _decorated(node)
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and _name(decorator.func) == "option":
                self._add(command, decorator, _click_choices(decorator))
        if command:
            self.commands.append((command, node.lineno))
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if isinstance(default, ast.Call) and _name(default.func) == "Option":
                self._add(command, default, ())
        for argument in [*node.args.args, *node.args.kwonlyargs]:
            for part in ast.walk(argument.annotation) if argument.annotation else ():
                if isinstance(part, ast.Call) and _name(part.func) == "Option":
                    self._add(command, part, ())

    def _add(self, command: str, call: ast.Call, choices: tuple[str, ...]) -> None:
        for argument in call.args:
            text = _constant(argument)
            for name in text.split("/") if text and text.startswith("-") else ():
                option = Option(command or self.script, name, argument.lineno, not command, choices)
                self.options.append(option)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _constant(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _called(node: ast.expr, method: str) -> str:
    """The first argument of a call of `method`, where it is a text."""
    if isinstance(node, ast.Call) and _name(node.func) == method and node.args:
        return _constant(node.args[0])
    return ""


def _choices(call: ast.Call) -> tuple[str, ...]:
    given = next((k.value for k in call.keywords if k.arg == "choices"), None)
    return _texts(given)


def _click_choices(call: ast.Call) -> tuple[str, ...]:
    given = next((k.value for k in call.keywords if k.arg == "type"), None)
    return (
        _texts(given.args[0])
        if isinstance(given, ast.Call) and _name(given.func) == "Choice" and given.args
        else ()
    )


def _texts(node: ast.expr | None) -> tuple[str, ...]:
    """The items of a literal list of texts; empty where one of them is anything else."""
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        return ()
    texts = tuple(_constant(item) for item in node.elts)
    return texts if all(texts) else ()


def _decorated(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The name of the sub-command that a function is, by its decorator; empty where it is none."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and _name(decorator.func) == "command":
            named = _constant(decorator.args[0]) if decorator.args else ""
            # `@click.command()` alone is a program, not a sub-command of one.
            group = isinstance(decorator.func, ast.Attribute) and _name(decorator.func.value) not in (
                "click",
                "typer",
            )
            return named or (node.name.replace("_", "-") if group else "")
    return ""


# Shell: getopts, and case patterns over the arguments

_GETOPTS = re.compile(r"""\bgetopts\s+["']?(:?[A-Za-z0-9:]+)["']?\s+\w+""")
_CASE = re.compile(
    r"^[ \t]*\(?[ \t]*(-{1,2}[A-Za-z][\w-]*(?:=\*)?(?:[ \t]*\|[ \t]*-{1,2}[A-Za-z][\w-]*(?:=\*)?)*)[ \t]*\)",
    re.MULTILINE,
)


def _shell(document: Document) -> Declared:
    script = PurePosixPath(document.path).name
    return Declared(tuple(_shell_options(document, script)))


def _shell_options(document: Document, script: str) -> Iterator[Option]:
    for found in _GETOPTS.finditer(document.text):
        for letter in found[1].replace(":", ""):
            yield Option(script, f"-{letter}", document.line_of(found.start()), script=True)
    for found in _CASE.finditer(document.text):
        for name in found[1].split("|"):
            line = document.line_of(found.start(1))
            yield Option(script, name.strip().removesuffix("=*"), line, script=True)
