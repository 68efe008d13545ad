"""Files that both sides have whole, and that do not parse as they were merged: halves of two changes, put together.

Git has merged the lines, or a person chose between them. Brackets are counted (and what `end` closes in Ruby), letter by
letter: where that comes out even on all sides, it does in what is made of them. Then Python's own parser and tree-sitter's
grammars are asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from syncfork.detect.base import File, Found, View, vendored
from syncfork.detect.name_forms import language_of
from syncfork.parsed import broken
from syncfork.text import Document
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
        if file.ours and file.theirs and len(file.merged.text) <= _LONGEST:
            sides = [side for side in (file.base, file.ours, file.theirs) if side]
            yield from _broken(file, file.merged, sides)


def _broken(file: File, merged: Document, sides: list[Document]) -> Iterator[Found]:
    odd = [] if merged.path.endswith(_PYTHON) or any(map(any, map(_balance, sides))) else _odd(merged)
    if odd:
        line = min(file.fork_lines | file.new_lines, default=1)
        yield _found(file, line, f"does not come out even any more: {listed(odd)} than on each side")
        return
    if problem := broken(merged, sides):
        yield _found(file, problem[0], f"does not parse any more ({problem[1]}), and did on both sides")


def _odd(merged: Document) -> list[str]:
    return [
        f"{abs(more)} {name} {'more' if more > 0 else 'less'}"
        for name, more in zip(("`{`", "`(`", "`[`", "that `end` closes"), _balance(merged), strict=True)
        if more
    ]


def _found(file: File, line: int, words: str) -> Found:
    fix = "look at where lines of both sides meet: half of a change was left out"
    return Found("breakage", file.path, line, f"this file {words}", fix, key="syntax")


@lru_cache(maxsize=1024)
def _balance(document: Document) -> tuple[int, ...]:
    """How many of each pair a text opens beyond those that it closes, letter by letter but for remarks."""
    # In a shell a bracket closes the name of a case.
    language = None if document.path.endswith(_SHELL) else language_of(document.path)
    lines = [language.code(line) for line in document.text.split("\n")] if language else []
    text = "\n".join(lines)
    counted = [text.count(opening) - text.count(closing) for opening, closing in _PAIRS]
    blocks = lines if document.path.endswith(_RUBY) else []
    ends = sum(bool(_OPENS.search(line)) - bool(_ENDS.match(line)) for line in blocks)
    return (*counted, ends)
