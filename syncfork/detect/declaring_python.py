"""Options that Python declares with argparse, click and typer, read from its syntax tree."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from syncfork.detect.declaring import Declared, Option, kebab
from syncfork.detect.searching import anchored
from syncfork.text import Document

MARKS = re.compile(r"\.add_argument\(|\.add_parser\(|" + anchored(r"\b", r"click\b", r"typer\b"))

_Defined = ast.FunctionDef | ast.AsyncFunctionDef
_Node = ast.Assign | ast.Call | _Defined


def python(document: Document) -> Declared:
    """Everything that a Python text declares."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(document.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # Perhaps a newer Python's.
        return Declared(unread=frozenset(["a text that does not parse"]))
    try:
        return _read(document, tree)
    except RecursionError:
        return Declared(unread=frozenset(["a text that is nested too deeply"]))


def _read(document: Document, tree: ast.AST) -> Declared:
    nodes = _nodes(tree)
    imports = set(re.findall(r"^[ \t]*(?:import|from)\s+(click|typer)\b", document.text, re.MULTILINE))
    reader = _Python(PurePosixPath(document.path).name, nodes, imports)
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        reader.take(node)
    return reader.declared()


_KINDS = (ast.Assign, ast.Call, ast.FunctionDef, ast.AsyncFunctionDef)
_EMPTY = (ast.Name, ast.Constant, ast.JoinedStr, ast.operator, ast.expr_context)
# Hold names, numbers and the like.
_PLAIN = frozenset(
    (
        "asname",
        "attr",
        "conversion",
        "ctx",
        "id",
        "kind",
        "level",
        "module",
        "op",
        "ops",
        "simple",
        "type_comment",
    )
)


class _Holding(dict[type, tuple[str, ...]]):
    """The fields of a kind of nodes that may hold nodes which say something here."""

    def __missing__(self, kind: type[Any]) -> tuple[str, ...]:
        node = issubclass(kind, ast.AST) and not issubclass(kind, _EMPTY)
        self[kind] = tuple(name for name in kind._fields if name not in _PLAIN) if node else ()
        return self[kind]


_HOLDING = _Holding()


def _nodes(tree: ast.AST) -> list[_Node]:
    """Every node that says something here; `ast.walk` takes several times as long."""
    found: list[_Node] = []
    waiting: list[object] = [tree]
    for node in waiting:
        if isinstance(node, _KINDS):
            found.append(node)
        for name in _HOLDING[type(node)]:
            held = getattr(node, name, None)
            if isinstance(held, list):
                waiting += held
            elif held is not None:
                waiting.append(held)
    return found


