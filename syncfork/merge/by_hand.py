"""What a person made of a merge that waited for them: what they dropped, and what they changed beyond its conflicts.

Compared is the tree that the merge left them with the one that they are about to commit. Within a conflict's markers
everything is theirs to decide; which side they took is told, file by file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from syncfork.detect.lock_kinds import is_judged
from syncfork.git.changes import Change
from syncfork.git.door import decode
from syncfork.git.objects import Entry
from syncfork.git.repository import Repository
from syncfork.merge.by_hand_texts import Texts, touches_in
from syncfork.merge.touch import Side, Touch
from syncfork.merge.workspace import Workspace
from syncfork.resolve.lines import lines_of
from syncfork.state import State
from syncfork.words import count

_File = tuple[Entry, bytes | None]


class _Had(Struct, frozen=True):
    """What both sides and the merge base have, by path."""

    ours: Mapping[str, _File]
    theirs: Mapping[str, _File]
    base: Mapping[str, _File]

    def entries(self, path: str) -> dict[Side, Entry | None]:
        """Either side's file at `path`."""
        ours, theirs = self.ours.get(path), self.theirs.get(path)
        return {"ours": ours[0] if ours else None, "theirs": theirs[0] if theirs else None}

    def texts(self, path: str) -> Iterator[str]:
        """The merge base's text at `path`, ours and theirs; empty where there is none."""
        for files in (self.base, self.ours, self.theirs):
            file = files.get(path)
            yield decode(file[1] or b"") if file else ""


def touches(
    space: Workspace, state: State, tree: str, remade: Callable[[str], bool] = lambda _: False
) -> list[Touch]:
    """All that tells the tree which a person is about to commit from the one that the merge left them, which may be in the
    workspace alone; `remade` is for the paths of which a tool writes every line."""
    repository = replace(space.repository, git=space.git)
    changes = repository.changes(state.tree, tree, renames=False)
    changed = {change.new_path for change in changes}
    kept = [path for path in state.conflicts if path not in changed]
    paths = [*changed, *kept]
    # Of several merge bases one will do: it only tells which line of a side is worth quoting.
    bases = repository.merge_bases(state.ours, state.theirs)
    had = _had(space, repository, state, bases[0], paths) if bases else _Had({}, {}, {})
    base = had.base
    texts: list[Texts] = []
    found: list[Touch] = []
    named = space.files(bases[0], kept) if bases else {}
    for path, (now, _) in space.files(state.tree, kept).items():
        found += _as_left(path, now, had.entries(path), known=path in named)
    oids = [entry.oid for change in changes for entry in (change.old, change.new) if entry]
    blobs = repository.blobs(oids) if oids else {}
    moved = _moved(changes, state.conflicts)
    for change in changes:
        path, entries = change.new_path, had.entries(change.new_path)
        before, after = (_text(blobs, entry) for entry in (change.old, change.new))
        asked = path in state.conflicts
        # No marker stands in such a file: git left one side's version, as where attributes say not to merge.
        unmarked = asked and all(entries.values()) and change.old in entries.values()
        if path in moved:
            continue
        if asked and change.new is None and not any(entries.values()):
            found += _renamed_and_gone(repository, bases, state, change)
        elif before is None or after is None or unmarked:
            found += _whole(change, entries, asked, known=path in base)
        else:
            found += _of_mode(change, entries, base.get(path))
            text = Texts(path, before, after, *had.texts(path))
            # A side's own version was not made anew, which somebody looks at only where it can be judged.
            if remade(path) and (is_judged(path) or after not in (text.ours, text.theirs)):
                found += _remade(text, asked)
            else:
                texts.append(text)
    return [*found, *touches_in(space, state, texts)]


def _had(space: Workspace, repository: Repository, state: State, base: str, paths: Sequence[str]) -> _Had:
    """What the sides and the merge base have at `paths`, under the names that they have there."""
    by_ours, by_theirs = (
        {change.new_path: change.old_path for change in repository.changes(base, side) if change.renamed}
        for side in (state.ours, state.theirs)
    )
    # A side that a file was not renamed on has it under the merge base's name.
    names = {
        "base": {path: by_ours.get(path) or by_theirs.get(path) or path for path in paths},
        "ours": {path: path if path in by_ours else by_theirs.get(path, path) for path in paths},
        "theirs": {path: path if path in by_theirs else by_ours.get(path, path) for path in paths},
    }
    commits = {"base": base, "ours": state.ours, "theirs": state.theirs}
    files = {side: space.files(commit, [*set(names[side].values())]) for side, commit in commits.items()}
    found = {
        side: {path: files[side][name] for path, name in names[side].items() if name in files[side]}
        for side in commits
    }
    return _Had(found["ours"], found["theirs"], found["base"])


