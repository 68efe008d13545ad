"""A path in conflict as texts, and what can answer it. Pure: no git, no files, no clock.

Texts are git's bytes decoded as UTF-8 with surrogate escapes, so that whatever was in the file comes through.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

from syncfork.parsing.sources import broken
from syncfork.text import Document

Side = Literal["ours", "theirs"]


class Clash(Struct, frozen=True):
    """One region that both sides changed: its lines in the merge base, in ours and in theirs, line ends included."""

    base: str
    ours: str
    theirs: str


class Disputed(Struct, frozen=True):
    """A path in conflict, of the `kind` that git names ("contents", "modify/delete", "add/add", ...).

    `base`, `ours` and `theirs` are the whole texts, None where that side has no such file. `parts` is git's merge
    of them: text that is settled, and a Clash wherever it stopped; empty where there is nothing to merge line by
    line (a side is missing, or the content is binary).
    """

    path: str
    kind: str
    base: str | None
    ours: str | None
    theirs: str | None
    parts: tuple[str | Clash, ...] = ()

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """The regions that are to be answered, in the order of the text."""
        return tuple(part for part in self.parts if isinstance(part, Clash))

    def taking(self, side: Side) -> str:
        """git's merge with one side's lines in every clash."""
        return self.answered([getattr(clash, side) for clash in self.clashes])

    def answered(self, texts: Sequence[str]) -> str:
        """git's merge with one text in the place of each clash."""
        rest = iter(texts)
        return "".join(part if isinstance(part, str) else next(rest) for part in self.parts)


class Answer(Struct, frozen=True):
    """How a clash, or a whole path, is resolved: its text (None: the path goes), `by` whom, and `why` in a sentence
    for the report. `doubt` is for a person: what speaks against it."""

    text: str | None
    by: str
    why: str
    doubt: str = ""


class Source(Protocol):
    """Something that resolves conflicts: a memory of resolutions, a resolver, what was learned from the past.

    A source that is not sure says nothing. It never raises for what a text holds.
    """

    def whole(self, file: Disputed) -> Answer | None:
        """The whole path's answer, which then needs no answers for its clashes."""

    def clash(self, file: Disputed, number: int) -> Answer | None:
        """The answer for `file.clashes[number]`; its text is not None."""


class Resolved(Struct, frozen=True):
    """A path after its sources were asked. `answers` are by clash, under None for the path as a whole."""

    file: Disputed
    answers: dict[int | None, Answer]

    @property
    def complete(self) -> bool:
        """True where nothing of the path is left for a person."""
        return None in self.answers or len(self.answers) == len(self.file.clashes) > 0

    @property
    def text(self) -> str | None:
        """The resolved text; None where the path goes. Only for a complete one."""
        if None in self.answers:
            return self.answers[None].text
        return self.file.answered(
            [self.answers[number].text or "" for number in range(len(self.file.clashes))]
        )


def resolve(file: Disputed, sources: Sequence[Source]) -> Resolved:
    """Ask the sources in their order, first for the path as a whole, then for each clash; the first answer counts.

    Where both sides parse and what comes of the answers does not, they are halves of two changes, and none of them counts.
    """
    found = _asked(file, sources)
    return Resolved(file, {}) if found.complete and breaks(file, found.text) else found


def breaks(file: Disputed, text: str | None) -> bool:
    """Whether a text that is to become the file does not parse, though both sides do."""
    sides = (file.ours, file.theirs)
    if text is None or text in sides or file.ours is None or file.theirs is None:
        return False
    return bool(broken(Document(file.path, text), [Document(file.path, side or "") for side in sides]))


def breaks_at(file: Disputed, number: int, text: str | None) -> bool:
    """Whether the file does not parse with a text for its conflict `number`, whichever side the others are settled by."""
    if text is None or text in (file.clashes[number].ours, file.clashes[number].theirs):
        return False
    sides: tuple[Side, ...] = ("ours", "theirs")
    mixed = (
        [text if n == number else getattr(clash, side) for n, clash in enumerate(file.clashes)]
        for side in sides
    )
    return all(breaks(file, file.answered(texts)) for texts in mixed)


def _asked(file: Disputed, sources: Sequence[Source]) -> Resolved:
    for source in sources:
        if whole := source.whole(file):
            return Resolved(file, {None: whole})
    answers: dict[int | None, Answer] = {}
    for number in range(len(file.clashes)):
        answer = next((found for source in sources if (found := source.clash(file, number))), None)
        if answer:
            answers[number] = answer
    return Resolved(file, answers)
