"""What a fork has for the conflicts that git and its rules leave: remembered resolutions, and switched-on resolvers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from syncfork.commands.shipped import shipped
from syncfork.config import Config
from syncfork.errors import RuleError
from syncfork.git.repository import Repository
from syncfork.merge.engine import LiftedMerge
from syncfork.resolve.base import Source

if TYPE_CHECKING:
    from syncfork.resolve.memory import Memory
    from syncfork.resolve.resolution import Resolution
    from syncfork.resolve.table import Table

# Where both are by default: a commit that has neither of these, nor a configuration, has no source.
DEFAULT_PLACES = (Config().resolutions, Config().resolvers)


class Answering(Struct, frozen=True, dict=True):
    """The sources of the fork's `commit`, read where a merge has something to ask them, and then once. What the commits
    `upstream` have just so is upstream's, and no source."""

    repository: Repository
    commit: str
    config: Config
    upstream: tuple[str, ...] = ()

    def sources(self, usable: Callable[[Resolution], bool] = lambda _: True) -> Sequence[Source]:
        """In the order in which they are asked: what people decided, of that what is `usable`, before what is
        concluded."""
        filed = tuple(item for item in self._memory.filed if usable(item.resolution))
        return (*((replace(self._memory, filed=filed),) if filed else ()), *self._resolvers[0])

    def warnings(self, merge: LiftedMerge) -> tuple[str, ...]:
        """What could not be used, where `merge` had something to ask."""
        asked = merge.resolved or merge.merged.conflicts
        return (*self._memory.warnings, *self._resolvers[1]) if asked else ()

    @property
    def measured(self) -> bool:
        """Whether resolvers answer, by what they got right in past merges."""
        return bool(self._resolvers[0])

    @cached_property
    def _memory(self) -> Memory:
        from syncfork.commands.memory import load_memory

        return load_memory(self.repository, self.commit, self.config, self.upstream)

    @cached_property
    def _resolvers(self) -> tuple[Sequence[Source], tuple[str, ...]]:
        """The resolvers that are on, and why they are not used."""
        try:
            table = load_table(self.repository, self.commit, self.config, self.upstream)
        except RuleError as error:
            return (), (f"resolvers are not used: {error.problem}",)
        if table is None:
            return (), ()
        if table.outdated:
            told = f"{self.config.resolvers} was made by syncfork {table.syncfork}: resolvers are not used"
            return (), (f"{told}; measure again: syncfork resolvers calibrate",)
        from syncfork.resolve.calibrate import enabled

        return enabled(table), ()


def load_table(
    repository: Repository, commit: str, config: Config, upstream: Sequence[str] = ()
) -> Table | None:
    """The table of resolvers in `commit`; None where there is none. Raises RuleError that lists every mistake, or says
    that one of the commits `upstream` has the same table: it is upstream's then."""
    name = f"{commit}:{config.resolvers}"
    content = repository.blobs([name])[name] if config.resolvers else None
    if content is None:
        return None
    if shipped(repository, commit, [config.resolvers], upstream):
        raise RuleError(
            f"upstream wrote {config.resolvers}: measure the fork's own (syncfork resolvers calibrate), or git rm it"
        )
    from syncfork.resolve.table import from_text

    return from_text(config.resolvers, content)
