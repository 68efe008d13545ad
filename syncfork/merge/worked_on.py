"""Whether a side's change stands in a text in which a person went on working on it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Sequence
from difflib import SequenceMatcher

from syncfork.merge.pieces import Piece
from syncfork.resolve.diff3 import changes
from syncfork.text import words_and_signs

_WORD = re.compile(r"\w+")
_ARGUMENTS = re.compile(r"(?:,[ \n\t]*[*&]{0,2}[A-Za-z_][\w.]*(?: [*&]?[A-Za-z_][\w.]*)?)+")
# What stands before brackets and is no call, and words that no argument is or begins with.
_NO_CALLS = frozenset(
    [
        "if",
        "while",
        "for",
        "foreach",
        "switch",
        "match",
        "catch",
        "return",
        "assert",
        "in",
        "not",
        "and",
        "or",
        "except",
        "with",
        "when",
        "until",
        "elif",
    ]
)
_NO_NAMES = frozenset(
    [
        "if",
        "else",
        "not",
        "and",
        "or",
        "in",
        "is",
        "lambda",
        "new",
        "await",
        "yield",
        "return",
        "true",
        "false",
        "True",
        "False",
        "None",
        "null",
        "nil",
        "never",
    ]
)
# A side puts one word for another where it did so in two lines.
_HABIT = 2
# Longer texts are not compared word by word.
_MOST = 3000

Pair = tuple[str, str]


def worked_on(piece: Piece, outcome: Sequence[str], habits: Container[Pair]) -> bool:
    """Whether the change is whole in the `outcome`, and only words are others in it: ones that it shares with the merge
    base, and such as the fork puts others for anyhow (`habits`); a call or a definition may have got further arguments.
    Anything else, a sign or a word more or less, may undo it."""
    before, had, there = (words_and_signs("".join(lines)) for lines in (piece.before, piece.lines, outcome))
    back = {line.strip() for line in piece.before} - {line.strip() for line in piece.lines}
    if len(had) > _MOST or any(line.strip() in back for line in outcome):
        return False
    shared = set[int]()
    for at, _, size in SequenceMatcher(None, had, before, autojunk=False).get_matching_blocks():
        shared.update(range(at, at + size))
    for tag, first, last, begin, end in SequenceMatcher(None, had, there, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "insert" and _is_argument(had, first, there[begin:end])):
            continue
        if tag != "replace" or last - first != end - begin:
            return False
        for number, word in zip(range(first, last), there[begin:end], strict=True):
            if not (_WORD.fullmatch(had[number]) and _WORD.fullmatch(word)):
                return False
            if number not in shared and (had[number], word) not in habits:
                return False
    return bool(outcome)


def _is_argument(had: Sequence[str], at: int, new: Sequence[str]) -> bool:
    """Whether the `new` tokens are further arguments behind those that a call or a definition had, before token `at`: names
    (and types) set apart by commas, in the brackets that follow a name."""
    start = max((number for number, token in enumerate(had[:at]) if "\n" in token), default=-1) + 1
    line = [token for token in had[start:at] if not token.isspace()]
    opened: list[int] = []
    for number, token in enumerate(line):
        if token == "(":
            opened.append(number)
        elif token == ")" and opened:
            opened.pop()
    # In a quoted text brackets and commas are something else.
    if not opened or not opened[-1] or not {"'", '"', "`"}.isdisjoint(line):
        return False
    called, words = line[opened[-1] - 1], set(_WORD.findall("".join(new)))
    named = _WORD.fullmatch(called) and called.lower() not in _NO_CALLS
    return bool(named and _ARGUMENTS.fullmatch("".join(new).rstrip()) and words.isdisjoint(_NO_NAMES))


def habits_of(base: Sequence[str], side: Sequence[str]) -> set[Pair]:
    """The words that a side put for others, line by line: what, and for what, where it did so in several lines."""
    found: Counter[Pair] = Counter()
    for change in changes(base, side):
        old = base[change.start : change.end]
        if len(old) == len(change.new):
            found.update(pair for pairs in map(_pairs, old, change.new) for pair in pairs)
    return {pair for pair, times in found.items() if times >= _HABIT}


def _pairs(old: str, new: str) -> set[Pair]:
    """The words that are others in a line; none where anything else is, too."""
    was, now = words_and_signs(old), words_and_signs(new)
    pairs = {(one, other) for one, other in zip(was, now, strict=False) if one != other}
    alike = len(was) == len(now) and all(_WORD.fullmatch(word) for pair in pairs for word in pair)
    return pairs if alike else set()
