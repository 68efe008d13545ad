"""Make past merges again, in memory, and compare: one `git merge-tree` for each, everything else in batches.

A batch has a workspace of its own, so that neither memory nor disk grow with the number of merges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from syncfork.errors import GitError, SyncforkError
from syncfork.git.door import Git, decode
from syncfork.git.repository import Change, Repository, parse_raw
from syncfork.merge.engine import LiftedMerge, lifted_merge
from syncfork.merge.mergetree import Merged, merge_tree
from syncfork.merge.replay import HandEdit, Redone, Solution, blank, has_markers, score
from syncfork.merge.syncs import Sync
from syncfork.merge.whole import whole_files
from syncfork.merge.workspace import Workspace, workspace
from syncfork.own.base import OURS, THEIRS
from syncfork.report import Finding
from syncfork.rules.model import Rule

_BATCH = 64
# git's merges wait for the disk now and then; more at a time than this gains nothing where cores are few.
_AT_A_TIME = 2
_BLOBS = 40

# The rules that a merge is redone with; None where they cannot be read.
RulesOf = Callable[[Sequence[Sync]], Mapping[str, tuple[Rule, ...] | None]]
# What detectors find in a tree that is the merge of a sync's parents.
Detect = Callable[[Repository, Sync, str, Sequence[Rule]], list[Finding]]


@dataclass(frozen=True)
class Known:
    """What git says of a commit."""

    tree: str
    subject: str
    author: str
    date: str
    committed: int
    parent_tree: str = ""


def redo(
    repository: Repository, syncs: Sequence[Sync], rules_of: RulesOf, detect: Detect | None = None
) -> Iterator[Redone]:
    """Make each merge again; in the order of `syncs`. Never raises for what is wrong with one of them."""
    for start in range(0, len(syncs), _BATCH):
        batch = syncs[start : start + _BATCH]
        with workspace(repository) as space:
            yield from _Batch(space, batch, rules_of(batch), detect).redone()


class _Batch:
    """A few merges at a time."""

    def __init__(
        self,
        space: Workspace,
        syncs: Sequence[Sync],
        rules: Mapping[str, tuple[Rule, ...] | None],
        detect: Detect | None,
    ) -> None:
        self.space, self.syncs, self.rules, self.detect = space, syncs, rules, detect
        self.git = space.git
        # As git sees it with the trees that were just made.
        self._stored = replace(space.repository, git=self.git)
        self.failed: dict[str, Redone] = {}

    def redone(self) -> Iterator[Redone]:
        """The batch's merges, in order."""
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            asked = pool.submit(known_commits, self.space.repository, self.syncs)
            bases = pool.submit(merge_bases, self.space.repository, self.syncs)
            plain = dict(zip([s.commit for s in self.syncs], pool.map(self._plain, self.syncs), strict=True))
            known = asked.result()
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
                made = score(start, merged, changes, committed[sync.commit], marked, solved.get(sync.commit))
                yield self._detected(sync, merged, made)

    def _plain(self, sync: Sync) -> Merged | None:
        """What git alone makes of it; None where it cannot, which is noted."""
        try:
            return merge_tree(self.git, sync.ours, sync.theirs)
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
        merged, rules, about = plain[sync.commit], self.rules.get(sync.commit), known.get(sync.commit)
        if merged is None or not rules or about is None:
            return None
        changes = departs.get((merged.tree, about.tree), ())
        paths = {*merged.conflicts, *(change.new_path for change in changes)}
        if not any(rule.files.match(path) for rule in rules for path in paths) or not bases.get(sync.commit):
            return None
        try:
            whole = whole_files(self._stored, sync, merged, changes, rules, about.tree)
            return whole or solve(self.space.repository, sync, bases[sync.commit], rules, about.tree)
        except SyncforkError as error:
            self.failed[sync.commit] = blank(sync, "missing", f"with rules: {error.problem}")
            return None

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
            marked |= {oid for oid, content in blobs.items() if has_markers(content)}
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
    return replace(start, bases=bases, took_nothing=nothing, **about)  # type: ignore[arg-type]


def solve(
    repository: Repository, sync: Sync, bases: Sequence[str], rules: Sequence[Rule], committed: str
) -> Solution:
    """The merge with rules, as `syncfork merge` makes it, held against the `committed` tree. Raises SyncforkError."""
    with workspace(repository) as space:
        merge = lift_sync(space, sync, bases, rules)
        changes = replace(repository, git=space.git).changes(merge.merged.tree, committed, renames=False)
    return as_solution(merge, changes)


