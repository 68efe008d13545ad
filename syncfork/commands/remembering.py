"""What `syncfork continue` remembers: how a person resolved each conflict, as files of the merge commit."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import count as count_from
from pathlib import Path, PurePosixPath

from msgspec import Struct

from syncfork.commands.decided import Decided, read_decided, taken_whole
from syncfork.commands.memory import Folder, read_folder
from syncfork.commands.shipped import upstream_commits
from syncfork.config import Setup, held, load_setup
from syncfork.detect.lock_kinds import remade_by
from syncfork.errors import SyncforkError
from syncfork.git.door import decode, encode
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.merge.engine import lifted_merge, open_bases
from syncfork.merge.mergetree import split_labelled
from syncfork.merge.resolving import read_disputes
from syncfork.merge.staging import add_own
from syncfork.merge.workspace import workspace
from syncfork.own.base import OURS, THEIRS
from syncfork.resolve.base import Clash, Disputed
from syncfork.resolve.memory import Filed
from syncfork.resolve.past import came_of, outcomes
from syncfork.resolve.resolution import ENDING, Joined, Resolution, keys_of, record
from syncfork.resolve.written import write_resolution
from syncfork.state import State
from syncfork.words import count, listed, one_line, place

_MOST_NAMED = 5


class Remembered(Struct, frozen=True):
    """What `continue` remembered: the `files` it wrote, and `warnings` about what it could not remember."""

    files: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def remember_resolutions(
    repository: Repository,
    state: State,
    tree: str,
    today: date,
    reason: str,
    broken: Collection[tuple[str, int | None]] = (),
    *,
    add: bool,
) -> Remembered:
    """Write down how a person resolved the merge of `state`, as `tree` has it; `add` puts the files into the index. A
    resolution that one of the `broken` places is in (a path and a line; None for all of its file) is to be mended, and not
    to be taken again.

    What syncfork had answered by itself, and the person left so, is not among it, nor are the conflicts within lock
    files, which are made anew each time. Never raises: a merge is not held up by what cannot be remembered.
    """
    changed = {change.new_path for change in repository.changes(state.tree, tree, renames=False)}
    # Where markers cannot stand, the person may have taken what the merge left.
    conflicts = [path for path in state.conflicts if not remade_by(path)]
    kept = _kept(repository, tree, [path for path in conflicts if path not in changed])
    if repository.work_tree is None or not (changed or kept):
        return Remembered()
    try:
        setup = load_setup(repository, state.ours, state.packs)
        setup = held(repository, setup, state.ours, state.theirs)
        if not setup.config.resolutions:
            return Remembered()
        disputed = _disputed(repository, state, setup)
        files = {path: file for path, file in disputed.items() if path in changed}
        merged, author = Joined(state.ours, state.theirs), _author(repository)
        told = read_decided(repository.git_dir, state)
        decided = _decided(repository, state, tree, files, told)
        decisions = [item for item in decided if told.wanted(*item.what, item.key)]
        made = {
            decision: record(
                *decision.what, merged, author, today, told.reason(*decision.what, decision.key) or reason
            )
            if decision.known
            else None
            for decision in decisions
            if not _of_a_tool(decision)
        }
        faulty = _faulty(repository, tree, made, broken)
        made = {decision: resolution for decision, resolution in made.items() if decision not in faulty}
        upstream = upstream_commits(repository, state.ours, state.theirs)
        folder = read_folder(repository, tree, setup.config, upstream)
        new, doubts = _to_write([resolution for resolution in made.values() if resolution], folder)
        _write(repository, repository.work_tree, folder.name, new, add=add)
    except (SyncforkError, OSError) as error:
        return Remembered(warnings=(f"how you resolved it was not remembered: {one_line(str(error))}",))
    missed = [decision for decision, resolution in made.items() if resolution is None]
    whole = [path for path in conflicts if path in changed and path not in files]
    whole += [path for path in kept if path not in disputed or not disputed[path].parts]
    missed += [_Decision(path) for path in whole if told.wanted(path, None, None)]
    if new and not add:
        doubts.append(f"you committed the merge yourself, so {folder.name} is left to `git add` and commit")
    doubts += [
        f"not remembered: what is broken is in it, {place(*where)}"
        for where in dict.fromkeys(faulty.values())
    ]
    doubts += _not_remembered(missed)
    if not new and not doubts:
        doubts += _never_remembered(item.path for item in decisions if _of_a_tool(item))
    return Remembered(tuple(new), tuple(doubts))


class _Decision(Struct, frozen=True):
    """What a person made of one conflict: `known` is false where that cannot be told. None for `clash` stands for the
    path, which stays deleted; `key` tells a clash from others of the path that are like it."""

    path: str
    clash: Clash | None = None
    result: str | None = None
    known: bool = False
    key: str = ""

    @property
    def what(self) -> tuple[str, Clash | None, str | None]:
        """Which conflict became what."""
        return self.path, self.clash, self.result


def _kept(repository: Repository, tree: str, paths: Sequence[str]) -> list[str]:
    """Those of the paths that the tree has."""
    there = repository.entries(tree, [literal(path) for path in paths]) if paths else {}
    return [path for path in paths if path in there]


def _disputed(repository: Repository, state: State, setup: Setup) -> dict[str, Disputed]:
    """The conflicts that git and the rules left, from the same merge made again in memory."""
    with workspace(repository) as space:
        bases = open_bases(repository, state.ours, state.theirs)
        names = {OURS: "ours", THEIRS: "theirs"}
        merge = lifted_merge(space, state.ours, state.theirs, bases, setup.rules, names)
        conflicts = merge.merged.conflicts
        return read_disputes(space, conflicts, space.markers(bases)) if conflicts else {}


def _decided(
    repository: Repository, state: State, tree: str, files: Mapping[str, Disputed], told: Decided
) -> list[_Decision]:
    """What the person made of each conflict, other than what syncfork had left in its place."""
    blobs = repository.blobs(f"{side}:{path}" for side in (state.tree, tree) for path in files)
    wholes = taken_whole(repository, told, tree)
    found: list[_Decision] = []
    for path, file in files.items():
        left, now = (_text(blobs[f"{side}:{path}"]) for side in (state.tree, tree))
        if now is None and file.ours is None and file.base is not None:
            found.append(_Decision(path, known=True))
        elif now is None or not file.parts or path in wholes:
            found.append(_Decision(path))
        else:
            answered = _settled(left, state) if left is not None else None
            before = outcomes(file, answered) if answered is not None else (None,) * len(file.clashes)
            found += [
                _Decision(path, clash, result, known=result is not None, key=key)
                for clash, key, result, was in zip(
                    file.clashes, keys_of(file.clashes), _outcomes(file, now, told), before, strict=True
                )
                if result is None or result != was
            ]
    return found


def _faulty(
    repository: Repository,
    tree: str,
    decisions: Collection[_Decision],
    broken: Collection[tuple[str, int | None]],
) -> dict[_Decision, tuple[str, int]]:
    """The decisions whose text has a line that something broken is in, each with that place (0 for a file)."""
    paths = {decision.path for decision in decisions if decision.result}
    wholes = {path for path, line in broken if line is None}
    asked = [(path, line) for path, line in broken if path in paths and line]
    blobs = repository.blobs(f"{tree}:{path}" for path, _ in asked) if asked else {}
    found = {decision: (decision.path, 0) for decision in decisions if decision.path in wholes}
    for path, line in asked:
        lines = (_text(blobs[f"{tree}:{path}"]) or "").split("\n")
        text = lines[line - 1].strip() if line <= len(lines) else ""
        for decision in decisions if text else ():
            if decision.path == path and text in map(str.strip, (decision.result or "").split("\n")):
                found[decision] = path, line
    return found


def _settled(text: str, state: State) -> str:
    """What the merge left, with a line that no file has where it left a conflict: what stands between its markers is no
    answer, though it may read like one."""
    parts = split_labelled(text, state.fork_ref, state.upstream_ref)
    return "".join(part if isinstance(part, str) else "\0\n" for part in parts)


def _outcomes(file: Disputed, now: str, told: Decided) -> Sequence[str | None]:
    """What became of each clash: as it was decided in `syncfork resolve`, where the text is that, else read off it."""
    said = told.results(file)
    return said if now == came_of(file, said) else outcomes(file, now)


def _text(content: bytes | None) -> str | None:
    return None if content is None else decode(content)


def _not_remembered(missed: Sequence[_Decision]) -> Iterator[str]:
    by_path: dict[str, list[_Decision]] = {}
    for decision in missed:
        by_path.setdefault(decision.path, []).append(decision)
    told = [
        f"{count(len(items), 'conflict')} in {place(path)}, whose surroundings you changed too"
        if items[0].clash
        else f"{place(path)}, decided as a whole"
        for path, items in by_path.items()
    ]
    if told:
        more = f"; and {len(told) - _MOST_NAMED} more files" if len(told) > _MOST_NAMED else ""
        yield f"not remembered: {'; '.join(told[:_MOST_NAMED])}{more}"


def _of_a_tool(decision: _Decision) -> bool:
    """Whether it is about lines that a tool writes, which never come again as they were. That a path is to stay deleted
    is a person's decision even so."""
    return bool(remade_by(decision.path)) and (decision.clash is not None or not decision.known)


