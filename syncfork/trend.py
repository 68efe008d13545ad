"""The history of drift reports: one JSON line for each run, and what changed since the last one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import ValidationError, convert, to_builtins

from syncfork.errors import SyncforkError
from syncfork.report import Budget, ConflictItem, Point, Report, Trend

# So many runs are shown: a scheduled report of a day or a week, over the last months.
_SHOWN = 26


def point_of(report: Report) -> Point:
    """A run as the history keeps it. `report` has its drift part."""
    drift = report.drift
    assert drift is not None  # only such reports have a history
    told = [finding for finding in report.findings if finding.cls != "note" and finding.open]
    return Point(
        date=drift.date,
        fork=report.fork.commit if report.fork else "",
        upstream=report.upstream.commit if report.upstream else "",
        ahead=report.ahead,
        behind=report.behind,
        days=drift.days,
        conflicts_alone=hunks_of(report.git_alone),
        conflicts=hunks_of(report.conflicts),
        breakages=len(report.breakages()),
        decisions=len(report.decisions()),
        findings=tuple(
            sorted([*(f.id for f in told), *(f"conflict:{item.path}" for item in report.conflicts)])
        ),
    )


def hunks_of(items: Iterable[ConflictItem]) -> int:
    """Conflicts in all: a path deleted here and changed there has no hunk and is one all the same."""
    return sum(max(1, item.hunks) for item in items)


def read_points(path: Path) -> tuple[list[Point], int]:
    """The points of a history file, oldest first, and how many of its lines could not be read.

    A file that is not there yet has none. Raises SyncforkError where it is there and cannot be opened.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return [], 0
    except (OSError, UnicodeDecodeError) as error:
        raise SyncforkError(
            f"the history {path} cannot be read: {error}", "name another --history file"
        ) from error
    points, damaged = [], 0
    for line in filter(str.strip, lines):
        try:
            points.append(convert(json.loads(line), Point))
        except (ValueError, ValidationError):
            damaged += 1
    return points, damaged


def append_point(path: Path, point: Point) -> None:
    """Add one line to the history. Raises SyncforkError where that is not possible."""
    line = json.dumps(to_builtins(point), ensure_ascii=True, separators=(",", ":"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            # A run that was killed may have left half a line: the next one begins a line of its own.
            file.seek(0, 2)
            broken = file.tell() > 0 and not _ends_line(file.tell(), path)
            file.write((b"\n" if broken else b"") + line.encode("ascii") + b"\n")
    except OSError as error:
        raise SyncforkError(
            f"the history {path} cannot be written: {error}", "name another --history file"
        ) from error


def _ends_line(size: int, path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(size - 1)
        return file.read(1) == b"\n"


def trend(points: Sequence[Point], now: Point) -> Trend:
    """The last runs with this one, and what came and went since the one before."""
    shown = (*points, now)[-_SHOWN:]
    if not points:
        return Trend(shown)
    before, after = set(points[-1].findings), set(now.findings)
    return Trend(shown, tuple(sorted(after - before)), tuple(sorted(before - after)))


def budgets(limits: dict[str, int], report: Report) -> tuple[Budget, ...]:
    """The fork's own limits against where it stands."""
    drift = report.drift
    values = {
        "days": drift.days if drift and report.behind else 0,
        "behind": report.behind,
        "conflicts": hunks_of(report.conflicts),
        "decisions": len(report.decisions()),
        "unexplained": len(drift.coverage.unexplained) if drift else 0,
    }
    return tuple(Budget(name, limit, values[name], values[name] > limit) for name, limit in limits.items())
