"""What `syncfork continue` makes of a merge that a person made, and how the merge's message tells it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from syncfork.detect.registry import DETECTORS
from syncfork.hold.base import MADE_FROM
from syncfork.merge.message import accepted_note, retold
from syncfork.merge.to_confirm import hand_note
from syncfork.report import ConflictItem, Finding, Report, ResolutionItem


class Verdict(Struct, frozen=True):
    """What is said of a tree that a person made: the `report` with what is left, what was accepted (`waived`), and what
    the person did `by_hand`. `began` is the report with which the merge began waiting, where it is still there, and
    `then` its findings as they are accepted by now; `settled` are conflicts that rules written since account for, `ruled`
    those of their paths that are so as a whole, `wholes` the files that the person took whole from a side, `edited` those
    that they changed beyond what was open in them; `said` is by path why they decided on it as they did."""

    report: Report
    waived: Sequence[Finding]
    by_hand: Sequence[Finding]
    began: Report | None
    then: Sequence[Finding]
    settled: Sequence[ResolutionItem]
    ruled: Collection[str]
    wholes: Collection[str]
    edited: Collection[str]
    said: Mapping[str, str]


def message_of(waiting: str, verdict: Verdict, report: Report, accept: Collection[str], reason: str) -> str:
    """The merge commit's message: as it is `waiting`, with what became of the conflicts, and what is by hand. `accept`
    names what stands as it is, and `reason` says why; where nothing is accepted it is one for the conflicts."""
    message = f"{waiting.rstrip()}\n"
    if verdict.began:
        settled = _as_settled(verdict.began, report, verdict, "" if accept else reason)
        message = retold(message, verdict.began, settled)
    named = accepted_then(verdict.then, accept)
    marked = [finding for finding in verdict.by_hand if finding.accepted]
    waived = {finding.id: finding for finding in (*named, *marked, *verdict.waived)}
    message += hand_note([finding for finding in verdict.by_hand if finding.id not in waived])
    return message + (accepted_note(tuple(waived.values()), reason) if waived else "")


def accepted_then(then: Sequence[Finding], accept: Collection[str]) -> list[Finding]:
    """What the merge began with that is accepted, by id; what was a person's to decide then, by path or rule too."""
    names = set(accept)
    return [
        item
        for item in then
        if not item.accepted
        and (item.id in names or (asks_still(item) and names.intersection((item.path, item.rule))))
    ]


def asks_still(finding: Finding) -> bool:
    """Whether what a merge began with is not looked for again in what the person made of it."""
    return finding.cls != "breakage" and finding.detector not in (*DETECTORS, MADE_FROM)


def _as_settled(began: Report, report: Report, verdict: Verdict, reason: str) -> Report:
    """The report of the merge as it began, with what came of its rules and is found now, what rules that were new then
    settled, and why the person decided as they did: `reason` where they said nothing of the path itself. Without what was
    answered in files that they took whole instead, and with a word where they edited the file after it was answered."""
    left = [item for item in began.conflicts if item.path not in verdict.ruled]
    why = {item.path: verdict.said.get(item.path) or reason for item in left}
    answered = (
        replace(item, why=f"{item.why}; the file was edited by hand since")
        if item.path in verdict.edited
        else item
        for item in began.resolutions
        if item.path not in verdict.wholes
    )
    decided = (_by_hand(item, why[item.path]) for item in left if why[item.path])
    return replace(
        began,
        rules=report.rules,
        findings=report.findings,
        resolutions=(*answered, *verdict.settled, *decided),
        conflicts=tuple(item for item in left if not why[item.path]),
    )


def _by_hand(item: ConflictItem, reason: str) -> ResolutionItem:
    """A conflict that a person decided on for a reason."""
    kind = "" if item.kind == "contents" else f" ({item.kind})"
    return ResolutionItem(item.path, f"by hand{kind}", reason, item.hunks, True)
