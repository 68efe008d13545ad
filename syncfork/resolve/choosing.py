"""What a person can type at a conflict, and what each key decides. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from syncfork.resolve.additions import between
from syncfork.resolve.base import Clash, Side, breaks_at
from syncfork.resolve.lines import lines_of
from syncfork.resolve.marked import Marked
from syncfork.resolve.suggest import Suggestion
from syncfork.resolve.walk import Choice, Pending, Step, side_of

_TYPED = re.compile(r"(\S)(?:[^\S\n]*(\*)(?=\s|$))?(?:\s+(.*))?", re.DOTALL)
# What may be done to many conflicts at once: it does not depend on what stands in them.
_FOR_ALL = ("ours", "theirs", "absent")
_ALONE, _BOTH = ("ours", "theirs"), ("ours, then theirs", "theirs, then ours")
_BY_SIDES = (*_ALONE, *_BOTH)


class Typed(Struct, frozen=True):
    """A key, and what was typed after it: the reason for a decision. `everywhere` is true where a `*` follows the key:
    it is meant for all conflicts like this one."""

    key: str
    rest: str = ""
    everywhere: bool = False


def typed(line: str) -> Typed | None:
    """A typed line; None where it does not begin with a single key."""
    found = _TYPED.fullmatch(line.strip())
    return Typed(found[1], (found[3] or "").strip(), bool(found[2])) if found else None


def for_all(step: Step, choice: Choice) -> bool:
    """Whether a decision on one conflict can be taken on others like it."""
    return choice.by in _BY_SIDES if step.marked else choice.take in _FOR_ALL


def likewise(choice: Choice, step: Step, pending: Pending) -> Choice:
    """The same decision on another step: of a conflict in a file the text is its own."""
    if step.marked is None or choice.take != "text":
        return choice
    ends = ends_between(pending, step.marked) if choice.by in _BOTH else ""
    return replace(choice, text=_text(choice.by, step.marked.clash, ends, pending.line_end))


def choices(step: Step, pending: Pending, suggested: Sequence[Suggestion]) -> dict[str, Choice]:
    """The decisions that need no editor, by their keys."""
    found = _of_path(pending)
    if step.marked:
        found = {**_of_clash(pending, step.marked), **_of_file(pending)}
    for number, suggestion in enumerate(suggested, start=1):
        choice = _as_suggested(step, pending, suggestion)
        found[str(number)] = replace(choice, by=suggestion.by, suggested=True)
    return found


def _as_suggested(step: Step, pending: Pending, suggestion: Suggestion) -> Choice:
    if suggestion.text is None:
        return Choice("absent")
    if suggestion.whole:
        of_file = _of_file(pending)
        return of_file["O" if pending.file and suggestion.text == pending.file.ours else "T"]
    return Choice("text", suggestion.text) if step.marked else _as_whole(pending, suggestion)


def _of_clash(pending: Pending, marked: Marked) -> dict[str, Choice]:
    ends = ends_between(pending, marked)
    return {
        key: Choice("text", _text(by, marked.clash, ends, pending.line_end), by)
        for key, by in zip("otbB", _BY_SIDES, strict=True)
    }


def _text(by: str, clash: Clash, ends: str, end: str) -> str:
    """What a conflict becomes by one of `_BY_SIDES`; `ends` stand between both texts."""
    if by in _ALONE:
        return clash.ours if by == _ALONE[0] else clash.theirs
    first, second = (clash.ours, clash.theirs) if by == _BOTH[0] else (clash.theirs, clash.ours)
    return together(together(first, ends, end), second, end)


def ends_between(pending: Pending, marked: Marked) -> str:
    """What has to stand between both texts of a conflict, since both end with it and git left it out: without it the file
    would not parse, and with it does. Empty where there is no such thing."""
    file, clash, end = pending.file, marked.clash, pending.line_end
    if file is None or marked.number is None:
        return ""
    if not breaks_at(file, marked.number, together(clash.ours, clash.theirs, end)):
        return ""
    ends = between(file, clash)
    whole = together(together(clash.ours, ends, end), clash.theirs, end)
    return ends if ends and not breaks_at(file, marked.number, whole) else ""


def _of_file(pending: Pending) -> dict[str, Choice]:
    """The whole file of a side, in place of its conflicts."""
    if not pending.takes_whole:
        return {}
    return {
        "O": Choice("ours", by="the file of ours", oid=pending.stages[2].oid),
        "T": Choice("theirs", by="the file of theirs", oid=pending.stages[3].oid),
    }


def together(first: str, second: str, end: str = "\n") -> str:
    """Both texts; the first one gets the line end that it may lack at a file's end."""
    return first + (end if first and second and not first.endswith("\n") else "") + second


def _of_path(pending: Pending) -> dict[str, Choice]:
    sides: Mapping[str, Side] = {"o": "ours", "t": "theirs"}
    found = {key: Choice(side_of(pending, side), by=side) for key, side in sides.items()}
    found["d"] = Choice("absent", by="deleted")
    if pending.edited:
        found["a"] = Choice("worktree", by="as it is in the worktree")
    return found


def _as_whole(pending: Pending, suggestion: Suggestion) -> Choice:
    """A side where the text is that side's, which keeps what is not text about it too."""
    file = pending.file
    if file and suggestion.text in (file.ours, file.theirs):
        return Choice("ours" if suggestion.text == file.ours else "theirs")
    return Choice("text", suggestion.text or "")


def dropped(clash: Clash, taken: Side) -> int:
    """How many lines that the other side added, or wrote anew, one goes without who takes a side alone."""
    there, here = (clash.theirs, clash.ours) if taken == "ours" else (clash.ours, clash.theirs)
    before, after, kept = (Counter(lines_of(text)) for text in (clash.base, there, here))
    return (after - before - (kept - before)).total()


def same_as(text: str | None, clash: Clash) -> str:
    """What a suggestion is in short, where it is nothing of its own."""
    known = {
        together(clash.theirs, clash.ours): "theirs, then ours",
        together(clash.ours, clash.theirs): "ours, then theirs",
        clash.base: "the merge base's",
        clash.theirs: "theirs",
        clash.ours: "ours",
    }
    return known.get(text, "") if text is not None else ""
