"""The functions that a source text defines, and those that it calls, by tree-sitter's grammars. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from syncfork.detect.called import Call, Definition, Parameter, Signature
from syncfork.detect.called_grammars import (
    ANY_NAME,
    ARGUMENTS,
    ARROWS,
    BLOCKS,
    CLASSES,
    FAMILIES,
    GRAMMARS,
    ITSELF,
    KEYWORDS,
    METHODS,
    NAMES,
    NO_ARGUMENTS,
    NO_PARAMETERS,
    OF_BASE,
    OPEN,
    OPTIONAL,
    PARAMETERS,
    PLAIN_DECORATORS,
    REST,
    WRAPPERS,
)
from syncfork.detect.called_heads import CONSTRUCTORS
from syncfork.parsing.grammars import language_named, parse
from syncfork.parsing.sources import for_parsers
from syncfork.text import Document

if TYPE_CHECKING:
    from ast_grep_py import SgNode

# Larger texts are data, and those with such lines written by a program; to find a place in one takes as long as it is.
_LONGEST = 1_000_000
_LONG_LINE = re.compile(r"[^\n]{5000}")

_Made = TypeVar("_Made", Definition, Call)
# What stands before parameters or arguments: a name, with types behind it perhaps.
_NAMED = re.compile(
    r"(?<!\w)([A-Za-z_$]\w*+[?!=]?)\s*+(?:(?:::)?<[^()]*>|\[[^()\[\]]*\])?\s*+(?:\?\.|\?)?\s*+$"
)
# So far back it is looked for.
_BACK = 300
_CLASS = re.compile(r"\b(?:class|struct|interface|object)\s+(\w+)")
_COMMENT = re.compile(r"\s*(?://|#\s).*$")
# So much of a function may be what it returns.
_HEAD = 500
_BASE = re.compile(r"\bextends\s+([\w.\\]+)|\bclass\s+\w+\s*<\s*([\w:]+)|\bclass\s+\w+\s*\(\s*([\w.]+)\s*\)")
_DECORATOR = re.compile(r"^\s*@(?:\w+\.)*(\w+)", re.MULTILINE)
# What a method in Rust, and a function in TypeScript, is called on.
_RECEIVER = re.compile(r"(?:mut\s+)?(?:self|this)\s*:")
_RUBY_METHOD = re.compile(r"def\s+(?:\w+\.)?(\w+[?!=]?)")
_WORD = re.compile(r"\w+")
_LAST_WORD = re.compile(r"(\w+)\W*$")


@lru_cache(maxsize=8192)
def family(path: str) -> str:
    """What the language of a file belongs to, of those whose functions call each other's; empty where it is not read."""
    language = language_named(path)
    return FAMILIES.get(language, language) if language in GRAMMARS else ""


@lru_cache(maxsize=512)
def definitions(document: Document) -> Mapping[str, Sequence[Definition]]:
    """The functions that a text defines, by name."""
    language = language_named(document.path)
    grammar = GRAMMARS.get(language)
    nodes = nodes_of(document, language, grammar.functions) if grammar else []
    return _by_name(_definition(node, language) for node in nodes)


def calls(document: Document, name: str) -> Sequence[Call]:
    """The calls of functions of that name in a text."""
    return _calls(document).get(name, ()) if name in document.text or "super" in document.text else ()


@lru_cache(maxsize=256)
def _calls(document: Document) -> Mapping[str, Sequence[Call]]:
    language = language_named(document.path)
    grammar = GRAMMARS.get(language)
    nodes = nodes_of(document, language, grammar.calls) if grammar else []
    return _by_name(_call(node, language) for node in nodes)


def _by_name(made: Iterable[_Made | None]) -> dict[str, Sequence[_Made]]:
    found: dict[str, list[_Made]] = defaultdict(list)
    for each in made:
        if each:
            found[each.name].append(each)
    return dict(found)


@lru_cache(maxsize=64)
def bound_names(document: Document) -> frozenset[str]:
    """The words of all parameters, and of what a text takes apart into names of its own."""
    language = language_named(document.path)
    grammar = GRAMMARS.get(language)
    nodes = nodes_of(document, language, grammar.own) if grammar else []
    return frozenset(word for node in nodes for word in _WORD.findall(node.text()))


def nodes_of(document: Document, language: str, kinds: Sequence[str]) -> list[SgNode]:
    """The nodes of these kinds in a text; none where it is data."""
    if len(document.text) > _LONGEST or _LONG_LINE.search(document.text):
        return []
    root = parse(for_parsers(document.text), language)
    return root.find_all(any=[{"kind": kind} for kind in kinds])


