"""Files that both sides have whole, and that do not parse as they were merged: halves of two changes, put together.

Git has merged the lines, or a person chose between them. Brackets are counted (and what `end` closes in Ruby), letter by
letter: where that comes out even on all sides, it does in what is made of them. Then Python's own parser and tree-sitter's
grammars are asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import accumulate

from syncfork.detect.base import Found, View, vendored
from syncfork.detect.name_forms import language_of
from syncfork.parsing.sources import broken
from syncfork.text import Document, apart
from syncfork.words import listed

_PYTHON, _RUBY, _SHELL = (".py", ".pyi"), (".rb", ".rake"), (".sh", ".bash")
# Larger ones are data.
_LONGEST = 1_000_000
_PAIRS = (("{", "}"), ("(", ")"), ("[", "]"))
# A line opens one block at most.
_OPENS = re.compile(
    r"^[ \t]*+(?:def|class|module|begin|case|while|until|for|if|unless)\b|\bdo(?:[ \t]*\|[^|]*\|)?[ \t]*$|(?:=|<<)[ \t]*(?:if|unless|case|begin)\b"
)
_ENDS = re.compile(r"[ \t]*+end\b")


def find(view: View) -> Iterator[Found]:
    """One finding for each file."""
    for file in view.files:
        if file.merged is None or file.merged in (file.ours, file.theirs) or vendored(file.path):
            continue
        if file.ours and file.theirs and (said := fault(file.merged, file.base, file.ours, file.theirs)):
            line, words = said
            yield Found("breakage", file.path, line, f"this file {words}", _FIX, key="syntax")


def fault(
    merged: Document, base: Document | None, ours: Document, theirs: Document
) -> tuple[int, str] | None:
    """The line (from 1) at which a text is not whole that both sides have whole, and what is wrong with it, for a sentence
    about the file; None where that cannot be said."""
    if len(merged.text) > _LONGEST:
        return None
    sides = [side for side in (base, ours, theirs) if side]
    counts = not merged.path.endswith(_PYTHON) and not any(any(_balance(side)) for side in sides)
    if counts and any(odd := _balance(merged)):
        told = [_ODD[kind](more) for kind, more in enumerate(odd) if more]
        kind = next(kind for kind, more in enumerate(odd) if more)
        line = max(_parted(merged, side, kind) for side in (ours, theirs))
        return line, f"has {listed(told)}, and comes out even on both sides"
    if problem := broken(merged, sides):
        return problem[0], f"does not parse any more ({problem[1]}), and did on both sides"
    return None


def _lone(opening: str, closing: str) -> Callable[[int], str]:
    def told(more: int) -> str:
        lone, other = (opening, closing) if more > 0 else (closing, opening)
        many = abs(more) > 1
        named = f"{lone}s" if many and lone.isalpha() else lone
        return f"{abs(more)} {named} without {'their' if many else 'its'} {other}"

    return told


_ODD = (_lone("`{`", "`}`"), _lone("`(`", "`)`"), _lone("`[`", "`]`"), _lone("block", "`end`"))
_FIX = "look at where lines of both sides meet: an end that both share is needed twice, or half of a change was left out"


def _parted(merged: Document, side: Document, kind: int) -> int:
    """The line from which on the text has more, or less, open than a side has at the same line, and stays so."""
    here, there = _depths(merged, kind), _depths(side, kind)
    mine, other = merged.text.split("\n"), side.text.split("\n")
    start, end = apart(mine, other)
    tail = len(mine) - end
    middle = SequenceMatcher(None, mine[start:end], other[start : len(other) - tail])
    pairs = [(n, n) for n in range(start)]
    pairs += [
        (start + block.a + n, start + block.b + n)
        for block in middle.get_matching_blocks()
        for n in range(block.size)
    ]
    pairs += [(len(mine) - n, len(other) - n) for n in range(tail, 0, -1)]
    alike = [n for n, m in pairs if here[n] == there[m]]
    return min((alike[-1] if alike else -1) + 2, len(mine))


@lru_cache(maxsize=1024)
def _balance(document: Document) -> tuple[int, ...]:
    """How many of each pair a text opens beyond those that it closes, letter by letter but for remarks."""
    text = "\n".join(_code(document))
    return (
        *(text.count(opening) - text.count(closing) for opening, closing in _PAIRS),
        _blocks(document)[-1],
    )


def _depths(document: Document, kind: int) -> list[int]:
    """How many of a pair are open after each line."""
    if kind == len(_PAIRS):
        return _blocks(document)
    opening, closing = _PAIRS[kind]
    return [*accumulate(line.count(opening) - line.count(closing) for line in _code(document))]


def _blocks(document: Document) -> list[int]:
    """How much of what `end` closes in Ruby is open after each line."""
    lines = _code(document) if document.path.endswith(_RUBY) else [""]
    return [*accumulate(bool(_OPENS.search(line)) - bool(_ENDS.match(line)) for line in lines)]


def _code(document: Document) -> list[str]:
    """The lines without remarks; empty ones where nothing can be counted in them."""
    # In a shell a bracket closes the name of a case.
    language = None if document.path.endswith(_SHELL) else language_of(document.path)
    return [language.code(line) if language else "" for line in document.text.split("\n")]
