"""Upstream's history as states of a few paths: which commits changed them, and what each path held then.

One `git log` along upstream's first parents, limited to the paths in question; states are numbered from 0, the
one before the first of these commits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from syncfork.git.door import decode
from syncfork.git.objects import Entry
from syncfork.git.repository import Change, Repository, parse_raw
from syncfork.merge.culprits import make_culprit
from syncfork.report import Culprit

# A command line has an end; beyond this many paths the whole history is read, and the rest left out here.
_MOST_PATHS = 1000


@dataclass(frozen=True)
class Moment:
    """An upstream commit that changed one of the paths, with its first parent and its changes."""

    culprit: Culprit
    parent: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Version:
    """What a path held from state `first` on, until the next version; None where it did not exist."""

    first: int
    entry: Entry | None


@dataclass(frozen=True)
class Timeline:
    """The moments, oldest first, and the versions of each path, oldest first."""

    moments: Sequence[Moment]
    versions: Mapping[str, Sequence[Version]]

    def at(self, path: str, state: int) -> Version:
        """The version of `path` in a state."""
        return next(version for version in reversed(self.versions[path]) if version.first <= state)


def timeline(
    repository: Repository,
    since: str,
    until: str,
    paths: Sequence[str],
    now: Mapping[str, Entry],
    web: str | None,
) -> Timeline:
    """The states of `paths` from `since` to `until`, where `now` are their entries at `until`."""
    wanted = [f":(literal,top){path}" for path in paths] if len(paths) <= _MOST_PATHS else []
    out = repository.git.run(
        "log", "--first-parent", "-m", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-show-signature",
        "--format=%x00%H%x00%P%x00%an%x00%aI%x00%s", f"{since}..{until}", "--", *wanted,
    )  # fmt: skip
    known = set(paths)
    moments = [moment for moment in _moments(decode(out), known, web) if moment.changes]
    moments.reverse()
    return Timeline(moments, {path: _versions(path, moments, now.get(path)) for path in paths})


def _moments(out: str, known: set[str], web: str | None) -> Iterator[Moment]:
    fields = out.split("\0")
    position = 0
    while position + 5 < len(fields):
        # Before each commit an empty field stands, and for all but the first the end of the one before.
        while position < len(fields) and fields[position].strip() == "":
            position += 1
        if position + 4 >= len(fields):
            return
        oid, parents, author, date, subject = fields[position : position + 5]
        position += 5
        raw: list[str] = []
        while position + 1 < len(fields) and fields[position].lstrip("\n").startswith(":"):
            raw += [fields[position].lstrip("\n"), fields[position + 1]]
            position += 2
        changes = parse_raw("\0".join([*raw, ""]))
        mine = tuple(change for change in changes if change.new_path in known)
        yield Moment(make_culprit(oid, subject, author, date, web), parents.split(" ")[0], mine)


def _versions(path: str, moments: Sequence[Moment], now: Entry | None) -> tuple[Version, ...]:
    """From the newest moment back: what it changed tells what was there before."""
    found: list[Version] = []
    current = now
    for state in range(len(moments), 0, -1):
        for change in moments[state - 1].changes:
            if change.new_path == path:
                found.append(Version(state, current))
                current = change.old
    return (*([Version(0, current)]), *reversed(found))


def blobs_of(repository: Repository, since: str, until: str, paths: Sequence[str]) -> set[tuple[str, str]]:
    """Every version that upstream's history gave `paths`: path and blob id."""
    wanted = [f":(literal,top){path}" for path in paths] if len(paths) <= _MOST_PATHS else []
    out = repository.git.run(
        "log", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-show-signature",
        "--format=%x00%H%x00%P%x00%an%x00%aI%x00%s", f"{since}..{until}", "--", *wanted,
    )  # fmt: skip
    return {
        (change.new_path, change.new.oid)
        for moment in _moments(decode(out), set(paths), None)
        for change in moment.changes
        if change.new
    }
