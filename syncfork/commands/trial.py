"""A merge in memory with all that is known of it, and what it leaves to a person."""

from __future__ import annotations

from datetime import date
from functools import partial

from msgspec.structs import replace

from syncfork.commands.session import Session
from syncfork.commands.shipped import brought
from syncfork.detect.registry import DETECTORS
from syncfork.errors import ExitCode
from syncfork.merge.beforehand import Beforehand
from syncfork.merge.compose import account
from syncfork.merge.culprits import History
from syncfork.merge.detecting import blocks_commit
from syncfork.merge.engine import LiftedMerge, expect_related, lifted_merge
from syncfork.merge.lapsed import lapsed
from syncfork.merge.regenerate import regenerate
from syncfork.merge.workspace import Workspace
from syncfork.own.base import OURS, THEIRS
from syncfork.report import Report, Result, summed_up
from syncfork.rules.accepting import accepted
from syncfork.words import place


def trial(
    space: Workspace,
    session: Session,
    report: Report,
    today: date,
    *,
    anew: bool = False,
    look: bool = True,
) -> tuple[LiftedMerge, Report, History]:
    """Merge in memory, and put what comes of it into `report`. `anew` runs the commands of generated files;
    `look` is false where the detectors are not asked.

    Also what was read of upstream's history, to name culprits by.
    """
    setup, names = session.setup, {OURS: session.fork.ref, THEIRS: session.upstream.ref}
    ours, theirs = session.fork.commit, session.upstream.commit
    off = setup.config.detectors_off if look else tuple(DETECTORS)
    bases, sources = expect_related(session.bases), partial(session.answering.sources, theirs)
    beforehand = session.beforehand or Beforehand(space, ours, theirs, lambda: bases)
    merge = lifted_merge(space, ours, theirs, bases, setup.rules, names, sources, beforehand)
    merge, regenerated = regenerate(space, merge) if anew else (merge, {})
    told = account(space, merge, setup.rules, session.web, today, regenerated, off, session.log, beforehand)
    found = (*told.findings, *brought(space, merge, setup.config), *lapsed(setup.lapsed))
    report = replace(
        report,
        git_alone=told.git_alone,
        conflicts=told.conflicts,
        rules=told.rules,
        resolutions=told.resolutions,
        findings=tuple(accepted(found, setup.acceptances, today)),
        ledger=told.ledger,
        result=Result(tree=merge.merged.tree),
        warnings=(*report.warnings, *session.answering.warnings(merge)),
        switched_off=setup.config.detectors_off,
    )
    return merge, summed_up(report), told.upstream


def verdict(report: Report) -> ExitCode:
    """0 where nothing is left for a person, else 1."""
    needs = report.conflicts or report.breakages() or report.decisions() or report.ledger.unexplained
    return ExitCode.NEEDS_HUMAN if needs else ExitCode.OK


def blocked(report: Report) -> tuple[str, ...]:
    """What a person has to do before the merge of this report can be committed."""
    needs = [
        f"{item.kind if item.kind != 'contents' else 'conflict'} in {place(item.path)}"
        for item in report.conflicts
    ]
    needs += [f"{f.message} in {place(f.path)}" for f in report.findings if blocks_commit(f)]
    needs += [f"unexplained change in {place(item.path)}" for item in report.ledger.unexplained]
    return tuple(dict.fromkeys(needs))
