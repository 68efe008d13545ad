"""`syncfork resolvers`: what each resolver earned in the fork's past merges, and where it may answer since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from msgspec import Struct

from syncfork.commands.answering import load_table
from syncfork.commands.evidence import reviewed
from syncfork.commands.replay import Opened, ReplayOptions, Tick, open_fork
from syncfork.config import worktree_sources
from syncfork.errors import RuleError, UsageError
from syncfork.git.repository import Repository
from syncfork.merge.past import known_commits
from syncfork.merge.trials import trials
from syncfork.resolve.calibrate import Past, calibrate
from syncfork.resolve.table import Table, from_text, to_text
from syncfork.state import read_state
from syncfork.words import count, listed
from syncfork.writing import write_atomically


class Calibrated(Struct, frozen=True):
    """A table, the path in the fork that holds it (None: it was not written), what is to be known about it, and whether a
    merge `waits` in the worktree."""

    table: Table
    file: str | None = None
    warnings: tuple[str, ...] = ()
    waits: bool = False


def show_resolvers(directory: Path) -> Table:
    """The fork's table, as it lies in the worktree, else as it is committed. Raises UsageError where there is none."""
    repository = Repository.open(directory)
    if repository.work_tree:
        config = worktree_sources(repository.work_tree).config
        path = repository.work_tree / config.resolvers
        if config.resolvers and path.is_file():
            return from_text(config.resolvers, path.read_bytes())
    else:
        from syncfork.config import committed_config

        config = committed_config(repository, "HEAD")
        if table := load_table(repository, "HEAD", config):
            return table
    raise UsageError(
        f"this fork has no table of resolvers ({config.resolvers or 'switched off in syncfork.toml'})",
        "measure it on the fork's past merges: syncfork resolvers calibrate",
    )


def calibrate_resolvers(options: ReplayOptions, today: date, tick: Tick, *, write: bool) -> Calibrated:
    """Try every resolver on the fork's past merges, as git and today's rules leave them, and `write` the table into
    the worktree. Raises SyncforkError where the history cannot be read at all."""
    opened = reviewed(open_fork(options))
    root = opened.repository.work_tree
    name = opened.setup.config.resolvers
    if write and (root is None or not name):
        why = "this is a bare repository" if root is None else "syncfork.toml switches the table off"
        raise UsageError(f"there is no place for the table: {why}", "add --dry-run to see it all the same")
    missing: list[str] = []
    table = calibrate(_past(opened, tick, missing), opened.head.commit, today)
    names = listed([commit[:9] for commit in missing], 5)
    told = (f"could not be made again, and not counted: {names}",) if missing else ()
    warnings = (*opened.warnings, *told)
    if not write or root is None:
        return Calibrated(table, None, warnings)
    # Before anything is written: what is known of a merge that waits may be damaged.
    waits = read_state(opened.repository.git_dir) is not None
    path = root / name
    before = _measured_before(path)
    if before and before.merges > table.merges:
        merges = f"{count(table.merges, 'merge')}, the one it replaces in {before.merges}"
        told = (f"{name} was measured in {merges}: compare them before you commit it (git diff {name})",)
        warnings = (*warnings, *told)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, to_text(table))
    return Calibrated(table, name, warnings, waits=waits)


def _measured_before(path: Path) -> Table | None:
    """The table that lies in the worktree, None where there is none, or none that can be read: a new one mends it."""
    try:
        return from_text(path.name, path.read_bytes())
    except (OSError, RuleError):
        return None


def _past(opened: Opened, tick: Tick, missing: list[str]) -> Iterator[Past]:
    """Every path in conflict of the past merges, oldest first; `missing` gathers the merges that cannot be read."""
    known = known_commits(opened.repository, opened.found.syncs)
    syncs = [sync for sync in opened.found.syncs if sync.commit in known]
    syncs.sort(key=lambda sync: known[sync.commit].committed)
    missing += [sync.commit for sync in opened.found.syncs if sync.commit not in known]
    # What a rule has taken over since tells as much of a resolver as what is left.
    made = trials(opened.repository, syncs, opened.setup.rules, settled=True)
    for done, trial in enumerate(made, start=1):
        tick(done, len(syncs))
        if not trial.readable:
            missing.append(trial.sync.commit)
        for file, committed in trial.paths:
            yield trial.sync.commit, known[trial.sync.commit].day, file, committed
