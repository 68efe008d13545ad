"""YAML, JSON and TOML as one tree of nodes with spans, for key paths: nothing is ever loaded and dumped again.

YAML is read as PyYAML's node graph (repeated keys stay, `on` stays a word, anchors resolve), JSON with
ast-grep's and TOML with tree-sitter's grammar.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from posixpath import splitext
from typing import Any

from msgspec.structs import replace

from syncfork.errors import CannotReadError
from syncfork.parsing.values import Entry, Format, SeveralDocumentsError, Value
from syncfork.text import Document

_ENDINGS: dict[str, Format] = {
    ".yml": "yaml",
    ".yaml": "yaml",
    ".json": "json",
    ".toml": "toml",
    ".lock": "toml",
}


def format_of(document: Document) -> Format:
    """The format, by the file name's ending. Raises CannotReadError."""
    found = _ENDINGS.get(splitext(document.path)[1].lower())
    if found is None:
        raise CannotReadError(f"{document.path} is not known as YAML, JSON or TOML; give `format:`")
    return found


@lru_cache(maxsize=256)
def read(text: str, form: Format) -> Value:
    """The root value of a structured text. Raises CannotReadError where it does not parse."""
    # The parsers disagree on whether a byte order mark counts as a character.
    mark = len(text) - len(text.removeprefix("\ufeff"))
    try:
        value = _READERS[form](text[mark:])
    except RecursionError as error:
        raise CannotReadError(f"not usable {form.upper()}: nested too deeply") from error
    return _shifted(value, mark) if mark else value


def documents(text: str, form: Format) -> list[Value]:
    """The roots of all documents of a text, of which only YAML has several. Raises CannotReadError."""
    try:
        return [read(text, form)]
    except SeveralDocumentsError:
        from syncfork.parsing.structured_yaml import read_documents

        return read_documents(text)


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal in a structured file, where `true` is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _shifted(value: Value, by: int) -> Value:
    entries = tuple(Entry(e.key, e.start + by, e.end + by, _shifted(e.value, by)) for e in value.entries)
    return replace(value, start=value.start + by, end=value.end + by, entries=entries)


# The parsers are loaded where there is something to read.


def _read_yaml(text: str) -> Value:
    from syncfork.parsing.structured_yaml import read_yaml

    return read_yaml(text)


def _read_json(text: str) -> Value:
    from syncfork.parsing.structured_json import read_json

    return read_json(text)


def _read_toml(text: str) -> Value:
    from syncfork.parsing.structured_toml import read_toml

    return read_toml(text)


_READERS: dict[Format, Callable[[str], Value]] = {"yaml": _read_yaml, "json": _read_json, "toml": _read_toml}
