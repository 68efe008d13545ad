"""Which jobs lack a variable that they had, and when it is worth to look for such."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from syncfork.detect.pipeline_jobs import root_of_job, spelled
from syncfork.detect.pipeline_sides import Side, State
from syncfork.detect.pipelines import flavour_of
from syncfork.detect.wiring import Name
from syncfork.detect.wiring_azure_scopes import Scope, scope_of


def newly_bare(
    lost: frozenset[str], name: Name, known: Mapping[str, State | None], sides: Mapping[str, Side]
) -> frozenset[str]:
    """Of the jobs that lack a variable those of which that is known to be news.

    Where upstream itself uses it in the job without a declaration, it comes from elsewhere: a script, the settings,
    whoever queues the run. So it does in a pipeline of which upstream's other jobs come to use it so, and may for a
    job that came, where one of the others lacked it before.
    """
    states = [state for state in known.values() if state]
    bare = sides["theirs"].bare.get(name, frozenset())
    turned = bare - sides["base"].bare.get(name, frozenset()) if "base" in sides else frozenset[str]()
    elsewhere = {root_of_job(label) for label in turned}
    lost = frozenset(label for label in lost - bare if root_of_job(label) not in elsewhere)
    if known["ours"] is None and known["theirs"]:
        # A job of upstream's that does not use it there has the use from the fork, of which then nothing is known.
        lost -= sides["theirs"].jobs.keys() - known["theirs"].roots
    before = frozenset[str]().union(*(state.roots for state in states))
    return lost & before if any(state.lacking for state in states) else lost


def in_some(state: State, lost: Collection[str]) -> str:
    """Which job lacks a name that others, with the same use, have still."""
    labels = [label for label in sorted(lost) if root_of_job(label) != label]
    if not labels or state.roots <= state.lacking:
        return ""
    more = f" and {len(labels) - 1} more" if labels[1:] else ""
    return f" in {spelled(labels[0])}{more}"


def fewer(ours: Side, merged: Side) -> bool:
    """Whether a file, stage or job of Azure's declares less than it did, puts in other templates or runs in other pools:
    what no side has changed may join it with a use."""
    before, after = _parts(ours), _parts(merged)
    changed = any(before[kind] != after[kind] for kind in ("puts in", "runs in"))
    return changed or bool(before["declares"] - after["declares"])


def _parts(side: Side) -> Mapping[str, Counter[tuple[str, object]]]:
    found: dict[str, Counter[tuple[str, object]]] = {
        kind: Counter() for kind in ("declares", "puts in", "runs in")
    }
    for path, facts in side.files.items():
        if flavour_of(facts.document) == "azure":
            name = side.names.get(path, path)
            for each in _each(scope_of(facts.document)):
                found["declares"].update((name, declared) for declared in each.facts.declared)
                found["puts in"].update((name, side.names.get(link, link)) for link in each.facts.links)
                found["runs in"].update([(name, (each.kind, each.name, each.pool and each.pool.written))])
    return found


def _each(scope: Scope) -> Iterator[Scope]:
    yield scope
    for inner in scope.inner:
        yield from _each(inner)
