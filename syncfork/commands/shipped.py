"""Files that syncfork reads in a fork and that upstream wrote: a merge brings them in, and they decide nothing."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Sequence

from syncfork.config import FILE, Config, is_own_file
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.merge.engine import LiftedMerge
from syncfork.merge.findings import finding_id
from syncfork.merge.workspace import Workspace
from syncfork.own.base import OURS, THEIRS
from syncfork.report import Finding


def upstream_commits(repository: Repository, ours: str, theirs: str) -> tuple[str, ...]:
    """The commits of upstream's that a merge of `theirs` into `ours` knows: that one, and the merge bases."""
    return (theirs, *repository.merge_bases(ours, theirs))


def shipped(
    repository: Repository, commit: str, paths: Collection[str], upstream: Sequence[str]
) -> frozenset[str]:
    """Those of the paths that `commit` has just as one of upstream's commits has them. One git process for all; where no
    commit of upstream's is known, there is none."""
    if not paths or not upstream:
        return frozenset()
    names = {path: [f"{name}:{path}" for name in (commit, *upstream)] for path in paths}
    found = repository.resolve(name for group in names.values() for name in group)

    def theirs(path: str) -> bool:
        mine, *others = (found[name] for name in names[path])
        # git cannot be asked about such a name in one line; syncfork itself gives no file one.
        return "\n" in path or (mine is not None and mine in others)

    return frozenset(filter(theirs, paths))


def brought(space: Workspace, merge: LiftedMerge, config: Config) -> Iterator[Finding]:
    """A decision for each file that `merge` brings in, or changes, and that syncfork reads in a fork of this `config`:
    from then on it would act on what upstream wrote."""
    sides = merge.sides
    ours, theirs = sides.entries[OURS], sides.entries[THEIRS]
    coming = {path for path, entry in theirs.items() if entry != ours.get(path)}
    # Where the fork renamed a folder, git puts there what upstream adds to the old one.
    coming |= {change.new_path for change in sides.by_ours if change.renamed}
    if not any(is_own_file(config, path) for path in coming):
        return
    places = (FILE, config.resolvers, config.rules.strip("/"), config.resolutions)
    pathspecs = [literal(place) for place in places if place]
    before = space.repository.entries(merge.commits[OURS], pathspecs)
    for path, entry in sorted(space.entries(merge.merged.tree, pathspecs).items()):
        had = before.get(path)
        if not is_own_file(config, path) or entry == had:
            continue
        name = shlex.quote(path)
        if had:
            message = "upstream changes a file that syncfork reads here: look at it, or take the fork's"
            fix = f"git checkout {merge.commits[OURS][:9]} -- {name}"
        else:
            message = "upstream brings a file that syncfork reads here: look at it, or remove it"
            fix = f"git rm {name}"
        found = finding_id("shipped", path, entry.oid)
        yield Finding(found, "decision", "shipped", None, path, 1, message, fix=fix)


def without_removed(repository: Repository, tree: str, findings: Sequence[Finding]) -> list[Finding]:
    """The findings without what `brought` told of files that `tree`, which a person made since, no longer has so."""
    told = {item.path: f"{tree}:{item.path}" for item in findings if item.detector == "shipped"}
    oids = repository.resolve(told.values()) if told else {}
    left = {finding_id("shipped", path, oids[name] or "") for path, name in told.items()}
    return [item for item in findings if item.detector != "shipped" or item.id in left]
