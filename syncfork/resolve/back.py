"""Files that the fork had left out and has again: what that says of others. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from posixpath import dirname

from msgspec import Struct

from syncfork.resolve.base import Answer, Disputed, Source


class _Cautious(Struct, frozen=True):
    """A source that does not say of a path in one of the `folders` that it stays deleted."""

    source: Source
    folders: frozenset[str]

    def whole(self, file: Disputed) -> Answer | None:
        """See `Source`."""
        answer = self.source.whole(file)
        stays_deleted = answer is not None and answer.text is None and file.ours is None
        return None if stays_deleted and dirname(file.path) in self.folders else answer

    def clash(self, file: Disputed, number: int) -> Answer | None:
        """See `Source`."""
        return self.source.clash(file, number)


def cautious(sources: Iterable[Source], back: Collection[str]) -> tuple[Source, ...]:
    """The sources for a fork that has the files `back` again. Beside such a file people let others in, too: see
    `rules.lapsed` for how often."""
    folders = frozenset(map(dirname, back))
    return tuple(_Cautious(source, folders) if folders else source for source in sources)
