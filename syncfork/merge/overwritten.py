"""Places where the fork has a text of its own by a rule, and upstream has since put another one in place of the old.

The rule finds nothing there any more, and changes the merge base's line only: git would take upstream's line as if the
fork had never changed it. So the merge base keeps its line, and git has the conflict that it has without the rule. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from msgspec import Struct
from msgspec.structs import replace

from syncfork.detect.lines import Hunk, hunks
from syncfork.merge.lift import Effect, Governed, Lifted
from syncfork.own.base import BASE, OURS, THEIRS
from syncfork.resolve.lines import lines_of
from syncfork.rewrite.base import Problem, Step
from syncfork.rewrite.replace import ReplaceAction
from syncfork.rules.model import Rule
from syncfork.text import Document, Edit, apply_edits

# So much of a line has to be in the other where nothing beside what the rule replaces tells that it is the same one.
_ALIKE = 0.5


class Overwritten(Struct, frozen=True):
    """The fork's `own` line that step `verb` made, what upstream has `now` in its place, and in which `line` (from 1);
    `at` is the merge base's line there (from 0), None where an earlier step made it. `apart` where git sees both."""

    verb: str
    own: str
    now: str
    line: int
    at: int | None
    apart: bool = False


# By rule and path.
AllOverwritten = Mapping[tuple[str, str], Sequence[Overwritten]]


def kept_apart(file: Governed, lifted: Lifted) -> tuple[Lifted, AllOverwritten]:
    """`lifted`, but for the lines of the merge base that the fork and upstream changed in ways of their own; and those
    places. Where git has several merge bases, and where the line was put together from others, the texts stay."""
    asked = [effect for effect in lifted.effects if effect.idle or effect.fewer or effect.doubts]
    found = {(effect.rule.id, effect.path): overwritten(effect, file, lifted) for effect in asked}
    found = {key: places for key, places in found.items() if places}
    if not found or len(file.documents.keys() - {OURS, THEIRS}) > 1:
        return lifted, found
    was, lines = lines_of(file.documents[BASE].text), lines_of(lifted.texts[BASE])
    changed = hunks(file.documents[BASE].text, lifted.texts[BASE])
    told: dict[tuple[str, str], list[Overwritten]] = {}
    for key, places in found.items():
        for place in places:
            at = _own_line(place, changed, lines)
            if at is not None and place.at is not None:
                lines[at] = was[place.at]
            told.setdefault(key, []).append(replace(place, apart=at is not None))
    return replace(lifted, texts={**lifted.texts, BASE: "".join(lines)}), told


def _own_line(place: Overwritten, changed: Sequence[Hunk], lines: Sequence[str]) -> int | None:
    """Where the lifted merge base has the fork's line (from 0); `changed` leads from the merge base to it."""
    at = place.at
    hunk = next((h for h in changed if at is not None and h.old_start <= at < h.old_end), None)
    if hunk is None or at is None:
        return None
    level = at - hunk.old_start + hunk.new_start
    own = [number for number in range(hunk.new_start, hunk.new_end) if lines[number].strip() == place.own]
    return min(own, key=lambda number: abs(number - level)) if own else None


def overwritten(effect: Effect, file: Governed, lifted: Lifted) -> list[Overwritten]:
    """The places in `file` where steps of any number made a line of the fork's that upstream's text replaces now. Lines
    that upstream only took out are none, and none that another rule of the file changes again."""
    sides = (BASE, OURS, THEIRS)
    if not all(side in file.documents and side in effect.applied for side in sides):
        return []
    found: list[Overwritten] = []
    for number, step in enumerate(effect.rule.steps):
        base, theirs = (effect.applied[side].plans[number] for side in (BASE, THEIRS))
        if step.expected.most is not None or theirs.certain >= base.todo:
            continue
        if not isinstance(step.action, ReplaceAction):
            continue
        met, ours, upstreams = (_as_met(effect, number, file.documents[side]) for side in sides)
        if met and ours and upstreams:
            moved = hunks(file.documents[BASE].text, met.text)
            places = _of_step(step, effect, met, ours, upstreams)
            found += [replace(place, at=_before(moved, place.at)) for place in places]
    lines = {line.strip() for line in lifted.texts[THEIRS].split("\n")} if found else set()
    return [place for place in found if place.now in lines]


def _before(moved: Sequence[Hunk], line: int | None) -> int | None:
    """The number of a line in the text that `moved` leads from; None where it was not there."""
    if line is None or any(hunk.new_start <= line < hunk.new_end for hunk in moved):
        return None
    return line - sum(hunk.grown for hunk in moved if hunk.new_end <= line)


def _as_met(effect: Effect, number: int, document: Document) -> Document | None:
    """`document` as the rule's earlier steps leave it to step `number`; None where they cannot."""
    earlier: Rule = replace(effect.rule, steps=effect.rule.steps[:number])
    result = earlier.apply(document, effect.fork)
    return None if isinstance(result, Problem) else replace(document, text=result.text)


def _of_step(
    step: Step, effect: Effect, base: Document, ours: Document, theirs: Document
) -> list[Overwritten]:
    plan = step.plan(base, effect.fork)
    if isinstance(plan, Problem):
        return []
    mine, forks = hunks(base.text, ours.text), ours.text.split("\n")
    changed, upstreams = hunks(base.text, theirs.text), theirs.text.split("\n")
    found: dict[int, Overwritten] = {}
    for edit in plan.edits:
        start, end = base.line_start(edit.start), base.line_end(edit.start)
        if edit.end > end or start in found:
            continue
        here = [
            Edit(e.start - start, e.end - start, e.text)
            for e in plan.edits
            if start <= e.start and e.end <= end
        ]
        own = apply_edits(base.text[start:end], here).strip()
        line = base.line_of(edit.start) - 1
        hunk = next((hunk for hunk in changed if hunk.old_start <= line < hunk.old_end), None)
        fork = next((hunk for hunk in mine if hunk.old_start <= line < hunk.old_end), None)
        if hunk is None or fork is None or not own:
            continue
        if own not in map(str.strip, forks[fork.new_start : fork.new_end]):
            continue
        frame = (base.text[start : edit.start].strip(), base.text[edit.end : end].strip())
        at = _counterpart(hunk, line, base.text[start:end].strip(), frame, upstreams)
        if at is not None and (now := upstreams[at].strip()) != own:
            found[start] = Overwritten(step.verb, own, now, at + 1, line)
    return list(found.values())


def _counterpart(
    hunk: Hunk, line: int, old: str, frame: tuple[str, str], theirs: Sequence[str]
) -> int | None:
    """Which of upstream's lines (from 0) in `hunk` has come of `line` of the base, which reads `old`; None where what
    the rule replaces only went. It has the `frame` around what the rule replaces; or stands as far down among as many
    lines, and is alike."""
    level = hunk.new_start + line - hunk.old_start
    before, after = frame
    near = sorted(range(hunk.new_start, hunk.new_end), key=lambda number: abs(number - level))
    if any(character.isalnum() for character in before + after):
        for number in near:
            new = theirs[number].strip()
            if new.startswith(before) and new.endswith(after) and len(new) >= len(before) + len(after):
                # With nothing between the two, what the rule replaces went, and its line stayed.
                return number if new[len(before) : len(new) - len(after)].strip() else None
    if hunk.grown == 0 and SequenceMatcher(None, old, theirs[level].strip()).ratio() >= _ALIKE:
        return level
    return None
