"""The rules' part of a report's findings: what was withheld, lost, doubtful, not ported, or is worth a note."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from syncfork.git.repository import Repository
from syncfork.merge.culprits import History, first_failure
from syncfork.merge.engine import LiftedMerge
from syncfork.merge.holds import Judged
from syncfork.merge.lift import Effect
from syncfork.merge.regenerate import UNCHANGED
from syncfork.merge.settle import Unported
from syncfork.own.base import OURS, THEIRS, Side
from syncfork.own.derived import Derived
from syncfork.own.union import Regenerate
from syncfork.report import Culprit, Finding, FindingClass, Place, Site
from syncfork.rewrite.base import Problem
from syncfork.rules.model import Rule
from syncfork.text import decode_document
from syncfork.words import also, listed, one_line, shell_words


def withheld(repository: Repository, merge: LiftedMerge, upstream: History) -> Iterable[Finding]:
    """Rules that could not be applied."""
    for effect in merge.effects:
        if effect.problem is None:
            continue
        # To have a program read each of upstream's versions would take too long.
        known = effect.problem_side == THEIRS and not effect.rule.reforms
        culprits = _who_broke(repository, effect, upstream) if known else ()
        where = "in the fork" if effect.problem_side == OURS else "in upstream's version"
        yield make_finding(
            weight_of(effect.rule), "withheld-rule", effect.rule, effect.path, 1,
            f"the rule could not be applied {where}: {effect.problem.detail}",
            culprits=culprits,
            fix=f"see that {effect.path} still does this: {effect.rule.why} Then correct {effect.rule.source}",
            about=_contents(merge, effect.path, THEIRS, effect.problem_side or THEIRS),
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


def unheld(merge: LiftedMerge, upstream: History) -> Iterable[Finding]:
    """Rules whose intent the merged text does not carry."""
    for item in merge.unheld:
        yield make_finding(
            weight_of(item.rule), "intent-lost", item.rule, item.path, 1,
            f"the merged file does not carry this intent: {item.detail}",
            culprits=upstream.of(item.path)[:3],
            fix=(to_apply if item.rule.reforms else to_hold)(item.path, item.rule), about=_contents(merge, item.path, THEIRS),
        )  # fmt: skip


def doubts(merge: LiftedMerge, upstream: History) -> Iterable[Finding]:
    """Steps of which one cannot tell whether upstream adopted them."""
    for effect in merge.effects:
        for doubt in effect.doubts:
            yield make_finding(
                "decision", "doubtful-site", effect.rule, effect.path, 1,
                doubt, culprits=upstream.of(effect.path)[:3],
                fix=f"see that {effect.path} still does this: {effect.rule.why}", about=_contents(merge, effect.path, THEIRS),
            )  # fmt: skip


def overwritten(merge: LiftedMerge, upstream: History) -> Iterable[Finding]:
    """Texts of the fork's, put in by a step that may find nothing, in the place of which upstream has a new one: a word to
    the conflict that git has there, a decision where it has none."""
    for effect in merge.effects:
        found = merge.overwritten.get((effect.rule.id, effect.path), ())
        for verb in dict.fromkeys(place.verb for place in found):
            here = [place for place in found if place.verb == verb]
            pairs = dict.fromkeys((one_line(place.own, 80), one_line(place.now, 80)) for place in here)
            told = listed([f"the fork has `{own}`, upstream `{now}` now" for own, now in pairs], 3)
            seen = effect.path in merge.merged.conflicts and all(place.apart for place in here)
            yield make_finding(
                "note" if seen else "decision", "overwritten", effect.rule, effect.path, here[0].line,
                f"{verb}: upstream changed what this rule replaces: {told}",
                culprits=upstream.of_lines(effect.path, added={place.now for place in here}) or upstream.of(effect.path)[:3],
                fix=f"see that {effect.path} still does this: {effect.rule.why} Then correct {effect.rule.source}",
                about=_contents(merge, effect.path, THEIRS),
            )  # fmt: skip


def _contents(merge: LiftedMerge, path: str, *sides: Side) -> tuple[str, ...]:
    """What the `sides` have of a governed file. Who accepts a finding of it has looked at that, and at nothing later."""
    file = next((file for file in merge.files if file.path == path), None)
    if file is None:
        return ()
    texts = {side: document.text for side, document in file.documents.items()}
    entries = {side: merge.sides.entries[side].get(name) for side, name in file.names.items()}
    oids = {side: entry.oid for side, entry in entries.items() if entry}
    return tuple(texts.get(side, oids.get(side, "")) for side in dict.fromkeys(sides))


def weight_of(rule: Rule) -> FindingClass:
    """How a file counts that does not carry a rule's intent: what says the same in another form breaks nothing."""
    return "decision" if rule.reforms else "breakage"


def to_hold(path: str, rule: Rule) -> str:
    """What to do where a file does not carry a rule's intent."""
    return f"edit {path} so that this holds: {rule.why}"


def to_apply(path: str, rule: Rule) -> str:
    """The same where the rule has only to be applied."""
    command = f"syncfork rules apply --rule {rule.id} {shell_words([path])}"
    return f"run `{command}`, or {to_hold(path, rule)}"


