"""The texts behind a report: base, ours and theirs of each conflict, and the lines around each finding."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from msgspec.structs import replace

from syncfork.git.door import Git, decode
from syncfork.git.repository import Repository
from syncfork.merge.apart import merge_paths, whole_stages
from syncfork.merge.culprits import History
from syncfork.merge.disputes import STYLE, disputes
from syncfork.merge.mergetree import Conflict
from syncfork.merge.workspace import Workspace
from syncfork.report import ConflictItem, ConflictText, Excerpt, Finding
from syncfork.resolve.base import Clash, Disputed, Resolved
from syncfork.resolve.lines import aligned, lines_of
from syncfork.text import decode_document

_AROUND = 4
_MOST_HUNKS, _LONGEST = 20, 4000
_MOST_FINDINGS = 100


def with_texts(
    space: Workspace,
    conflicts: Mapping[str, Conflict],
    items: Sequence[ConflictItem],
    upstream: History,
    ours: str,
    resolved: Sequence[Resolved] = (),
) -> tuple[ConflictItem, ...]:
    """The `items` of a merge's `conflicts`, each with what the three sides have there, where in the files of the
    commit `ours` that is, and who caused it. What is answered in `resolved` is left for nobody."""
    # The merge base's part is left out of ordinary markers: the same files again, with markers that have it.
    paths = {path: entries for path, item in conflicts.items() if (entries := whole_stages(item))}
    if not paths:
        return tuple(items)
    again, ids = merge_paths(space, paths, space.attributes, (STYLE,))
    repository = replace(space.repository, git=space.git)
    files = disputes(repository, again.tree, {path: conflicts[path] for path in paths}, ids)
    own = repository.blobs(f"{ours}:{path}" for path in files)
    answers = {item.file.path: item.answers for item in resolved}
    found = {
        path: _texts(file, own[f"{ours}:{path}"], upstream, answers.get(path, {}))
        for path, file in files.items()
    }
    return tuple(replace(item, texts=found.get(item.path, ())) for item in items)


def _texts(
    file: Disputed, own: bytes | None, upstream: History, answers: Container[int | None]
) -> tuple[ConflictText, ...]:
    # Rules may have changed what git was given; where the fork has no such name, upstream renamed the file.
    lines = conflict_lines(file.parts, (file.ours or "") if own is None else decode(own))
    left = [item for n, item in enumerate(zip(lines, file.clashes, strict=True)) if n not in answers]
    return tuple(
        ConflictText(
            line,
            clash.base[:_LONGEST],
            clash.ours[:_LONGEST],
            clash.theirs[:_LONGEST],
            upstream.of_change(file.path, clash.base, clash.theirs),
        )
        for line, clash in left[:_MOST_HUNKS]
    )


def conflict_lines(parts: Sequence[str | Clash], own: str) -> list[int]:
    """The line (from 1) of `own` at which each clash of `parts` begins. Where `own` has nothing of a clash it is the
    line that follows, or the last one.

    `own` is aligned with git's merge in which ours stands in the place of each clash.
    """
    merged: list[str] = []
    spans: list[tuple[int, int]] = []
    for part in parts:
        start = len(merged)
        merged += lines_of(part.ours if isinstance(part, Clash) else part)
        if isinstance(part, Clash):
            spans.append((start, len(merged)))
    lines = lines_of(own)
    places = aligned(merged, lines)
    found = []
    for start, end in spans:
        inside = (place - at for at, place in enumerate(places[start:end]) if place is not None)
        before = (place + 1 for place in reversed(places[:start]) if place is not None)
        first = next(inside, None)
        found.append((next(before, 0) if first is None else first) + 1)
    return [max(1, min(line, len(lines))) for line in found]


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
    return tuple(replace(f, excerpts=f.excerpts or tuple(found.get(n, ()))) for n, f in enumerate(findings))


def _places(finding: Finding) -> list[tuple[str, str, str, int]]:
    # A finding about the file as a whole has no line, and how the file begins says nothing of it.
    places = [("after the merge", "merged", finding.path, finding.line)] if finding.line else []
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
