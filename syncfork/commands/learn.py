"""`syncfork learn`: rules that the fork's own changes and its past merges bear out. Reads; writes rule files if asked."""

from __future__ import annotations

import contextlib
import json
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from syncfork import __version__
from syncfork.commands.evidence import reviewed
from syncfork.commands.replay import Opened, ReplayOptions, open_fork
from syncfork.config import committed_sources, worktree_config
from syncfork.errors import RuleError, SyncforkError, UsageError
from syncfork.git.repository import Repository
from syncfork.learn.base import Past, Proposal, Score
from syncfork.learn.gather import gather
from syncfork.learn.registry import LEARNERS
from syncfork.learn.select import Candidate, candidates, too_often_wrong, tried, wrong
from syncfork.learn.withdraw import Renewed, again, renewed, withdrawn
from syncfork.learn.written import as_yaml
from syncfork.merge.redo import redo
from syncfork.merge.replay import Redone
from syncfork.merge.syncs import Sync
from syncfork.report import Ref
from syncfork.rules.load import read_rules
from syncfork.rules.model import Rule
from syncfork.rules.written import WrittenRule
from syncfork.words import count, listed
from syncfork.writing import write_atomically

# Called with what is going on, how much of it is done, and how much there is.
Tick = Callable[[str, int, int], None]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class LearnOptions(Struct, frozen=True):
    """What the command line asks. `until` is a day or a revision, `last` a number of merges, None for all; `folder` is
    where rule files are to be written; without `today`, which counts where no upstream is known, evidence may be old."""

    directory: Path
    until: str | None = None
    upstream: str | None = None
    packs: tuple[str, ...] = ()
    last: int | None = None
    folder: Path | None = None
    today: date | None = None


class Learned(Struct, frozen=True):
    """What was learned: the proposals, best borne out first, and those that were refused, with the reason.

    `todo` is the line that syncfork.toml needs for the written files to be read, empty where it is not needed.
    `merges` were made again, with `conflicted` paths in conflict in them, not counting those that were committed with
    conflict `markers`: as `syncfork replay` counts; `score` says how those come out with all
    proposals together. `written` are the files that were written, `kept` those that were there already; `withdrawn` are
    the ids of the fork's learned rules that would not be proposed today, `renewed` those that merges since have borne out.
    """

    tool_version: str
    fork: Ref
    upstream: Ref | None
    merges: int
    conflicted: int
    score: Score
    proposals: tuple[Proposal, ...] = ()
    refused: tuple[Proposal, ...] = ()
    written: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    renewed: tuple[Renewed, ...] = ()
    warnings: tuple[str, ...] = ()
    markers: int = 0
    todo: str = ""
    exit_code: int = 0
    verb: str = "learn"
    schema_version: int = 1


def run_learn(options: LearnOptions, tick: Tick = lambda _, __, ___: None) -> Learned:
    """Learn from the past. Raises SyncforkError where the history cannot be read, or a file not be written."""
    if options.last is not None and options.last < 1:
        raise UsageError("--last takes a number from 1 on")
    opened = _open(options)
    repository = opened.repository
    syncs = opened.found.syncs[::-1]
    upstream = opened.upstream.commit if opened.upstream else None
    past = gather(repository, syncs, opened.head.commit, upstream, lambda n, m: tick("Reading merges", n, m))
    proposed = [proposal for learner in LEARNERS.values() for proposal in learner(past)]
    # As a merge of upstream does: it is upstream's day that tells what is too old.
    day = repository.day(upstream) if options.today and upstream else options.today
    proposed, outlived = _holding(proposed, day)
    found, refused = candidates(proposed, opened.setup.rules)
    found, others = tried(repository, found, past)
    found, wrongs, score = _replayed(repository, syncs, past, found, tick)
    proposals = tuple(sorted((c.proposal for c in found), key=lambda p: (-len(p.evidence.bearing), p.id)))
    written, kept = _write(options.folder, proposals) if options.folder else ((), ())
    rules = _written(opened, options)
    since = renewed(rules, proposed)
    if options.folder and opened.repository.work_tree:
        written += _renew(opened.repository.work_tree, options.folder, since)
    return Learned(
        tool_version=__version__,
        fork=opened.head,
        upstream=opened.upstream,
        merges=len(syncs) - len(past.unreadable),
        conflicted=past.conflicted,
        score=score,
        proposals=proposals,
        refused=(*refused, *others, *wrongs, *outlived),
        written=written,
        kept=kept,
        withdrawn=tuple(rule.id for rule in withdrawn((rule for rule, _ in rules), proposed)),
        renewed=tuple(since),
        warnings=(*opened.warnings, *_unread(past)),
        markers=past.markers,
        todo=_todo(repository.work_tree, options.folder) if written else "",
    )


def _todo(root: Path | None, folder: Path | None) -> str:
    """The line of syncfork.toml that names `folder` for the fork's rules, where it names another one, or none."""
    if root is None or folder is None or not folder.resolve().is_relative_to(root.resolve()):
        return ""
    name = folder.resolve().relative_to(root.resolve()).as_posix()
    read = ""
    with contextlib.suppress(RuleError):
        read = worktree_config(root).rules
    return "" if read and name == posixpath.normpath(read.strip("/")) else f"rules = {json.dumps(name)}"


def _unread(past: Past) -> Iterator[str]:
    if past.unreadable:
        names = listed([commit[:9] for commit in past.unreadable], 5)
        tells = "tells" if len(past.unreadable) == 1 else "tell"
        yield f"{count(len(past.unreadable), 'merge')} could not be made again, and {tells} nothing of conflicts: {names}"


