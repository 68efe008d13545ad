"""`reformat:` gives a file the form that a program gives it: the fork's formatter, where upstream uses none or another.

So both sides and the merge base come to the same form, and what is left to merge is what they say.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta, Struct

from syncfork.programs import FailedError, rewritten
from syncfork.rewrite.base import Action, Fork, Plan, Problem, Step, WrittenStep
from syncfork.text import Document, Edit, apart

# So many characters of texts are remembered.
_REMEMBERED = 200_000_000


class Reformat(WrittenStep, frozen=True):
    """The program is run with the names of files behind it, which it writes anew; running it again changes nothing."""

    reformat: Annotated[
        tuple[Annotated[str, Meta(min_length=1)], ...],
        Meta(
            min_length=1,
            description="The program and its arguments: [black, --quiet]. Names of files are put behind them.",
        ),
    ]
    reads: Annotated[
        tuple[Annotated[str, Meta(min_length=1)], ...],
        Meta(description="Files of the fork's that the program reads: [pyproject.toml]."),
    ] = ()

    def __post_init__(self) -> None:
        for path in self.reads:
            if path.startswith("/") or ".." in path.split("/"):
                raise ValueError(f"`reads` names files from the repository's root, and {path} is none")

    def action(self) -> Action:
        """See the base class."""
        return ReformatAction(self.reformat, self.reads)


class ReformatAction(Struct, frozen=True):
    """The compiled form of `Reformat`; `beside` are the contents of what it `reads`, by path."""

    command: tuple[str, ...]
    reads: tuple[str, ...] = ()
    beside: tuple[tuple[str, bytes], ...] = ()

    def plan(self, document: Document, fork: Fork) -> Plan | Problem:  # noqa: ARG002 - nothing is carried
        """See `Action`."""
        if not document.text.strip():
            return Plan(done=1)
        if len(self.beside) < len(self.reads):
            return Problem("refused", f"what {', '.join(self.reads)} says is not known here")
        key = self._key(document)
        if key not in _known:
            self._ask([document])
        made = _known[key]
        if isinstance(made, FailedError):
            return Problem("refused", str(made))
        if "\r\n" not in document.text:
            # What ends the file's lines is not the program's to say: it was given a text whose lines end with LF.
            made = made.replace("\r\n", "\n")
        edits = _edits(document.text, made)
        return Plan(edits, todo=1) if edits else Plan(done=1)

    def _ask(self, documents: Iterable[Document]) -> list[Document]:
        """Have the program work on all texts that it was not asked about; those that it made."""
        new = {self._key(each): each for each in documents if each.text.strip()}
        for key in new.keys() & _known.keys():
            del new[key]
        if not new:
            return []
        if sum(len(text) for (_, _, _, text) in _known) > _REMEMBERED:
            _known.clear()
        made = rewritten(self.command, dict(self.beside), [(each.path, each.text) for each in new.values()])
        _known.update(zip(new, made, strict=True))
        pairs = zip(new.values(), made, strict=True)
        return [Document(each.path, text) for each, text in pairs if isinstance(text, str)]

    def _key(self, document: Document) -> _Key:
        return self.command, self.beside, document.path.rpartition(".")[2], document.text


# A program, what it reads, the ending of a name, a text.
_Key = tuple[tuple[str, ...], tuple[tuple[str, bytes], ...], str, str]
_known: dict[_Key, str | FailedError] = {}


def made_ready(asked: Iterable[tuple[Step, Document]]) -> None:
    """Ask the programs of steps about many texts at once, and about what they make of them: one by one would take the
    start of a process for each. Steps that run none are passed over. Raises SyncforkError where one cannot be run."""
    by_action: dict[ReformatAction, list[Document]] = {}
    for step, document in asked:
        if isinstance(step.action, ReformatAction):
            by_action.setdefault(step.action, []).append(document)
    for action, documents in by_action.items():
        action._ask(action._ask(documents))


def _edits(old: str, new: str) -> tuple[Edit, ...]:
    """What leads from one text to the other: the lines between those that both begin and end with."""
    if old == new:
        return ()
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    start, end = apart(before, after)
    tail = len(before) - end
    first, last = sum(map(len, before[:start])), sum(map(len, before[:end]))
    return (Edit(first, last, "".join(after[start : len(after) - tail])),)
