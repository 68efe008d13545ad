"""What of either side is gone from a merge of upstream that people committed, though git had no conflict there.

`syncfork continue` keeps such a merge from being committed until that is accepted. Who merges with git alone, or mends
the merge in a later commit, is told by `syncfork check`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from syncfork.commands.confirming import tool_written
from syncfork.config import Setup, is_own_file
from syncfork.git.door import decode
from syncfork.git.repository import Repository
from syncfork.hold.made_from import MadeFromHold
from syncfork.merge.by_hand import touches
from syncfork.merge.engine import LiftedMerge, lifted_merge
from syncfork.merge.to_confirm import hand_findings
from syncfork.merge.touch import Touch
from syncfork.merge.workspace import workspace
from syncfork.own.base import OURS, THEIRS
from syncfork.own.union import Regenerate
from syncfork.render.text import one_line, place
from syncfork.report import Finding
from syncfork.rules.model import Rule
from syncfork.state import State

_FIX = "put it back, or accept that it is gone"
_NAMES = {OURS: "ours", THEIRS: "theirs"}


def dropped_in(
    repository: Repository,
    setup: Setup,
    sync: tuple[str, str],
    bases: Sequence[str],
    commit: str,
    findings: Sequence[Finding],
) -> list[Finding]:
    """Decisions on what the merge of the commits `sync` dropped, and `commit`, which has it, still lacks; accepted where
    the merge's message says so. Nothing where no merge of just these two is in the commit's history: upstream came in
    with commits on top, and what these did was not git's to merge. `findings` are those of the detectors."""
    merge = _merge_of(repository, sync, commit)
    if merge is None or not bases:
        return []
    # What is only judged runs no program, so the merge that is made here lacks what a formatter does.
    rules = tuple(rule for rule in setup.rules if not rule.reforms)
    with workspace(repository) as space:
        made = lifted_merge(space, *sync, bases, rules, _NAMES)
        state = _as_left(made, sync)
        remade = tool_written(findings, ())
        found = touches(space, state, merge, remade)
        if merge != commit:
            still = {(touch.path, touch.text) for touch in touches(space, state, commit, remade)}
            found = [touch for touch in found if (touch.path, touch.text) in still]
    found = [touch for touch in found if _is_asked(setup, made, touch)]
    told = (item for item in hand_findings(found, (), state.conflicts) if item.cls == "breakage")
    return list(_as_said(told, _message(repository, merge)))


def _merge_of(repository: Repository, sync: tuple[str, str], commit: str) -> str | None:
    """The commit that merged just these two, in this order."""
    listed = repository.git.text("rev-list", "--merges", "--parents", commit, "--not", *sync).splitlines()
    return next((own for own, *parents in map(str.split, listed) if parents == [*sync]), None)


def _as_left(made: LiftedMerge, sync: tuple[str, str]) -> State:
    """The merge as it would wait for a person."""
    ours, theirs = sync
    return State(
        original=ours,
        branch="",
        ours=ours,
        theirs=theirs,
        fork_ref=_NAMES[OURS],
        upstream_ref=_NAMES[THEIRS],
        packs=(),
        conflicts=tuple(made.merged.conflicts),
        message="",
        tree=made.merged.tree,
    )


def _is_asked(setup: Setup, made: LiftedMerge, touch: Touch) -> bool:
    """Whether a place is one that git, or a rule, had settled: what a command makes anew or a formatter writes is not, nor
    are rules and resolutions."""
    remade = {item.placement.path for item in made.owned if isinstance(item.rule.own, Regenerate)}
    written = any(_writes(rule) and rule.files.match(touch.path) for rule in setup.rules)
    return not (touch.path in remade or written or is_own_file(setup.config, touch.path))


def _writes(rule: Rule) -> bool:
    """Whether a program writes what the rule governs."""
    return rule.reforms or any(isinstance(hold, MadeFromHold) for hold in rule.holds)


def _message(repository: Repository, commit: str) -> str:
    return decode(repository.blobs([commit])[commit] or b"").partition("\n\n")[2]


def _as_said(findings: Iterator[Finding], message: str) -> Iterator[Finding]:
    """The findings as decisions: who looks at a commit cannot know what its author meant to do."""
    for item in findings:
        said = one_line(f"- {place(item.path, item.line)}: {item.message}: ", 1000).rstrip()
        accepted = "the merge's message says so" if said in message else ""
        yield replace(item, cls="decision", fix=_FIX, accepted=accepted)
