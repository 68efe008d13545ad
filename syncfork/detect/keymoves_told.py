"""How a change that a merge by lines made at another key is told."""

from __future__ import annotations

from collections.abc import Sequence

from syncfork.detect.base import Found
from syncfork.detect.keyfiles import Four, cut, lines_of
from syncfork.detect.keymoves import Group
from syncfork.detect.keytree import BASE, MERGED, OURS, THEIRS, Aligned, Path, shown
from syncfork.parsing.values import Entry
from syncfork.report import Place


def misplaced(four: Four, aligned: Aligned, group: Group, governed: bool) -> Found:
    """One finding for a change of a side's that landed elsewhere; `governed` is whether a rule is about the file."""
    whose, other = ("the fork", "upstream") if group.side == OURS else ("upstream", "the fork")
    # Seen from where it was before it came, or after it went.
    tops = dict.fromkeys(
        _whole(aligned, group.side if group.taken_out else BASE, path) for path, _ in group.pairs
    )
    what = _what(aligned, list(tops), BASE if group.taken_out else group.side)
    at = _common(list(tops))
    source, target = shown(at), shown((*group.target, *at[len(group.source) :]))
    if group.taken_out:
        message = f"{whose} took {what} out of {source}; the merge took it out of {target} instead"
        fix = f"take {what} out of {source}, and give {target} back what {other} has there"
    else:
        verb = "now stands on" if len(tops) == 1 else "now stand on"
        message = f"{whose}'s {what} of {source} {verb} {target}"
        fix = f"put {what} back on {source}, and leave {target} as {other} has it"
    landed = aligned.nodes[group.pairs[0][1]][MERGED] or aligned.nodes[group.target][MERGED]
    place, added = _upstream(aligned, group)
    return Found(
        "breakage" if group.certain and not governed else "decision",
        four.merged.path,
        four.merged.line_of(landed.start if landed else 0),
        message,
        fix=fix,
        upstream=Place(four.upstream.path, four.upstream.line_of(place.start if place else 0)),
        added=added,
        key=f"{group.side} {source} {target} {what}",
    )


def _whole(aligned: Aligned, side: int, path: Path) -> Path:
    """The topmost key that came or went together with what is at `path`."""
    kept = next((n for n in range(1, len(path)) if not aligned.stands(path[:n], side)), len(path))
    return path[:kept]


def _common(paths: Sequence[Path]) -> Path:
    """What all of the changed keys are in."""
    first, last = min(paths)[:-1], max(paths)[:-1]
    return next((first[:n] for n in range(len(first)) if first[: n + 1] != last[: n + 1]), first)


def _what(aligned: Aligned, tops: Sequence[Path], side: int) -> str:
    """The first change in the text's own words, and how many more there are."""
    entry, last = aligned.nodes[tops[0]][side], tops[0][-1]
    text = last[1:] if last.startswith("|") else ""
    if entry and not text:
        lines = aligned.texts[side][entry.start : entry.end].split("\n")
        text = lines[0].strip() + (" ..." if len(lines) > 1 else "")
    return f"`{cut(text)}`" + (f" and {len(tops) - 1} more" if tops[1:] else "")


def _upstream(aligned: Aligned, group: Group) -> tuple[Entry | None, tuple[str, ...]]:
    """Upstream's lines that drew the change away: the new ones around where it landed, or where it was."""
    known = set(aligned.texts[BASE].split("\n"))
    target, source = (aligned.nodes[path][THEIRS] for path in (group.target, group.source))
    if group.side == THEIRS:
        source = aligned.nodes[group.pairs[0][0]][THEIRS] or source
        target, source = source, target
    for entry in (target, source):
        lines = lines_of(aligned.texts[THEIRS], entry)
        if new := tuple(line for line in lines if line not in known):
            return entry, new
    return target, tuple(lines_of(aligned.texts[THEIRS], target))
