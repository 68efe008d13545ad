"""`syncfork resolve`: what a merge left for a person, one conflict after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from msgspec import Struct, field
from msgspec.structs import replace

from syncfork.alike import in_folders
from syncfork.commands.answering import load_table
from syncfork.commands.decided import Decided, Elsewhere, read_decided, write_decided
from syncfork.commands.memory import read_folder
from syncfork.commands.upstream import web_of
from syncfork.commands.waiting import expect_state, gone_on, of_the_merge, standing
from syncfork.config import Setup, load_setup
from syncfork.detect.syntax import fault
from syncfork.errors import RuleError
from syncfork.git.door import decode
from syncfork.git.objects import LINK_MODE, Entry
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.merge.culprits import History, history
from syncfork.merge.mergetree import Conflict
from syncfork.merge.resolving import read_disputes
from syncfork.merge.staging import in_worktree, stage, unmerged
from syncfork.merge.workspace import workspace
from syncfork.report import Culprit, MovedLines
from syncfork.resolve.base import Disputed, Source
from syncfork.resolve.choosing import likewise
from syncfork.resolve.marked import Marked, still_marked
from syncfork.resolve.memory import Judged, Memory
from syncfork.resolve.memory import State as Standing
from syncfork.resolve.suggest import Suggestion, of_a_side, suggestions
from syncfork.resolve.table import Table
from syncfork.resolve.walk import Choice, Pending, Step, Walk, outcome
from syncfork.state import State
from syncfork.text import Document
from syncfork.words import count, place, shell_words


class Opened(Struct, frozen=True, dict=True):
    """A merge that waits, and where one stands in it. `told` is how many conflicts of the paths that are left the merge
    told of, `caused` by path whose commits it named for them, `moved` where it found lines of theirs elsewhere; `answered` are the paths in which memory or resolvers had
    an answer, `rules` the files written on the way, by name."""

    repository: Repository
    state: State
    setup: Setup
    bases: tuple[str, ...]
    walk: Walk
    decided: Decided
    told: int = 0
    caused: Mapping[str, tuple[Culprit, ...]] = field(default_factory=dict)
    moved: Mapping[str, tuple[MovedLines, ...]] = field(default_factory=dict)
    answered: frozenset[str] = frozenset()
    rules: tuple[tuple[str, bytes], ...] = ()

    @property
    def _theirs(self) -> tuple[str, ...]:
        """Upstream's commits that the merge knows."""
        return (self.state.theirs, *self.bases)

    @cached_property
    def remembered(self) -> tuple[tuple[Memory, str], ...]:
        """What the fork remembers: together what may be used alone, and each by itself, with the reason, what may not."""
        folder = read_folder(self.repository, self.state.ours, self.setup.config, self._theirs)
        usable = Memory(tuple(item.filed for item in folder.of("valid")))
        others = [item for state in _DOUBTFUL for item in folder.of(state)]
        return ((usable, ""), *((Memory((item.filed,)), _doubt(item)) for item in others))

    @cached_property
    def table(self) -> Table | None:
        """What each resolver got right on this fork, where that was counted and can be read."""
        try:
            return load_table(self.repository, self.state.ours, self.setup.config, self._theirs)
        except RuleError:
            return None

    @cached_property
    def upstream(self) -> History:
        """Upstream's commits that touched the paths in question."""
        paths = list(self.state.conflicts)
        web = web_of(self.repository, self.state.upstream_ref)
        return history(self.repository, self.state.ours, self.state.theirs, paths, web)


class Said(Struct, frozen=True):
    """What there is to say of a decision: `notes` of what was done, and `faults` of what was made of it."""

    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


# So many files are named one by one.
_MOST_TOLD = 3
_DOUBTFUL: tuple[Standing, ...] = ("contradicting", "altered", "expired")


def _doubt(item: Judged) -> str:
    others = f" {' and '.join(item.others)}" if item.others else ""
    return f"not used alone: {item.state}{others}"


def waiting(repository: Repository) -> State:
    """The merge in progress. Raises SyncforkError where there is none, or a person went on without syncfork."""
    state = expect_state(repository)
    stands = standing(repository, state)
    if stands != "waiting":
        raise gone_on(stands)
    return state


