"""git's merge-ort, through `git merge-tree`: the resulting tree and what it could not merge."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from syncfork.errors import GitError, SyncforkError
from syncfork.git.door import Git, decode
from syncfork.git.objects import Entry


@dataclass(frozen=True)
class Conflict:
    """A path that git left unmerged: its index stages (1 base, 2 ours, 3 theirs) and git's name for it."""

    path: str
    kind: str
    stages: Mapping[int, Entry]


@dataclass(frozen=True)
class Merged:
    """A merge's tree (conflicted files hold markers) and its conflicts, by path."""

    tree: str
    conflicts: Mapping[str, Conflict] = field(default_factory=dict)


def merge_tree(git: Git, ours: str, theirs: str) -> Merged:
    """Merge two commits without a worktree. Raises SyncforkError where git cannot."""
    done = git.call("merge-tree", "--write-tree", "-z", ours, theirs)
    if done.code not in (0, 1) or not re.match(rb"[0-9a-f]{40,64}\0", done.out):
        # Exit code 1 stands for "conflicts" and for "not something we can merge".
        if done.code == 129:
            raise SyncforkError("this git has no `merge-tree --write-tree`", "install git 2.38 or newer")
        raise GitError(f"git could not merge {ours} and {theirs}: {done.err.strip()}", code=done.code)
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


@dataclass(frozen=True)
class Hunk:
    """One conflict in a file: the line (from 1) where its markers begin, and both sides' lines."""

    line: int
    ours: str
    theirs: str


def split_conflicts(text: str, ours: str, theirs: str) -> list[str | Hunk]:
    """Split a conflicted file at its markers, whose labels are the commits `ours` and `theirs`.

    The labels are object ids, so nothing in the file itself is mistaken for a marker; a line of seven equals
    signs inside a conflict is told apart by being the first one that follows.
    """
    marker = re.compile(
        rf"^<{{7,}} {ours}(?::[^\n]*)?\r?\n(?P<ours>.*?)^={{7,}}\r?\n(?P<theirs>.*?)^>{{7,}} {theirs}(?::[^\n]*)?(?:\r?\n|\Z)",
        re.MULTILINE | re.DOTALL,
    )
    parts: list[str | Hunk] = []
    position = 0
    for found in marker.finditer(text):
        parts.append(text[position : found.start()])
        line = text.count("\n", 0, found.start()) + 1
        parts.append(Hunk(line, found["ours"], found["theirs"]))
        position = found.end()
    parts.append(text[position:])
    return parts


def relabel(text: str, labels: Mapping[str, str]) -> str:
    """Give conflict markers names that mean something: `labels` maps commit ids to them."""

    def label(found: re.Match[str]) -> str:
        return f"{found['marker']} {labels[found['id']]}{found['path'] or ''}"

    ids = "|".join(re.escape(oid) for oid in labels)
    return re.sub(
        rf"^(?P<marker><{{7,}}|>{{7,}}|\|{{7,}}) (?P<id>{ids})(?P<path>:[^\r\n]*)?",
        label,
        text,
        flags=re.MULTILINE,
    )
