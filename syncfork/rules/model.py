"""A rule ready for use."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from syncfork.globs import Globs
from syncfork.hold.base import Hold
from syncfork.own.base import Own
from syncfork.own.registry import compile_own
from syncfork.rewrite.base import Fork, Plan, Problem, Step
from syncfork.rewrite.reformat import ReformatAction
from syncfork.rewrite.registry import verb_of
from syncfork.rules.accepting import Accept
from syncfork.rules.written import Case, WrittenRule
from syncfork.text import Document, OverlappingEditsError, apply_edits


class Rule(Struct, frozen=True):
    """A compiled rule. `source` names the file it was read from, for messages. A `learned` one rests on nothing but what
    people did."""

    id: str
    why: str
    files: Globs
    steps: tuple[Step, ...]
    own: Own | None
    holds: tuple[Hold, ...]
    cases: tuple[Case, ...]
    source: str
    review: date | None = None
    accepts: tuple[Accept, ...] = ()
    learned: bool = False

    @property
    def reforms(self) -> bool:
        """Whether all that it does is to give files a form."""
        return bool(self.steps) and all(isinstance(step.action, ReformatAction) for step in self.steps)

    def in_force(self, day: date) -> bool:
        """Whether the rule may be applied on `day`: a learned one only as long as its evidence holds, which is until its
        review."""
        return not (self.learned and self.review and self.review < day)

    def apply(self, document: Document, fork: Fork) -> Applied | Problem:
        """Make all steps' edits in order, or none: the first problem stops the rule for this text."""
        plans: list[Plan] = []
        text = document.text
        for step in self.steps:
            plan = step.plan(Document(document.path, text), fork)
            if isinstance(plan, Problem):
                return plan
            try:
                text = apply_edits(text, plan.edits)
            except OverlappingEditsError:
                return Problem("ambiguous", f"{step.verb}: its sites overlap")
            plans.append(plan)
        return Applied(text, tuple(plans))


class Applied(Struct, frozen=True):
    """The text after a rule, and what each of its steps did."""

    text: str
    plans: tuple[Plan, ...]

    @property
    def todo(self) -> int:
        """How many sites were changed."""
        return sum(plan.todo for plan in self.plans)

    @property
    def done(self) -> int:
        """How many sites were as wanted already."""
        return sum(plan.done for plan in self.plans)

    @property
    def dropped(self) -> tuple[str, ...]:
        """The list items that were dropped, by name."""
        return tuple(name for plan in self.plans for name in plan.dropped)

    @property
    def kept(self) -> tuple[str, ...]:
        """The list items that stayed, by name, of lists that lost some."""
        return tuple(name for plan in self.plans if plan.dropped for name in plan.kept)


def compile_rule(written: WrittenRule, source: str) -> Rule:
    """The one conversion from what was written to what works."""
    count = len(written.rewrite)
    return Rule(
        id=written.id,
        why=" ".join(written.why.split()),
        files=Globs(written.files),
        steps=tuple(
            step.compile(f"{verb_of(step)}" + (f" (step {number})" if count > 1 else ""))
            for number, step in enumerate(written.rewrite, start=1)
        ),
        own=None if written.own is None else compile_own(written.own, written.files),
        holds=tuple(hold.compile() for hold in written.hold),
        cases=written.cases,
        source=source,
        review=written.review,
        accepts=written.accept,
        learned=written.learned is not None,
    )
