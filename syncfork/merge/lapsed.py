"""What has lapsed of learned rules, in the report's terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from syncfork.merge.findings import make_finding
from syncfork.report import Finding
from syncfork.rules.lapsed import Lapsed
from syncfork.words import listed, place


def lapsed(items: Iterable[Lapsed]) -> Iterator[Finding]:
    """A decision for each rule that is not applied to something that upstream changes."""
    for item in filter(lambda item: item.paths, items):
        rule = item.rule
        where = listed([place(path) for path in item.paths], 3)
        if item.back:
            why, known_by = why_lapsed(item), f"back {' '.join(item.back)}"
            fix = (
                f"where the others are to stay out, take those that are back out of `files` in {rule.source}, commit "
                "that and merge again; else delete the rule, or decide this merge by hand"
            )
        else:
            why, known_by = (
                f"{why_lapsed(item)}, and upstream's commit is of {item.day}",
                f"lapsed {rule.review}",
            )
            fix = (
                f"where it still holds, move `review` in {rule.source} on (`syncfork learn` does, where merges since bear it "
                "out), commit that and merge again; else delete the rule, or decide this merge by hand"
            )
        yield make_finding(
            "decision", "lapsed-rule", rule, rule.source, 1,
            f"this learned rule is not applied to {where}: {why}",
            fix=fix, about=item.paths, known_by=known_by,
        )  # fmt: skip


def why_lapsed(item: Lapsed) -> str:
    """Why a rule is not applied any more."""
    if item.back:
        return f"the fork has {listed([place(path) for path in item.back], 3)}, which it keeps out"
    return f"its evidence held until {item.rule.review}"
