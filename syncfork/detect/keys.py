"""The key audit: YAML, TOML and JSON merged key by key, compared with what the merge by lines made of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from syncfork.detect.base import File, Found, View
from syncfork.detect.keylosses import back, gone
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
from syncfork.report import Place
from syncfork.selectors.base import CannotReadError
from syncfork.structured import Entry, Format, SeveralDocumentsError, Value, format_of, read
from syncfork.text import Document

# Beyond this many characters a file is a program's, not a person's.
_LARGEST = 200_000
_LOCK = re.compile(r"(?:\.lock|(?:package|packages|pnpm|conda|composer)[-.]lock\.\w+|-shrinkwrap\.json)$")


@dataclass(frozen=True)
class _Four:
    """A file that both sides changed, whole on all sides."""

    form: Format
    documents: tuple[Document, ...]

    @property
    def merged(self) -> Document:
        return self.documents[MERGED]


def find(view: View) -> Iterator[Found]:
    """What a merge by key would have left elsewhere, once, or in the file at all."""
    for file in view.files:
        four = _four(file)
        if four is None:
            continue
        roots = [_read(document, four.form) for document in four.documents]
        if isinstance(roots[MERGED], str):
            yield from _unreadable(four, roots)
        # A list that is whole holds no more than values, which the type cannot tell.
        values = [root for root in roots if isinstance(root, Value)]
        if len(values) == len(roots):
            yield from _audit(four, values, view.governed(file.path))


def _four(file: File) -> _Four | None:
    sides = (file.base, file.ours, file.theirs, file.merged)
    documents = tuple(document for document in sides if document)
    if file.conflicted or len(documents) < len(sides):
        return None
    merged = documents[MERGED]
    base, ours, theirs, whole = (document.text for document in documents)
    # Where one side alone changed it, or the result is one side's as it is, nothing can be in a wrong place.
    if base in (ours, theirs) or whole in (ours, theirs):
        return None
    if _LOCK.search(PurePosixPath(merged.path).name) or max(map(len, (ours, theirs, whole))) > _LARGEST:
        return None
    try:
        return _Four(format_of(merged), documents)
    except CannotReadError:
        return None


def _read(document: Document, form: Format) -> Value | str | None:
    """The root value; the complaint of the parser; None where there is more than one document."""
    try:
        return read(document.text, form)
    except SeveralDocumentsError:
        return None
    except CannotReadError as error:
        return str(error)


def _unreadable(four: _Four, roots: list[Value | str | None]) -> Iterator[Found]:
    if not isinstance(roots[OURS], Value) or not isinstance(roots[THEIRS], Value):
        return
    where = re.search(r"\bline (\d+)", str(roots[MERGED]))
    line = int(where[1]) if where else 1
    new = _lines_beyond(four.documents[THEIRS].text, four.documents[BASE].text)
    near = four.merged.text.split("\n")[max(0, line - 4) : line + 1]
    added = [text for text in new if text in near] or new
    yield Found(
        "breakage",
        four.merged.path,
        line,
        f"does not parse any more ({roots[MERGED]}), though the fork's file and upstream's both do",
        fix="mend the structure here so that both sides' keys are in it",
        upstream=_place(four.documents[THEIRS], added),
        added=tuple(added),
        key="unreadable",
    )


def _place(document: Document, lines: Iterable[str]) -> Place:
    texts = document.text.split("\n")
    return Place(document.path, next((texts.index(line) + 1 for line in lines if line in texts), 1))


def _lines_beyond(text: str, other: str) -> list[str]:
    known = set(other.split("\n"))
    return [line for line in text.split("\n") if line.strip() and line not in known]


def _audit(four: _Four, roots: list[Value], governed: bool) -> Iterator[Found]:
    if four.form != "toml":
        yield from _repeated(four, roots)
    aligned = align([document.text for document in four.documents], roots, four.form == "toml")
    groups = moved(aligned)
    for group in groups:
        yield _misplaced(four, aligned, group, governed)
    if not governed:
        told = {path for group in groups for pair in group.pairs for path in pair}
        yield from _returned(four, aligned, told)
        yield from _dropped(four, aligned, told)
    yield from _twice(four, aligned)


# Misplaced


def _misplaced(four: _Four, aligned: Aligned, group: Group, governed: bool) -> Found:
    whose, other = ("the fork", "upstream") if group.side == OURS else ("upstream", "the fork")
    source, target = shown(group.source), shown(group.target)
    what = _what(aligned, group)
    if group.taken_out:
        message = f"{whose} took {what} out of {source}; the merge took it out of {target} instead"
        fix = f"take {what} out of {source}, and give {target} back what {other} has there"
    else:
        verb = "now stands on" if len(group.pairs) == 1 else "now stand on"
        message = f"{whose}'s {what} of {source} {verb} {target}"
        fix = f"put {what} back to {source}, and leave {target} as {other} has it"
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


def _what(aligned: Aligned, group: Group) -> str:
    """The first change in the text's own words, and how many more there are."""
    path = group.pairs[0][0]
    side = BASE if group.taken_out else group.side
    entry = aligned.nodes[path][side]
    last = path[-1]
    text = last[1:] if last.startswith("|") else ""
    if entry and not text:
        lines = aligned.texts[side][entry.start : entry.end].split("\n")
        text = lines[0].strip() + (" ..." if len(lines) > 1 else "")
    more = len(group.pairs) - 1
    return f"`{text[:60] + (' ...' if text[60:] else '')}`" + (f" and {more} more" if more else "")


