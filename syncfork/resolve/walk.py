"""The way through what a merge left for a person, one decision after another, as values. Pure.

A file is made of its decisions once all of its conflicts have one; until then nothing of it changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from syncfork.git.objects import Entry
from syncfork.resolve.base import Clash, Disputed, Side
from syncfork.resolve.diff3 import changes
from syncfork.resolve.lines import lines_of
from syncfork.resolve.marked import Marked, line_end
from syncfork.resolve.resolution import keys_of, path_key

# What is done about a conflict: a text is put in its place, or the path becomes that of a side, goes, or is taken
# as it is in the worktree.
Take = Literal["text", "ours", "theirs", "absent", "worktree"]

# So many lines before and behind a conflict tell where it was.
_AROUND = 3
_SIDES: tuple[Side, ...] = ("ours", "theirs")
# A path, and which of its conflicts.
Place = tuple[str, str]


class Choice(Struct, frozen=True):
    """A person's decision. `by` says in a few words how it came about; `remember` is false where it is not to be
    written down for later merges. `rule` is the file of the one that was written for it, if any. `oid` is the id of the
    content that a file with conflicts in it becomes where it is taken whole from a side. `suggested` tells that it is as
    `by` suggested. `around` are the lines that meet where the text is nothing."""

    take: Take
    text: str = ""
    by: str = ""
    reason: str = ""
    remember: bool = True
    rule: str = ""
    oid: str = ""
    suggested: bool = False
    around: str = ""


class Pending(Struct, frozen=True, dict=True):
    """A path that is unmerged in the index. `file` holds its texts, None where they are none; `parts` the file as it
    is in the worktree, empty where there is nothing to go through line by line.

    `stages` are the index's (1 base, 2 ours, 3 theirs), `links` by stage what links point to, `mode` is the file's
    when it is resolved, `seen` the id of the content that the worktree had, empty where there was no such file, and
    `edited` tells that a person changed it. `named` is true where both sides have a file of this name. `successor` is where
    upstream may have gone on with a path that it deleted.
    """

    path: str
    kind: str
    file: Disputed | None
    parts: tuple[str | Marked, ...]
    stages: Mapping[int, Entry]
    mode: str
    seen: str = ""
    edited: bool = False
    named: bool = True
    successor: str = ""
    links: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def line_end(self) -> str:
        """What its lines end with."""
        return line_end(self.file) if self.file else "\n"

    @property
    def takes_whole(self) -> bool:
        """True where it can become a side's whole file in place of its conflicts: no work of a person's own goes with them,
        and both sides have it under this name."""
        return bool(self.marked) and not self.edited and self.named and {2, 3} <= self.stages.keys()

    @cached_property
    def beside(self) -> Mapping[str, int]:
        """By side, how many places the other side changed outside the conflicts: where the file is taken whole from
        that side, they go."""
        return {side: len(changes(mixed, alone)) for side, mixed, alone in self._taken()}

    @cached_property
    def lines_beside(self) -> Mapping[str, int]:
        """By side, how many lines of the other's go with these places."""
        return {side: (Counter(mixed) - Counter(alone)).total() for side, mixed, alone in self._taken()}

    def _taken(self) -> Iterator[tuple[Side, list[str], list[str]]]:
        """Each side with the file's lines where its conflicts are taken from that side, and with the side's own ones."""
        if (file := self.file) is None:
            return
        for side in _SIDES:
            yield side, lines_of(file.taking(side)), lines_of(getattr(file, side) or "")

    @property
    def marked(self) -> tuple[Marked, ...]:
        """The conflicts that are still marked in the file."""
        return tuple(part for part in self.parts if isinstance(part, Marked))

    @property
    def settled(self) -> bool:
        """True where a person has taken every marker out already."""
        return self.edited and bool(self.file and self.file.clashes) and not self.marked


class Step(Struct, frozen=True):
    """One conflict to decide on: `marked` in its file, with the line it begins at; None for a path as a whole."""

    path: str
    key: str
    marked: Marked | None = None
    line: int = 1

    @property
    def place(self) -> Place:
        """What tells it from the others, in this run and the next."""
        return self.path, self.key

    @property
    def file(self) -> Place:
        """The path as a whole, which may be decided on in place of its conflicts."""
        return self.path, path_key(self.path)


def steps_of(pending: Pending) -> tuple[Step, ...]:
    """What is to be decided on in a path: its marked conflicts in order, else the path as a whole."""
    found: list[Step] = []
    clashes = pending.file.clashes if pending.file else ()
    # A conflict is numbered among all of the file's, also those that a person has taken the markers out of since: its
    # decision is not to pass to the next one like it. What was changed between its markers is numbered behind these.
    keys = keys_of((*clashes, *(marked.clash for marked in pending.marked if marked.number is None)))
    changed = iter(keys[len(clashes) :])
    line = 1
    for part in pending.parts:
        if isinstance(part, str):
            line += part.count("\n")
            continue
        key = next(changed) if part.number is None else keys[part.number]
        found.append(Step(pending.path, key, part, line))
        line += _lines(part.clash)
    return tuple(found) or (Step(pending.path, path_key(pending.path)),)


