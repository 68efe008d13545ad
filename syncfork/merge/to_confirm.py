"""What of a person's work on a merge somebody has to confirm: findings, and lines for the merge's message. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from msgspec.structs import replace

from syncfork.detect.lock_kinds import remade_by
from syncfork.merge.findings import finding_id
from syncfork.merge.message import BY_HAND
from syncfork.merge.touch import Side, Touch, other_side, quoted
from syncfork.report import Finding
from syncfork.words import count, one_line, place

_NAMES = {"ours": "the fork's", "theirs": "upstream's"}
_MOST_TOLD = 30
_REVIEW = "nothing where that was meant: it is in the merge's message, for the reviewer; else put it right on the sync branch"
# Of a file in which more is dropped, it is told together: somebody took a side of it as a whole.
_MOST_APART = 5


def hand_findings(
    found: Sequence[Touch],
    asked: Collection[str],
    conflicts: Collection[str],
    taken: Mapping[str, tuple[Side, str]] = MappingProxyType({}),
    broken: Collection[str] = (),
) -> list[Finding]:
    """What of a person's work somebody has to confirm. `asked` are the paths that the merge wanted them to see to,
    besides those of its `conflicts`; `taken` those that they chose to take from a side as they are, and why; `broken`
    those of which something is told anyway that is to be mended.

    A change of either side that is gone, though no conflict was there, keeps the merge from being committed until it
    is accepted; any other change beyond the conflicts, in a path that nobody asked about, is a decision; what is changed
    outside the conflicts of a file that has some, what was remade, and a side not taken in a conflict, is told.
    """
    listed: list[Finding] = []
    for path, (kept, why) in taken.items():
        gone = [touch for touch in found if touch.path == path and touch.dropped not in (None, kept)]
        listed += [_whole(path, kept, why, gone)] if gone else []
    listed += (_remade(touch) for touch in found if touch.remade)
    found = [touch for touch in found if touch.path not in taken and not touch.remade]
    for (path, side), touched in _grouped(touch for touch in found if touch.conflict).items():
        lines = ", ".join(str(touch.line) for touch in touched[:5] if touch.line)
        where = f"in {count(len(touched), 'conflict')} (line {lines})" if lines else "in conflict"
        words = f"dropped by hand: {_NAMES[side]} side {where}, {_in_all(touched)}"
        listed.append(_finding("note", "dropped", path, touched[0].line, words, _REVIEW))
    beyond = [touch for touch in found if not touch.conflict]
    for (path, lost), gone in _grouped(touch for touch in beyond if touch.dropped).items():
        # What the merge asked for is a place or some, not whatever else the file has.
        cls: Literal["breakage", "note"] = (
            "note" if path in asked and len(gone) <= _MOST_APART else "breakage"
        )
        fix = "put it back, or accept that it is gone"
        lead = f"dropped by hand, where no conflict was: {_NAMES[lost]}"
        if len(gone) > _MOST_APART:
            words = f"{lead} changes in {len(gone)} places ({_lines(gone)}), first {gone[0].text}"
            listed.append(_finding(cls, "dropped", path, gone[0].line, words, fix))
        else:
            told = [(touch, f"{lead} change, {touch.text}") for touch in gone]
            listed += (_finding(cls, "dropped", path, t.line, words, fix, t.code) for t, words in told)
    beside: dict[str, list[Touch]] = {}
    for touch in beyond:
        if touch.dropped or touch.path in asked or touch.path in broken:
            continue
        if touch.path in conflicts:
            beside.setdefault(touch.path, []).append(touch)
        else:
            words = f"changed by hand, and nothing in the merge asked for it: {touch.text}"
            listed.append(_finding("decision", "by-hand", touch.path, touch.line, words, _REVIEW))
    listed += (_beside(path, touched) for path, touched in beside.items())
    return list(_told_apart(listed))


def _in_all(touched: Sequence[Touch]) -> str:
    """What is gone with a side in all of these conflicts of a file together."""
    told = [touch.text for touch in touched if not touch.lines][:1]
    with_lines = [touch for touch in touched if touch.lines]
    gone = [touch for touch in with_lines if touch.how != "which is without "] or with_lines
    if gone:
        how = next((touch.how for touch in gone if touch.how), "")
        told.append(f"{how}{quoted([line for touch in gone for line in touch.lines])}")
    return ", ".join(told)


def _beside(path: str, touched: Sequence[Touch]) -> Finding:
    """What somebody changed outside the conflicts of a file that they had to open anyway."""
    places = f"in {len(touched)} places ({_lines(touched)}), first " if len(touched) > 1 else ""
    words = f"changed by hand outside the file's conflicts: {places}{touched[0].text}"
    return _finding("note", "by-hand", path, touched[0].line, words, _REVIEW)


def _lines(touched: Sequence[Touch]) -> str:
    """At which lines they are: so many are named, and that there are more."""
    told = ", ".join(str(touch.line) for touch in touched[:_MOST_APART])
    return f"lines {told} and on" if len(touched) > _MOST_APART else f"lines {told}"


def _whole(path: str, kept: Side, why: str, gone: Sequence[Touch]) -> Finding:
    """A file taken from a side: what of the other's is gone, told together."""
    lost = other_side(kept)
    others = [touch for touch in gone if not touch.conflict]
    beside = f" and {count(len(others), 'change')} beside, first {others[0].text}" if others else ""
    asked = count(len(gone) - len(others), "conflict")
    reason = f" ({one_line(why, 200)})" if why else ""
    words = (
        f"dropped by hand: the whole file is {_NAMES[kept]}{reason}; {_NAMES[lost]} side in {asked}{beside}"
    )
    return _finding("note", "dropped", path, 0, words, _REVIEW)


def _remade(touch: Touch) -> Finding:
    """A file that a tool writes: its lines are nobody's to put back."""
    fix = f"nothing, where `{' or '.join(remade_by(touch.path))}` wrote it"
    return _finding("note", "by-hand", touch.path, 0, f"remade by hand, {touch.text}", fix)


def _told_apart(found: Iterable[Finding]) -> Iterator[Finding]:
    """The same with a name of its own for each, where a path has two that read alike."""
    seen: Counter[str] = Counter()
    for finding in found:
        number = seen[finding.id]
        seen[finding.id] += 1
        yield replace(finding, id=f"{finding.id}-{number + 1}") if number else finding


def _grouped(found: Iterable[Touch]) -> dict[tuple[str, Side], list[Touch]]:
    """What was dropped, by path and the side whose change it was."""
    groups: dict[tuple[str, Side], list[Touch]] = {}
    for touch in found:
        if touch.dropped:
            groups.setdefault((touch.path, touch.dropped), []).append(touch)
    return groups


def _finding(
    cls: Literal["breakage", "decision", "note"],
    detector: str,
    path: str,
    line: int,
    words: str,
    fix: str,
    code: str = "",
) -> Finding:
    return Finding(
        finding_id(detector, path, words), cls, detector, None, path, line, words, fix=fix, code=code
    )


def hand_note(findings: Sequence[Finding]) -> str:
    """What a person dropped and changed: lines to add to the merge's message, for whoever confirms it."""
    told = [finding for finding in findings if finding.detector in BY_HAND]
    lines = [one_line(f"- {place(f.path, f.line)}: {f.message}", 300) for f in told[:_MOST_TOLD]]
    more = [f"- and {len(told) - _MOST_TOLD} more"] if len(told) > _MOST_TOLD else []
    return "\nBy hand, for the reviewer to confirm:\n" + "\n".join([*lines, *more]) + "\n" if told else ""
