"""The past of a fork, read with git: what every merge of upstream made of every path that upstream had changed.

One `git merge-tree` for each merge; everything else in batches.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from syncfork.errors import GitError
from syncfork.git.changes import Change
from syncfork.git.door import decode
from syncfork.git.objects import Entry
from syncfork.git.repository import Repository
from syncfork.learn.base import Dispute, OwnChange, Passage, Past, PastMerge, Took, below
from syncfork.learn.beside import emptied_beside, folders_with, had_there, steady
from syncfork.learn.copies import in_step, possible_sources
from syncfork.merge.disputes import STYLE, disputes
from syncfork.merge.mergetree import Conflict, Merged, merge_tree
from syncfork.merge.past import compare, known_commits, merge_bases
from syncfork.merge.syncs import Sync
from syncfork.merge.workspace import Workspace, workspace
from syncfork.resolve.markers import marker_committed

_BATCH = 64
_AT_A_TIME = 2
# People change their minds: what is older than so many conflicts of a path tells nothing about the next one.
_NEWEST = 40
# A text of more bytes than this is data.
_LONGEST = 1_000_000

Tick = Callable[[int, int], None]


def gather(repository: Repository, syncs: Sequence[Sync], tip: str, upstream: str | None, tick: Tick) -> Past:
    """What `syncs` (oldest first) and the fork's commit `tip` tell; `upstream` is upstream's tip, None where it is not
    known. A merge that cannot be read is passed over. `tick` is told how many merges are done, of how many."""
    known = known_commits(repository, syncs) if syncs else {}
    bases = merge_bases(repository, syncs) if syncs else {}
    usable = [sync for sync in syncs if sync.commit in known and bases.get(sync.commit)]
    days = [known[sync.commit].day for sync in usable]
    merges = [
        PastMerge(sync.commit, day, bases[sync.commit][0], sync.ours, sync.theirs)
        for sync, day in zip(usable, days, strict=True)
    ]
    unreadable = [sync.commit for sync in syncs if sync not in usable]
    conflicts: list[Mapping[str, Conflict]] = []
    disputed: dict[str, list[Dispute]] = defaultdict(list)
    spoilt = 0
    for start in range(0, len(usable), _BATCH):
        batch = usable[start : start + _BATCH]
        with workspace(repository) as space:
            for number, made in enumerate(_conflicts(space, batch), start=start):
                kinds, found, markers = made or ({}, {}, 0)
                conflicts.append(kinds)
                spoilt += markers
                unreadable += [] if made else [usable[number].commit]
                for path, dispute in found.items():
                    disputed[path] = [*disputed[path], replace(dispute, merge=number)][-_NEWEST:]
        tick(start + len(batch), len(usable))
    differences = _differences(repository, merges)
    changed = in_step(made for _, made in differences)
    theirs = upstream or (usable[-1].theirs if usable else None)
    own, there, kept, sources = _own(repository, tip, theirs, changed)
    added = own.keys() - there
    emptied, beside = _emptied(own, kept), steady(repository, merges, emptied_beside(own, kept, there))
    watched = emptied | {one.path for one in beside}
    had = had_there(repository, merges, tip, beside)

    def told(merge: PastMerge, asked: Sequence[Change], made: Mapping[str, Change]) -> PastMerge:
        news = frozenset(c.new_path for c in asked if c.old is None and below(c.new_path, watched))
        return replace(
            merge,
            touched=frozenset(added & made.keys()),
            moved=frozenset(sources.keys() & {change.new_path for change in asked}),
            left_out=news - made.keys(),
            let_in=news & made.keys(),
            had=had.get(merge.commit, frozenset()),
        )

    return Past(
        tuple(told(merge, *differs) for merge, differs in zip(merges, differences, strict=True)),
        _passages(differences, conflicts),
        {path: tuple(found) for path, found in disputed.items()},
        own,
        there,
        sources,
        emptied,
        beside,
        tuple(unreadable),
        sum(map(len, conflicts)) - spoilt,
        spoilt,
    )


def _conflicts(
    space: Workspace, syncs: Sequence[Sync]
) -> list[tuple[Mapping[str, Conflict], dict[str, Dispute], int] | None]:
    """For each merge its conflicts by path, the disputes that can be learned from, and how many of the conflicts were
    committed with their markers; None where it cannot be read."""

    def one(sync: Sync) -> tuple[Mapping[str, Conflict], dict[str, Dispute], int] | None:
        merged = _merged(space, sync)
        if merged is None:
            return None
        if not merged.conflicts:
            return {}, {}, 0
        view = replace(space.repository, git=space.door)
        files = disputes(view, merged.tree, merged.conflicts, (sync.ours, sync.theirs))
        blobs = space.repository.blobs([f"{sync.commit}:{path}" for path in merged.conflicts], space.door)
        spoilt = {name for name, content in blobs.items() if marker_committed(content)}
        found = {}
        for path, file in files.items():
            content = blobs[f"{sync.commit}:{path}"]
            long = any(len(text) > _LONGEST for text in (file.base, file.ours, file.theirs) if text)
            if not long and f"{sync.commit}:{path}" not in spoilt:
                found[path] = Dispute(0, file, decode(content) if content is not None else None)
        return merged.conflicts, found, len(spoilt)

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return list(pool.map(one, syncs))


def _merged(space: Workspace, sync: Sync) -> Merged | None:
    try:
        return merge_tree(space.door, sync.ours, sync.theirs, space.attributes, (STYLE,))
    except GitError:
        return None


def _differences(
    repository: Repository, merges: Sequence[PastMerge]
) -> list[tuple[Sequence[Change], Mapping[str, Change]]]:
    """For each merge what upstream had changed, and by path what the merge changed in the fork. Two processes."""
    commits = [commit for m in merges for commit in (m.base, m.ours, m.theirs, m.commit)]
    trees = repository.resolve(f"{commit}^{{tree}}" for commit in commits)

    def pair(one: str, other: str) -> tuple[str, str]:
        return trees[f"{one}^{{tree}}"] or "", trees[f"{other}^{{tree}}"] or ""

    pairs = [(pair(merge.base, merge.theirs), pair(merge.ours, merge.commit)) for merge in merges]
    differs = compare(repository.git, [both for two in pairs for both in two if all(both)])
    return [
        (differs.get(asked, ()), {change.new_path: change for change in differs.get(made, ())})
        for asked, made in pairs
    ]


def _passages(
    differences: Sequence[tuple[Sequence[Change], Mapping[str, Change]]],
    conflicts: Sequence[Mapping[str, Conflict]],
) -> dict[str, tuple[Passage, ...]]:
    """By path what each merge made of upstream's change of it."""
    found: dict[str, list[Passage]] = defaultdict(list)
    for number, (asked, made) in enumerate(differences):
        for change in asked:
            path = change.new_path
            conflict = conflicts[number].get(path)
            took = _took(change, made.get(path))
            if took and conflict:
                found[path].append(Passage(number, took, conflict.kind, 2 not in conflict.stages))
            elif took:
                found[path].append(Passage(number, took))
    return {path: tuple(passages) for path, passages in found.items()}


