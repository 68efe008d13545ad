"""Blobs read beside other work: git is asked as soon as it is known what will be wanted."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future

from syncfork.git.door import Git, begun
from syncfork.git.repository import Change, Repository

Blobs = dict[str, bytes | None]


class ReadAhead:
    """Reads the repository's blobs; those of `begin` without anybody waiting for them."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._asked: Future[Blobs] | None = None

    def begin(self, changes: Iterable[Change]) -> None:
        """Read what the files in `changes` held before and after."""
        entries = [entry for change in changes for entry in (change.old, change.new)]
        oids = {entry.oid for entry in entries if entry and entry.is_file}
        self._asked = begun(lambda: self._repository.blobs(sorted(oids)))

    def blobs(self, oids: Iterable[str], git: Git) -> Blobs:
        """`Repository.blobs`: what was not read yet is read by `git` now."""
        asked, self._asked = self._asked, None
        found = asked.result() if asked else {}
        return {**found, **self._repository.blobs(sorted({*oids} - found.keys()), git)}
