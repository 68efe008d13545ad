"""Names that are used, and that nothing defines any more: one side took the definition out, the other's lines use it.

Git merges both, and what is built from it stops, if only where it runs. Said of a name only if the side that took it out
has it nowhere at all: then no other definition can be meant.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Literal

from msgspec import Struct

from syncfork.detect.base import File, Found, View, vendored
from syncfork.detect.lines import beyond
from syncfork.detect.name_forms import Language, defined, language_of
from syncfork.report import Place
from syncfork.text import Document
from syncfork.words import also, listed

# Shorter ones are variables, too.
_SHORTEST = 5
# So many files tell what took a name's place.
_ASKED = 40
_WORD = re.compile(r"\w+")
# What is told of a name in prose is no use of it.
_PROSE = [f":!*.{ending}" for ending in ("md", "markdown", "rst", "adoc", "txt")]
_Side = Literal["ours", "theirs"]
_OURS: _Side = "ours"
_THEIRS: _Side = "theirs"


class _Gone(Struct, frozen=True):
    """A name that `was`, a text of the merge base, defined, and that the side `by` took out. Or one that the other side
    alone defines, in `was`, and that was `dropped` from the merged tree; `by` has it not."""

    name: str
    by: _Side
    was: Document
    dropped: bool = False

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
    files = [file for file in view.files if language_of(file.path) and not vendored(file.path)]
    gone = _gone(files)
    words = _Words(gone.keys())
    for name in _kept(files, gone, words):
        del gone[name]
    uses = _uses(files, gone, words) if gone else {}
    left = [gone[name] for name in uses]
    standing = {side: _standing(view, side, [i for i in left if i.by == side]) for side in (_OURS, _THEIRS)}
    together: dict[tuple[str, str, str, bool], list[_Gone]] = defaultdict(list)
    for item in left:
        if item.name not in standing[item.by]:
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
                lost = _lost(file.base, now)
                found[by] |= {name: _Gone(name, by, file.base) for name in lost}
            if other and file.merged and other is not file.base:
                new = _lost(other, file.merged) - defined(file.base)
                found[by] |= {name: _Gone(name, by, other, dropped=True) for name in new}
    # What both sides took out, both do without.
    ours, theirs = found[_OURS], found[_THEIRS]
    return {name: ours.get(name) or theirs[name] for name in ours.keys() ^ theirs.keys()}


def _lost(before: Document, after: Document | None) -> set[str]:
    """The names that lines of one text define which another has not, and that no line of that one defines."""
    if after and after.text == before.text:
        return set()
    kept = set(after.text.split("\n")) if after else set()
    lines = "\n".join(line for line in before.text.split("\n") if line not in kept)
    names = {name for name in defined(Document(before.path, lines)) if len(name) >= _SHORTEST}
    return names - defined(after) if names else names


def _kept(files: Iterable[File], gone: Mapping[str, _Gone], words: _Words) -> set[str]:
    """Those of the names that the merged tree defines, and those that the side which took them out of one file has in
    another. What becomes of a file in conflict is not known yet."""
    found: set[str] = set()
    for file in files:
        for document in (file.ours, file.theirs) if file.conflicted else (file.merged,):
            if words.of(document) - found:
                found |= words.of(document) & defined(document)
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
    first."""
    found: dict[str, list[_Use]] = defaultdict(list)
    for file in files:
        language = language_of(file.path)
        names = {n for n in words.of(file.merged) & gone.keys() if gone[n].language is language}
        if file.merged is None or language is None or not names:
            continue
        names = {name for name in names if not _of_its_own(name, file.merged, language)}
        own: Mapping[_Side, frozenset[int]] = {_THEIRS: file.fork_lines, _OURS: file.new_lines}
        lines = file.merged.text.split("\n")
        for number in sorted(own[_THEIRS] | own[_OURS]) if names else ():
            code = language.code(lines[number - 1])
            for name in sorted(names.intersection(_WORD.findall(code))):
                if number in own[gone[name].by]:
                    use = _Use(file.path, number, lines[number - 1], _certain(gone[name], code))
                    found[name].append(use)
    return {name: sorted(uses, key=lambda use: not use.certain) for name, uses in found.items()}


def _certain(gone: _Gone, code: str) -> bool:
    """Whether a name stands by itself, or is one of the same object's, or a function of a package."""
    by_itself = rf"(?:^|[^\w.]|\b(?:self|this|super)\??\.){re.escape(gone.name)}\b"
    return bool(re.search(by_itself, code)) or _definition(gone)[1].startswith(f"func {gone.name}")


def _of_its_own(name: str, document: Document, language: Language) -> bool:
    """Whether a text gives the name a meaning of its own: a variable, a parameter, a key."""
    word = re.escape(name)
    forms = [
        rf"\b{word}[ \t]*(?::?=(?![=>~])|:(?!:)|[ \t]in\b)",
        rf"\|[^|\n]*\b{word}\b[^|\n]*\|",
        rf"\b(?:def|function|func|fn|fun)\b[^(\n]*\([^)\n]*\b{word}\b",
        *(form.replace("NAME", word) for form in language.declares),
    ]
    return any(re.search(form, document.text) for form in forms)


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
    places = dict.fromkeys(f"{use.path}:{use.line}" for use in uses)
    verb, it = ("is", "it") if len(gone) == 1 else ("are", "them")
    by_theirs, sides = item.by == _THEIRS, ("upstream", "the fork")
    whose, other = sides if by_theirs else sides[::-1]
    instead = "" if item.dropped or len(gone) > 1 else _instead(item, files, words)
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
        f"{listed([f'`{name}`' for name in names])} {verb} used here{also(list(places)[1:])}, and defined nowhere any more: {why}"
        + (f"; in its place it has `{instead}`" if instead else ""),
        fix=f"use `{instead}`, if that does the same; else {fix}" if instead else fix,
        # Who took it out, or else who brought the line that uses it.
        upstream=_cause(item, first, line),
        added=() if by_theirs else (first.text,),
        removed=(text,) if by_theirs and not item.dropped else (),
        names=() if by_theirs else tuple(names),
        key=" ".join(sorted(names)),
    )


def _cause(gone: _Gone, use: _Use, line: int) -> Place | None:
    if gone.by == _OURS:
        return Place(use.path, use.line)
    return None if gone.dropped else Place(gone.was.path, line)


@lru_cache(maxsize=1024)
def _definition(gone: _Gone) -> tuple[int, str]:
    """The line (from 1) that defines the name."""
    for found in gone.language.forms.finditer(gone.was.text) if gone.language else ():
        if found[found.lastindex or 0] == gone.name:
            number = gone.was.text.count("\n", 0, found.end())
            return number + 1, gone.was.text.split("\n")[number]
    return 1, ""


def _instead(gone: _Gone, files: Iterable[File], words: _Words) -> str:
    """The name that the side which took one out wrote in its place, in lines that are the same for the rest; empty where
    there is no such line."""
    word = re.compile(rf"\b{re.escape(gone.name)}\b")
    votes: Counter[str] = Counter()
    for file in islice((file for file in files if gone.name in words.of(file.base)), _ASKED):
        now = file.theirs if gone.by == _THEIRS else file.ours
        if not file.base or not now:
            continue
        lines = beyond(now.text, file.base.text).values()
        for line in filter(word.search, beyond(file.base.text, now.text).values()):
            before, _, after = line.strip().partition(gone.name)
            form = re.compile(rf"{re.escape(before)}([A-Za-z_]\w*){re.escape(after)}")
            votes.update({found[1] for other in lines if (found := form.fullmatch(other.strip()))})
    return votes.most_common(1)[0][0] if votes else ""
