"""`syntax:` finds nodes of a syntax tree, with ast-grep's patterns and rule objects.

The vocabulary is ast-grep's own (https://ast-grep.github.io/reference/rule.html): a string is a pattern such
as `h.insert($KEY, $$$)`, a mapping is a rule object (`kind`, `has`, `inside`, `regex`, `any`, ...).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, cast

from msgspec import Meta, Struct

from syncfork.selectors.base import CannotReadError, Finder, WrittenSelector
from syncfork.text import Document, Match

if TYPE_CHECKING:
    from ast_grep_py import Config, SgNode

# File name endings to the names ast-grep knows. Languages the library was built without make it panic, so a
# name is only ever passed on from this table.
LANGUAGES = {
    "bash": (".sh", ".bash"),
    "c": (".c", ".h"),
    "cpp": (".cc", ".cpp", ".cxx", ".hpp"),
    "csharp": (".cs",),
    "css": (".css",),
    "go": (".go",),
    "html": (".html",),
    "java": (".java",),
    "javascript": (".js", ".mjs", ".cjs", ".jsx"),
    "json": (".json",),
    "kotlin": (".kt", ".kts"),
    "lua": (".lua",),
    "php": (".php",),
    "python": (".py", ".pyi"),
    "ruby": (".rb",),
    "rust": (".rs",),
    "scala": (".scala",),
    "swift": (".swift",),
    "tsx": (".tsx",),
    "typescript": (".ts", ".mts", ".cts"),
    "yaml": (".yml", ".yaml"),
}
_BY_ENDING = {ending: language for language, endings in LANGUAGES.items() for ending in endings}
_ALIASES = {"shell": "bash", "sh": "bash"}
_SHEBANG = re.compile(r"#!.*\b(bash|sh|dash|python|ruby|lua|node)[\d.]*\b")
_INTERPRETERS = {"sh": "bash", "dash": "bash", "node": "javascript"}


class Syntax(WrittenSelector, frozen=True):
    """Every node that matches an ast-grep pattern (a string) or rule object (a mapping)."""

    syntax: Annotated[
        str | dict[str, Any], Meta(description="An ast-grep pattern, or an ast-grep rule object.")
    ]
    language: Annotated[
        str | None, Meta(description="Where the file's name does not tell: rust, python, shell, ...")
    ] = None

    def __post_init__(self) -> None:
        name = self.language and _ALIASES.get(self.language, self.language)
        if name and name not in LANGUAGES:
            raise ValueError(f"unknown language {self.language!r}; known: shell, {', '.join(LANGUAGES)}")

    def finder(self) -> Finder:
        """See the base class."""
        language = self.language and _ALIASES.get(self.language, self.language)
        rule = {"pattern": self.syntax} if isinstance(self.syntax, str) else self.syntax
        return SyntaxFinder(json.dumps(rule, default=str), language)

    def label(self) -> str:
        """See the base class."""
        what = (
            self.syntax
            if isinstance(self.syntax, str)
            else self.syntax.get("pattern", self.syntax.get("kind"))
        )
        return f"the syntax {what!r}"


class SyntaxFinder(Struct, frozen=True):
    """The compiled form of `Syntax`; `rule` as JSON, so that two of the same rule are equal."""

    rule: str
    language: str | None

    def __call__(self, document: Document) -> list[Match]:
        """See `Finder`."""
        return list(_matches(document.text, self.language or language_of(document), self.rule))


# Steps of a rule ask for the same scopes, and rules for the same places, in the same text.
@lru_cache(maxsize=256)
def _matches(text: str, language: str, rule: str) -> tuple[Match, ...]:
    """What a rule (as JSON) finds; ast-grep counts offsets in characters, as Python does."""
    root = parse(text, language)
    try:
        nodes = root.find_all(cast("Config", {"rule": json.loads(rule)}))
    except Exception as error:  # the library raises bare Exception and RuntimeError for a rule it refuses
        raise CannotReadError(f"ast-grep refuses the rule: {_first_cause(error)}") from error
    names = set(_VARIABLE.findall(rule)) if nodes else set()
    found = [_found(node, names) for node in nodes]
    return tuple(sorted(found, key=lambda match: (match.start, -match.end)))


_VARIABLE = re.compile(r"(?<!\$)\$([A-Z_][A-Z0-9_]*)")


def language_of(document: Document) -> str:
    """The document's language, by its name's ending, else by its first line. Raises CannotReadError."""
    if named := language_named(document.path):
        return named
    if shebang := _SHEBANG.match(document.text):
        return _INTERPRETERS.get(shebang[1], shebang[1])
    raise CannotReadError(f"the language of {document.path} is not known from its name; give `language:`")


def language_named(path: str) -> str:
    """The language that a file's name tells; empty where it tells none."""
    return _BY_ENDING.get(PurePosixPath(path).suffix.lower(), "")


@lru_cache(maxsize=64)
def parse(text: str, language: str) -> SgNode:
    """The root of the syntax tree; a text with errors in it still has one."""
    return _parsed(text, language)


def _parsed(text: str, language: str) -> SgNode:
    from ast_grep_py import SgRoot

    return SgRoot(text, language).root()


def syntax_errors(document: Document, language: str) -> list[Match]:
    """Where the text does not parse as `language`, each with what is wrong there as group 0: the first line of what
    could not be read, or the token that is missing. Empty where it parses."""
    found = []
    # Asked once of a text, and a tree takes up far more than the text.
    for node in broken_nodes(_parsed(document.text, language)):
        span, text = node.range(), node.text().strip()
        told = text.splitlines()[0] if text else f"missing {node.kind()}"
        found.append(Match(span.start.index, span.end.index, {"0": told}))
    return sorted(found, key=lambda match: match.start)


def broken_nodes(root: SgNode) -> list[SgNode]:
    """The nodes where the parser could not go on, or made up a token that is missing (one without text)."""
    broken = [root] if root.kind() == "ERROR" else []
    found = root.find_all(any=[{"kind": "ERROR"}, {"regex": "^$"}])
    errors = [node for node in found if node.kind() == "ERROR"]
    return [*broken, *errors, *(node for node in found if node.kind() != "ERROR" and not node.is_named())]


def _first_cause(error: Exception) -> str:
    lines = str(error).split("Stack backtrace")[0].strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__


def _found(node: SgNode, names: Iterable[str]) -> Match:
    """A node with the texts of the meta variables ($NAME) among `names`, quotes of string literals left in place."""
    matched = {name: node.get_match(name) for name in names}
    texts = {name: found.text() for name, found in matched.items() if found}
    span = node.range()
    return Match(span.start.index, span.end.index, {"0": node.text(), **texts})
