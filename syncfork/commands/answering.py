"""What a fork has for the conflicts that git and its rules leave: remembered resolutions, and switched-on resolvers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from syncfork.config import Config
from syncfork.git.repository import Repository
from syncfork.merge.engine import LiftedMerge
from syncfork.resolve.base import Source
from syncfork.resolve.memory import Memory


@dataclass(frozen=True)
class Answering:
    """The sources of the fork's `commit`, read where a merge has something to ask them, and then once."""

    repository: Repository
    commit: str
    config: Config

    def sources(self) -> Sequence[Source]:
        """In the order in which they are asked: what people decided, before what is concluded."""
        return (self._memory,) if self._memory.filed else ()

    def warnings(self, merge: LiftedMerge) -> tuple[str, ...]:
        """What could not be used, where `merge` had something to ask."""
        return self._memory.warnings if merge.resolved or merge.merged.conflicts else ()

    @cached_property
    def _memory(self) -> Memory:
        from syncfork.commands.memory import load_memory

        return load_memory(self.repository, self.commit, self.config)
