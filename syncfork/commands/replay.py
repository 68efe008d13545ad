"""`syncfork replay`: the fork's past merges of upstream made again, held against what people committed. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from syncfork import __version__
from syncfork.commands.answering import Answering
from syncfork.commands.known import AsOf, Today
from syncfork.commands.session import refuse_shallow
from syncfork.commands.shipped import upstream_commits
from syncfork.commands.upstream import Wanted, find_upstream
from syncfork.config import Setup, is_own_file, load_setup
from syncfork.errors import SyncforkError, UsageError
from syncfork.git.door import decode
from syncfork.git.repository import Repository
from syncfork.merge.detecting import detect_in
from syncfork.merge.engine import open_bases
from syncfork.merge.past import joins, known_commits, merge_bases
from syncfork.merge.redo import lift_sync, redo
from syncfork.merge.replay import Redone, Replay, State, apart, blank, totals
from syncfork.merge.syncs import Found, Sync, any_merge, find_syncs, left_at, of_both, without
from syncfork.merge.workspace import Workspace, workspace
from syncfork.report import Finding, Ref
from syncfork.rules.lapsed import in_force
from syncfork.rules.model import Rule
from syncfork.words import count

_MERGED = (
    "upstream has merged the fork: {} of the main line counted that upstream's history has too; those that branches "
    "brought before cannot be told from upstream's own"
)
# Called with how many merges are done, and how many there are.
Tick = Callable[[int, int], None]


class ReplayOptions(Struct, frozen=True):
    """What the command line asks. `last` is a number of merges, None for all."""

    directory: Path
    range: str = "HEAD"
    upstream: str | None = None
    packs: tuple[str, ...] = ()
    as_of: bool = False
    detectors: bool = False
    last: int | None = None


class Texts(Struct, frozen=True):
    """One path of one merge: its text on each side, what the rules make of it, and what people committed; None for
    no such file. Bytes that are not UTF-8 are marks."""

    merge: Redone
    path: str
    base: str | None
    ours: str | None
    theirs: str | None
    tool: str | None
    committed: str | None


class Opened(Struct, frozen=True):
    """A fork with the merges that are asked for."""

    repository: Repository
    setup: Setup
    head: Ref
    upstream: Ref | None
    found: Found
    warnings: tuple[str, ...]


def run_replay(options: ReplayOptions, tick: Tick = lambda _, __: None) -> Replay:
    """Make the merges again and compare. Raises SyncforkError where the history cannot be read at all."""
    if options.last is not None and options.last < 1:
        raise UsageError("--last takes a number from 1 on")
    opened = open_fork(options)
    setup, found = opened.setup, opened.found
    known = _known(opened, options)
    off = setup.config.detectors_off

    def detect(repository: Repository, sync: Sync, tree: str, ruling: Sequence[Rule]) -> list[Finding]:
        return detect_in(repository, (sync.ours, sync.theirs), tree, ruling, off, None)

    merges = _not_redone(opened.repository, found.octopus, "octopus", "more than two parents")
    merges += _not_redone(
        opened.repository, found.joins, "join", "joined only: the fork's files as they were"
    )
    made = redo(
        opened.repository,
        found.syncs,
        known.of,
        detect if options.detectors else None,
        known.sources,
        partial(is_own_file, setup.config),
    )
    for done, merge in enumerate(made, start=1):
        merges.append(merge)
        tick(done, len(found.syncs))
    warnings = list(opened.warnings)
    if isinstance(known, Today) and merges and known.answering.measured:
        told = "was measured on these merges: that resolvers are right in them tells nothing of the next ones"
        warnings.append(f"{setup.config.resolvers} {told}")
    warnings += [f"{commit[:9]}: its rules cannot be read: {why}" for commit, why in known.unreadable.items()]
    return Replay(
        tool_version=__version__,
        fork=opened.head,
        upstream=opened.upstream,
        range=options.range,
        as_of=options.as_of,
        rules=len(setup.rules),
        totals=totals(merges),
        apart=apart(merges, len(found.holders)),
        merges=tuple(merges),
        warnings=tuple(warnings),
    )


def run_explain_merge(options: ReplayOptions, place: str) -> Texts:
    """The texts of MERGE:PATH; MERGE may be the sync itself, or the merge that brought it. Raises UsageError."""
    name, _, path = place.partition(":")
    if not name or not path:
        raise UsageError(f"{place!r} is not of the form MERGE:PATH", "for example 1a2b3c4:src/main.c")
    opened = open_fork(replace(options, last=None))
    commit = opened.repository.resolve([f"{name}^{{commit}}"])[f"{name}^{{commit}}"]
    if commit is None:
        raise UsageError(f"{name!r} is not a revision this repository knows")
    among = (*opened.found.syncs, *opened.found.joins)
    syncs = [sync for sync in among if commit in (sync.commit, sync.through)]
    syncs.sort(key=lambda sync: sync.commit != commit)
    if not syncs:
        raise _not_replayed(opened, name, commit)
    known = _known(opened, options)
    # A merge of the main line may have brought several syncs: the one that has the path is meant.
    for sync in syncs:
        texts = _texts(opened.repository, sync, known, path)
        if _any_text(texts):
            return texts
    raise UsageError(f"no side of {name} has a file {path!r}")


def _not_replayed(opened: Opened, name: str, commit: str) -> UsageError:
    if _reaches(opened.repository, opened.head.commit, commit):
        return UsageError(f"{name} did not bring upstream in", "`syncfork replay` lists the merges that did")
    return UsageError(
        f"{name} is not in the history of {opened.head.ref}",
        "say in which it is: syncfork replay REVISION --explain MERGE:PATH",
    )


def _known(opened: Opened, options: ReplayOptions) -> Today | AsOf:
    if options.as_of:
        return AsOf(opened.repository, options.packs, opened.found.syncs)
    setup = opened.setup
    repository, head, theirs = opened.repository, opened.head.commit, opened.upstream
    upstream = upstream_commits(repository, head, theirs.commit) if theirs else ()
    return Today(setup.rules, Answering(repository, head, setup.config, upstream))


def _any_text(texts: Texts) -> bool:
    return any(text is not None for text in (texts.base, texts.ours, texts.theirs, texts.committed))


def _texts(repository: Repository, sync: Sync, known: Today | AsOf, path: str) -> Texts:
    [merge] = redo(repository, [sync], known.of, None, known.sources)
    bases = merge_bases(repository, [sync]).get(sync.commit, [])
    if not merge.redone or not bases:
        raise SyncforkError(f"{sync.commit[:9]} cannot be made again: {merge.detail or merge.state}")
    rules = known.of([sync]).get(sync.commit) or ()
    ruling, _ = in_force(repository, rules, sync.ours, sync.theirs, bases)
    with workspace(repository) as space:
        lifted = lift_sync(space, sync, bases, ruling, known.sources(sync))
        conflict = lifted.plain.conflicts.get(path)
        # The stages have a renamed file's texts under its one name.
        names = {1: f"{bases[0]}:{path}", 2: f"{sync.ours}:{path}", 3: f"{sync.theirs}:{path}"}
        if conflict:
            names = {number: conflict.stages[number].oid for number in names if number in conflict.stages}
        tool, committed = f"{lifted.merged.tree}:{path}", f"{sync.commit}:{path}"
        blobs = _read(space, [*names.values(), tool, committed])
    side = {number: blobs[name] for number, name in names.items()}
    return Texts(merge, path, side.get(1), side.get(2), side.get(3), blobs[tool], blobs[committed])


def _read(space: Workspace, names: Sequence[str]) -> dict[str, str | None]:
    blobs = space.repository.blobs(names, space.git)
    return {
        name: content.decode("utf-8", "replace") if content is not None else None
        for name, content in blobs.items()
    }


def open_fork(options: ReplayOptions) -> Opened:
    """The fork of `options` with its merges of upstream. Raises SyncforkError."""
    repository = Repository.open(options.directory)
    refuse_shallow(repository, "most merges are cut off")
    since, dots, tip = options.range.partition("..")
    tip = (tip or "HEAD") if dots else since
    commits = repository.resolve(f"{name}^{{commit}}" for name in {tip, since or "HEAD", "HEAD"})
    for name in (tip, since or "HEAD"):
        if commits[f"{name}^{{commit}}"] is None or tip.startswith("."):
            raise UsageError(f"{name!r} is not a revision this repository knows", "RANGE is REV or A..B")
    head, start = commits[f"{tip}^{{commit}}"] or "", commits[f"{since or 'HEAD'}^{{commit}}"]
    home = commits["HEAD^{commit}"] or head
    setup = load_setup(repository, home, options.packs)
    wanted = Wanted.of(options.upstream, setup.config)
    upstream, warnings = _upstream(repository, wanted)
    found, told = _find(repository, head, start if dots else None, upstream, wanted.others(repository))
    found = without(found, joins(repository, found.syncs))
    if options.last is not None:
        kept = found.syncs[: options.last]
        through = {sync.through for sync in kept}
        held = tuple(holder for holder in found.holders if holder in through)
        octopus, joined = (_until(repository, them, kept) for them in (found.octopus, found.joins))
        found = replace(found, syncs=kept, holders=held, octopus=octopus, joins=joined)
    ref = Ref(repository.branch if tip == "HEAD" else tip, head)
    return Opened(repository, setup, ref, upstream, found, (*warnings, *told))


def _until(repository: Repository, them: Sequence[Sync], kept: Sequence[Sync]) -> tuple[Sync, ...]:
    """Those of `them` that are no older than the merges that were kept."""
    if not them or not kept:
        return tuple(them)
    known = known_commits(repository, [*them, kept[-1]])
    oldest = known[kept[-1].commit].committed if kept[-1].commit in known else 0
    return tuple(sync for sync in them if sync.commit in known and known[sync.commit].committed >= oldest)


def _upstream(repository: Repository, wanted: Wanted) -> tuple[Ref | None, list[str]]:
    """Upstream's tip; where none is named, nor found under its usual name, None and a word about it."""
    try:
        return find_upstream(repository, wanted), []
    except UsageError as error:
        if wanted.name or wanted.form:
            raise
        unknown = f"{error.problem}: every merge of the main line counts; name upstream with --upstream"
        return None, [unknown]


