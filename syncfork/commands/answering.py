"""What a fork has for the conflicts that git and its rules leave: remembered resolutions, and switched-on resolvers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from syncfork.commands.shipped import shipped
from syncfork.config import Config
from syncfork.errors import RuleError
from syncfork.evidence import holds
from syncfork.git.repository import Repository
from syncfork.merge.engine import LiftedMerge
from syncfork.render.text import count, one_line
from syncfork.resolve.base import Source
from syncfork.words import listed

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

    def sources(
        self, day: date | None = None, usable: Callable[[Resolution], bool] = lambda _: True
    ) -> Sequence[Source]:
        """In the order in which they are asked in a merge of what upstream had on `day` (by default that of its commit): what
        people decided, of that what is `usable`, before what is concluded."""
        filed = tuple(item for item in self._memory.filed if usable(item.resolution))
        if not filed and self._table[0] is None:
            return ()
        day = day or self.day
        memory = (replace(self._memory, filed=filed, day=day),) if filed else ()
        return (*memory, *self._resolvers(day))

    def warnings(self, merge: LiftedMerge) -> tuple[str, ...]:
        """What could not be used, where `merge` had something to ask."""
        if not (merge.resolved or merge.merged.conflicts):
            return ()
        return (*self._memory.warnings, *self._lapsed(merge.merged.conflicts), *self._table[1])

    @property
    def measured(self) -> bool:
        """Whether resolvers answer, by what they got right in past merges."""
        table = self._table[0]
        return table is not None and any(row.on for row in table.rows)

    @cached_property
    def day(self) -> date:
        """That of upstream's commit: how old evidence is does not depend on when a merge is made again."""
        return self.repository.day(next(iter(self.upstream), self.commit))

    def _resolvers(self, day: date) -> Sequence[Source]:
        table = self._table[0]
        if table is None:
            return ()
        from syncfork.resolve.calibrate import enabled

        return enabled(table, day)

    def _lapsed(self, conflicts: Collection[str]) -> Iterator[str]:
        """What may have had an answer to one of the `conflicts` that are left, were it not too long ago."""
        if not conflicts:
            return
        memory = replace(self._memory, day=self.day) if self._memory.filed else self._memory
        old = {item.resolution.path for item in memory.filed if not memory.recent(item)}
        if paths := sorted(old.intersection(conflicts)):
            names = listed([one_line(path) for path in paths], 3)
            yield f"decided more than a year ago, so it is only suggested now (syncfork resolve): {names}"
        table = self._table[0]
        if rows := [row for row in table.rows if row.on and not holds(row.last, self.day)] if table else []:
            last = max(row.last for row in rows)
            what = f"{count(len(rows), 'class', 'classes')} of resolvers, last met on {last}"
            yield f"not used, more than a year old: {what}; measure again: syncfork resolvers calibrate"

    @cached_property
    def _memory(self) -> Memory:
        from syncfork.commands.memory import load_memory

        return load_memory(self.repository, self.commit, self.config, self.upstream)

    @cached_property
    def _table(self) -> tuple[Table | None, tuple[str, ...]]:
        """What the resolvers have earned, where that may be used; and why not."""
        try:
            table = load_table(self.repository, self.commit, self.config, self.upstream)
        except RuleError as error:
            return None, (f"resolvers are not used: {error.problem}",)
        if table is not None and table.outdated:
            told = f"{self.config.resolvers} was made by syncfork {table.syncfork}: resolvers are not used"
            return None, (f"{told}; measure again: syncfork resolvers calibrate",)
        return table, ()


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
