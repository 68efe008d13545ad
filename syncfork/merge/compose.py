"""From what a merge came to, to what the report says of it: rule by rule, conflict by conflict, with culprits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from importlib import import_module

from msgspec import Struct
from msgspec.structs import replace

from syncfork.detect.kin import successors
from syncfork.git.ahead import ReadAhead
from syncfork.git.door import together
from syncfork.git.patches import difference
from syncfork.git.pathspecs import literal
from syncfork.git.rangelog import RangeLog
from syncfork.hold.base import Trees
from syncfork.merge import astray, findings
from syncfork.merge.beforehand import Beforehand
from syncfork.merge.culprits import History, history, touching
from syncfork.merge.detecting import MERGED, Subject, as_findings, culprit_paths, looks
from syncfork.merge.engine import LiftedMerge
from syncfork.merge.holds import Judged, judge, load_trees, looked_at, origin_of
from syncfork.merge.ledger import keep_ledger
from syncfork.merge.lift import Effect
from syncfork.merge.mergetree import Conflict, Hunk
from syncfork.merge.moved_lines import moved_lines
from syncfork.merge.unported import unported
from syncfork.merge.workspace import Workspace
from syncfork.own.base import BASE, OURS, THEIRS, Placement
from syncfork.own.derived import Derived
from syncfork.own.derived_folder import DerivedFolder
from syncfork.parallel import Task, results
from syncfork.report import ConflictItem, Culprit, Finding, Ledger, MovedLines, ResolutionItem, RuleItem
from syncfork.resolve.base import Resolved
from syncfork.rules.model import Rule
from syncfork.text import Document
from syncfork.words import count


class Account(Struct, frozen=True):
    """What a merge came to, in the report's terms."""

    git_alone: tuple[ConflictItem, ...]
    conflicts: tuple[ConflictItem, ...]
    rules: tuple[RuleItem, ...]
    ledger: Ledger
    resolutions: tuple[ResolutionItem, ...]
    findings: tuple[Finding, ...]
    upstream: History


def account(
    space: Workspace,
    merge: LiftedMerge,
    rules: Sequence[Rule],
    web: str | None,
    today: date,
    regenerated: Mapping[str, str],
    off: Collection[str],
    log: RangeLog,
    beforehand: Beforehand,
) -> Account:
    """Put a merge into the report's terms. `web` is upstream's address; `regenerated` the paths whose command was run;
    `off` the detectors not to run; `log` that of upstream; `beforehand` has asked git."""
    commits = merge.commits
    trees = {side: commits[side] for side in (BASE, OURS, THEIRS)} | {MERGED: merge.merged.tree}
    subject = Subject(trees, merge.sides.by_ours, merge.sides.by_theirs, merge.merged.conflicts)
    # The view of what was made so far, so that no process has to hand over anything on its own.
    git = space.git
    read_of = partial(
        history,
        space.repository,
        commits[OURS],
        commits[THEIRS],
        web=web,
        log=log,
        names_of=merge.sides.upstream_names,
    )
    lost = (path for _, path in merge.overwritten)
    troubled, ahead = list(dict.fromkeys([*_paths(merge), *lost])), beforehand.ahead
    # Now: the processes forked for the tasks could not wait for it.
    log.wait()
    tasks = [
        Task(partial(read_of, troubled, read=beforehand.patches), 9),
        Task(partial(keep_ledger, space, merge), 9),
        Task(partial(_judge, space, merge, rules, ahead, regenerated), 9),
        Task(partial(moved_lines, space, merge, ahead), 4),
        *looks(space.repository, git, subject, rules, off, ahead),
    ]
    upstream, ledger, judged, moved, *found_by = results(tasks, rules)
    detected = [item for items in found_by for item in items]
    # Of several files together one knows who touched them by the log alone.
    alone = [item for item in judged if item.new and not item.violation.files]
    found_in = {*(item.violation.path for item in alone), *culprit_paths(detected)}
    # While git reads its log, what most reports are drawn with.
    rest, _ = together(
        lambda: read_of(sorted(found_in.difference(troubled))),
        lambda: import_module("rich.console"),
    )
    upstream = History({**upstream.by_path, **rest.by_path})
    found = [
        *findings.withheld(space.repository, merge, upstream),
        *findings.unheld(merge, upstream),
        *findings.doubts(merge, upstream),
        *findings.overwritten(merge, upstream),
        *(findings.hold_finding(item, upstream, _touching(item, merge, log, web)) for item in judged),
        *findings.owned(merge, regenerated),
        *unported(space, merge, upstream),
        *as_findings(detected, upstream),
        *astray.renamed(merge, rules),
        *astray.idle(space.repository, merge, rules),
        *findings.notes(merge, rules, today),
    ]
    gone_on = successors(merge.sides.by_theirs, merge.plain.conflicts.keys() | merge.merged.conflicts.keys())
    return Account(
        git_alone=_conflicts(merge.plain.conflicts, merge.plain_hunks, upstream, gone_on),
        conflicts=_conflicts(merge.merged.conflicts, merge.hunks, upstream, gone_on, moved),
        rules=(*_effects(merge), *_placements(space, merge, regenerated)),
        ledger=ledger,
        resolutions=tuple(item for resolved in merge.resolved for item in _resolutions(resolved)),
        # Two relations of a rule may have the same to say of a file.
        findings=tuple(dict.fromkeys(found)),
        upstream=upstream,
    )


