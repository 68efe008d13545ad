"""Upstream's history as states of a few paths: which commits changed them, and what each path held then.

One `git log` along upstream's first parents, limited to the paths in question; states are numbered from 0, the
one before the first of these commits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from syncfork.git.door import decode
from syncfork.git.objects import Entry
from syncfork.git.repository import Change, Repository, parse_raw
from syncfork.merge.culprits import make_culprit
from syncfork.report import Culprit

_FEW_PATHS = 8


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


def moments(
    repository: Repository, since: str, until: str, paths: Collection[str], web: str | None
) -> list[Moment]:
    """The commits from `since` to `until` that changed any of `paths`, oldest first."""
    # git looks each path of a commit up among the pathspecs one by one: beyond a few it is quicker without.
    wanted = [f":(literal,top){path}" for path in paths] if len(paths) <= _FEW_PATHS else []
    out = repository.git.run(
        "log", "--first-parent", "-m", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-show-signature",
        "--format=%x00%H%x00%P%x00%an%x00%aI%x00%s", f"{since}..{until}", "--", *wanted,
    )  # fmt: skip
    found = [moment for moment in _moments(decode(out), set(paths), web) if moment.changes]
    found.reverse()
    return found


def timeline(found: Sequence[Moment], paths: Collection[str], now: Mapping[str, Entry]) -> Timeline:
    """The states of `paths`, out of moments of these and perhaps more; `now` are the entries after the last."""
    known = set(paths)
    mine = [
        replace(moment, changes=changes)
        for moment in found
        if (changes := tuple(change for change in moment.changes if change.new_path in known))
    ]
    touched: dict[str, list[tuple[int, Change]]] = {}
    for state, moment in enumerate(mine, start=1):
        for change in moment.changes:
            touched.setdefault(change.new_path, []).append((state, change))
    return Timeline(mine, {path: _versions(touched.get(path, ()), now.get(path)) for path in paths})


def _moments(out: str, known: set[str], web: str | None) -> Iterator[Moment]:
    fields = out.split("\0")
    position, end = 0, len(fields)
    while True:
        # Before each commit an empty field stands, and for all but the first the end of the one before.
        while position < end and not fields[position].strip():
            position += 1
        if position + 4 >= end:
            return
        head = fields[position : position + 5]
        position += 5
        raw: list[str] = []
        while position + 1 < end and fields[position].lstrip("\n").startswith(":"):
            if fields[position + 1] in known:
                raw += [fields[position].lstrip("\n"), fields[position + 1]]
            position += 2
        if raw:
            oid, parents, author, date, subject = head
            culprit = make_culprit(oid, subject, author, date, web)
            yield Moment(culprit, parents.split(" ")[0], tuple(parse_raw("\0".join([*raw, ""]))))


def _versions(touched: Sequence[tuple[int, Change]], now: Entry | None) -> tuple[Version, ...]:
    """From the newest change back: what it changed tells what was there before."""
    found: list[Version] = []
    current = now
    for state, change in reversed(touched):
        found.append(Version(state, current))
        current = change.old
    return (Version(0, current), *reversed(found))
