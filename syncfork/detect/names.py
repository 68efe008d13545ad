"""Names that are used, and that nothing defines any more: one side took the definition out, the other's lines use it.

Git merges both, and what is built from it stops, if only where it runs. Said of a name only if the side that took it out
has it nowhere at all: then no other definition can be meant.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Literal

from msgspec import Struct

from syncfork.detect.base import File, Found, View, vendored
from syncfork.detect.instead import instead
from syncfork.detect.name_forms import Language, defined, language_of, members
from syncfork.detect.name_imports import brought_in
from syncfork.detect.name_meaning import STAND_IN, of_its_own
from syncfork.detect.path_imported import importers
from syncfork.report import Place, Site
from syncfork.text import Document
from syncfork.words import also, listed

# Shorter ones are variables, too; longer ones nobody writes.
_SHORTEST, _LONGEST = 5, 100
# Of so many names together it is told what took their place, by so many files.
_TOLD, _ASKED = 20, 40
_WORD = re.compile(r"\w+")
# Behind a dollar stands a variable.
_USED = re.compile(r"(?<![\w$])\w+")
# How a member is used, or a component in a template.
_BEHIND = re.compile(r"(?:(?:(?<![.\d])\.|->|::)[ \t]*|</?(?=[A-Z]))(\w+)")
# What is told of a name in prose is no use of it.
_PROSE = [f":!*.{ending}" for ending in ("md", "markdown", "rst", "adoc")]
_Side = Literal["ours", "theirs"]
_OURS: _Side = "ours"
_THEIRS: _Side = "theirs"


class _Gone(Struct, frozen=True):
    """A name that `was`, a text of the merge base, defined, and that the side `by` took out. Or one that the other side
    alone defines, in `was`, and that was `dropped` from the merged tree; `by` has it not. `unread` where `by` has no text of
    that file. `member` where it is only used behind a dot."""

    name: str
    by: _Side
    was: Document
    dropped: bool = False
    unread: bool = False
    member: bool = False

    @property
    def language(self) -> Language | None:
        """What it is defined in."""
        return language_of(self.was.path)


class _Use(Struct, frozen=True):
    """A line (from 1) that uses a name; `certain` where it is no method of something that one cannot tell."""

    path: str
    line: int
    text: str
    certain: bool


def find(view: View) -> Iterator[Found]:
    """One finding for all names that went out of one file and that another one uses first."""
    readable = [file for file in view.files if language_of(file.path)]
    files = [file for file in readable if not vendored(file.path)]
    gone = _gone(files)
    words = _Words(gone.keys())
    for name in _kept(readable, gone, words):
        del gone[name]
    uses = _uses(files, gone, words) if gone else {}
    together: dict[tuple[str, str, str, bool], list[_Gone]] = defaultdict(list)
    for side in (_OURS, _THEIRS):
        left = [gone[name] for name in uses if gone[name].by == side]
        # A file that is there and is no text may define anything.
        unread = {item.was.path for item in left if item.unread}
        data = view.trees.exists(side, unread) if unread else set()
        left = [item for item in left if item.was.path not in data]
        importing = importers(view, side) if any(item.unread for item in left) else set()
        for item in left:
            # That a file is imported which is gone is told by `paths`.
            uses[item.name] = [use for use in uses[item.name] if (use.path, item.was.path) not in importing]
        left = [item for item in left if uses[item.name]]
        standing = _standing(view, side, left)
        for item in left:
            if item.name not in standing:
                together[uses[item.name][0].path, item.was.path, item.by, item.dropped].append(item)
    for items in together.values():
        yield _found(items, [use for item in items for use in uses[item.name]], files, words)


class _Words:
    """Which of some names stand in a text, each text looked through once."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = frozenset(names)
        self._known: dict[str, frozenset[str]] = {}

    def of(self, document: Document | None) -> frozenset[str]:
        if document is None or not self._names:
            return frozenset()
        if document.text not in self._known:
            self._known[document.text] = self._names.intersection(_WORD.findall(document.text))
        return self._known[document.text]


