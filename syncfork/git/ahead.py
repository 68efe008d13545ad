"""Blobs read beside other work: git is asked as soon as it is known what will be wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from syncfork.git.changes import Change, files_of
from syncfork.git.door import Git, begun
from syncfork.git.repository import Repository

Blobs = dict[str, bytes | None]


class ReadAhead:
    """Reads the repository's blobs: what the files in `changes` held before and after, as soon as that is known,
    without anybody waiting for it."""

    def __init__(self, repository: Repository, changes: Callable[[], Iterable[Change]] | None = None) -> None:
        self._repository = repository
        self._asked = begun(lambda: self._read(changes())) if changes else None

    def _read(self, changes: Iterable[Change]) -> Blobs:
        return self._repository.blobs(sorted(files_of(changes)))

    def blobs(self, oids: Iterable[str], git: Git) -> Blobs:
        """`Repository.blobs`: what was not read yet is read by `git` now."""
        wanted = {*oids}
        if not wanted:
            return {}
        found = self._asked.result() if self._asked else {}
        read = {oid: found[oid] for oid in wanted & found.keys()}
        return {**read, **self._repository.blobs(sorted(wanted - read.keys()), git)}
