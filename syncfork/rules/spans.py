"""Where in a text a rule's steps would write, told in the text's own offsets."""

from __future__ import annotations

from collections.abc import Sequence

from syncfork.rewrite.base import Fork, Problem
from syncfork.rules.model import Rule
from syncfork.text import Document, Edit, Match, OverlappingEditsError, apply_edits


def edited_spans(rule: Rule, document: Document, fork: Fork) -> tuple[Match, ...]:
    """The spans of `document` that `rule` would replace, empty ones where it would insert.

    Nothing where the rule cannot be applied: then it writes nothing either.
    """
    text = document.text
    spans: list[Match] = []
    made: list[list[Edit]] = []
    for step in rule.steps:
        plan = step.plan(Document(document.path, text), fork)
        if isinstance(plan, Problem):
            return ()
        try:
            text = apply_edits(text, plan.edits)
        except OverlappingEditsError:
            return ()
        spans += [_origin(edit, made) for edit in plan.edits]
        made.append(sorted(plan.edits, key=lambda edit: (edit.start, edit.end)))
    return tuple(spans)


def overlap(one: Match, other: Match) -> bool:
    """True where two spans share a character, insert at the same place, or one inserts inside the other."""
    same = (one.start, one.end) == (other.start, other.end)
    return same or (one.start < other.end and other.start < one.end)


def _origin(edit: Edit, made: Sequence[Sequence[Edit]]) -> Match:
    """The span of `edit` before all the edits in `made`."""
    start, end = edit.start, edit.end
    for edits in reversed(made):
        start, end = _before(start, edits, last=False), _before(end, edits, last=True)
    return Match(min(start, end), max(start, end))


def _before(offset: int, edits: Sequence[Edit], *, last: bool) -> int:
    """Where `offset` was before `edits`: a place in a new text was the whole span it replaced."""
    shift = 0
    for edit in edits:
        begin = edit.start + shift
        stop = begin + len(edit.text)
        if offset < begin or (offset == begin and (last or edit.text)):
            break
        if offset < stop or (last and offset == stop):
            return edit.end if last else edit.start
        shift += len(edit.text) - (edit.end - edit.start)
    return offset - shift
