"""The jobs of Azure's pipelines, put together from templates, and what each of them has by way of variables.

A job has what the pipeline, its stage and itself declare, and what its own steps set; not what another job does. A
template belongs to whatever puts it in: of one for steps, each use is asked of each job with these steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from syncfork.detect.wiring import Facts, Name, Use
from syncfork.detect.wiring_azure_scopes import LEVELS, Pool, Scope, scope_of


class Job(Struct, frozen=True, dict=True):
    """A job of the pipeline at `root`: its `own` parts (steps from templates are such), and what is `around` it.

    It runs in the `pool` that is named nearest to it: by the job, stage or pipeline with the label `level`. Jobs of one
    name may have `several_pools`.
    """

    root: str
    own: tuple[Facts, ...]
    around: tuple[Facts, ...]
    pool: Pool | None = None
    level: str = ""
    several_pools: bool = False

    @cached_property
    def facts(self) -> tuple[Facts, ...]:
        """All that holds in the job, the nearest first."""
        return self.own + self.around

    @property
    def uses(self) -> Iterator[tuple[str, Use]]:
        """The job's own uses of variables, with the file of each."""
        for facts in self.own:
            yield from ((facts.document.path, use) for use in facts.uses if use.reach == "job")

    def declares(self, name: Name) -> bool:
        """Whether the job has a variable of that name."""
        return any(facts.declares(name) for facts in self.facts)


def jobs_of(files: Mapping[str, Facts], roots: Mapping[str, str]) -> Mapping[str, Job]:
    """The jobs of the pipelines at `roots` (with the names these have in the merged tree), by their labels."""
    found: dict[str, Job] = {}
    for path, root in sorted(roots.items()):
        for label, job in _jobs(files, (scope_of(files[path].document),), Job(root, (), ())):
            known = found.get(label)
            found[label] = _joined(known, job) if known else job
    return found


def _joined(one: Job, other: Job) -> Job:
    """Jobs of one name cannot be told apart: what one of them has, both may have."""
    alike = one.level == other.level and (one.pool and one.pool.written) == (
        other.pool and other.pool.written
    )
    return replace(
        other,
        own=one.own + other.own,
        around=one.around + other.around,
        several_pools=one.several_pools or not alike,
    )


def _jobs(files: Mapping[str, Facts], within: tuple[Scope, ...], above: Job) -> Iterator[tuple[str, Job]]:
    """The jobs of the last of the scopes `within` one another; `above` is what holds there so far."""
    parts = _together(files, within[-1])
    label = "\n".join([above.root, *(scope.name for scope in within[1:])])
    pool = next((part.pool for part in parts if part.pool), None)
    here = replace(above, own=tuple(part.facts for part in parts))
    here = replace(here, pool=pool, level=label) if pool else here
    if within[-1].kind == "job":
        yield label, here
        return
    here = replace(here, own=(), around=here.own + here.around)
    for part in parts:
        for scope in part.inner:
            # Templates that put in one another have no end, and a stage in a stage is none.
            if LEVELS.index(scope.kind) > LEVELS.index(within[-1].kind):
                yield from _jobs(files, (*within, scope), here)


def _together(files: Mapping[str, Facts], scope: Scope) -> Sequence[Scope]:
    """A scope and the templates that it puts in, and they put in."""
    found, known = [scope], set[str]()
    for each in found:
        links = sorted(each.facts.links & files.keys() - known)
        known.update(links)
        found += [scope_of(files[link].document) for link in links]
    return found


def root_of_job(label: str) -> str:
    """The pipeline that a job's label is of."""
    return label.partition("\n")[0]


def spelled(label: str) -> str:
    """A pipeline or job in words."""
    root, *within = label.split("\n")
    return f"the job `{within[-1]}` of `{root}`" if within else f"the pipeline `{root}`"
