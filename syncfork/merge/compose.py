"""From what a merge came to, to what the report says of it: rule by rule, conflict by conflict, with culprits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from syncfork.git.patches import difference
from syncfork.git.repository import Repository
from syncfork.hold.base import Trees
from syncfork.merge.culprits import History, first_failure, history
from syncfork.merge.engine import LiftedMerge
from syncfork.merge.holds import Judged, judge, load_trees, looked_at
from syncfork.merge.lift import Effect
from syncfork.merge.settle import Unported
from syncfork.merge.workspace import Workspace
from syncfork.own.base import BASE, OURS, THEIRS
from syncfork.own.derived import Derived
from syncfork.own.union import Regenerate
from syncfork.render.text import count
from syncfork.report import ConflictItem, Culprit, Finding, FindingClass, Place, RuleItem
from syncfork.rewrite.base import Problem
from syncfork.rules.files import literal
from syncfork.rules.model import Rule
from syncfork.text import decode_document


@dataclass(frozen=True)
class Account:
    """What a merge came to, in the report's terms."""

    git_alone: tuple[ConflictItem, ...]
    conflicts: tuple[ConflictItem, ...]
    rules: tuple[RuleItem, ...]
    findings: tuple[Finding, ...]
    upstream: History


def account(
    space: Workspace,
    merge: LiftedMerge,
    rules: Sequence[Rule],
    web: str | None,
    today: date,
    regenerated: frozenset[str],
) -> Account:
    """Put a merge into the report's terms. `web` is upstream's address; `regenerated` the paths made anew."""
    judged = _judge(space, merge, rules)
    commits = merge.commits
    upstream = history(space.repository, commits[BASE], commits[THEIRS], _paths(merge, judged), web)
    findings = [
        *_withheld(space.repository, merge, upstream),
        *_unheld(merge, upstream),
        *_doubts(merge, upstream),
        *(hold_finding(item, upstream) for item in judged),
        *_owned(merge, regenerated),
        *(_unported(item, upstream) for item in merge.unported),
        *_notes(merge, rules, today),
    ]
    return Account(
        git_alone=tuple(
            ConflictItem(
                path, c.kind, len(merge.plain_hunks[path]), upstream.of_hunks(path, merge.plain_hunks[path])
            )
            for path, c in sorted(merge.plain.conflicts.items())
        ),
        conflicts=tuple(
            ConflictItem(path, c.kind, len(merge.hunks[path]), upstream.of_hunks(path, merge.hunks[path]))
            for path, c in sorted(merge.merged.conflicts.items())
        ),
        rules=(*_effects(merge), *_placements(space, merge)),
        findings=tuple(findings),
        upstream=upstream,
    )


def _judge(space: Workspace, merge: LiftedMerge, rules: Sequence[Rule]) -> list[Judged]:
    holding = [rule for rule in rules if rule.holds]
    if not holding:
        return []
    globs = looked_at(holding)
    changes = (*merge.sides.by_ours, *merge.sides.by_theirs)
    former = {change.new_path: change.old_path for change in changes if change.renamed}
    pathspecs = [pathspec for files in globs for pathspec in files.pathspecs]
    pathspecs += [literal(path) for path in former]
    entries = dict(merge.sides.entries)
    merged = space.entries(merge.merged.tree, pathspecs)
    # A conflicted file is a person's already: what its markers break is not news.
    entries["merged"] = {path: e for path, e in merged.items() if path not in merge.merged.conflicts}
    wanted = {side: entries[side] for side in ("merged", OURS, BASE, THEIRS)}
    loaded = load_trees(space.repository, space.git, wanted, globs, former)
    conflicted = merge.merged.conflicts
    found = judge(holding, Trees(loaded["merged"], loaded[BASE], loaded[THEIRS]), Trees(loaded[OURS]), former)
    return [
        item
        for item in found
        if not any(item.rule.files.match(path) for path in conflicted)
        or item.violation.path in loaded["merged"].files
    ]