def open_resolve(repository: Repository, state: State) -> Opened:
    """What is left of the merge, with what was decided before. Files that are all decided are made and added."""
    setup = load_setup(repository, state.ours, state.packs)
    bases = tuple(repository.merge_bases(state.ours, state.theirs))
    began = of_the_merge(repository, state)
    told = {item.path: item for item in began.conflicts} if began else {}
    kinds = {path: (item.kind, item.successor) for path, item in told.items()}
    walk = Walk(_pending(repository, state, bases, kinds))
    decided = read_decided(repository.git_dir, state)
    # A path that was done and is unmerged again was brought back to be decided anew.
    again = {pending.path for pending in walk.files}
    landed = {place: choice for place, choice in decided.landed.items() if place[0] not in again}
    decided = replace(decided, landed=landed).going_on(walk.files)
    left = sum(told[path].hunks for path in again & told.keys())
    answered = frozenset(item.path for item in began.resolutions) if began else frozenset()
    walk = replace(walk, choices=decided.choices)
    caused = {path: item.culprits for path, item in told.items()}
    moved = {path: item.moved for path, item in told.items()}
    opened = Opened(repository, state, setup, bases, walk, decided, left, caused, moved, answered)
    return _landed(opened)[0]


def _pending(
    repository: Repository, state: State, bases: tuple[str, ...], kinds: Mapping[str, tuple[str, str]]
) -> tuple[Pending, ...]:
    """The paths that are unmerged; `kinds` is what the merge called their conflicts, and where upstream may have gone
    on with a path that it deleted."""
    stages = unmerged(repository)
    conflicts = {
        path: Conflict(path, kinds[path][0] if path in kinds else _kind(entries), entries)
        for path, entries in stages.items()
    }
    with workspace(repository) as space:
        files = read_disputes(space, conflicts, space.markers(bases)) if conflicts else {}
    seen = in_worktree(repository, stages)
    pointing = {e.oid for entries in stages.values() for e in entries.values() if e.mode == LINK_MODE}
    contents = repository.blobs({*seen.values(), *pointing})
    specs = [literal(path) for path in stages]
    left, ours, theirs = (repository.entries(each, specs) for each in (state.tree, state.ours, state.theirs))
    found = []
    for path, entries in stages.items():
        file, oid = files.get(path), seen.get(path, "")
        before = left.get(path)
        text = decode(contents[oid] or b"") if oid else None
        found.append(
            Pending(
                path=path,
                kind=conflicts[path].kind,
                file=file,
                parts=_parts(file, text),
                stages=entries,
                mode=(before or entries.get(2) or entries.get(3) or entries[1]).mode,
                seen=oid,
                edited=oid != (before.oid if before and before.is_file else ""),
                named=path in ours and path in theirs,
                successor=kinds[path][1] if path in kinds else "",
                links={n: decode(contents[e.oid] or b"") for n, e in entries.items() if e.oid in pointing},
            )
        )
    return tuple(found)


def _kind(stages: Mapping[int, Entry]) -> str:
    """git's name for a conflict, as far as the stages tell it."""
    if not {2, 3} <= stages.keys():
        return "modify/delete"
    return "contents" if 1 in stages else "add/add"


def _parts(file: Disputed | None, text: str | None) -> tuple[str | Marked, ...]:
    if file is None or text is None or file.ours is None or file.theirs is None:
        return ()
    if any("\0" in side for side in (text, file.ours, file.theirs)):
        return ()
    return still_marked(text, file)


def suggested(opened: Opened, step: Step) -> tuple[Suggestion, ...]:
    """What may be the answer to a step; nothing where its merge base is not known."""
    pending = opened.walk.pending(step.path)
    if pending.file is None or (step.marked and step.marked.number is None) or pending.settled:
        return ()
    number = step.marked.number if step.marked else None
    known: list[tuple[Source, str]] = [(Elsewhere(opened.decided), ""), *opened.remembered]
    found = suggestions(pending.file, number, known, opened.table)
    # Who has decided on one of a file's conflicts goes through them one by one.
    begun = any(path == step.path for path, _ in opened.walk.choices)
    whole = of_a_side(pending.file, known, opened.table) if pending.takes_whole and not begun else None
    return (whole, *found) if whole else found


def culprits_of(opened: Opened, step: Step) -> tuple[Culprit, ...]:
    """Upstream's commits behind a step, the one that accounts for most first."""
    clash = step.marked.clash if step.marked else None
    if step.path not in opened.upstream.by_path:
        # A file that the fork renamed has another name in upstream: the merge followed it.
        return opened.caused.get(step.path, ())
    upstream = opened.upstream
    return upstream.of_change(step.path, clash.base, clash.theirs) if clash else upstream.of(step.path)