def lift_sync(space: Workspace, sync: Sync, bases: Sequence[str], rules: Sequence[Rule]) -> LiftedMerge:
    """The lifted merge of a sync's parents."""
    return lifted_merge(space, sync.ours, sync.theirs, bases, rules, {OURS: "ours", THEIRS: "theirs"})


def as_solution(merge: LiftedMerge, changes: Iterable[Change]) -> Solution:
    """What of a lifted merge counts here; `changes` lead from its tree to the committed one.

    A path whose rule was withheld, or does not show in the result, needs a person though git merged it.
    """
    by: dict[str, list[str]] = {}
    for effect in merge.effects:
        if effect.problem is None and effect.applied:
            by.setdefault(effect.path, []).append(effect.rule.id)
    for item in merge.owned:
        by.setdefault(item.placement.path, []).append(item.rule.id)
    held = {effect.path for effect in merge.effects if effect.problem} | {item.path for item in merge.unheld}
    return Solution(
        frozenset(merge.merged.conflicts.keys() | held),
        frozenset(change.new_path for change in changes if _unlike(change)),
        {path: tuple(dict.fromkeys(ids)) for path, ids in by.items()},
    )


def _unlike(change: Change) -> bool:
    """Whether the contents differ; a mode alone does not count."""
    return change.old is None or change.new is None or change.old.oid != change.new.oid


def known_commits(repository: Repository, syncs: Sequence[Sync]) -> dict[str, Known]:
    """What git says of the syncs and of the fork's tree before them; one process. A commit that cannot be read is
    left out."""
    wanted = "".join(f"{commit}\n" for sync in syncs for commit in (sync.commit, sync.ours))
    form = "--format=%H%x00%T%x00%s%x00%an%x00%aI%x00%ct"
    done = repository.git.call("log", "--no-walk=unsorted", "-z", form, "--stdin", stdin=wanted.encode())
    if done.code and len(syncs) > 1:
        half = len(syncs) // 2
        return {**known_commits(repository, syncs[:half]), **known_commits(repository, syncs[half:])}
    fields = decode(done.out).split("\0")
    rows = {fields[at]: fields[at + 1 : at + 6] for at in range(0, len(fields) - 5, 6)}
    found: dict[str, Known] = {}
    for sync in syncs:
        if row := rows.get(sync.commit):
            before = rows.get(sync.ours, [""])[0]
            found[sync.commit] = Known(row[0], row[1], row[2], row[3], int(row[4]), before)
    return found


def merge_bases(repository: Repository, syncs: Sequence[Sync]) -> dict[str, list[str]]:
    """All merge bases of each sync; one process, where nothing is missing."""
    ranges = [f"{sync.ours}...{sync.theirs}" for sync in syncs]
    done = repository.git.call("rev-parse", *ranges)
    if done.code:
        if len(syncs) == 1:
            return {}
        half = len(syncs) // 2
        return {**merge_bases(repository, syncs[:half]), **merge_bases(repository, syncs[half:])}
    found: dict[str, list[str]] = {}
    lines = iter([*decode(done.out).split(), ""])
    line = next(lines)
    for sync in syncs:
        # Both ends, then the bases.
        next(lines)
        line = next(lines)
        found[sync.commit] = []
        while line.startswith("^"):
            found[sync.commit].append(line[1:])
            line = next(lines)
    return found


def compare(git: Git, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[Change]]:
    """What differs between pairs of trees, without renames; one process for all. A pair that cannot be read is left
    out."""
    found: dict[tuple[str, str], list[Change]] = {pair: [] for pair in pairs if pair[0] == pair[1]}
    left = [pair for pair in dict.fromkeys(pairs) if pair not in found]
    while left:
        stdin = "".join(f"{old} {new}\n" for old, new in left).encode()
        command = ("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-renames")
        done = git.call(*command, stdin=stdin)
        read = _read_pairs(decode(done.out))
        found |= dict(read[:-1] if done.code else read)
        if not done.code:
            break
        broken = read[-1][0] if read else left[0]
        left = left[left.index(broken) + 1 :]
    return found


def _read_pairs(out: str) -> list[tuple[tuple[str, str], list[Change]]]:
    """Read what `git diff-tree --stdin -z --raw --no-renames` prints: a line with both trees, then records of two
    fields. A path may hold anything but a NUL, so lines are looked for only where no path can be."""
    found: list[tuple[tuple[str, str], list[str]]] = []
    fields = out.split("\0")
    for position in range(0, len(fields), 2):
        *heads, record = fields[position].split("\n")
        for head in heads:
            old, _, new = head.partition(" ")
            found.append(((old, new), []))
        if record and position + 1 < len(fields):
            found[-1][1].extend((record, fields[position + 1]))
    return [(pair, parse_raw("\0".join(records))) for pair, records in found]
