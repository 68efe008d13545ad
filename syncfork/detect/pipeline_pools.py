"""Jobs of Azure's that run in another pool, since upstream names one at another level: job, stage or pipeline.

git joins both without a conflict, and the nearest one counts. That is told of the fork's own jobs, and where the fork
had chosen the pool: what upstream makes of its own jobs is upstream's, and so is a new image at the same level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from syncfork.detect.base import Found
from syncfork.detect.pipeline_jobs import Job
from syncfork.detect.pipeline_sides import Side
from syncfork.detect.wiring_azure_scopes import Pool
from syncfork.report import Place
from syncfork.words import also


def moved_pools(sides: Mapping[str, Side]) -> Iterator[Found]:
    """See the module: one finding for all jobs that go from one pool to another."""
    moves: dict[tuple[str, str, bool], list[str]] = {}
    for label, job in sides["merged"].jobs.items():
        was = sides["ours"].jobs.get(label)
        if was and _differs(was, job) and _chosen(sides, label, was) and _by_upstream(sides, was, job):
            own = label not in sides["theirs"].jobs
            moves.setdefault((_written(was), _written(job), own), []).append(label)
    for labels in moves.values():
        yield _found(sides, labels)


def _differs(was: Job, now: Job) -> bool:
    """Whether the pool is known to be another one, and is named elsewhere."""
    if was.several_pools or now.several_pools:
        return False
    if was.level == now.level or any(kind == "stage" for each in now.around for kind, _ in each.unknown):
        return False
    if not was.pool or not now.pool:
        return True
    return was.pool.written != now.pool.written and "$" not in was.pool.written + now.pool.written


def _chosen(sides: Mapping[str, Side], label: str, was: Job) -> bool:
    """Whether the fork decided where the job runs: it is the fork's own, or upstream has it run elsewhere."""
    before = sides["base"].jobs.get(label)
    if before is None:
        return label not in sides["theirs"].jobs
    return _written(before) != _written(was)


def _written(job: Job) -> str:
    return job.pool.written if job.pool else ""


def _found(sides: Mapping[str, Side], labels: list[str]) -> Found:
    label = labels[0]
    was, now = sides["ours"].jobs[label], sides["merged"].jobs[label]
    whose = "the job" if label in sides["theirs"].jobs else "the fork's job"
    more = also(f"`{_name(each)}`" for each in labels[1:])
    name = _name(label)
    ran = f"the pool `{_written(was)}` of {_level(label, was)}" if was.pool else "the default pool"
    runs = (
        f"`{_written(now)}`, which upstream names for {_level(label, now)}"
        if now.pool
        else "the default pool"
    )
    # What an expression stands for there need not be known to a template.
    named = f"`{_written(was)}`" if was.pool and "$" not in was.pool.written else "its pool"
    place, added, removed = _cause(sides, was, now)
    return Found(
        "decision",
        now.own[0].document.path,
        _line(now, name),
        f"{whose} `{name}` ran in {ran}, and now runs in {runs}{more}",
        f"see that it can run there, or name {named} in the job itself",
        place,
        added=added,
        removed=removed,
        key=f"pool {label} {_written(was)}",
    )


def _name(label: str) -> str:
    return label.rpartition("\n")[2]


def _level(label: str, job: Job) -> str:
    if job.level == label:
        return "the job"
    return "its stage" if "\n" in job.level else "the pipeline"


def _line(job: Job, name: str) -> int:
    declared = (
        line
        for each, line in job.own[0].declared.items()
        if each.kind == "job" and each.name == name.casefold()
    )
    return next(declared, 1)


def _cause(
    sides: Mapping[str, Side], was: Job, now: Job
) -> tuple[Place | None, tuple[str, ...], tuple[str, ...]]:
    """Where upstream names the pool now, or named it: the place, and the line it added or removed."""
    if now.pool:
        place, line = _place(sides["theirs"], _same(sides, "theirs", "merged", now.pool))
        return place, line, ()
    place, line = _place(sides["base"], was.pool and _same(sides, "base", "ours", was.pool))
    return place and Place(place.path, place.line, "base"), (), line


def _by_upstream(sides: Mapping[str, Side], was: Job, now: Job) -> bool:
    """Whether upstream names the pool, or does no more: not a rule of the fork's."""
    if now.pool:
        return _same(sides, "theirs", "merged", now.pool) is not None
    return was.pool is not None and _same(sides, "theirs", "ours", was.pool) is None


def _same(sides: Mapping[str, Side], side: str, other: str, pool: Pool) -> Pool | None:
    """The same pool as one of the `other` tree, in the same file of the tree `side`."""

    def file(side: str, each: Pool) -> str:
        return sides[side].names.get(each.path, each.path)

    pools = (job.pool for job in sides[side].jobs.values() if job.pool)
    alike = (each for each in pools if each.written == pool.written and file(side, each) == file(other, pool))
    return min(alike, key=lambda each: abs(each.line - pool.line), default=None)


def _place(side: Side, pool: Pool | None) -> tuple[Place | None, tuple[str, ...]]:
    if pool is None:
        return None, ()
    text = side.files[pool.path].document.line(pool.line)
    return Place(pool.path, pool.line), (text,)