def _paths(merge: LiftedMerge, judged: Iterable[Judged]) -> list[str]:
    """The paths whose upstream history is worth reading."""
    paths = [*merge.plain.conflicts, *merge.merged.conflicts]
    paths += [effect.path for effect in merge.effects if effect.problem or effect.doubts]
    paths += [item.path for item in merge.unheld]
    paths += [_source(item) for item in merge.unported]
    paths += [item.violation.path for item in judged if item.new]
    return list(dict.fromkeys(paths))


def _source(item: Unported) -> str:
    return item.rule.own.source if isinstance(item.rule.own, Derived) else item.path


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
            detail=_detail(effect),
            dropped=deciding.dropped if deciding else (),
            kept=deciding.kept if deciding else (),
            retirable=effect.retirable,
            source=effect.rule.source,
        )


def _detail(effect: Effect) -> str:
    if effect.problem:
        return f"withheld: {effect.problem.detail}"
    parts = []
    if effect.mends_ours:
        parts.append("the fork had lost this; the merge puts it back")
    if effect.retirable:
        parts.append("upstream has it now: the rule can retire")
    if side := next(iter(effect.skipped), None):
        parts.append(f"not applied to the merge base: {effect.skipped[side].detail}")
    return "; ".join(parts)


def _placements(space: Workspace, merge: LiftedMerge) -> Iterable[RuleItem]:
    derived = [item.placement.path for item in merge.owned if isinstance(item.rule.own, Derived)]
    ported = difference(space.git, merge.commits[OURS], merge.merged.tree, derived)
    for item in merge.owned:
        kind = item.rule.own.name if item.rule.own else ""
        if hunks := ported.get(item.placement.path):
            kind = f"derived, {count(len(hunks), 'change')} ported"
        yield RuleItem(
            id=item.rule.id,
            path=item.placement.path,
            outcome="applied" if item.placement.acted else "satisfied",
            sites=int(item.placement.acted),
            side=THEIRS,
            why=item.rule.why,
            detail=": ".join(part for part in (kind, item.placement.detail) if part),
            source=item.rule.source,
        )


def _withheld(repository: Repository, merge: LiftedMerge, upstream: History) -> Iterable[Finding]:
    for effect in merge.effects:
        if effect.problem is None:
            continue
        culprits = _who_broke(repository, effect, upstream) if effect.problem_side == THEIRS else ()
        where = "in the fork" if effect.problem_side == OURS else "in upstream's version"
        yield make_finding(
            "breakage", "withheld-rule", effect.rule, effect.path, 1,
            f"the rule could not be applied {where}: {effect.problem.detail}",
            culprits=culprits,
            fix=f"see that {effect.path} still does this: {effect.rule.why} Then correct {effect.rule.source}",
        )  # fmt: skip


def _who_broke(repository: Repository, effect: Effect, upstream: History) -> tuple[Culprit, ...]:
    """The upstream commit from which on the rule cannot be applied, found by trying each that touched the file."""
    commits = upstream.of(effect.path)[:200]
    blobs = repository.blobs(f"{culprit.commit}:{effect.path}" for culprit in commits)

    def fails(commit: str) -> bool | None:
        content = blobs.get(f"{commit}:{effect.path}")
        read = decode_document(effect.path, content) if content is not None else None
        return None if read is None else isinstance(effect.rule.apply(read[0], effect.fork), Problem)

    guilty = first_failure(commits, fails)
    return (guilty,) if guilty else commits[:3]


def _unheld(merge: LiftedMerge, upstream: History) -> Iterable[Finding]:
    for item in merge.unheld:
        yield make_finding(
            "breakage", "intent-lost", item.rule, item.path, 1,
            f"the merged file does not carry this intent: {item.detail}",
            culprits=upstream.of(item.path)[:3],
            fix=f"edit {item.path} so that this holds: {item.rule.why}",
        )  # fmt: skip