def _conflicts(
    conflicts: Mapping[str, Conflict],
    hunks: Mapping[str, Sequence[Hunk]],
    upstream: History,
    gone_on: Mapping[str, str],
    moved: Mapping[str, tuple[MovedLines, ...]] | None = None,
) -> tuple[ConflictItem, ...]:
    return tuple(
        ConflictItem(
            path,
            conflict.kind,
            len(hunks[path]),
            upstream.of_hunks(path, hunks[path]),
            successor=gone_on.get(path, ""),
            moved=(moved or {}).get(path, ()),
        )
        for path, conflict in sorted(conflicts.items())
    )


def _judge(
    space: Workspace,
    merge: LiftedMerge,
    rules: Sequence[Rule],
    ahead: ReadAhead,
    regenerated: Collection[str],
) -> list[Judged]:
    holding = [rule for rule in rules if rule.holds]
    if not holding:
        return []
    asked = looked_at(holding)
    changes = (*merge.sides.by_ours, *merge.sides.by_theirs)
    former = {change.new_path: change.old_path for change in changes if change.renamed}
    pathspecs = [pathspec for files in asked.all for pathspec in files.pathspecs]
    pathspecs += [literal(path) for path in former]
    entries = dict(merge.sides.entries)
    merged = space.entries(merge.merged.tree, pathspecs)
    # A conflicted file is a person's already: what its markers break is not news.
    entries["merged"] = {path: e for path, e in merged.items() if path not in merge.merged.conflicts}
    wanted = {side: entries[side] for side in ("merged", OURS, BASE, THEIRS)}
    read = partial(ahead.blobs, git=space.git)
    loaded = load_trees(read, wanted, asked, former)
    conflicted = merge.merged.conflicts
    # Only a command that was run made anything beyond that.
    left = {path: entry for path, entry in merged.items() if path not in regenerated}
    origin = origin_of(entries[OURS], entries[THEIRS], former, conflicted, left)
    trees = Trees(loaded["merged"], loaded[BASE], loaded[THEIRS], former, origin)
    found = judge(holding, trees, Trees(loaded[OURS]), former)
    documents = loaded["merged"].files
    return [
        replace(item, text=_line(documents.get(item.violation.path), item.violation.line))
        for item in found
        # What upstream did, and a person decides, does not depend on how that comes out.
        if item.violation.kind == "decision"
        or not any(item.rule.files.match(path) for path in conflicted)
        or item.violation.path in loaded["merged"].files
    ]