def _definition(node: SgNode, language: str) -> Definition | None:
    if node.kind() == "function_declarator" and not _has_body(node):
        return None
    text, start = node.text(), node.range().start
    name, listed = _named(node, text, language)
    owner = _class(node)
    makes = name in CONSTRUCTORS or name == _word(_CLASS, owner)
    if name in CONSTRUCTORS:
        name = _word(_CLASS, owner)
    if not name:
        return None
    method = not makes and (bool(owner) or node.kind() in METHODS or f"::{name}" in text[:_HEAD])
    signature = _signature(listed.children() if listed else [], language)
    if language == "python" and signature.parameters and _on_an_object(node):
        signature = replace(signature, parameters=signature.parameters[1:], bound=True)
    line, last = start.line + 1, (listed.range().end.line if listed else start.line) + 1
    # Without what is said of each.
    lines = [_COMMENT.sub("", each) for each in listed.text().split("\n")] if listed else []
    inner = " ".join(" ".join(lines).split()).removeprefix("(").removesuffix(")").strip(" ,")
    private = language in ("c", "cpp") and not owner and _is_static(node)
    return Definition(name, signature, line, last, f"{name}({inner})", method, _is_wrapped(node), private)


def _named(function: SgNode, text: str, language: str) -> tuple[str, SgNode | None]:
    """What a function is called, and the node that has its parameters."""
    if function.kind() == "primary_constructor":
        return "constructor", function
    start = function.range().start.index
    listed = [child for child in function.children() if child.kind() in PARAMETERS]
    if function.kind() in ARROWS:
        above = function.parent()
        declared = above is not None and above.kind() == "variable_declarator"
        return (_word(_WORD, above.text()) if above and declared else "", listed[0] if listed else None)
    for child in listed:
        end = child.range().start.index - start
        name = _word(_NAMED, text[max(0, end - _BACK) : end])
        if name and name not in KEYWORDS:
            return name, child
    return (_word(_RUBY_METHOD, text) if language == "ruby" else ""), None


def _word(form: re.Pattern[str], text: str) -> str:
    found = form.search(text)
    return found[found.lastindex or 0] if found else ""


def _is_wrapped(function: SgNode) -> bool:
    """Whether a decorator in Python may make something else of it."""
    above = function.parent()
    if above is None or above.kind() != "decorated_definition":
        return False
    before = above.text()[: function.range().start.index - above.range().start.index]
    return not PLAIN_DECORATORS.issuperset(_DECORATOR.findall(before))


def _is_static(declarator: SgNode) -> bool:
    """Whether what C declares is known in its file alone."""
    above = next((node for node in declarator.ancestors() if node.kind() == "function_definition"), None)
    return above is not None and "static" in _WORD.findall(above.text()[:_HEAD].partition("(")[0])


def _has_body(declarator: SgNode) -> bool:
    """Whether what C declares is a function with its body."""
    above = declarator.parent()
    while above and above.kind().endswith("_declarator"):
        above = above.parent()
    return above is not None and above.kind() == "function_definition"


def _class(node: SgNode) -> str:
    """How the class begins that a node is in; empty where it is in none."""
    return next((above.text()[:1000] for above in node.ancestors() if above.kind() in CLASSES), "")


def _signature(listed: Sequence[SgNode], language: str) -> Signature:
    parameters: list[Parameter] = []
    by_name = any_name = False
    # In C, a function without parameters has not said what it takes; in PHP, values too many are let in.
    rest = language == "php" or (language == "c" and not any(child.is_named() for child in listed))
    for number, child in enumerate(listed):
        kind = child.kind()
        parts = {kind, *(each.kind() for each in child.children())}
        if kind == "keyword_separator":
            by_name = True
        elif not parts.isdisjoint(REST) or (language == "kotlin" and _takes_more(listed, number)):
            rest, by_name = True, language in ("python", "kotlin")
        elif not parts.isdisjoint(ANY_NAME):
            any_name = True
        elif kind == "keyword_parameter":
            parameters.append(Parameter(_name(child), child.text().endswith(":"), by_name=True))
        elif child.is_named() and _is_parameter(child, language):
            following = listed[number + 1].kind() if number + 1 < len(listed) else ""
            required = parts.isdisjoint(OPTIONAL) and following != "="
            parameters += [Parameter(name, required, by_name) for name in _declared(child, language)]
    receivers = [
        child for child in listed if child.kind() == "self_parameter" or _RECEIVER.match(child.text())
    ]
    bound = bool(receivers) and language == "rust"
    by_names = language in ("python", "kotlin", "php")
    return Signature(tuple(parameters), rest, any_name, bound, language == "ruby", by_names)


