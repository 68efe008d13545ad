"""What a person can type at a conflict, and what each key decides. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from syncfork.resolve.base import Clash
from syncfork.resolve.marked import line_end
from syncfork.resolve.suggest import Suggestion
from syncfork.resolve.walk import Choice, Pending, Step, side_of

_TYPED = re.compile(r"(\S)(?:[^\S\n]*(\*)(?=\s|$))?(?:\s+(.*))?", re.DOTALL)
# What may be done to many paths at once: it does not depend on what stands in them.
_FOR_ALL = ("ours", "theirs", "absent")


class Typed(Struct, frozen=True):
    """A key, and what was typed after it: the reason for a decision. `everywhere` is true where a `*` follows the key:
    it is meant for all paths like this one."""

    key: str
    rest: str = ""
    everywhere: bool = False


def typed(line: str) -> Typed | None:
    """A typed line; None where it does not begin with a single key."""
    found = _TYPED.fullmatch(line.strip())
    return Typed(found[1], (found[3] or "").strip(), bool(found[2])) if found else None


def for_all(choice: Choice) -> bool:
    """Whether a decision on one path can be taken on others as it is."""
    return choice.take in _FOR_ALL


def choices(step: Step, pending: Pending, suggested: Sequence[Suggestion]) -> dict[str, Choice]:
    """The decisions that need no editor, by their keys."""
    end = line_end(pending.file) if pending.file else "\n"
    found = _of_clash(step.marked.clash, end) if step.marked else _of_path(pending)
    for number, suggestion in enumerate(suggested, start=1):
        if suggestion.text is None:
            found[str(number)] = Choice("absent", by=suggestion.by)
        elif step.marked:
            found[str(number)] = Choice("text", suggestion.text, suggestion.by)
        else:
            found[str(number)] = _as_whole(pending, suggestion)
    return found


def _of_clash(clash: Clash, end: str) -> dict[str, Choice]:
    return {
        "o": Choice("text", clash.ours, "ours"),
        "t": Choice("text", clash.theirs, "theirs"),
        "b": Choice("text", together(clash.ours, clash.theirs, end), "ours, then theirs"),
        "B": Choice("text", together(clash.theirs, clash.ours, end), "theirs, then ours"),
    }


def together(first: str, second: str, end: str = "\n") -> str:
    """Both texts; the first one gets the line end that it may lack at a file's end."""
    return first + (end if first and second and not first.endswith("\n") else "") + second


def _of_path(pending: Pending) -> dict[str, Choice]:
    sides: Mapping[str, Literal["ours", "theirs"]] = {"o": "ours", "t": "theirs"}
    found = {key: Choice(side_of(pending, side), by=side) for key, side in sides.items()}
    found["d"] = Choice("absent", by="deleted")
    if pending.edited:
        found["a"] = Choice("worktree", by="as it is in the worktree")
    return found


def _as_whole(pending: Pending, suggestion: Suggestion) -> Choice:
    """A side where the text is that side's, which keeps what is not text about it too."""
    file = pending.file
    if file and suggestion.text in (file.ours, file.theirs):
        return Choice("ours" if suggestion.text == file.ours else "theirs", by=suggestion.by)
    return Choice("text", suggestion.text or "", suggestion.by)


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
