"""Copies: a file of the fork's own that began as a copy of upstream's, and what upstream changed in the source since.

Without any rule. A copy that a `derived` rule keeps is ported by the merge itself, and what cannot be ported is
reported there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import PurePosixPath

from syncfork.detect.base import File, Found, View
from syncfork.report import Place
from syncfork.text import Document

# A copy shares at least this part of its lines with the source, and at least so many telling ones.
_SHARE = 0.4
_LEAST = 12
_MOST_HUNKS = 6


@dataclass(frozen=True)
class Hunk:
    """Lines of the source that upstream replaced: where they began in the merge base, and both texts."""

    line: int
    new_line: int
    before: tuple[str, ...]
    after: tuple[str, ...]


def find(view: View) -> Iterator[Found]:
    """One finding for each copy whose source changed in lines that the copy still has as they were."""
    sources: dict[str, list[File]] = {}
    for file in view.files:
        if file.base and file.theirs and file.changed_by_theirs:
            sources.setdefault(PurePosixPath(file.path).suffix, []).append(file)
    for file in view.files:
        near = sources.get(PurePosixPath(file.path).suffix, [])
        if not near or not (file.ours_alone and file.merged and file.ours) or view.owned(file.path):
            continue
        source = _source_of(file.ours, [source for source in near if _alike(file.path, source.path)])
        if source:
            yield from _compare(file, source)


def _alike(one: str, other: str) -> bool:
    """Whether one file could be a copy of the other, by folder or name."""
    folder, _, name = one.rpartition("/")
    near, _, like = other.rpartition("/")
    return folder == near or name == like or like.partition(".")[0] in name


def _source_of(copy: Document, sources: Sequence[File]) -> File | None:
    """The file that `copy` shares most of its lines with, if that is enough to call it a copy."""
    lines = Counter(_telling(copy)) if sources else Counter()
    total = lines.total()

    def shared(file: File) -> int:
        return (lines & Counter(_telling(file.base))).total() if file.base else 0

    best = max(sources, key=shared, default=None)
    if best is None or total == 0:
        return None
    count = shared(best)
    return best if count >= _LEAST and count / total >= _SHARE else None


def _telling(document: Document | None) -> list[str]:
    """The lines that say something: a lone bracket or a short word stands in any file."""
    stripped = (line.strip() for line in document.text.split("\n")) if document else ()
    return [line for line in stripped if len(line) > 5 and any(character.isalpha() for character in line)]


def changed_hunks(source: File) -> list[Hunk]:
    """What upstream did to the source, hunk by hunk, but for changes of blanks alone."""
    assert source.base is not None
    assert source.theirs is not None
    old, new = source.base.text.split("\n"), source.theirs.text.split("\n")
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        Hunk(i + 1, k + 1, tuple(old[i:j]), tuple(new[k:m]))
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal" and _unspaced(old[i:j]) != _unspaced(new[k:m])
    ]


def _unspaced(lines: Sequence[str]) -> list[str]:
    return [text for line in lines if (text := "".join(line.split()))]


def _compare(file: File, source: File) -> Iterator[Found]:
    assert file.merged is not None
    mine = {line.strip() for line in file.merged.text.split("\n")}
    before = {line.strip() for line in source.base.text.split("\n")} if source.base else set()
    left = [hunk for hunk in changed_hunks(source) if _is_left(hunk, mine)]
    if not left:
        return
    own = sum(1 for line in _telling(file.merged) if line not in before)
    lines = sum(_missing(hunk, mine) for hunk in left)
    more = f"\n... and {len(left) - _MOST_HUNKS} more places" if len(left) > _MOST_HUNKS else ""
    first = left[0]
    yield Found(
        "decision",
        file.path,
        _line_of(file.merged, first),
        f"this is a copy of {source.path}, where upstream changed {lines} lines that the copy still has as they "
        f"were, in {len(left)} places; {own} lines of the copy are the fork's own",
        fix="port what applies, around the fork's own lines, or make it a rule (`own: {derived: "
        f"{source.path}}}`), and merges port it:\n" + "\n".join(map(_shown, left[:_MOST_HUNKS])) + more,
        upstream=Place(source.path, first.new_line),
        added=tuple(line for hunk in left for line in hunk.after),
        removed=tuple(line for hunk in left for line in hunk.before),
        key=source.path,
    )


def _is_left(hunk: Hunk, mine: set[str]) -> bool:
    """Whether the copy still has the old lines: all that tell something, so that the change applies to it."""
    old = [line.strip() for line in hunk.before if line.strip() not in {new.strip() for new in hunk.after}]
    telling = [line for line in old if len(line) > 5]
    return bool(telling) and all(line in mine for line in telling) and _missing(hunk, mine) > 0


def _missing(hunk: Hunk, mine: set[str]) -> int:
    """How many lines of the change the copy has not: old ones to go, new ones to come."""
    gone = {line.strip() for line in hunk.before} - {line.strip() for line in hunk.after}
    come = {line.strip() for line in hunk.after} - {line.strip() for line in hunk.before}
    return len([line for line in gone if line and line in mine]) + len(
        [line for line in come if line and line not in mine]
    )


def _line_of(document: Document, hunk: Hunk) -> int:
    wanted = {line.strip() for line in hunk.before if len(line.strip()) > 5}
    lines = enumerate(document.text.split("\n"), start=1)
    return next((number for number, line in lines if line.strip() in wanted), 1)


def _shown(hunk: Hunk) -> str:
    old = [f"-{line}" for line in hunk.before[:8]]
    new = [f"+{line}" for line in hunk.after[:8]]
    return "\n".join([f"@@ line {hunk.new_line}", *old, *new])
