"""What stands twice in one block after the merge: both sides added it, each at a place of its own.

git has no conflict there, and most compilers refuse it; where none does, the first of the two is dead. Lines are read, and
blocks are told by how far they are indented: only what stands more often in one block than on either side is told.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from syncfork.detect.base import File, Found, View, vendored
from syncfork.detect.double_forms import Form, forms_of
from syncfork.detect.name_forms import LONGEST, language_of
from syncfork.report import Place
from syncfork.text import Document
from syncfork.words import listed

# Larger ones are data, or were made.
_LARGEST = 1_000_000
_SECTION = re.compile(r"^(?:public|private|protected|signals|Q_SIGNALS)\b[\w \t]*:$")
_CONDITION = re.compile(r"^#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b")
_CHOICE = re.compile(r"\b(?:switch|when)\b")
_LABEL = re.compile(r"^case\b")
# What may be said of one of two that are both meant to be there.
_ATTRIBUTE = re.compile(r"^(?:@|#!?\[)")
_TELLS_APART = re.compile(r"cfg|overload|setter|deleter|regist|available|dispatch|target|enabled|disabled")


class _Place(Struct, frozen=True):
    """A block, by the headers above it and where the last of them stands, and what is there once. `above` is what is said
    of it in the lines before, and the conditions that it is compiled under."""

    headers: tuple[str, ...]
    start: int
    key: str
    above: tuple[str, ...]


# Headers, key, and what is said above.
_Name = tuple[tuple[str, ...], str, tuple[str, ...]]


class _Once(Struct, frozen=True):
    """Lines of a text by what is there once: the numbers (from 1) of each, and whether the second one is an error."""

    lines: Mapping[_Place, Sequence[int]]
    certain: Mapping[_Place, bool]

    def most(self) -> Counter[_Name]:
        """How often a thing stands in one block at most, by the block's headers: of several the fullest."""
        found: Counter[_Name] = Counter()
        for place, numbers in self.lines.items():
            found[_name(place)] = max(found[_name(place)], len(numbers))
        return found


def _name(place: _Place) -> _Name:
    """What a place is in another text."""
    return place.headers, place.key, place.above


def find(view: View) -> Iterator[Found]:
    """One finding for each thing that stands twice."""
    for file in view.files:
        if _is_of_both(file) and (forms := forms_of(file.path)):
            yield from _doubles(file, forms)


def _is_of_both(file: File) -> bool:
    """Whether git put the file together from both sides' changes."""
    sides = file.ours, file.theirs
    if file.merged is None or None in sides or vendored(file.path) or len(file.merged.text) > _LARGEST:
        return False
    return all(side and side.text != file.merged.text for side in sides)


def _doubles(file: File, forms: Sequence[Form]) -> Iterator[Found]:
    merged, ours, theirs = (_once(side, forms) for side in (file.merged, file.ours, file.theirs))
    twice = {place: numbers for place, numbers in merged.lines.items() if len(numbers) > 1}
    if not twice or file.merged is None:
        return
    mine, yours = ours.most(), theirs.most()
    texts = file.merged.text.split("\n")
    told: set[int] = set()
    for place, numbers in twice.items():
        name = _name(place)
        if len(numbers) <= max(mine[name], yours[name]) or told.intersection(numbers):
            continue
        told.update(numbers)
        kind, _, what = place.key.partition(" ")
        certain = merged.certain[place]
        first, *others = numbers
        where = listed([f"line {number}" for number in others])
        upstreams = next((lines for at, lines in theirs.lines.items() if _name(at) == name), ())
        yield Found(
            "breakage" if certain else "decision",
            file.path,
            first,
            f"the {kind} `{what.removeprefix('case ')}` stands here twice (again in {where}): {_why(mine[name], yours[name])}"
            + ("" if certain else "; one of them does nothing"),
            fix="keep one of them, with what both sides have in it",
            upstream=Place(file.theirs.path, upstreams[0]) if upstreams and file.theirs else None,
            added=tuple(texts[number - 1] for number in numbers),
            key=f"{place.key} {place.headers[-1] if place.headers else ''}",
        )


def _why(mine: int, yours: int) -> str:
    if mine and yours:
        return "both sides have it, each at a place of its own, and git put in both"
    return "git put both sides' lines together"


def _once(document: Document | None, forms: Sequence[Form]) -> _Once:
    found: dict[_Place, list[int]] = defaultdict(list)
    certain: dict[_Place, bool] = {}
    for number, line, headers, start, above in _lines(document) if document else ():
        header = headers[-1] if headers else ""
        for form in forms:
            for key in form.keys(line, header):
                place = _Place(headers, start, key, above)
                found[place].append(number)
                certain[place] = form.certain
    return _Once(found, certain)


def _lines(document: Document) -> Iterator[tuple[int, str, tuple[str, ...], int, tuple[str, ...]]]:
    """Each line of code, by its number (from 1): what it says, the headers that it is under, the number of the last of
    these, and what stands above it: attributes, and the conditions that it is compiled under."""
    language = language_of(document.path)
    assert language is not None  # all that has forms has one
    text = language.block.cleared(document.text) if language.block else document.text
    above: list[tuple[int, int, str]] = []
    choices: list[tuple[int, int, str]] = []
    conditions: list[str] = []
    attributes: list[str] = []
    for number, whole in enumerate(text.split("\n"), start=1):
        line = language.code(whole).strip() if len(whole) <= LONGEST else ""
        if condition := _CONDITION.match(line) if language.block else None:
            _under(conditions, condition[1], line)
        if condition or not line or _SECTION.match(line):
            continue
        if _ATTRIBUTE.match(line):
            attributes += [line] if _TELLS_APART.search(line) else []
            continue
        depth = _depth(whole)
        # A bracket alone belongs to the header above it, unless it stands further in.
        if line in ("{", "(", "[") and above and above[-1][0] == depth:
            continue
        while above and above[-1][0] >= depth:
            above.pop()
        chooses, label = _CHOICE.search(line), _LABEL.match(line)
        # What is as far in as the choice itself may be its end, or that of one of its cases.
        while choices and (choices[-1][0] > depth or (choices[-1][0] == depth and chooses)):
            choices.pop()
        over = [*above]
        if label and choices and (not above or choices[-1][1] > above[-1][1]):
            over.append(choices[-1])
        yield (
            number,
            line,
            tuple(t for _, _, t in over),
            over[-1][1] if over else 0,
            (*attributes, *conditions),
        )
        attributes.clear()
        above.append((depth, number, line))
        if chooses and not label:
            choices.append((depth, number, line))


def _under(conditions: list[str], word: str, line: str) -> None:
    """Go on to the conditions behind a line that begins, changes or ends one."""
    if word in ("endif", "elif", "else") and conditions:
        conditions.pop()
    if word != "endif":
        conditions.append(line)


def _depth(line: str) -> int:
    return len(line[: len(line) - len(line.lstrip())].expandtabs(4))
