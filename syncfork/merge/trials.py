"""The conflicts of a fork's past merges, as texts, with what people committed: to try answers on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from syncfork.errors import SyncforkError
from syncfork.git.door import decode
from syncfork.git.repository import Repository
from syncfork.merge.disputes import STYLE, disputes
from syncfork.merge.mergetree import merge_tree
from syncfork.merge.past import merge_bases
from syncfork.merge.redo import lift_sync
from syncfork.merge.resolving import KINDS, read_disputes
from syncfork.merge.syncs import Sync
from syncfork.merge.workspace import Workspace, workspace
from syncfork.resolve.base import Disputed
from syncfork.resolve.markers import marker_committed
from syncfork.rules.lapsed import in_force
from syncfork.rules.model import Rule

_BATCH = 64
_AT_A_TIME = 2


class Trial(Struct, frozen=True):
    """A past merge: the paths that it left in conflict, each with what people committed (None: they deleted it).
    `readable` is false where it cannot be made again."""

    sync: Sync
    paths: tuple[tuple[Disputed, str | None], ...] = ()
    readable: bool = True


def trials(
    repository: Repository, syncs: Sequence[Sync], rules: Sequence[Rule], *, settled: bool = False
) -> Iterator[Trial]:
    """Make each merge again with `rules`, in memory; in the order of `syncs`. Never raises for one of them. With `settled`
    the paths that the rules settle are among the others, as git alone left them."""
    for start in range(0, len(syncs), _BATCH):
        batch = syncs[start : start + _BATCH]
        bases = merge_bases(repository, batch)
        with workspace(repository) as space, ThreadPoolExecutor(_AT_A_TIME) as pool:
            yield from pool.map(partial(_trial, space, bases, rules, settled), batch)


def _trial(
    space: Workspace, bases: Mapping[str, Sequence[str]], rules: Sequence[Rule], settled: bool, sync: Sync
) -> Trial:
    if not bases.get(sync.commit):
        return Trial(sync, readable=False)
    try:
        held, _ = in_force(space.repository, rules, sync.ours, sync.theirs, bases[sync.commit])
        files = _disputed(space, sync, bases[sync.commit], held, settled)
    except SyncforkError:
        return Trial(sync, readable=False)
    names = {path: f"{sync.commit}:{path}" for path in files}
    blobs = space.repository.blobs(names.values()) if names else {}
    told = {path: blobs[name] for path, name in names.items() if not marker_committed(blobs[name])}
    committed = {path: None if content is None else decode(content) for path, content in told.items()}
    return Trial(sync, tuple((files[path], text) for path, text in committed.items()))


def _disputed(
    space: Workspace, sync: Sync, bases: Sequence[str], rules: Sequence[Rule], settled: bool
) -> Mapping[str, Disputed]:
    """What git and the rules left; with rules only where they have a word on it, which takes far longer."""
    attributes = space.markers(bases)
    merged = merge_tree(space.door, sync.ours, sync.theirs, attributes, (STYLE,))
    left: Mapping[str, Disputed] = {}
    paths = [path for path, item in merged.conflicts.items() if item.kind in KINDS]
    if any(rule.files.match(path) for rule in rules for path in merged.conflicts):
        # Lifted trees go to a store that is not made for two at a time.
        with workspace(space.repository) as own:
            lifted = lift_sync(own, sync, bases, rules)
            left = read_disputes(own, lifted.merged.conflicts, attributes)
        paths = [path for path in paths if settled and path not in lifted.merged.conflicts]
    view = replace(space.repository, git=space.door)
    plain = disputes(view, merged.tree, merged.conflicts, (sync.ours, sync.theirs), paths) if paths else {}
    return {**plain, **left}
