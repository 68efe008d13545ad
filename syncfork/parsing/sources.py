"""Whether a source text parses, by Python's own parsers (its own language, XML) or tree-sitter's grammars. Pure."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable
from functools import lru_cache

from syncfork.parsing.grammars import language_named, syntax_errors
from syncfork.text import Document

# What detectors read as data: a text that does not parse is theirs to tell. Of pages nearly every one parses.
_DATA = frozenset(["css", "html", "json", "yaml"])
# Larger texts are data, too.
_LONGEST = 500_000
_XML = re.compile(
    r"\.(?:xml|svg|xsd|xslt?|plist|resx|xaml|ui|qrc|xib|storyboard|xlf|wxs|props|targets|\w+proj)$"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
# So much of what cannot be read is told.
_TOLD = 60


def broken(document: Document, sides: Iterable[Document]) -> tuple[int, str] | None:
    """Where `document` does not parse, and why, though all of `sides` do; None where that cannot be said of it."""
    problem = unparsed(document)
    return problem if problem and not any(map(unparsed, sides)) else None


@lru_cache(maxsize=32)
def unparsed(document: Document) -> tuple[int, str] | None:
    """The line (from 1) at which a source text does not parse, and why; None where it does, or nothing here reads it."""
    if len(document.text) > _LONGEST:
        return None
    text = for_parsers(document.text.removeprefix("\ufeff"))
    if _XML.search(document.path):
        return _in_xml(text)
    language = language_named(document.path)
    if not language or language in _DATA:
        return None
    return _in_python(text) if language == "python" else _in_tree(Document(document.path, text), language)


def for_parsers(text: str) -> str:
    """A text as parsers take it: what is no text was kept as surrogates, one for each byte, and they refuse these."""
    return _SURROGATE.sub("?", text)


def _in_tree(document: Document, language: str) -> tuple[int, str] | None:
    error = next(iter(syntax_errors(document, language)), None)
    if error is None:
        return None
    number = document.text.count("\n", 0, error.start)
    line = document.line(number + 1).strip()
    return number + 1, f"at `{line[:_TOLD]}`" if error.end > error.start else error.groups["0"]


def _in_xml(text: str) -> tuple[int, str] | None:
    # What entities of its own stand for may be of any length.
    if "<!ENTITY" in text:
        return None
    from xml.parsers import expat

    parser = expat.ParserCreate()
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        return error.lineno, expat.ErrorString(error.code)
    return None


def _in_python(text: str) -> tuple[int, str] | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error.lineno or 1, error.msg
    except (ValueError, RecursionError, MemoryError):
        return 1, "not to be read"
    return None
