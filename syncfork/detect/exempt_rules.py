"""Rules that the fork has a linter ignore, and that upstream has since asked for."""

from __future__ import annotations

from collections.abc import Iterator

from syncfork.detect.base import File, Found
from syncfork.detect.exempt import DEEPEST, FIX
from syncfork.detect.lines import short
from syncfork.errors import CannotReadError
from syncfork.parsing.structured import format_of, read
from syncfork.parsing.values import Value
from syncfork.report import Place
from syncfork.text import Document
from syncfork.words import listed

_IGNORED = frozenset(["ignore", "extend-ignore", "extend_ignore", "disable"])
_ASKED = frozenset(["select", "extend-select", "extend_select", "enable"])


def of_rules(file: File) -> Iterator[Found]:
    """Rules that the fork has a linter ignore, of those that upstream has since asked for."""
    sides = [_rules(document) for document in (file.ours, file.theirs, file.merged)]
    ours, theirs, merged = sides
    assert file.merged and file.theirs
    lines = file.merged.text.split("\n")
    for path, ignored in merged.items():
        if path[-1] not in _IGNORED:
            continue
        own = [rule for rule in ignored if rule not in theirs.get(path, ())]
        for key in sorted(_ASKED):
            there = (*path[:-1], key)
            asked = [rule for rule in merged.get(there, ()) if rule not in ours.get(there, ())]
            hit = [(one, new) for one in own for new in asked if one.startswith(new) or new.startswith(one)]
            if hit and there in theirs:
                one, new = hit[0]
                at = theirs[there].get(new, 1)
                yield Found(
                    "decision",
                    file.path,
                    ignored[one],
                    f"the fork ignores {listed([f'`{rule}`' for rule in dict.fromkeys(one for one, _ in hit)])}, of "
                    f"the checks that upstream now asks for: `{short(lines[merged[there][new] - 1])}`",
                    fix=FIX,
                    upstream=Place(file.theirs.path, at),
                    added=(file.theirs.line(at),),
                    key=f"{'.'.join(path)} {one} {new}",
                )


def _rules(document: Document | None) -> dict[tuple[str, ...], dict[str, int]]:
    """The lists of rules by the keys above them, each rule with its line (from 1)."""
    if document is None:
        return {}
    try:
        form = format_of(document)
        if not any(key in document.text for key in _IGNORED):
            return {}
        root = read(document.text, form)
    except CannotReadError:
        return {}
    found: dict[tuple[str, ...], dict[str, int]] = {}

    def look(value: Value, path: tuple[str, ...]) -> None:
        for entry in () if value.alias or len(path) > DEEPEST else value.entries:
            here = (*path, entry.key)
            if entry.key in _IGNORED | _ASKED and entry.value.kind == "seq":
                rules = [item.value for item in entry.value.entries if isinstance(item.value.scalar, str)]
                found[here] = {str(rule.scalar): document.line_of(rule.start) for rule in rules}
            else:
                look(entry.value, here)

    look(root, ())
    return found
