"""How well would a fork's own past have prepared syncfork for what came then? A table, and every wrong path.

    python benchmarks/score.py CLONE UPSTREAM [HEAD]

Learns rules, resolutions and resolvers on the first 70 of 100 of the fork's merges that have conflicts, freezes them,
and makes the rest again. Beside it, on the same merges: git alone, git with rerere trained on the same 70, and keeping
ours. "right" is byte by byte what people committed; paths that people committed with conflict markers are left out.

What syncfork resolves it has to be sure of. The last row is the opposite: what a person gets who takes the first
suggestion of `syncfork resolve` in every conflict, unread.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from msgspec.structs import replace
from rerere import Rerere

from syncfork.commands.learn import LearnOptions, run_learn
from syncfork.commands.replay import ReplayOptions, open_fork
from syncfork.git.door import decode, encode
from syncfork.git.repository import Repository
from syncfork.learn.written import as_yaml
from syncfork.merge.past import Known, known_commits
from syncfork.merge.redo import SourcesOf, redo
from syncfork.merge.replay import Redone
from syncfork.merge.syncs import Sync
from syncfork.merge.trials import Trial, trials
from syncfork.resolve.back import cautious
from syncfork.resolve.base import Answer, Resolved, Source
from syncfork.resolve.calibrate import calibrate, enabled
from syncfork.resolve.memory import Filed, Memory, judge
from syncfork.resolve.past import outcomes
from syncfork.resolve.resolution import Joined, Resolution, record
from syncfork.resolve.suggest import of_a_side, suggestions
from syncfork.resolve.table import Table
from syncfork.rules.load import load_rules
from syncfork.rules.model import Rule

_TRAINED = 0.7


@dataclass(frozen=True)
class Row:
    """What one way to resolve conflicts came to, in paths."""

    name: str
    resolved: int
    right: int

    def line(self, paths: int) -> str:
        share = 100 * self.resolved / paths if paths else 0
        good = f"{100 * self.right / self.resolved:5.1f}%" if self.resolved else "    -"
        return f"  {self.name:<34} {self.resolved:>4} of {paths} ({share:4.1f}%)   right {self.right:>4} ({good})"


def main() -> None:
    clone, upstream, *rest = sys.argv[1:]
    opened = open_fork(ReplayOptions(Path(clone), range=rest[0] if rest else "HEAD", upstream=upstream))
    repository = opened.repository
    # A join is scored as any merge: people committed it. Nothing is learned from it.
    joins = set(opened.found.joins)
    every = [*opened.found.syncs, *joins]
    known = known_commits(repository, every)
    syncs = [sync for sync in every if sync.commit in known]
    syncs.sort(key=lambda sync: known[sync.commit].committed)
    tried = [trial for trial in trials(repository, syncs, ()) if trial.paths]
    cut = int(len(tried) * _TRAINED)
    before, after = [trial for trial in tried[:cut] if trial.sync not in joins], tried[cut:]
    if not before:
        sys.exit(
            f"{clone}: too few merges with conflicts that can be made again: {len(tried)} of {len(syncs)}"
        )
    rules, last = learned_rules(Path(clone), upstream, before)
    memory = remembered(repository, before, known, last)
    table = measured(before, known, last)
    resolvers = sum(row.on for row in table.rows)
    print(f"{clone}: learned on {len(before)} merges, scored on {len(after)}: {len(rules)} rules, ", end="")
    print(f"{len(memory.filed)} resolutions, {resolvers} classes of resolvers")
    later = [trial.sync for trial in after]

    back = taken_back(repository, memory, later)

    def past(sync: Sync) -> Sequence[Source]:
        return cautious([replace(memory, day=repository.day(sync.theirs))], back[sync.ours])

    def measured_then(sync: Sync) -> Sequence[Source]:
        return enabled(table, repository.day(sync.theirs))

    def both(sync: Sync) -> Sequence[Source]:
        return (*past(sync), *cautious(measured_then(sync), back[sync.ours]))

    told = alone(repository, later, rules, both)
    paths = sum(merge.count(outcome) for merge in told for outcome in ("same", "different", "left"))
    rows = [
        Row("git alone", 0, 0),
        with_rerere(before, after),
        keeping_ours(repository, told),
        of("syncfork", told),
    ]
    by_day: tuple[tuple[str, tuple[Rule, ...], SourcesOf], ...] = (
        ("  by learned rules alone", rules, lambda _: ()),
        ("  by remembered resolutions alone", (), past),
        ("  by resolvers alone", (), measured_then),
    )
    for name, ruling, sources in by_day:
        rows.append(of(name, alone(repository, later, ruling, sources)))
    rows.append(first_suggestions(after, memory, table))
    for row in rows:
        print(row.line(paths))
    for merge in told:
        for path in merge.paths:
            if path.outcome == "different":
                print(
                    f"  wrong: {merge.commit[:10]} {path.path} by {', '.join(path.rules)}; people took {path.people}"
                )


def alone(
    repository: Repository, syncs: Sequence[Sync], rules: tuple[Rule, ...], sources: SourcesOf
) -> list[Redone]:
    return list(redo(repository, syncs, lambda b: {s.commit: rules for s in b}, None, sources))


def of(name: str, merges: Iterable[Redone]) -> Row:
    listed = list(merges)
    same, different = (sum(merge.count(o) for merge in listed) for o in ("same", "different"))
    return Row(name, same + different, same)


def learned_rules(clone: Path, upstream: str, before: Sequence[Trial]) -> tuple[tuple[Rule, ...], str]:
    """The rules that `syncfork learn` proposes at the last of the merges learned from, and that commit."""
    last = before[-1].sync.through
    found = run_learn(LearnOptions(clone, until=last, upstream=upstream))
    files = [(f"{p.id}.yml", as_yaml(p).encode()) for p in found.proposals]
    return load_rules(files), last


def remembered(repository: Repository, before: Sequence[Trial], known: dict[str, Known], last: str) -> Memory:
    """What `syncfork continue` would have written down after each of the merges."""
    made: list[Resolution] = []
    for trial in before:
        about = known[trial.sync.commit]
        day, merge = datetime.fromisoformat(about.date).date(), Joined(trial.sync.ours, trial.sync.theirs)
        for file, committed in trial.paths:
            if committed is None:
                if file.kind == "modify/delete" and file.ours is None:
                    made += filter(None, [record(file.path, None, None, merge, about.author, day)])
                continue
            for clash, result in zip(file.clashes, outcomes(file, committed), strict=True):
                if result is not None:
                    made += filter(None, [record(file.path, clash, result, merge, about.author, day)])
    filed = [Filed(f"{number:06}.yml", resolution) for number, resolution in enumerate(made)]
    blobs = repository.blobs({f"{last}:{item.resolution.path}" for item in filed})
    texts = {
        name.partition(":")[2]: None if content is None else decode(content)
        for name, content in blobs.items()
    }
    return Memory(tuple(item.filed for item in judge(filed, texts) if item.state == "valid"))


def taken_back(repository: Repository, memory: Memory, syncs: Sequence[Sync]) -> dict[str, frozenset[str]]:
    """By the fork's commit of each merge, the paths that were to stay deleted, and that the fork has again by then: what
    was remembered is frozen, and held against the fork as it is."""
    out = {item.resolution.path for item in memory.filed if item.resolution.kind == "path"}
    there = repository.resolve({f"{sync.ours}:{path}" for sync in syncs for path in out}) if out else {}
    return {sync.ours: frozenset(path for path in out if there[f"{sync.ours}:{path}"]) for sync in syncs}


def measured(before: Sequence[Trial], known: dict[str, Known], last: str) -> Table:
    past = (
        (trial.sync.commit, known[trial.sync.commit].day, file, committed)
        for trial in before
        for file, committed in trial.paths
    )
    return calibrate(past, last, date.today())


def first_suggestions(after: Sequence[Trial], memory: Memory, table: Table) -> Row:
    """What `syncfork resolve` suggests first, taken wherever it suggests something for every conflict of a path."""
    resolved = right = 0
    for trial in after:
        for file, committed in trial.paths:
            numbers = range(len(file.clashes)) if file.clashes else (None,)
            found = [suggestions(file, number, [(memory, "")], table) for number in numbers]
            if whole := of_a_side(file, [(memory, "")], table):
                numbers, found = (None,), [(whole,)]
            if all(found):
                answers = {n: Answer(each[0].text, "", "") for n, each in zip(numbers, found, strict=True)}
                resolved += 1
                right += Resolved(file, answers).text == committed
    return Row("first suggestions, unread", resolved, right)


def with_rerere(before: Sequence[Trial], after: Sequence[Trial]) -> Row:
    resolved = right = 0
    with tempfile.TemporaryDirectory() as folder:
        rerere = Rerere(Path(folder))
        for trial in before:
            rerere.train(
                {file.path: file for file, _ in trial.paths}, {f.path: text for f, text in trial.paths}
            )
        for trial in after:
            committed = {file.path: text for file, text in trial.paths}
            for path, content in rerere.answers({file.path: file for file, _ in trial.paths}).items():
                text = committed[path]
                resolved += 1
                right += text is not None and encode(text) == content
    return Row("git with rerere", resolved, right)


def keeping_ours(repository: Repository, told: Sequence[Redone]) -> Row:
    """Every conflicted path as the fork has it."""
    listed = [(m, p) for m in told for p in m.paths if p.outcome != "markers"]
    names = {f"{merge.ours}:{path.path}" for merge, path in listed if path.people == "deleted"}
    there = repository.resolve(names) if names else {}
    right = sum(
        path.people == "ours" or (path.people == "deleted" and there[f"{merge.ours}:{path.path}"] is None)
        for merge, path in listed
    )
    return Row("keep ours", len(listed), right)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{error}: {error.stderr!r}") from error
