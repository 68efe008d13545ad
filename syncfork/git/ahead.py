"""Blobs read beside other work: git is asked as soon as it is known what will be wanted."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from syncfork.git.door import Git
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
        pool = ThreadPoolExecutor(1)
        self._asked = pool.submit(self._repository.blobs, sorted(oids))
        pool.shutdown(wait=False)

    def blobs(self, oids: Iterable[str], git: Git) -> Blobs:
        """`Repository.blobs`: what was not read yet is read by `git` now."""
        found = self._asked.result() if self._asked else {}
        return {**found, **self._repository.blobs(sorted({*oids} - found.keys()), git)}