def _is_parameter(child: SgNode, language: str) -> bool:
    if language == "kotlin":
        # What a parameter is when it is left out stands beside it.
        return child.kind() in ("parameter", "class_parameter")
    if language in ("c", "cpp") and child.text() == "void":
        return False
    return child.kind() not in NO_PARAMETERS and not _RECEIVER.match(child.text())


def _takes_more(listed: Sequence[SgNode], number: int) -> bool:
    """Whether a parameter in Kotlin takes any number of values."""
    before = listed[number - 1].text() if number and listed[number].kind() == "parameter" else ""
    return before == "vararg" or listed[number].text().startswith("vararg ")


def _declared(parameter: SgNode, language: str) -> list[str]:
    """The names that are declared at once: several in Go, which goes without one, too."""
    if language == "go":
        return [child.text() for child in parameter.children() if child.kind() == "identifier"] or [""]
    if language in ("c", "cpp"):
        return [_word(_LAST_WORD, parameter.text().partition("=")[0])]
    return [_name(parameter)]


def _name(node: SgNode) -> str:
    own = node if node.kind() in NAMES else next((c for c in node.children() if c.kind() in NAMES), None)
    return own.text().strip("$:") if own else ""


def _on_an_object(function: SgNode) -> bool:
    """Whether the first parameter of a function in Python is what it is called on."""
    above = function.parent()
    if above and above.kind() == "decorated_definition":
        if "@staticmethod" in above.text()[: function.range().start.index - above.range().start.index]:
            return False
        above = above.parent()
    owner = above.parent() if above else None
    return owner is not None and owner.kind() == "class_definition"


def _call(node: SgNode, language: str) -> Call | None:
    text, start = node.text(), node.range().start
    children = node.children()
    end = next((c.range().start.index for c in children if c.kind() in ARGUMENTS | BLOCKS), None)
    before = (text[: end - start.index] if end else text).rstrip()
    found = _NAMED.search(before, max(0, len(before) - _BACK))
    # In Python, `super()` is what the base class is called on.
    if not found or (found[1] == "super" and language == "python"):
        return None
    name, of = found[1], before[: found.start()].rstrip()
    line = start.line + 1 + before.count("\n", 0, found.start())
    of_type = of.endswith("::")
    of = "" if of == "new" else of.rstrip(".:?&!->").strip()
    if language == "ruby" and name == "new":
        name, of = _word(_LAST_WORD, of), ""
    elif name in OF_BASE:
        of_type = name == "__init__" and of not in ITSELF
        base = of if of_type else _word(_BASE, _class(node))
        name, of = _word(_LAST_WORD, base), re.sub(r"\W*\w+\W*$", "", base)
    given = Call(name, line, line, of=of, of_type=of_type or of[:1].isupper())
    return _with_arguments(given, children, language)


def _with_arguments(call: Call, children: Sequence[SgNode], language: str) -> Call:
    listed = next((child for child in children if child.kind() in ARGUMENTS), None)
    if listed is None:
        return call
    last = listed.range().end.line + 1
    if listed.kind() == "generator_expression":
        return replace(call, last=last, values=1)
    block = language == "kotlin" and any(child.kind() == "annotated_lambda" for child in listed.children())
    if listed.kind() == "call_suffix":
        inner = next((child for child in listed.children() if child.kind() == "value_arguments"), None)
        if inner is None:
            return replace(call, last=call.line, block=block)
        listed, last = inner, inner.range().end.line + 1
    values, names, is_open = 0, [], False
    given = [child for child in listed.children() if child.is_named() and child.kind() not in NO_ARGUMENTS]
    for child in given:
        parts = {child.kind()}
        if child.kind() in WRAPPERS:
            parts |= {each.kind() for each in child.children()}
        is_open = is_open or not parts.isdisjoint(OPEN)
        if child.kind() in ("keyword_argument", "pair") or not parts.isdisjoint(("=", ":")):
            names.append(_name(child))
        else:
            values += 1
    # In Go, what one call returns may be all that another one is given; a name that is none is a text.
    is_open = (
        is_open or "" in names or (language == "go" and [c.kind() for c in given] == ["call_expression"])
    )
    return replace(call, last=last, values=values, names=tuple(names), open=is_open, block=block)
