"""The ledger: every hunk by which the result departs from either side is accounted for.

Against theirs a hunk is explained by the rules' effect on theirs, or by the fork's own difference (from the
lifted base to lifted ours); against ours by upstream's change (from the lifted base to lifted theirs), or by
the rules' effect on ours. Lines are counted: a line that a cause explains once explains one line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Literal

from syncfork.git.door import together
from syncfork.git.patches import PatchHunk, UnreadablePatchError, difference
from syncfork.merge.engine import LiftedMerge
from syncfork.merge.workspace import Workspace
from syncfork.own.base import BASE, OURS, THEIRS
from syncfork.report import Ledger, Unexplained

Hunks = Mapping[str, Sequence[PatchHunk]]


def keep_ledger(space: Workspace, merge: LiftedMerge) -> Ledger:
    """Account for a merge. Paths that only one side changed, and that came out as that side has them, are
    explained by that alone; the others hunk by hunk. Paths still in conflict are a person's."""
    files = _files(merge)
    paths = _doubtful(merge, files)
    real = {side: merge.commits[side] for side in (BASE, OURS, THEIRS)}
    lifted = {side: merge.trees.get(side, commit) for side, commit in real.items()}

    pairs = (
        (real[THEIRS], merge.merged.tree),
        (real[OURS], merge.merged.tree),
        (real[THEIRS], lifted[THEIRS]),
        (real[OURS], lifted[OURS]),
        (lifted[BASE], lifted[OURS]),
        (lifted[BASE], lifted[THEIRS]),
    )
    git = space.git
    try:
        differences = together(*(partial(difference, git, old, new, paths) for old, new in pairs))
    except UnreadablePatchError as error:
        # A check that could not run is never green.
        return Ledger(
            unexplained=(Unexplained("", 0, "theirs", f"the differences could not be read: {error}"),)
        )
    on_theirs, on_ours, rules_on_theirs, rules_on_ours, fork, upstream = differences
    settled = {item.path: f"{item.rule.id} ({item.settled})" for item in merge.unported}
    settled |= {
        item.placement.path: f"{item.rule.id} ({item.rule.own.name})" for item in merge.owned if item.rule.own
    }
    settled |= {
        item.file.path: ", ".join(dict.fromkeys(answer.by for answer in item.answers.values()))
        for item in merge.resolved
    }
    from_theirs, left = _account("theirs", on_theirs, {"rule": rules_on_theirs, "fork": fork}, settled, files)
    from_ours, more = _account("ours", on_ours, {"rule": rules_on_ours, "upstream": upstream}, settled, files)
    return Ledger(from_theirs, from_ours, (*left, *more))


def _doubtful(merge: LiftedMerge, files: Mapping[str, str]) -> list[str]:
    """The paths that have to be looked at hunk by hunk, a renamed file under all its names.

    The result departs from a side nowhere but where the other side or a rule changed something.
    """
    ours = {path for change in merge.sides.by_ours for path in (change.old_path, change.new_path)}
    theirs = {path for change in merge.sides.by_theirs for path in (change.old_path, change.new_path)}
    lifted = {path for overlay in merge.lifted.values() for path in overlay}
    both = {files.get(path, path) for path in (ours & theirs) | lifted}
    left = {files.get(path, path) for path in merge.merged.conflicts}
    return sorted(path for path in ours | theirs | lifted if files.get(path, path) in both - left)