def _upstream(four: _Four, aligned: Aligned, group: Group) -> tuple[Entry | None, tuple[str, ...]]:
    """Upstream's lines that drew the change away: the new ones around where it landed, or where it was."""
    known = set(four.documents[BASE].text.split("\n"))
    target, source = (aligned.nodes[path][THEIRS] for path in (group.target, group.source))
    if group.side == THEIRS:
        source = aligned.nodes[group.pairs[0][0]][THEIRS] or source
        target, source = source, target
    for entry in (target, source):
        lines = _lines_of(aligned.texts[THEIRS], entry)
        if new := tuple(line for line in lines if line not in known):
            return entry, new
    return target, tuple(_lines_of(aligned.texts[THEIRS], target))


def _lines_of(text: str, entry: Entry | None) -> list[str]:
    if entry is None:
        return []
    start = text.rfind("\n", 0, entry.start) + 1
    end = text.find("\n", entry.end)
    return [line for line in text[start : end if end >= 0 else None].split("\n") if line.strip()]


# Repeated


def _repeated(four: _Four, roots: list[Value]) -> Iterator[Found]:
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


def _doubled(four: _Four, cls: str, entry: Entry, message: str, fix: str) -> Found:
    document = four.documents[THEIRS]
    lines = _lines_of(four.merged.text, entry)
    new = _lines_beyond(document.text, four.documents[BASE].text)
    added = [line for line in new if line in lines] or new
    return Found(
        "breakage" if cls == "breakage" else "decision",
        four.merged.path,
        four.merged.line_of(entry.start),
        message,
        fix=fix,
        upstream=_place(document, added),
        added=tuple(added),
    )


# What may stand in a list once only, by the key that names it.
_ONCE = re.compile(r"\[(?:job|deployment|stage|repository)=")


def _twice(four: _Four, aligned: Aligned) -> Iterator[Found]:
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


def _returned(four: _Four, aligned: Aligned, told: set[Path]) -> Iterator[Found]:
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
                added=tuple(_lines_of(document.text, theirs)),
            )


def _dropped(four: _Four, aligned: Aligned, told: set[Path]) -> Iterator[Found]:
    """Keys and items that the result lacks though no side took them out: one finding for a file."""
    lost = gone(aligned, told)
    if not lost:
        return
    names = ", ".join(shown(path) for path in lost[:3]) + (f" and {len(lost) - 3} more" if lost[3:] else "")
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
        f"{names}: not in the merged file, though neither side took it out",
        fix="put it back, or accept this if it was left out on purpose",
        upstream=Place(document.path, document.line_of(entry.start)) if entry else None,
        added=tuple(line for entry in theirs for line in _lines_of(document.text, entry)),
        key="dropped " + " ".join(shown(path) for path in lost),
    )
