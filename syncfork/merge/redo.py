"""Make past merges again, in memory, and compare: one `git merge-tree` for each, everything else in batches.

A batch has a workspace of its own, so that neither memory nor disk grow with the number of merges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from msgspec.structs import replace

from syncfork.errors import GitError, SyncforkError
from syncfork.git.changes import Change
from syncfork.git.door import encode
from syncfork.git.objects import object_id
from syncfork.git.repository import Repository
from syncfork.merge.disputes import STYLE, disputes
from syncfork.merge.engine import LiftedMerge, lifted_merge
from syncfork.merge.mergetree import Merged, merge_tree
from syncfork.merge.past import Known, compare, known_commits, merge_bases
from syncfork.merge.replay import HandEdit, Redone, Solution, blank, score
from syncfork.merge.resolving import KINDS
from syncfork.merge.syncs import Sync
from syncfork.merge.whole import whole_files
from syncfork.merge.workspace import Workspace, workspace
from syncfork.own.base import OURS, THEIRS
from syncfork.own.union import Regenerate
from syncfork.report import Finding
from syncfork.resolve.base import Source, resolve
from syncfork.resolve.markers import marker_committed
from syncfork.rules.lapsed import in_force
from syncfork.rules.model import Rule

_BATCH = 64
# git's merges wait for the disk now and then; more at a time than this gains nothing where cores are few.
_AT_A_TIME = 2
_BLOBS = 40

# The rules that a merge is redone with; None where they cannot be read.
RulesOf = Callable[[Sequence[Sync]], Mapping[str, tuple[Rule, ...] | None]]
# What may answer the conflicts that are left of a merge; it may only know what was known before.
SourcesOf = Callable[[Sync], Sequence[Source]]
# What detectors find in a tree that is the merge of a sync's parents.
Detect = Callable[[Repository, Sync, str, Sequence[Rule]], list[Finding]]


def redo(
    repository: Repository,
    syncs: Sequence[Sync],
    rules_of: RulesOf,
    detect: Detect | None = None,
    sources_of: SourcesOf | None = None,
    is_own: Callable[[str], bool] = lambda _: False,
) -> Iterator[Redone]:
    """Make each merge again; in the order of `syncs`. Never raises for what is wrong with one of them.

    `is_own` tells of a path whether it is one of the files of syncfork in the fork, which are nobody's changes by hand.
    """
    for start in range(0, len(syncs), _BATCH):
        batch = syncs[start : start + _BATCH]
        with workspace(repository) as space:
            yield from _Batch(space, batch, rules_of(batch), detect, sources_of, is_own).redone()


class _Batch:
    """A few merges at a time."""

    def __init__(
        self,
        space: Workspace,
        syncs: Sequence[Sync],
        rules: Mapping[str, tuple[Rule, ...] | None],
        detect: Detect | None,
        sources_of: SourcesOf | None,
        is_own: Callable[[str], bool],
    ) -> None:
        self.space, self.syncs, self.rules, self.detect = space, syncs, rules, detect
        self.sources_of, self.is_own = sources_of, is_own
        self.git = space.git
        # As git sees it with the trees that were just made.
        self._stored = replace(space.repository, git=self.git)
        self.failed: dict[str, Redone] = {}

    def redone(self) -> Iterator[Redone]:
        """The batch's merges, in order."""
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            asked = pool.submit(known_commits, self.space.repository, self.syncs)
            bases = pool.submit(merge_bases, self.space.repository, self.syncs)
            merges = pool.map(lambda sync: self._plain(sync, bases), self.syncs)
            plain = dict(zip([s.commit for s in self.syncs], merges, strict=True))
            known = asked.result()
            held = pool.map(lambda sync: self._in_force(sync, bases), self.syncs)
            self.rules = dict(zip([s.commit for s in self.syncs], held, strict=True))
            trees = {c: (m.tree, known[c].tree) for c, m in plain.items() if m and c in known}
            departs = compare(self.git, list(trees.values()))
            solved = dict(
                pool.map(
                    lambda sync: (sync.commit, self._solution(sync, plain, known, departs, bases.result())),
                    self.syncs,
                )
            )
        committed = self._committed(plain, trees, departs)
        marked = self._marked({oid for oids in committed.values() for oid in oids.values() if oid})
        for sync in self.syncs:
            merged, changes = plain[sync.commit], departs.get(trees.get(sync.commit, ("", "")))
            start = _told(blank(sync), known.get(sync.commit), len(bases.result().get(sync.commit, ())))
            if failed := self.failed.get(sync.commit):
                yield replace(start, state=failed.state, detail=failed.detail)
            elif merged is None or changes is None:
                yield replace(start, detail="the commit's files cannot be read")
            else:
                beside = [c for c in changes if not self.is_own(c.new_path)]
                made = score(start, merged, beside, committed[sync.commit], marked, solved.get(sync.commit))
                yield self._detected(sync, merged, made)

    def _in_force(self, sync: Sync, bases: Future[dict[str, list[str]]]) -> tuple[Rule, ...]:
        """The rules that count for it; none where git cannot tell, as where it cannot merge."""
        rules, given = self.rules.get(sync.commit) or (), bases.result().get(sync.commit)
        try:
            return in_force(self.space.repository, rules, sync.ours, sync.theirs, given)[0] if given else ()
        except GitError:
            return ()

    def _plain(self, sync: Sync, bases: Future[dict[str, list[str]]]) -> Merged | None:
        """What git alone makes of it; None where it cannot, which is noted."""
        try:
            if self.sources_of is None:
                return merge_tree(self.git, sync.ours, sync.theirs)
            # Markers with the merge base's lines, to ask the sources about: they change no path without a conflict.
            attributes = self.space.markers(bases.result().get(sync.commit, ()))
            return merge_tree(self.git, sync.ours, sync.theirs, attributes, settings=(STYLE,))
        except GitError as error:
            unrelated = "unrelated histories" in error.problem
            self.failed[sync.commit] = blank(sync, "unrelated" if unrelated else "missing", error.problem)
            return None

    def _solution(
        self,
        sync: Sync,
        plain: Mapping[str, Merged | None],
        known: Mapping[str, Known],
        departs: Mapping[tuple[str, str], list[Change]],
        bases: Mapping[str, Sequence[str]],
    ) -> Solution | None:
        """The merge with rules, where they have a word on a path that counts."""
        merged, about = plain[sync.commit], known.get(sync.commit)
        if merged is None or about is None or not bases.get(sync.commit):
            return None
        rules = self.rules.get(sync.commit) or ()
        sources = self.sources_of(sync) if self.sources_of and merged.conflicts else ()
        changes = departs.get((merged.tree, about.tree), ())
        paths = {*merged.conflicts, *(change.new_path for change in changes)}
        governed = any(rule.files.match(path) for rule in rules for path in paths)
        if not governed and not sources:
            return None
        try:
            ruled = (
                whole_files(self._stored, sync, merged, changes, rules, about.tree)
                if governed
                else Solution(frozenset(merged.conflicts), frozenset(change.new_path for change in changes))
            )
            if ruled is None:
                return solve(self.space.repository, sync, bases[sync.commit], rules, about.tree, sources)
            return self._answered(sync, merged, ruled, sources, changes) if sources else ruled
        except SyncforkError as error:
            self.failed[sync.commit] = blank(sync, "missing", f"with rules: {error.problem}")
            return None

    def _answered(
        self,
        sync: Sync,
        merged: Merged,
        known: Solution,
        sources: Sequence[Source],
        changes: Sequence[Change],
    ) -> Solution:
        """With what the sources answer where `known` leaves a conflict of `merged`, which was made for them."""
        paths = [path for path in known.left if merged.conflicts[path].kind in KINDS]
        files = disputes(self._stored, merged.tree, merged.conflicts, (sync.ours, sync.theirs), paths)
        committed = {change.new_path: change.new.oid if change.new else None for change in changes}
        left, differs, by = set(known.left), set(known.differs), dict(known.by)
        for file in files.values():
            found = resolve(file, sources)
            if not found.complete:
                continue
            left.discard(file.path)
            by[file.path] = tuple(dict.fromkeys(answer.by for answer in found.answers.values()))
            # What differs nowhere from git's tree was committed as git had left it: one of the sides.
            kept = {entry.oid for number, entry in merged.conflicts[file.path].stages.items() if number > 1}
            wanted = {committed[file.path]} if file.path in committed else kept
            differs.discard(file.path)
            text = found.text
            made = None if text is None else object_id("blob", encode(text), self.space.repository.algorithm)
            if made not in wanted:
                differs.add(file.path)
        return Solution(frozenset(left), frozenset(differs), by)

    def _committed(
        self,
        plain: Mapping[str, Merged | None],
        trees: Mapping[str, tuple[str, str]],
        departs: Mapping[tuple[str, str], list[Change]],
    ) -> dict[str, dict[str, str | None]]:
        """By merge, what people committed at the paths in conflict. Where that is what git had left, ask for it."""
        found: dict[str, dict[str, str | None]] = {}
        names: dict[str, tuple[str, str]] = {}
        for commit, pair in trees.items():
            merged, changes = plain[commit], departs.get(pair)
            found[commit] = {c.new_path: c.new.oid if c.new else None for c in changes or ()}
            for path in merged.conflicts if merged and changes is not None else ():
                if path not in found[commit]:
                    names[f"{pair[1]}:{path}"] = commit, path
        if names:
            for name, oid in self._stored.resolve(names).items():
                commit, path = names[name]
                found[commit][path] = oid
        return found

    def _marked(self, oids: Iterable[str]) -> set[str]:
        """Those objects that have conflict markers in their text; few are in memory at a time."""
        marked: set[str] = set()
        left = sorted(oids)
        for start in range(0, len(left), _BLOBS):
            blobs = self.space.repository.blobs(left[start : start + _BLOBS], self.git)
            marked |= {oid for oid, content in blobs.items() if marker_committed(content)}
        return marked

    def _detected(self, sync: Sync, merged: Merged, made: Redone) -> Redone:
        """With what the detectors say of a merge that people changed though git had no conflict."""
        if self.detect is None or merged.conflicts or not made.by_hand:
            return made
        try:
            found = self.detect(self._stored, sync, merged.tree, self.rules.get(sync.commit) or ())
        except SyncforkError as error:
            return replace(made, detail=f"the detectors were not asked: {error.problem}")
        told: dict[str, list[str]] = {}
        for finding in found:
            if finding.new:
                told.setdefault(finding.path, []).append(f"{finding.detector}: {finding.message}")
        edits = [replace(edit, detected=tuple(told.get(edit.path, ()))) for edit in made.by_hand]
        return replace(made, by_hand=tuple[HandEdit, ...](edits))