def _never_remembered(locks: Iterable[str]) -> Iterator[str]:
    """What is said of lock files, where nothing else is: somebody may wonder that no file was written."""
    if names := [place(path) for path in dict.fromkeys(locks)]:
        yield f"not remembered: {listed(names)}, which a tool makes anew each time"


def _to_write(made: Sequence[Resolution], folder: Folder) -> tuple[dict[str, Resolution], list[str]]:
    """The resolutions that the folder has not yet, by the files to write, and what is wrong with them."""
    known: dict[str, list[Filed]] = {}
    for item in folder.filed:
        known.setdefault(item.resolution.key, []).append(item)
    by_key: dict[str, list[Resolution]] = {}
    for resolution in made:
        by_key.setdefault(resolution.key, []).append(resolution)
    taken = {*(item.file for item in folder.filed), *folder.shipped}
    taken |= {mistake.partition(":")[0] for mistake in folder.mistakes}
    found: dict[str, Resolution] = {}
    doubts = []
    for key, same in by_key.items():
        first = same[0]
        if not all(first.answers_like(other) for other in same):
            paths = " and ".join(dict.fromkeys(place(other.path) for other in same))
            doubts.append(f"not remembered: you resolved the same conflict in different ways in {paths}")
            continue
        before = [item for item in known.get(key, ()) if item.resolution.sealed]
        if any(first.answers_like(item.resolution) for item in before):
            continue
        name = _free(f"{folder.name}/{_slug(first)}", taken)
        taken.add(name)
        found[name] = first
        doubts += [f"{item.file} and {name} contradict each other: delete one of them" for item in before]
    return found, doubts


