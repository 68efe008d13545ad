"""The key audit: YAML, TOML and JSON merged key by key, compared with what the merge by lines made of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from syncfork.detect.base import Found, View
from syncfork.detect.keyfiles import Four, four_of, lines_of, place_of, root_of
from syncfork.detect.keylosses import altered, back, gone
from syncfork.detect.keymoves import Group, moved
from syncfork.detect.keytree import (
    BASE,
    MERGED,
    OURS,
    THEIRS,
    Aligned,
    Path,
    align,
    canonical,
    is_template,
    shown,
)
from syncfork.detect.lines import beyond, hunks
from syncfork.report import Place
from syncfork.structured import Entry, Value
from syncfork.text import Document
from syncfork.words import listed


def find(view: View) -> Iterator[Found]:
    """What a merge by key would have left elsewhere, once, or in the file at all."""
    for file in view.files:
        governed = view.governed(file.path)
        four = four_of(file, governed)
        if four is None:
            continue
        roots = [root_of(document, four.form) for document in four.documents]
        if isinstance(roots[MERGED], str):
            yield from _unreadable(four, roots)
        # A list that is whole holds no more than values, which the type cannot tell.
        values = [root for root in roots if isinstance(root, Value)]
        kinds = {root.kind for root in values}
        if len(values) == len(roots) and (kinds == {"map"} or kinds == {"seq"}):
            yield from _audit(four, values, governed, _beside(view, four))


def _unreadable(four: Four, roots: list[Value | str | None]) -> Iterator[Found]:
    if not isinstance(roots[OURS], Value) or not isinstance(roots[THEIRS], Value):
        return
    where = re.search(r"\bline (\d+)", str(roots[MERGED]))
    line = int(where[1]) if where else 1
    new = _new(four)
    near = four.merged.text.split("\n")[max(0, line - 4) : line + 1]
    added = [text for text in new if text in near] or new
    yield Found(
        "breakage",
        four.merged.path,
        line,
        f"does not parse any more ({roots[MERGED]}), though the fork's file and upstream's both do",
        fix="mend the structure here so that both sides' keys are in it",
        upstream=place_of(four.documents[THEIRS], added),
        added=tuple(added),
        key="unreadable",
    )


def _new(four: Four) -> list[str]:
    """Upstream's lines that the merge base has nowhere."""
    return list(beyond(four.documents[THEIRS].text, four.documents[BASE].text).values())


def _audit(four: Four, roots: list[Value], governed: bool, beside: Sequence[Document]) -> Iterator[Found]:
    if four.form != "toml":
        yield from _repeated(four, roots)
    aligned = align([document.text for document in four.documents], roots, four.form == "toml")
    groups = moved(aligned)
    for group in groups:
        yield _misplaced(four, aligned, group, governed)
    told = {path for group in groups for pair in group.pairs for path in pair}
    for path in altered(aligned, told):
        # A rule sets values that no side has: only what a side wrote somewhere can have landed here.
        if not governed or _written(aligned, path):
            yield _altered(four, aligned, path, governed)
    if not governed:
        # The copies of a doubled item are counted by content, which tells nothing more.
        twice = {path[:-1] for path, _, _ in aligned.doubles}
        told |= {path for path, leaf in aligned.leaves.items() if leaf.counted and path[:-1] in twice}
        yield from _returned(four, aligned, told)
        # A result that is one side's as it is was chosen by a person: no news to them.
        if four.merged.text not in (four.documents[OURS].text, four.documents[THEIRS].text):
            yield from _dropped(four, aligned, told, beside)
    yield from _twice(four, aligned)


# Misplaced