def _holding(proposed: Sequence[Proposal], day: date | None) -> tuple[list[Proposal], list[Proposal]]:
    """The proposals whose evidence holds on `day`, and the others, refused."""
    held: list[Proposal] = []
    outlived: list[Proposal] = []
    for proposal in proposed:
        until = proposal.evidence.until
        if day and until < day:
            outlived.append(
                replace(
                    proposal,
                    refused=f"its evidence held until {until}, and upstream is of {day}: no merge since bears it out",
                )
            )
        else:
            held.append(proposal)
    return held, outlived


def _open(options: LearnOptions) -> Opened:
    """The fork as it was at `until`."""
    until = options.until or "HEAD"
    if _DAY.fullmatch(until):
        git = Repository.open(options.directory).git
        found = git.text("rev-list", "-1", "--first-parent", f"--before={until}T23:59:59", "HEAD")
        if not found:
            raise UsageError(f"--until {until}: the fork has no commit that old")
        until = found
    if ".." in until:
        raise UsageError(f"--until {until}: give one revision, or a day as YYYY-MM-DD")
    asked = ReplayOptions(
        options.directory, until, upstream=options.upstream, packs=options.packs, last=options.last
    )
    return reviewed(open_fork(asked))


def _written(opened: Opened, options: LearnOptions) -> list[tuple[WrittenRule, str]]:
    """The fork's rules of today, as they are written, each with its file."""
    home = opened.repository.resolve(["HEAD^{commit}"])["HEAD^{commit}"] or opened.head.commit
    sources = committed_sources(opened.repository, home, options.packs)
    return [(written, rule.source) for written, rule in read_rules(sources.files)]


def _replayed(
    repository: Repository, syncs: Sequence[Sync], past: Past, found: list[Candidate], tick: Tick
) -> tuple[list[Candidate], list[Proposal], Score]:
    """The candidates with their scores from real merges of the past in which their paths conflict; those that were too
    often wrong there; and the score of all that stay. A rule takes part from the first merge on that bears it out:
    before, the fork may not have had what it is about."""
    since = {c.rule.id: _first(past, c.proposal) for c in found}
    numbers = {
        passage.merge
        for candidate in found
        for path in candidate.proposal.paths
        for passage in past.passages.get(path, ())
        if passage.kind and passage.merge >= since[candidate.rule.id]
    }
    at = {past.merges[number].commit: number for number in numbers}
    asked = [sync for sync in syncs if sync.commit in at]

    def rules_of(batch: Sequence[Sync]) -> dict[str, tuple[Rule, ...]]:
        return {
            sync.commit: tuple(c.rule for c in found if since[c.rule.id] <= at[sync.commit]) for sync in batch
        }

    merges: dict[int, Redone] = {}
    for done, merge in enumerate(redo(repository, asked, rules_of), start=1):
        merges[at[merge.commit]] = merge
        tick("Replaying them", done, len(asked))
    kept, refused, total = [], [], Score()
    for candidate in found:
        later = [merge for number, merge in merges.items() if number >= since[candidate.rule.id]]
        score = _score(later, candidate)
        if candidate.proposal.rewrites and too_often_wrong(score):
            refused.append(replace(candidate.proposal, score=score, refused=wrong(score)))
            continue
        kept.append(replace(candidate, proposal=replace(candidate.proposal, score=score)))
    for merge in merges.values():
        total = _plus(total, merge, {candidate.rule.id for candidate in kept})
    return kept, refused, replace(total, left=past.conflicted - total.resolved)


def _first(past: Past, proposal: Proposal) -> int:
    """The number of the first merge that bears a proposal out."""
    bearing = {reference.commit for reference in proposal.evidence.bearing}
    return next(n for n, merge in enumerate(past.merges) if merge.commit in bearing)


def _plus(total: Score, merge: Redone, rules: set[str]) -> Score:
    """`total` with the paths of one more merge that these rules resolved."""
    outcomes = Counter(path.outcome for path in merge.paths if rules.intersection(path.rules))
    return Score(
        total.same + outcomes["same"],
        total.different + outcomes["different"],
        0,
        total.added + len(merge.added),
    )


def _score(merges: Sequence[Redone], candidate: Candidate) -> Score:
    """How a candidate's paths come out. What it would have done where git had no conflict is known already."""
    paths, before = frozenset(candidate.proposal.paths), candidate.proposal.score or Score()
    outcomes = Counter(path.outcome for merge in merges for path in merge.paths if path.path in paths)
    added = sum(path in paths for merge in merges for path in merge.added)
    return Score(
        outcomes["same"], outcomes["different"], outcomes["left"], before.added + added, before.spoiled
    )


def _renew(root: Path, folder: Path, rules: Sequence[Renewed]) -> tuple[str, ...]:
    """Move the days of `rules` whose files lie in `folder`; the names of these files."""
    done: list[str] = []
    for rule in rules:
        path = root / rule.file
        if not path.is_file() or path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
            continue
        with contextlib.suppress(UnicodeDecodeError):
            if made := again(path.read_bytes().decode(), rule):
                write_atomically(path, made)
                done.append(rule.file)
    return tuple(done)


def _write(folder: Path, proposals: Sequence[Proposal]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Write one file for each proposal; a file that is there already is somebody's, and stays."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SyncforkError(
            f"{folder} cannot be made: {error.strerror}", "name a folder for the rule files"
        ) from error
    written, kept = [], []
    for proposal in proposals:
        path = folder / f"{proposal.id}.yml"
        if path.exists():
            kept.append(str(path))
            continue
        write_atomically(path, as_yaml(proposal))
        written.append(str(path))
    return tuple(written), tuple(kept)
