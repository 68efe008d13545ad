"""What git alone can tell of a merge, asked for beside other work: at best while the rules are still being read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain

from msgspec.structs import replace

from syncfork.git.ahead import ReadAhead
from syncfork.git.changes import Change, files_of
from syncfork.git.door import Asked, begun, together
from syncfork.git.rangelog import RangeLog
from syncfork.merge.culprits import Patches, read_patches
from syncfork.merge.mergetree import Merged, merge_tree
from syncfork.merge.twins import both_as_merged
from syncfork.merge.workspace import Workspace
from syncfork.own.base import BASE, OURS, THEIRS

Differences = tuple[Sequence[Change], Sequence[Change]]


class Beforehand:
    """The changes of ours and of theirs since their first merge base, and git's own merge of the two.

    `bases` tells their merge bases; where there is nothing to merge, nothing is asked. With `texts` what the changed
    files held is read as well; and where git's own merge has conflicts `log`, upstream's, and from it the patches of the
    commits that touched those paths.
    """

    def __init__(
        self,
        space: Workspace,
        ours: str,
        theirs: str,
        bases: Callable[[], Sequence[str]],
        *,
        texts: bool = False,
        log: RangeLog | None = None,
    ) -> None:
        self._space, self._ours, self._theirs, self._bases = space, ours, theirs, bases
        self._log = log
        self._patches: Asked[Patches] | None = None
        self._here = begun(self._bring) if space.repository.promisors else None
        self._plain = begun(self._merge)
        self._changes = begun(self._differ)
        changed = (lambda: [change for changes in self.changes for change in changes]) if texts else None
        self.ahead = ReadAhead(space.repository, changed)

    @property
    def changes(self) -> Differences:
        """What changed from the first merge base to ours, and to theirs."""
        return self._changes.result()

    @property
    def plain(self) -> Merged:
        """git's own merge. Raises SyncforkError where git cannot."""
        return self._plain.result()

    @property
    def patches(self) -> Patches | None:
        """What upstream did to the files that git's own merge has conflicts in, if that was asked for."""
        self._plain.wait()
        return self._patches.result() if self._patches else None

    def _differ(self) -> Differences:
        if not (bases := self._merged_from()):
            return (), ()
        repository = self._space.repository
        by_ours, by_theirs = together(
            *(partial(repository.changes, bases[0], side) for side in (self._ours, self._theirs))
        )
        stored = replace(repository, git=self._space.door)
        commits = {BASE: bases[0], OURS: self._ours, THEIRS: self._theirs}
        return both_as_merged(stored, commits, by_ours, by_theirs, lambda: self.plain)

    def _merge(self) -> Merged:
        if not (bases := self._merged_from()):
            return Merged(self._ours)
        merged = merge_tree(self._space.door, self._ours, self._theirs, self._space.markers(bases))
        if merged.conflicts and (log := self._log):
            log.begin()
            paths = sorted(merged.conflicts)
            self._patches = begun(lambda: read_patches(log.repository, log.since, log.until, paths, log))
        return merged

    def _merged_from(self) -> Sequence[str]:
        if self._here:
            self._here.wait()
        return self._to_merge()

    def _to_merge(self) -> Sequence[str]:
        """The merge bases; none where there is nothing to merge."""
        bases = self._bases()
        return () if list(bases) == [self._theirs] else bases

    def _bring(self) -> None:
        """Fetch what a partial clone lacks of the changed files, at once: git's merge and diff would each do it again."""
        repository = self._space.repository
        for base in self._to_merge()[:1]:
            sides = (
                partial(repository.changes, base, side, renames=False) for side in (self._ours, self._theirs)
            )
            repository.bring(files_of(chain(*together(*sides))))
