"""Which of the fork's own changes the rules explain: hunks from the merge base to ours, with and without the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from syncfork.git.patches import PatchHunk, difference
from syncfork.merge.culprits import History, history
from syncfork.merge.engine import LiftedMerge
from syncfork.merge.nobodys import nobodys
from syncfork.merge.workspace import Workspace
from syncfork.own.base import BASE, OURS
from syncfork.report import Coverage, Culprit, OwnChange

Hunks = Mapping[str, Sequence[PatchHunk]]

# The report is for people with little time: the rest is counted.
_MOST_TOLD = 200


def coverage(space: Workspace, merge: LiftedMerge, own: Callable[[str], bool]) -> Coverage:
    """The fork's hunks, but those in files that are syncfork's `own`, how many of them the rules explain, and the others with
    the fork's commit that made each, where there is such, oldest first; those in files that nobody writes by hand are counted
    apart. Raises UnreadablePatchError."""
    base, ours = merge.commits[BASE], merge.commits[OURS]
    lifted = merge.trees.get(BASE, base), merge.trees.get(OURS, ours)
    paths = sorted({path for c in merge.sides.by_ours for path in (c.old_path, c.new_path) if not own(path)})
    owned = {item.placement.path for item in merge.owned}
    whole = difference(space.git, base, ours, paths)
    aside = nobodys(space.repository, ours, [path for path in paths if path in whole])
    changed = {path: hunks for path, hunks in whole.items() if path not in aside}
    apart = sum(len(whole[path]) for path in aside)
    paths = [path for path in paths if path not in aside]
    left = (
        difference(space.git, *lifted, [path for path in paths if path not in owned])
        if merge.trees
        else changed
    )
    unexplained = [(path, hunk) for path, hunks in left.items() if path not in owned for hunk in hunks]
    total = sum(len(hunks) for hunks in changed.values())
    touched = sorted({path for path, _ in unexplained})
    known = history(space.repository, base, ours, touched, None)
    told = [_own(path, hunk, known) for path, hunk in unexplained]
    # What no commit is found for, as what a merge changed by itself, comes last.
    told.sort(key=lambda c: (c.commit is None, c.commit.date if c.commit else "", c.path, c.line))
    return Coverage(total, max(0, total - _meant(changed, unexplained)), tuple(told[:_MOST_TOLD]), apart)


def _meant(changed: Hunks, unexplained: Sequence[tuple[str, PatchHunk]]) -> int:
    """How many of the fork's hunks the unexplained ones are parts of: a rule may explain half of a hunk."""
    lines = {
        path: Counter(line for p, hunk in unexplained if p == path for line in (*hunk.removed, *hunk.added))
        for path in {path for path, _ in unexplained}
    }
    count = 0
    for path, hunks in changed.items():
        left = lines.get(path, Counter())
        count += sum(any(left[line] for line in (*hunk.removed, *hunk.added)) for hunk in hunks)
    return count


def _own(path: str, hunk: PatchHunk, known: History) -> OwnChange:
    added = {line.strip() for line in hunk.added if line.strip()}
    removed = {line.strip() for line in hunk.removed if line.strip()}
    found = known.of_lines(path, added=added) or known.of_lines(path, removed=removed) or known.of(path)
    oldest: Culprit | None = min(found, key=lambda culprit: culprit.date, default=None)
    text = "\n".join((*(f"-{line}" for line in hunk.removed[:6]), *(f"+{line}" for line in hunk.added[:6])))
    return OwnChange(path, hunk.line, len(hunk.removed), len(hunk.added), text[:600], oldest)
