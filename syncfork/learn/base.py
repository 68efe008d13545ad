"""What learners read, and what they propose. Pure: texts and decisions, no git, no files, no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal, Protocol

from msgspec import Struct, field

from syncfork.evidence import HOLDS
from syncfork.globs import folders_above
from syncfork.resolve.base import Disputed
from syncfork.siblings import Siblings

# What a merge made of a path that upstream had changed, held against both sides: "ours" where the fork's state
# stayed (absence included), "theirs" where upstream's was taken, "merged" where it is neither.
Took = Literal["ours", "theirs", "merged"]


class Passage(Struct, frozen=True):
    """Upstream's change of one path, as one merge met it, and what was decided: where the fork had no change of its own,
    taking upstream's is no decision. `merge` is the merge's number, the oldest 0; `kind` is git's name for the
    conflict, empty where there was none; `gone` tells that the fork had deleted the file, where git had a conflict."""

    merge: int
    took: Took
    kind: str = ""
    gone: bool = False


class Dispute(Struct, frozen=True):
    """A path in conflict with its texts, and what people committed: None where they deleted it."""

    merge: int
    file: Disputed
    committed: str | None


class PastMerge(Struct, frozen=True):
    """A merge that brought upstream in: its commit, the merge base (the first of several), the fork's and upstream's
    parent. `when` is the day it was committed on; `touched` are paths of the fork's own that it changed itself, `moved`
    those of `Past.sources` that upstream had changed, `left_out` and `let_in` those that upstream had added below one of
    `Past.emptied` or `Past.siblings`, by what the merge did with them; `had` are the files that the fork's parent had
    where `Past.siblings` have none now."""

    commit: str
    when: date
    base: str = ""
    ours: str = ""
    theirs: str = ""
    touched: frozenset[str] = frozenset()
    moved: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    let_in: frozenset[str] = frozenset()
    had: frozenset[str] = frozenset()


class OwnChange(Struct, frozen=True):
    """A path that the fork's tip has other than the merge base; `base` and `ours` are texts, None where there is no
    such file. `was` is the base's name of a path that the fork moved."""

    path: str
    base: str | None
    ours: str | None
    was: str = ""


class Past(Struct, frozen=True):
    """All that learners read: the merges, oldest first; by path what each made of upstream's change, and the newest
    disputes, both oldest first; how the fork's tip differs from its merge base with upstream; the paths that upstream's
    last merged state has; of those the texts that files of the fork's own may be copies of; the folders out of which it
    took files and has none left; those that it emptied beside each other; the merges whose conflicts cannot be read; and of
    the others how many paths were in conflict, without those that were committed with conflict markers, and how many those
    were."""

    merges: tuple[PastMerge, ...]
    passages: Mapping[str, tuple[Passage, ...]]
    disputes: Mapping[str, tuple[Dispute, ...]]
    own: Mapping[str, OwnChange]
    upstream: frozenset[str] = frozenset()
    sources: Mapping[str, str] = field(default_factory=dict)
    emptied: frozenset[str] = frozenset()
    siblings: tuple[Siblings, ...] = ()
    unreadable: tuple[str, ...] = ()
    conflicted: int = 0
    markers: int = 0


def below(path: str, folders: Collection[str]) -> bool:
    """Whether one of the folders holds the path."""
    return any(folder in folders for folder in folders_above(path))


class Reference(Struct, frozen=True):
    """A path of a merge, as `COMMIT:PATH`."""

    commit: str
    path: str

    def __str__(self) -> str:
        return f"{self.commit[:12]}:{self.path}"


class Evidence(Struct, frozen=True):
    """What a proposal rests on: the places where people did what it says, newest first, and those where they did
    not. `last` is the day of the newest merge that bears it out."""

    bearing: tuple[Reference, ...]
    against: tuple[Reference, ...]
    last: date

    @property
    def until(self) -> date:
        """The day until which it holds without another look."""
        return self.last + HOLDS


class Score(Struct, frozen=True):
    """How the paths in conflict of past merges come out: as people committed them, otherwise, or left to a person;
    `added` are paths that need a person only because of the rule, and `spoiled` those that git merges as people did
    and the rule does not."""

    same: int = 0
    different: int = 0
    left: int = 0
    added: int = 0
    spoiled: int = 0

    @property
    def resolved(self) -> int:
        """How many came out without a person."""
        return self.same + self.different


class Proposal(Struct, frozen=True):
    """A rule that somebody may want, as the plain data of a rule file, and the `paths` that it governs, as far as the
    past has them. `learner` names who proposes it; `refused` says why it is not proposed after all, empty where it is.
    Of several with the same `choice` the best one stands."""

    learner: str
    rule: Mapping[str, Any]
    paths: tuple[str, ...]
    evidence: Evidence
    score: Score | None = None
    refused: str = ""
    choice: str = ""

    @property
    def id(self) -> str:
        """The rule's name."""
        return str(self.rule["id"])

    @property
    def files(self) -> tuple[str, ...]:
        """The patterns of its rule."""
        return tuple(self.rule["files"])

    @property
    def rewrites(self) -> bool:
        """Whether it edits texts, and not paths as a whole."""
        return "rewrite" in self.rule


class Learner(Protocol):
    """Reads the past and proposes; one that is not sure says nothing."""

    def __call__(self, past: Past) -> Iterator[Proposal]:
        """The proposals, in any order."""
        ...


class Ledger(Struct):
    """Collects evidence: which places bear a decision out, and which do not."""

    merges: Sequence[PastMerge]
    bearing: list[tuple[int, str]] = field(default_factory=list)
    against: list[tuple[int, str]] = field(default_factory=list)

    def add(self, merge: int, path: str, agrees: bool) -> None:
        """One place where the decision was called for."""
        (self.bearing if agrees else self.against).append((merge, path))

    @property
    def withdrawn(self) -> bool:
        """Whether the last merge that called for it decided otherwise."""
        return bool(self.against) and max(self.against)[0] >= max(self.bearing, default=(-1, ""))[0]

    def evidence(self) -> Evidence:
        """The evidence, newest first; something bears it out."""
        last = self.merges[max(self.bearing)[0]].when
        return Evidence(self._references(self.bearing), self._references(self.against), last)

    def _references(self, places: list[tuple[int, str]]) -> tuple[Reference, ...]:
        return tuple(Reference(self.merges[at].commit, path) for at, path in sorted(places, reverse=True))
