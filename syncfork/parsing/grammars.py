"""Which of tree-sitter's grammars reads a file, and the syntax tree it makes of a text, by ast-grep."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from syncfork.errors import CannotReadError
from syncfork.text import Document, Match

if TYPE_CHECKING:
    from ast_grep_py import SgNode

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
_SHEBANG = re.compile(r"#!.*\b(bash|sh|dash|python|ruby|lua|node)[\d.]*\b")
_INTERPRETERS = {"sh": "bash", "dash": "bash", "node": "javascript"}


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
