"""Which functions may take something else in another version of a text: seen letter by letter, so that only few texts have
to be parsed. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping

# What a constructor is called where it is defined: its class may be meant.
CONSTRUCTORS = frozenset(["__init__", "constructor", "initialize", "__construct"])
_CLASS = re.compile(r"\b(?:class|object|interface)[ \t]+(\w+)")
# A name before a bracket, be there types between them; the word before it.
_BEFORE_BRACKET = re.compile(r"(?<!\w)(\w+)[ \t]*(?:<[^<>()\n]{0,200}>|\[[^\[\]()\n]{0,200}\])?[ \t]*\(")
_WORD_BEFORE = re.compile(r"(\w+)[ \t*&>\]?.]+$")
_VALUE = re.compile(
    r"\b(?:const|let|var)[ \t]+(\w+)[^=\n]{0,200}=[ \t]*(?:async[ \t]*)?(?:function\b[^(\n]*)?\("
)
_RUBY = re.compile(r"\bdef[ \t]+(?:\w+\.)?(\w+)[?!=]?[ \t]*([^(\s][^\n]*)?")
# After its parameters, a function goes on with what it does or returns; a call does not.
_GOES_ON = re.compile(r"\s*(?:[{:]|->|=>|=(?!=)|\(|\w)")
# These stand before a call.
_BEFORE_CALLS = frozenset(
    [
        "return",
        "else",
        "new",
        "throw",
        "in",
        "await",
        "yield",
        "not",
        "and",
        "or",
        "case",
        "go",
        "defer",
        "if",
        "elif",
        "while",
        "until",
        "unless",
        "assert",
        "raise",
        "del",
        "is",
        "when",
        "do",
        "then",
        "echo",
        "print",
        "puts",
        "delete",
        "sizeof",
        "co_await",
    ]
)
_LONGEST = 4000


def heads(text: str, names: Collection[str]) -> Mapping[str, frozenset[str]]:
    """How functions of these names, and constructors, may be defined in a text: each as it is written there."""
    found: dict[str, set[str]] = defaultdict(set)
    for form in (_BEFORE_BRACKET, _VALUE):
        for match in form.finditer(text):
            name = match[1]
            if name not in names and name not in CONSTRUCTORS:
                continue
            end = _closed(text, match.end())
            line = text.rfind("\n", 0, match.start()) + 1
            before = _WORD_BEFORE.search(text, line, match.start(1))
            defined = before and before[1] not in _BEFORE_CALLS
            if form is _VALUE or defined or _GOES_ON.match(text, end):
                found[name].add(" ".join(text[match.start(1) : end].split()))
    if "def " in text:
        for match in _RUBY.finditer(text):
            if match[1] in names or match[1] in CONSTRUCTORS:
                found[match[1]].add(match[2] or "")
    return {name: frozenset(each) for name, each in found.items()}


def changed_heads(before: str, after: str, names: Collection[str]) -> set[str]:
    """Those of the names that a function or a class may have which takes something else in one of the two texts."""
    old, new = heads(before, names), heads(after, names)
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    if changed & CONSTRUCTORS:
        changed |= set(_CLASS.findall(before)).intersection(names, _CLASS.findall(after))
    return {name for name in changed & set(names) if name in old or name not in new}


def may_define(text: str, name: str) -> bool:
    """Whether a function or a class of that name may be defined in a text."""
    found = heads(text, {name})
    return name in found or (bool(found) and name in _CLASS.findall(text))


def _closed(text: str, start: int) -> int:
    """Where the bracket ends that is open at `start`, or so far as such a thing goes."""
    depth = 1
    for place in range(start, min(len(text), start + _LONGEST)):
        if text[place] == "(":
            depth += 1
        elif text[place] == ")":
            depth -= 1
            if not depth:
                return place + 1
    return min(len(text), start + _LONGEST)
