"""What a replay of the fork's past merges tells: its values, and how a result is held against what people committed.

Pure. The values are the JSON of `syncfork replay`: keys are only ever added within a `schema_version`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from syncfork.git.changes import Change
from syncfork.merge.mergetree import Merged
from syncfork.merge.syncs import Kind, Sync
from syncfork.report import Ref

SCHEMA_VERSION = 1

# same: byte by byte what people committed; different: something else; left: to a person; markers: people committed
# conflict markers, so that there is nothing to compare with.
Outcome = Literal["same", "different", "left", "markers"]
# What people committed, held against the two sides.
People = Literal["ours", "theirs", "by hand", "deleted"]
State = Literal["clean", "conflicts", "octopus", "join", "unrelated", "missing"]

# A merge that took next to nothing from upstream departs from git's in every file: so many paths are listed, all are
# counted.
MOST_LISTED = 200


class PathScore(Struct, frozen=True):
    """A path in which git alone has a conflict, of the `kind` that git names; `rules` are those that resolved it."""

    path: str
    kind: str
    outcome: Outcome
    people: People
    rules: tuple[str, ...] = ()


class HandEdit(Struct, frozen=True):
    """A path that git merges by itself, and in which people committed something else than that.

    `outcome` tells whether the rules make just that of it (same), something else (different), or do nothing about it
    (left); `detected` what the detectors say of git's result there, None where they were not asked.
    """

    path: str
    change: Literal["changed", "added", "removed"]
    outcome: Outcome
    detected: tuple[str, ...] | None = None


class Redone(Struct, frozen=True):
    """One merge, made again. `bases` is its number of merge bases; `by_hand` lists at most MOST_LISTED of
    `by_hand_count` paths; `added` are conflicts that only the rules make; `took_nothing` is true where people
    committed the fork's tree as it was; `detail` says what went wrong, or what could not be asked."""

    commit: str
    ours: str
    theirs: str
    through: str
    kind: Kind
    state: State
    subject: str = ""
    author: str = ""
    date: str = ""
    bases: int = 1
    paths: tuple[PathScore, ...] = ()
    by_hand: tuple[HandEdit, ...] = ()
    by_hand_count: int = 0
    added: tuple[str, ...] = ()
    took_nothing: bool = False
    detail: str = ""

    def count(self, outcome: Outcome) -> int:
        """How many of the paths in conflict came out so."""
        return sum(path.outcome == outcome for path in self.paths)

    @property
    def redone(self) -> bool:
        """False where there was nothing to compare."""
        return self.state in ("clean", "conflicts")


class Totals(Struct, frozen=True):
    """The sums. `merges` were redone; `conflicted` counts paths in conflict under git alone, without those that were
    committed with `markers`, and is the sum of `same`, `different` and `left`. `clean_edited` are merges clean for
    git that people changed all the same, in `edited` paths, of which the detectors told in `edited_detected`.
    """

    merges: int = 0
    clean: int = 0
    with_conflicts: int = 0
    conflicted: int = 0
    same: int = 0
    different: int = 0
    left: int = 0
    markers: int = 0
    added: int = 0
    clean_edited: int = 0
    edited: int = 0
    edited_same: int = 0
    edited_detected: int = 0


class Apart(Struct, frozen=True):
    """Merges of a kind of their own. Not redone: `octopus`, `unrelated` histories, `missing` objects, and `joins`,
    which left the fork as it was though git would have brought something: nothing was decided there. Redone and
    counted here besides: `evil` ones (people changed what was no conflict), `criss_cross` ones (several merge bases),
    `took_nothing`. `holders` are merges of merges: the one that they hold was redone in their place.
    """

    octopus: int = 0
    unrelated: int = 0
    missing: int = 0
    evil: int = 0
    criss_cross: int = 0
    took_nothing: int = 0
    holders: int = 0
    joins: int = 0


class Replay(Struct, frozen=True):
    """A replay. `upstream` is None where it was not known, and any merge of the main line counts; `merges` are newest
    first."""

    tool_version: str
    fork: Ref
    upstream: Ref | None
    range: str
    as_of: bool
    rules: int
    totals: Totals
    apart: Apart
    merges: tuple[Redone, ...] = ()
    warnings: tuple[str, ...] = ()
    exit_code: int = 0
    verb: str = "replay"
    schema_version: int = SCHEMA_VERSION


