"""What becomes of conflicts that git leaves: settled by a path-level rule, or made readable for a person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from syncfork.git.door import decode, encode
from syncfork.git.objects import Entry
from syncfork.merge.mergetree import Conflict, Hunk, Merged, labels_of, readable, split_conflicts
from syncfork.merge.workspace import Workspace
from syncfork.own.base import OURS, THEIRS, Settlement, Side
from syncfork.resolve.lines import lines_of
from syncfork.rules.model import Rule


class Unported(Struct, frozen=True):
    """A conflict at a path whose rule settles it: ours (or both sides) stays, and this is what was left. Where ours stays,
    the hunk's line is that of the settled file; one that upstream deleted as a whole has none."""

    rule: Rule
    path: str
    hunk: Hunk
    settled: Settlement | Literal["deleted"]


class Settled(Struct, frozen=True):
    """A merge with the conflicts that are left for a person, and the hunks of each."""

    merged: Merged
    hunks: Mapping[str, tuple[Hunk, ...]]
    unported: tuple[Unported, ...] = ()


def settle(
    space: Workspace,
    merged: Merged,
    ids: tuple[str, str],
    owners: Mapping[str, Rule],
    names: Mapping[Side, str],
) -> Settled:
    """Settle conflicts at the paths of `owners`; give the others markers and paths with readable labels.

    `ids` are the merged commits, which git used as labels; `names` what people call them.
    """
    merged = _with_readable_paths(space, merged, dict(zip(ids, ("HEAD", names[THEIRS]), strict=True)))
    labels = dict(zip(ids, labels_of(names[OURS], names[THEIRS]), strict=True))
    overlay: dict[str, Entry | None] = {}
    left: dict[str, Conflict] = {}
    hunks: dict[str, tuple[Hunk, ...]] = {}
    unported: list[Unported] = []
    files = space.files(merged.tree, merged.conflicts)
    for path, conflict in merged.conflicts.items():
        entry, content = files.get(path, (None, None))
        text = decode(content or b"")
        parts = split_conflicts(text, *ids)
        found = tuple(part for part in parts if isinstance(part, Hunk))
        rule = owners.get(path)
        how = rule.own.settles if rule and rule.own else "leave"
        if rule and how == "ours" and _deleted_by_theirs(conflict):
            unported.append(Unported(rule, path, Hunk(0, "", ""), "deleted"))
            continue
        if rule is None or how == "leave" or not found:
            left[path], hunks[path] = _readable_stages(space, conflict, labels), found or (Hunk(1, "", ""),)
            settled = text
        else:
            settled = "".join(part if isinstance(part, str) else _choose(part, how) for part in parts)
            placed = _in_ours(found) if how == "ours" else found
            unported += [Unported(rule, path, hunk, how) for hunk in placed]
        settled = readable(settled, labels)
        if entry and settled != text:
            overlay[path] = Entry(entry.mode, space.store.write("blob", encode(settled)))
    tree = space.tree(merged.tree, overlay) if overlay else merged.tree
    return Settled(Merged(tree, left), hunks, tuple(unported))


def _in_ours(hunks: Sequence[Hunk]) -> Iterator[Hunk]:
    """The hunks of a file by the lines that they have where only ours stays: without markers, and theirs."""
    above = 0
    for hunk in hunks:
        yield replace(hunk, line=hunk.line - above)
        above += 3 + len(lines_of(hunk.theirs))


def _deleted_by_theirs(conflict: Conflict) -> bool:
    """Whether upstream's side has no such file, and ours is in the tree as it was."""
    return conflict.kind == "modify/delete" and conflict.stages.keys() == {1, 2}


def _readable_stages(space: Workspace, conflict: Conflict, labels: Mapping[str, str]) -> Conflict:
    """Where a renamed file meets another one, a stage may be a merge itself, with markers in it."""
    stages = dict(conflict.stages)
    for number, entry in stages.items():
        made = space.store.read(entry.oid)
        if made and (text := decode(made[1])) != (better := readable(text, labels)):
            stages[number] = Entry(entry.mode, space.store.write("blob", encode(better)))
    return replace(conflict, stages=stages)


def _choose(hunk: Hunk, how: Settlement) -> str:
    return hunk.ours if how == "ours" else hunk.ours + hunk.theirs


def _with_readable_paths(space: Workspace, merged: Merged, labels: Mapping[str, str]) -> Merged:
    """Where a file and a directory (or a link) want the same path, git moves one to `path~LABEL`."""
    ids = "|".join(labels)
    moved = re.compile(rf"(?P<path>.*)~(?P<id>{ids})(?P<number>(?:_\d+)?)", re.DOTALL)
    names: dict[str, str] = {}
    for path in merged.conflicts:
        if found := moved.fullmatch(path):
            label = labels[found["id"]].replace("/", "_")
            names[path] = f"{found['path']}~{label}{found['number']}"
    if not names:
        return merged
    taken = {*merged.conflicts, *space.files(merged.tree, names.values())}
    for path, name in names.items():
        number = 0
        while names[path] in taken:
            names[path], number = f"{name}_{number}", number + 1
        taken.add(names[path])
    files = space.files(merged.tree, names)
    overlay: dict[str, Entry | None] = dict.fromkeys(files)
    overlay |= {names[path]: entry for path, (entry, _) in files.items()}
    conflicts = {
        names.get(path, path): Conflict(names.get(path, path), conflict.kind, conflict.stages)
        for path, conflict in merged.conflicts.items()
    }
    return Merged(space.tree(merged.tree, overlay), conflicts)
