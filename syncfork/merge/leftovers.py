"""What git left in a conflict and is to be committed as it is: people do that."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from syncfork.git.repository import Repository
from syncfork.report import Finding
from syncfork.resolve.markers import MARKER, SEPARATOR

# Where a file meets a folder, or a link a file, git calls one of them so.
_MADE_UP = re.compile(r"(.+)~[^/]+", re.DOTALL)


def left_over(repository: Repository, trees: Sequence[str], paths: Sequence[str]) -> list[Finding]:
    """The markers, and the names that git made up, in the first of three `trees`; the others are the two sides. `paths`
    were in conflict."""
    blobs = repository.blobs(f"{name}:{path}" for name in trees for path in paths)
    found = []
    for path in paths:
        made, *had = (blobs[f"{name}:{path}"] for name in trees)
        if made is not None and had == [None, None] and (meant := _MADE_UP.fullmatch(path)):
            message = f"git made this name up for one side of {meant[1]}: give it one of yours, or remove it"
            found.append(Finding(f"name-{path}", "breakage", "marker", None, path, 0, message))
        content, sides = made or b"", [side or b"" for side in had]
        if marker := _marker(content, sides) or _separator(content, sides):
            line = content.count(b"\n", 0, marker.start()) + 1
            message = "a conflict marker was left in this file"
            found.append(Finding(f"marker-{path}", "breakage", "marker", None, path, line, message))
    return found


def _marker(content: bytes, sides: Sequence[bytes]) -> re.Match[bytes] | None:
    """The first line that begins or ends a conflict, where neither side has as many that read like it: a side may hold
    markers of its own, as an example or a test's text."""
    left: dict[bytes, list[re.Match[bytes]]] = {}
    for found in MARKER.finditer(content):
        left.setdefault(found[0], []).append(found)
    known = [Counter(MARKER.findall(side)) for side in sides] if left else []
    new = (group[0] for line, group in left.items() if len(group) > max(had[line] for had in known))
    return min(new, key=lambda found: found.start(), default=None)


def _separator(content: bytes, sides: Sequence[bytes]) -> re.Match[bytes] | None:
    """The line between two sides, where neither side has as many: a heading may be underlined so."""
    known = max((len(SEPARATOR.findall(side)) for side in sides), default=0)
    left = list(SEPARATOR.finditer(content))
    return left[0] if len(left) > known else None