def steady_keys(pending: Pending) -> frozenset[str]:
    """The keys that stand for the same conflict however a person edits the file: those of conflicts that no other one
    of it is like. A decision on the path as a whole was about the file as it was."""
    keys = keys_of(pending.file.clashes if pending.file else ())
    return frozenset(key for key in keys if f"{key.rpartition('-')[0]}-1" not in keys)


def _lines(clash: Clash) -> int:
    """How many lines a clash takes with its markers."""
    sides = (clash.ours, clash.theirs)
    return 3 + sum(side.count("\n") + bool(side and not side.endswith("\n")) for side in sides)


class Walk(Struct, frozen=True, dict=True):
    """Where one stands: the paths that are left, the decisions, and what is passed over in this run. `landed` counts
    the decisions of this run whose files are done."""

    files: tuple[Pending, ...]
    choices: Mapping[Place, Choice] = field(default_factory=dict)
    skipped: frozenset[Place] = frozenset()
    landed: int = 0

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every conflict of the files that are left, decided or not."""
        return tuple(step for pending in self.files for step in steps_of(pending))

    @property
    def left(self) -> tuple[Step, ...]:
        """The conflicts without a decision."""
        wholes = {path for (path, _), choice in self.choices.items() if choice.oid}
        return tuple(
            step for step in self.steps if step.place not in self.choices and step.path not in wholes
        )

    @property
    def current(self) -> Step | None:
        """The conflict to ask about next."""
        return next((step for step in self.left if step.place not in self.skipped), None)

    @property
    def position(self) -> tuple[int, int]:
        """The current step's number from 1, and how many there are, with those that are done."""
        at = self.steps.index(self.current) if self.current else len(self.steps)
        return self.landed + at + 1, self.landed + len(self.steps)

    @property
    def ready(self) -> tuple[Pending, ...]:
        """The paths all of whose conflicts are decided."""
        open_paths = {step.path for step in self.left}
        return tuple(pending for pending in self.files if pending.path not in open_paths)

    def pending(self, path: str) -> Pending:
        """The path as it was found."""
        return self._by_path[path]

    @cached_property
    def _by_path(self) -> dict[str, Pending]:
        return {pending.path: pending for pending in self.files}

    def like(self, step: Step) -> tuple[Step, ...]:
        """`step`, and the others like it that are to be decided on: the conflicts of its file; where it is about a path as
        a whole, such ones in its folder of which the same is in conflict."""
        others = (each for each in self.left if each.place != step.place and each.place not in self.skipped)
        if step.marked:
            return (step, *(other for other in others if other.path == step.path))
        wanted = _likeness(self.pending(step.path))
        wholes = (other for other in others if other.marked is None)
        return (step, *(other for other in wholes if _likeness(self.pending(other.path)) == wanted))

    def choose(self, chosen: Collection[tuple[Step, Choice]]) -> Walk:
        """The walk with decisions more. One that is no text is about the path as a whole, in the place of all others."""
        more = {
            step.place if choice.take == "text" and step.marked else step.file: self._with_lines_around(
                step, choice
            )
            for step, choice in chosen
        }
        wholes = {step.path for step, _ in chosen if step.file in more}
        kept = {place: choice for place, choice in self.choices.items() if place[0] not in wholes}
        return replace(self, choices={**kept, **more})

    def _with_lines_around(self, step: Step, choice: Choice) -> Choice:
        """A choice of nothing with the settled lines around it, by which it is found again."""
        if choice.text or choice.take != "text" or step.marked is None:
            return choice
        parts = self.pending(step.path).parts
        at = next(number for number, part in enumerate(parts) if part is step.marked)
        before, after = (
            lines_of(part) if isinstance(part, str) else [] for part in (parts[at - 1], parts[at + 1])
        )
        return replace(choice, around="".join([*before[-_AROUND:], *after[:_AROUND]]))

    def skip(self, step: Step) -> Walk:
        """The walk that asks about `step` no more in this run."""
        return replace(self, skipped=self.skipped | {step.place})

    def without(self, paths: Collection[str]) -> Walk:
        """The walk after `paths` were done."""
        kept = tuple(pending for pending in self.files if pending.path not in paths)
        return replace(self, files=kept, landed=self.landed + len(self.steps) - _steps_in(kept))


def _likeness(pending: Pending) -> tuple[str, str, frozenset[int], str | None]:
    """What paths have to have in common to be decided on at once; what a person made of one is seen only there."""
    made = pending.seen if pending.edited else None
    return pending.path.rpartition("/")[0], pending.kind, frozenset(pending.stages), made


def _steps_in(files: tuple[Pending, ...]) -> int:
    return sum(len(steps_of(pending)) for pending in files)


def outcome(walk: Walk, pending: Pending) -> Choice:
    """What becomes of a path all of whose conflicts are decided: its whole text, or whose path it is."""
    steps = steps_of(pending)
    if whole := walk.choices.get(steps[0].file):
        return whole
    texts = iter([walk.choices[step.place].text for step in steps])
    return Choice("text", "".join(part if isinstance(part, str) else next(texts) for part in pending.parts))


def side_of(pending: Pending, side: Side) -> Take:
    """Taking a side of a path that this side has deleted is to delete it."""
    return side if (2 if side == "ours" else 3) in pending.stages else "absent"