def hold_finding(item: Judged, upstream: History, touching: tuple[Culprit, ...] = ()) -> Finding:
    """A violated invariant as a finding; `upstream` knows who touched the file, and the line, `touching` are the commits
    behind one that is about several files."""
    violation = item.violation
    touched = upstream.of_lines(violation.path, added={item.text}) if item.text else ()
    found = make_finding(
        violation.kind, violation.detector, item.rule, violation.path, violation.line, violation.message,
        new=item.new, culprits=(touching or touched or upstream.of(violation.path)[:3]) if item.new else (),
        fix=to_hold(violation.path, item.rule) if violation.kind == "breakage" else item.rule.why,
        about=violation.about,
    )  # fmt: skip
    return replace(found, files=violation.files)


def owned(merge: LiftedMerge, regenerated: Mapping[str, str]) -> Iterable[Finding]:
    """What path-level rules leave to a person; `regenerated` tells what came of the commands that were run."""
    changed = {path for change in merge.sides.by_theirs for path in (change.old_path, change.new_path)}
    for item in merge.owned:
        own, path = item.rule.own, item.placement.path
        if item.placement.decision:
            decision, derived = item.placement.decision, isinstance(own, Derived)
            detector = "derived-source-gone" if derived and item.placement.detail == decision else "own"
            about = _entry(merge, path) if derived else ()
            yield make_finding("decision", detector, item.rule, path, 1, decision, about=about)
        elif isinstance(own, Regenerate) and regenerated.get(path) == UNCHANGED:
            yield make_finding(
                "decision", "regenerate", item.rule, path, 1,
                f"unchanged by its command, `{' '.join(own.command)}`: what the fork had of its own is not in it",
                fix=f"see that the command makes {path}, and that upstream's version is not right already",
                about=_entry(merge, path),
            )  # fmt: skip
        elif isinstance(own, Regenerate) and item.placement.acted and path in changed - regenerated.keys():
            command = " ".join(own.command)
            by_hand = f"resolve the conflicts, run `{command}`, then: git add {path}; syncfork continue"
            fix = "merge with --regenerate, or run the command on the merged branch and commit"
            yield make_finding(
                "decision", "regenerate", item.rule, path, 1,
                f"upstream changed it; it holds upstream's version until it is made anew with `{command}`",
                fix=by_hand if merge.merged.conflicts else fix, about=_entry(merge, path),
            )  # fmt: skip


def _entry(merge: LiftedMerge, path: str) -> tuple[str, ...]:
    """What upstream has at a path, as far as it tells a later finding there from this one."""
    entry = merge.sides.entries[THEIRS].get(path)
    return (entry.mode, entry.oid) if entry else ()


def notes(merge: LiftedMerge, rules: Sequence[Rule], today: date) -> Iterable[Finding]:
    """What is worth a line, but no work; of steps with overwritten places more is told."""
    for rule in rules:
        # Of a learned one the merge asks, where it matters.
        if rule.review and rule.review < today and not rule.learned:
            yield make_finding(
                "note", "review-due", rule, rule.source, 1, f"this rule wanted review by {rule.review}"
            )
    for effect in merge.effects:
        asked = (effect.rule.id, effect.path) in merge.overwritten
        if effect.idle and not asked:
            message = f"upstream no longer has what this rule changes there: {', '.join(effect.idle)}"
            yield make_finding("note", "idle-step", effect.rule, effect.path, 1, message)
        if effect.fewer and not asked:
            message = (
                f"upstream has fewer of the places that this rule changes there: {', '.join(effect.fewer)}"
            )
            yield make_finding("note", "idle-step", effect.rule, effect.path, 1, message)
        if effect.mends_ours and not effect.rule.reforms:
            message = "the fork was not as this rule wants it; the merge puts that right"
            yield make_finding("note", "mended", effect.rule, effect.path, 1, message, new=False)
    yield from _formed_anew([effect for effect in merge.effects if effect.mends_ours and effect.rule.reforms])


def _formed_anew(effects: Sequence[Effect]) -> Iterable[Finding]:
    """One note for each rule that gave lines of the fork's another form: mostly its program is of another version."""
    for rule in {effect.rule.id: effect.rule for effect in effects}.values():
        paths = [effect.path for effect in effects if effect.rule.id == rule.id]
        message = (
            f"the fork's own lines had another form here{also(paths[1:])}, and the merge gives them this one: "
            "is the program of the version that the fork uses?"
        )
        others = tuple(Site(path, 0) for path in paths[1:])
        yield make_finding("note", "mended", rule, paths[0], 1, message, new=False, also=others)


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
    code: str = "",
    about: tuple[str, ...] = (),
    known_by: str = "",
    also: tuple[Site, ...] = (),
) -> Finding:
    """A finding of `detector`; its id stays the same from run to run while what it says and is `about` does. Where
    the message holds what may be told otherwise next time, it is `known_by` something else."""
    return Finding(
        finding_id(detector, rule.id, path, known_by or message, f"{fix}\n{code}" if code else fix, *about),
        cls,
        detector,
        rule.id,
        path,
        line,
        message,
        new,
        upstream,
        culprits,
        fix,
        code=code,
        also=also,
    )


def finding_id(detector: str, *telling: str) -> str:
    """The name of a finding: the same for as long as what tells it from others is."""
    digest = hashlib.sha256("\0".join((detector, *telling)).encode("utf-8", "replace")).hexdigest()
    return f"{detector}-{digest[:8]}"


def source_of(item: Unported) -> str:
    """The path in upstream whose change could not be ported."""
    return item.rule.own.source_of(item.path) if isinstance(item.rule.own, Derived) else item.path
