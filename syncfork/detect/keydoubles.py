"""Keys and items that stand twice in the merged text, where no side has them twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from syncfork.detect.base import Found
from syncfork.detect.keyfiles import Four, lines_of, place_of
from syncfork.detect.keytree import MERGED, Aligned, Path, canonical, is_template, shown
from syncfork.parsing.values import Entry, Value
from syncfork.report import FindingClass


def repeated_keys(four: Four, roots: Sequence[Value]) -> Iterator[Found]:
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


def _doubled(four: Four, cls: FindingClass, entry: Entry, message: str, fix: str) -> Found:
    lines = lines_of(four.merged.text, entry)
    new = four.come
    added = [line for line in new if line in lines] or new
    return Found(
        cls,
        four.merged.path,
        four.merged.line_of(entry.start),
        message,
        fix=fix,
        upstream=place_of(four.upstream, added),
        added=tuple(added),
    )


# What may stand in a list once only, by the key that names it.
_ONCE = re.compile(r"\[(?:job|deployment|stage|repository)=")


def doubled_items(four: Four, aligned: Aligned) -> Iterator[Found]:
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