def _find(
    repository: Repository, head: str, since: str | None, upstream: Ref | None, others: Sequence[str]
) -> tuple[Found, list[str]]:
    """The merges of upstream, and what is to be known about them; `others` tell `git rev-list` what else is upstream's.
    Raises SyncforkError where there can be none, as the fork and upstream have no commit in common."""
    git = repository.git
    beyond = [f"^{since}"] if since else []
    if upstream:
        done = git.call("rev-list", "--parents", head, "--not", upstream.commit, *others)
        if done.code == 0:
            wanted = git.text("rev-list", "--min-parents=2", head, *beyond).split() if since else None
            own = _parents(decode(done.out))
            reaches = partial(_reaches, repository)
            among = frozenset(wanted) if wanted is not None else None
            found = find_syncs(own, head, among, reaches)
            merged = of_both(*_merged_line(repository, left_at(own, head), upstream.commit), among)
            if not found.syncs and not found.octopus and not merged:
                open_bases(repository, head, upstream.commit)
            told = [_MERGED.format(count(len(merged), "merge"))] if merged else []
            return replace(found, syncs=(*found.syncs, *merged)), told
    # Without limits git prints what it has until it comes to the commit that is missing.
    done = git.call("rev-list", "--parents", "--first-parent", head, *beyond)
    told = [f"the history ends early: {done.err.strip()}"] if done.code else []
    if upstream:
        told.insert(0, "upstream's history cannot be read to its end: every merge of the main line counts")
    return any_merge(_parents(decode(done.out))), told


