"""The paths that a merge left in conflict, as texts: what memory and resolvers are asked about."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from syncfork.git.door import decode
from syncfork.git.repository import Repository
from syncfork.merge.mergetree import Conflict
from syncfork.resolve.base import Clash, Disputed

# The setting under which git's markers hold the merge base's lines too, and as few lines as it can do with.
STYLE = "merge.conflictStyle=zdiff3"


def disputes(
    repository: Repository,
    tree: str,
    conflicts: Mapping[str, Conflict],
    ids: tuple[str, str],
    paths: Collection[str] | None = None,
) -> dict[str, Disputed]:
    """Each path in conflict (of `paths`, if given) with its texts. `tree` and `conflicts` are a merge's of the
    commits `ids`, made under STYLE; `repository` sees all its objects. One process for all that is read."""
    chosen = [path for path in conflicts if paths is None or path in paths]
    oids = {entry.oid for path in chosen for entry in conflicts[path].stages.values() if entry.is_file}
    blobs = repository.blobs([*(f"{tree}:{path}" for path in chosen), *oids])
    found: dict[str, Disputed] = {}
    for path in chosen:
        stages = conflicts[path].stages
        if any(not entry.is_file or blobs[entry.oid] is None for entry in stages.values()):
            # A submodule, a link, or an object that is missing: nothing that a text could settle.
            continue
        texts = {number: decode(blobs[entry.oid] or b"") for number, entry in stages.items()}
        merged = blobs[f"{tree}:{path}"]
        parts = split(decode(merged), *ids) if merged is not None and {2, 3} <= texts.keys() else ()
        parts = _without_added_ends(parts, texts)
        sound = any(isinstance(part, Clash) for part in parts) and _sound(parts, texts)
        found[path] = Disputed(
            path,
            conflicts[path].kind,
            texts.get(1),
            texts.get(2),
            texts.get(3),
            tuple(parts) if sound else (),
        )
    return found


def _without_added_ends(parts: Sequence[str | Clash], texts: Mapping[int, str]) -> Sequence[str | Clash]:
    """Where a file ends in a clash, git's markers give a last line an end that the side itself may not have."""
    if len(parts) < 2 or parts[-1] or not isinstance(last := parts[-2], Clash):
        return parts
    sides = (
        side
        if number in texts and texts[number].endswith("\n")
        else side.removesuffix("\n").removesuffix("\r")
        for number, side in ((1, last.base), (2, last.ours), (3, last.theirs))
    )
    return (*parts[:-2], Clash(*sides), parts[-1])


def _sound(parts: Sequence[str | Clash], texts: Mapping[int, str]) -> bool:
    """Whether each clash's lines do stand in the sides: several merge bases, or a line of the file that looks like
    a marker, can make something else of it."""
    clashes = [part for part in parts if isinstance(part, Clash)]
    return all(
        clash.ours in texts[2] and clash.theirs in texts[3] and clash.base in texts.get(1, "")
        for clash in clashes
    )


def split(text: str, ours: str, theirs: str) -> Sequence[str | Clash]:
    """Split a file with git's zdiff3 markers, whose labels are the commits `ours` and `theirs`.

    The labels are object ids, so nothing in the file itself is mistaken for a beginning or an end; the two lines
    between are of the same length as those, and the marker size that a workspace asks for leaves no doubt.
    """
    parts: list[str | Clash] = []
    position = 0
    while opening := _marker("<{7,}", ours).search(text, position):
        size = f"{{{len(opening['signs'])}}}"
        base = re.compile(rf"^\|{size}(?: [^\n]*)?\n", re.MULTILINE).search(text, opening.end())
        middle = base and re.compile(rf"^={size}\r?\n", re.MULTILINE).search(text, base.end())
        closing = middle and _marker(f">{size}", theirs).search(text, middle.end())
        if not base or not middle or not closing:
            break
        parts.append(text[position : opening.start()])
        parts.append(
            Clash(
                text[base.end() : middle.start()],
                text[opening.end() : base.start()],
                text[middle.end() : closing.start()],
            )
        )
        position = closing.end()
    parts.append(text[position:])
    return parts


def _marker(signs: str, label: str) -> re.Pattern[str]:
    return re.compile(rf"^(?P<signs>{signs}) {label}(?::[^\r\n]*)?(?:\r?\n|\Z)", re.MULTILINE)
