"""The texts behind a report: base, ours and theirs of each conflict, and the lines around each finding."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from syncfork.git.door import Git, decode
from syncfork.git.repository import Repository
from syncfork.merge.apart import merge_paths, whole_stages
from syncfork.merge.culprits import History
from syncfork.merge.mergetree import Conflict, Hunk
from syncfork.merge.workspace import Workspace
from syncfork.report import ConflictItem, ConflictText, Excerpt, Finding
from syncfork.text import decode_document

_AROUND = 4
_MOST_HUNKS, _LONGEST = 20, 4000
_MOST_FINDINGS = 100


def with_texts(
    space: Workspace, conflicts: Mapping[str, Conflict], items: Sequence[ConflictItem], upstream: History
) -> tuple[ConflictItem, ...]:
    """The `items` of a merge's `conflicts`, each with what the three sides have there and who caused it."""
    # The merge base's part is left out of ordinary markers: the same files again, with markers that have it.
    paths = {path: entries for path, item in conflicts.items() if (entries := whole_stages(item))}
    if not paths:
        return tuple(items)
    again, _ = merge_paths(space, paths, space.attributes, ("merge.conflictStyle=diff3",))
    files = space.files(again.tree, [item.path for item in items])
    return tuple(
        replace(item, texts=_texts(item.path, decode(files[item.path][1] or b""), upstream))
        if item.path in files
        else item
        for item in items
    )


_CONFLICT = re.compile(
    r"^(<{7,}) [^\n]*\n(.*?)^\|{7,} ?[^\n]*\n(.*?)^={7,}\n(.*?)^>{7,} [^\n]*$", re.MULTILINE | re.DOTALL
)


def _texts(path: str, text: str, upstream: History) -> tuple[ConflictText, ...]:
    return tuple(
        ConflictText(
            text.count("\n", 0, found.start()) + 1,
            found[3][:_LONGEST],
            found[2][:_LONGEST],
            found[4][:_LONGEST],
            upstream.of_hunks(path, [Hunk(1, found[2], found[4])]),
        )
        for found in itertools.islice(_CONFLICT.finditer(text), _MOST_HUNKS)
    )


def with_excerpts(
    repository: Repository, git: Git, findings: Sequence[Finding], trees: Mapping[str, str | None]
) -> tuple[Finding, ...]:
    """Findings with the lines around their place in the merged tree and in upstream's. `trees` are `merged`,
    `theirs` and `base`; one that is None is passed over. All texts come from one process."""
    wanted = [
        (number, title, trees.get(tree), path, line)
        for number, finding in enumerate(findings[:_MOST_FINDINGS])
        for title, tree, path, line in _places(finding)
    ]
    blobs = repository.blobs([f"{tree}:{path}" for _, _, tree, path, _ in wanted if tree], git)
    found: dict[int, list[Excerpt]] = {}
    for number, title, tree, path, line in wanted:
        content = blobs[f"{tree}:{path}"] if tree else None
        read = decode_document(path, content) if content is not None else None
        if read:
            found.setdefault(number, []).append(excerpt(title, path, line, read[0].text))
    return tuple(replace(f, excerpts=tuple(found.get(n, ()))) for n, f in enumerate(findings))


def _places(finding: Finding) -> list[tuple[str, str, str, int]]:
    places = [("after the merge", "merged", finding.path, finding.line)]
    if finding.upstream and finding.upstream.line:
        before = finding.upstream.tree == "base"
        title = "upstream, before it changed this" if before else "upstream now"
        places.append((title, finding.upstream.tree, finding.upstream.path, finding.upstream.line))
    return places


def excerpt(title: str, path: str, line: int, text: str) -> Excerpt:
    """The lines of `text` around `line`."""
    lines = text.split("\n")
    first = max(1, line - _AROUND)
    return Excerpt(title, path, first, line, tuple(one[:500] for one in lines[first - 1 : line + _AROUND]))