def _remade(text: Texts, asked: bool) -> Iterator[Touch]:
    """A text that a tool writes: how many of the lines that either side added are not in it. In a conflict, where the merge
    `asked` for it, it is not told that none is missing."""
    base, there = Counter(lines_of(text.base)), set(lines_of(text.committed))

    def gone(side: str) -> int:
        added = Counter(lines_of(side)) - base
        return sum(number for line, number in added.items() if line.strip() and line not in there)

    numbers = {"the fork's": gone(text.ours), "upstream's": gone(text.theirs)}
    lost = [f"{count(number, 'line')} of {whose}" for whose, number in numbers.items() if number]
    if lost or not asked:
        words = f"without {' and '.join(lost)}" if lost else "with all lines that either side added"
        yield Touch(text.path, 0, words, None, asked, remade=True)


def _text(blobs: Mapping[str, bytes | None], entry: Entry | None) -> str | None:
    content = blobs[entry.oid] if entry and entry.is_file else None
    return None if content is None or b"\0" in content[:8000] else decode(content)


def _moved(changes: Iterable[Change], conflicts: Collection[str]) -> set[str]:
    """Both names of each file in conflict that a person gave another name: where it belongs was what git asked."""
    gone = {c.old: c.new_path for c in changes if c.old and c.new is None and c.new_path in conflicts}
    come = {c.new: c.new_path for c in changes if c.new in gone and c.old is None}
    return {path for entry in come if entry for path in (gone[entry], come[entry])}


def _renamed_and_gone(
    repository: Repository, bases: Sequence[str], state: State, change: Change
) -> Iterator[Touch]:
    """A file that is gone, which neither side has under this name: git took it along where the other side had renamed
    its folder. It is the side's that has its content; both sides' where neither has, and it is a merge of both."""
    trees: dict[Side, str] = {"ours": state.ours, "theirs": state.theirs}
    sides: list[Side] = [
        side
        for side, tree in trees.items()
        if any(new.new == change.old for new in repository.changes(bases[0], tree, renames=False))
    ]
    for side in sides or trees:
        yield Touch(change.new_path, 0, "the file is gone", side, conflict=True)


def _of_mode(
    change: Change, sides: Mapping[Side, Entry | None], base: tuple[Entry, bytes | None] | None
) -> Iterator[Touch]:
    """Another mode than the merge left. Markers tell nothing of modes: it is a conflict where both sides changed it."""
    if change.old is None or change.new is None or change.old.mode == change.new.mode:
        return
    modes = {side: entry.mode for side, entry in sides.items() if entry}
    had = [side for side, mode in modes.items() if mode == change.old.mode]
    conflict = len(set(modes.values())) > 1 and (base is None or base[0].mode not in modes.values())
    dropped = had[0] if len(had) == 1 else None
    if dropped or not conflict:
        yield Touch(
            change.new_path, 0, f"mode {change.old.mode} becomes {change.new.mode}", dropped, conflict
        )


def _whole(
    change: Change, sides: Mapping[Side, Entry | None], conflict: bool, *, known: bool
) -> Iterator[Touch]:
    """A file that came, went, or is no text: whose version went by it. `known` is whether the merge base has the path."""
    kept = [side for side, entry in sides.items() if entry == change.new]
    had = [side for side, entry in sides.items() if entry == change.old and entry]
    dropped: Side | None = None
    if conflict and len(kept) == 1:
        dropped = "theirs" if kept == ["ours"] else "ours"
    elif not conflict and len(had) == 1:
        dropped = "ours" if had == ["ours"] else "theirs"
    elif not conflict and known and change.old is None and len(kept) == 1:
        # The other side had deleted it.
        dropped = "theirs" if kept == ["ours"] else "ours"
    if not conflict or dropped:
        back = "the file is back" if dropped else "the file is new"
        words = "the file is gone" if change.new is None else back if change.old is None else ""
        yield Touch(change.new_path, 0, words or "another version of the file", dropped, conflict)


def _as_left(path: str, now: Entry, sides: Mapping[Side, Entry | None], *, known: bool) -> Iterator[Touch]:
    """A conflict in which what the merge left was taken as it is: where markers cannot stand, as in a binary file, a
    link or one that a side deleted, git leaves one side's version. `known` is whether the merge base has the path."""
    others: list[Side] = [side for side, entry in sides.items() if entry != now]
    without: list[Side] = [side for side, entry in sides.items() if entry is None]
    if len(without) == 1:
        # Where the merge base has no such path, a side lacks it for having another name for the file.
        dropped, words = (without if known else []), "which is without the file"
    else:
        # With markers in it the file is as neither side has it.
        dropped, words = (others if len(others) == 1 else []), "another version of the file"
    for side in dropped:
        yield Touch(path, 0, words, side, conflict=True)
