"""How keys and items that a merge by lines lost, or brought back, and values that it made others are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncfork.detect.base import Found
from syncfork.detect.keyfiles import Four, cut, lines_of, root_of
from syncfork.detect.keylosses import altered, back, gone
from syncfork.detect.keytree import BASE, MERGED, OURS, THEIRS, Aligned, Path, shown
from syncfork.detect.lines import hunks
from syncfork.parsing.values import Value
from syncfork.report import Place
from syncfork.text import Document
from syncfork.words import listed


def altered_values(four: Four, aligned: Aligned, told: set[Path], governed: bool) -> Iterator[Found]:
    """Values that the merge took from another key, as all sides have one and the same here; not those at paths `told`.
    `governed` is whether a rule is about the file."""
    for path in altered(aligned, told):
        # A rule sets values that no side has: only what a side wrote somewhere can have landed here.
        if not governed or _written(aligned, path):
            yield _altered(four, aligned, path, governed)


def _altered(four: Four, aligned: Aligned, path: Path, governed: bool) -> Found:
    before, theirs, now = (_text(aligned, path, side) for side in (BASE, THEIRS, MERGED))
    place, merged = aligned.nodes[path][THEIRS], aligned.nodes[path][MERGED]
    assert place and merged  # a value that stands on all sides
    # The value itself is as it was: what stands around it came or went.
    item = aligned.nodes[path[:-1]][THEIRS] or place
    return Found(
        "decision" if governed else "breakage",
        four.merged.path,
        four.merged.line_of(merged.start),
        f"{shown(path)} is `{now}` now, though the merge base, the fork and upstream all have `{before}`",
        fix=f"set {shown(path)} to `{theirs}` again: the line is of another key, which both sides may have changed",
        upstream=Place(four.upstream.path, four.upstream.line_of(item.start)),
        added=tuple(lines_of(four.upstream.text, item)),
        key=f"altered {shown(path)}",
    )


def _written(aligned: Aligned, path: Path) -> bool:
    """Whether a side changed some line from what the value's was into what it is."""
    before, now = (lines_of(aligned.texts[side], aligned.nodes[path][side]) for side in (BASE, MERGED))
    old = aligned.texts[BASE].split("\n")
    return any(
        set(before) <= set(old[hunk.old_start : hunk.old_end])
        and set(now) <= set(aligned.texts[side].split("\n")[hunk.new_start : hunk.new_end])
        for side in (OURS, THEIRS)
        for hunk in hunks(aligned.texts[BASE], aligned.texts[side])
    )


def _text(aligned: Aligned, path: Path, side: int) -> str:
    """The value at `path` in the text's own words, cut short."""
    entry = aligned.nodes[path][side]
    text = aligned.texts[side][entry.value.start : entry.value.end].strip() if entry else ""
    return cut(text)


def returned(four: Four, aligned: Aligned, told: set[Path]) -> Iterator[Found]:
    """What one side took out and the other only moved, so that the result has it again; not what is at paths `told`."""
    document = four.upstream
    for side, whose, other in ((OURS, "the fork", "upstream"), (THEIRS, "upstream", "the fork")):
        for path in back(aligned, side, told):
            now, theirs = aligned.nodes[path][MERGED], aligned.nodes[path][THEIRS]
            assert now  # what is back is there
            yield Found(
                "breakage" if side == OURS else "decision",
                four.merged.path,
                four.merged.line_of(now.start),
                f"{whose} took out {shown(path)}; {other} moved it, and the merged file has it again",
                fix=f"take {shown(path)} out again, or accept this if it is to stay",
                upstream=Place(document.path, document.line_of(theirs.start) if theirs else 0),
                added=tuple(lines_of(document.text, theirs)),
            )


def dropped(four: Four, aligned: Aligned, told: set[Path], beside: Sequence[Document]) -> Iterator[Found]:
    """Keys and items that the result lacks though no side took them out: one finding for a file. `beside`
    are the files of upstream's own next to it: what one of them has now was left out here for that."""
    lost = gone(aligned, told)
    roots = [root_of(document, four.form) for document in beside] if lost else []
    lost = [path for path in lost if not any(_holds(root, path) for root in roots)]
    if not lost:
        return
    holders = {side for path in lost for side in (OURS, THEIRS) if aligned.stands(path, side)}
    whose = "the fork's " if holders == {OURS} else "upstream's " if holders == {THEIRS} else ""
    verb, them = ("is", "it") if len(lost) == 1 else ("are", "them")
    names = listed([shown(path) for path in lost])
    theirs, document = [aligned.nodes[path][THEIRS] for path in lost], four.upstream
    entry = next((entry for entry in theirs if entry), None)
    parent = next(
        entry
        for n in range(len(lost[0]) - 1, -1, -1)
        if (entry := aligned.nodes[lost[0][:n]][MERGED]) is not None
    )
    yield Found(
        "decision",
        four.merged.path,
        four.merged.line_of(parent.start),
        f"{whose}{names} {verb} not in the merged file, though neither side took {them} out",
        fix=f"put {them} back, or accept this finding if that was meant",
        upstream=Place(document.path, document.line_of(entry.start)) if entry else None,
        added=tuple(line for entry in theirs for line in lines_of(document.text, entry)),
        key="dropped " + " ".join(shown(path) for path in lost),
    )


def _holds(root: Value | str | None, path: Path) -> bool:
    """Whether a text has a value at `path`, as far as that is a path of keys."""
    value = root if isinstance(root, Value) else None
    for step in path:
        entries = value.entries if value and value.kind == "map" else ()
        value = next((entry.value for entry in entries if entry.key == step), None)
    return value is not None