def _slug(resolution: Resolution) -> str:
    """A name for the file: that of the path, and the key's beginning."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", PurePosixPath(resolution.path).name).strip(".-")[:40]
    return f"{name or 'file'}-{resolution.key[:10]}"


def _free(stem: str, taken: Collection[str]) -> str:
    names = (f"{stem}-{number}{ENDING}" if number > 1 else f"{stem}{ENDING}" for number in count_from(1))
    return next(name for name in names if name not in taken)


def _author(repository: Repository) -> str:
    """The name that git gives the author of a commit made now."""
    done = repository.git.as_user().call("var", "GIT_AUTHOR_IDENT")
    return decode(done.out).partition(" <")[0].strip() or "unknown"


def _write(
    repository: Repository, root: Path, folder: str, new: Mapping[str, Resolution], *, add: bool
) -> None:
    """Write the files, all or none. Raises SyncforkError or OSError."""
    if not new:
        return
    at = root
    for part in PurePosixPath(folder).parts:
        at /= part
        # The merge may have brought a link, which would lead the files out of the fork.
        if at.is_symlink() or (at.exists() and not at.is_dir()):
            raise SyncforkError(f"{folder} is not a folder", "put a folder in its place, or name another one")
    written: list[Path] = []
    try:
        at.mkdir(parents=True, exist_ok=True)
        for name, resolution in new.items():
            path = root / name
            with path.open("xb") as file:
                written.append(path)
                file.write(encode(write_resolution(resolution)))
        if add:
            add_own(repository, new)
    except (SyncforkError, OSError):
        for path in written:
            path.unlink(missing_ok=True)
        raise
