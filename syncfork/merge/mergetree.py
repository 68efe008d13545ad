"""git's merge-ort, through `git merge-tree`: the resulting tree and what it could not merge."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field

from syncfork.errors import GitError, SyncforkError
from syncfork.git.door import Git, decode
from syncfork.git.objects import Entry


class Conflict(Struct, frozen=True):
    """A path that git left unmerged: its index stages (1 base, 2 ours, 3 theirs) and git's name for it."""

    path: str
    kind: str
    stages: Mapping[int, Entry]


class Merged(Struct, frozen=True):
    """A merge's tree (conflicted files hold markers) and its conflicts, by path."""

    tree: str
    conflicts: Mapping[str, Conflict] = field(default_factory=dict)


# Conflict markers of a length that no line of a file has by chance, and what people are used to. A
# repository's own .gitattributes outrank ours.
_LONG, _USUAL = 199, 7
ATTRIBUTES = f"* conflict-marker-size={_LONG}\n"


# How differences are drawn where git merges.
ALGORITHM = "histogram"


def merge_tree(
    git: Git, ours: str, theirs: str, attributes: Path | None = None, settings: Sequence[str] = ()
) -> Merged:
    """Merge two commits without a worktree; the file `attributes`, if given, holds ATTRIBUTES. `settings` are
    git's own (NAME=VALUE), above the pinned ones.

    Raises SyncforkError where git cannot.
    """
    # git's own default for merging, which newer versions leave to the setting for `git diff`.
    pinned = ["-c", f"diff.algorithm={ALGORITHM}"]
    pinned += ["-c", f"core.attributesFile={attributes}"] if attributes else []
    pinned += [word for setting in settings for word in ("-c", setting)]
    done = git.call(*pinned, "merge-tree", "--write-tree", "-z", ours, theirs)
    if done.code not in (0, 1) or not re.match(rb"[0-9a-f]{40,64}\0", done.out):
        # Exit code 1 stands for "conflicts" and for "not something we can merge".
        if done.code == 129:
            raise SyncforkError("this git has no `merge-tree --write-tree`", "install git 2.38 or newer")
        raise GitError(f"git could not merge {ours[:9]} and {theirs[:9]}: {done.err.strip()}", code=done.code)
    return parse(decode(done.out))


def parse(out: str) -> Merged:
    """Read `git merge-tree --write-tree -z` (format: git's own documentation of the command)."""
    fields = out.split("\0")
    stages: dict[str, dict[int, Entry]] = {}
    position = 1
    while position < len(fields) and fields[position]:
        head, _, path = fields[position].partition("\t")
        mode, oid, stage = head.split(" ")
        stages.setdefault(path, {})[int(stage)] = Entry(mode, oid)
        position += 1
    kinds = _kinds(fields[position + 1 :])
    return Merged(
        fields[0],
        {path: Conflict(path, kinds.get(path, "contents"), found) for path, found in stages.items()},
    )


def _kinds(fields: Sequence[str]) -> dict[str, str]:
    kinds: dict[str, str] = {}
    position = 0
    while position < len(fields) and fields[position].isdigit():
        count = int(fields[position])
        paths = fields[position + 1 : position + 1 + count]
        kind = fields[position + 1 + count]
        if conflict := re.match(r"CONFLICT \((.*)\)", kind):
            for path in paths:
                kinds.setdefault(path, conflict[1])
        position += count + 3
    return kinds


class Hunk(Struct, frozen=True):
    """One conflict in a file: the line (from 1) where its markers begin, and both sides' lines."""

    line: int
    ours: str
    theirs: str


def split_conflicts(text: str, ours: str, theirs: str) -> list[str | Hunk]:
    """Split a conflicted file at its markers, whose labels are the commits `ours` and `theirs`.

    The labels are object ids and the markers are long, so nothing in the file itself is mistaken for one.
    """
    parts: list[str | Hunk] = []
    position = 0
    while opening := _marker("<", "+", ours).search(text, position):
        size = f"{{{len(opening['signs'])}}}"
        middle = re.compile(rf"^={size}\r?\n", re.MULTILINE).search(text, opening.end())
        closing = middle and _marker(">", size, theirs).search(text, middle.end())
        if not middle or not closing:
            break
        parts.append(text[position : opening.start()])
        line = text.count("\n", 0, opening.start()) + 1
        parts.append(Hunk(line, text[opening.end() : middle.start()], text[middle.end() : closing.start()]))
        position = closing.end()
    parts.append(text[position:])
    return parts


def labels_of(ours: str, theirs: str) -> tuple[str, str]:
    """What stands at the markers that people see, by what they call the two sides."""
    return f"{ours} (ours)", f"{theirs} (upstream)"


def split_labelled(text: str, ours: str, theirs: str) -> list[str | Hunk]:
    """Split a conflicted file that was left to a person, where the markers have `labels_of` the two sides."""
    return split_conflicts(text, *map(re.escape, labels_of(ours, theirs)))


def _marker(sign: str, size: str, label: str) -> re.Pattern[str]:
    return re.compile(rf"^(?P<signs>{sign}{size}) {label}(?::[^\r\n]*)?(?:\r?\n|\Z)", re.MULTILINE)


def readable(text: str, labels: Mapping[str, str]) -> str:
    """Make conflict markers as people know them: of the usual size, with `labels` in the place of commit ids."""

    def marker(found: re.Match[str]) -> str:
        signs = found["signs"] or found["separator"]
        size = len(signs) - _LONG + _USUAL if len(signs) >= _LONG else len(signs)
        return signs[0] * size + (f" {labels[found['id']]}" if found["id"] else "")

    ids = "|".join(labels)
    pattern = rf"^(?:(?P<signs><+|>+) (?P<id>{ids})(?=:|\r?$)|(?P<separator>={{{_LONG},}})(?=\r?$))"
    return re.sub(pattern, marker, text, flags=re.MULTILINE)
