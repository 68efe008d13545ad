"""Learned rules that are not applied any more, since what they rest on is too long ago."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from syncfork.git.repository import Change
from syncfork.merge.findings import make_finding
from syncfork.report import Finding
from syncfork.rules.model import Rule
from syncfork.words import listed


def lapsed(rules: Iterable[Rule], by_theirs: Sequence[Change] = ()) -> Iterator[Finding]:
    """A decision for each of the lapsed `rules` that governs something of what upstream changed, a note for others."""
    names = dict.fromkeys(name for change in by_theirs for name in (change.old_path, change.new_path))
    for rule in rules:
        paths = [name for name in names if rule.files.match(name)]
        missed = f"; upstream changed {listed(paths, 3)}" if paths else ""
        yield make_finding(
            "decision" if paths else "note", "lapsed-rule", rule, rule.source, 1,
            f"this learned rule is not applied: its evidence held until {rule.review}{missed}",
            fix=f"where it still holds, move `review` in {rule.source} on, commit it and merge again, else delete the rule; "
            "`syncfork learn` tells what bears it out since",
            about=tuple(paths), known_by=f"lapsed {rule.review}",
        )  # fmt: skip
