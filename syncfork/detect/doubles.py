"""What stands twice in one block after the merge: both sides added it, each at a place of its own.

git has no conflict there, and most compilers refuse it; where none does, the first of the two is dead. Lines are read, and
blocks are told by how far they are indented: only what stands more often in one block than on either side is told.
"""

from __future__ import annotations

import re
from collections import defaultdict
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
_CONDITION = re.compile(r"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b")
_CHOICE = re.compile(r"\b(?:switch|when)\b")
_LABEL = re.compile(r"^case\b")
# What may be said of one of two that are both meant to be there.
_ATTRIBUTE = re.compile(r"^(?:@|#!?\[)")
_TELLS_APART = re.compile(r"cfg|overload|setter|deleter|regist|available|dispatch|target|enabled|disabled")


class _Place(Struct, frozen=True):
    """A thing that is once in a block: the block by the headers above it, what the thing is, and `above` what is said of
    it in the lines before, and the conditions that it is compiled under. `certain` where a second one is an error."""

    headers: tuple[str, ...]
    kind: str
    name: str
    above: tuple[str, ...]
    certain: bool


# By where a block begins (a number from 1) and what is once in it, the numbers of the lines that have it.
_Once = Mapping[tuple[int, _Place], Sequence[int]]


class _Double(Struct, frozen=True):
    """What stands in one block at `lines` of the merged text, and at `upstreams` of upstream's."""

    place: _Place
    lines: Sequence[int]
    upstreams: Sequence[int]
    by_both: bool


def find(view: View) -> Iterator[Found]:
    """One finding for all that stands twice in a file, and is an error; one for the rest."""
    for file in view.files:
        if _is_of_both(file) and (forms := forms_of(file.path)):
            found = list(_doubles(file, forms))
            for certain in (True, False):
                if alike := [item for item in found if item.place.certain is certain]:
                    yield _told(file, alike)


def _is_of_both(file: File) -> bool:
    """Whether git put the file together from both sides' changes."""
    sides = file.ours, file.theirs
    if file.merged is None or None in sides or vendored(file.path) or len(file.merged.text) > _LARGEST:
        return False
    return all(side and side.text != file.merged.text for side in sides)


def _doubles(file: File, forms: Sequence[Form]) -> Iterator[_Double]:
    twice = {at: lines for at, lines in _once(file.merged, forms).items() if len(lines) > 1}
    if not twice:
        return
    ours, theirs = _fullest(_once(file.ours, forms)), _fullest(_once(file.theirs, forms))
    told: set[int] = set()
    for (_, place), lines in twice.items():
        mine, yours = ours.get(place, ()), theirs.get(place, ())
        if len(lines) > max(len(mine), len(yours)) and not told.intersection(lines):
            # A line may be of two kinds.
            told.update(lines)
            yield _Double(place, lines, yours, bool(mine and yours))


def _fullest(once: _Once) -> dict[_Place, Sequence[int]]:
    """The lines that have a thing, in the block with most of them out of all that have the same headers."""
    found: dict[_Place, Sequence[int]] = {}
    for (_, place), lines in once.items():
        found[place] = max(found.get(place, ()), lines, key=len)
    return found


def _told(file: File, found: Sequence[_Double]) -> Found:
    first, one = found[0], len(found) == 1
    names = [f"`{item.place.name}`" for item in found]
    what = f"the {first.place.kind} {names[0]} stands" if one else f"{listed(names)} stand"
    again = listed([f"line {number}" for item in found for number in item.lines[1:]])
    it = "it" if one else "them"
    why = (
        f"both sides have {it}, each at a place of its own"
        if first.by_both
        else "git put both sides' lines together"
    )
    cause = next((item for item in found if item.upstreams), None)
    assert file.theirs is not None  # else it would not be of both
    texts = file.theirs.text.split("\n")
    return Found(
        "breakage" if first.place.certain else "decision",
        file.path,
        first.lines[0],
        f"{what} here twice (again in {again}): {why}{'' if first.place.certain else ', and one does nothing any more'}",
        fix=f"keep one of {'the two' if one else 'each two'}, with what both sides have in it",
        upstream=Place(file.theirs.path, cause.upstreams[0]) if cause else None,
        added=tuple(texts[number - 1] for item in found for number in item.upstreams),
        key=" ".join(sorted(names)),
    )


def _once(document: Document | None, forms: Sequence[Form]) -> _Once:
    found: dict[tuple[int, _Place], list[int]] = defaultdict(list)
    for number, line, headers, start, above in _lines(document) if document else ():
        for form in forms:
            for name in form.names(line, headers[-1] if headers else ""):
                found[start, _Place(headers, form.kind, name, above, form.certain)].append(number)
    return found


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
        if condition := _CONDITION.match(whole) if language.block else None:
            _under(conditions, condition[1], whole.strip())
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
