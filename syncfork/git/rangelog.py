"""The commits of a range with the paths that each changed: read once, at the first need, for all who ask."""

from __future__ import annotations

from collections.abc import Iterator, Set
from functools import cached_property

from msgspec import Struct

from syncfork.git.changes import Change, files_of, parse_raw
from syncfork.git.door import Asked, begun, decode
from syncfork.git.repository import Repository


class Logged(Struct, frozen=True):
    """A commit as git's log tells it; `raw` are its changes, as pairs of what git prints and the path."""

    commit: str
    parents: tuple[str, ...]
    author: str
    date: str
    subject: str
    raw: tuple[tuple[str, str], ...]

    def changes(self, paths: Set[str]) -> tuple[Change, ...]:
        """What the commit did to `paths`; renames are a path that goes and one that comes."""
        fields = [field for told, path in self.raw if path in paths for field in (told, path)]
        return tuple(parse_raw("\0".join([*fields, ""]))) if fields else ()


class RangeLog(Struct, frozen=True, dict=True):
    """The commits that `until` has and `since` lacks, newest first.

    No pathspecs: git looks each path of a commit up among them one by one, and is slower with many than without.
    """

    repository: Repository
    since: str
    until: str

    def begin(self) -> None:
        """Read it beside other work."""
        _ = self._reading

    def wait(self) -> None:
        """Wait until it is read, where that was begun: a process that is forked meanwhile could not wait for it."""
        if self.begun:
            self._reading.wait()

    @property
    def begun(self) -> bool:
        """Whether it is being read, or has been."""
        return "_reading" in self.__dict__

    @cached_property
    def _reading(self) -> Asked[tuple[list[Logged], bool]]:
        return begun(self._all)

    def _all(self) -> tuple[list[Logged], bool]:
        out, whole = self._read()
        return list(_parse(out)), whole

    @property
    def commits(self) -> list[Logged]:
        """All commits; a merge's own changes are not told."""
        return self._reading.result()[0]

    @property
    def whole(self) -> bool:
        """Whether git could read it to its end: else the older commits are not in it."""
        return self._reading.result()[1]

    @cached_property
    def by_id(self) -> dict[str, Logged]:
        """The commits by their ids."""
        return {one.commit: one for one in self.commits}

    def count(self, commit: str) -> int:
        """How many of the commits `commit` has: itself, and those before it. 0 where it is not one of them."""
        known, seen, waiting = self.by_id, set[str](), [commit]
        while waiting:
            one = waiting.pop()
            if one in known and one not in seen:
                seen.add(one)
                waiting += known[one].parents
        return len(seen)

    @cached_property
    def first_parents(self) -> list[Logged]:
        """The commits along first parents, a merge with all that it brought."""
        if all(len(logged.parents) < 2 for logged in self.commits):
            return self.commits
        return list(_parse(self._read("--first-parent", "-m")[0]))

    def touching(self, paths: Set[str]) -> list[str]:
        """The ids of the commits that changed any of `paths`."""
        return [one.commit for one in self.commits if any(path in paths for _, path in one.raw)]

    def blobs(self, paths: Set[str]) -> set[str]:
        """The ids of what any commit found at one of `paths`, or left there."""
        return files_of(change for one in self.commits for change in one.changes(paths))

    def _read(self, *options: str) -> tuple[str, bool]:
        # A missing object ends the log early; the commits before it are still worth their names.
        done = self.repository.git.call(
            "log", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-show-signature", *options,
            "--format=%x00%H%x00%P%x00%an%x00%cI%x00%s", f"{self.since}..{self.until}",
        )  # fmt: skip
        return decode(done.out), done.code == 0


def _parse(out: str) -> Iterator[Logged]:
    fields = out.split("\0")
    position, end = 0, len(fields)
    while True:
        # Before each commit an empty field stands, and for all but the first the end of the one before.
        while position < end and not fields[position].strip():
            position += 1
        if position + 4 >= end:
            return
        commit, parents, author, date, subject = fields[position : position + 5]
        position += 5
        raw: list[tuple[str, str]] = []
        while position + 1 < end and (told := fields[position].lstrip("\n")).startswith(":"):
            raw.append((told, fields[position + 1]))
            position += 2
        yield Logged(commit, tuple(parents.split()), author, date, subject, tuple(raw))
