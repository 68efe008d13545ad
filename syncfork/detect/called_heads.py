"""Which functions may take something else in another version of a text: seen letter by letter, so that only few texts have
to be parsed. Pure."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import islice

from syncfork.detect.lines import new_lines

# What a constructor is called where it is defined: its class may be meant.
CONSTRUCTORS = frozenset(["__init__", "constructor", "initialize", "__construct"])
_CLASS = re.compile(r"\b(?:class|object|interface)[ \t]+(\w+)")
# A name before a bracket, be there types between them; the word before it.
_BRACKET = r"[ \t]*(?:<[^<>()\n]{0,200}>|\[[^\[\]()\n]{0,200}\])?[ \t]*\("
_BEFORE_BRACKET = re.compile(rf"\b(\w++){_BRACKET}")
_WORD_BEFORE = re.compile(r"(\w+)[ \t*&>\]?]*[ \t*&]$")
_VALUE = re.compile(
    r"\b(?:const|let|var)[ \t]++(\w++)[^=\n]{0,200}+=[ \t]*+(?:async\b[ \t]*+)?(?:function\b[^(\n]{0,100}+)?\("
)
# What a word tells to be a definition may have a head of any length.
_DEFINES = re.compile(
    rf"\b(?:class|fun|func|fn|function|def)[ \t]++(?:<[^<>()\n]{{0,200}}>[ \t]*+)?(?:\w++\.)?(\w++){_BRACKET}"
    r"|\b(constructor)[ \t]*+\("
)
_RUBY = re.compile(r"\bdef[ \t]++(?:\w+\.)?(\w++)[?!=]?[^(\n]{0,300}+$", re.MULTILINE)
_NEWLINE = re.compile("\n")
_ROUND = re.compile("[()]")
# What has brackets of its own: `1)`, `:)`.
_REMARK = re.compile(r"/\*.*?\*/|//[^\n]*|(?<!\S)#[ \t][^\n]*", re.DOTALL)
# After its parameters, a function goes on with what it does or returns; a call does not.
_GOES_ON = re.compile(r"\s*(?:[{:]|->|=>|=(?!=)|\(|\w)")


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


# These stand before a call.
_BEFORE_CALLS = _words(
    "return else new throw in await yield not and or case go defer if elif while until unless assert raise del is when"
    " do then echo print puts delete sizeof co_await"
)
_NO_NAMES = _words("if for while switch catch return func function fn fun def match")
_LONGEST = 1500
# So far before a name the word is looked for that tells what it is.
_BACK = 200
# More definitions than this no file has that a person wrote.
_MOST = 2000
# So many lines above one that changed, the head that has it may begin.
_ABOVE = 20


def changed_heads(before: str, after: str, names: Collection[str]) -> set[str]:
    """Those of the names under which something may be defined that takes something else in one of the two texts: in how
    it is written, a line differs."""
    changed = _touched(before, new_lines(after, before), names) | _touched(
        after, new_lines(before, after), names
    )
    if changed & CONSTRUCTORS:
        changed |= set(_CLASS.findall(before)).intersection(names, _CLASS.findall(after))
    return changed.intersection(names)


def _touched(text: str, lines: frozenset[int], names: Collection[str]) -> set[str]:
    """The names, and words for constructors, under which something may be defined whose head has one of the lines."""
    starts = [0, *(match.end() for match in _NEWLINE.finditer(text)), len(text) + 1]
    found: set[str] = set()
    if not lines:
        return found
    for first, last in _windows(sorted(lines)):
        for form in (_BEFORE_BRACKET, _VALUE, _RUBY):
            for match in form.finditer(text, starts[first - 1], starts[last]):
                if match[1] in found or (match[1] not in names and match[1] not in CONSTRUCTORS):
                    continue
                end = match.end() if form is _RUBY else _end_of_head(text, match)
                if end and not lines.isdisjoint(
                    range(bisect(starts, match.start(1)), bisect(starts, end - 1) + 1)
                ):
                    found.add(match[1])
    for name, start, end in _long_heads(text):
        if (name in names or name in CONSTRUCTORS) and name not in found:
            first, last = bisect(starts, start), bisect(starts, end - 1)
            if not lines.isdisjoint(range(first, last + 1)):
                found.add(name)
    return found


@lru_cache(maxsize=64)
def _long_heads(text: str) -> tuple[tuple[str, int, int], ...]:
    """The definitions by a word of their own whose heads are longer than a window: name, start, and end."""
    heads = [
        (match[match.lastindex or 0], match.start(), match.end())
        for match in islice(_DEFINES.finditer(text), _MOST)
        if not _is_short(text, match.end())
    ]
    if not heads:
        return ()
    closed: dict[int, int] = {}
    opened: list[int] = []
    # Each bracket is looked at once, however they nest.
    for bracket in _ROUND.finditer(_clear(text)):
        if bracket[0] == "(":
            opened.append(bracket.end())
        elif opened:
            closed[opened.pop()] = bracket.end()
    ends = (
        (name, start, closed.get(inner, 0), text.count("\n", start, closed.get(inner, 0)))
        for name, start, inner in heads
    )
    return tuple(
        (name, start, end) for name, start, end, lines in ends if lines > _ABOVE or end - start > _LONGEST
    )


def _is_short(text: str, start: int) -> bool:
    """Whether the bracket that is open at `start` ends within a window."""
    near = _clear(text[start : start + _LONGEST])
    end = _closed(near, 0)
    return near[end - 1 : end] == ")" and near.count("\n", 0, end) <= _ABOVE


def _clear(text: str) -> str:
    """The text without remarks, each letter in its place."""
    return _REMARK.sub(lambda remark: re.sub(r"[^\n]", ".", remark[0]), text)


def _windows(lines: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last lines of stretches in which a head may begin that has one of the lines."""
    first = last = 0
    for line in lines:
        if last and line - _ABOVE > last:
            yield first, last
            last = 0
        first, last = first if last else max(1, line - _ABOVE), line
    if last:
        yield first, last


def may_define(text: str, name: str) -> bool:
    """Whether a function or a class of that name may be defined in a text."""
    if name not in text:
        return False
    # It begins with the name: there is no quicker way to find it.
    form = _form(name)
    return any(_end_of_head(text, match) for match in form.finditer(text)) or bool(
        re.search(rf"\b(?:class|object|interface|def|const|let|var)[ \t]+(?:\w+\.)?{re.escape(name)}\b", text)
    )


@lru_cache(maxsize=1024)
def _form(name: str) -> re.Pattern[str]:
    return re.compile(rf"({re.escape(name)}){_BRACKET}")


def _end_of_head(text: str, match: re.Match[str]) -> int:
    """Where the head of a function ends that may be defined there; 0 where none is."""
    start = match.start(1)
    if match[1] in _NO_NAMES or (start and (text[start - 1].isalnum() or text[start - 1] == "_")):
        return 0
    end = _closed(text, match.end())
    before = _WORD_BEFORE.search(text, max(text.rfind("\n", 0, start) + 1, start - _BACK), start)
    if before and before[1] in _BEFORE_CALLS:
        return 0
    return end if before or match.re is _VALUE or _GOES_ON.match(text, end) else 0


def _closed(text: str, start: int) -> int:
    """Where the bracket ends that is open at `start`, or so far as such a thing goes."""
    depth, end = 1, min(len(text), start + _LONGEST)
    for bracket in _ROUND.finditer(text, start, end):
        depth += 1 if bracket[0] == "(" else -1
        if not depth:
            return bracket.end()
    return end
