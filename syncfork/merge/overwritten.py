"""Places where the fork has a text of its own by a rule, and upstream has since put another one in place of the old.

The rule finds nothing there any more, and changes the merge base's line only: git would take upstream's line as if the
fork had never changed it. So the merge base keeps its line, and git has the conflict that it has without the rule. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from msgspec import Struct
from msgspec.structs import replace

from syncfork.detect.lines import Hunk, hunks
from syncfork.merge.lift import Effect, Governed, Lifted, lift
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
    `was` is the merge base's line, with its end, and `at` where it stands there (from 0)."""

    verb: str
    own: str
    now: str
    line: int
    was: str
    at: int


# By rule and path.
AllOverwritten = Mapping[tuple[str, str], Sequence[Overwritten]]


def all_overwritten(effects: Iterable[Effect], files: Iterable[Governed]) -> AllOverwritten:
    """The places of every effect of which upstream has fewer than the merge base had."""
    by_path = {file.path: file for file in files}
    found = {
        (effect.rule.id, effect.path): overwritten(effect, by_path[effect.path])
        for effect in effects
        if (effect.idle or effect.fewer) and effect.path in by_path
    }
    return {key: places for key, places in found.items() if places}


def overwritten(effect: Effect, file: Governed) -> list[Overwritten]:
    """The places in `file` where steps of any number made a line of the fork's that upstream's text replaces now. Lines
    that upstream only took out are none, and none that another rule of the file changes again."""
    sides = (BASE, OURS, THEIRS)
    if not all(side in file.documents and side in effect.applied for side in sides):
        return []
    found: list[Overwritten] = []
    for number, step in enumerate(effect.rule.steps):
        base, theirs = (effect.applied[side].plans[number] for side in (BASE, THEIRS))
        if step.expected.most is not None or theirs.sites >= base.todo:
            continue
        texts = [_as_met(effect, number, file.documents[side]) for side in sides]
        if isinstance(step.action, ReplaceAction) and all(texts):
            found += _of_step(step, effect, *(text for text in texts if text))
    lines = {line.strip() for line in lift(file).texts[THEIRS].split("\n")} if found else set()
    return [place for place in found if place.now in lines]


def kept_apart(file: Governed, lifted: Lifted) -> Lifted:
    """`lifted`, but for the lines of the merge base that the fork and upstream changed in ways of their own."""
    places = [
        place
        for effect in lifted.effects
        if effect.idle or effect.fewer
        for place in overwritten(effect, file)
    ]
    if not places:
        return lifted
    lines = lines_of(lifted.texts[BASE])
    changed = hunks(file.documents[BASE].text, lifted.texts[BASE])
    for place in places:
        hunk = next((hunk for hunk in changed if hunk.old_start <= place.at < hunk.old_end), None)
        level = place.at - hunk.old_start + hunk.new_start if hunk else 0
        own = (
            [n for n in range(hunk.new_start, hunk.new_end) if lines[n].strip() == place.own] if hunk else []
        )
        if own:
            lines[min(own, key=lambda number: abs(number - level))] = place.was
    return replace(lifted, texts={**lifted.texts, BASE: "".join(lines)})


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
    mine = {line.strip() for line in ours.text.split("\n")}
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
        if hunk is None or not own or own not in mine:
            continue
        frame = (base.text[start : edit.start].strip(), base.text[edit.end : end].strip())
        at = _counterpart(hunk, line, base.text[start:end].strip(), frame, upstreams)
        if at is not None and (now := upstreams[at].strip()) != own:
            found[start] = Overwritten(step.verb, own, now, at + 1, base.text[start:end], line)
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
