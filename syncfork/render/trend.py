"""The trend: the runs so far with this one as the last, and a line of them in block characters."""

from __future__ import annotations

from collections.abc import Sequence

from syncfork.report import Point, Report
from syncfork.trend import point_of

_BLOCKS = "▁▂▃▄▅▆▇█"


def points(report: Report) -> tuple[Point, ...]:
    """The runs on record, oldest first, the present one last whether it is on record already or not."""
    drift = report.drift
    if drift is None:
        return ()
    known = drift.trend.points
    now = present(report)
    recorded = known and (known[-1].date, known[-1].fork, known[-1].upstream) == (
        now.date,
        now.fork,
        now.upstream,
    )
    return known if recorded else (*known, now)


def present(report: Report) -> Point:
    """This run's own counts. Raises ValueError for a report without drift."""
    if report.drift is None:
        raise ValueError("the report is not one of drift")
    return point_of(report)


def to_do_at(point: Point) -> int:
    """What waited for people in that run."""
    return point.conflicts + point.breakages + point.decisions


def spark(values: Sequence[int], most: int = 30) -> str:
    """The last `most` values as block characters, the lowest block standing for zero."""
    shown = [max(0, value) for value in values[-most:]]
    top = max(shown, default=0)
    return "".join(_BLOCKS[(value * (len(_BLOCKS) - 1) + top - 1) // top if top else 0] for value in shown)