def _told(start: Redone, known: Known | None, bases: int) -> Redone:
    if known is None:
        return replace(start, bases=bases)
    nothing = known.tree == known.parent_tree
    about = {"subject": known.subject, "author": known.author, "date": known.date}
    return replace(start, bases=bases, took_nothing=nothing, **about)


def solve(
    repository: Repository,
    sync: Sync,
    bases: Sequence[str],
    rules: Sequence[Rule],
    committed: str,
    sources: Sequence[Source] = (),
) -> Solution:
    """The merge with rules, as `syncfork merge` makes it, held against the `committed` tree. Raises SyncforkError."""
    with workspace(repository) as space:
        merge = lift_sync(space, sync, bases, rules, sources)
        changes = replace(repository, git=space.git).changes(merge.merged.tree, committed, renames=False)
    return as_solution(merge, changes)


def lift_sync(
    space: Workspace,
    sync: Sync,
    bases: Sequence[str],
    rules: Sequence[Rule],
    sources: Sequence[Source] = (),
) -> LiftedMerge:
    """The lifted merge of a sync's parents."""
    names = {OURS: "ours", THEIRS: "theirs"}
    return lifted_merge(space, sync.ours, sync.theirs, bases, rules, names, lambda: sources)


def as_solution(merge: LiftedMerge, changes: Iterable[Change]) -> Solution:
    """What of a lifted merge counts here; `changes` lead from its tree to the committed one.

    A path whose rule was withheld, or does not show in the result, needs a person though git merged it; so does one
    that a rule leaves to a decision, or to a command that was not run.
    """
    by: dict[str, list[str]] = {}
    for effect in merge.effects:
        if effect.problem is None and effect.applied:
            by.setdefault(effect.path, []).append(effect.rule.id)
    for item in merge.owned:
        by.setdefault(item.placement.path, []).append(item.rule.id)
    for found in merge.resolved:
        by.setdefault(found.file.path, []).extend(answer.by for answer in found.answers.values())
    held = {effect.path for effect in merge.effects if effect.problem} | {item.path for item in merge.unheld}
    held |= {
        item.placement.path
        for item in merge.owned
        if item.placement.decision or (item.placement.acted and isinstance(item.rule.own, Regenerate))
    }
    # What a copy could not be brought in step with.
    held |= {item.path for item in merge.unported if item.settled != "union"}
    return Solution(
        frozenset(merge.merged.conflicts.keys() | held),
        frozenset(change.new_path for change in changes if _unlike(change)),
        {path: tuple(dict.fromkeys(ids)) for path, ids in by.items()},
    )


def _unlike(change: Change) -> bool:
    """Whether the contents differ; a mode alone does not count."""
    return change.old is None or change.new is None or change.old.oid != change.new.oid
