"""What a document says that a tree can contradict: numbers of things, and lists of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cached_property

from msgspec import Struct

from syncfork.detect.lists import tokens

_FENCE = re.compile(r"\s*(```|~~~)")
_HEADING = re.compile(r"(#{1,6})\s+\S")
_FILE = re.compile(r"[\w./*-]*\w\.(?:ya?ml|toml|json)\b")
_ENDINGS = (".yml", ".yaml", ".toml", ".json")
_ITEM = re.compile(
    r"(\s*)(?:[-*+]|\d+[.)])\s+(?:\[[ x]\]\s+)?(\*\*|`|\*\*`)?([^\s*`,:()]+)(?:\*\*|`|`\*\*)?(?=$|\s|:|,|\()"
)
_COUNT = re.compile(r"(?<![\w.,:/-])(\d{1,4})(?:\*\*)?\s+((?:[A-Za-z][\w-]*\s+){0,2}[A-Za-z][\w-]*)")
_WORD = r"(?:`[^`\s]+`|\*\*[^*\s]+\*\*|[\w][\w.+/-]*)"
_LIST = re.compile(rf"{_WORD}(?:,\s+{_WORD})+(?:,?\s+(?:and|or)\s+{_WORD})?|{_WORD}\s+(?:and|or)\s+{_WORD}")

# What a matrix makes, not what it is made of.
TOTALS = frozenset(["build", "job", "combination", "configuration", "run"])


class Claim(Struct, frozen=True, dict=True):
    """A statement on a line (from 1): a number of something, or a list. `about` are the words around it that
    say what it is about; `files` the structured files that its section names."""

    line: int
    text: str
    about: frozenset[str]
    files: frozenset[str]
    number: int = 0
    values: tuple[str, ...] = ()

    @cached_property
    def of_total(self) -> bool:
        """True for a number of builds, jobs or the like."""
        return bool(self.number) and tokens(self.text.split()[-1]) <= TOTALS


class _Section(Struct, frozen=True):
    """Where a line stands: its heading, the files that the headings and the paragraph name."""

    heading: str = ""
    files: frozenset[str] = frozenset()


def claims(text: str, lines: Collection[int]) -> Iterator[Claim]:
    """The claims on `lines` (from 1) of a document."""
    rows = text.split("\n")
    stack: list[tuple[int, str]] = []
    section = _section(stack)
    fenced = False
    number = 0
    while number < len(rows):
        row = rows[number]
        number += 1
        if _FENCE.match(row):
            fenced = not fenced
        if fenced or len(row) > 1000:
            continue
        if heading := _HEADING.match(row):
            stack = [item for item in stack if item[0] < len(heading[1])] + [(len(heading[1]), row)]
            section = _section(stack)
            continue
        if _ITEM.match(row) and not (number > 1 and _ITEM.match(rows[number - 2])):
            yield from _of_items(rows, number, section, lines)
        if number in lines:
            yield from _of_row(row, number, section)


def _section(stack: list[tuple[int, str]]) -> _Section:
    """The innermost heading, and the files that the innermost heading with any names."""
    files = next((named for _, row in reversed(stack) if (named := _files(row))), frozenset())
    return _Section(stack[-1][1] if stack else "", files)


def _files(row: str) -> frozenset[str]:
    """The structured files that a line names."""
    return frozenset(_FILE.findall(row)) if any(ending in row for ending in _ENDINGS) else frozenset()


def _of_row(row: str, number: int, section: _Section) -> Iterator[Claim]:
    files = _files(row) or section.files
    for found in _COUNT.finditer(row):
        phrase = re.split(r"\s+(?:with|for|from|in|on|of|are|is|to|and|or|that|which|times)\b", found[2])[0]
        if int(found[1]) > 1:
            yield Claim(number, f"{found[1]} {phrase}", tokens(phrase), files, number=int(found[1]))
    for found in _LIST.finditer(row):
        values = tuple(word.strip("`*") for word in re.findall(_WORD, found[0]) if word not in ("and", "or"))
        about = tokens(row[: found.start()]) | tokens(row[found.end() :]) or tokens(section.heading)
        if len(values) > 1:
            yield Claim(number, ", ".join(values), about, files, values=values)


def _of_items(rows: list[str], first: int, section: _Section, lines: Collection[int]) -> Iterator[Claim]:
    """The first words of the items of a list that begins at `first` (from 1); inner lists are passed over."""
    opening = _ITEM.match(rows[first - 1])
    assert opening
    values: list[str] = []
    last = first
    for number in range(first, len(rows) + 1):
        row = rows[number - 1]
        item = _ITEM.match(row)
        if item and item[1] == opening[1]:
            values.append(item[3])
            last = number
        elif not row.startswith(f"{opening[1]} "):
            break
    before = next((row for row in reversed(rows[: first - 1]) if row.strip()), "")
    if len(values) > 1 and any(first <= line <= last for line in lines):
        about = tokens(before) | tokens(section.heading)
        files = _files(before) or section.files
        yield Claim(first, ", ".join(values), about, files, values=tuple(values))