class _Python:
    """Follows parsers by the name they are assigned to, in the order of the text."""

    def __init__(self, script: str, nodes: list[_Node], imports: set[str]) -> None:
        self.script = script
        self.options: list[Option] = []
        self.commands: list[tuple[str, int]] = []
        self.parsers: dict[str, str] = {}
        self.aliases: dict[str, list[str]] = {}
        self.unread: set[str] = set()
        made = [node for node in nodes if isinstance(node, ast.Call)]
        self.added = {_name(node.args[0]) for node in made if _name(node.func) == "add_command" and node.args}
        self.run = {
            _name(node.args[0])
            for node in made
            if _name(node.func) == "run" and node.args and _owner(node.func) == "typer"
        }
        self.apps = {
            _name(node.targets[0])
            for node in nodes
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and _name(node.value.func) == "Typer"
        }
        # An app that another file made.
        self.any_app = imports == {"typer"}
        defined = [node for node in nodes if isinstance(node, _Defined)]
        commands = [node for node in defined if any(self._typer(d, "command") for d in node.decorator_list)]
        callbacks = any(self._typer(d, "callback") for node in defined for d in node.decorator_list)
        called = any(isinstance(node.func, ast.Name) and node.func.id in self.apps for node in made)
        # An app with one command alone has no sub-commands.
        self.alone = commands[0] if len(commands) == 1 and called and not callbacks else None

    def declared(self) -> Declared:
        """What was found, aliases as commands of their own."""
        named = [(option, alias) for option in self.options for alias in self.aliases.get(option.command, ())]
        more = [Option(alias, o.name, o.line, choices=o.choices) for o, alias in named if not o.script]
        return Declared((*self.options, *more), tuple(self.commands), self.script, frozenset(self.unread))

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
        called = _name(node.func)
        if name := _called(node, "add_parser"):
            self.commands.append((name, node.lineno))
            for alias in _texts(_keyword(node, "aliases")):
                self.commands.append((alias, node.lineno))
                self.aliases.setdefault(name, []).append(alias)
        if called == "add_argument" and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            command = self.parsers.get(owner.id, "") if isinstance(owner, ast.Name) else ""
            self._add(command, node, _texts(_keyword(node, "choices")))
        self._hides(node, called)

    def _hides(self, node: ast.Call, called: str) -> None:
        """Note a call that may declare options which are not read."""
        computed = called == "add_argument" and any(not _constant(argument) for argument in node.args)
        elsewhere = called in ("parse_known_args", "parse_known_intermixed_args", "Fire", "docopt")
        given = [*(node.args if called != "add_command" else ())]
        passed = any("parser" in _name(argument) for argument in given)
        if computed or elsewhere or passed or _keyword(node, "parents") or _keyword(node, "params"):
            self.unread.add(ast.unparse(node)[:200])

    def _defined(self, node: _Defined) -> None:
        command, is_command = self._decorated(node)
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and _name(decorator.func) == "option":
                self._add(command, decorator, _click_choices(decorator))
            elif is_command and isinstance(decorator, ast.Name):
                self.unread.add(f"@{decorator.id}")
        if command:
            self.commands.append((command, node.lineno))
        if any(self._typer(d, "command") or self._typer(d, "callback") for d in node.decorator_list) or (
            node.name in self.run
        ):
            self._parameters(node, command)

    def _decorated(self, node: _Defined) -> tuple[str, bool]:
        """The name of the sub-command that a function is, by its decorator, and whether it is one or a program."""
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            made = call.func if call else decorator
            if _name(made) not in ("command", "group") or not isinstance(made, ast.Attribute | ast.Name):
                continue
            named = _constant(call.args[0]) if call and call.args else ""
            named = named or _constant(_keyword(call, "name") if call else None)
            # `@click.command()` alone is a program, not a sub-command of one, if no group takes it in.
            own = _owner(made) not in ("click", "typer", "") or node.name in self.added
            if node is self.alone:
                return "", True
            return (named or kebab(node.name) if own else named if _name(made) == "command" else ""), True
        return "", False

    def _typer(self, decorator: ast.expr, method: str) -> bool:
        """Whether a decorator is a method of a typer app."""
        made = decorator.func if isinstance(decorator, ast.Call) else decorator
        return _name(made) == method and (_owner(made) in self.apps or (self.any_app and bool(_owner(made))))

    def _parameters(self, node: _Defined, command: str) -> None:
        """typer: a parameter with a default is an option, by its own name if no other is given."""
        for argument, default in _with_defaults(node.args):
            held = list(ast.walk(argument.annotation)) if argument.annotation else []
            made = [part for part in (*held, default) if isinstance(part, ast.Call)]
            kinds = {_name(part.func): part for part in made}
            if "Argument" in kinds or any(isinstance(p, ast.expr) and _name(p) == "Context" for p in held):
                continue
            if option := kinds.get("Option"):
                before = len(self.options)
                self._add(command, option, ())
                if len(self.options) > before:
                    continue
            elif default is None:
                continue
            self._implicit(command, argument, any(isinstance(p, ast.Name) and p.id == "bool" for p in held))

    def _implicit(self, command: str, argument: ast.arg, flag: bool) -> None:
        name = kebab(argument.arg)
        for given in (f"--{name}", *([f"--no-{name}"] if flag else [])):
            self.options.append(Option(command or self.script, given, argument.lineno, not command))

    def _add(self, command: str, call: ast.Call, choices: tuple[str, ...]) -> None:
        for argument in call.args:
            text = _constant(argument)
            for name in text.split("/") if text and text.startswith("-") else ():
                option = Option(command or self.script, name.strip(), argument.lineno, not command, choices)
                self.options.append(option)


def _with_defaults(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    plain = [*arguments.posonlyargs, *arguments.args]
    missing = len(plain) - len(arguments.defaults)
    yield from zip(plain, [*[None] * missing, *arguments.defaults], strict=True)
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _owner(node: ast.expr) -> str:
    """`a` of `a.b`."""
    return _name(node.value) if isinstance(node, ast.Attribute) else ""


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _constant(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _called(node: ast.expr, method: str) -> str:
    """The first argument of a call of `method`, where it is a text."""
    if isinstance(node, ast.Call) and _name(node.func) == method and node.args:
        return _constant(node.args[0])
    return ""


def _click_choices(call: ast.Call) -> tuple[str, ...]:
    given = _keyword(call, "type")
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
