"""Early exits that the fork added to a loop or a function, and the lines each of them jumps over."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from syncfork.errors import CannotReadError
from syncfork.parsing.grammars import language_of, parse
from syncfork.text import Document

if TYPE_CHECKING:
    from ast_grep_py import SgNode

# Names of nodes as the grammars of the languages have them; they mean the same wherever they occur.
_EXITS = {
    "continue_statement": "continue",
    "continue_expression": "continue",
    "next": "continue",
    "break_statement": "break",
    "break_expression": "break",
    "break": "break",
    "return_statement": "return",
    "return_expression": "return",
    "return": "return",
}
_IFS = frozenset(
    "if_statement if_expression if unless if_modifier unless_modifier match_arm list".split()  # noqa: SIM905
)
_LOOPS = frozenset(
    "for_statement for_expression for_in_statement for_range_loop foreach_statement for_each_statement"  # noqa: SIM905
    " enhanced_for_statement c_style_for_statement while_statement while_expression loop_expression do_statement"
    " do_block while until for".split()
)
_FUNCTIONS = frozenset(
    "function_item closure_expression async_block function_definition lambda lambda_expression func_literal"  # noqa: SIM905
    " function_declaration function_expression arrow_function generator_function_declaration method"
    " method_declaration method_definition constructor_declaration singleton_method local_function_statement".split()
)
_SWITCHES = frozenset(
    "switch_statement expression_switch_statement type_switch_statement select_statement case_statement".split()  # noqa: SIM905
)

_WORD = re.compile(r"\b(?:continue|break|return|next|exit)\b")
_SHELL = re.compile(r"(continue|break|return|exit)\b(?: +0)?$")

# What is given back where something is passed over: nothing, or a plain "fine".
_NOTHING = re.compile(
    r"(?:return|break|continue|next)(?:\s+|\b)"
    r"(?:None|nil|null|undefined|true|True|false|False|0|\[\]|\{\}|\"\"|''|\(\)|Ok\(\(\)\)|Ok\(\w+\)|Ok\(vec!\[\]\)|vec!\[\])?\s*;?$"
)

# A skip names what it skips: a text, a place in a name, a list, a switch of its own.
_NAMES = re.compile(
    r"""["'`][^"'`\n]{2,}["'`]|\bin\s+[A-Z_]{3,}\b|\bnot\s+in\b|contains\(|(?:starts|ends)_?with\(|Has(?:Pre|Suf)fix\("""
    r"""|=~|getenv|environ|\$\{?[A-Z]\w*|(?i:skip|ignor|exclud|exempt|suppress|allow|disabl)"""
)
# A guard against what failed or is not there.
_GUARD = re.compile(
    r"\berr\b\s*!=|!=\s*nil\b|\bis_err\(|\bErr\(|\bis None\b|==\s*(?:NULL|nullptr|null|nil|undefined)\b|\bis_none\("
)


class Exit(Struct, frozen=True):
    """A way out that the fork added: its line, the condition it stands under, whether it skips one round of a
    loop, and the lines it jumps over (from 1, both included)."""

    line: int
    condition: str
    of_loop: bool
    first: int
    last: int


def may_exit(document: Document, lines: Collection[int]) -> list[int]:
    """Those of `lines`, in order, that have a word for a way out: a quick look before `exits`."""
    text = document.text.split("\n")
    return [line for line in sorted(lines) if _WORD.search(text[line - 1])]


def exits(document: Document, lines: Collection[int]) -> list[Exit]:
    """The early exits in `document` whose condition and way out stand in `lines`, with what they jump over."""
    try:
        root = parse(document.text, language_of(document))
    except CannotReadError:
        return []
    ways = _ways_out(root, may_exit(document, lines))
    return [found for path in ways if (found := _exit(path, lines))]


def functions(document: Document, names: Collection[str]) -> dict[str, tuple[int, int]]:
    """Where the functions called `names` are defined in `document`: first and last line. One of two is none."""
    found: dict[str, tuple[int, int]] = {}
    twice: set[str] = set()
    for name, start, end in _defined(parse(document.text, language_of(document))):
        if name in found:
            twice.add(name)
        if name in names:
            found[name] = start, end
    return {name: place for name, place in found.items() if name not in twice}


def _defined(root: SgNode) -> Iterator[tuple[str, int, int]]:
    """Functions at the top, and in the classes and modules there."""
    stack = [root]
    while stack:
        for child in stack.pop().children():
            if child.is_named() and child.kind() in _FUNCTIONS:
                name = child.field("name") or child.field("declarator")
                words = re.findall(r"[A-Za-z_]\w*", name.text().split("(")[0]) if name else []
                if words:
                    yield words[-1], _first(child), _last(child)
            elif child.is_named() and child.kind() not in _IFS | _LOOPS:
                stack.append(child)


def _ways_out(root: SgNode, lines: Sequence[int]) -> Iterator[list[SgNode]]:
    """Each exit in `lines`, which rise, with the nodes around it, outermost first. Only what touches them is walked."""
    stack = [[root]] if lines else []
    while stack:
        path = stack.pop()
        node = path[-1]
        if _kind_of_exit(node):
            if _first(node) in lines:
                yield path
            continue
        for child in reversed(node.children()):
            at = bisect_left(lines, _first(child)) if child.is_named() else len(lines)
            if at < len(lines) and lines[at] <= _last(child):
                stack.append([*path, child])


def _kind_of_exit(node: SgNode) -> str | None:
    kind = node.kind()
    if kind == "command" and (found := _SHELL.match(node.text())):
        return found[1].replace("exit", "return")
    return _EXITS.get(kind)


def _exit(path: list[SgNode], lines: Collection[int]) -> Exit | None:
    way, around = path[-1], path[:-1]
    word = _kind_of_exit(way)
    if way.kind() != "command" and not _NOTHING.match(way.text()):
        return None
    inside: list[SgNode] = []
    scope = None
    for node in reversed(around):
        kind = node.kind()
        if word == "break" and kind in _SWITCHES:
            return None
        if kind in _FUNCTIONS or (word != "return" and kind in _LOOPS):
            scope = node
            break
        if kind in _IFS and _first(node) in lines:
            inside.append(node)
    if not inside or scope is None or _first(scope) in lines:
        return None
    condition = _condition(inside[0], way)
    whole = " ".join(_condition(node, way)[:1000] for node in inside)
    if not _NAMES.search(whole) or _GUARD.search(condition[:1000]):
        return None
    after = _last(inside[-1]) + 1
    return Exit(_first(way), condition, word == "continue", after, _last(scope))


def _condition(node: SgNode, way: SgNode) -> str:
    """The text of an `if` before its body, without its first and last word."""
    field = node.field("condition") or node.field("pattern")
    text = field.text() if field is not None else node.text().replace(way.text(), " ").strip()
    text = text.removeprefix("if ").strip(" \t\n{};:")
    return " ".join(text.split())


def _first(node: SgNode) -> int:
    return node.range().start.line + 1


def _last(node: SgNode) -> int:
    end = node.range().end
    return end.line + 1 if end.column else end.line