def _touching(item: Judged, merge: LiftedMerge, log: RangeLog, web: str | None) -> tuple[Culprit, ...]:
    """The commits of upstream that touched the files that a new violation is about together, newest first."""
    if not item.new or not item.violation.files:
        return ()
    names = {name for path in item.violation.files for name in merge.sides.upstream_names(path)}
    return touching(log, names, web)


def _line(document: Document | None, number: int) -> str:
    lines = document.text.split("\n") if document else []
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def _paths(merge: LiftedMerge) -> list[str]:
    """The paths whose upstream history is worth reading, whatever is found later."""
    paths = [*merge.plain.conflicts, *merge.merged.conflicts]
    paths += [effect.path for effect in merge.effects if effect.problem or effect.doubts]
    paths += [item.path for item in merge.unheld]
    paths += [findings.source_of(item) for item in merge.unported]
    return list(dict.fromkeys(paths))


def _effects(merge: LiftedMerge) -> Iterable[RuleItem]:
    for effect in merge.effects:
        deciding = effect.applied.get(effect.side)
        yield RuleItem(
            id=effect.rule.id,
            path=effect.path,
            outcome=effect.outcome,
            sites=deciding.todo if deciding else 0,
            side=effect.side,
            why=effect.rule.why,
            detail=_detail(effect, effect.path in merge.merged.conflicts),
            not_in_base=bool(effect.skipped and not effect.problem),
            dropped=deciding.dropped if deciding else (),
            kept=deciding.kept if deciding else (),
            retirable=effect.retirable,
            source=effect.rule.source,
        )


def _resolutions(resolved: Resolved) -> Iterable[ResolutionItem]:
    """One item for each that had answers in the path."""
    answers = resolved.answers
    for by, why in dict.fromkeys((answer.by, answer.why) for answer in answers.values()):
        clashes = sum((answer.by, answer.why) == (by, why) for answer in answers.values())
        yield ResolutionItem(resolved.file.path, by, why, clashes, resolved.complete)


def _detail(effect: Effect, conflicts: bool) -> str:
    """What there is to say of an effect; `conflicts` tells whether git left any in its file."""
    if effect.problem:
        return f"withheld: {effect.problem.detail}"
    parts = []
    if effect.mends_ours:
        parts.append("the fork's own text was not so; the merge makes it so")
    if effect.retirable:
        parts.append("upstream has it now: the rule can retire")
    if side := next(iter(effect.skipped), None):
        parts.append(f"not applied to the merge base: {effect.skipped[side].detail}")
        parts += ["conflicts here may come from this"] if conflicts else []
    return "; ".join(parts)


def _outcome(placement: Placement) -> str:
    if placement.acted:
        return "applied"
    return "refused" if placement.decision else "satisfied"


def _placements(space: Workspace, merge: LiftedMerge, regenerated: Mapping[str, str]) -> Iterable[RuleItem]:
    derived = [item.placement.path for item in merge.owned if isinstance(item.rule.own, Derived)]
    ported = difference(space.git, merge.commits[OURS], merge.merged.tree, derived)
    for item in merge.owned:
        kind = item.rule.own.name if item.rule.own else ""
        detail = regenerated.get(item.placement.path, item.placement.detail)
        hunks = ported.get(item.placement.path, ())
        # Of a folder each file would have a line of its own for its number.
        if hunks and not isinstance(item.rule.own, DerivedFolder):
            kind = f"derived, {count(len(hunks), 'change')} ported"
        yield RuleItem(
            id=item.rule.id,
            path=item.placement.path,
            outcome=_outcome(item.placement),
            sites=max(len(hunks), int(item.placement.acted)),
            side=THEIRS,
            why=item.rule.why,
            detail=": ".join(part for part in (kind, detail) if part),
            source=item.rule.source,
        )