class Solution(Struct, frozen=True):
    """What a merge came to with rules (or whatever else solves conflicts). `left` are the paths that need a person,
    `differs` those in which its tree is not the committed one; `by` tells which rules were at work in a path."""

    left: frozenset[str]
    differs: frozenset[str]
    by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def score(
    blank: Redone,
    plain: Merged,
    departs: Sequence[Change],
    committed: Mapping[str, str | None],
    marked: Collection[str],
    solution: Solution | None,
) -> Redone:
    """Hold a merge against what people committed.

    `blank` has what is known of it so far; `departs` is what differs between git's tree and the committed one;
    `committed` the object ids that people committed at the paths in conflict, None for no such file; `marked` those
    of the ids whose text has conflict markers.
    """
    paths = []
    for path, conflict in sorted(plain.conflicts.items()):
        oid = committed.get(path)
        outcome = "markers" if oid in marked else _outcome(path, solution)
        sides = {number: entry.oid for number, entry in conflict.stages.items()}
        people: People = "by hand"
        if oid is None:
            people = "deleted"
        elif oid in (sides.get(2), sides.get(3)):
            people = "ours" if oid == sides.get(2) else "theirs"
        by = solution.by.get(path, ()) if solution and outcome in ("same", "different") else ()
        paths.append(PathScore(path, conflict.kind, outcome, people, by))
    beside = [change for change in departs if change.new_path not in plain.conflicts]
    edits = tuple(
        HandEdit(
            change.new_path,
            "added" if change.old is None else "removed" if change.new is None else "changed",
            _outcome_of_edit(change.new_path, solution),
        )
        for change in beside[:MOST_LISTED]
    )
    return replace(
        blank,
        state="conflicts" if plain.conflicts else "clean",
        paths=tuple(paths),
        by_hand=edits,
        by_hand_count=len(beside),
        added=tuple(sorted(solution.left - plain.conflicts.keys())) if solution else (),
    )


def _outcome(path: str, solution: Solution | None) -> Outcome:
    if solution is None or path in solution.left:
        return "left"
    return "different" if path in solution.differs else "same"


def _outcome_of_edit(path: str, solution: Solution | None) -> Outcome:
    """A rule that has no word on the path leaves it, whatever git makes of it."""
    if solution is None or (path in solution.differs and path not in solution.by):
        return "left"
    return _outcome(path, solution)


def totals(merges: Iterable[Redone]) -> Totals:
    """The sums over all merges."""
    redone = [merge for merge in merges if merge.redone]
    clean = [merge for merge in redone if merge.state == "clean"]
    same, different, left, markers = (
        sum(merge.count(outcome) for merge in redone) for outcome in ("same", "different", "left", "markers")
    )
    return Totals(
        merges=len(redone),
        clean=len(clean),
        with_conflicts=len(redone) - len(clean),
        conflicted=same + different + left,
        same=same,
        different=different,
        left=left,
        markers=markers,
        added=sum(len(merge.added) for merge in redone),
        clean_edited=sum(merge.by_hand_count > 0 for merge in clean),
        edited=sum(merge.by_hand_count for merge in clean),
        edited_same=sum(edit.outcome == "same" for merge in clean for edit in merge.by_hand),
        edited_detected=sum(bool(edit.detected) for merge in clean for edit in merge.by_hand),
    )


def apart(merges: Iterable[Redone], holders: int) -> Apart:
    """How many merges are of a kind of their own."""
    listed = list(merges)
    redone = [merge for merge in listed if merge.redone]
    return Apart(
        octopus=sum(merge.state == "octopus" for merge in listed),
        unrelated=sum(merge.state == "unrelated" for merge in listed),
        missing=sum(merge.state == "missing" for merge in listed),
        evil=sum(merge.by_hand_count > 0 for merge in redone),
        criss_cross=sum(merge.bases > 1 for merge in redone),
        took_nothing=sum(merge.took_nothing for merge in redone),
        holders=holders,
        joins=sum(merge.state == "join" for merge in listed),
    )


def blank(sync: Sync, state: State = "missing", detail: str = "") -> Redone:
    """A merge of which nothing is known yet but where it stands."""
    return Redone(sync.commit, sync.ours, sync.theirs, sync.through, sync.kind, state, detail=detail)


def worst_first(merges: Iterable[Redone]) -> list[Redone]:
    """Wrong results first, then what is left to people, then what they did by hand; newest first among equals."""
    return sorted(
        merges,
        key=lambda m: (-m.count("different"), -len(m.added), -m.count("left"), -m.by_hand_count, m.redone),
    )
