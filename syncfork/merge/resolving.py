"""Conflicts that git and the rules left, answered by what a fork remembers and by resolvers it has switched on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from syncfork.git.door import encode
from syncfork.git.objects import Entry
from syncfork.merge.apart import merge_paths, whole_stages
from syncfork.merge.disputes import STYLE, disputes
from syncfork.merge.mergetree import Conflict, Hunk, Merged, labels_of
from syncfork.merge.workspace import Workspace
from syncfork.own.base import OURS, THEIRS, Side
from syncfork.resolve.base import Clash, Disputed, Resolved, Source, resolve
from syncfork.resolve.lines import ended
from syncfork.resolve.markers import with_markers

# The sources of a fork, read only where there is something to ask them.
Sources = Callable[[], Sequence[Source]]

# In others a path may be a name that git made up, or stand for several files.
KINDS = ("contents", "add/add", "modify/delete", "binary")


def no_sources() -> Sequence[Source]:
    """For a merge by git and the rules alone."""
    return ()


class Answered(Struct, frozen=True):
    """A merge after its sources were asked; `resolved` are the paths in which any had an answer."""

    merged: Merged
    hunks: Mapping[str, tuple[Hunk, ...]]
    resolved: tuple[Resolved, ...] = ()


def answered(
    space: Workspace,
    merged: Merged,
    hunks: Mapping[str, tuple[Hunk, ...]],
    names: Mapping[Side, str],
    attributes: Path | None,
    sources: Sources,
) -> Answered:
    """Ask `sources` about what `merged` has in conflict. A path that is answered as a whole
    leaves the conflicts; where only some of its clashes are, the others keep their markers.
    """
    asked = sources() if merged.conflicts else ()
    if not asked:
        return Answered(merged, hunks)
    disputed = read_disputes(space, merged.conflicts, attributes)
    found = [resolve(file, asked) for file in disputed.values()]
    found = [item for item in found if item.answers]
    overlay: dict[str, Entry | None] = {}
    left, still = dict(merged.conflicts), dict(hunks)
    entries = space.files(merged.tree, [item.file.path for item in found])
    for item in found:
        path = item.file.path
        entry = entries[path][0] if path in entries else None
        text = item.text if item.complete else _text_left(item, names)
        if text is None:
            overlay[path] = None
        elif entry is None:
            continue
        else:
            overlay[path] = Entry(entry.mode, space.store.write("blob", encode(text)))
        if item.complete:
            del left[path], still[path]
        else:
            still[path] = _hunks_left(item)
    tree = space.tree(merged.tree, overlay) if overlay else merged.tree
    return Answered(Merged(tree, left), still, tuple(item for item in found if item.file.path in overlay))


def read_disputes(
    space: Workspace, conflicts: Mapping[str, Conflict], attributes: Path | None
) -> dict[str, Disputed]:
    """The texts of a merge's `conflicts`, where they are of KINDS.

    The merge base's lines are left out of ordinary markers: these files are merged again, with markers that have them.
    """
    known = {path: item for path, item in conflicts.items() if item.kind in KINDS}
    paths = {path: entries for path, item in known.items() if (entries := whole_stages(item))}
    again, ids = merge_paths(space, paths, attributes, (STYLE,))
    return disputes(replace(space.repository, git=space.git), again.tree, known, ids)


def _text_left(item: Resolved, names: Mapping[Side, str]) -> str:
    """The text in which what has no answer is between markers, as git would leave it."""
    labels = labels_of(names[OURS], names[THEIRS])
    made: list[str] = []
    number = -1
    for part in item.file.parts:
        if not isinstance(part, Clash):
            made.append(part)
            continue
        number += 1
        answer = item.answers.get(number)
        made.append((answer.text or "") if answer else with_markers(part, *labels, base=""))
    return "".join(made)


def _hunks_left(item: Resolved) -> tuple[Hunk, ...]:
    """The clashes without an answer, each with the line that its markers begin at."""
    found: list[Hunk] = []
    line, number = 1, -1
    for part in item.file.parts:
        if not isinstance(part, Clash):
            line += part.count("\n")
            continue
        number += 1
        answer = item.answers.get(number)
        if answer:
            line += (answer.text or "").count("\n")
        else:
            found.append(Hunk(line, part.ours, part.theirs))
            line += 3 + ended(part.ours, "\n").count("\n") + ended(part.theirs, "\n").count("\n")
    return tuple(found)