def _took(asked: Change, made: Change | None) -> Took | None:
    """What the merge made of upstream's change `asked`, None where there was nothing to decide; `made` leads from the
    fork's state to the committed one."""
    if made is None:
        return "ours"
    if made.new != asked.new:
        return "merged"
    return None if made.old == asked.old else "theirs"


def _own(
    repository: Repository, tip: str, theirs: str | None, copied: Collection[str]
) -> tuple[dict[str, OwnChange], frozenset[str], frozenset[str], dict[str, str]]:
    """How the tip differs from its merge base with upstream; the paths of that base; those that the tip has, and of that
    base those that it moved, links and submodules too; and the texts of those that may be the sources of files the fork
    added, of the `copied` ones."""
    bases = repository.merge_bases(tip, theirs) if theirs else []
    if not bases:
        return {}, frozenset(), frozenset(), {}
    differs, entries = repository.changes(bases[0], tip), repository.entries(bases[0], [":(top)"])
    kept = entries.keys() - {change.new_path for change in differs if change.new is None}
    kept |= {change.new_path for change in differs if change.new}
    changes = [change for change in differs if _files(change)]
    there = {path: entry for path, entry in entries.items() if entry.is_file}
    added = [change.new_path for change in changes if change.old is None and change.new_path in copied]
    near = set().union(*possible_sources(added, there).values())
    oids = {entry.oid for change in changes for entry in (change.old, change.new) if entry}
    blobs = repository.blobs(oids | {there[path].oid for path in near})

    def text(entry: Entry | None) -> str | None:
        content = blobs.get(entry.oid) if entry else None
        return None if content is None or len(content) > _LONGEST else decode(content)

    own = {
        change.new_path: OwnChange(
            change.new_path,
            text(change.old),
            text(change.new),
            change.old_path if change.renamed else "",
        )
        for change in changes
    }
    sources = {path: found for path in sorted(near) if (found := text(there[path])) is not None}
    return own, frozenset(there), frozenset(kept), sources


def _emptied(own: Mapping[str, OwnChange], kept: frozenset[str]) -> frozenset[str]:
    """The folders out of which the fork took files of upstream's, and that it has nothing below, nor anything in the
    place of. What it moved was not taken out."""
    gone = {path for path, change in own.items() if change.ours is None}
    return frozenset(path.rpartition("/")[0] for path in gone if "/" in path) - folders_with(kept)


def _files(change: Change) -> bool:
    return all(entry.is_file for entry in (change.old, change.new) if entry)