def _misplaced(four: Four, aligned: Aligned, group: Group, governed: bool) -> Found:
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
    document = four.documents[THEIRS]
    place, added = _upstream(four, aligned, group)
    return Found(
        "breakage" if group.certain and not governed else "decision",
        four.merged.path,
        four.merged.line_of(landed.start if landed else 0),
        message,
        fix=fix,
        upstream=Place(document.path, document.line_of(place.start if place else 0)),
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
    text = text[:60] + (" ..." if text[60:] else "")
    return f"`{text}`" + (f" and {len(tops) - 1} more" if tops[1:] else "")


def _upstream(four: Four, aligned: Aligned, group: Group) -> tuple[Entry | None, tuple[str, ...]]:
    """Upstream's lines that drew the change away: the new ones around where it landed, or where it was."""
    known = set(four.documents[BASE].text.split("\n"))
    target, source = (aligned.nodes[path][THEIRS] for path in (group.target, group.source))
    if group.side == THEIRS:
        source = aligned.nodes[group.pairs[0][0]][THEIRS] or source
        target, source = source, target
    for entry in (target, source):
        lines = lines_of(aligned.texts[THEIRS], entry)
        if new := tuple(line for line in lines if line not in known):
            return entry, new
    return target, tuple(lines_of(aligned.texts[THEIRS], target))


# Altered


def _altered(four: Four, aligned: Aligned, path: Path, governed: bool) -> Found:
    """A value that the merge took from another key, as all sides have one and the same here."""
    before, theirs, now = (_text(aligned, path, side) for side in (BASE, THEIRS, MERGED))
    place, merged = aligned.nodes[path][THEIRS], aligned.nodes[path][MERGED]
    assert place and merged  # a value that stands on all sides
    # The value itself is as it was: what stands around it came or went.
    item = aligned.nodes[path[:-1]][THEIRS] or place
    document = four.documents[THEIRS]
    return Found(
        "decision" if governed else "breakage",
        four.merged.path,
        four.merged.line_of(merged.start),
        f"{shown(path)} is `{now}` now, though the merge base, the fork and upstream all have `{before}`",
        fix=f"set {shown(path)} to `{theirs}` again: the line is of another key, which both sides may have changed",
        upstream=Place(document.path, document.line_of(item.start)),
        added=tuple(lines_of(document.text, item)),
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
    return text[:60] + (" ..." if text[60:] else "")


# Repeated


def _repeated(four: Four, roots: list[Value]) -> Iterator[Found]:
    """Keys that the merged text has twice in one mapping, where no side repeats a key of that name anywhere."""
    found = list(_repeats(roots[MERGED], ()))
    if not found:
        return
    known = {entry.key for root in roots[:MERGED] for _, _, entry in _repeats(root, ())}
    for path, first, entry in found:
        if entry.key in known:
            continue
        again, before = four.merged.line_of(entry.start), four.merged.line_of(first.start)
        alike = first.value.plain() == entry.value.plain()
        yield _doubled(
            four,
            "decision" if alike and four.form == "json" else "breakage",
            entry,
            f"the key {shown((*path, entry.key))} now stands twice in one mapping, in lines {before} and {again}",
            "keep one of the two, with what both sides meant it to hold",
        )


def _repeats(value: Value, path: Path) -> Iterator[tuple[Path, Entry, Entry]]:
    if value.alias:
        return
    seen: dict[str, Entry] = {}
    for entry in value.entries:
        step = f"[{entry.key}]" if value.kind == "seq" else entry.key
        if value.kind == "map" and not is_template(entry.key) and entry.key != "<<":
            if entry.key in seen:
                yield path, seen[entry.key], entry
            seen.setdefault(entry.key, entry)
        yield from _repeats(entry.value, (*path, step))


def _doubled(four: Four, cls: str, entry: Entry, message: str, fix: str) -> Found:
    document = four.documents[THEIRS]
    lines = lines_of(four.merged.text, entry)
    new = _new(four)
    added = [line for line in new if line in lines] or new
    return Found(
        "breakage" if cls == "breakage" else "decision",
        four.merged.path,
        four.merged.line_of(entry.start),
        message,
        fix=fix,
        upstream=place_of(document, added),
        added=tuple(added),
    )


# What may stand in a list once only, by the key that names it.
_ONCE = re.compile(r"\[(?:job|deployment|stage|repository)=")


def _twice(four: Four, aligned: Aligned) -> Iterator[Found]:
    """List items of one name that both sides added or moved, to places of their own."""
    for path, first, second in aligned.doubles:
        strict = bool(_ONCE.match(path[-1])) or path[-2:-1] == ("parameters",)
        one, other = (canonical(entry.value, four.merged.text) for entry in (first, second))
        if strict or one == other:
            yield _doubled(
                four,
                "breakage" if strict else "decision",
                second,
                f"{shown(path)} now stands twice: both sides added or moved it, each to a place of its own",
                "keep one of the two, with what both sides meant it to hold",
            )


# Returned and dropped


def _returned(four: Four, aligned: Aligned, told: set[Path]) -> Iterator[Found]:
    """What one side took out and the other only moved, so that the result has it again."""
    document = four.documents[THEIRS]
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


def _beside(view: View, four: Four) -> list[Document]:
    """The files of the same folder and form that upstream added."""
    place = PurePosixPath(four.merged.path)
    return [
        file.merged
        for file in view.files
        if file.merged
        and file.theirs
        and not file.base
        and not file.ours
        and (PurePosixPath(file.path).parent, PurePosixPath(file.path).suffix) == (place.parent, place.suffix)
    ]


def _dropped(four: Four, aligned: Aligned, told: set[Path], beside: Sequence[Document]) -> Iterator[Found]:
    """Keys and items that the result lacks though no side took them out: one finding for a file."""
    lost = gone(aligned, told)
    # What upstream has in a file of its own now was left out here for that.
    roots = [root_of(document, four.form) for document in beside] if lost else []
    lost = [path for path in lost if not any(_holds(root, path) for root in roots)]
    if not lost:
        return
    holders = {side for path in lost for side in (OURS, THEIRS) if aligned.stands(path, side)}
    whose = "the fork's " if holders == {OURS} else "upstream's " if holders == {THEIRS} else ""
    verb, them = ("is", "it") if len(lost) == 1 else ("are", "them")
    names = listed([shown(path) for path in lost])
    theirs, document = [aligned.nodes[path][THEIRS] for path in lost], four.documents[THEIRS]
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
