"""What of either side is gone from a merge of upstream that people committed, though git had no conflict there.

`syncfork continue` keeps such a merge from being committed until that is accepted. Who merges with git alone, or mends
the merge in a later commit, is told by `syncfork check`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache

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
from syncfork.merge.workspace import Workspace, workspace
from syncfork.own.base import OURS, THEIRS
from syncfork.own.union import Regenerate
from syncfork.report import Finding
from syncfork.rules.model import Rule
from syncfork.state import State
from syncfork.words import one_line, place

# So many merges are made again.
_MOST_MERGES = 10
_FIX = "put it back, or accept that it is gone"
_NAMES = {OURS: "ours", THEIRS: "theirs"}


# Makes the merge of two commits with git and the rules alone, the first time that it is asked for; None for those without a
# merge base.
Again = Callable[[str, str], tuple[Workspace, LiftedMerge] | None]


@contextmanager
def made_again(repository: Repository, rules: Sequence[Rule]) -> Iterator[Again]:
    """What makes merges again with these rules. They last as long as this does."""
    with ExitStack() as stack:

        @cache
        def again(ours: str, theirs: str) -> tuple[Workspace, LiftedMerge] | None:
            bases = repository.merge_bases(ours, theirs)
            if not bases:
                return None
            space = stack.enter_context(workspace(repository))
            return space, lifted_merge(space, ours, theirs, bases, rules, _NAMES)

        yield again


def dropped_in(
    repository: Repository,
    setup: Setup,
    sync: tuple[str, str],
    commits: tuple[str | None, str],
    again: Again,
    findings: Sequence[Finding],
) -> list[Finding]:
    """Decisions on what merges of upstream dropped, and the second of `commits`, which has them, still lacks; accepted where
    the merge's message says so. Looked at is the merge of the commits `sync`; with the first of `commits` all since that one.
    Nothing where upstream came in with commits on top: what these did was not git's to merge. `again` makes a merge;
    `findings` are those of the detectors."""
    base, commit = commits
    return [
        item
        for merge, ours, theirs in _merges(repository, sync, base, commit)
        if (made := again(ours, theirs))
        for item in _dropped_by(setup, merge, made, commit, findings)
    ]


def _dropped_by(
    setup: Setup, merge: str, again: tuple[Workspace, LiftedMerge], commit: str, findings: Sequence[Finding]
) -> list[Finding]:
    space, made = again
    state = _as_left(made)
    remade = tool_written(findings, ())
    found = touches(space, state, merge, remade)
    if merge != commit:
        still = {(touch.path, touch.text) for touch in touches(space, state, commit, remade)}
        found = [touch for touch in found if (touch.path, touch.text) in still]
    changed = [change.new_path for change in space.repository.changes(state.ours, commit, renames=False)]
    found = [touch for touch in found if _is_asked(setup, made, changed, touch)]
    told = (item for item in hand_findings(found, (), state.conflicts) if item.cls == "breakage")
    return list(_as_said(told, _message(space.repository, merge)))


def _merges(repository: Repository, sync: tuple[str, str], base: str | None, commit: str) -> list[list[str]]:
    """The merges of upstream that `commit` has beyond `base`, each with the fork's parent and upstream's; without a base
    that of the commits `sync` alone."""
    ours, theirs = sync
    beyond = ("--not", base) if base else ("--not", ours, theirs)
    listed = repository.git.text("rev-list", "--merges", "--parents", commit, *beyond).splitlines()
    pairs = [words for words in map(str.split, listed) if len(words) == 3]
    if base and any(words[1:] != [*sync] for words in pairs):
        upstream = set(repository.git.text("rev-list", theirs, "--not", base).split())
        pairs = [words for words in pairs if words[2] in upstream and words[1] not in upstream]
    else:
        pairs = [words for words in pairs if words[1:] == [*sync]]
    return pairs[:_MOST_MERGES]


def _as_left(made: LiftedMerge) -> State:
    """The merge as it would wait for a person."""
    ours, theirs = made.commits[OURS], made.commits[THEIRS]
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


def _is_asked(setup: Setup, made: LiftedMerge, changed: Sequence[str], touch: Touch) -> bool:
    """Whether a place is one that git, or a rule, had settled: what a formatter writes is not, what a command makes anew
    since something of it `changed`, nor are rules and resolutions."""
    remade = {item.placement.path for item in made.owned if isinstance(item.rule.own, Regenerate)}
    governing = (rule for rule in setup.rules if rule.files.match(touch.path))
    written = any(rule.reforms or _asks(rule, changed) for rule in governing)
    return not (touch.path in remade or written or is_own_file(setup.config, touch.path))


def _asks(rule: Rule, changed: Sequence[str]) -> bool:
    """Whether the rule asks to have its files made anew, as something changed that they are made from."""
    sources = [hold.sources for hold in rule.holds if isinstance(hold, MadeFromHold)]
    return any(each.match(path) and not rule.files.match(path) for each in sources for path in changed)


def _message(repository: Repository, commit: str) -> str:
    return decode(repository.blobs([commit])[commit] or b"").partition("\n\n")[2]


def _as_said(findings: Iterator[Finding], message: str) -> Iterator[Finding]:
    """The findings as decisions: who looks at a commit cannot know what its author meant to do."""
    for item in findings:
        said = re.escape(one_line(f"- {place(item.path, item.line)}: {item.message}:", 1000))
        accepted = "the merge's message says so" if re.search(rf"^{said} \S", message, re.MULTILINE) else ""
        yield replace(item, cls="decision", fix=_FIX, accepted=accepted)