def _doubts(merge: LiftedMerge, upstream: History) -> Iterable[Finding]:
    for effect in merge.effects:
        for doubt in effect.doubts:
            yield make_finding(
                "decision", "doubtful-site", effect.rule, effect.path, 1,
                f"{doubt}: upstream has the new text, but not where the old one was", culprits=upstream.of(effect.path)[:3],
                fix=f"see that {effect.path} still does this: {effect.rule.why}",
            )  # fmt: skip


def hold_finding(item: Judged, upstream: History) -> Finding:
    """A violated invariant as a finding; `upstream` knows who touched the file."""
    violation = item.violation
    return make_finding(
        violation.kind, "invariant", item.rule, violation.path, violation.line, violation.message,
        new=item.new, culprits=upstream.of(violation.path)[:3] if item.new else (), fix=item.rule.why,
    )  # fmt: skip


def _owned(merge: LiftedMerge, regenerated: frozenset[str]) -> Iterable[Finding]:
    changed = {path for change in merge.sides.by_theirs for path in (change.old_path, change.new_path)}
    for item in merge.owned:
        own, path = item.rule.own, item.placement.path
        if item.placement.decision:
            detector = "derived-source-gone" if isinstance(own, Derived) and item.placement.entries else "own"
            yield make_finding("decision", detector, item.rule, path, 1, item.placement.decision)
        if isinstance(own, Regenerate) and path in changed and path not in regenerated:
            command = " ".join(own.command)
            yield make_finding(
                "decision", "regenerate", item.rule, path, 1,
                f"upstream changed it; it holds upstream's version until it is made anew with `{command}`",
                fix="merge with --regenerate, or run the command on the merged branch and commit",
            )  # fmt: skip


def _unported(item: Unported, upstream: History) -> Finding:
    source = _source(item)
    culprits = upstream.of_hunks(source, [item.hunk])
    if item.settled == "union":
        return make_finding(
            "note",
            "union",
            item.rule,
            item.path,
            item.hunk.line,
            "both sides' lines were kept",
            culprits=culprits,
        )
    gone = not item.hunk.ours.strip()
    lead = (
        "upstream changed lines that this copy does not have"
        if gone
        else "upstream changed lines that this copy adapted"
    )
    return make_finding(
        "note" if gone else "decision", "derived", item.rule, item.path, item.hunk.line,
        f"{lead}; ours stays", upstream=Place(source, 0), culprits=culprits,
        fix="" if gone else f"port by hand what applies of:\n{item.hunk.theirs}",
    )  # fmt: skip


def _notes(merge: LiftedMerge, rules: Sequence[Rule], today: date) -> Iterable[Finding]:
    for rule in rules:
        if rule.review and rule.review < today:
            yield make_finding(
                "note", "review-due", rule, rule.source, 1, f"this rule wanted review by {rule.review}"
            )
    for effect in merge.effects:
        if effect.idle:
            message = f"upstream no longer has what this rule changes there: {', '.join(effect.idle)}"
            yield make_finding("note", "idle-step", effect.rule, effect.path, 1, message)
        if effect.mends_ours:
            message = "the fork was not as this rule wants it; the merge puts that right"
            yield make_finding("note", "mended", effect.rule, effect.path, 1, message, new=False)


def make_finding(
    cls: FindingClass,
    detector: str,
    rule: Rule,
    path: str,
    line: int,
    message: str,
    *,
    new: bool = True,
    upstream: Place | None = None,
    culprits: tuple[Culprit, ...] = (),
    fix: str = "",
) -> Finding:
    """A finding of `detector`; its id stays the same from run to run while what it says does."""
    digest = hashlib.sha256(
        "\0".join((detector, rule.id, path, message, fix)).encode("utf-8", "replace")
    ).hexdigest()
    return Finding(
        f"{detector}-{digest[:8]}", cls, detector, rule.id, path, line, message, new, upstream, culprits, fix
    )
