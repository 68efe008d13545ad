"""How often is each class of proposals right on a fork of which nothing is known? The table in syncfork/resolve/likely.py.

    python benchmarks/usual.py < FORKS

FORKS has a line `CLONE UPSTREAM HEAD` for each fork. A class counts once in each merge in which it proposed something, as
right where all it proposed was what people committed; a fork counts for five merges at the most. Classes that were met
in fewer than ten merges, counted so, are left out.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from syncfork.commands.replay import ReplayOptions, open_fork
from syncfork.merge.trials import trials
from syncfork.resolve.calibrate import judged
from syncfork.resolve.registry import resolvers

_MOST, _LEAST = 5, 10
# What is drawn from a few merges is drawn towards one in five.
_AS_MANY, _ANY = 2, 0.2


def main() -> None:
    right: dict[str, float] = defaultdict(float)
    met: dict[str, float] = defaultdict(float)
    for line in sys.stdin:
        if not line.strip():
            continue
        clone, upstream, head = line.split()
        told: dict[str, list[bool]] = defaultdict(list)
        for classes in in_merges(Path(clone), upstream, head):
            for by, was in classes.items():
                told[by].append(was)
        for by, merges in told.items():
            weight = min(1, _MOST / len(merges))
            right[by] += weight * sum(merges)
            met[by] += weight * len(merges)
        print(f"{clone}: {len(told)} classes", file=sys.stderr)
    for by in sorted(met):
        if met[by] >= _LEAST:
            print(f'        "{by}": {(right[by] + _AS_MANY * _ANY) / (met[by] + _AS_MANY):.2f},')


def in_merges(clone: Path, upstream: str, head: str) -> Iterator[dict[str, bool]]:
    """Whether each class was right all through, merge by merge."""
    opened = open_fork(ReplayOptions(clone, range=head, upstream=upstream))
    known = tuple(resolvers().values())
    for trial in trials(opened.repository, opened.found.syncs, ()):
        classes: dict[str, bool] = {}
        for file, committed in trial.paths:
            for case in judged(file, committed, known):
                good = case.right and case.enough
                classes[case.answer.by] = good and classes.get(case.answer.by, True)
        yield classes


if __name__ == "__main__":
    main()