def _account(
    against: Literal["ours", "theirs"],
    departures: Hunks,
    causes: Mapping[str, Hunks],
    settled: Mapping[str, str],
    files: Mapping[str, str],
) -> tuple[dict[str, int], list[Unexplained]]:
    """Tally a side's departures by what explains them, and list those that nothing does."""
    tally: Counter[str] = Counter()
    unexplained: list[Unexplained] = []
    paying = {name: _by_file(cause, files) for name, cause in causes.items()}
    for file, placed in _by_file(departures, files).items():
        purses = {name: _Purse([hunk for _, hunk in cause.get(file, ())]) for name, cause in paying.items()}
        paid = [_explain(hunk, purses) for _, hunk in placed]
        for (path, hunk), (names, left) in zip(placed, _without_moves(paid), strict=True):
            if left and path not in settled:
                unexplained.append(Unexplained(path, hunk.line, against, "\n".join(left)[:500]))
                continue
            names += [f"resolution: {settled[path]}"] if left else []
            tally[" + ".join(names) or "moved or blank lines"] += 1
    return dict(tally), unexplained


def _files(merge: LiftedMerge) -> dict[str, str]:
    """Names of one file: a path that either side renamed, with its name in the merge base."""
    changes = (*merge.sides.by_ours, *merge.sides.by_theirs)
    return {change.new_path: change.old_path for change in changes if change.renamed}


def _by_file(hunks: Hunks, files: Mapping[str, str]) -> dict[str, list[tuple[str, PatchHunk]]]:
    """Hunks with their paths, by the file they belong to: what goes at one name may come at another."""
    found: dict[str, list[tuple[str, PatchHunk]]] = {}
    for path, listed in hunks.items():
        found.setdefault(files.get(path, path), []).extend((path, hunk) for hunk in listed)
    return {
        file: _as_one_file(placed) if len({path for path, _ in placed}) > 1 else placed
        for file, placed in found.items()
    }


def _as_one_file(placed: Sequence[tuple[str, PatchHunk]]) -> list[tuple[str, PatchHunk]]:
    """The hunks of a renamed file without the lines that only went from one name to the other."""
    moved = Counter(line for _, hunk in placed for line in hunk.removed)
    moved &= Counter(line for _, hunk in placed for line in hunk.added)
    out, back = moved.copy(), moved.copy()
    left = [
        (path, PatchHunk(hunk.line, tuple(_unpaid(hunk.removed, out)), tuple(_unpaid(hunk.added, back))))
        for path, hunk in placed
    ]
    return [(path, hunk) for path, hunk in left if hunk.removed or hunk.added]


def _without_moves(paid: Sequence[tuple[list[str], PatchHunk]]) -> list[tuple[list[str], tuple[str, ...]]]:
    """What is left of each hunk, without the lines that it lost and another one gained.

    Two differences of the same texts may tell a move by different lines; such a line is nowhere lost.
    """
    lost = Counter(line for _, hunk in paid for line in hunk.removed)
    gained = Counter(line for _, hunk in paid for line in hunk.added)
    moved_out, moved_in = lost & gained, lost & gained
    result = []
    for names, hunk in paid:
        left = (*_unpaid(hunk.removed, moved_out), *_unpaid(hunk.added, moved_in))
        result.append((names, tuple(line for line in left if line.strip())))
    return result


class _Purse:
    """The lines that a cause takes out and puts in at a path, each to be spent once."""

    def __init__(self, hunks: Sequence[PatchHunk]) -> None:
        self.removed = Counter(line for hunk in hunks for line in hunk.removed)
        self.added = Counter(line for hunk in hunks for line in hunk.added)


def _explain(hunk: PatchHunk, purses: Mapping[str, _Purse]) -> tuple[list[str], PatchHunk]:
    """The causes that pay for a hunk's lines, and the part of it that none pays for."""
    names = []
    for name, purse in purses.items():
        rest = PatchHunk(
            hunk.line, tuple(_unpaid(hunk.removed, purse.removed)), tuple(_unpaid(hunk.added, purse.added))
        )
        if (len(rest.removed), len(rest.added)) != (len(hunk.removed), len(hunk.added)):
            names.append(name)
        hunk = rest
    return names, hunk


def _unpaid(lines: Sequence[str], purse: Counter[str]) -> Iterator[str]:
    for line in lines:
        if purse[line] > 0:
            purse[line] -= 1
        else:
            yield line
