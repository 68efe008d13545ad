"""What `syncfork continue` has a person confirm: what they dropped or changed, and what they say is right as it is."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from msgspec.structs import replace

from syncfork.commands.decided import Decided
from syncfork.config import Config, committed_config, is_own_file
from syncfork.detect.lock_kinds import remade_by
from syncfork.detect.registry import DETECTORS
from syncfork.errors import RuleError, UsageError
from syncfork.git.door import encode
from syncfork.git.pathspecs import literal
from syncfork.git.repository import Repository
from syncfork.globs import Globs
from syncfork.hold.base import MADE_FROM
from syncfork.merge.to_confirm import hand_findings
from syncfork.merge.touch import Side, Touch
from syncfork.report import Finding, Report, ResolutionItem, RuleItem
from syncfork.resolve.walk import Choice, Place
from syncfork.rules.model import Rule
from syncfork.state import State


def by_hand_findings(
    repository: Repository,
    state: State,
    report: Report,
    began: Report | None,
    found: Sequence[Touch],
    ruled: Collection[str],
    wholes: Mapping[str, Choice],
    rules: Sequence[Rule],
) -> list[Finding]:
    """Of all that the person did (`found`), what they dropped, and what they changed though nothing asked for it; rules
    and resolutions are theirs to edit, and the conflicts of `ruled` paths were settled by rules. `wholes` are the files
    that they took whole. What one of `rules` asked to have made anew is its command's doing; where one asked about its
    files together, each of them was asked about."""
    asked = set()
    together = [f for f in began.decisions() if f.files] if began else []
    made = _governed_by(rules, {f.rule for f in together if f.detector == MADE_FROM})
    looked_at = _governed_by(rules, {f.rule for f in together if f.detector != MADE_FROM})
    if began:
        findings = (*began.breakages(), *began.decisions())
        asked = {path for finding in findings for path in _paths(finding)}
        asked |= {item.path for item in began.ledger.unexplained}
    broken = {finding.path for finding in report.breakages()}
    configs = _configs(repository, state.ours, report.result.tree or "")
    others = [
        touch
        for touch in found
        if not any(is_own_file(config, touch.path) for config in configs)
        and not (touch.path in ruled and (touch.conflict or touch.path in wholes))
        and not any(files.match(touch.path) for files in made)
    ]
    asked |= {touch.path for touch in others if any(files.match(touch.path) for files in looked_at)}
    chosen = {path: (_side(choice), choice.reason) for path, choice in wholes.items() if path not in ruled}
    return hand_findings(others, asked, state.conflicts, chosen, broken)


def tool_written(findings: Iterable[Finding], wholes: Collection[str]) -> Callable[[str], bool]:
    """Whether a path is a lock file that a person may have had made anew: not where one of the `findings` is that it does
    not go with what it is made from, nor where it was taken from a side as a whole."""
    apart = {path for finding in findings if finding.detector == "locks" for path in _paths(finding)}
    return lambda path: bool(remade_by(path)) and path not in apart and path not in wholes


def _paths(finding: Finding) -> set[str]:
    return {finding.path, *(site.path for site in finding.also)}


def _governed_by(rules: Sequence[Rule], ids: Collection[str | None]) -> list[Globs]:
    return [rule.files for rule in rules if rule.id in ids]


def _side(choice: Choice) -> Side:
    return "ours" if choice.take == "ours" else "theirs"


def _configs(repository: Repository, ours: str, tree: str) -> list[Config]:
    """The configuration before the merge and, where it can be read, after: a first rule may have come with it."""
    found = [committed_config(repository, ours)]
    with contextlib.suppress(RuleError):
        found.append(committed_config(repository, tree))
    return found


def without_accepted(
    findings: Sequence[Finding], began: Sequence[Finding], accept: Sequence[str], reason: str
) -> tuple[list[Finding], list[Finding]]:
    """What is left of `findings` without those that a person accepts by id, path or rule; and these.
    Raises UsageError for a name that nothing has, `began` (what the merge began with) included, or without a reason.
    """
    left: list[Finding] = []
    accepted: list[Finding] = []
    for finding in findings:
        # Markers are in a file by mistake, unless somebody says of the very finding that they are not.
        names = {finding.id} if finding.detector == "marker" else {finding.id, finding.path, finding.rule}
        if (finding.new or finding.old_debt) and names & set(accept):
            accepted.append(finding)
        else:
            left.append(finding)
    if accept and not reason:
        raise UsageError(
            "--accept needs a --reason", "say why it is right as it is: the merge message will tell"
        )
    known = {name for f in (*findings, *began) for name in (f.id, f.path, f.rule)}
    unused = [name for name in accept if name not in known]
    if unused:
        raise UsageError(
            f"nothing to accept under {', '.join(unused)}", "name a finding, a rule or a path of the list"
        )
    return left, accepted


def with_broken(rules: Sequence[RuleItem], accepted: Sequence[Finding]) -> tuple[RuleItem, ...]:
    """What the rules did in a merge, those whose breakage a person `accepted` in a path marked as broken there: what a
    rule did when the merge began is no longer so."""
    broken = {(f.rule, f.path): f.message for f in accepted if f.rule and f.cls == "breakage"}
    return tuple(
        replace(item, outcome="broken", sites=0, kept=(), dropped=(), detail=broken[item.id, item.path])
        if (item.id, item.path) in broken
        else item
        for item in rules
    )


def settled_by_rules(
    repository: Repository,
    report: Report,
    began: Report,
    decided: Decided,
    standing: Collection[Place],
) -> list[ResolutionItem]:
    """What rules that were written in `syncfork resolve` settled, where the tree to be committed has them, and what
    was chosen with them still; `standing` are the decisions whose outcome it has."""
    chosen = {place: choice for place, choice in decided.landed.items() if choice.rule}
    if not chosen:
        return []
    tree = report.result.tree or ""
    files = repository.entries(tree, [literal(choice.rule) for choice in chosen.values()])
    outcomes = {(item.source, item.path): item.outcome for item in report.rules}
    hunks = {item.path: item.hunks for item in began.conflicts}
    settled: Counter[tuple[str, str, str]] = Counter()
    for place, choice in chosen.items():
        path = place[0]
        # A fork's first rule is not read yet: there the text itself has to tell.
        known = outcomes.get((choice.rule, path)) if choice.take == "text" else None
        if choice.rule in files and (known == "satisfied" if known else place in standing):
            settled[path, choice.by, choice.reason] += hunks.get(path, 1) if choice.oid else 1
    by_path = Counter(path for path, _, _ in settled.elements())
    return [
        ResolutionItem(path, by, why, number, by_path[path] == hunks.get(path))
        for (path, by, why), number in settled.items()
    ]


def reasons(decided: Decided, standing: Collection[Place]) -> dict[str, str]:
    """By path, why the person decided in `syncfork resolve` as they did, and what they took as it was suggested, of the
    decisions that are still `standing`; each once. Without what a rule says since, and without those of files taken
    whole, which are noted there."""
    said: dict[str, dict[str, None]] = {}
    for place in standing:
        choice = decided.landed[place]
        if choice.rule or choice.oid:
            continue
        suggested = f"as suggested ({choice.by})" if choice.suggested else ""
        for words in filter(None, (suggested, choice.reason)):
            said.setdefault(place[0], {})[words] = None
    return {path: "; ".join(given) for path, given in said.items()}


def still_so(
    repository: Repository, state: State, tree: str, decided: Decided, wholes: Collection[str]
) -> list[Place]:
    """Those of the decisions in `syncfork resolve` whose outcome `tree` has; `wholes` are the files that are still taken
    whole. One process, where something was decided there."""
    chosen = decided.landed
    sides = {"ours": state.ours, "theirs": state.theirs}
    names = {f"{commit}:{path}" for commit in (tree, *sides.values()) for path, _ in chosen}
    blobs = repository.blobs(names) if names else {}

    def stands(path: str, choice: Choice) -> bool:
        now = blobs[f"{tree}:{path}"]
        if choice.take == "text":
            text = encode(choice.text or choice.around)
            return bool(text) and text in (now or b"")
        if choice.oid:
            return path in wholes
        return now == (blobs[f"{sides[choice.take]}:{path}"] if choice.take in sides else None)

    return [place for place, choice in chosen.items() if stands(place[0], choice)]


def without_what_markers_do(findings: Sequence[Finding]) -> list[Finding]:
    """The findings without those of detectors in files that have markers in them: these follow from them, and are looked
    for again once they are gone."""
    marked = {finding.path for finding in findings if finding.id == f"marker-{finding.path}"}
    return [f for f in findings if f.path not in marked or f.detector not in DETECTORS]
