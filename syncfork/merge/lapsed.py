"""What has lapsed of learned rules, in the report's terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from syncfork.merge.findings import make_finding
from syncfork.render.text import place
from syncfork.report import Finding
from syncfork.rules.lapsed import Lapsed
from syncfork.words import listed


def lapsed(items: Iterable[Lapsed]) -> Iterator[Finding]:
    """A decision for each rule that is not applied to something that upstream changes."""
    for item in filter(lambda item: item.paths, items):
        rule, until = item.rule, item.rule.review
        yield make_finding(
            "decision", "lapsed-rule", rule, rule.source, 1,
            f"this learned rule is not applied to {listed([place(path) for path in item.paths], 3)}: its evidence held until {until}, and upstream's "
            f"commit is of {item.day}",
            fix=f"where it still holds, move `review` in {rule.source} on (`syncfork learn` does, where merges since bear it "
            "out), commit that and merge again; else delete the rule, or decide this merge by hand",
            about=item.paths, known_by=f"lapsed {until}",
        )  # fmt: skip