def _gone(files: Iterable[File]) -> dict[str, _Gone]:
    """The names that a line of one side defines, and none of the other side's version of the file."""
    found: dict[_Side, dict[str, _Gone]] = {_OURS: {}, _THEIRS: {}}
    for file in files:
        for by, now, other in ((_THEIRS, file.theirs, file.ours), (_OURS, file.ours, file.theirs)):
            if file.base and now is not file.base:
                for name, member in _lost(file.base, now).items():
                    if not member or name not in found[by]:
                        found[by][name] = _Gone(name, by, file.base, unread=now is None, member=member)
            if other and file.merged and other is not file.base:
                lost = _lost(other, file.merged)
                new = [name for name, member in lost.items() if not member and name not in defined(file.base)]
                found[by] |= {name: _Gone(name, by, other, dropped=True) for name in new}
    # What both sides took out, both do without.
    ours, theirs = found[_OURS], found[_THEIRS]
    return {name: ours.get(name) or theirs[name] for name in ours.keys() ^ theirs.keys()}


def _lost(before: Document, after: Document | None) -> dict[str, bool]:
    """The names that lines of one text define which another has not, and that no line of that one defines; each with whether
    it is a member."""
    if after and after.text == before.text:
        return {}
    kept = set(after.text.split("\n")) if after else set()
    lines = Document(before.path, "\n".join(line for line in before.text.split("\n") if line not in kept))
    named, inner = defined(lines) - defined(after), members(lines) - members(after) - defined(after)
    found = dict.fromkeys(inner, True) | dict.fromkeys(named, False)
    return {name: member for name, member in found.items() if _SHORTEST <= len(name) <= _LONGEST}


def _kept(files: Iterable[File], gone: Mapping[str, _Gone], words: _Words) -> set[str]:
    """Those of the names that the merged tree defines, and those that the side which took them out of one file has in
    another. What becomes of a file in conflict is not known yet."""
    found: set[str] = set()
    for file in files:
        for document in (file.ours, file.theirs) if file.conflicted else (file.merged,):
            if words.of(document) - found:
                found |= words.of(document) & defined(document)
                found |= {name for name in words.of(document) & members(document) if gone[name].member}
        for side, document in ((_OURS, file.ours), (_THEIRS, file.theirs)):
            asked = {name for name in words.of(document) - found if gone[name].by == side}
            if document and asked:
                found |= _in_code(asked, document.text.split("\n"), language_of(document.path))
    return found


def _in_code(names: Collection[str], lines: Iterable[str], language: Language | None) -> set[str]:
    """Those of the names that stand in the lines, but for remarks."""
    left = frozenset(names)
    return {
        name
        for line in lines
        if language and not left.isdisjoint(_WORD.findall(line))
        for name in left.intersection(_WORD.findall(language.code(line)))
    }


def _uses(files: Iterable[File], gone: Mapping[str, _Gone], words: _Words) -> dict[str, list[_Use]]:
    """The merged lines that the side which took a name out does not have, and that use it, by name; the most certain ones
    first. Not of a name that a merged text gives a meaning of its own."""
    found: dict[str, list[_Use]] = defaultdict(list)
    meant: set[str] = set()
    for file in files:
        language = language_of(file.path)
        names = {n for n in words.of(file.merged) & gone.keys() if gone[n].language is language} - meant
        if file.merged is None or language is None or not names:
            continue
        lines = language.lines(file.merged.text)
        at: dict[str, list[int]] = defaultdict(list)
        for number, line in enumerate(lines, start=1):
            for name in sorted(names.intersection(_USED.findall(line))):
                if not gone[name].member or name in _BEHIND.findall(line):
                    at[name].append(number)
        brought = brought_in(file.merged.text)
        own: Mapping[_Side, frozenset[int]] = {_THEIRS: file.fork_lines, _OURS: file.new_lines}
        texts = file.merged.text.split("\n")
        for name, numbers in at.items():
            # What is set behind a dot is there already, but for objects that take any.
            means = not gone[name].member or language.loose
            having = [lines[number - 1] for number in numbers]
            if means and of_its_own(name, gone[name].was.path, having, brought):
                meant.add(name)
                continue
            for number in own[gone[name].by].intersection(numbers):
                certain = _certain(gone[name], lines[number - 1])
                found[name].append(_Use(file.path, number, texts[number - 1], certain))
    return {
        name: sorted(uses, key=lambda use: (not use.certain, use.path, use.line))
        for name, uses in found.items()
        if name not in meant
    }


