"""Moved: a file that the fork moved, and changed too much for git to follow, and what upstream changed in it since.

To git it is deleted: what upstream does to it ends as a conflict, or is dropped with the file by a rule or resolution
that keeps it deleted. The fork's own history tells where it went.
"""

from __future__ import annotations

from collections.abc import Iterator

from syncfork.detect.base import File, Found, View
from syncfork.detect.porting import Hunk, changed_hunks, listing
from syncfork.report import Place
from syncfork.text import Document
from syncfork.words import count


def find(view: View) -> Iterator[Found]:
    """One finding for each such file with a change of upstream's that is not in the one it became."""
    gone = {
        file.base.path: file
        for file in view.files
        if file.base and file.theirs and file.changed_by_theirs and not file.ours
    }
    homes = view.trees.moved(list(gone)) if gone else {}
    there = view.trees.read("merged", set(homes.values())) if homes else {}
    for path, home in homes.items():
        if home in there:
            yield from _compare(path, gone[path], there[home])


def _compare(old: str, file: File, home: Document) -> Iterator[Found]:
    lines = {line.strip() for line in home.text.split("\n")}
    left = [hunk for hunk in changed_hunks(file) if not _has(lines, hunk)]
    if not left:
        return
    size = sum(hunk.size for hunk in left)
    yield Found(
        "decision",
        home.path,
        1,
        f"the fork moved {old} here, and upstream changed {count(size, 'line')} of it that {'is' if size == 1 else 'are'} not here",
        fix="port what applies of upstream's changes",
        code=listing(left),
        upstream=Place(file.path, left[0].new_line),
        added=tuple(line for hunk in left for line in hunk.after),
        removed=tuple(line for hunk in left for line in hunk.before),
        key=old,
    )


def _has(lines: set[str], hunk: Hunk) -> bool:
    """Whether a text is as the change makes it, as far as single lines tell."""
    return lines.issuperset(hunk.come) and not any(len(text) > 5 and text in lines for _, text in hunk.gone)
