"""Which merges of a fork's history brought upstream in. Pure: knows who is whose parent, not git.

A commit that is not among the fork's own (those that upstream's tip does not reach) is upstream's. A merge of such a
commit is a sync, wherever in the history it stands: on the fork's main line, or on a branch that a pull request
brought, whose own merge then holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Literal

from msgspec import Struct

Parents = Mapping[str, tuple[str, ...]]

# Where the sync stands: on the fork's main line, or on a branch that was merged into it.
Kind = Literal["direct", "pull request"]


class Sync(Struct, frozen=True):
    """A merge that brought upstream in. `ours` is the fork's parent and `theirs` upstream's, in whichever order the
    commit has them; `through` is the merge of the main line that brought it, the sync itself for a direct one."""

    commit: str
    ours: str
    theirs: str
    through: str
    kind: Kind


class Found(Struct, frozen=True):
    """The syncs, newest first. `octopus` are merges of more than two parents that brought upstream in; `holders`
    those on the main line that hold a sync, which counts in their place; `joins` are merges that decided nothing."""

    syncs: tuple[Sync, ...] = ()
    octopus: tuple[Sync, ...] = ()
    holders: tuple[str, ...] = ()
    joins: tuple[Sync, ...] = ()


def without(found: Found, joins: Collection[str]) -> Found:
    """The same with the syncs that are `joins` apart, and without those that hold nothing else."""
    kept = tuple(sync for sync in found.syncs if sync.commit not in joins)
    held = {sync.through for sync in found.syncs} - {sync.through for sync in kept}
    return Found(
        kept,
        found.octopus,
        tuple(holder for holder in found.holders if holder not in held),
        tuple(sync for sync in found.syncs if sync.commit in joins),
    )


def find_syncs(
    own: Parents, head: str, wanted: Collection[str] | None, reaches: Callable[[str, str], bool]
) -> Found:
    """The syncs among the fork's own commits, which `own` has with their parents, newest first.

    `wanted` are the merges to look at, None for all; `reaches` tells whether its second commit is in the history of
    the first, and is only asked about branches that begin at an upstream commit.
    """
    through = _through(own, head)
    roots = _roots(own)
    syncs: list[Sync] = []
    octopus: list[Sync] = []
    for commit, parents in own.items():
        if len(parents) < 2 or (wanted is not None and commit not in wanted):
            continue
        if len(parents) > 2:
            theirs = next((parent for parent in parents[1:] if parent not in own), None)
            by = through.get(commit, commit)
            octopus += [Sync(commit, parents[0], theirs, by, _kind(commit, by))] if theirs else []
            continue
        if sides := _sides(own, roots, parents, reaches):
            by = through.get(commit, commit)
            syncs.append(Sync(commit, *sides, by, _kind(commit, by)))
    holders = dict.fromkeys(sync.through for sync in syncs if sync.kind == "pull request")
    direct = {sync.commit for sync in syncs}
    return Found(tuple(syncs), tuple(octopus), tuple(holder for holder in holders if holder not in direct))


def left_at(own: Parents, head: str) -> str:
    """The commit at which the fork's main line leaves the fork's own commits; empty where it begins with one of them."""
    at = head
    while at in own:
        at = next((parent for parent in own[at] if parent in own), next(iter(own[at]), ""))
    return at


def of_both(line: Parents, theirs: Collection[str], wanted: Collection[str] | None) -> tuple[Sync, ...]:
    """The syncs on the part `line` of the fork's main line that upstream has merged, and that is thus no longer the
    fork's own. `theirs` is upstream's main line: a merge of one of its commits is a sync, and where the line comes to
    it, the fork began."""
    found = []
    for commit, parents in line.items():
        if commit in theirs:
            break
        if len(parents) == 2 and parents[1] in theirs and (wanted is None or commit in wanted):
            found.append(Sync(commit, *parents, commit, "direct"))
    return tuple(found)


def any_merge(line: Parents) -> Found:
    """Every merge of two parents on the main line, for a fork whose upstream is not known."""
    merges = [(commit, parents) for commit, parents in line.items() if len(parents) > 1]
    known = [(Sync(commit, two[0], two[1], commit, "direct"), len(two)) for commit, two in merges]
    return Found(tuple(s for s, n in known if n == 2), tuple(s for s, n in known if n > 2))


def _kind(commit: str, by: str) -> Kind:
    return "direct" if by == commit else "pull request"


def _sides(
    own: Parents, roots: Mapping[str, str], parents: tuple[str, ...], reaches: Callable[[str, str], bool]
) -> tuple[str, str] | None:
    """The fork's and upstream's parent, or None where the merge brings nothing of upstream."""
    first, second = parents
    if second not in own:
        return first, second
    if first not in own:
        # Made on upstream's branch, to be merged into the fork by a pull request.
        return second, first
    # A branch that was made from upstream's, with commits on top: it has no merge of its own.
    for ours, theirs in ((first, second), (second, first)):
        root = roots.get(theirs)
        if root and root != roots.get(ours) and not reaches(ours, root):
            return ours, theirs
    return None


def _roots(own: Parents) -> dict[str, str]:
    """The commits that stand, without a merge between, on an upstream commit; with that one."""
    roots: dict[str, str] = {}
    # Parents come after their children as a rule, but dates can lie: each chain is followed to its end.
    for commit in own:
        chain = []
        at = commit
        while at in own and at not in roots and len(own[at]) == 1:
            chain.append(at)
            at = own[at][0]
        root = roots.get(at) if at in own else at
        if root:
            roots |= dict.fromkeys(chain, root)
    return roots


def _through(own: Parents, head: str) -> dict[str, str]:
    """For each commit the merge of the main line that brought it; those of the line are their own."""
    line = []
    at = head
    while at in own:
        line.append(at)
        at = next((parent for parent in own[at] if parent in own), "")
    found = {commit: commit for commit in line}
    for commit in reversed(line):
        left = [parent for parent in own[commit] if parent in own]
        while left:
            at = left.pop()
            if at not in found:
                found[at] = commit
                left += [parent for parent in own[at] if parent in own]
    return found
