"""`syntax:` finds nodes of a syntax tree, with ast-grep's patterns and rule objects.

The vocabulary is ast-grep's own (https://ast-grep.github.io/reference/rule.html): a string is a pattern such
as `h.insert($KEY, $$$)`, a mapping is a rule object (`kind`, `has`, `inside`, `regex`, `any`, ...).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, cast

from msgspec import Meta, Struct

from syncfork.errors import CannotReadError
from syncfork.parsing.grammars import LANGUAGES, language_of, parse
from syncfork.selectors.base import Finder, WrittenSelector
from syncfork.text import Document, Match

if TYPE_CHECKING:
    from ast_grep_py import Config, SgNode

# What people call a grammar otherwise.
_ALIASES = {"shell": "bash", "sh": "bash"}


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


def _first_cause(error: Exception) -> str:
    lines = str(error).split("Stack backtrace")[0].strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__


def _found(node: SgNode, names: Iterable[str]) -> Match:
    """A node with the texts of the meta variables ($NAME) among `names`, quotes of string literals left in place."""
    matched = {name: node.get_match(name) for name in names}
    texts = {name: found.text() for name, found in matched.items() if found}
    span = node.range()
    return Match(span.start.index, span.end.index, {"0": node.text(), **texts})