def moved_of(opened: Opened, step: Step) -> MovedLines | None:
    """Where the lines of a step stand now, if one side moved them; None where it is not known which conflict it was."""
    found = {item.clash: item for item in opened.moved.get(step.path, ())}
    if step.marked is None:
        return found.get(None)
    return found.get(step.marked.number) if step.marked.number is not None else None


def decide(opened: Opened, steps: Sequence[Step], choice: Choice) -> tuple[Opened, Said]:
    """Take a decision down, on the first of the steps and likewise on the others, and make the files that have all of
    theirs; also what there is to say about that."""
    chosen = [(step, likewise(choice, step, opened.walk.pending(step.path))) for step in steps[1:]]
    chosen.insert(0, (steps[0], choice))
    wholes = [(opened.walk.pending(step.path), each) for step, each in chosen if step.marked]
    walk = opened.walk.choose(chosen)
    opened = replace(opened, walk=walk, decided=replace(opened.decided, choices=walk.choices))
    write_decided(opened.repository.git_dir, opened.state, opened.decided)
    opened, said = _landed(opened)
    left = {pending.path for pending in opened.walk.files}
    gone = (_gone_with(pending, each) for pending, each in wholes if pending.path not in left)
    return opened, replace(said, notes=(*filter(None, gone), *said.notes))


def _gone_with(pending: Pending, choice: Choice) -> str:
    """What a file that is taken from a side as a whole loses besides the other side of its conflicts."""
    others = pending.beside.get(choice.take, 0)
    whose = "upstream's" if choice.take == "ours" else "the fork's"
    return (
        f"{whose} changes in {count(others, 'other place')} of {place(pending.path)} go with it"
        if others
        else ""
    )


def _landed(opened: Opened) -> tuple[Opened, Said]:
    """Make every file that is decided, in index and worktree."""
    notes: list[str] = []
    resolved: list[str] = []
    faults: list[str] = []
    repository = opened.repository
    while ready := opened.walk.ready:
        now = in_worktree(repository, [pending.path for pending in ready])
        changed = [pending.path for pending in ready if now.get(pending.path, "") != pending.seen]
        if changed:
            # What was read is not there any more: the files are taken as they are now.
            opened = _read_again(opened)
            notes += [f"changed meanwhile, and read again: {files}" for files in _told(changed)]
            continue
        made = [(pending, outcome(opened.walk, pending)) for pending in ready]
        stage(repository, made)
        faults += filter(None, (_fault(pending, choice) for pending, choice in made))
        paths = {pending.path for pending in ready}
        done = {place: choice for place, choice in opened.walk.choices.items() if place[0] in paths}
        open_ones = {place: choice for place, choice in opened.walk.choices.items() if place[0] not in paths}
        walk = replace(opened.walk.without(paths), choices=open_ones)
        landed = {**opened.decided.landed, **done}
        decided = replace(opened.decided, choices=open_ones, landed=landed).going_on(walk.files)
        opened = replace(opened, walk=walk, decided=decided)
        write_decided(repository.git_dir, opened.state, decided)
        resolved += [pending.path for pending in ready]
    notes += [f"resolved: {files}" for files in _told(resolved)]
    return opened, Said(tuple(notes), tuple(faults))


def _fault(pending: Pending, choice: Choice) -> str:
    """What to say of a file that was whole on both sides, and is not as it was decided; empty for any other."""
    file = pending.file
    if file is None or file.ours is None or file.theirs is None or choice.take != "text":
        return ""
    base = Document(file.path, file.base) if file.base is not None else None
    found = fault(
        Document(file.path, choice.text),
        base,
        *(Document(file.path, side) for side in (file.ours, file.theirs)),
    )
    if found is None:
        return ""
    line, words = found
    again = f"git checkout -m -- {shell_words([pending.path])}"
    return f"{place(pending.path, line)} {words}: mend it, and `git add` it; to decide it anew: `{again}`, then `syncfork resolve`"


def _told(paths: Sequence[str]) -> list[str]:
    """The paths one by one, or how many of them are where."""
    return [place(path) for path in paths] if len(paths) <= _MOST_TOLD else [in_folders(paths)]


def _read_again(opened: Opened) -> Opened:
    kinds = {pending.path: (pending.kind, pending.successor) for pending in opened.walk.files}
    files = _pending(opened.repository, opened.state, opened.bases, kinds)
    decided = opened.decided.going_on(files)
    walk = replace(opened.walk, files=files, choices=decided.choices)
    return replace(opened, walk=walk, decided=decided)