def _merged_line(
    repository: Repository, begin: str, upstream: str
) -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    """The fork's main line from `begin` on down, which upstream's history has too, and upstream's own; both empty where
    `begin` is on upstream's, as it is unless upstream has merged the fork."""
    git = repository.git
    if not begin:
        return {}, frozenset()
    since = git.call("rev-list", "--parents", "--first-parent", upstream, f"^{begin}")
    last = decode(since.out).split("\n")[-2:-1]
    if since.code or begin == upstream or (last and begin == "".join(last[0].split()[1:2])):
        return {}, frozenset()
    theirs = git.call("rev-list", "--first-parent", upstream)
    line = git.call("rev-list", "--parents", "--first-parent", begin)
    return _parents(decode(line.out)), frozenset(decode(theirs.out).split())


def _reaches(repository: Repository, commit: str, other: str) -> bool:
    """Whether `other` is in the history of `commit`."""
    return repository.git.call("merge-base", "--is-ancestor", other, commit).code == 0


def _parents(out: str) -> dict[str, tuple[str, ...]]:
    return {words[0]: tuple(words[1:]) for line in out.splitlines() if (words := line.split())}


def _not_redone(repository: Repository, syncs: Sequence[Sync], state: State, why: str) -> list[Redone]:
    known = known_commits(repository, syncs) if syncs else {}
    return [
        replace(
            blank(sync, state, why),
            subject=known[sync.commit].subject,
            author=known[sync.commit].author,
            date=known[sync.commit].date,
            took_nothing=state == "join",
        )
        for sync in syncs
        if sync.commit in known
    ]