def _certain(gone: _Gone, code: str) -> bool:
    """Whether a name stands by itself, or is one of the same object's, or a function of a Go package."""
    return not gone.member and bool(_by_itself(gone.was.text).search(code.replace(gone.name, STAND_IN)))


@lru_cache(maxsize=256)
def _by_itself(text: str) -> re.Pattern[str]:
    """Finds a name that the text defines, under its stand-in, where nothing is before it that may have another of it."""
    package = re.search(r"^package[ \t]+(\w+)", text, re.MULTILINE)
    same = "|".join(["self", "this", "super", "Self", "crate", *([package[1]] if package else [])])
    return re.compile(rf"(?:^|[^\w.>:]|(?<!-)>|(?<!:):|\b(?:{same})(?:\??\.|->|::)){STAND_IN}\b")


def _standing(view: View, side: _Side, gone: Collection[_Gone]) -> set[str]:
    """Those names that a side's tree still has somewhere, but for remarks and prose: it may make what defines them."""
    by_language: dict[Language, set[str]] = defaultdict(set)
    for item in gone:
        if item.language:
            by_language[item.language].add(item.name)
    found: set[str] = set()
    for language, names in by_language.items():
        found |= _in_code(names, view.trees.lines_with(side, sorted(names), _PROSE), language)
    return found


def _found(gone: Sequence[_Gone], uses: Sequence[_Use], files: Iterable[File], words: _Words) -> Found:
    names, first, item = [each.name for each in gone], uses[0], gone[0]
    _, *others = dict.fromkeys(Site(use.path, use.line) for use in uses)
    places = also(site.told for site in others)
    verb, it = ("is", "it") if len(gone) == 1 else ("are", "them")
    by_theirs, sides = item.by == _THEIRS, ("upstream", "the fork")
    whose, other = sides if by_theirs else sides[::-1]
    known = [] if item.dropped else [_instead(each, files, words) for each in gone[:_TOLD]]
    instead = listed([f"`{name}`" for name in known if name])
    if item.dropped:
        why = f"{other} defines {it} in {item.was.path}, and the merged tree goes without"
        fix = f"bring in what defines {it}, or do without {it}"
    else:
        why = f"{whose} took {it} out of {item.was.path}"
        fix = f"do without {it}, or bring back what defined {it}"
    line, text = _definition(item)
    return Found(
        "breakage" if any(use.certain for use in uses) else "decision",
        first.path,
        first.line,
        f"{listed([f'`{name}`' for name in names])} {verb} used here{places}, and defined nowhere any more: {why}"
        + (f"; in {'its' if len(gone) == 1 else 'their'} place it has {instead}" if instead else ""),
        fix=f"use {instead}, if that does the same; else {fix}" if instead else fix,
        # Who took it out, or else who brought the line that uses it.
        upstream=_cause(item, first, line),
        added=() if by_theirs else (first.text,),
        removed=(text,) if by_theirs and not item.dropped else (),
        names=tuple(names),
        key=" ".join(sorted(names)),
        also=tuple(others),
    )


def _cause(gone: _Gone, use: _Use, line: int) -> Place | None:
    if gone.by == _OURS:
        return Place(use.path, use.line)
    return None if gone.dropped else Place(gone.was.path, line)


@lru_cache(maxsize=1024)
def _definition(gone: _Gone) -> tuple[int, str]:
    """The line (from 1) that defines the name."""
    language = gone.language
    forms = language and (language.members if gone.member else language.forms)
    for found in forms.finditer(gone.was.text) if forms else ():
        if found[found.lastindex or 0] == gone.name:
            number = gone.was.text.count("\n", 0, found.end())
            return number + 1, gone.was.line(number + 1)
    return 1, ""


def _instead(gone: _Gone, files: Iterable[File], words: _Words) -> str:
    """The name that the side which took one out wrote in its place; empty where there is none."""
    having = islice((file for file in files if gone.name in words.of(file.base)), _ASKED)
    texts = ((file.base, file.theirs if gone.by == _THEIRS else file.ours) for file in having)
    return instead(gone.name, ((base, now) for base, now in texts if base and now))
