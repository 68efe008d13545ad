"""What the fork skips, and upstream has since widened: a skip of the fork's hides more than it did."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from syncfork.detect.base import File, Found, View
from syncfork.detect.exempt import of_ignore_files, of_keys, of_lists
from syncfork.detect.exempt_rules import of_rules
from syncfork.detect.exits import Exit, exits, functions, may_exit
from syncfork.detect.lines import counterpart, grown, new_lines, short, telling
from syncfork.parsing.grammars import LANGUAGES
from syncfork.report import Place
from syncfork.text import Document

_SOURCE = tuple(
    ending
    for language, endings in LANGUAGES.items()
    if language not in ("css", "html", "json", "yaml")
    for ending in endings
)

# How far calls are followed from what is skipped, within the file.
_DEPTH = 3


def find(view: View) -> Iterator[Found]:
    """Skips and exemptions that the fork added, and what upstream's new lines they pass over too."""
    for file in view.files:
        if file.changed_by_ours and file.changed_by_theirs and file.merged and file.ours and file.theirs:
            if file.merged.path.endswith(_SOURCE) or file.merged.text.startswith("#!"):
                yield from _of_exits(file)
            yield from of_keys(file)
            yield from of_rules(file)
    yield from of_lists(view)
    yield from of_ignore_files(view)


class _Widened(Struct, frozen=True):
    """Lines that upstream added to what is skipped: below the skip, or in the functions called there."""

    lines: tuple[int, ...]
    callee: str


def _of_exits(file: File) -> Iterator[Found]:
    """The early exits of one file, one finding for all that hide the same."""
    assert file.merged and file.theirs and file.ours
    fork = new_lines(file.theirs.text, file.merged.text)
    # A skip that only the merge itself made was written with upstream's new lines in sight: it did not grow.
    skips = fork - file.new_lines
    if not may_exit(file.merged, skips):
        return
    added = grown(file.ours.text, file.merged.text) - fork
    if not added:
        return
    told: set[tuple[int, ...]] = set()
    for way in exits(file.merged, skips):
        for widened in _widened(file.merged, way, added):
            if widened.lines not in told:
                told.add(widened.lines)
                yield _found(file, way, widened)


def _widened(document: Document, way: Exit, added: frozenset[int]) -> Iterator[_Widened]:
    below = tuple(sorted(line for line in added if way.first <= line <= way.last))
    if below:
        yield _Widened(below, "")
    if not way.of_loop:
        return
    # A round of a loop is about one thing: what is called for it in the rest of the round passes it over too.
    lines = document.text.split("\n")
    for name, place in _called(document, "\n".join(lines[way.first - 1 : way.last])).items():
        inside = tuple(sorted(line for line in added if place[0] <= line <= place[1]))
        if len(inside) > 2 and not place[0] <= way.line <= place[1]:
            yield _Widened(inside, name)


_CALL = re.compile(r"\b([A-Za-z_]\w*)(?:::<[^<>()\n]*>)?\(")


def _called(document: Document, text: str) -> dict[str, tuple[int, int]]:
    """The functions of the file that `text` calls, and those that these call, a few steps far."""
    lines = document.text.split("\n")
    found: dict[str, tuple[int, int]] = {}
    texts = [text]
    for _ in range(_DEPTH):
        names = {name for part in texts for name in _CALL.findall(part)} - found.keys()
        new = functions(document, names) if names else {}
        found |= new
        texts = ["\n".join(lines[start - 1 : end]) for start, end in new.values()]
    return found


def _found(file: File, way: Exit, widened: _Widened) -> Found:
    assert file.merged and file.theirs
    text = file.merged.text
    lines = text.split("\n")
    first = telling(widened.lines, lines)
    number = len(widened.lines)
    where = f"in `{widened.callee}`, called below it" if widened.callee else "below it"
    return Found(
        "decision",
        file.path,
        way.line,
        f"the fork's skip (`{short(way.condition)}`) now also passes over {number} "
        f"line{'s' if number > 1 else ''} that upstream added {where}: `{short(lines[first - 1])}`",
        fix="decide whether what is skipped should pass the new checks: move the skip below them or narrow it, "
        "or accept this finding with the reason",
        upstream=Place(file.theirs.path, counterpart(file.theirs.text, text, first)),
        added=tuple(lines[line - 1] for line in widened.lines),
        key=f"{way.condition} {widened.callee}",
    )
