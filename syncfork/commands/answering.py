"""What a fork has for the conflicts that git and its rules leave: remembered resolutions, and switched-on resolvers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from posixpath import dirname
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from syncfork.commands.shipped import shipped
from syncfork.config import Config
from syncfork.errors import RuleError
from syncfork.git.repository import Repository
from syncfork.merge.engine import LiftedMerge
from syncfork.own.base import THEIRS
from syncfork.resolve.base import Source
from syncfork.words import count, listed, one_line

if TYPE_CHECKING:
    from syncfork.resolve.memory import Memory
    from syncfork.resolve.resolution import Resolution
    from syncfork.resolve.table import Table

# Where both are by default: a commit that has neither of these, nor a configuration, has no source.
DEFAULT_PLACES = (Config().resolutions, Config().resolvers)


class Answering(Struct, frozen=True, dict=True):
    """The sources of the fork's `commit`, read where a merge has something to ask them, and then once. What the commits
    `upstream` have just so is upstream's, and no source. `back` are files that a rule keeps out and the fork has."""

    repository: Repository
    commit: str
    config: Config
    upstream: tuple[str, ...] = ()
    back: frozenset[str] = frozenset()

    def sources(self, theirs: str, usable: Callable[[Resolution], bool] = lambda _: True) -> Sequence[Source]:
        """In the order in which they are asked in a merge of upstream's commit `theirs`: what people decided, of that what
        is `usable`, before what is concluded. How old that is tells the day of `theirs`, whenever the merge is made."""
        filed = tuple(item for item in self._memory.filed if usable(item.resolution))
        table = self._table[0]
        if not filed and table is None:
            return ()
        day = self.repository.day(theirs)
        memory = (replace(self._memory, filed=filed, day=day),) if filed else ()
        from syncfork.resolve.back import cautious

        if table is None:
            return cautious(memory, self._back)
        from syncfork.resolve.calibrate import enabled

        return cautious((*memory, *enabled(table, day)), self._back)

    def warnings(self, merge: LiftedMerge) -> tuple[str, ...]:
        """What could not be used, where `merge` had something to ask."""
        if not (merge.resolved or merge.merged.conflicts):
            return ()
        return (*self._memory.warnings, *self._lapsed(merge), *self._table[1])

    @property
    def measured(self) -> bool:
        """Whether resolvers answer, by what they got right in past merges."""
        table = self._table[0]
        return table is not None and any(row.on for row in table.rows)

    def _lapsed(self, merge: LiftedMerge) -> Iterator[str]:
        """What would have had an answer to a conflict that is left, or might have, were it not too long ago."""
        conflicts, table = merge.merged.conflicts, self._table[0]
        if not conflicts or (not self._memory.filed and table is None):
            return
        day = self.repository.day(merge.commits[THEIRS])
        gone = {path for path, conflict in conflicts.items() if conflict.kind == "modify/delete"}
        if old := sorted(gone & replace(self._memory, day=day).too_old()):
            names = listed([one_line(path) for path in old], 3)
            yield f"decided more than a year before upstream's commit, so it is only suggested: {names}"
        yield from self._beside(path for path in sorted(gone) if 2 not in conflicts[path].stages)
        from syncfork.resolve.scopes import scopes_of

        scopes = {scope for path in conflicts for scope in scopes_of(path)}
        rows = [row for row in table.rows if row.on and not table.holds(row, day)] if table else []
        if met := [row for row in rows if row.scope in scopes]:
            yield (
                f"{count(len(met), 'class', 'classes')} of resolvers not used, last met more than a year before upstream's "
                "commit; after a merge with such a conflict: syncfork resolvers calibrate"
            )

    def _beside(self, gone: Iterable[str]) -> Iterator[str]:
        """Which of the paths that the fork does without lie beside one that it has again."""
        back = {dirname(path): path for path in sorted(self._back, reverse=True)}
        beside = [path for path in gone if dirname(path) in back]
        if beside:
            again = dict.fromkeys(back[dirname(path)] for path in beside)
            yield (
                f"the fork has {listed([one_line(path) for path in again])} again, which was left out before, so of others beside it "
                f"nothing is concluded: {listed([one_line(path) for path in beside])}"
            )

    @property
    def _back(self) -> frozenset[str]:
        return self.back | self._memory.back

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
